//! Differences, as lines.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::{super::json::nearly_json, *};
use crate::payload::{
    json::{Shape, shape},
    path::Hop,
    place::Step,
};

fn shown(old: &str, new: &str) -> String {
    let found = values(old.as_bytes(), new.as_bytes()).expect("small");
    let text = |raw: Option<&[u8]>| {
        raw.map_or_else(
            || "-".into(),
            |raw| String::from_utf8_lossy(raw).into_owned(),
        )
    };
    let lines = found.changes.iter();
    let lines =
        lines.map(|value| format!("{} {} {}\n", value.path, text(value.old), text(value.new)));
    format!("{}{} same", lines.collect::<String>(), found.same)
}

#[test]
fn values_are_compared_by_their_places() {
    assert_eq!(
        shown(
            r#"{"type":"t","n":12393906104898154338,"old":1,"in":{"a":[1,2,3],"b":"x"}}"#,
            r#"{ "type":"t","in":{"b":"\u0078","a":[0,1,3,{"c":4}]},"n":12393906104898154339,"new":null}"#
        ),
        ".in.a[0] - 0\n.in.a[2] 2 -\n"
            .to_owned()
            .replace(".in.a[2] 2 -", ".in.a[1] 2 -")
            + ".in.a[3] - {\"c\":4}\n.n 12393906104898154338 12393906104898154339\n.new - null\n.old 1 -\n4 same"
    );
    assert_eq!(shown("[1,2]", "[1,5]"), ".[1] 2 5\n1 same");
    assert_eq!(shown("{\"a\":1}", "[1]"), ". {\"a\":1} [1]\n0 same");
    assert_eq!(
        shown("{\"a\":1, \"b\":[]}", "{\"b\":[ ],\"a\":1}"),
        "1 same"
    );
}

#[test]
fn what_is_large_is_bounded() {
    let long = format!("[{}]", vec!["1"; 400_000].join(","));
    let other = long.replace('1', "2");
    let found = values(long.as_bytes(), other.as_bytes()).expect("below the bound");
    assert!(found.cut && found.changes.len() == MOST_CHANGES);
    let larger = format!("\"{}\"", "x".repeat(MOST_BYTES));
    assert_eq!(values(b"1", larger.as_bytes()), None);
}

#[test]
fn pieces_go_and_come() {
    let found = pieces(&["a", "b", "c"], &["a", "x", "c", "d"]).expect("few");
    assert_eq!(
        found.changes,
        [Piece::Removed("b"), Piece::Added("x"), Piece::Added("d")]
    );
    assert_eq!(found.same, 2);
    assert_eq!(pieces(&vec![0; MOST_PIECES + 1], &[]), None);
}

/// Puts the changes into the old value.
fn apply(value: &mut Json, path: &[Hop], new: Option<Json>) {
    match path.split_first() {
        None => *value = new.unwrap_or(Json::Null),
        Some((Hop::Step(Step::Name(name)), rest)) => {
            let object = value.as_object_mut().expect("an object");
            match new {
                None if rest.is_empty() => drop(object.remove(name)),
                new => apply(object.entry(name.clone()).or_insert(Json::Null), rest, new),
            }
        }
        Some(_) => unreachable!("no arrays here"),
    }
}

fn without_arrays(value: Json) -> Json {
    match value {
        Json::Array(items) => items.into_iter().next().map_or(Json::Null, without_arrays),
        Json::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, without_arrays(value)))
            .collect(),
        other => other,
    }
}

proptest! {
    #[test]
    fn what_changed_makes_the_new_of_the_old(old in nearly_json(), new in nearly_json()) {
        if [&old, &new].into_iter().all(|text| shape(text.as_bytes()) != Shape::Other) {
            let parsed = |text: &str| -> Json { serde_json::from_str(text).expect("JSON") };
            let plain = |text: &str| without_arrays(parsed(text)).to_string();
            let (old, new) = (plain(&old), plain(&new));
            // Long fractions are not the same once they were written, so both are read again.
            let (mut made, wanted) = (parsed(&old), parsed(&new));
            let found = values(old.as_bytes(), new.as_bytes()).expect("small");
            for change in &found.changes {
                let value = change.new.map(|raw| serde_json::from_slice(raw).expect("JSON"));
                apply(&mut made, &change.path.0, value);
            }
            // The order of members does not count.
            prop_assert_eq!(made, wanted);
        }
    }

    #[test]
    fn nothing_differs_from_itself(text in nearly_json()) {
        if shape(text.as_bytes()) != Shape::Other {
            let found = values(text.as_bytes(), text.as_bytes()).expect("small");
            prop_assert_eq!((found.changes, found.same), (vec![], 1));
        }
    }
}
