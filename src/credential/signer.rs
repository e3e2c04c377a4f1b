//! The profile's signer: a command that is given what a dialect wants signed, and answers with a line or JSON.

use super::child::{self, Around, Fault, LIMIT};
use crate::{
    dialect::Filled,
    payload::escape::{escape, is_unsafe},
    redact::Redactor,
    secret::Secret,
};

/// So much of what it complains is told, in characters.
const COMPLAINT: usize = 200;

/// Runs a command: the program and its arguments. What it writes is a line of text, or JSON, given without white space
/// around it.
///
/// # Errors
/// What is wrong and how to mend it, without secrets.
pub(super) async fn run(
    command: &[String],
    give: &Filled,
    hidden: &[String],
) -> Result<Secret, String> {
    let limit = LIMIT;
    run_within(Around { limit, hidden }, command, give).await
}

async fn run_within(
    around: Around<'_>,
    command: &[String],
    give: &Filled,
) -> Result<Secret, String> {
    let program = command.first().map_or("", String::as_str);
    let told = |what: String| format!("the signer {}: {what}", escape(program));
    let written = child::run(around, command, Some(&give.expose())).await;
    let out = written.map_err(|fault| match fault {
        Fault::Said(text) => told(text),
        Fault::Failed(status, said) => {
            told(format!("it ended with {status}{}", complaint(&said, give)))
        }
    })?;
    checked(out).map_err(|fault| told(fault.to_owned()))
}

/// The first line of what it complained, without what it was given in secret.
fn complaint(said: &str, give: &Filled) -> String {
    let line = said.trim().lines().next().unwrap_or_default();
    let line = Redactor::new(give.secrets()).text(line.to_owned());
    let shown: String = line.chars().take(COMPLAINT).collect();
    if shown.is_empty() {
        shown
    } else {
        format!(": {}", escape(&shown))
    }
}

/// Its answer: JSON, or a line of text.
fn checked(bytes: Vec<u8>) -> Result<Secret, &'static str> {
    let text = Secret::from_utf8(bytes).ok_or("what it writes is not UTF-8")?;
    let answer = text.expose().trim();
    if answer.is_empty() {
        return Err("it writes nothing");
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(answer).is_ok() {
        // Within its texts JSON escapes control characters; between its values white space may stand.
        let unsafe_one = |c: char| is_unsafe(c) && !matches!(c, '\n' | '\r' | '\t');
        return if answer.chars().any(unsafe_one) {
            Err("what it writes holds a control or invisible character")
        } else {
            Ok(Secret::new(answer.to_owned()))
        };
    }
    if answer.contains(['\n', '\r']) {
        return Err("it writes more than one line, and no JSON");
    }
    if answer.chars().any(is_unsafe) {
        return Err("what it writes holds a control or invisible character");
    }
    Ok(Secret::new(answer.to_owned()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::dialect::{Bound, Template, Vars};

    /// What a shell script answers to a question with a secret in it.
    async fn answer(script: &str) -> Result<String, String> {
        let mut vars = Vars::default();
        vars.set("nonce", Bound::Secret(Secret::new("hush-hush".into())));
        let give = Template::parse(r#"{"nonce":"{nonce}"}"#).expect("a template");
        let command = ["sh", "-c", script, "signer", "$(id)"].map(str::to_owned);
        let answer = run(&command, &give.fill(&vars), &[]).await;
        answer.map(|secret| secret.expose().to_owned())
    }

    #[tokio::test]
    async fn the_question_is_on_the_input_and_the_answer_is_a_line_or_json() {
        let read = answer("cat").await;
        assert_eq!(read, Ok(r#"{"nonce":"hush-hush"}"#.into()));
        // No shell has touched the arguments.
        assert_eq!(answer(r#"echo "$#$1""#).await, Ok("1$(id)".into()));
        let pretty = answer(r#"printf '{\n\t"sig": "a\\nb"\n}\n'"#).await;
        assert_eq!(pretty, Ok("{\n\t\"sig\": \"a\\nb\"\n}".into()));
    }

    #[tokio::test]
    async fn what_is_no_answer_is_told_without_the_secret() {
        let told = [
            ("exit 0", "the signer sh: it writes nothing"),
            (
                r"printf 'a\033[31m'",
                "the signer sh: what it writes holds a control or invisible character",
            ),
            (
                r"printf 'a\nb'",
                "the signer sh: it writes more than one line, and no JSON",
            ),
            (
                r"printf '\377'",
                "the signer sh: what it writes is not UTF-8",
            ),
            (
                "head -c 70000 /dev/zero",
                "the signer sh: it writes more than 64 KiB",
            ),
            (
                "cat >&2; exit 3",
                r#"the signer sh: it ended with exit status: 3: {"nonce":"***"}"#,
            ),
        ];
        for (script, wanted) in told {
            assert_eq!(answer(script).await, Err(wanted.into()), "{script}");
        }
        let missing = run(&["/nowhere/signer".to_owned()], &Filled::plain("{}"), &[]).await;
        let missing = missing.expect_err("no such program");
        assert!(
            missing.starts_with("the signer /nowhere/signer: it cannot be started: "),
            "{missing}"
        );
    }

    #[tokio::test]
    async fn it_is_not_waited_for_longer_than_its_limit() {
        let command = ["sleep", "1000"].map(str::to_owned);
        let around = Around {
            limit: std::time::Duration::from_secs(1),
            hidden: &[],
        };
        let told = run_within(around, &command, &Filled::plain("{}")).await;
        assert_eq!(
            told.map(|_| ()),
            Err("the signer sleep: it has not answered within 1.0 s".into())
        );
    }
}
