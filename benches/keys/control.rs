//! The control: a program that shows how many keys were pressed, and does nothing else.

use crossterm::{
    event::{self, Event, KeyCode},
    execute,
    terminal::{EnterAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use portable_pty::CommandBuilder;
use ratatui::{Terminal, backend::CrosstermBackend};

use crate::common::{Result, terminal};

/// Makes this program the control.
pub(crate) const ARGUMENT: &str = "--control";

/// Runs until `q` is pressed.
pub(crate) fn run() -> Result<()> {
    enable_raw_mode()?;
    execute!(std::io::stdout(), EnterAlternateScreen)?;
    let mut terminal = Terminal::new(CrosstermBackend::new(std::io::stdout()))?;
    let mut count = 0_u64;
    loop {
        terminal.draw(|frame| frame.render_widget(shown(count), frame.area()))?;
        if let Event::Key(key) = event::read()? {
            if key.code == KeyCode::Char('q') {
                return Ok(disable_raw_mode()?);
            }
            count += 1;
        }
    }
}

fn shown(count: u64) -> String {
    format!("keys {count};")
}

/// It in a terminal.
pub(crate) struct Control {
    terminal: terminal::Terminal,
    count: u64,
}

impl Control {
    pub(crate) fn start() -> Result<Self> {
        let mut command = CommandBuilder::new(std::env::current_exe()?);
        command.arg(ARGUMENT);
        let mut terminal = terminal::Terminal::start(command)?;
        terminal.wait_for(&shown(0))?;
        Ok(Self { terminal, count: 0 })
    }

    /// Milliseconds from a key to its effect.
    pub(crate) fn key(&mut self) -> Result<f64> {
        self.count += 1;
        let pressed = self.terminal.press("x")?;
        let shown = self.terminal.wait_for(&shown(self.count))?;
        Ok(shown.since(pressed).as_secs_f64() * 1000.0)
    }

    pub(crate) fn quit(self) -> Result<()> {
        self.terminal.quit()
    }
}
