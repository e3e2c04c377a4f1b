//! How alerts are announced: the terminal's bell, its notices on the desktop, and commands of the user's own.
//!
//! A command gets the payload on its standard input and nothing of our secrets. It runs beside everything else for a
//! bounded time; that it failed is told once.

use std::{collections::HashSet, env, time::Duration};

use tokio::{task::JoinSet, time::timeout};

use crate::{alert::Announcement, credential::Sources};

/// Commands that run at once, at most.
const MOST: usize = 8;

/// What rings and shows a notice in a terminal, as the alert wants it; empty when it wants neither.
pub fn sequence(announced: &Announcement) -> String {
    let mut sequence = String::new();
    if announced.alert.bell {
        sequence.push('\x07');
    }
    if announced.alert.notify {
        let plain = notice(&announced.words(), takes_777());
        sequence.push_str(&through(plain, is_set("TMUX")));
    }
    sequence
}

/// Terminals of the VTE, foot and rxvt know OSC 777, the others that show notices OSC 9.
fn takes_777() -> bool {
    let term = env::var("TERM").unwrap_or_default();
    is_set("VTE_VERSION") || term.starts_with("foot") || term.starts_with("rxvt")
}

fn notice(words: &str, takes_777: bool) -> String {
    if takes_777 {
        format!("\x1b]777;notify;Sockeye;{}\x1b\\", words.replace(';', ","))
    } else {
        format!("\x1b]9;Sockeye {words}\x1b\\")
    }
}

/// tmux passes on what is wrapped so.
fn through(plain: String, tmux: bool) -> String {
    if tmux {
        format!("\x1bPtmux;{}\x1b\\", plain.replace('\x1b', "\x1b\x1b"))
    } else {
        plain
    }
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// The commands of alerts that run.
pub struct Commands {
    sources: Sources,
    running: JoinSet<Result<(), String>>,
    told: HashSet<String>,
}

impl Commands {
    /// None so far; `sources` know what is secret in the environment.
    pub fn new(sources: Sources) -> Self {
        Self {
            sources,
            running: JoinSet::new(),
            told: HashSet::new(),
        }
    }

    /// Runs the command of an alert, if it has one.
    pub fn start(&mut self, announced: &Announcement) {
        let Some(argv) = announced.command() else {
            return;
        };
        if self.running.len() >= MOST {
            self.running
                .spawn(async { Err(format!("{MOST} of them have not ended yet")) });
            return;
        }
        let (sources, payload) = (self.sources.clone(), announced.payload.clone());
        self.running.spawn(async move {
            let done = sources.tell_command(&argv, &payload).await;
            done.map_err(|why| format!("'{}': {why}", argv[0]))
        });
    }

    /// Waits for a failure that was not told yet; for ever while there is none.
    pub async fn fault(&mut self) -> String {
        loop {
            match self.running.join_next().await {
                Some(Ok(Err(why))) if self.told.insert(why.clone()) => {
                    return format!("the command of an alert failed: {why}");
                }
                Some(_) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Waits for those that run, for so long at most. Gives the failures that were not told yet.
    pub async fn finish(&mut self, limit: Duration) -> Vec<String> {
        let mut faults = Vec::new();
        let all = async {
            while let Some(done) = self.running.join_next().await {
                faults.extend(done.ok().and_then(Result::err));
            }
        };
        // Those that take longer are ended.
        let _ = timeout(limit, all).await;
        faults.retain(|why| self.told.insert(why.clone()));
        faults
            .iter()
            .map(|why| format!("the command of an alert failed: {why}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_written_as_terminals_take_them() {
        let words = "alert: a;b in orders";
        let plain = notice(words, false);
        assert_eq!(plain, "\x1b]9;Sockeye alert: a;b in orders\x1b\\");
        assert_eq!(
            notice(words, true),
            "\x1b]777;notify;Sockeye;alert: a,b in orders\x1b\\"
        );
        assert_eq!(
            through(plain, true),
            "\x1bPtmux;\x1b\x1b]9;Sockeye alert: a;b in orders\x1b\x1b\\\x1b\\"
        );
    }
}
