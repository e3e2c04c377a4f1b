//! The terminal's modes: taken in one place, given back in one place, whatever ends the program.

use std::{
    fmt,
    io::{self, Write},
    sync::atomic::{AtomicBool, Ordering},
};

use crossterm::{
    Command, cursor,
    event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste},
    execute,
    terminal::{
        Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
        enable_raw_mode,
    },
};
use ratatui::{Terminal, backend::CrosstermBackend};

/// The terminal that is drawn on.
pub(super) type Screen = Terminal<CrosstermBackend<io::BufWriter<io::Stdout>>>;

/// Whether the terminal is in our modes now: the panic hook must know it from any thread.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Holds the terminal in the monitor's modes: raw, alternate screen, bracketed paste, and mouse events where they are
/// wanted. Dropping it gives them back.
pub(super) struct Guard(());

impl Guard {
    /// Takes the terminal, with the mouse if wanted.
    pub(super) fn take(mouse_too: bool) -> io::Result<Self> {
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let guard = Self(());
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            cursor::Hide
        )?;
        if mouse_too {
            mouse(true)?;
        }
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

/// An empty screen that knows nothing of what was drawn before, so that everything is drawn. (The library's own way to
/// clear asks the terminal where the cursor is, and not every terminal answers.)
pub(super) fn screen() -> io::Result<Screen> {
    execute!(io::stdout(), Clear(ClearType::All))?;
    Terminal::new(CrosstermBackend::new(io::BufWriter::with_capacity(
        64 << 10,
        io::stdout(),
    )))
}

/// Takes mouse events from the terminal, or leaves them to it.
pub(super) fn mouse(on: bool) -> io::Result<()> {
    if on {
        execute!(io::stdout(), Presses)
    } else {
        execute!(io::stdout(), DisableMouseCapture)
    }
}

/// Asks for presses, releases and the wheel. The library asks for every move of the mouse as well, and each would wake
/// the program.
struct Presses;

impl Command for Presses {
    fn write_ansi(&self, f: &mut impl fmt::Write) -> fmt::Result {
        // Presses and releases, in the form that knows columns past 223.
        f.write_str("\x1b[?1000h\x1b[?1006h")
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> io::Result<()> {
        crossterm::event::EnableMouseCapture.execute_winapi()
    }
}

fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        // The terminal may be gone; there is nobody to tell then.
        let _ = execute!(
            io::stdout(),
            DisableMouseCapture,
            DisableBracketedPaste,
            LeaveAlternateScreen,
            cursor::Show
        );
        let _ = disable_raw_mode();
        let _ = io::stdout().flush();
    }
}

/// Gives the terminal back before a panic of any thread is reported.
pub(super) fn restore_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        give_back();
        report(info);
    }));
}
