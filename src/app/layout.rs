//! Where the panes stand for a size. They collapse in the order detail, streams, lifecycle (to its last line).

use ratatui::layout::{Position, Rect};

use super::{Side, Sides};

/// From this width on, panes stand side by side in boxes.
const WIDE: u16 = 120;
/// From this width on, a stream's name and its state have room in its pane.
const WIDER: u16 = 144;
/// Columns of the streams.
const STREAMS: u16 = 25;
/// Columns of the help page.
const HELP: u16 = 92;
/// The palette's size.
const PALETTE: (u16, u16) = (60, 16);
/// Columns of a menu.
const MENU: u16 = 72;
/// Columns of the table of types.
const TYPES: u16 = 132;
/// Lines that explain the chosen entry of a menu.
const EXPLAIN: u16 = 4;
/// Lines for the chosen filter of the list.
const CHOSEN: u16 = 3;

/// A part of the screen that keys can go to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The list of streams.
    Streams,
    /// The list of events.
    #[default]
    Events,
    /// The chosen event.
    Detail,
    /// What happened to the streams.
    Lifecycle,
}

/// Who has the room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zoom {
    /// All panes.
    #[default]
    Out,
    /// The focused one.
    In,
}

/// What the layout depends on besides the size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// How many streams there are.
    pub streams: u16,
    /// Whether the detail pane was opened.
    pub detail: bool,
    /// Lines of the banner.
    pub banner: u16,
    /// Lines of the footer.
    pub footer: u16,
    /// Where the keys go.
    pub focus: Pane,
    /// Whether that pane has all the room.
    pub zoom: Zoom,
    /// The focused one of streams that stand side by side.
    pub side: Option<Side>,
}

/// Where everything stands; what has no room is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Panes {
    /// Whether panes stand in boxes.
    pub wide: bool,
    /// The status bar, one or two lines.
    pub header: Rect,
    /// One line of streams, where their pane has no room.
    pub strip: Rect,
    /// What needs attention.
    pub banner: Rect,
    /// The streams.
    pub streams: Rect,
    /// Message types and how often they came.
    pub types: Rect,
    /// The events; of streams side by side those of the focused one.
    pub events: Rect,
    /// The columns of streams that stand side by side.
    pub sides: Sides,
    /// The chosen event.
    pub detail: Rect,
    /// What happened to the streams.
    pub lifecycle: Rect,
    /// Keys, the line in which a filter is typed, and the filters.
    pub footer: Rect,
}

impl Panes {
    /// The layout for a size.
    pub fn new(width: u16, height: u16, wanted: Wanted) -> Self {
        let wide = width >= WIDE && height >= 16;
        let mut rest = Rect::new(0, 0, width, height);
        let mut panes = Self {
            wide,
            ..Self::default()
        };
        let header = match height {
            0 | 1 => 0,
            2..10 => 1,
            _ if wide => 1,
            _ => 2,
        };
        let footer = match height {
            0..5 => 0,
            5..Self::ROOMY => wanted.footer.clamp(1, 2),
            _ => wanted.footer.max(1),
        };
        panes.header = cut_top(&mut rest, header);
        panes.footer = cut_bottom(&mut rest, footer);
        let strip = !wide && wanted.streams > 1 && height >= 10;
        panes.strip = cut_top(&mut rest, u16::from(strip));
        let banner = match height {
            0..10 => 0,
            10..Self::ROOMY => wanted.banner.min(1),
            _ => wanted.banner,
        };
        panes.banner = cut_top(&mut rest, banner);
        let room = rest;
        panes.lifecycle = cut_bottom(&mut rest, lifecycle(height, wide, wanted.focus));
        match wanted.side {
            Some(_) if wide => panes.abreast(rest, wanted.detail),
            _ if wide => panes.beside(rest, wanted),
            _ => panes.stacked(rest, wanted.detail),
        }
        if wanted.zoom == Zoom::In {
            panes.zoom(room, wanted.focus);
        }
        if let Some(side) = wanted.side.filter(|_| wide && !panes.events.is_empty()) {
            panes.sides = Sides::new(panes.events, wanted.streams, side);
            panes.events = panes.sides.column(side.focused);
        }
        panes
    }

    /// Streams side by side take the room of all panes but the detail that was opened.
    fn abreast(&mut self, mut rest: Rect, detail: bool) {
        let events = if detail {
            rest.width - rest.width * 2 / 5
        } else {
            rest.width
        };
        self.events = cut_left(&mut rest, events);
        self.detail = rest;
    }

    /// Gives a pane all the room; the events when it would not be there.
    fn zoom(&mut self, room: Rect, focus: Pane) {
        let there = !self.inside(focus).is_empty();
        *self = Self {
            streams: Rect::default(),
            types: Rect::default(),
            events: Rect::default(),
            detail: Rect::default(),
            lifecycle: Rect::default(),
            ..*self
        };
        match focus {
            Pane::Streams if there => self.streams = room,
            Pane::Detail if there => self.detail = room,
            Pane::Lifecycle if there => self.lifecycle = room,
            _ => self.events = room,
        }
    }

    fn beside(&mut self, mut rest: Rect, wanted: Wanted) {
        let streams = if rest.width >= WIDER {
            STREAMS + 6
        } else {
            STREAMS
        };
        let mut left = cut_left(&mut rest, streams);
        let streams = (wanted.streams + 2).min(left.height);
        if left.height >= streams + 4 {
            self.streams = cut_top(&mut left, streams);
            self.types = left;
        } else {
            self.streams = left;
        }
        let events = rest.width - rest.width * 2 / 5;
        self.events = cut_left(&mut rest, events);
        self.detail = rest;
    }

    fn stacked(&mut self, mut rest: Rect, detail: bool) {
        if detail && rest.height < 24 {
            self.detail = rest;
        } else if detail {
            let half = rest.height / 2;
            self.events = cut_top(&mut rest, half);
            self.detail = rest;
        } else {
            self.events = rest;
        }
    }

    /// The part of a pane inside its box or below its rule.
    pub fn inside(&self, pane: Pane) -> Rect {
        let area = match pane {
            Pane::Streams => self.streams,
            Pane::Events => self.events,
            Pane::Detail => self.detail,
            Pane::Lifecycle => self.lifecycle,
        };
        if self.wide {
            inside_box(area)
        } else if matches!(pane, Pane::Detail) || (pane == Pane::Lifecycle && area.height > 1) {
            below(area, 1)
        } else {
            area
        }
    }

    /// Where the lines of the detail pane go: a column away from its border.
    pub fn detail_body(&self) -> Rect {
        let area = self.inside(Pane::Detail);
        Rect {
            x: area.x + area.width.min(1),
            width: area.width.saturating_sub(2),
            ..area
        }
    }

    /// A box in the middle of an area for a body of this size, and where the body goes: inside the border, a column
    /// away from it. The box leaves the bottom line free, where the keys stand.
    pub fn popup(area: Rect, (width, height): (u16, u16)) -> (Rect, Rect) {
        let area = Rect {
            height: area.height.saturating_sub(1),
            ..area
        };
        let (width, height) = (
            width.saturating_add(4).min(area.width),
            height.saturating_add(2).min(area.height),
        );
        let frame = Rect {
            x: area.x + (area.width - width) / 2,
            y: area.y + (area.height - height) / 2,
            width,
            height,
        };
        let inside = inside_box(frame);
        let pad = inside.width.min(1);
        let body = Rect {
            x: inside.x + pad,
            width: inside.width.saturating_sub(2),
            ..inside
        };
        (frame, body)
    }

    /// From this height on, the banner may take more than one line.
    pub const ROOMY: u16 = 20;

    /// The box of the palette, its body, and in it the list below the line that is typed.
    pub fn palette(area: Rect) -> (Rect, Rect, Rect) {
        let (frame, body) = Self::popup(area, PALETTE);
        (frame, body, below(body, 1))
    }

    /// The box of a menu with so many entries, its list, and the place below it that explains the chosen one.
    pub fn menu(area: Rect, entries: usize) -> (Rect, Rect, Rect) {
        let lines = u16::try_from(entries).unwrap_or(u16::MAX);
        let (frame, body) = Self::popup(area, (MENU, lines.saturating_add(EXPLAIN)));
        let list = Rect {
            height: body.height - EXPLAIN.min(body.height / 3),
            ..body
        };
        (frame, list, below(body, list.height))
    }

    /// The box of the list of filters with so many entries, its list, and the place below it for the chosen one.
    pub fn filters(area: Rect, entries: usize) -> (Rect, Rect, Rect) {
        let lines = u16::try_from(entries).unwrap_or(u16::MAX);
        let (frame, body) = Self::popup(area, (MENU, lines.saturating_add(CHOSEN)));
        let list = Rect {
            height: body.height.saturating_sub(CHOSEN),
            ..body
        };
        (frame, list, below(body, list.height))
    }

    /// The box of the table of types with so many rows, the line of its titles, and its list.
    pub fn types(area: Rect, rows: usize) -> (Rect, Rect, Rect) {
        let lines = u16::try_from(rows).unwrap_or(u16::MAX);
        let (frame, body) = Self::popup(area, (TYPES, lines.saturating_add(1)));
        (frame, body, below(body, 1))
    }

    /// In the body of the dialog in which a message is written: its text, and so many lines below it.
    pub fn compose(body: Rect, lines: u16) -> (Rect, Rect) {
        let text = Rect {
            height: body.height.saturating_sub(lines).max(body.height.min(1)),
            ..body
        };
        (text, below(body, text.height))
    }

    /// The box of the help page for so many lines, and its body.
    pub fn help(area: Rect, lines: usize) -> (Rect, Rect) {
        Self::popup(area, (HELP, u16::try_from(lines).unwrap_or(u16::MAX)))
    }

    /// Columns of the help page's body.
    pub fn help_width(area: Rect) -> usize {
        Self::popup(area, (HELP, 1)).1.width.into()
    }

    /// The events of all streams side by side.
    fn all_events(&self) -> Rect {
        if self.sides == Sides::default() {
            self.events
        } else {
            self.sides.area
        }
    }

    /// The pane at a place of the screen, border included.
    pub fn at(&self, place: Position) -> Option<Pane> {
        let areas = [
            (Pane::Streams, self.streams),
            (Pane::Events, self.all_events()),
            (Pane::Detail, self.detail),
            (Pane::Lifecycle, self.lifecycle),
        ];
        let found = areas.into_iter().find(|(_, area)| area.contains(place));
        found.map(|(pane, _)| pane)
    }

    /// The panes that are there, in the order of the tab key.
    pub fn shown(&self) -> impl Iterator<Item = Pane> {
        [Pane::Streams, Pane::Events, Pane::Detail, Pane::Lifecycle]
            .into_iter()
            .filter(|pane| !self.inside(*pane).is_empty())
    }
}

/// The part of a box inside its border.
pub fn inside_box(area: Rect) -> Rect {
    Rect {
        x: area.x + area.width.min(1),
        y: area.y + area.height.min(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// The part of an area below its first rows.
pub fn below(area: Rect, rows: u16) -> Rect {
    let rows = rows.min(area.height);
    Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    }
}

/// The first entry in view of a list of this height that keeps the chosen one in view.
pub fn first_in_view(chosen: usize, height: usize) -> usize {
    (chosen + 1).saturating_sub(height)
}

fn lifecycle(height: u16, wide: bool, focus: Pane) -> u16 {
    let focused = focus == Pane::Lifecycle;
    match height {
        0..7 => 0,
        7..14 => 1,
        _ if focused => height / 2,
        _ if !wide => 2,
        16..32 => 5,
        _ => 8,
    }
}

fn cut_top(rest: &mut Rect, height: u16) -> Rect {
    let height = height.min(rest.height);
    let top = Rect { height, ..*rest };
    rest.y += height;
    rest.height -= height;
    top
}

fn cut_bottom(rest: &mut Rect, height: u16) -> Rect {
    let height = height.min(rest.height);
    rest.height -= height;
    Rect {
        y: rest.y + rest.height,
        height,
        ..*rest
    }
}

fn cut_left(rest: &mut Rect, width: u16) -> Rect {
    let width = width.min(rest.width);
    let left = Rect { width, ..*rest };
    rest.x += width;
    rest.width -= width;
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panes_never_overlap_and_stay_on_the_screen() {
        for width in (0..260).step_by(7).chain([80, 119, 120]) {
            for height in 0..70 {
                for (detail, focus) in [(false, Pane::Events), (true, Pane::Lifecycle)] {
                    check(
                        width,
                        height,
                        Wanted {
                            streams: 3,
                            detail,
                            banner: 3,
                            footer: 3,
                            focus,
                            zoom: if height % 2 == 1 { Zoom::In } else { Zoom::Out },
                            side: (width % 2 == 1).then(Side::default),
                        },
                    );
                }
            }
        }
    }

    fn check(width: u16, height: u16, wanted: Wanted) {
        let panes = Panes::new(width, height, wanted);
        let all = [
            panes.header,
            panes.strip,
            panes.banner,
            panes.streams,
            panes.types,
            panes.all_events(),
            panes.detail,
            panes.lifecycle,
            panes.footer,
        ];
        for area in [panes.header, panes.types] {
            assert!(area.positions().all(|place| panes.at(place).is_none()));
        }
        let cells: u32 = all.iter().map(|area| area.area()).sum();
        assert_eq!(
            cells,
            u32::from(width) * u32::from(height),
            "{width}x{height}"
        );
        for (at, one) in all.iter().enumerate() {
            assert!(one.right() <= width && one.bottom() <= height);
            assert!(
                all[..at]
                    .iter()
                    .all(|other| one.intersection(*other).is_empty())
            );
        }
    }
}
