//! What is on the wire: fields by number, each of one of six kinds (the encoding chapter of the Protocol Buffers
//! documentation). Without a type, what they mean is guessed and noted.

use std::ops::Range;

use prost_reflect::MessageDescriptor;

use super::{DEPTH, Reader};

/// A field of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) number: u32,
    pub(super) value: Wire,
}

/// A value by its kind on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wire {
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    /// Where its bytes are.
    Bytes(Range<usize>),
    /// Where its fields are.
    Group(Range<usize>),
}

/// A number of up to ten bytes of seven bits, lowest first; returns the place behind it.
pub(super) fn varint(bytes: &[u8], start: usize) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    for (at, byte) in bytes.get(start..)?.iter().take(10).enumerate() {
        let bits = u64::from(byte & 0x7f);
        if at == 9 && bits > 1 {
            return None;
        }
        value |= bits << (7 * at);
        if byte & 0x80 == 0 {
            return Some((value, start + at + 1));
        }
    }
    None
}

/// The fields of the message that is this part of a payload; `None`: it is no message.
pub(super) fn fields(payload: &[u8], part: Range<usize>) -> Option<Vec<Field>> {
    let (bytes, mut at) = (payload.get(..part.end)?, part.start);
    let mut fields = Vec::new();
    while at < part.end {
        let (field, end) = field(bytes, at, 0)?;
        fields.push(field);
        at = end;
    }
    Some(fields)
}

/// The field that begins here, and the place behind it.
fn field(bytes: &[u8], at: usize, depth: usize) -> Option<(Field, usize)> {
    let (key, at) = varint(bytes, at)?;
    let number = u32::try_from(key >> 3).ok()?;
    if number == 0 || number >= 1 << 29 {
        return None;
    }
    let (value, end) = match key & 7 {
        0 => {
            let (value, end) = varint(bytes, at)?;
            (Wire::Varint(value), end)
        }
        1 => {
            let value = bytes.get(at..)?.first_chunk()?;
            (Wire::Fixed64(u64::from_le_bytes(*value)), at + 8)
        }
        2 => {
            let (length, start) = varint(bytes, at)?;
            let end = start.checked_add(usize::try_from(length).ok()?)?;
            bytes.get(start..end)?;
            (Wire::Bytes(start..end), end)
        }
        3 => {
            let (inside, end) = group(bytes, at, number, depth)?;
            (Wire::Group(inside), end)
        }
        5 => {
            let value = bytes.get(at..)?.first_chunk()?;
            (Wire::Fixed32(u32::from_le_bytes(*value)), at + 4)
        }
        _ => return None,
    };
    Some((Field { number, value }, end))
}

/// Where the fields of a group are, and the place behind its end.
fn group(bytes: &[u8], start: usize, number: u32, depth: usize) -> Option<(Range<usize>, usize)> {
    if depth > DEPTH {
        return None;
    }
    let mut at = start;
    loop {
        let (key, behind) = varint(bytes, at)?;
        if key & 7 == 4 {
            return (key >> 3 == u64::from(number)).then_some((start..at, behind));
        }
        (_, at) = field(bytes, at, depth + 1)?;
    }
}

impl Reader<'_> {
    /// Writes the message that is this part of the payload.
    pub(super) fn message(
        &mut self,
        part: Range<usize>,
        message: Option<&MessageDescriptor>,
        depth: usize,
    ) -> Option<()> {
        if depth >= DEPTH {
            return None;
        }
        let fields = fields(self.payload, part)?;
        self.writer.raw("{");
        for (at, (number, values)) in by_number(&fields).into_iter().enumerate() {
            self.writer.comma(at);
            let known = message.and_then(|message| message.get_field(number));
            let start = self.writer.at();
            match &known {
                Some(field) => self.writer.quoted(field.name()),
                None => self.writer.quoted(&number.to_string()),
            }
            self.writer.end_name(start);
            match &known {
                Some(field) => self.typed(field, &values, depth)?,
                None => self.untyped(&values, depth)?,
            }
            self.writer.end_value();
        }
        self.writer.raw("}");
        Some(())
    }

    /// Values of a field of which no type is known.
    fn untyped(&mut self, values: &[&Wire], depth: usize) -> Option<()> {
        if let [value] = values {
            return self.guess(value, depth);
        }
        self.list(values.len(), |reader, at| reader.guess(values[at], depth))
    }

    /// So many values as an array.
    pub(super) fn list(
        &mut self,
        count: usize,
        mut write: impl FnMut(&mut Self, usize) -> Option<()>,
    ) -> Option<()> {
        self.writer.raw("[");
        for at in 0..count {
            self.writer.comma(at);
            write(self, at)?;
        }
        self.writer.raw("]");
        Some(())
    }

    /// A value of which no type is known.
    pub(super) fn guess(&mut self, value: &Wire, depth: usize) -> Option<()> {
        match value {
            Wire::Varint(value) => {
                self.writer.note("varint");
                self.writer.raw(&value.to_string());
            }
            Wire::Fixed64(value) => self.fixed("fixed64", *value, f64::from_bits(*value)),
            Wire::Fixed32(value) => {
                self.fixed("fixed32", (*value).into(), f32::from_bits(*value).into());
            }
            Wire::Group(part) => {
                self.writer.note("group");
                self.message(part.clone(), None, depth + 1)?;
            }
            Wire::Bytes(part) => self.guess_bytes(part.clone(), depth),
        }
        Some(())
    }

    /// A number of a fixed width; where it could well be one with a fraction, that is noted.
    fn fixed(&mut self, kind: &str, whole: u64, float: f64) {
        let likely = (1e-6..1e15).contains(&float.abs());
        self.writer.note(if likely {
            format!("{kind}, or {float}")
        } else {
            kind.into()
        });
        self.writer.raw(&whole.to_string());
    }

    fn guess_bytes(&mut self, part: Range<usize>, depth: usize) {
        let bytes = &self.payload[part.clone()];
        if is_text(bytes) {
            self.writer.text(bytes, part);
        } else if depth + 1 < DEPTH && fields(self.payload, part.clone()).is_some() {
            self.message_or_bytes(part, depth);
        } else {
            self.writer.bytes(bytes, part);
        }
    }

    /// What looks like a message may hold what does not; then it is bytes.
    fn message_or_bytes(&mut self, part: Range<usize>, depth: usize) {
        let start = self.writer.mark();
        if self.message(part.clone(), None, depth + 1).is_none() {
            self.writer.back_to(start);
            let bytes = &self.payload[part.clone()];
            self.writer.bytes(bytes, part);
        }
    }
}

/// Whether bytes without a type are shown as text.
fn is_text(bytes: &[u8]) -> bool {
    let is_odd =
        |(at, c): (usize, char)| c.is_control() && (at == 0 || !matches!(c, '\n' | '\t' | '\r'));
    std::str::from_utf8(bytes).is_ok_and(|text| !text.char_indices().any(is_odd))
}

/// The values of each field, in the order in which the fields came first.
fn by_number(fields: &[Field]) -> Vec<(u32, Vec<&Wire>)> {
    let mut places = std::collections::HashMap::new();
    let mut found: Vec<(u32, Vec<&Wire>)> = Vec::new();
    for field in fields {
        let place = *places.entry(field.number).or_insert(found.len());
        match found.get_mut(place) {
            Some((_, values)) => values.push(&field.value),
            None => found.push((field.number, vec![&field.value])),
        }
    }
    found
}
