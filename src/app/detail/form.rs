//! The forms in which a payload can be shown, and which of them make sense for one.

use std::borrow::Cow;

use crate::{
    message::Kind,
    payload::{
        decoded::Decoded,
        hidden::{decodings, is_plain},
        json::{Shape, shape},
        mask::masked,
        protobuf::Schema,
    },
};

/// How a payload is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// JSON as a tree; for other payloads the form that fits them best.
    #[default]
    Tree,
    /// Protocol Buffers by their descriptor, as a tree.
    Protobuf,
    /// `MessagePack` as a tree.
    MessagePack,
    /// CBOR as a tree.
    Cbor,
    /// The fields of Protocol Buffers by their numbers, as a tree.
    Fields,
    /// What is different from the message before that is of the same kind.
    Difference,
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
            Self::Protobuf => "protobuf",
            Self::MessagePack => "MessagePack",
            Self::Cbor => "CBOR",
            Self::Fields => "protobuf fields",
            Self::Difference => "difference",
            Self::Text => "text",
            Self::Raw => "raw",
            Self::Hex => "hex",
        }
    }
}

/// The forms that make sense for a payload, the one that fits it best first, each with what it decodes to.
pub(super) struct Forms {
    pub(super) all: Vec<Form>,
    pub(super) decoded: Vec<(Form, Decoded)>,
}

impl Forms {
    pub(super) fn of(data: &[u8], kind: Kind, schema: Option<&Schema>) -> Self {
        if is_plain(data, kind) {
            let is_json = shape(data) != Shape::Other;
            let first = if is_json { Form::Tree } else { Form::Text };
            return Self::plain(&[first, Form::Raw, Form::Hex]);
        }
        let is_text = std::str::from_utf8(data).is_ok();
        let decoded = decoded(data, schema);
        let fits = |(form, decoded): &&(Form, Decoded)| match form {
            Form::Protobuf => true,
            Form::MessagePack | Form::Cbor => decoded.is_container(),
            _ => false,
        };
        let first = decoded.iter().filter(fits);
        let others = decoded.iter().filter(|found| !fits(found));
        let plain = [if is_text { Form::Text } else { Form::Hex }];
        let last = if is_text {
            [Form::Hex, Form::Raw]
        } else {
            [Form::Raw, Form::Raw]
        };
        let mut all: Vec<_> = first.map(|(form, _)| *form).collect();
        all.extend(plain);
        all.extend(others.map(|(form, _)| *form));
        all.extend(last);
        all.dedup();
        Self { all, decoded }
    }

    /// Masks what looks like a secret in what it decodes to.
    pub(super) fn mask(&mut self) {
        for (_, decoded) in &mut self.decoded {
            if let Cow::Owned(text) = masked(&decoded.text) {
                decoded.text = text;
            }
        }
    }

    fn plain(forms: &[Form]) -> Self {
        Self {
            all: forms.to_vec(),
            decoded: Vec::new(),
        }
    }
}

/// What a payload decodes to wholly.
fn decoded(data: &[u8], schema: Option<&Schema>) -> Vec<(Form, Decoded)> {
    let forms = [Form::Protobuf, Form::MessagePack, Form::Cbor, Form::Fields];
    let found = forms.into_iter().zip(decodings(data, schema));
    found
        .filter_map(|(form, decoded)| Some((form, decoded?)))
        .collect()
}
