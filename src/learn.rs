//! `sockeye dialect` and `sockeye explain`: what is known, as text.

use std::{fmt::Write, path::Path, sync::Arc};

use crate::{
    audit::Record,
    close_code::CloseCode,
    config,
    credential::Trail,
    diagnostic::{Diagnostic, report},
    dialect::{Dialect, Library, Row, text},
    error::{Exit, Failure},
    payload::escape::escape,
    rulebook::{self, Rule},
    target, transcript,
};

/// The dialects, one a line.
pub fn list(library: &Library) -> String {
    let all = library.names();
    let width = all.iter().map(|name| name.len()).max().unwrap_or(0);
    let line = |name: &str| {
        let title = library
            .find(name)
            .map(|dialect| dialect.title.clone())
            .unwrap_or_default();
        let own = if library.is_own(name) {
            " (your own)"
        } else {
            ""
        };
        format!("{name:width$}  {title}{own}\n")
    };
    all.into_iter().map(line).collect()
}

/// Which records of the audit are wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'w> {
    /// Only those of this profile.
    pub profile: Option<&'w str>,
    /// The last so many.
    pub last: usize,
    /// As they are kept.
    pub json: bool,
}

/// What became of the authentications, one a line, the newest last. Times are those of this machine's zone.
///
/// # Errors
/// Why the audit is refused.
pub fn audit(trail: &Trail, wanted: &Wanted<'_>) -> Result<String, Failure> {
    let records = trail.read().map_err(|fault| told(&[fault]))?;
    let of_profile = |record: &&Record| wanted.profile.is_none_or(|name| record.profile == name);
    let records: Vec<_> = records.iter().filter(of_profile).collect();
    let last = records.len().saturating_sub(wanted.last);
    let lines = records[last..].iter().map(|record| {
        if wanted.json {
            record.line()
        } else {
            audit_line(record)
        }
    });
    Ok(lines.map(|line| line + "\n").collect())
}

/// `2026-11-25 04:12:03  refused         orders  token 83fa57862571 by header, from file /run/token · closed 4001 …`
fn audit_line(record: &Record) -> String {
    let zone = jiff::tz::TimeZone::system();
    let at = record.time.parse::<jiff::Timestamp>();
    let time = at.map_or_else(
        |_| record.time.clone(),
        |at| {
            let at = zone.to_datetime(at);
            let clock = format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
            format!("{} {clock}", at.date())
        },
    );
    let words = record
        .words
        .as_ref()
        .map_or_else(String::new, |words| format!(" · {words}"));
    let line = format!(
        "{time}  {:<14}  {}  {}{words}",
        record.outcome.word(),
        record.profile,
        record.token_in_words()
    );
    escape(&line).into_owned()
}

/// The file of a dialect.
///
/// # Errors
/// When there is none of this name.
pub fn show(name: &str, library: &Library, directory: &Path) -> Result<String, Failure> {
    target::named(name, library)?;
    let own = || config::text_file(&directory.join("dialects").join(format!("{name}.toml")));
    match text(name).filter(|_| !library.is_own(name)) {
        Some(text) => Ok(text.to_owned()),
        None => own().map_err(|faults| told(&faults)),
    }
}

/// Checks a dialect file and plays its transcripts.
///
/// # Errors
/// Every fault of the file, or what the transcripts say and it does not do.
pub fn check(file: &Path, transcripts: Option<&Path>) -> Result<String, Failure> {
    let dialect = Arc::new(config::dialect_file(file).map_err(|faults| told(&faults))?);
    let beside = file.with_extension("txt");
    let path = transcripts.or_else(|| beside.exists().then_some(beside.as_path()));
    let Some(path) = path else {
        return Ok(format!(
            "{}: no faults; no transcripts were played\n",
            file.display()
        ));
    };
    let text = config::text_file(path).map_err(|faults| told(&faults))?;
    let name = path.display().to_string();
    let cases = transcript::check(&dialect, &name, &text).map_err(|faults| told(&faults))?;
    Ok(format!(
        "{}: no faults; {cases} transcripts came true\n",
        file.display()
    ))
}

fn told(faults: &[Diagnostic]) -> Failure {
    Failure::new(Exit::Configuration, report(faults).trim_end())
}

/// What a close code or an HTTP status means and what is done about it.
///
/// # Errors
/// When there is no dialect of this name.
pub fn explain(code: u16, dialect: Option<&str>, library: &Library) -> Result<String, Failure> {
    let dialect = dialect
        .map(|name| target::named(name, library))
        .transpose()?;
    let mut text = String::new();
    if code < 1000 {
        let _ = writeln!(text, "HTTP {code} in answer to the upgrade");
        rules(
            &mut text,
            rulebook::http(code),
            dialect.as_deref().map(|dialect| (dialect, &dialect.http)),
            code,
        );
    } else {
        let row = rulebook::close(CloseCode(code));
        // What a service means by a code may be the opposite of what others mean.
        let kind = dialect.as_ref().map_or("", |_| " in general:");
        let _ = writeln!(text, "{code}{kind} {}", row.name);
        line(&mut text, "meaning", &row.meaning);
        line(&mut text, "may send", &row.sender);
        line(&mut text, "source", &row.source);
        rules(
            &mut text,
            &row.rule,
            dialect.as_deref().map(|dialect| (dialect, &dialect.close)),
            code,
        );
    }
    Ok(text)
}

fn rules(text: &mut String, default: &Rule, dialect: Option<(&Dialect, &Vec<Row>)>, code: u16) {
    let Some((dialect, table)) = dialect else {
        return rule(text, default);
    };
    let mut rows: Vec<_> = table
        .iter()
        .filter(|row| (row.numbers.0..=row.numbers.1).contains(&code))
        .collect();
    // The first row that fits counts, so none behind one without a condition.
    let last = rows.iter().position(|row| row.conditions().is_empty());
    rows.truncate(last.map_or(rows.len(), |last| last + 1));
    if rows.is_empty() {
        let _ = writeln!(text, "\n{} says nothing of its own about it:", dialect.name);
        return rule(text, default);
    }
    for row in rows {
        let name = row.name.as_deref().unwrap_or("no name of its own");
        let only = row.conditions().join(" and ");
        let only = if only.is_empty() {
            only
        } else {
            format!(", where {only}")
        };
        let _ = writeln!(text, "\n{code} in {}: {name}{only}", dialect.name);
        rule(text, &row.rule);
    }
}

fn rule(text: &mut String, rule: &Rule) {
    line(text, "verdict", &rule.verdict.to_string());
    if rule.refuses_token {
        line(text, "token", "refused; it is never offered again");
    }
    if rule.forbidden {
        line(text, "user", "known but not allowed");
    }
    line(text, "advice", &rule.advice);
}

fn line(text: &mut String, name: &str, value: &str) {
    let _ = writeln!(text, "  {name:<9} {value}");
}
