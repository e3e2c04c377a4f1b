//! Time as a value: a pair of clock readings, spans read from text, and how both are shown.
//!
//! Nothing here reads a clock; the shell does, in one place, and passes the reading in.

use std::{fmt, time::Duration};

/// One reading of both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Time since the program started; never goes back. For every deadline and delay.
    pub mono: Mono,
    /// Calendar time, UTC; may jump. For what is shown and for token life.
    pub wall: Wall,
}

/// Microseconds since the program started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mono(pub u64);

impl Mono {
    /// The point `span` later; saturates.
    pub const fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(micros(span)))
    }

    /// The span from `earlier` to here; zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wall(pub i64);

impl Wall {
    /// From whole seconds since 1970, as JWT `NumericDate` counts (RFC 7519 section 2); saturates.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Signed microseconds from `earlier` to here; saturates.
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// The point `micros` later, or earlier when negative; saturates.
    pub const fn shifted(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }
}

impl fmt::Display for Wall {
    /// RFC 3339 in UTC with milliseconds: `2026-11-24T12:03:44.120Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_millisecond(self.0.div_euclid(1000)) {
            Ok(time) => write!(f, "{time:.3}"),
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

/// Reads a time as services write it: RFC 3339, or a number of seconds, milli-, micro- or nanoseconds since 1970, which
/// are told apart by their size: seconds below the year 5138, milliseconds below it, and so on.
pub fn read_time(text: &str) -> Option<Wall> {
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        return Some(Wall(time.as_microsecond()));
    }
    let number: f64 = text.parse().ok()?;
    let micros = match number.abs() {
        ..1e11 => number * 1e6,
        ..1e14 => number * 1e3,
        ..1e17 => number,
        ..1e20 => number / 1e3,
        _ => return None,
    };
    Some(Wall(micros.round() as i64))
}

const fn micros(span: Duration) -> u64 {
    let micros = span.as_micros();
    if micros > u64::MAX as u128 {
        u64::MAX
    } else {
        micros as u64
    }
}

/// Reads a span such as `500ms`, `30s`, `2m`, `1h30m` or `1d`. A bare number is refused: the unit is part of the value.
///
/// # Errors
/// A sentence that says what is wrong and shows a right form.
pub fn parse_span(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    let wrong = || {
        format!(
            "'{text}' is not a duration; write a number and a unit, as in '500ms', '30s', '2m' or '1h30m'"
        )
    };
    if rest.is_empty() {
        return Err(wrong());
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, tail) = rest.split_at(digits);
        let letters = tail.len()
            - tail
                .trim_start_matches(|c: char| c.is_ascii_alphabetic())
                .len();
        let (unit, tail) = tail.split_at(letters);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let millis = match unit {
            "ms" => 1,
            "s" => 1000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(wrong()),
        };
        let part = number.checked_mul(millis).map(Duration::from_millis);
        total = part
            .and_then(|part| total.checked_add(part))
            .ok_or_else(wrong)?;
        rest = tail;
    }
    Ok(total)
}

/// A span for people, short and with its unit: `0.4 ms`, `38 ms`, `4.2 s`, `12 s`, `3 m 05 s`, `2 h 10 m`, `3 d 4 h`.
pub fn show_span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 if !span.is_zero() && span.as_millis() < 10 => {
            format!("{:.1} ms", span.as_secs_f64() * 1000.0)
        }
        0 => format!("{} ms", span.as_millis()),
        1..=9 => format!("{}.{} s", seconds, span.subsec_millis() / 100),
        10..=59 => format!("{seconds} s"),
        60..=3599 => format!("{} m {:02} s", seconds / 60, seconds % 60),
        3600..=86_399 => format!("{} h {:02} m", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

/// A span as a clock, for countdowns: `04:12`, `1:04:12`, `3d 04h`. Always at least five columns.
pub fn show_clock(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..=3599 => format!("{:02}:{:02}", seconds / 60, seconds % 60),
        3600..=86_399 => format!(
            "{}:{:02}:{:02}",
            seconds / 3600,
            seconds % 3600 / 60,
            seconds % 60
        ),
        _ => format!("{}d {:02}h", seconds / 86_400, seconds % 86_400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read_with_their_units() {
        assert_eq!(parse_span("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_span("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(parse_span(" 30s "), Ok(Duration::from_secs(30)));
        for wrong in [
            "",
            "30",
            "s",
            "3x",
            "-3s",
            "1.5s",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert!(parse_span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn spans_are_shown_short() {
        let shown = [0, 38, 4_200, 12_000, 185_000, 7_800_000, 273_600_000]
            .map(|ms| show_span(Duration::from_millis(ms)));
        assert_eq!(
            shown,
            [
                "0 ms", "38 ms", "4.2 s", "12 s", "3 m 05 s", "2 h 10 m", "3 d 4 h"
            ]
        );
        let clocks = [252, 3852, 273_600].map(|s| show_clock(Duration::from_secs(s)));
        assert_eq!(clocks, ["04:12", "1:04:12", "3d 04h"]);
    }

    #[test]
    fn times_are_read_as_services_write_them() {
        let noon = Wall(1_795_521_600_250_000);
        for text in [
            "2026-11-24T12:00:00.25Z",
            "2026-11-24T13:00:00.25+01:00",
            "1795521600.25",
            "1795521600250",
            "1795521600250000",
            "1795521600250000000",
        ] {
            assert_eq!(read_time(text), Some(noon), "{text}");
        }
        assert_eq!(read_time("1795521600"), Some(Wall(1_795_521_600_000_000)));
        for wrong in ["", "noon", "NaN", "1e300", "2026-13-01T00:00:00Z"] {
            assert_eq!(read_time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn wall_time_is_shown_as_rfc_3339() {
        assert_eq!(
            Wall(1_795_521_824_120_999).to_string(),
            "2026-11-24T12:03:44.120Z"
        );
        assert_eq!(Wall(-1).to_string(), "1969-12-31T23:59:59.999Z");
    }
}
