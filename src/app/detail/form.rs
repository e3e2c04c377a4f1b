//! The forms in which a payload can be shown, and which of them make sense for one.

use crate::payload::json::{Shape, shape};

/// How a payload is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// JSON as a tree; for other payloads the form that fits them best.
    #[default]
    Tree,
    /// Text by its lines.
    Text,
    /// As it was on the wire.
    Raw,
    /// Sixteen bytes a line.
    Hex,
}

impl Form {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::Text => "text",
            Self::Raw => "raw",
            Self::Hex => "hex",
        }
    }

    /// The forms that make sense for a payload, the one that fits it best first.
    pub(super) fn offered(data: &[u8]) -> Vec<Self> {
        if shape(data) != Shape::Other {
            vec![Self::Tree, Self::Raw, Self::Hex]
        } else if std::str::from_utf8(data).is_ok() {
            vec![Self::Text, Self::Raw, Self::Hex]
        } else {
            vec![Self::Hex, Self::Raw]
        }
    }
}
