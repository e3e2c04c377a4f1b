//! Numbers and times as the screen writes them.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use crate::{store::Seq, time::Wall};

/// The number under which people know an event: the first is 1.
pub fn event_number(seq: Seq) -> String {
    grouped(seq.0 + 1)
}

/// Groups of three digits: `48 213`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// A size in at most seven columns: `214 B`, `16.4 kB`, `1.2 MB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..=999 => format!("{bytes} B"),
        1000..=999_949 => format!("{:.1} kB", bytes as f64 / 1e3),
        999_950..=999_949_999 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// The time of day with milliseconds: `12:03:44.120`.
pub fn time_of_day(at: Wall, zone: &TimeZone) -> String {
    match local(at, zone) {
        Some(at) => format!(
            "{:02}:{:02}:{:02}.{:03}",
            at.hour(),
            at.minute(),
            at.second(),
            at.millisecond()
        ),
        None => "--:--:--.---".into(),
    }
}

/// The time of day, and before it the date when that is not today's.
pub(super) fn clock_or_date(at: Wall, now: Wall, zone: &TimeZone) -> String {
    let (Some(at), now) = (local(at, zone), local(now, zone)) else {
        return "a time out of range".into();
    };
    let clock = format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second());
    if now.is_some_and(|now| now.date() == at.date()) {
        clock
    } else {
        format!("{} {clock}", at.date())
    }
}

fn local(at: Wall, zone: &TimeZone) -> Option<DateTime> {
    let at = Timestamp::from_microsecond(at.0).ok()?;
    Some(zone.to_datetime(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1204, 48_213, 1_000_000].map(grouped),
            ["0", "999", "1 204", "48 213", "1 000 000"]
        );
        assert_eq!(
            [0, 214, 16_402, 1_200_000].map(size),
            ["0 B", "214 B", "16.4 kB", "1.2 MB"]
        );
    }

    #[test]
    fn times_are_shown_in_their_zone() {
        let at = Wall(1_795_521_824_120_000);
        assert_eq!(time_of_day(at, &TimeZone::UTC), "12:03:44.120");
        assert_eq!(clock_or_date(at, at, &TimeZone::UTC), "12:03:44");
        assert_eq!(
            clock_or_date(at, Wall(0), &TimeZone::UTC),
            "2026-11-24 12:03:44"
        );
        assert_eq!(time_of_day(Wall(i64::MAX), &TimeZone::UTC), "--:--:--.---");
    }
}
