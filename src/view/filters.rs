//! Filters on the screen: the line that is typed, what is wrong with it, those that are kept, and the list of them.

use ratatui::layout::Rect;

use super::{canvas::Canvas, footer::split, palette::choose, popup, text};
use crate::app::{App, Layer, Overlay, PageLine, Panes, Role, first_in_view, grouped};
use crate::store::Listing;

/// Columns of what stands behind the line that is typed.
const HITS: usize = 26;
/// Columns of a filter in the line of those that are kept.
const CHIP: usize = 24;

/// The line that is typed, with how many events it lets through so far.
pub(super) fn typed_line(app: &App, width: usize) -> PageLine {
    let Some(search) = app.list.search() else {
        return PageLine::default();
    };
    let (before, after) = split(search.text(), search.line.cursor());
    let (at, rest) = split(after, 1);
    let before = text::tame(before);
    let shown = text::skip(&before, shift(&before, width));
    let line = PageLine::new(Role::Key, " /")
        .and(Role::Text, shown)
        .and(Role::Focus, if at.is_empty() { " " } else { at })
        .and(Role::Text, text::tame(rest));
    let Some(filter) = search.filter().filter(|_| !search.text().is_empty()) else {
        return line.and(Role::Text, "  ");
    };
    if let Some(why) = filter.broken() {
        return line.and(Role::Bad, format!("  given up: {why}  "));
    }
    let hits = search.hits();
    let word = if hits.len() == 1 { "hit" } else { "hits" };
    let count = grouped(hits.len() as u64);
    line.and(Role::Dim, format!("  {count} {word}{}  ", progress(hits)))
}

/// ` so far, 45 %` while not everything was looked at.
fn progress(hits: &Listing) -> String {
    let (left, total) = (hits.left(), hits.total().max(1));
    match left {
        0 => String::new(),
        _ => format!(" so far, {} %", total.saturating_sub(left) * 100 / total),
    }
}

/// Columns of the typed text that are out of view on the left.
fn shift(before: &str, width: usize) -> usize {
    text::width(before).saturating_sub(width.saturating_sub(HITS).max(width / 2))
}

/// What is wrong with the text that is typed, with a caret below the place.
pub(super) fn fault_line(app: &App, cut: &str, width: usize) -> Option<PageLine> {
    let search = app.list.search()?;
    let fault = search.fault()?;
    let typed = search.text();
    let (before, _) = split(typed, search.line.cursor());
    let shift = shift(&text::tame(before), width);
    let columns = |end: usize| {
        let end = typed.floor_char_boundary(end);
        (2 + text::width(&text::tame(&typed[..end]))).saturating_sub(shift)
    };
    let start = columns(fault.span.start).min(width.saturating_sub(1));
    let end = columns(fault.span.end).clamp(start + 1, width.max(start + 1));
    let carets = "^".repeat(end - start);
    let message = format!("{}; {}", fault.message, fault.help);
    let message = text::tame(&message);
    let behind = width.saturating_sub(end + 1);
    if behind >= text::width(&message) || behind >= start {
        let message = text::fit(&message, behind, cut).into_owned();
        Some(
            PageLine::new(Role::Bad, " ".repeat(start) + &carets)
                .and(Role::Text, format!(" {message}")),
        )
    } else {
        let message = text::left(&message, start.saturating_sub(1), cut);
        Some(PageLine::new(Role::Text, message + " ").and(Role::Bad, carets))
    }
}

/// The filters that are kept, each with how many events come through it.
pub(super) fn chips(app: &App, cut: &str, width: usize) -> PageLine {
    let mut line = PageLine::default();
    for (at, layer) in app.list.layers().iter().enumerate() {
        let mut chip = PageLine::new(Role::Key, format!(" {} ", at + 1));
        let role = if layer.on { Role::Text } else { Role::Dim };
        chip = chip.and(role, text::fit(&text::tame(&title(layer)), CHIP, cut));
        let (role, count) = state(layer);
        chip = chip.and(role, format!(" {count}"));
        if app.alerts.watches(&layer.text) {
            chip = chip.and(Role::Bad, " alert");
        }
        chip = chip.and(Role::Text, "  ");
        if line.width() + chip.width() + 4 > width {
            let more = app.list.layers().len() - at;
            return line.and(Role::Dim, format!(" +{more}"));
        }
        line.parts.extend(chip.parts);
    }
    match app.list.layers().through() {
        Some(hits) if hits.left() > 0 => line.and(Role::Dim, progress(hits)),
        _ => line,
    }
}

fn title(layer: &Layer) -> String {
    layer.label.as_ref().unwrap_or(&layer.text).clone()
}

fn state(layer: &Layer) -> (Role, String) {
    match layer.broken() {
        Some(_) => (Role::Bad, "given up".into()),
        None if layer.on => (Role::Dim, grouped(layer.count() as u64)),
        None => (Role::Dim, "off".into()),
    }
}

/// The list of the filters that are kept.
pub(super) fn draw(app: &App, at: usize, canvas: &mut Canvas<'_>, area: Rect) {
    let (frame, list, below) = Panes::filters(area, app.list.layers().len());
    popup(canvas, frame, "filters");
    let start = first_in_view(at, list.height.into());
    let layers = app.list.layers().iter().enumerate().skip(start);
    for (row, (number, layer)) in layers.take(list.height.into()).enumerate() {
        let (role, count) = state(layer);
        let count = PageLine::new(role, format!("{count} "));
        let room = usize::from(list.width).saturating_sub(count.width() + 6);
        let role = if layer.on { Role::Text } else { Role::Dim };
        let shown = text::tame(&title(layer)).into_owned();
        let line = PageLine::new(Role::Key, format!("  {} ", number + 1));
        canvas.line(
            list,
            row,
            &line.and(role, text::fit(&shown, room, canvas.glyphs.cut)),
        );
        canvas.right(list, row, &count);
        if number == at {
            choose(canvas, list, row);
        }
    }
    let Some(layer) = app.list.layers().get(at) else {
        return;
    };
    if let Overlay::Name(line, _) = &app.overlay {
        let (before, after) = split(line.value(), line.cursor());
        let (at, rest) = split(after, 1);
        let typed = PageLine::new(Role::Key, "save as ")
            .and(Role::Text, text::tame(before))
            .and(Role::Focus, if at.is_empty() { " " } else { at })
            .and(Role::Text, text::tame(rest));
        canvas.line(below, 1, &typed);
        return;
    }
    let room = usize::from(below.width);
    let said = text::tame(&layer.text).into_owned();
    canvas.line(
        below,
        1,
        &PageLine::new(Role::Dim, text::fit(&said, room, canvas.glyphs.cut)),
    );
    if let Some(why) = layer.broken() {
        canvas.line(
            below,
            2,
            &PageLine::new(Role::Bad, format!("given up: {why}")),
        );
    }
}
