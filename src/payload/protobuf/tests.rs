//! Messages with and without a descriptor.

use proptest::prelude::*;

use super::*;

/// `message Order { string id = 1; repeated sint32 n = 2; map<string, double> prices = 3; Kind kind = 4; Order of = 5;
/// string password = 6; fixed64 at = 7; float part = 8; } enum Kind { NONE = 0; PAID = 1; }` in package `shop`.
fn schema() -> Schema {
    let field = |name: &str, number: u8, label: u8, kind: u8, of: &str| {
        let name = [&[10, name.len() as u8][..], name.as_bytes()].concat();
        let of = if of.is_empty() {
            Vec::new()
        } else {
            [&[50, of.len() as u8][..], of.as_bytes()].concat()
        };
        part(
            2,
            &[name, vec![24, number, 32, label, 40, kind], of].concat(),
        )
    };
    let entry = [
        part(1, b"PricesEntry"),
        field("key", 1, 1, 9, ""),
        field("value", 2, 1, 1, ""),
        part(7, &[56, 1]),
    ];
    let order = [
        part(1, b"Order"),
        field("id", 1, 1, 9, ""),
        field("n", 2, 3, 17, ""),
        field("prices", 3, 3, 11, ".shop.Order.PricesEntry"),
        field("kind", 4, 1, 14, ".shop.Kind"),
        field("of", 5, 1, 11, ".shop.Order"),
        field("password", 6, 1, 9, ""),
        field("at", 7, 1, 6, ""),
        field("part", 8, 1, 2, ""),
        part(3, &entry.concat()),
    ];
    let value = |name: &[u8], number: u8| part(2, &[part(1, name), vec![16, number]].concat());
    let kind = [part(1, b"Kind"), value(b"NONE", 0), value(b"PAID", 1)];
    let file = [
        part(1, b"shop.proto"),
        part(2, b"shop"),
        part(4, &order.concat()),
        part(5, &kind.concat()),
        part(12, b"proto3"),
    ];
    Schema::new(&part(1, &file.concat()), "shop.Order").expect("a schema")
}

/// A field with a length.
fn part(number: u8, bytes: &[u8]) -> Vec<u8> {
    let length = bytes.len();
    let mut head = vec![number << 3 | 2];
    if length < 128 {
        head.push(length as u8);
    } else {
        head.extend([(length & 0x7f) as u8 | 0x80, (length >> 7) as u8]);
    }
    [head, bytes.to_vec()].concat()
}

fn shown(payload: &[u8], schema: Option<&Schema>) -> Option<String> {
    let decoded = decode(payload, schema)?;
    serde_json::from_slice::<serde::de::IgnoredAny>(&decoded.text).expect("JSON");
    let mut text = String::from_utf8(decoded.text).expect("UTF-8");
    for (place, note) in decoded.notes.iter().rev() {
        text.insert_str(*place, &format!("<{note}>"));
    }
    Some(text)
}

fn order() -> Vec<u8> {
    [
        part(1, b"o-7"),
        part(2, &[1, 4]),
        vec![16, 3],
        part(
            3,
            &[part(1, b"eur"), vec![17, 0, 0, 0, 0, 0, 0, 41, 64]].concat(),
        ),
        vec![32, 1],
        part(5, &[32, 7]),
        part(6, b"hunter2"),
        vec![57, 255, 255, 255, 255, 255, 255, 255, 255],
        vec![69, 205, 204, 204, 61],
        vec![72, 5],
    ]
    .concat()
}

#[test]
fn fields_have_their_names_and_types() {
    let wanted = r#"{"id":"o-7","n":[-1,2,-2],"prices":{"eur":12.5},"kind":<1>"PAID","of":{"kind":7},"password":"hunter2","at":18446744073709551615,"part":0.1,"9":<varint>5}"#;
    assert_eq!(shown(&order(), Some(&schema())).as_deref(), Some(wanted));
    let wrong = shown(&[8, 5], Some(&schema()));
    assert_eq!(
        wrong.as_deref(),
        Some(r#"{"id":<not of the type described, varint>5}"#)
    );
}

#[test]
fn fields_without_a_descriptor_have_their_numbers() {
    let wanted = r#"{"1":"o-7","2":[<bytes>"0104",<varint>3],"3":{"1":"eur","2":<fixed64, or 12.5>4623226492472524800},"4":<varint>1,"5":{"4":<varint>7},"6":"hunter2","7":<fixed64>18446744073709551615,"8":<fixed32, or 0.10000000149011612>1036831949,"9":<varint>5}"#;
    assert_eq!(shown(&order(), None).as_deref(), Some(wanted));
    assert_eq!(
        shown(&[11, 8, 1, 12], None).as_deref(),
        Some(r#"{"1":<group>{"1":<varint>1}}"#)
    );
    for broken in [
        &b""[..],
        &[0, 0],
        &[8],
        &[10, 255, 255, 255, 255, 15],
        &[9, 1],
        &[11, 8, 1],
        &[11, 20],
        &[14],
        &[8, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2],
    ] {
        assert_eq!(shown(broken, None), None, "{broken:?}");
    }
    assert_eq!(decode(&vec![11; 1 << 20], None), None, "too deep");
}

#[test]
fn secrets_are_found_where_they_stand() {
    let mut payload = order();
    decode(&order(), Some(&schema()))
        .expect("an order")
        .hide(&mut payload);
    let text = String::from_utf8_lossy(&payload).into_owned();
    assert!(text.contains("*******") && text.contains("o-7"), "{text}");
}

#[test]
fn what_is_wrong_with_a_descriptor_is_told() {
    let error = Schema::new(b"syntax = \"proto3\";", "a").expect_err("no set");
    assert!(error.contains("no set of protobuf descriptors"), "{error}");
    let file = [
        part(1, b"a.proto"),
        part(2, b"shop"),
        part(4, &part(1, b"Order")),
    ]
    .concat();
    let error = Schema::new(&part(1, &file), "order").expect_err("no such type");
    assert_eq!(
        error,
        "it has no message type 'order'; it has 'shop.Order' for one"
    );
}

proptest! {
    #[test]
    fn what_is_decoded_is_json(payload in prop::collection::vec(prop_oneof![any::<u8>(), 8..=20_u8, Just(0x1a), 0x20..=0x40_u8], 0..60)) {
        shown(&payload, None);
        shown(&payload, Some(&schema()));
    }

    #[test]
    fn broken_messages_are_survived(at in any::<prop::sample::Index>(), byte: u8) {
        let mut payload = order();
        *at.get_mut(&mut payload) = byte;
        shown(&payload, None);
        shown(&payload, Some(&schema()));
    }
}
