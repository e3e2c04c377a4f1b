//! Masks what looks like a secret in a payload that is shown: JSON Web Tokens, and the values of members whose names say
//! so. Lengths stay, so that places in the payload are the same.

use std::borrow::Cow;

use memchr::memmem;

/// Members that hold secrets, as services name them.
const NAMES: [&str; 9] = [
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "password",
    "authorization",
    "api_key",
    "apikey",
    "secret",
];
/// How the header of a JWT begins: `{"` in base64url (RFC 7515 section 3.1).
const JWT: &[u8] = b"eyJ";
/// A shorter text is no token.
const LEAST_JWT: usize = 30;

/// Whether a member of this name holds a secret.
pub(super) fn is_secret_name(name: &[u8]) -> bool {
    NAMES
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known.as_bytes()))
}

/// The payload with stars in place of what looks like a secret.
pub fn masked(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut masked = Cow::Borrowed(bytes);
    let tokens =
        memmem::find_iter(bytes, JWT).filter_map(|at| Some((at + JWT.len(), jwt_end(bytes, at)?)));
    let values = NAMES.iter().flat_map(|name| named(bytes, name));
    for (start, end) in tokens.chain(values) {
        masked.to_mut()[start..end].fill(b'*');
    }
    masked
}

/// Whether something in a text looks like a secret.
pub fn hides(text: &str) -> bool {
    *masked(text.as_bytes()) != *text.as_bytes()
}

/// A value with stars in place of what looks like a secret in it, also because of the name of its member.
pub fn masked_value<'v>(name: &str, value: &'v [u8]) -> Cow<'v, [u8]> {
    let mut member = serde_json::Value::from(name).to_string().into_bytes();
    member.push(b':');
    let start = member.len();
    member.extend_from_slice(value);
    match masked(&member) {
        Cow::Borrowed(_) => Cow::Borrowed(value),
        Cow::Owned(masked) => Cow::Owned(masked[start..].to_vec()),
    }
}

/// Where a JWT that begins here ends: two or four dots between parts in base64url (RFC 7515, RFC 7516).
fn jwt_end(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = &bytes[start..];
    let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let length = rest.iter().take_while(|byte| inside(byte)).count();
    let dots = memchr::memchr_iter(b'.', &rest[..length]).count();
    (dots >= 2 && length >= LEAST_JWT).then_some(start + length)
}

/// The texts of the members of this name, without their quotes; also where the object stands in a string, its quotes
/// with backslashes before them.
fn named<'b>(bytes: &'b [u8], name: &'b str) -> impl Iterator<Item = (usize, usize)> + 'b {
    let first = name.as_bytes()[0];
    let places = memchr::memchr2_iter(first, first.to_ascii_uppercase(), bytes);
    places.filter_map(move |at| {
        let behind = bytes.get(at..at + name.len())?;
        let before = bytes[..at].strip_suffix(b"\"")?;
        if !behind.eq_ignore_ascii_case(name.as_bytes()) {
            return None;
        }
        let escapes = backslashes(before);
        let rest = quote(&bytes[at + name.len()..], escapes)?.trim_ascii_start();
        let value = rest.strip_prefix(b":")?.trim_ascii_start();
        let value = quote(value, escapes)?;
        let start = bytes.len() - value.len();
        Some((start, start + text_length(value, escapes)))
    })
}

/// How many backslashes a text ends in.
fn backslashes(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| **byte == b'\\').count()
}

/// Behind a quote with so many backslashes before it.
fn quote(text: &[u8], escapes: usize) -> Option<&[u8]> {
    let (before, rest) = text.split_at_checked(escapes)?;
    rest.strip_prefix(b"\"")
        .filter(|_| backslashes(before) == escapes)
}

/// How long a JSON string is whose first quote is behind us; to the end where it has no last one. Its quotes have so
/// many backslashes before them; one within has as many again and one more, and what is a backslash within, that many
/// twice.
fn text_length(text: &[u8], escapes: usize) -> usize {
    for at in memchr::memchr_iter(b'"', text) {
        let before = backslashes(&text[..at]);
        if before < escapes {
            return at - before;
        }
        if (before - escapes).is_multiple_of(2 * (escapes + 1)) {
            return at - escapes;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &str) -> String {
        String::from_utf8_lossy(&masked(text.as_bytes())).into_owned()
    }

    #[test]
    fn what_looks_like_a_secret_is_masked() {
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";
        let stars = "*".repeat(token.len() - 3);
        assert_eq!(
            shown(&format!(r#"{{"t":"{token}","n":1}}"#)),
            format!(r#"{{"t":"eyJ{stars}","n":1}}"#)
        );
        assert_eq!(
            shown(&format!("wss://a/?x={token}&y")),
            format!("wss://a/?x=eyJ{stars}&y")
        );
        assert_eq!(
            shown(r#"{"password" : "a\"b","Access_Token":"xyz","secret":7,"secrets":"no"}"#),
            r#"{"password" : "****","Access_Token":"***","secret":7,"secrets":"no"}"#
        );
        // Objects within strings, and within strings of these.
        for (text, wanted) in [
            (
                r#"{"b":"{\"password\":\"h\\\"i\\\\\",\"x\":1}"}"#,
                r#"{"b":"{\"password\":\"**********\",\"x\":1}"}"#,
            ),
            (
                r#""{\"b\":\"{\\\"secret\\\" : \\\"hi\\\"}\"}""#,
                r#""{\"b\":\"{\\\"secret\\\" : \\\"**\\\"}\"}""#,
            ),
            (r#""{\"secret\":\"hi"#, r#""{\"secret\":\"**"#),
            (r#"["{\"secret\":\"hi","x"]"#, r#"["{\"secret\":\"**","x"]"#),
        ] {
            assert_eq!(shown(text), wanted);
        }
        // Cut off in the middle, it is masked all the same.
        assert_eq!(shown(r#"{"password":"hunter"#), r#"{"password":"******"#);
        for plain in [
            "eyJ is how they begin",
            "eyJhbGciOiJIUzI1NiJ9",
            r#"{"passwords":"x","type":"secret"}"#,
        ] {
            assert_eq!(shown(plain), plain);
        }
    }

    proptest! {
        #[test]
        fn lengths_stay(text in r#"(\\?"(password|secret)\\?":\\?"[a-z\\"é]{0,9}"?|eyJ[a-zA-Z.]{0,60}|.){0,6}"#) {
            prop_assert_eq!(masked(text.as_bytes()).len(), text.len());
        }
    }
}
