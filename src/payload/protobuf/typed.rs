//! Fields whose type is known.

use std::ops::Range;

use prost_reflect::{FieldDescriptor, Kind};

use super::{
    Reader,
    wire::{Wire, fields, varint},
};

impl Reader<'_> {
    /// The values of a field.
    pub(super) fn typed(
        &mut self,
        field: &FieldDescriptor,
        values: &[&Wire],
        depth: usize,
    ) -> Option<()> {
        let kind = field.kind();
        if field.is_map() {
            return self.map(&kind, values, depth);
        }
        if !field.is_list() {
            // Of a field that is not repeated the last value counts.
            return self.value(&kind, values.last()?, depth);
        }
        let values: Vec<Wire> = values
            .iter()
            .flat_map(|value| self.unpacked(&kind, value))
            .collect();
        self.list(values.len(), |reader, at| {
            reader.value(&kind, &values[at], depth)
        })
    }

    /// The numbers that stand packed in one value; any other value is itself.
    fn unpacked(&self, kind: &Kind, value: &Wire) -> Vec<Wire> {
        let whole = || vec![value.clone()];
        let (Wire::Bytes(part), Some(width)) = (value, width(kind)) else {
            return whole();
        };
        self.split(part.clone(), width).unwrap_or_else(whole)
    }

    fn split(&self, part: Range<usize>, width: Width) -> Option<Vec<Wire>> {
        let (bytes, mut at) = (self.payload.get(..part.end)?, part.start);
        let mut numbers = Vec::new();
        while at < part.end {
            let (number, end) = match width {
                Width::Varint => {
                    let (value, end) = varint(bytes, at)?;
                    (Wire::Varint(value), end)
                }
                Width::Four => {
                    let value = bytes.get(at..)?.first_chunk()?;
                    (Wire::Fixed32(u32::from_le_bytes(*value)), at + 4)
                }
                Width::Eight => {
                    let value = bytes.get(at..)?.first_chunk()?;
                    (Wire::Fixed64(u64::from_le_bytes(*value)), at + 8)
                }
            };
            numbers.push(number);
            at = end;
        }
        Some(numbers)
    }

    /// The entries of a map: messages with a key and a value.
    fn map(&mut self, entry: &Kind, values: &[&Wire], depth: usize) -> Option<()> {
        let Kind::Message(entry) = entry else {
            return None;
        };
        let (key, value) = (
            entry.map_entry_key_field().kind(),
            entry.map_entry_value_field().kind(),
        );
        self.writer.raw("{");
        for (at, found) in values.iter().enumerate() {
            let Wire::Bytes(part) = found else {
                return None;
            };
            let parts = fields(self.payload, part.clone())?;
            let last = |number| parts.iter().rfind(|field| field.number == number);
            self.writer.comma(at);
            let start = self.writer.at();
            match last(1) {
                Some(field) => self.value(&key, &field.value, depth)?,
                None => self.unset(&key),
            }
            self.writer.end_name(start);
            match last(2) {
                Some(field) => self.value(&value, &field.value, depth)?,
                None => self.unset(&value),
            }
            self.writer.end_value();
        }
        self.writer.raw("}");
        Some(())
    }

    /// What a value is that does not stand on the wire.
    fn unset(&mut self, kind: &Kind) {
        match kind {
            Kind::String | Kind::Bytes => self.writer.quoted(""),
            Kind::Bool => self.writer.raw("false"),
            Kind::Message(_) => self.writer.raw("{}"),
            _ => self.writer.raw("0"),
        }
    }

    fn value(&mut self, kind: &Kind, value: &Wire, depth: usize) -> Option<()> {
        match (kind, value) {
            (Kind::String, Wire::Bytes(part)) => {
                let bytes = &self.payload[part.clone()];
                self.writer.text(bytes, part.clone());
            }
            (Kind::Bytes, Wire::Bytes(part)) => {
                let bytes = &self.payload[part.clone()];
                self.writer.bytes(bytes, part.clone());
            }
            (Kind::Message(message), Wire::Bytes(part) | Wire::Group(part)) => {
                self.message(part.clone(), Some(message), depth + 1)?;
            }
            (Kind::Enum(names), Wire::Varint(value)) => {
                let number = *value as i32;
                match names.get_value(number) {
                    Some(name) => {
                        self.writer.note(number.to_string());
                        self.writer.quoted(name.name());
                    }
                    None => self.writer.raw(&number.to_string()),
                }
            }
            _ => match number(kind, value) {
                Some(Number::Whole(number)) => self.writer.raw(&number.to_string()),
                Some(Number::Float(number)) => self.writer.float(number),
                Some(Number::Word(word)) => self.writer.raw(word),
                None => {
                    self.writer.note("not of the type described");
                    self.guess(value, depth)?;
                }
            },
        }
        Some(())
    }
}

/// How numbers of a type stand when they are packed.
#[derive(Clone, Copy)]
enum Width {
    Varint,
    Four,
    Eight,
}

const fn width(kind: &Kind) -> Option<Width> {
    Some(match kind {
        Kind::String | Kind::Bytes | Kind::Message(_) => return None,
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => Width::Four,
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => Width::Eight,
        _ => Width::Varint,
    })
}

enum Number {
    Whole(i128),
    Float(f64),
    Word(&'static str),
}

fn number(kind: &Kind, value: &Wire) -> Option<Number> {
    Some(match (kind, value) {
        (Kind::Bool, Wire::Varint(value)) => {
            Number::Word(if *value == 0 { "false" } else { "true" })
        }
        (Kind::Int32, Wire::Varint(value)) => Number::Whole((*value as i32).into()),
        (Kind::Uint32, Wire::Varint(value)) => Number::Whole((*value as u32).into()),
        (Kind::Sint32 | Kind::Sint64, Wire::Varint(value)) => {
            let sign = -((value & 1).cast_signed());
            Number::Whole(((value >> 1).cast_signed() ^ sign).into())
        }
        (Kind::Fixed32, Wire::Fixed32(value)) => Number::Whole((*value).into()),
        (Kind::Sfixed32, Wire::Fixed32(value)) => Number::Whole(value.cast_signed().into()),
        (Kind::Uint64, Wire::Varint(value)) | (Kind::Fixed64, Wire::Fixed64(value)) => {
            Number::Whole((*value).into())
        }
        (Kind::Int64, Wire::Varint(value)) | (Kind::Sfixed64, Wire::Fixed64(value)) => {
            Number::Whole(value.cast_signed().into())
        }
        (Kind::Double, Wire::Fixed64(value)) => Number::Float(f64::from_bits(*value)),
        (Kind::Float, Wire::Fixed32(value)) => {
            // With the digits that tell it from its neighbours, not those of the wider number.
            Number::Float(f32::from_bits(*value).to_string().parse().ok()?)
        }
        _ => return None,
    })
}
