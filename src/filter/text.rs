//! A text that is searched for in events, whatever the case of its letters.

use memchr::{memchr2_iter, memmem};

/// A prepared text. ASCII text is compared byte by byte, other text by Unicode's lower case. Escapes in JSON are not
/// undone: what is searched is what was on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    lower: String,
    /// Where in ASCII text the byte stands that is least common in payloads.
    rare: Option<usize>,
}

/// Bytes by how common they are in JSON payloads, the commonest first; others are less common still.
const COMMON: &[u8] = b"\":,e0ta1nrios2 lducm3p4f5-67g8h9b.y{}v_w[]kxTZAESCDI";

impl Query {
    /// A query for this text; `None` when it is empty.
    pub(super) fn new(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let rare = lower.is_ascii().then(|| rarest(lower.as_bytes()));
        (!text.is_empty()).then_some(Self { lower, rare })
    }

    /// Whether the text is in these bytes.
    pub(super) fn matches(&self, bytes: &[u8]) -> bool {
        match self.rare {
            Some(rare) => contains(bytes, self.lower.as_bytes(), rare),
            None if bytes.is_ascii() => false,
            None => match std::str::from_utf8(bytes) {
                Ok(text) => text.to_lowercase().contains(&self.lower),
                Err(_) => memmem::find(bytes, self.lower.as_bytes()).is_some(),
            },
        }
    }
}

fn rarest(lower: &[u8]) -> usize {
    let rank = |byte: &u8| COMMON.iter().position(|common| common == byte);
    let scored = lower
        .iter()
        .map(|byte| rank(byte).unwrap_or(COMMON.len()))
        .enumerate();
    scored.max_by_key(|(_, rank)| *rank).map_or(0, |(at, _)| at)
}

/// Looks for the needle around each place where its rare byte stands.
fn contains(bytes: &[u8], lower: &[u8], rare: usize) -> bool {
    let Some(last) = bytes.len().checked_sub(lower.len()) else {
        return false;
    };
    let byte = lower[rare];
    let places = &bytes[rare..=last + rare];
    memchr2_iter(byte, byte.to_ascii_uppercase(), places)
        .any(|start| bytes[start..start + lower.len()].eq_ignore_ascii_case(lower))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_in(query: &str, bytes: &[u8]) -> bool {
        Query::new(query).is_none_or(|query| query.matches(bytes))
    }

    #[test]
    fn case_does_not_matter() {
        let payload = r#"{"msg":"Grüße aus KÖLN","id":"o-77","n":12.90}"#.as_bytes();
        for hit in [
            "msg",
            "GRÜ",
            "köln",
            "KöLn",
            "O-77",
            "12.90",
            "\"ID\":\"",
            "}",
        ] {
            assert!(is_in(hit, payload), "{hit}");
        }
        for miss in ["koln", "o-78", "12.91", "msgs", "ß!", "[", "@"] {
            assert!(!is_in(miss, payload), "{miss}");
        }
        assert!(is_in("ü", b"\xff\xc3\xbc") && !is_in("abc", b"ab") && !is_in("@", b"`"));
        assert_eq!(Query::new(""), None);
    }

    proptest! {
        #[test]
        fn it_agrees_with_lower_case(text in "[a-cA-C0\"äÄ]{0,24}", query in "[a-cA-C0\"äÄ]{0,4}") {
            let naive = text.to_lowercase().contains(&query.to_lowercase());
            prop_assert_eq!(is_in(&query, text.as_bytes()), naive);
        }
    }
}
