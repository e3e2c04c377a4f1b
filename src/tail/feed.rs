//! What `tail` sends: texts of the command line after each login, which the session does by itself, and the lines of the
//! standard input, one at a time. A line is taken only while the stream is live, and the next one only when this one went
//! out; so none is lost in a gap, and whoever writes faster than the server reads is held.

use std::io::{self, BufRead, Read, Write};

use tokio::sync::mpsc;

use crate::{
    codec::Codec,
    error::{Exit, Failure},
    event::{Answer, Lifecycle},
    profile::{Profile, check},
    session::Command,
};

/// The longest line, in bytes.
const LIMIT: u64 = 16 << 20;

/// Checks what is to be sent to these streams.
///
/// # Errors
/// A text that must not stand on a command line or that cannot be sent; more than one stream for the standard input.
pub fn check_sends(texts: &[String], stdin: bool, profiles: &[&Profile]) -> Result<(), Failure> {
    if stdin && profiles.len() > 1 {
        let count = profiles.len();
        let text = format!("--stdin sends to one stream, and {count} are named");
        return Err(Failure::new(Exit::Usage, text).help("run one 'sockeye tail --stdin' for each"));
    }
    let codecs = profiles.iter().map(|profile| profile.speaks().codec);
    for (codec, text) in codecs.flat_map(|codec| texts.iter().map(move |text| (codec, text))) {
        check_send(text, codec)?;
    }
    Ok(())
}

fn check_send(text: &str, codec: Codec) -> Result<(), Failure> {
    check::message(text, codec).map_err(|fault| {
        Failure::new(Exit::Usage, format!("--send: {}", fault.message)).help(fault.help)
    })
}

/// The lines of the standard input on their way.
pub(super) struct Feed {
    lines: mpsc::Receiver<Result<String, String>>,
    session: mpsc::Sender<Command>,
    /// Whether the stream was live when it was last heard of.
    live: bool,
    /// The line under way, and whether the session has it.
    line: Option<String>,
    said: bool,
}

impl Feed {
    /// Begins to read the standard input, for this session.
    pub(super) fn start(session: mpsc::Sender<Command>) -> Self {
        let (sender, lines) = mpsc::channel(1);
        // Not waited for at the end: it may be in the middle of a read that never returns.
        std::thread::spawn(move || read(&mut io::stdin().lock(), &sender));
        Self {
            lines,
            session,
            live: false,
            line: None,
            said: false,
        }
    }

    /// Says the next line when its time has come. May be dropped at any time: no line is lost with it.
    pub(super) async fn step(feed: &mut Option<Self>) {
        match feed {
            Some(feed) if feed.live && !feed.said => feed.say_next().await,
            _ => std::future::pending().await,
        }
    }

    async fn say_next(&mut self) {
        if self.line.is_none() {
            match self.lines.recv().await {
                Some(Ok(line)) => self.line = Some(line),
                Some(Err(why)) => return complain(&why),
                None => std::future::pending().await,
            }
        }
        if let Some(line) = &self.line {
            // There is room: nothing else is on its way. A session that is gone ends everything anyway.
            let _ = self.session.try_send(Command::Say(line.clone()));
            self.said = true;
        }
    }

    /// Takes note of what happened to the stream.
    pub(super) fn follow(&mut self, lifecycle: &Lifecycle) {
        match lifecycle {
            Lifecycle::Status(status) => self.live = status.is_live(),
            // Said again when the stream is live the next time.
            Lifecycle::Answer(Answer::Unsent(_)) => (self.live, self.said) = (false, false),
            Lifecycle::Answer(Answer::Sent(_) | Answer::Refused(_)) if self.said => {
                (self.line, self.said) = (None, false);
            }
            _ => {}
        }
    }
}

/// Reads lines until there are no more or nobody takes them. Empty ones are left out.
fn read(input: &mut impl BufRead, lines: &mpsc::Sender<Result<String, String>>) {
    for number in 1_u64.. {
        let (line, last) = match next_line(input) {
            Ok(None) => return,
            Ok(Some(Ok(line))) if line.is_empty() => continue,
            Ok(Some(Ok(line))) => (Ok(line), false),
            Ok(Some(Err(why))) => (
                Err(format!("line {number} of the standard input {why}")),
                false,
            ),
            Err(error) => (
                Err(format!("the standard input cannot be read: {error}")),
                true,
            ),
        };
        if lines.blocking_send(line).is_err() || last {
            return;
        }
    }
}

/// The next line without its end, or why it is not sent; `None` at the end of the input.
fn next_line(input: &mut impl BufRead) -> io::Result<Option<Result<String, &'static str>>> {
    let mut line = Vec::new();
    if input.take(LIMIT).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.pop_if(|last| *last == b'\n').is_some() {
        line.pop_if(|last| *last == b'\r');
    } else if line.len() as u64 == LIMIT {
        input.skip_until(b'\n')?;
        return Ok(Some(Err("is longer than 16 MiB and is not sent")));
    }
    let text = String::from_utf8(line).map_err(|_| "is not UTF-8 and is not sent");
    Ok(Some(text))
}

fn complain(why: &str) {
    // Nobody is left to tell when the standard error is gone.
    let _ = writeln!(io::stderr(), "error: {why}");
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;
    use crate::event::Status;

    fn lines(mut input: &[u8]) -> Vec<Result<String, String>> {
        let (sender, mut lines) = mpsc::channel(100);
        read(&mut input, &sender);
        std::iter::from_fn(|| lines.try_recv().ok()).collect()
    }

    #[test]
    fn each_line_is_a_message() {
        let wrong = "line 4 of the standard input is not UTF-8 and is not sent";
        let read = lines(b"a\r\n\n[1]\n\xff\nlast");
        let wanted = [
            Ok("a".to_owned()),
            Ok("[1]".into()),
            Err(wrong.into()),
            Ok("last".into()),
        ];
        assert_eq!(read, wanted);
    }

    /// A feed, and what it says to the session.
    fn feed(waiting: &[&str]) -> (Feed, mpsc::Receiver<Command>) {
        let (session, said) = mpsc::channel(4);
        let (sender, lines) = mpsc::channel(10);
        for line in waiting {
            let line = Ok((*line).to_owned());
            sender.try_send(line).expect("room");
        }
        let feed = Feed {
            lines,
            session,
            live: false,
            line: None,
            said: false,
        };
        (feed, said)
    }

    /// Steps as often as it can without waiting; what was said meanwhile.
    fn steps(feed: &mut Option<Feed>, said: &mut mpsc::Receiver<Command>) -> Vec<Command> {
        while Feed::step(feed).now_or_never().is_some() {}
        std::iter::from_fn(|| said.try_recv().ok()).collect()
    }

    #[test]
    fn a_line_that_was_not_sent_is_said_again_at_the_next_live() {
        let (feed, mut said) = feed(&["one", "two"]);
        let mut feed = Some(feed);
        let say = |text: &str| vec![Command::Say(text.into())];
        let live = Lifecycle::Status(Status::Live);
        let unsent = Lifecycle::Answer(Answer::Unsent("not live".into()));
        let sent = Lifecycle::Answer(Answer::Sent(3));
        for (happens, wanted) in [
            (None, vec![]),
            (Some(&live), say("one")),
            (Some(&unsent), vec![]),
            (Some(&live), say("one")),
            (Some(&sent), say("two")),
            (Some(&sent), vec![]),
        ] {
            if let (Some(feed), Some(lifecycle)) = (&mut feed, happens) {
                feed.follow(lifecycle);
            }
            assert_eq!(steps(&mut feed, &mut said), wanted, "{happens:?}");
        }
    }

    #[test]
    fn a_line_without_end_is_left_out() {
        let mut input = vec![b'x'; (LIMIT + 10) as usize];
        input.extend_from_slice(b"\nnext\n");
        let read = lines(&input);
        assert!(matches!(&read[..], [Err(_), Ok(next)] if next == "next"));
    }
}
