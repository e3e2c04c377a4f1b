//! The status bar: who is watched, in what state, how long the token lasts, how much flows.

use std::time::Duration;

use ratatui::layout::Rect;

use super::{
    canvas::{Canvas, columns},
    countdown, text,
};
use crate::{
    app::{
        self, App, Life, PageLine, Panes, Recording, Role, Standing, StreamState, grouped, size,
        state_role, verified_role,
    },
    event::{Status, StreamId, Verification},
    time::{Now, show_span},
};

/// Columns of the sparkline.
const SPARK: u64 = 8;
/// Columns between two things.
const GAP: usize = 3;

/// Draws the status bar.
pub(super) fn draw(app: &App, canvas: &mut Canvas<'_>, panes: &Panes, now: Now) {
    let area = panes.header;
    if area.is_empty() {
        return;
    }
    let width = usize::from(area.width);
    let (left, right) = match app.shown().and_then(|stream| app.stream(stream)) {
        Some(stream) => one(canvas, stream, panes.wide, now),
        None => several(app, canvas, now),
    };
    let (left, right) = choose(left, right, width);
    let used = canvas.line(area, 0, &left);
    let begins = canvas.right(area, 0, &right);
    let mut recorded = recording(app, canvas);
    if area.height > 1 {
        recorded
            .parts
            .extend(standing(app).and(Role::Text, " ").parts);
        let room = width.saturating_sub(columns(&recorded) + GAP);
        let flow = flow(app, canvas, now, room);
        canvas.line(area, 1, &flow);
        canvas.right(area, 1, &recorded);
    } else if panes.wide {
        let middle = Rect {
            x: area.x + used as u16,
            width: begins.saturating_sub(used) as u16,
            ..area
        };
        let room = usize::from(middle.width).saturating_sub(GAP + columns(&recorded));
        recorded.parts.extend(flow(app, canvas, now, room).parts);
        canvas.right(middle, 0, &recorded.and(Role::Text, " ".repeat(GAP)));
    }
}

/// The fullest pair of left and right that fits. Both are listed from full to short.
fn choose(left: Vec<PageLine>, right: Vec<PageLine>, width: usize) -> (PageLine, PageLine) {
    let last = right.len().max(4) - 1;
    let pairs = [(0, 0), (1, 0)].into_iter();
    let pairs = pairs.chain((1..last).map(|r| (1, r)));
    let mut pairs = pairs.chain([(2, last - 1), (2, last), (3, last)]);
    let fits = pairs.find(|(l, r)| {
        let of = |lines: &[PageLine], at: usize| lines.get(at).map_or(0, columns);
        of(&left, *l) + of(&right, *r) + 2 <= width
    });
    let (l, r) = fits.unwrap_or((left.len() - 1, right.len()));
    let pick = |mut lines: Vec<PageLine>, at: usize| {
        if at < lines.len() {
            lines.swap_remove(at)
        } else {
            PageLine::default()
        }
    };
    (pick(left, l), pick(right, r))
}

fn one(
    canvas: &Canvas<'_>,
    stream: &StreamState,
    wide: bool,
    now: Now,
) -> (Vec<PageLine>, Vec<PageLine>) {
    let state = |line: PageLine| state(canvas, line, stream, now);
    let name = &stream.setup.name;
    let left = vec![
        state(PageLine::new(Role::Accent, " sockeye  ").and(Role::Text, format!("{name}  "))),
        state(PageLine::new(Role::Text, format!(" {name}  "))),
        state(PageLine::new(Role::Text, " ")),
        PageLine::new(
            state_role(&stream.status),
            format!(" {}", canvas.glyphs.state(&stream.status)),
        ),
    ];
    let life = stream.life(now.wall);
    if !stream.setup.authenticated {
        return (left, vec![PageLine::new(Role::Dim, "no credential ")]);
    }
    let whole = countdown::whole(life, canvas.glyphs).and(Role::Text, " ");
    let short = countdown::short(life, canvas.glyphs).and(Role::Text, " ");
    let clock = app::clock(life).and(Role::Text, " ");
    let before = subjects(canvas, stream, wide).into_iter();
    let mut right: Vec<_> = before
        .map(|mut line| {
            line.parts.extend(whole.parts.iter().cloned());
            line
        })
        .collect();
    right.extend([whole, short, clock]);
    (left, right)
}

/// Who the token is for and whether that is verified; where both have no room, what is worth more of the two.
fn subjects(canvas: &Canvas<'_>, stream: &StreamState, wide: bool) -> Vec<PageLine> {
    let facts = stream.credential.as_ref().map(|(facts, _)| facts);
    let subject = facts.and_then(|facts| facts.subject.as_deref());
    let subject = subject.map(|subject| {
        let subject = text::tame(subject);
        let fit = text::fit(&subject, 24, canvas.glyphs.cut);
        (Role::Text, fit.into_owned())
    });
    let told = facts.and_then(|facts| facts.verification.as_ref());
    let word = told.map(|told| (verified_role(told), told.word().to_owned()));
    let line = |pieces: &[(Role, String)]| subject_line(canvas, stream, wide, pieces);
    let pieces: Vec<_> = subject.into_iter().chain(word).collect();
    let (subject, word) = pieces.split_at(pieces.len() - usize::from(told.is_some()));
    match told {
        None => vec![line(&pieces)],
        Some(Verification::Verified(_)) => vec![line(&pieces), line(subject)],
        Some(_) => vec![line(&pieces), line(word)],
    }
}

fn subject_line(
    canvas: &Canvas<'_>,
    stream: &StreamState,
    wide: bool,
    pieces: &[(Role, String)],
) -> PageLine {
    let mut line = PageLine::default();
    if stream.setup.insecure {
        line = line.and(Role::Bad, "TLS unchecked").and(Role::Text, "   ");
    }
    for (at, (role, text)) in pieces.iter().enumerate() {
        let between = if at == 0 { "" } else { " " };
        line = line.and(*role, format!("{between}{text}"));
    }
    if wide {
        line = line.and(
            Role::Dim,
            format!(" {} {}", canvas.glyphs.dot, stream.setup.way),
        );
    }
    line.and(Role::Text, " ".repeat(GAP))
}

/// Sign, word, and since when or how long still.
fn state(canvas: &Canvas<'_>, line: PageLine, stream: &StreamState, now: Now) -> PageLine {
    let status = &stream.status;
    let word = status.word().to_uppercase();
    let line = line.and(
        state_role(status),
        format!("{} {word}", canvas.glyphs.state(status)),
    );
    match (status, stream.live_since) {
        (Status::Waiting(wait), _) => match wait.until {
            Some(until) => line.and(
                Role::Text,
                format!(
                    " {}",
                    clock(until.since(now.mono) + Duration::from_micros(999_999))
                ),
            ),
            None => line.and(Role::Text, " held"),
        },
        (_, Some(since)) => line.and(Role::Text, format!(" {}", clock(now.mono.since(since)))),
        _ => line,
    }
}

/// `00:41:07`.
fn clock(span: Duration) -> String {
    let seconds = span.as_secs();
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

/// How many streams are in which state, and the token that expires first.
fn several(app: &App, canvas: &Canvas<'_>, now: Now) -> (Vec<PageLine>, Vec<PageLine>) {
    let count = format!("{} streams", app.streams.len());
    let states = |mut line: PageLine| {
        for (status, count) in tally(app) {
            line = line.and(Role::Text, "  ").and(
                state_role(status),
                format!("{} {count} {}", canvas.glyphs.state(status), status.word()),
            );
        }
        line
    };
    let left = vec![
        states(PageLine::new(Role::Accent, " sockeye  ").and(Role::Text, &*count)),
        states(PageLine::new(Role::Text, format!(" {count}"))),
        PageLine::new(Role::Text, format!(" {count}")),
        PageLine::new(Role::Text, format!(" {}", app.streams.len())),
    ];
    let lives = app
        .streams
        .iter()
        .filter(|stream| stream.status.is_live())
        .map(|stream| (stream, stream.life(now.wall)));
    let soonest = lives
        .filter_map(|(stream, life)| match life {
            Life::Left { left, renews, .. } => Some((renews, left, stream, life)),
            _ => None,
        })
        .min_by_key(|(renews, left, ..)| (*renews, *left));
    let Some((_, _, stream, life)) = soonest else {
        return (left, Vec::new());
    };
    let whole = countdown::whole(life, canvas.glyphs).and(Role::Text, " ");
    let mut named = PageLine::new(Role::Text, &*stream.setup.name).and(Role::Text, " ".repeat(GAP));
    named.parts.extend(whole.parts.iter().cloned());
    let short = countdown::short(life, canvas.glyphs).and(Role::Text, " ");
    (left, vec![named, whole, short])
}

/// The states that streams are in, the most frequent ones of the list kept in the order of the streams.
fn tally(app: &App) -> Vec<(&Status, usize)> {
    let mut tally: Vec<(&Status, usize)> = Vec::new();
    for stream in &app.streams {
        match tally
            .iter_mut()
            .find(|(status, _)| status.word() == stream.status.word())
        {
            Some((_, count)) => *count += 1,
            None => tally.push((&stream.status, 1)),
        }
    }
    tally
}

/// Rate, skew, drops, attempts, round trip: as many as there is room for, the first ones are never left out first.
fn flow(app: &App, canvas: &Canvas<'_>, now: Now, room: usize) -> PageLine {
    let mut line = PageLine::default();
    for piece in pieces(app, canvas, now) {
        if columns(&line) + columns(&piece) > room {
            break;
        }
        line.parts.extend(piece.parts);
    }
    line
}

fn pieces(app: &App, canvas: &Canvas<'_>, now: Now) -> Vec<PageLine> {
    let streams: Vec<_> = match app.shown() {
        Some(stream) => app.stream(stream).into_iter().collect(),
        None => app.streams.iter().collect(),
    };
    let rate: u64 = streams
        .iter()
        .map(|stream| u64::from(stream.rate.per_second(now.mono)))
        .sum();
    let dropped: u64 = streams.iter().map(|stream| stream.dropped).sum();
    let attempt = streams
        .iter()
        .map(|stream| stream.attempt(now.mono))
        .max()
        .unwrap_or(0);
    let rtt = streams.iter().filter_map(|stream| stream.rtt).max();
    let named = |name: &str, role, value: String| {
        PageLine::new(Role::Dim, format!("   {name} ")).and(role, value)
    };
    let alarm = |on: bool| if on { Role::Warn } else { Role::Text };
    let mut pieces = vec![
        PageLine::new(Role::Text, format!("{:>8}/s ", grouped(rate)))
            .and(Role::Accent, spark(canvas, &streams, now)),
        named("dropped", alarm(dropped > 0), grouped(dropped)),
        named("attempt", alarm(attempt > 1), attempt.to_string()),
        // As wide for each time, so that what stands beside it does not move.
        named(
            "rtt",
            Role::Text,
            format!("{:<6}", rtt.map_or_else(|| "-".into(), show_span)),
        ),
    ];
    if let Some(skew) = streams.iter().find_map(|stream| stream.skew()) {
        let seconds = skew as f64 / 1e6;
        pieces.insert(1, named("clock", Role::Warn, format!("{seconds:+.0} s")));
    }
    if let Some(gone) = app.let_go() {
        let gone = PageLine::new(Role::Dim, format!("   {gone}"));
        pieces.insert(pieces.len() - 1, gone);
    }
    pieces
}

fn spark(canvas: &Canvas<'_>, streams: &[&StreamState], now: Now) -> String {
    let mut counts = [0_u64; SPARK as usize];
    for stream in streams {
        for (sum, count) in counts.iter_mut().zip(stream.rate.history(now.mono, SPARK)) {
            *sum += u64::from(count);
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let steps = canvas.glyphs.spark.len() as u64 - 1;
    counts
        .iter()
        .map(|count| canvas.glyphs.spark[(count * steps).div_ceil(most) as usize])
        .collect()
}

/// Whether and how much is recorded, with a gap behind it.
fn recording(app: &App, canvas: &Canvas<'_>) -> PageLine {
    let line = match &app.recordings.current {
        Some(current) => recorded(current, canvas),
        None if app.recordings.broken => {
            PageLine::new(Role::Bad, format!("{} REC failed", canvas.glyphs.ended))
        }
        None => return PageLine::default(),
    };
    line.and(Role::Text, "  ")
}

/// How much is recorded: as wide for each size, so that nothing moves.
fn recorded(current: &Recording, canvas: &Canvas<'_>) -> PageLine {
    let line = PageLine::new(Role::Bad, format!("{} REC ", canvas.glyphs.record))
        .and(Role::Text, format!("{:>8}", size(current.bytes)));
    match current.missed {
        0 => line,
        missed => line.and(Role::Warn, format!(" {} missed", grouped(missed))),
    }
}

/// What the list of events is doing, and by how many columns its payloads are shifted.
pub(super) fn standing(app: &App) -> PageLine {
    let mut line = following(app);
    if let Some(count) = app.heartbeats_left_out() {
        line = PageLine::new(Role::Dim, format!("{} heartbeats hidden  ", grouped(count)));
        line.parts.extend(following(app).parts);
    }
    if app.list.shift > 0 {
        line = line.and(Role::Dim, format!("  shifted {}", app.list.shift));
    }
    let wrapped = app.list.wraps().then_some("wrapped");
    let zoomed = app.is_zoomed().then_some("zoomed");
    for word in [app.list.time.words(), wrapped, zoomed]
        .into_iter()
        .flatten()
    {
        line = line.and(Role::Dim, format!("  {word}"));
    }
    line
}

fn following(app: &App) -> PageLine {
    match app.list.standing() {
        Standing::Following => PageLine::new(Role::Good, "following"),
        Standing::Detached(0) => PageLine::new(Role::Text, "not following"),
        Standing::Detached(new) => {
            PageLine::new(Role::Text, format!("{} new", grouped(new as u64)))
        }
        Standing::Paused(held) => {
            PageLine::new(Role::Warn, format!("paused +{} held", grouped(held as u64)))
        }
    }
}

/// The stream a line is about, where it could be another.
pub(super) fn which(app: &App, stream: StreamId) -> Option<&str> {
    (app.shown().is_none()).then(|| app.stream_name(stream))
}
