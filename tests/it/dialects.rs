//! The shipped dialects: each is read without a fault and does what its transcripts say.

use std::{fs, path::Path};

use sockeye::{diagnostic::report, dialect, transcript};

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
