//! Commands of the user's own configuration that give a secret: run without a shell, with what they are asked on the
//! standard input, never among the arguments, for 30 seconds at most.

use std::{io, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    time::timeout,
};

use super::token::LARGEST;
use crate::{
    dialect::Filled,
    payload::escape::{escape, is_unsafe},
    secret::Secret,
    time::show_span,
};

/// For so long a command may run.
const LIMIT: Duration = Duration::from_secs(30);
/// So much of what it complains is told, in characters.
const COMPLAINT: usize = 200;

/// What a command wrote.
struct Written {
    out: Vec<u8>,
    complaint: Vec<u8>,
    success: bool,
    /// How it ended, in words.
    end: String,
}

/// Runs a command: the program and its arguments. What it writes is a line of text, or JSON, given without white space
/// around it.
///
/// # Errors
/// What is wrong and how to mend it, without secrets.
pub(crate) async fn run(command: &[String], give: &Filled) -> Result<Secret, String> {
    run_within(LIMIT, command, give).await
}

async fn run_within(limit: Duration, command: &[String], give: &Filled) -> Result<Secret, String> {
    let Some((program, arguments)) = command.split_first() else {
        return Err("the signer has no command".into());
    };
    let told = |what: String| format!("the signer {}: {what}", escape(program));
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| told(format!("it cannot be started: {error}")))?;
    let written = timeout(limit, talk(&mut child, &give.expose())).await;
    let written = match written {
        Err(_) => {
            return Err(told(format!(
                "it has not answered within {}",
                show_span(limit)
            )));
        }
        Ok(written) => written.map_err(|error| told(error.to_string()))?,
    };
    if written.out.len() > LARGEST {
        return Err(told("it writes more than 64 KiB".into()));
    }
    if !written.success {
        return Err(told(format!(
            "{}{}",
            written.end,
            complaint(&written, give)
        )));
    }
    checked(written.out).map_err(|fault| told(fault.to_owned()))
}

/// Gives it what it is asked and takes what it writes.
async fn talk(child: &mut Child, give: &Secret) -> io::Result<Written> {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let asking = async {
        if let Some(mut stdin) = stdin {
            // A command that does not read is told from its answer.
            let _ = stdin.write_all(give.expose().as_bytes()).await;
            let _ = stdin.write_all(b"\n").await;
        }
    };
    let ((), out, complaint) = tokio::join!(asking, bounded(stdout), bounded(stderr));
    // Whoever still writes more than is read is not waited for.
    let (out, complaint) = (out?, complaint?);
    let status = child.wait().await?;
    Ok(Written {
        out,
        complaint,
        success: status.success(),
        end: format!("it ended with {status}"),
    })
}

/// All that it writes, up to one byte more than it may.
async fn bounded(pipe: Option<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        pipe.take(LARGEST as u64 + 1)
            .read_to_end(&mut bytes)
            .await?;
    }
    Ok(bytes)
}

/// The first line of what it complained, without what it was given in secret.
fn complaint(written: &Written, give: &Filled) -> String {
    let text = String::from_utf8_lossy(&written.complaint);
    let mut line = text.trim().lines().next().unwrap_or_default().to_owned();
    for secret in give.secrets() {
        if !secret.expose().is_empty() {
            line = line.replace(secret.expose(), "***");
        }
    }
    let shown: String = line.chars().take(COMPLAINT).collect();
    if shown.is_empty() {
        shown
    } else {
        format!(": {}", escape(&shown))
    }
}

/// Its answer: JSON, or a line of text.
fn checked(bytes: Vec<u8>) -> Result<Secret, &'static str> {
    let text = String::from_utf8(bytes).map_err(|_| "what it writes is not UTF-8")?;
    let text = Secret::new(text);
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
        let answer = run(&command, &give.fill(&vars)).await;
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
        let missing = run(&["/nowhere/signer".to_owned()], &Filled::plain("{}")).await;
        let missing = missing.expect_err("no such program");
        assert!(
            missing.starts_with("the signer /nowhere/signer: it cannot be started: "),
            "{missing}"
        );
    }

    #[tokio::test]
    async fn it_is_not_waited_for_longer_than_its_limit() {
        let command = ["sleep", "1000"].map(str::to_owned);
        let told = run_within(Duration::from_secs(1), &command, &Filled::plain("{}")).await;
        assert_eq!(
            told.map(|_| ()),
            Err("the signer sleep: it has not answered within 1.0 s".into())
        );
    }
}
