//! `MessagePack` written as JSON. The markers are read by the `rmp` crate.

use rmp::{
    Marker,
    decode::{RmpRead, read_marker},
};

use super::decoded::{DEPTH, Decoded, MOST_BYTES, Writer};

/// A payload that is one value and nothing else; `None`: it is not.
pub fn decode(payload: &[u8]) -> Option<Decoded> {
    if payload.len() > MOST_BYTES {
        return None;
    }
    let mut reader = Reader {
        payload,
        rest: payload,
        writer: Writer::default(),
    };
    reader.value(0)?;
    reader.rest.is_empty().then_some(reader.writer.decoded)
}

struct Reader<'a> {
    payload: &'a [u8],
    rest: &'a [u8],
    writer: Writer,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<()> {
        let marker = read_marker(&mut self.rest).ok()?;
        match marker {
            Marker::Null => self.writer.raw("null"),
            Marker::False => self.writer.raw("false"),
            Marker::True => self.writer.raw("true"),
            Marker::F32 => {
                let value = self.rest.read_data_f32().ok()?;
                // With the digits that tell it from its neighbours, not those of the wider number.
                self.writer.float(value.to_string().parse().ok()?);
            }
            Marker::F64 => {
                let value = self.rest.read_data_f64().ok()?;
                self.writer.float(value);
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let length = self.length(marker)?;
                let bytes = self.take(length)?;
                self.writer.text(bytes, self.behind(length));
            }
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                let length = self.length(marker)?;
                let bytes = self.take(length)?;
                self.writer.bytes(bytes, self.behind(length));
            }
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                let length = self.length(marker)?;
                self.array(length, depth)?;
            }
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                let length = self.length(marker)?;
                self.map(length, depth)?;
            }
            number_or_extension => self.integer(number_or_extension)?,
        }
        Some(())
    }

    fn integer(&mut self, marker: Marker) -> Option<()> {
        let rest = &mut self.rest;
        let number = match marker {
            Marker::FixPos(value) => i128::from(value),
            Marker::FixNeg(value) => i128::from(value),
            Marker::U8 => rest.read_data_u8().ok()?.into(),
            Marker::U16 => rest.read_data_u16().ok()?.into(),
            Marker::U32 => rest.read_data_u32().ok()?.into(),
            Marker::U64 => rest.read_data_u64().ok()?.into(),
            Marker::I8 => rest.read_data_i8().ok()?.into(),
            Marker::I16 => rest.read_data_i16().ok()?.into(),
            Marker::I32 => rest.read_data_i32().ok()?.into(),
            Marker::I64 => rest.read_data_i64().ok()?.into(),
            extension => return self.extension(extension),
        };
        self.writer.raw(&number.to_string());
        Some(())
    }

    fn extension(&mut self, marker: Marker) -> Option<()> {
        let length = self.length(marker)?;
        let kind = self.rest.read_data_i8().ok()?;
        let bytes = self.take(length)?;
        if let Some(time) = timestamp(kind, bytes) {
            self.writer.note("timestamp");
            self.writer.quoted(&time.to_string());
        } else {
            self.writer.note(format!("extension {kind}"));
            self.writer.bytes(bytes, self.behind(length));
        }
        Some(())
    }

    /// The length that a marker has in it or behind it.
    fn length(&mut self, marker: Marker) -> Option<usize> {
        let rest = &mut self.rest;
        let length = match marker {
            Marker::FixStr(length) | Marker::FixArray(length) | Marker::FixMap(length) => {
                length.into()
            }
            Marker::FixExt1 => 1,
            Marker::FixExt2 => 2,
            Marker::FixExt4 => 4,
            Marker::FixExt8 => 8,
            Marker::FixExt16 => 16,
            Marker::Str8 | Marker::Bin8 | Marker::Ext8 => rest.read_data_u8().ok()?.into(),
            Marker::Str16 | Marker::Bin16 | Marker::Ext16 | Marker::Array16 | Marker::Map16 => {
                rest.read_data_u16().ok()?.into()
            }
            Marker::Str32 | Marker::Bin32 | Marker::Ext32 | Marker::Array32 | Marker::Map32 => {
                rest.read_data_u32().ok()?
            }
            _ => return None,
        };
        usize::try_from(length).ok()
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(bytes)
    }

    /// Where in the payload the bytes are that were taken last.
    const fn behind(&self, length: usize) -> std::ops::Range<usize> {
        let end = self.payload.len() - self.rest.len();
        end - length..end
    }

    fn array(&mut self, length: usize, depth: usize) -> Option<()> {
        (depth < DEPTH).then_some(())?;
        self.writer.raw("[");
        for number in 0..length {
            self.writer.comma(number);
            self.value(depth + 1)?;
        }
        self.writer.raw("]");
        Some(())
    }

    fn map(&mut self, length: usize, depth: usize) -> Option<()> {
        (depth < DEPTH).then_some(())?;
        self.writer.raw("{");
        for number in 0..length {
            self.writer.comma(number);
            let start = self.writer.at();
            self.value(depth + 1)?;
            self.writer.end_name(start);
            self.value(depth + 1)?;
            self.writer.end_value();
        }
        self.writer.raw("}");
        Some(())
    }
}

/// The time of an extension of type -1 (the specification's timestamp extension type).
fn timestamp(kind: i8, bytes: &[u8]) -> Option<jiff::Timestamp> {
    if kind != -1 {
        return None;
    }
    let (seconds, nanos) = match bytes.len() {
        4 => (u32::from_be_bytes(bytes.try_into().ok()?).into(), 0),
        8 => {
            let both = u64::from_be_bytes(bytes.try_into().ok()?);
            ((both & 0x3_ffff_ffff).cast_signed(), (both >> 34) as u32)
        }
        12 => {
            let (nanos, seconds) = bytes.split_at(4);
            (
                i64::from_be_bytes(seconds.try_into().ok()?),
                u32::from_be_bytes(nanos.try_into().ok()?),
            )
        }
        _ => return None,
    };
    jiff::Timestamp::new(seconds, i32::try_from(nanos).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(payload: &[u8]) -> Option<String> {
        let decoded = decode(payload)?;
        serde_json::from_slice::<serde::de::IgnoredAny>(&decoded.text).expect("JSON");
        let mut text = String::from_utf8(decoded.text).expect("UTF-8");
        for (place, note) in decoded.notes.iter().rev() {
            text.insert_str(*place, &format!("<{note}>"));
        }
        Some(text)
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let is = |payload: &[u8], wanted: &str| {
            assert_eq!(shown(payload).as_deref(), Some(wanted), "{payload:02x?}");
        };
        is(
            b"\x82\xa1a\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x01\x93\xc0\xc2\xe0",
            r#"{"a":18446744073709551615,"1":[null,false,-32]}"#,
        );
        is(b"\xd3\x80\0\0\0\0\0\0\0", "-9223372036854775808");
        is(
            b"\x92\xca\x3d\xcc\xcc\xcd\xcb\x7f\xf0\0\0\0\0\0\0",
            r#"[0.1,<number>"inf"]"#,
        );
        is(b"\xc4\x02\0\xff", r#"<bytes>"00ff""#);
        is(b"\x91\xd9\x02\xff\"", "[<not UTF-8>\"\u{fffd}\\\"\"]");
        is(
            b"\xd6\xff\x6a\x04\x52\x80",
            r#"<timestamp>"2026-05-13T10:29:20Z""#,
        );
        is(b"\xd4\x05\x01", r#"<extension 5, bytes>"01""#);
        is(b"\x81\x91\x01\x02", r#"{"[1]":2}"#);
        for broken in [
            &b""[..],
            b"\xc1",
            b"\xa2a",
            b"\x01\x02",
            b"\xdd\xff\xff\xff\xff",
            b"\xdf\xff\xff\xff\xff\x01",
        ] {
            assert_eq!(shown(broken), None, "{broken:02x?}");
        }
        assert_eq!(decode(&vec![0x91; 1 << 20]), None, "too deep");
        assert!(decode(&[&[0x91; 99][..], &[1]].concat()).is_some());
    }

    #[test]
    fn secrets_are_found_where_they_stand() {
        let payload = b"\x82\xa8password\xa3abc\xa1x\xa3abc";
        let decoded = decode(payload).expect("a map");
        let mut hidden = payload.to_vec();
        decoded.hide(&mut hidden);
        assert_eq!(hidden, b"\x82\xa8password\xa3***\xa1x\xa3abc");
    }

    proptest! {
        #[test]
        fn what_is_decoded_is_json(payload in prop::collection::vec(prop_oneof![any::<u8>(), 0x80..=0xa5_u8, 0xc0..=0xdf_u8], 0..80)) {
            shown(&payload);
        }

        #[test]
        fn values_come_through(numbers in prop::collection::vec(any::<i64>(), 0..20), text in ".*") {
            let mut payload = Vec::new();
            rmp::encode::write_array_len(&mut payload, numbers.len() as u32 + 1).expect("room");
            rmp::encode::write_str(&mut payload, &text).expect("room");
            for number in &numbers {
                rmp::encode::write_sint(&mut payload, *number).expect("room");
            }
            let decoded = decode(&payload).expect("whole");
            let values: Vec<serde_json::Value> = serde_json::from_slice(&decoded.text).expect("JSON");
            prop_assert_eq!(&values[0], &serde_json::Value::from(text));
            prop_assert!(values[1..].iter().zip(&numbers).all(|(value, number)| value.as_i64() == Some(*number)));
        }
    }
}
