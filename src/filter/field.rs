//! Comparisons of fields: what stands behind the sign becomes a test, or a fault at its place.

use std::ops::Range;

use jiff::{Timestamp, civil};

use crate::{document::nearest, message::Direction, time::parse_span};

use super::{
    Fault,
    expr::{Moment, Order, Test},
    lex::{FIELDS, Field},
    words,
};

/// A comparison as it is written.
pub(super) struct Asked {
    pub(super) field: Field,
    pub(super) order: Order,
    pub(super) sign: Range<usize>,
    pub(super) whole: Range<usize>,
    /// At least one, each with its place.
    pub(super) values: Vec<(String, Range<usize>)>,
}

/// The field that a name was probably meant to be.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    if name.len() < 3 || !name.chars().all(|c| c.is_ascii_lowercase()) {
        return None;
    }
    let others = [
        ("channel", "chan"),
        ("direction", "dir"),
        ("profile", "stream"),
    ];
    let other = others.iter().find(|(other, _)| *other == name);
    let near = || nearest(name, FIELDS.iter().map(|(known, _)| *known));
    other.map(|(_, meant)| *meant).or_else(near)
}

impl Asked {
    /// The test.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(super) fn test(self) -> Result<Test, Vec<Fault>> {
        let ordered = matches!(self.field, Field::Size | Field::Time);
        if !ordered && self.order != Order::Equal {
            let help = "write ':' in its place";
            return Err(vec![Fault::new(
                self.sign,
                "this field is not larger or smaller",
                help,
            )]);
        }
        if self.field == Field::Time && self.order == Order::Equal {
            let help = "write time> or time<, as in time>12:03 or time>-5m";
            return Err(vec![Fault::new(
                self.sign,
                "no event is at just this time",
                help,
            )]);
        }
        let empty = self.values.iter().filter(|(value, _)| value.is_empty());
        let faults: Vec<_> = empty
            .map(|(_, span)| {
                let span = if span.is_empty() {
                    self.sign.clone()
                } else {
                    span.clone()
                };
                Fault::new(span, "nothing is compared with", self.example())
            })
            .collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        if let Field::Name(name) = self.field {
            let names = self.values.into_iter().map(|(value, _)| value);
            return Ok(Test::Name(name, names.collect()));
        }
        self.single().map_err(|fault| vec![fault])
    }

    const fn example(&self) -> &'static str {
        match self.field {
            Field::Name(_) => "write a name behind it, as in type:order.*",
            Field::Direction => "write dir:in or dir:out",
            Field::Class => {
                "write class:event, class:heartbeat, class:control, class:duplicate or class:lifecycle"
            }
            Field::Size => "write a number of bytes behind it, as in size>1k",
            Field::Time => "write a time behind it, as in time>12:03 or time>-5m",
        }
    }

    /// What takes one value only.
    fn single(&self) -> Result<Test, Fault> {
        let Some((value, span)) = self.values.first().filter(|_| self.values.len() == 1) else {
            let message = "only one value can stand here";
            return Err(Fault::new(self.whole.clone(), message, self.example()));
        };
        let wrong = |what: &str| {
            let message = format!("'{value}' is no {what}");
            Err(Fault::new(span.clone(), message, self.example()))
        };
        match self.field {
            Field::Direction => match value.as_str() {
                "in" => Ok(Test::Direction(Direction::In)),
                "out" => Ok(Test::Direction(Direction::Out)),
                _ => wrong("direction"),
            },
            Field::Class => match words::CLASSES.iter().find(|(word, _)| word == value) {
                Some((_, class)) => Ok(Test::Class(*class)),
                None => wrong("class"),
            },
            Field::Size => match size(value) {
                Some(bytes) => Ok(Test::Size(self.order, bytes)),
                None => wrong("size"),
            },
            Field::Time => match moment(value) {
                Some(moment) => Ok(Test::Time(self.order, moment)),
                None => wrong("time"),
            },
            Field::Name(name) => Ok(Test::Name(name, vec![value.clone()])),
        }
    }
}

/// `200`, `1k`, `1.5MiB`: a number of bytes; k, m and g are 1024 of what is before them.
fn size(text: &str) -> Option<u64> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let factor: u32 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return None,
    };
    let number = &text[..text.len() - unit.len()];
    if let Ok(number) = number.parse::<u64>() {
        return number.checked_mul(1 << factor);
    }
    let number: f64 = number.parse().ok()?;
    Some((number * f64::from(1_u32 << factor)) as u64)
}

/// A time of day, a date with a time, or a span before now.
fn moment(text: &str) -> Option<Moment> {
    if let Some(span) = text.strip_prefix('-') {
        return parse_span(span).ok().map(Moment::Ago);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(Moment::At(time));
    }
    if text.contains('-') {
        return text.parse::<civil::DateTime>().ok().map(Moment::Date);
    }
    clock(text).map(Moment::Clock)
}

/// `12:03`, `12:03:44`, `12:03:44.120`.
fn clock(text: &str) -> Option<civil::Time> {
    let digits = |c: char| c.is_ascii_digit() || c == ':' || c == '.';
    if !text.contains(':') || !text.chars().all(digits) {
        return None;
    }
    let whole = if text.find(':') == Some(1) {
        format!("0{text}")
    } else {
        text.to_owned()
    };
    whole.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_read() {
        assert_eq!(
            ["0", "1k", "1.5KiB", "2MB", "20b"].map(size),
            [0, 1024, 1536, 2 << 20, 20].map(Some)
        );
        assert_eq!(
            ["", "k", "1x", "-1", "1..2k", "99999999999g"].map(size),
            [None; 6]
        );
        for time in [
            "9:03",
            "12:03",
            "23:59:59.120",
            "2026-11-24T12:03",
            "2026-11-24",
            "2026-11-24T12:03:44Z",
            "-5m",
        ] {
            assert!(moment(time).is_some(), "{time}");
        }
        for time in ["", "12", "25:00", "noon", "-5", "12:03x", "2026-13-01"] {
            assert!(moment(time).is_none(), "{time}");
        }
    }
}
