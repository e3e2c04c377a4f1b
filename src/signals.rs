//! The signals that ask a program to end.

use std::io;

/// Listens for SIGINT, SIGTERM and SIGHUP.
#[cfg(unix)]
pub struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
    hangup: tokio::signal::unix::Signal,
}

/// Begins to listen; from here on these signals do not end the program by themselves.
///
/// # Errors
/// When the system refuses.
#[cfg(unix)]
pub fn listen() -> io::Result<Signals> {
    use tokio::signal::unix::{SignalKind, signal};
    Ok(Signals {
        interrupt: signal(SignalKind::interrupt())?,
        terminate: signal(SignalKind::terminate())?,
        hangup: signal(SignalKind::hangup())?,
    })
}

/// Lets this process's writes past a limit on the size of files fail; by itself the signal that comes with them ends the program.
pub fn outlive_size_limit() {
    #[cfg(unix)]
    {
        // What is done about it is done where the write fails. Where the system refuses, nothing else changes.
        let heard = std::sync::Arc::default();
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, heard);
    }
}

#[cfg(unix)]
impl Signals {
    /// Waits for the next one and gives its number.
    pub async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.interrupt.recv() => 2,
            _ = self.terminate.recv() => 15,
            _ = self.hangup.recv() => 1,
        }
    }
}

/// Listens for Ctrl-C.
#[cfg(not(unix))]
pub struct Signals;

/// Begins to listen.
///
/// # Errors
/// Never here.
#[cfg(not(unix))]
pub fn listen() -> io::Result<Signals> {
    Ok(Signals)
}

#[cfg(not(unix))]
impl Signals {
    /// Waits for the next one and gives its number.
    pub async fn next(&mut self) -> u8 {
        match tokio::signal::ctrl_c().await {
            Ok(()) => 2,
            Err(_) => std::future::pending().await,
        }
    }
}
