//! The token's life in a few columns: how long it lasts, a bar, and who renews it.

use crate::{
    app::{BARS, Glyphs, Life, PageLine, Role, clock, life_role},
    time::show_clock,
};

/// Columns that the whole countdown takes at least, so that what stands beside it does not move.
const WIDTH: usize = 22;

/// The whole countdown: `expires 04:12 ▮▮▮▮▯▯`.
pub(super) fn whole(life: Life, glyphs: &Glyphs) -> PageLine {
    let shown = match life {
        Life::Absent => PageLine::new(Role::Dim, "no token"),
        Life::Refused => PageLine::new(Role::Bad, "token refused"),
        Life::Unstated => PageLine::new(Role::Dim, "no expiry stated"),
        Life::Past(since) => PageLine::new(Role::Bad, format!("expired {} ago", show_clock(since))),
        Life::Left { renews, .. } => {
            let word = if renews { "renews itself " } else { "expires " };
            let mut named = PageLine::new(Role::Dim, word);
            named.parts.extend(short(life, glyphs).parts);
            named
        }
    };
    let used = super::canvas::columns(&shown);
    let mut filled = PageLine::new(Role::Text, " ".repeat(WIDTH.saturating_sub(used)));
    filled.parts.extend(shown.parts);
    filled
}

/// The countdown without words: `04:12 ▮▮▮▮▯▯`.
pub(super) fn short(life: Life, glyphs: &Glyphs) -> PageLine {
    match life {
        Life::Left { bars, .. } => {
            let bar = glyphs.full.repeat(bars.into()) + &glyphs.empty.repeat((BARS - bars).into());
            clock(life).and(life_role(life), format!(" {bar}"))
        }
        _ => clock(life),
    }
}
