//! The columns of the monitor's list, by their names or by paths of JSON.

use std::sync::Arc;

use crate::{
    document::{Fault, Faults, Value, nearest, texts},
    payload::{
        field::Field,
        path::{Path, PathFault},
    },
};

/// A column of the list of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// When it happened.
    Time,
    /// The distance to the message listed before.
    Distance,
    /// Whose it is.
    Stream,
    /// Which way it went.
    Direction,
    /// The type that its payload states.
    Type,
    /// How long its payload is.
    Size,
    /// What tells it from others, where the dialect knows it.
    Id,
    /// A value of its payload.
    Path(Arc<Field>),
    /// The channel it belongs to, where the dialect knows it.
    Channel,
}

impl Column {
    /// Those that are built in, with their names, in the order of the list; and whether they are there at first.
    pub const BUILT_IN: [(&'static str, Self, bool); 8] = [
        ("time", Self::Time, true),
        ("distance", Self::Distance, true),
        ("stream", Self::Stream, true),
        ("direction", Self::Direction, true),
        ("type", Self::Type, true),
        ("size", Self::Size, false),
        ("id", Self::Id, false),
        ("channel", Self::Channel, true),
    ];

    /// The column of a value.
    pub fn path(path: Path) -> Self {
        Self::Path(Arc::new(Field::new(path)))
    }

    /// Its name; of a path what it is without its first dot.
    pub fn name(&self) -> String {
        if let Self::Path(field) = self {
            return field.title();
        }
        let mut known = Self::BUILT_IN.into_iter();
        let found = known.find(|(_, column, _)| column == self);
        found.map_or_else(String::new, |(name, ..)| name.to_owned())
    }
}

/// A list of columns.
pub(super) fn columns<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<Vec<Column>> {
    let found = texts(name, value, faults)?;
    let read = |(text, value)| column(text, value, faults);
    Some(found.into_iter().filter_map(read).collect())
}

fn column(text: &str, value: &Value<'_>, faults: &mut Faults<'_>) -> Option<Column> {
    if text.starts_with('.') {
        return match text.parse() {
            Ok(path) => Some(Column::path(path)),
            Err(PathFault { span, message }) => {
                let place = faults.inside(value.span(), text, span);
                faults.add(place, Fault::new(message, PathFault::HELP));
                None
            }
        };
    }
    let names = Column::BUILT_IN.map(|(name, ..)| name);
    let mut known = Column::BUILT_IN.into_iter();
    if let Some((_, column, _)) = known.find(|(name, ..)| *name == text) {
        return Some(column);
    }
    let message = format!("there is no column '{text}'");
    let help = match nearest(text, names) {
        Some(name) => format!("did you mean '{name}'? a path of JSON begins with a dot"),
        None => format!(
            "write one of {}, or a path such as .data.price",
            names.join(", ")
        ),
    };
    faults.add(value.span(), Fault::new(message, help));
    None
}
