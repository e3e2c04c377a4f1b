//! The clipboard, reached by the terminal (OSC 52) and by a program of the system.
//!
//! The terminal does not answer whether it took the text. A program gets the text on its standard input, a short time,
//! and of the environment only what it needs: some stay to serve the clipboard.

use std::{env, io, process::Stdio, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::zeroize::Zeroizing;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
    time::timeout,
};

/// More bytes of text than these are not given to a terminal: the longest sequence that many take is 100 000 bytes.
const MOST: usize = 74_994;
/// For so long a program may run until it has taken the text.
const LIMIT: Duration = Duration::from_secs(2);
/// Bytes of a sequence that GNU screen passes on at once, with the four around them 256.
const SCREEN: usize = 252;
/// What a program gets of the environment.
const VARIABLES: [&str; 9] = [
    "PATH",
    "HOME",
    "DISPLAY",
    "XAUTHORITY",
    "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR",
    "WSL_INTEROP",
    "SystemRoot",
    "TMPDIR",
];

/// What stands between the program and the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Between {
    Nothing,
    Tmux,
    Screen,
}

impl Between {
    /// What the environment tells.
    pub(super) fn find() -> Self {
        match (is_set("TMUX"), is_set("STY")) {
            (true, _) => Self::Tmux,
            (false, true) => Self::Screen,
            (false, false) => Self::Nothing,
        }
    }
}

/// What asks the terminal to copy a text; `None`: it is too long for that.
pub(super) fn sequence(text: &str, between: Between) -> Option<Zeroizing<String>> {
    if text.len() > MOST {
        return None;
    }
    let encoded = Zeroizing::new(BASE64_STANDARD.encode(text));
    let plain = joined(&["\x1b]52;c;", &encoded, "\x07"]);
    Some(match between {
        Between::Nothing => plain,
        // By its settings tmux takes the one, passes on the other, or neither.
        Between::Tmux => joined(&[&plain, "\x1bPtmux;\x1b", &plain, "\x1b\\"]),
        Between::Screen => through_screen(&plain),
    })
}

/// Texts one after the other, in memory that is cleared.
fn joined(parts: &[&str]) -> Zeroizing<String> {
    Zeroizing::new(parts.concat())
}

fn through_screen(plain: &str) -> Zeroizing<String> {
    let mut parts = Vec::new();
    let mut rest = plain;
    while !rest.is_empty() {
        // It is ASCII.
        let (piece, behind) = rest.split_at(rest.len().min(SCREEN));
        parts.extend(["\x1bP", piece, "\x1b\\"]);
        rest = behind;
    }
    joined(&parts)
}

/// What a program did with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Done {
    /// There is none.
    Absent,
    /// It took the text.
    By(&'static str),
    /// It did not, in words.
    Failed(String),
}

/// Gives a text to the first program that is there.
pub(super) async fn give(text: &str) -> Done {
    for argv in programs() {
        match timeout(LIMIT, run(argv, text)).await {
            Ok(Ok(())) => return Done::By(argv[0]),
            Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {}
            Ok(Err(error)) => return Done::Failed(format!("{} failed: {error}", argv[0])),
            Err(_) => return Done::Failed(format!("{} took more than 2 s", argv[0])),
        }
    }
    Done::Absent
}

/// The programs that fit the environment.
fn programs() -> Vec<&'static [&'static str]> {
    let windows = cfg!(windows) || is_set("WSL_INTEROP");
    let known: [(bool, &[&str]); 5] = [
        (
            is_set("WAYLAND_DISPLAY"),
            &["wl-copy", "--type", "text/plain"],
        ),
        (is_set("DISPLAY"), &["xclip", "-selection", "clipboard"]),
        (is_set("DISPLAY"), &["xsel", "-ib"]),
        (cfg!(target_os = "macos"), &["pbcopy"]),
        (windows, &["clip.exe"]),
    ];
    let fit = known.into_iter().filter(|(fits, _)| *fits);
    fit.map(|(_, argv)| argv).collect()
}

async fn run(argv: &[&str], text: &str) -> io::Result<()> {
    let mut child = start(argv)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(&encoded(argv[0], text)).await?;
    }
    let status = child.wait().await?;
    if status.success() {
        return Ok(());
    }
    Err(io::Error::other(status.to_string()))
}

fn start(argv: &[&str]) -> io::Result<Child> {
    let kept = VARIABLES
        .iter()
        .filter_map(|name| Some((name, env::var_os(name)?)));
    Command::new(argv[0])
        .args(&argv[1..])
        .env_clear()
        .envs(kept)
        // Without it pbcopy takes the text for Mac Roman.
        .env("LC_CTYPE", "UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
}

/// The text as the program reads it: Windows takes what is not ASCII as UTF-16.
fn encoded(program: &str, text: &str) -> Zeroizing<Vec<u8>> {
    if program == "clip.exe" && !text.is_ascii() {
        let mut bytes = Vec::with_capacity(2 * text.len());
        bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        return Zeroizing::new(bytes);
    }
    Zeroizing::new(text.into())
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// How a text was copied, behind what was copied; else why it was not and what helps. `asked`: the terminal was asked;
/// `too_long`: it was not, as the text is too long.
pub(super) fn outcome(asked: bool, too_long: bool, done: &Done) -> Result<String, String> {
    let by_terminal = if asked { " through the terminal" } else { "" };
    match done {
        Done::By(name) if asked => Ok(format!("{by_terminal} and {name}")),
        Done::By(name) if too_long => Ok(format!(" through {name}; too long for the terminal")),
        Done::By(name) => Ok(format!(" through {name}")),
        Done::Failed(why) if asked => Ok(format!("{by_terminal}; {why}")),
        Done::Failed(why) => Err(format!("nothing was copied: {why}")),
        Done::Absent if asked => Ok(by_terminal.into()),
        Done::Absent if too_long => {
            Err("nothing was copied: too long for the terminal (74 994 bytes); export it".into())
        }
        Done::Absent => Err("nothing was copied: install wl-copy, xclip or xsel".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_reach_the_terminal_through_what_is_between() {
        let wrapped = |text: &str, between| sequence(text, between).expect("a sequence");
        assert_eq!(*wrapped("hi", Between::Nothing), "\x1b]52;c;aGk=\x07");
        assert_eq!(
            *wrapped("hi", Between::Tmux),
            "\x1b]52;c;aGk=\x07\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\"
        );
        assert_eq!(
            *wrapped("hi", Between::Screen),
            "\x1bP\x1b]52;c;aGk=\x07\x1b\\"
        );
        let long = "x".repeat(MOST);
        let pieces = wrapped(&long, Between::Screen);
        assert!(pieces.split("\x1b\\").all(|piece| piece.len() <= 254));
        let joined = pieces.replace("\x1b\\\x1bP", "");
        let plain = wrapped(&long, Between::Nothing);
        assert_eq!(joined, ["\x1bP", &*plain, "\x1b\\"].concat());
        assert_eq!(plain.len(), 100_000);
        assert_eq!(sequence(&(long + "x"), Between::Nothing), None);
    }

    #[test]
    fn what_was_done_is_told() {
        let told = |asked, too_long, done: Done| match outcome(asked, too_long, &done) {
            Ok(how) => format!("copied{how}"),
            Err(why) => why,
        };
        let failed = || Done::Failed("xclip failed: exit status: 1".into());
        assert_eq!(
            told(true, false, Done::Absent),
            "copied through the terminal"
        );
        assert_eq!(
            told(true, false, Done::By("xclip")),
            "copied through the terminal and xclip"
        );
        assert_eq!(
            told(true, false, failed()),
            "copied through the terminal; xclip failed: exit status: 1"
        );
        assert_eq!(
            told(false, true, Done::By("xsel")),
            "copied through xsel; too long for the terminal"
        );
        for (too_long, done, why) in [
            (true, Done::Absent, "too long for the terminal"),
            (false, Done::Absent, "install wl-copy"),
            (true, failed(), "xclip failed"),
        ] {
            let told = told(false, too_long, done);
            assert!(
                told.starts_with("nothing was copied: ") && told.contains(why),
                "{told}"
            );
        }
    }

    #[test]
    fn windows_reads_utf_16() {
        assert_eq!(*encoded("clip.exe", "é"), [0xe9, 0]);
        assert_eq!(*encoded("clip.exe", "e"), b"e");
        assert_eq!(*encoded("xclip", "é"), "é".as_bytes());
    }
}
