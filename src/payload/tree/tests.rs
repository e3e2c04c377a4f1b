//! Trees of texts, as indented lines.

use proptest::prelude::*;

use super::{super::json::nearly_json, *};
use crate::payload::json::{Shape, shape};

fn tree(text: &str, folds: &Folds) -> Tree {
    Tree::new(&text.as_bytes().into(), folds, true)
}

fn shown(tree: &Tree) -> String {
    let rows = tree.nodes().iter().enumerate().map(|(row, node)| {
        let name = match (&node.name, tree.key(row)) {
            (_, Some(key)) => String::from_utf8_lossy(key).into_owned(),
            (Name::Item(number), _) => number.to_string(),
            _ => String::new(),
        };
        let value = match node.open {
            Some(true) => "+".into(),
            Some(false) => format!("- {:?}", node.parts),
            None => String::from_utf8_lossy(tree.raw(row)).into_owned(),
        };
        format!("{}{name} {value}\n", "  ".repeat(node.depth))
    });
    rows.collect()
}

fn hops(names: &[&str]) -> Vec<Hop> {
    let hop = |name: &&str| match (*name, name.parse()) {
        ("|", _) => Hop::Json,
        (_, Ok(number)) => Hop::Step(Step::Item(number)),
        (name, Err(_)) => Hop::Step(Step::Name(name.into())),
    };
    names.iter().map(hop).collect()
}

const ORDER: &str = r#" {"id":12393906104898154338,"lines":[{"sku":"a","n":1.10},{}],"body":"{\"x\":[true]}","e":[]} "#;

#[test]
fn open_parts_have_rows_and_folded_ones_a_count() {
    let mut folds = Folds::default();
    let open = "id 12393906104898154338\nlines +\n  0 +\n    sku \"a\"\n    n 1.10\n  1 {}\nbody - None\ne []\n";
    assert_eq!(shown(&tree(ORDER, &folds)), open);
    folds.set(hops(&["lines"]), false);
    folds.set(hops(&["body"]), true);
    let folded = "id 12393906104898154338\nlines - Some(2)\nbody +\n  x +\n    0 true\ne []\n";
    assert_eq!(shown(&tree(ORDER, &folds)), folded);
    folds.set_all(false);
    assert_eq!(tree(ORDER, &folds).nodes().len(), 4);
    assert_eq!(shown(&tree(" 7 ", &folds)), " 7\n");
    assert_eq!(shown(&tree("[ ]", &folds)), " [ ]\n");
}

#[test]
fn a_row_is_found_by_its_path_or_by_what_leads_there() {
    let mut folds = Folds::default();
    folds.set(hops(&["body"]), true);
    let tree = tree(ORDER, &folds);
    for row in 0..tree.nodes().len() {
        assert_eq!(tree.find(&tree.path(row)), row, "{}", tree.path(row));
    }
    let path = |names: &[&str]| Path(hops(names));
    assert_eq!(
        tree.path(tree.find(&path(&["lines", "0", "x", "y"]))),
        path(&["lines", "0"])
    );
    assert_eq!(
        tree.path(tree.find(&path(&["body", "|", "x", "0"])))
            .to_string(),
        ".body | fromjson | .x[0]"
    );
    assert_eq!(tree.find(&path(&["none"])), 0);
}

#[test]
fn what_is_long_is_folded_at_first() {
    let items = vec!["[1]"; 33].join(",");
    let text = format!(r#"{{"few":[{}],"many":[{items}],"last":1}}"#, &items[..127]);
    let tree = tree(&text, &Folds::default());
    let open: Vec<_> = tree
        .nodes()
        .iter()
        .filter(|node| node.depth == 0)
        .map(|node| node.open)
        .collect();
    assert_eq!(open, [Some(true), Some(false), None]);
}

#[test]
fn rows_are_bounded() {
    let text = format!("[{}]", vec!["[[]]"; 4 << 20].join(","));
    let tree = tree(&text, &Folds::default());
    assert!(tree.is_cut() && tree.nodes().len() == MOST_ROWS);
    let mut folds = Folds::default();
    folds.set_all(true);
    let deep = format!("{}{}", "[".repeat(127), "]".repeat(127));
    assert_eq!(
        Tree::new(&deep.as_bytes().into(), &folds, true)
            .nodes()
            .len(),
        126
    );
}

#[test]
fn secrets_within_strings_that_are_json_are_masked() {
    let mut folds = Folds::default();
    folds.set_all(true);
    let text = r#"{"b":"{\"password\":\"hunter2\"}"}"#;
    assert!(shown(&tree(text, &folds)).contains("*******"));
    assert!(shown(&Tree::new(&text.as_bytes().into(), &folds, false)).contains("hunter2"));
}

proptest! {
    #[test]
    fn every_value_has_its_row(text in nearly_json()) {
        if shape(text.as_bytes()) != Shape::Other {
            let mut folds = Folds::default();
            folds.set_all(true);
            let tree = tree(&text, &folds);
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            for row in 0..tree.nodes().len() {
                let path = tree.path(row);
                let Some(steps) = path.steps() else { continue };
                let raw: serde_json::Value = serde_json::from_slice(tree.raw(row)).expect("a value");
                let found = steps.iter().try_fold(&value, |value, step| match step {
                    Step::Name(name) => value.get(name),
                    Step::Item(number) => value.get(number),
                });
                // Of members with the same name the last one counts.
                let again = tree.find(&path) != row || path.0.iter().enumerate().any(|(at, _)| {
                    let end = Path(path.0[..=at].to_vec());
                    (0..tree.nodes().len()).filter(|row| tree.path(*row) == end).count() > 1
                });
                prop_assert!(again || found == Some(&raw), "{path} in {text}");
            }
        }
    }
}
