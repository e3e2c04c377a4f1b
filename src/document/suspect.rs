//! What looks like a secret where none belongs. It errs on the side of seeing one.

use std::ops::Range;

/// Parts of names that stand for secrets whatever the value.
const TELLING: [&str; 11] = [
    "token",
    "secret",
    "passw",
    "apikey",
    "api_key",
    "api-key",
    "jwt",
    "authorization",
    "cookie",
    "credential",
    "signature",
];

/// Names that stand for a secret when the value is long.
const DOUBTFUL: [&str; 7] = ["auth", "code", "key", "pwd", "session", "sig", "ticket"];

/// Whether a header or parameter of this name and value holds a secret.
pub fn is_secret(name: &str, value: &str) -> bool {
    if is_token(name) {
        return true;
    }
    let name = name.to_ascii_lowercase();
    TELLING.iter().any(|telling| name.contains(telling))
        || value.len() >= 16 && DOUBTFUL.contains(&name.trim_start_matches("x-"))
        || value.split_ascii_whitespace().any(is_token)
}

/// Whether a word has the shape of a JWT: base64url of `{"`, with a dot.
pub fn is_token(word: &str) -> bool {
    word.starts_with("eyJ") && word.len() >= 20 && word.contains('.')
}

/// The text with a mark in the place of everything that looks like a secret.
pub fn mask(mut text: String) -> String {
    for range in find(&text).into_iter().rev() {
        text.replace_range(range, "***");
    }
    text
}

/// Everything in a text of TOML that looks like a secret: tokens, what follows `Bearer`, and in URLs the
/// user information and telling query parameters.
pub fn find(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut scheme_end = None;
    for (start, word) in words(text) {
        let follows = scheme_end.is_some_and(|end: usize| {
            start > end && text[end..start].bytes().all(|byte| byte == b' ')
        });
        let token = word.find("eyJ").filter(|at| is_token(&word[*at..]));
        let whole = follows.then_some(0).or(token).map(|at| at..word.len());
        let parts = in_url(word).into_iter().chain(whole);
        found.extend(parts.map(|part| start + part.start..start + part.end));
        let scheme = ["Bearer", "bearer", "Basic"].contains(&word);
        scheme_end = scheme.then_some(start + word.len());
    }
    merged(found)
}

/// The same ranges without overlaps, in order.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

/// The user information and the values of telling query parameters of a URL, in order.
pub fn in_url(url: &str) -> Vec<Range<usize>> {
    let Some(authority) = url.find("://").map(|at| at + 3) else {
        return Vec::new();
    };
    let path = url[authority..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |at| authority + at);
    let user = url[authority..path]
        .rfind('@')
        .map(|at| authority..authority + at);
    let mut found: Vec<Range<usize>> = user.into_iter().collect();
    let mut start = path + url[path..].find('?').map_or(url.len() - path, |at| at + 1);
    for pair in url[start..].split(['&', '#']) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if is_secret(name, value) || pair.contains('=') && value.starts_with("eyJ") {
            found.push(start + pair.len() - value.len()..start + pair.len());
        }
        start += pair.len() + 1;
    }
    found
}

/// The words of a text with their places; quotes, commas and brackets part words as white space does.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let parts =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '[' | ']' | '{' | '}');
    let mut start = 0;
    text.split(parts).filter_map(move |word| {
        let at = start + text[start..].find(word).unwrap_or(0);
        start = at + word.len();
        start += text[start..].chars().next().map_or(0, char::len_utf8);
        (!word.is_empty()).then_some((at, word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        find(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn secrets_are_found_where_they_hide() {
        let token = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln";
        assert_eq!(found(&format!("x = \"{token}\" # é")), [token]);
        assert_eq!(
            found("A = 'Bearer abc'\nB = \"Basic  def\""),
            ["abc", "def"]
        );
        assert_eq!(
            found("u = \"wss://me:pw@host/a@b?x=1&access_token=abc&key=short#f\""),
            ["me:pw", "abc"]
        );
        for harmless in [
            "prefix = \"Bearer \" }",
            "invalid basic string",
            "url = 'wss://host/ws?stream=a&key=btc'",
            "token = \"stored\"",
        ] {
            assert_eq!(found(harmless), Vec::<&str>::new(), "{harmless}");
        }
    }
}
