//! CBOR (RFC 8949) written as JSON. The headers and segments are read by the `ciborium-ll` crate.

use ciborium_ll::{Decoder, Header, simple};

use super::decoded::{DEPTH, Decoded, MOST_BYTES, Writer};

/// Bytes of a segment read at once.
const CHUNK: usize = 1024;

/// A payload that is one value and nothing else; `None`: it is not.
pub fn decode(payload: &[u8]) -> Option<Decoded> {
    if payload.len() > MOST_BYTES {
        return None;
    }
    let mut reader = Reader {
        decoder: Decoder::from(payload),
        writer: Writer::default(),
    };
    let header = reader.decoder.pull().ok()?;
    reader.value(header, 0)?;
    let whole = reader.decoder.offset() == payload.len();
    whole.then_some(reader.writer.decoded)
}

struct Reader<'a> {
    decoder: Decoder<&'a [u8]>,
    writer: Writer,
}

impl Reader<'_> {
    fn value(&mut self, header: Header, depth: usize) -> Option<()> {
        (depth < DEPTH).then_some(())?;
        match header {
            Header::Positive(value) => self.writer.raw(&value.to_string()),
            Header::Negative(value) => {
                let value = -1 - i128::from(value);
                self.writer.raw(&value.to_string());
            }
            Header::Float(value) => self.writer.float(value),
            Header::Simple(value) => self.simple(value),
            Header::Bytes(length) => {
                let (bytes, place) = self.bytes(length)?;
                self.writer.bytes(&bytes, place);
            }
            Header::Text(length) => {
                let (bytes, place) = self.text(length)?;
                self.writer.text(&bytes, place);
            }
            Header::Tag(tag) => {
                self.writer.note(format!("tag {tag}"));
                let header = self.decoder.pull().ok()?;
                self.value(header, depth + 1)?;
            }
            Header::Array(length) => self.array(length, depth)?,
            Header::Map(length) => self.map(length, depth)?,
            Header::Break => return None,
        }
        Some(())
    }

    fn simple(&mut self, value: u8) {
        match value {
            simple::FALSE => self.writer.raw("false"),
            simple::TRUE => self.writer.raw("true"),
            simple::NULL => self.writer.raw("null"),
            simple::UNDEFINED => {
                self.writer.note("undefined");
                self.writer.raw("null");
            }
            other => {
                self.writer.note("simple value");
                self.writer.raw(&other.to_string());
            }
        }
    }

    fn bytes(&mut self, length: Option<usize>) -> Option<(Vec<u8>, std::ops::Range<usize>)> {
        let start = self.decoder.offset();
        let mut bytes = Vec::new();
        let mut segments = self.decoder.bytes(length);
        while let Some(mut segment) = segments.pull().ok()? {
            let mut chunk = [0; CHUNK];
            while let Some(read) = segment.pull(&mut chunk).ok()? {
                bytes.extend_from_slice(read);
            }
        }
        Some((bytes, start..self.decoder.offset()))
    }

    fn text(&mut self, length: Option<usize>) -> Option<(Vec<u8>, std::ops::Range<usize>)> {
        let start = self.decoder.offset();
        let mut text = Vec::new();
        let mut segments = self.decoder.text(length);
        while let Some(mut segment) = segments.pull().ok()? {
            let mut chunk = [0; CHUNK];
            while let Some(read) = segment.pull(&mut chunk).ok()? {
                text.extend_from_slice(read.as_bytes());
            }
        }
        Some((text, start..self.decoder.offset()))
    }

    /// The header of the next part; [`Header::Break`]: there is no more.
    fn part(&mut self, number: usize, length: Option<usize>) -> Option<Header> {
        if length == Some(number) {
            return Some(Header::Break);
        }
        let header = self.decoder.pull().ok()?;
        let early = header == Header::Break && length.is_some();
        (!early).then_some(header)
    }

    fn array(&mut self, length: Option<usize>, depth: usize) -> Option<()> {
        self.writer.raw("[");
        let mut number = 0;
        loop {
            let header = self.part(number, length)?;
            if header == Header::Break {
                break;
            }
            self.writer.comma(number);
            self.value(header, depth + 1)?;
            number += 1;
        }
        self.writer.raw("]");
        Some(())
    }

    fn map(&mut self, length: Option<usize>, depth: usize) -> Option<()> {
        self.writer.raw("{");
        let mut number = 0;
        loop {
            let header = self.part(number, length)?;
            if header == Header::Break {
                break;
            }
            self.writer.comma(number);
            let start = self.writer.at();
            self.value(header, depth + 1)?;
            self.writer.end_name(start);
            let header = self.decoder.pull().ok()?;
            self.value(header, depth + 1)?;
            self.writer.end_value();
            number += 1;
        }
        self.writer.raw("}");
        Some(())
    }
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

    /// Examples of RFC 8949, appendix A.
    #[test]
    fn the_examples_of_the_rfc_are_read() {
        let is = |payload: &[u8], wanted: &str| {
            assert_eq!(shown(payload).as_deref(), Some(wanted), "{payload:02x?}");
        };
        is(
            b"\x1b\xff\xff\xff\xff\xff\xff\xff\xff",
            "18446744073709551615",
        );
        is(
            b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff",
            "-18446744073709551616",
        );
        is(b"\xf9\x3e\x00", "1.5");
        is(b"\xf9\x7e\x00", r#"<number>"NaN""#);
        is(b"\xf7", "<undefined>null");
        is(b"\xf8\xff", "<simple value>255");
        is(b"\xc1\x1a\x51\x4b\x67\xb0", "<tag 1>1363896240");
        is(b"\xd7\x44\x01\x02\x03\x04", r#"<tag 23, bytes>"01020304""#);
        is(b"\xa2\x01\x02\x03\x04", r#"{"1":2,"3":4}"#);
        is(
            b"\x5f\x42\x01\x02\x43\x03\x04\x05\xff",
            r#"<bytes>"0102030405""#,
        );
        is(b"\x7f\x65strea\x64ming\xff", r#""streaming""#);
        is(
            b"\xbf\x61a\x01\x61b\x9f\x02\x03\xff\xff",
            r#"{"a":1,"b":[2,3]}"#,
        );
        for broken in [
            &b""[..],
            b"\xff",
            b"\x01\x02",
            b"\x9a\xff\xff\xff\xff",
            b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x01",
            b"\x5b\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xbf\x01\xff",
            b"\x1c",
        ] {
            assert_eq!(shown(broken), None, "{broken:02x?}");
        }
        assert_eq!(decode(&vec![0x81; 1 << 20]), None, "too deep");
        assert_eq!(decode(&vec![0xc1; 1 << 20]), None, "too many tags");
    }

    #[test]
    fn secrets_are_found_where_they_stand() {
        let payload = b"\xa2\x68password\x63abc\x61x\x63abc";
        let mut hidden = payload.to_vec();
        decode(payload).expect("a map").hide(&mut hidden);
        assert_eq!(hidden, b"\xa2\x68password\x63***\x61x\x63abc");
    }

    proptest! {
        #[test]
        fn what_is_decoded_is_json(payload in prop::collection::vec(prop_oneof![any::<u8>(), 0x60..=0x65_u8, 0x80..=0xc5_u8, Just(0xff)], 0..80)) {
            shown(&payload);
        }
    }
}
