//! The shipped dialects: each is read without a fault and does what its transcripts say.

use std::{fmt::Write, fs, path::Path};

use sockeye::{diagnostic::report, dialect, transcript};

/// The table of what was proven is made of the files, and true. `UPDATE_DOCS=1 cargo test dialects::` writes it anew.
#[test]
fn the_table_of_services_is_true() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/services.md");
    let wanted = services();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &wanted).expect("docs/services.md is written");
    }
    let found = fs::read_to_string(&path).expect("docs/services.md");
    assert_eq!(
        found, wanted,
        "write it anew: UPDATE_DOCS=1 cargo test dialects::"
    );
}

fn services() -> String {
    let proven = fs::read_to_string(transcripts().join("proven.toml")).expect("proven.toml");
    let proven: toml::Table = proven.parse().expect("proven.toml is TOML");
    let mut text = String::from(HEAD);
    for name in dialect::NAMES {
        let dialect = dialect::shipped(name).expect("a shipped dialect");
        let file = format!("{name}.txt");
        let script =
            fs::read_to_string(transcripts().join(&file)).expect("each dialect has transcripts");
        let cases = transcript::check(&dialect, &file, &script).unwrap_or(0);
        let real = proven
            .get(*name)
            .and_then(|row| row.get("real")?.as_str())
            .unwrap_or("");
        let open = dialect.unconfirmed.join("; ").replace('|', "\\|");
        let title = &dialect.title;
        writeln!(text, "| `{name}` | {title} | {real} | {cases} | {open} |").expect("a String");
    }
    for name in proven.keys() {
        assert!(
            dialect::shipped(name).is_some(),
            "proven.toml: there is no dialect '{name}'"
        );
    }
    text
}

const HEAD: &str = "# Services

What is known to work with which service. This page is made of `assets/dialects/` and `tests/dialects/` by a test, which
fails when it is not true.

- *Real server*: a test starts it and proves that a good token brings events and a wrong one is refused as told.
- *Transcripts*: so many scripts of what a server says are played, and the client does what the facts demand.
- *Not confirmed*: points for which no source was found.

| dialect | service | real server | transcripts | not confirmed |
|---|---|---|---|---|
";

fn transcripts() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialects")
}

#[test]
fn every_file_is_read_without_a_fault() {
    for name in dialect::NAMES {
        let text = dialect::text(name).expect("a shipped file");
        let read = dialect::read(&format!("{name}.toml"), text);
        assert!(
            read.is_ok(),
            "\n{}",
            report(&read.err().unwrap_or_default())
        );
    }
}

#[test]
fn every_dialect_does_what_its_transcripts_say() {
    let mut told = Vec::new();
    for name in dialect::NAMES {
        let Ok(dialect) = dialect::read(
            &format!("{name}.toml"),
            dialect::text(name).expect("a shipped file"),
        ) else {
            continue;
        };
        let file = format!("{name}.txt");
        let text =
            fs::read_to_string(transcripts().join(&file)).expect("each dialect has transcripts");
        match transcript::check(&dialect.into(), &file, &text) {
            Ok(cases) => assert!(cases >= 2, "{file} has only {cases} cases"),
            Err(faults) => told.push(report(&faults)),
        }
    }
    assert!(told.is_empty(), "\n{}", told.join("\n"));
}
