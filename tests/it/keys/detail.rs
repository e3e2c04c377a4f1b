//! The detail pane: what is chosen, open and remembered in it.

use sockeye::{
    app::{Form, Pane},
    message::Message,
    payload::protobuf::Schema,
    store::Seq,
};

use crate::stage::Stage;

/// A stage with these messages, the last one in the detail pane.
fn opened(texts: &[&str]) -> Stage {
    let mut stage = Stage::new(&["orders"]);
    for text in texts {
        stage.receive(0, Message::text(*text));
    }
    stage.show(80, 24);
    stage.press("k enter");
    stage
}

fn path(stage: &Stage) -> String {
    let path = stage.app.detail.path();
    path.map_or_else(|| "none".into(), |path| path.to_string())
}

/// Each path after these keys.
fn paths(stage: &mut Stage, keys: &[&str]) -> Vec<String> {
    let after = |key: &&str| path(stage.press(key));
    keys.iter().map(after).collect()
}

const ORDER: &str =
    r#"{"type":"order","id":7,"lines":[{"sku":"a"},{"sku":"b"}],"body":"{\"x\":[1]}","end":null}"#;

#[test]
fn the_choice_goes_through_what_is_open() {
    let mut stage = opened(&[ORDER]);
    assert_eq!(
        (path(&stage), stage.app.focus),
        (".type".into(), Pane::Detail)
    );
    let keys = [
        "j j", "l", "l", "l", "j", "h", "h", "h", "j", "enter", "j", "j", "j", "G", "g",
    ];
    let wanted = [
        ".lines",
        ".lines[0]",
        ".lines[0].sku",
        ".lines[0].sku",
        ".lines[1]",
        ".lines[1]",
        ".lines",
        ".lines",
        ".body",
        ".body",
        ".body | fromjson | .x",
        ".body | fromjson | .x[0]",
        ".end",
        ".end",
        ".type",
    ];
    assert_eq!(paths(&mut stage, &keys), wanted);
    let shown = stage.show(80, 24);
    assert!(shown.contains("▸ lines  [2]"), "{shown}");
    assert!(shown.contains("▾ body   a text that is JSON"), "{shown}");
}

#[test]
fn the_place_and_the_folds_hold_for_the_next_event() {
    let other = ORDER.replace('7', "8");
    let short = r#"{"type":"order","id":9}"#;
    let mut stage = opened(&[ORDER, &other, short, ORDER]);
    stage.press("j j l l");
    assert_eq!(path(&stage), ".lines[0].sku");
    stage.press("h h h h");
    assert_eq!(path(&stage), ".lines");
    assert_eq!(
        paths(&mut stage, &["K", "K", "J", "K K"]),
        [".type", ".lines", ".type", ".lines"]
    );
    assert_eq!(stage.app.list.cursor(), Some(Seq(0)));
    assert!(stage.show(80, 24).contains("▸ lines  [2]"));
    assert!(stage.press("+").show(80, 24).contains("▾ x"));
    let folded = stage.press("-").show(80, 24);
    assert!(
        folded.contains("▸ lines") && !folded.contains("sku"),
        "{folded}"
    );
}

#[test]
fn the_chosen_row_stays_in_view() {
    let members: Vec<String> = (0..31).map(|n| format!(r#""m{n}":{n}"#)).collect();
    let text = format!("{{{}}}", members.join(","));
    let mut stage = opened(&[&text]);
    for (width, height) in [(80, 24), (120, 40), (40, 9), (24, 8)] {
        stage.press("g");
        for n in 0..31 {
            let shown = stage.show(width, height);
            assert!(shown.contains(&format!("m{n} ")), "m{n} in {shown}");
            stage.press("j");
        }
        stage.press("G pageup");
        assert_ne!(path(&stage), ".m30");
        for _ in 0..31 {
            stage.press("k");
        }
        assert_eq!(path(&stage), ".m0");
    }
}

#[test]
fn a_value_becomes_a_filter() {
    for (text, keys, typed, hits) in [
        (ORDER, "j", ".id == 7", 2),
        (ORDER, "j j l l", r#".lines[0].sku == "a""#, 2),
        (ORDER, "j j", ".lines != null", 2),
        (ORDER, "G k l j j", ".body | fromjson | .x[0] == 1", 2),
        (r#"{"a b":{"and":true}}"#, "j", r#"."a b".and == true"#, 1),
        ("[[1,2.50]]", "G", ".[0][1] == 2.50", 1),
    ] {
        let mut stage = opened(&[text, ORDER, r#"{"id":8}"#, text]);
        stage.press(keys).press("*");
        let search = stage.app.list.search().expect("a line");
        assert_eq!((search.text(), search.fault()), (typed, None));
        assert!(search.hits().len() >= hits, "{typed}");
        stage.press("enter");
        assert_eq!(stage.app.list.layers().len(), 1);
    }
}

#[test]
fn no_filter_is_made_of_a_secret_or_of_what_is_no_json() {
    let secret = r#"{"password":"hunter2","body":"{\"secret\":\"x\"}"}"#;
    for (text, keys, why) in [
        (secret, "*", "looks like a secret"),
        (secret, "u *", "looks like a secret"),
        (secret, "j l j *", "looks like a secret"),
        ("plain", "*", "choose one in a tree"),
        (ORDER, "v *", "choose one in a tree"),
    ] {
        let mut stage = opened(&[text]);
        let shown = stage.press(keys).show(80, 24);
        assert!(
            stage.app.list.search().is_none() && shown.contains(why),
            "{shown}"
        );
    }
}

#[test]
fn forms_go_round_and_stay_for_the_next_event() {
    let mut stage = opened(&["plain\ntext", ORDER, ORDER]);
    let mut seen = |keys: &str| stage.press(keys).app.detail.form();
    assert_eq!(seen("v"), Some(Form::Raw));
    assert_eq!(seen("K"), Some(Form::Raw));
    assert_eq!(seen("v"), Some(Form::Hex));
    assert_eq!(seen("v"), Some(Form::Tree));
    assert_eq!(seen("K"), Some(Form::Text));
    assert_eq!(seen("J"), Some(Form::Tree));
}

#[test]
fn long_values_are_cut_and_numbers_are_not_rounded() {
    let long = "x".repeat(5000);
    let text = format!(r#"{{"n":12393906104898154338,"f":0.10,"long":"{long}"}}"#);
    let mut stage = opened(&[&text]);
    let shown = stage.show(80, 24);
    assert!(shown.contains("12393906104898154338") && shown.contains("0.10"));
    assert!(
        shown.contains("xxx…  5.0 kB") && shown.matches("xxxx\n").count() <= 4,
        "{shown}"
    );
}

#[test]
fn a_huge_payload_is_folded_and_bounded() {
    let items = vec![r#"{"id":1,"lines":[1,2,3]}"#; 600_000].join(",");
    let text = format!(r#"{{"type":"bulk","items":[{items}],"last":true}}"#);
    let mut stage = Stage::with(&["orders"], |setup| setup.budget = 64 << 20);
    stage.receive(0, Message::text(text));
    stage.show(80, 24);
    let shown = stage.press("k enter").show(80, 24);
    assert!(
        shown.contains("▸ items  [600 000]") && shown.contains("last   true"),
        "{shown}"
    );
    let shown = stage.press("j l G").show(80, 24);
    assert!(shown.contains("no more rows are made"), "{shown}");
}

#[test]
fn a_click_chooses_a_row_and_another_one_folds_it() {
    let mut stage = opened(&[ORDER]);
    stage.click("▾ lines");
    assert_eq!(path(&stage), ".lines");
    stage.click("▾ lines");
    assert!(stage.show(80, 24).contains("▸ lines"));
}

/// `{"id": 7, "password": "hunter2", "raw": <00 ff>}`.
const MSGPACK: &[u8] = b"\x83\xa2id\x07\xa8password\xa7hunter2\xa3raw\xc4\x02\0\xff";
/// The same.
const CBOR: &[u8] = b"\xa3\x62id\x07\x68password\x67hunter2\x63raw\x42\0\xff";
/// `1: 7, 2: "tea"`.
const FIELDS: &[u8] = b"\x08\x07\x12\x03tea";

fn binary(payload: &'static [u8]) -> Stage {
    let mut stage = Stage::new(&["orders"]);
    stage.receive(0, Message::binary(payload));
    stage.show(80, 24);
    stage.press("k enter");
    stage
}

/// All forms of the event, from the one it is shown in at first.
fn forms(stage: &mut Stage) -> Vec<Form> {
    let first = stage.app.detail.form().expect("a form");
    let mut forms = vec![first];
    loop {
        let next = stage.press("v").app.detail.form().expect("a form");
        if next == first {
            return forms;
        }
        forms.push(next);
    }
}

#[test]
fn binary_payloads_have_the_forms_that_make_sense() {
    use Form::{Cbor, Fields, Hex, MessagePack, Raw, Text, Tree};
    for (payload, wanted) in [
        (MSGPACK, &[MessagePack, Hex, Raw][..]),
        (CBOR, &[Cbor, Hex, Raw]),
        (FIELDS, &[Text, Fields, Hex, Raw]),
        (b"\xff\xfe", &[Hex, Raw]),
        (b"\xcd\x01\x02", &[Hex, MessagePack, Raw]),
        (b"{\"a\":1}", &[Tree, Raw, Hex]),
        (b"", &[Text, Hex, Raw]),
    ] {
        assert_eq!(forms(&mut binary(payload)), wanted, "{payload:02x?}");
    }
}

#[test]
fn decoded_payloads_are_trees_without_a_path_for_others() {
    for (payload, word) in [(MSGPACK, "MessagePack"), (CBOR, "CBOR")] {
        let mut stage = binary(payload);
        let shown = stage.press("G").show(80, 24);
        assert!(shown.contains(&format!("{word} · .raw")), "{shown}");
        assert!(shown.contains(r#""00ff"  bytes"#), "{shown}");
        assert_eq!(stage.app.detail.path(), None);
        assert!(
            stage
                .press("*")
                .show(80, 24)
                .contains("filters compare values of JSON")
        );
    }
}

#[test]
fn secrets_are_masked_in_every_form() {
    let nested = r#"{"body":"{\"password\":\"hunter2\"}"}"#;
    for payload in [
        MSGPACK,
        CBOR,
        b"{\"password\":\"hunter2\"}",
        nested.as_bytes(),
    ] {
        let mut stage = binary(payload);
        let leaks = |stage: &mut Stage| {
            let shown = stage.press("+").show(120, 40);
            let hex = "68 75 6e 74 65 72 32";
            shown.contains("hunter2")
                || shown.contains(hex)
                || shown.replace('\n', "").contains(hex)
        };
        let all = forms(&mut stage).len();
        for _ in 0..all {
            assert!(!leaks(&mut stage), "{}", stage.show(120, 40));
            stage.press("v");
        }
        stage.press("u");
        assert!(leaks(&mut stage), "{}", stage.show(120, 40));
        stage.press("u");
        assert!(!leaks(&mut stage));
    }
}

#[test]
fn what_changed_since_the_one_before_is_told() {
    let order = |id: u32, total: &str| {
        format!(r#"{{"type":"order","id":{id},"total":{total},"lines":[{{"sku":"a"}}]}}"#)
    };
    let mut stage = opened(&[
        &order(1, "12.90"),
        r#"{"type":"alert","id":3}"#,
        &order(2, "12.90"),
        "line one\nline two",
        "line one\nline 2",
    ]);
    let shown = stage.press("=").show(80, 24);
    assert!(shown.contains("event 5 · difference"), "{shown}");
    assert!(
        shown.contains("- line two\n + line 2") && shown.contains("1 other line is the same"),
        "{shown}"
    );
    let shown = stage.press("K K").show(80, 24);
    assert!(
        shown.contains("since event 1, 12:03:44.000: same type"),
        "{shown}"
    );
    assert!(
        shown.contains("~ .id  1 → 2") && shown.contains("3 other values are the same"),
        "{shown}"
    );
    assert!(!shown.contains("total"), "{shown}");
    let shown = stage.press("K").show(80, 24);
    assert!(
        shown.contains("no earlier message of the same type is kept"),
        "{shown}"
    );
    let shown = stage.press("J =").show(80, 24);
    assert!(shown.contains("event 3 · tree"), "{shown}");
}

#[test]
fn differences_tell_no_secret() {
    let secret = |word: &str| format!(r#"{{"type":"t","password":"{word}"}}"#);
    let mut stage = opened(&[&secret("hunter2"), &secret("swordfish")]);
    let shown = stage.press("=").show(80, 24);
    assert!(shown.contains(r#""*******" → "*********""#), "{shown}");
    let shown = stage.press("u").show(80, 24);
    assert!(shown.contains(r#""hunter2" → "swordfish""#), "{shown}");
}

#[test]
fn binary_payloads_are_compared_by_what_they_say() {
    let mut stage = binary(b"\x81\xa1n\x01");
    for payload in [&b"\x81\xa1n\x02"[..], b"\xff\0", b"\xff\x01"] {
        stage.receive(0, Message::binary(payload));
    }
    let shown = stage.press("J =").show(80, 24);
    assert!(shown.contains("~ .n  1 → 2"), "{shown}");
    let shown = stage.press("J J").show(80, 24);
    assert!(
        shown.contains("- ff 00") && shown.contains("+ ff 01"),
        "{shown}"
    );
}

#[test]
fn a_descriptor_gives_fields_their_names() {
    // message Order { string id = 1; string password = 2; } in package `shop`, as a set of descriptors.
    let field = |name: &str, number: u8| {
        let name = [&[10, name.len() as u8], name.as_bytes()].concat();
        let rest = [24, number, 32, 1, 40, 9];
        [&[18, (name.len() + rest.len()) as u8], &name[..], &rest].concat()
    };
    let order = [
        &b"\x0a\x05Order"[..],
        &field("id", 1),
        &field("password", 2),
    ]
    .concat();
    let file = [
        &b"\x0a\x01a\x12\x04shop\x22"[..],
        &[order.len() as u8],
        &order,
    ]
    .concat();
    let set = [&[10, file.len() as u8], &file[..]].concat();
    let schema = Schema::new(&set, "shop.Order").expect("a type");
    let mut stage = Stage::with(&["orders"], |setup| {
        setup.streams[0].protobuf = Some(schema);
    });
    stage.receive(0, Message::binary(&b"\x0a\x03o-7\x12\x07hunter2"[..]));
    stage.show(80, 24);
    let shown = stage.press("k enter").show(80, 24);
    assert!(shown.contains("protobuf · .id"), "{shown}");
    assert!(shown.contains(r#"password  "*******""#), "{shown}");
    for _ in 0..forms(&mut stage).len() {
        let shown = stage.press("v").show(80, 24);
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    assert_eq!(
        forms(&mut stage),
        [
            Form::Protobuf,
            Form::Text,
            Form::Fields,
            Form::Hex,
            Form::Raw
        ]
    );
}
