//! MQTT 3.1.1 and 5 (OASIS standards): packets within bytes, read as JSON and made from JSON.
//!
//! Which version a server speaks is known from its CONNACK. Packets that only a client sends are made, never read. Topic
//! aliases are shown, not resolved: a server sends them only to clients that allow them. Wills are not made.

mod make;
mod property;
mod read;

use serde_json::Value;

use super::{decoder::Step, value::text};

pub(super) use make::packet;

/// Names of the packets by their types (MQTT 5 section 2.1.2).
const NAMES: [&str; 16] = [
    "",
    "CONNECT",
    "CONNACK",
    "PUBLISH",
    "PUBACK",
    "PUBREC",
    "PUBREL",
    "PUBCOMP",
    "SUBSCRIBE",
    "SUBACK",
    "UNSUBSCRIBE",
    "UNSUBACK",
    "PINGREQ",
    "PINGRESP",
    "DISCONNECT",
    "AUTH",
];

/// The largest length behind a fixed header (MQTT 5 section 1.5.5).
const LARGEST: usize = 0x0fff_ffff;

/// The packet at the beginning. Its length is known even where its content is not of the form: it is a text then.
pub(super) fn step(bytes: &[u8], five: &mut bool) -> Step {
    let Some((first, rest)) = bytes.split_first() else {
        return Step::More(None);
    };
    if !comes_from_server(*first) {
        return Step::Foreign;
    }
    let Some((length, behind)) = varint(rest) else {
        return if rest.len() < 4 {
            Step::More(None)
        } else {
            Step::Foreign
        };
    };
    let whole = bytes.len() - behind.len() + length;
    let Some(body) = behind.get(..length) else {
        return Step::More(Some(whole));
    };
    let value: Option<Value> = read::packet(*first, body, five);
    Step::Value(
        value.unwrap_or_else(|| text(bytes.get(..whole).unwrap_or(bytes))),
        whole,
    )
}

/// Whether a fixed header is one that a server may send (MQTT 5 section 2.1.3).
const fn comes_from_server(first: u8) -> bool {
    match (first >> 4, first & 0xf) {
        (3, flags) => flags & 0b110 != 0b110,
        (6, flags) => flags == 0b10,
        (2 | 4 | 5 | 7 | 9 | 11 | 13..=15, flags) => flags == 0,
        _ => false,
    }
}

/// A variable byte integer (MQTT 5 section 1.5.5), and what follows.
fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let last = bytes.iter().take(4).position(|byte| byte & 0x80 == 0)?;
    let (digits, behind) = bytes.split_at_checked(last + 1)?;
    let value = digits
        .iter()
        .rev()
        .fold(0, |value, digit| value << 7 | usize::from(digit & 0x7f));
    Some((value, behind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn lengths_are_read_as_the_standard_has_them() {
        let lengths: [(&[u8], usize); 8] = [
            (&[0], 0),
            (&[0x7f], 127),
            (&[0x80, 1], 128),
            (&[0xff, 0x7f], 16_383),
            (&[0x80, 0x80, 1], 16_384),
            (&[0xff, 0xff, 0x7f], 2_097_151),
            (&[0x80, 0x80, 0x80, 1], 2_097_152),
            (&[0xff, 0xff, 0xff, 0x7f], LARGEST),
        ];
        for (wire, length) in lengths {
            assert_eq!(varint(wire), Some((length, &[][..])));
            assert_eq!(varint(&wire[..wire.len() - 1]), None);
            let waiting = [&[0x30], wire].concat();
            if length > 0 {
                assert_eq!(
                    step(&waiting, &mut true),
                    Step::More(Some(waiting.len() + length))
                );
            }
        }
    }

    #[test]
    fn what_no_server_sends_is_foreign() {
        for first in [0x00, 0x10, 0x21, 0x36, 0x60, 0x82, 0xc0, 0xd1, 0xff] {
            assert_eq!(step(&[first, 0], &mut true), Step::Foreign, "{first:#x}");
        }
        assert_eq!(
            step(&[0x30, 0xff, 0xff, 0xff, 0xff], &mut true),
            Step::Foreign
        );
        assert_eq!(step(&[0x30, 0xff, 0xff, 0xff], &mut true), Step::More(None));
    }

    #[test]
    fn a_packet_that_is_not_of_the_form_is_a_text_and_the_next_is_read() {
        let wire = [0xd0, 1, b'x', 0xd0, 0];
        assert_eq!(
            step(&wire, &mut true),
            Step::Value(json!("\u{fffd}\u{1}x"), 3)
        );
        assert_eq!(
            step(&wire[3..], &mut true),
            Step::Value(json!({"packet": "PINGRESP"}), 2)
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(mut bytes in prop::collection::vec(any::<u8>(), 2..100), mut five in any::<bool>()) {
            if let Step::Value(_, length) = step(&bytes, &mut five) {
                prop_assert!(length > 0 && length <= bytes.len());
            }
            bytes[1] = bytes.len() as u8 - 2;
            for first in [0x20, 0x30, 0x32, 0x40, 0x62, 0x90, 0xb0, 0xd0, 0xe0, 0xf0] {
                bytes[0] = first;
                let Step::Value(_, length) = step(&bytes, &mut five) else {
                    return Err(TestCaseError::fail("the packet is whole"));
                };
                prop_assert_eq!(length, bytes.len());
            }
        }
    }
}
