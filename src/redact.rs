//! The one redactor: puts a mark in the place of secrets that are in use, in whatever form they come back: as they are,
//! percent-encoded or form-encoded, as JSON escapes them, in base64 or in hex.
//!
//! Nearly every text holds none, so what is searched first is a short part of each form, and only where that is found the
//! whole. Parts are all that is kept of a secret outside [`Secret`].

use std::borrow::Cow;

use aho_corasick::packed;
use base64::{
    Engine,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use memchr::memmem;
use secrecy::zeroize::Zeroizing;

use crate::secret::{Secret, SecretJson};

/// What stands in the place of a secret.
pub const MARK: &str = "***";
/// A shorter secret, in bytes, is not taken out: it would be found where it is none.
pub const LEAST: usize = 6;
/// So much of a form is searched first.
const PART: usize = 12;

/// Knows secrets and takes them out of texts.
#[derive(Clone, Default)]
pub struct Redactor {
    /// Every form of every secret, the longest first.
    forms: Vec<Secret>,
    parts: Option<packed::Searcher>,
}

impl Redactor {
    /// Knows these secrets. Those too short to be told from other text are left out.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        let secrets = secrets
            .into_iter()
            .filter(|secret| secret.expose().len() >= LEAST);
        let mut forms: Vec<_> = secrets.flat_map(forms).collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.expose().len()));
        forms.dedup();
        let mut builder = packed::Config::new().builder();
        for form in &forms {
            builder.add(part(form.expose().as_bytes()));
        }
        Self {
            parts: builder.build(),
            forms,
        }
    }

    /// Whether it knows none.
    pub const fn is_empty(&self) -> bool {
        self.forms.is_empty()
    }

    /// The bytes without the secrets.
    pub fn bytes<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        if !self.may_hold(bytes) {
            return Cow::Borrowed(bytes);
        }
        let found = |bytes: Cow<'b, [u8]>, form: &Secret| {
            let secret = form.expose().as_bytes();
            match memmem::find(&bytes, secret) {
                None => bytes,
                Some(first) => Cow::Owned(without(&bytes, secret, first)),
            }
        };
        self.forms.iter().fold(Cow::Borrowed(bytes), found)
    }

    /// The text without the secrets.
    pub fn text(&self, text: String) -> String {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => text,
            // Secrets are whole characters, so what is left is text.
            Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    #[inline]
    fn may_hold(&self, bytes: &[u8]) -> bool {
        match &self.parts {
            Some(parts) => parts.find(bytes).is_some(),
            // More forms than the searcher takes: each is looked for.
            None => !self.forms.is_empty(),
        }
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} forms)", self.forms.len())
    }
}

/// The forms in which a secret may come back.
fn forms(secret: &Secret) -> Vec<Secret> {
    let plain = secret.expose();
    let mut percent = String::with_capacity(3 * plain.len());
    percent_encoded(&mut percent, plain);
    let quoted = Zeroizing::new(SecretJson(plain.into()).0.to_string());
    let form = percent.replace("%20", "+");
    let mut forms = vec![
        plain.to_owned(),
        percent.to_ascii_lowercase(),
        form.to_ascii_lowercase(),
        percent,
        form,
        hex(plain),
        hex(plain).to_ascii_uppercase(),
        quoted[1..quoted.len() - 1].to_owned(),
    ];
    for engine in [&BASE64_STANDARD_NO_PAD, &BASE64_URL_SAFE_NO_PAD] {
        forms.extend((0..3).map(|before| in_base64(engine, plain.as_bytes(), before)));
    }
    let mut forms: Vec<_> = forms.into_iter().map(Secret::new).collect();
    // Lower-case percent-encoding changes letters of the secret itself, and is right only where there are none.
    forms.retain(|form| {
        let form = form.expose();
        form.len() >= LEAST && (form == plain || !form.eq_ignore_ascii_case(plain))
    });
    forms
}

fn hex(plain: &str) -> String {
    use std::fmt::Write;
    let text = String::with_capacity(2 * plain.len());
    plain.bytes().fold(text, |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The secret in base64 behind so many other bytes, without the characters that depend on its neighbours.
fn in_base64(engine: &base64::engine::GeneralPurpose, secret: &[u8], before: usize) -> String {
    let whole = Zeroizing::new([&[0; 2][..before], secret].concat());
    let text = Zeroizing::new(engine.encode(&*whole));
    let first = (before * 8).div_ceil(6);
    let last = text.len() - usize::from(!(before + secret.len()).is_multiple_of(3));
    text.get(first..last).unwrap_or_default().to_owned()
}

/// The part of a form that is searched first: from its middle, as beginnings are often alike.
fn part(form: &[u8]) -> &[u8] {
    let start = (form.len().saturating_sub(PART)) / 2;
    &form[start..form.len().min(start + PART)]
}

fn without(bytes: &[u8], secret: &[u8], first: usize) -> Vec<u8> {
    let mut clean = bytes[..first].to_vec();
    let mut from = first;
    for at in memmem::find_iter(&bytes[first..], secret).map(|at| at + first) {
        clean.extend_from_slice(&bytes[from..at]);
        clean.extend_from_slice(MARK.as_bytes());
        from = at + secret.len();
    }
    clean.extend_from_slice(&bytes[from..]);
    clean
}

/// Writes everything but the unreserved characters of RFC 3986 section 2.3 as `%XX`.
pub fn percent_encoded(into: &mut String, text: &str) {
    use std::fmt::Write;
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            into.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(into, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    fn knows(secret: &str) -> Redactor {
        Redactor::new([&Secret::new(secret.to_owned())])
    }

    #[test]
    fn every_form_is_taken_out() {
        let redactor = knows("p%ss/wörd\"+1&é");
        for form in [
            "p%ss/wörd\"+1&é",
            "p%25ss%2Fw%C3%B6rd%22%2B1%26%C3%A9",
            "p%25ss%2fw%c3%b6rd%22%2b1%26%c3%a9",
            "p%ss/wörd\\\"+1&é",
            "702573732f77c3b67264222b3126c3a9",
            "702573732F77C3B67264222B3126C3A9",
        ] {
            let clean = redactor.text(format!("<{form}>"));
            assert_eq!(clean, "<***>", "{form}");
        }
        assert_eq!(knows("two words").text("two+words".into()), "***");
        assert_eq!(redactor.text("p%ss/wör".into()), "p%ss/wör");
        assert!(knows("short").is_empty());
    }

    #[test]
    fn base64_is_known_wherever_the_secret_stands_in_it() {
        let redactor = knows("s3cret-t0ken");
        for before in ["", "a", "ab", "abc", "user:"] {
            let text = BASE64_STANDARD.encode(format!("{before}s3cret-t0ken and more"));
            assert!(
                redactor.text(text.clone()).contains(MARK),
                "{before}: {text}"
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_of_a_secret_is_left(
            secret in "[ -~é]{6,40}", before in "[ -~]{0,9}", after in "[ -~]{0,9}", form in 0..5_u8
        ) {
            let redactor = knows(&secret);
            let mut percent = String::new();
            percent_encoded(&mut percent, &secret);
            let inner = match form {
                0 => secret.clone(),
                1 => percent,
                2 => serde_json::Value::from(secret.as_str()).to_string(),
                3 => BASE64_STANDARD.encode(&secret),
                _ => BASE64_URL_SAFE.encode(&secret),
            };
            let clean = redactor.text(format!("{before}{inner}{after}"));
            prop_assert!(!clean.contains(inner.trim_matches(['"', '='])), "{} in {}", inner, clean);
        }

        #[test]
        fn other_texts_stay(secret in "[a-z0-9]{12,40}", text in "[A-Z ]{0,80}") {
            prop_assert_eq!(knows(&secret).text(text.clone()), text);
        }
    }
}
