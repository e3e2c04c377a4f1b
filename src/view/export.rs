//! The dialog of an export over the panes: format, events, file; below them what holds, how far it is, or what is wrong.

use std::path::Path;

use ratatui::layout::Rect;

use super::{canvas::Canvas, footer::split, palette::choose, popup, text};
use crate::{
    app::{App, Export, ExportRow, ExportState, PageLine, Panes, Role, Scope, grouped, wrap_words},
    export::Format,
};

/// Columns of the dialog.
const WIDTH: u16 = 70;
/// Columns of the names.
const NAME: usize = 10;
/// Columns of what is chosen.
const CHOICE: usize = 10;
/// Lines for what is said below.
const SAID: u16 = 4;

/// Draws the dialog.
pub(super) fn draw(app: &App, export: &Export, canvas: &mut Canvas<'_>, area: Rect) {
    let (frame, body) = Panes::popup(area, (WIDTH, 5 + SAID));
    popup(canvas, frame, "export");
    let rows = [
        (ExportRow::Format, format(export)),
        (ExportRow::Scope, scope(app, export)),
        (ExportRow::Path, path(export, body.width.into())),
    ];
    for (at, (row, line)) in rows.into_iter().enumerate() {
        canvas.line(body, at, &line);
        match row {
            row if row != export.row => {}
            // There it is the cursor that has the look.
            ExportRow::Path => {
                canvas.piece(body, (at, 0), Role::Accent, canvas.glyphs.cursor);
            }
            _ => choose(canvas, body, at),
        }
    }
    if !Path::new(export.path.value()).is_absolute() && !export.path.value().starts_with("~/") {
        let room = usize::from(body.width).saturating_sub(NAME + 5);
        let directory = text::tame(&app.setup.directory).into_owned();
        let directory = text::fit(&directory, room, canvas.glyphs.cut);
        let line = PageLine::new(Role::Dim, format!("  {:NAME$}in {directory}", ""));
        canvas.line(body, 3, &line);
    }
    let said = Rect {
        y: body.y + body.height.min(5),
        height: body.height.saturating_sub(5),
        ..body
    };
    canvas.lines(said, &said_below(export, body.width.into()));
}

fn format(export: &Export) -> PageLine {
    let (word, told) = match export.format {
        Format::Ndjson => ("NDJSON", "one JSON object a line, as tail writes"),
        Format::Csv => ("CSV", "a table"),
        Format::Har => ("HAR", "an archive that browsers open"),
    };
    choice("format", word, told.into())
}

fn scope(app: &App, export: &Export) -> PageLine {
    let filtered = app.list.hits().is_some();
    let (word, told) = match export.scope {
        Scope::Listed if filtered => ("listed", "what the filters let through"),
        Scope::Listed => ("listed", "what the list shows"),
        Scope::All => ("all", "all that are kept, of every stream"),
        Scope::Marked => ("marked", "those that you marked"),
    };
    let total = match &export.state {
        ExportState::Writing(job) => job.total,
        _ => app.export_count(export.scope),
    };
    let so_far = match export.scope {
        Scope::Listed if app.list.is_behind() => " so far",
        _ => "",
    };
    let told = format!("{}{so_far}: {told}", grouped(total));
    choice("events", word, told)
}

fn choice(name: &str, word: &str, told: String) -> PageLine {
    PageLine::new(Role::Key, format!("  {name:<NAME$}"))
        .and(Role::Text, format!("{word:<CHOICE$}"))
        .and(Role::Dim, told)
}

/// The line of the path; its end is in view while it is longer than the dialog.
fn path(export: &Export, width: usize) -> PageLine {
    let (before, after) = split(export.path.value(), export.path.cursor());
    let (at, rest) = split(after, 1);
    let before = text::tame(before);
    let room = width.saturating_sub(NAME + 4);
    let out_of_view = text::width(&before).saturating_sub(room);
    let (cursor, at) = match export.row {
        ExportRow::Path if at.is_empty() => (Role::Focus, " "),
        ExportRow::Path => (Role::Focus, at),
        _ => (Role::Text, at),
    };
    PageLine::new(Role::Key, format!("  {:<NAME$}", "file"))
        .and(Role::Text, text::skip(&before, out_of_view))
        .and(cursor, text::tame(at))
        .and(Role::Text, text::tame(rest))
}

fn said_below(export: &Export, width: usize) -> Vec<PageLine> {
    match &export.state {
        ExportState::Asking => {
            let masked = "What looks like a secret is masked.";
            let file = "No other file is overwritten, and only you can read it.";
            [said(Role::Dim, masked, width), said(Role::Dim, file, width)].concat()
        }
        ExportState::Failed { what, help } => {
            let what = said(Role::Bad, &text::tame(&format!("! {what}")), width);
            [what, said(Role::Text, &format!("  {help}"), width)].concat()
        }
        ExportState::Writing(job) => {
            let (sent, percent) = (grouped(job.sent), job.percent());
            let told = format!("writing: {sent} events so far, {percent} %");
            said(Role::Accent, &told, width)
        }
    }
}

fn said(role: Role, words: &str, width: usize) -> Vec<PageLine> {
    let lines = wrap_words(words, width.saturating_sub(2));
    let line = |line| PageLine::new(role, format!("  {line}"));
    lines.into_iter().map(line).collect()
}
