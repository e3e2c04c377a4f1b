//! The signs that are drawn, with an ASCII stand-in for each.

use crate::event::Status;

/// A set of signs; each takes one column.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// Before the chosen line.
    pub cursor: &'static str,
    /// A message from the server.
    pub received: &'static str,
    /// A message to the server.
    pub sent: &'static str,
    /// A message that came before.
    pub again: &'static str,
    /// A horizontal line.
    pub rule: &'static str,
    /// A vertical line.
    pub side: &'static str,
    /// Corners: top left, top right, bottom left, bottom right.
    pub corners: [&'static str; 4],
    /// A filled step of a bar.
    pub full: &'static str,
    /// An empty step of a bar.
    pub empty: &'static str,
    /// Where a text was cut.
    pub cut: &'static str,
    /// A hidden character.
    pub hidden: &'static str,
    /// Between things in a line.
    pub dot: &'static str,
    /// Before what is open in a tree.
    pub open: &'static str,
    /// Before what is folded in a tree.
    pub folded: &'static str,
    /// A link that ended.
    pub ended: &'static str,
    /// A token that was renewed.
    pub renewed: &'static str,
    /// A marked event.
    pub mark: &'static str,
    /// A message that an alert is on.
    pub alert: &'static str,
    /// A recording.
    pub record: &'static str,
    /// Something that was lost.
    pub lost: &'static str,
    /// Rates from none to the most.
    pub spark: [&'static str; 8],
    states: [&'static str; 12],
}

static FINE: Glyphs = Glyphs {
    cursor: "▌",
    received: "←",
    sent: "→",
    again: "↺",
    rule: "─",
    side: "│",
    corners: ["┌", "┐", "└", "┘"],
    full: "▮",
    empty: "▯",
    cut: "…",
    hidden: "•",
    dot: "·",
    open: "▾",
    folded: "▸",
    ended: "✕",
    renewed: "↻",
    mark: "◆",
    alert: "!",
    record: "◉",
    lost: "▼",
    spark: [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇"],
    states: ["○", "◔", "◌", "◐", "●", "◑", "↻", "◍", "◌", "▲", "✕", "■"],
};

static ASCII: Glyphs = Glyphs {
    cursor: ">",
    received: "<",
    sent: ">",
    again: "=",
    rule: "-",
    side: "|",
    corners: ["+", "+", "+", "+"],
    full: "#",
    empty: ".",
    cut: "~",
    hidden: "*",
    dot: "-",
    open: "v",
    folded: ">",
    ended: "x",
    renewed: "@",
    mark: "+",
    alert: "!",
    record: "*",
    lost: "v",
    spark: [" ", ".", ":", "-", "=", "+", "*", "#"],
    states: ["o", ".", "~", "%", "*", "%", "@", "?", "~", "!", "x", "#"],
};

impl Glyphs {
    /// The signs, in ASCII if wanted.
    pub fn of(ascii: bool) -> &'static Self {
        if ascii { &ASCII } else { &FINE }
    }

    /// Whether these are the ones in ASCII.
    pub fn is_ascii(&self) -> bool {
        std::ptr::eq(self, &raw const ASCII)
    }

    /// Counts as a line of signs, the most as the highest.
    pub fn sparkline(&self, counts: &[u64]) -> String {
        let most = counts.iter().copied().max().unwrap_or(0).max(1);
        let steps = self.spark.len() as u64 - 1;
        let sign = |count: &u64| self.spark[(count * steps).div_ceil(most) as usize];
        counts.iter().map(sign).collect()
    }

    /// The sign of a state.
    pub const fn state(&self, status: &Status) -> &'static str {
        self.states[match status {
            Status::Idle => 0,
            Status::Fetching { .. } => 1,
            Status::Connecting { .. } => 2,
            Status::Authenticating => 3,
            Status::Live => 4,
            Status::Expiring => 5,
            Status::Renewing => 6,
            Status::Silent => 7,
            Status::Waiting(_) => 8,
            Status::SignInNeeded { .. } => 9,
            Status::Forbidden { .. } => 10,
            Status::Stopped { .. } => 11,
        }]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn every_sign_takes_one_column() {
        for glyphs in [&FINE, &ASCII] {
            let signs = [
                glyphs.cursor,
                glyphs.received,
                glyphs.sent,
                glyphs.rule,
                glyphs.side,
                glyphs.full,
                glyphs.empty,
                glyphs.cut,
                glyphs.hidden,
                glyphs.dot,
                glyphs.open,
                glyphs.folded,
                glyphs.ended,
                glyphs.renewed,
                glyphs.mark,
                glyphs.record,
                glyphs.lost,
            ];
            let all = signs
                .into_iter()
                .chain(glyphs.corners)
                .chain(glyphs.spark)
                .chain(glyphs.states);
            assert!(all.into_iter().all(|sign| sign.width() == 1));
        }
    }
}
