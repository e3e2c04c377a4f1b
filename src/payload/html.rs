//! What an HTML page says, in plain text: error pages of servers and proxies are HTML, and its first line says nothing.
//!
//! Not a parser of HTML: markup is dropped, the few entities that occur are read, nothing is laid out. The text comes from
//! outside: show it escaped.

/// Elements whose content is not for the reader.
const UNSEEN: [&str; 4] = ["script", "style", "title", "template"];
/// Elements that stand within a line; at all others a new one begins.
const INLINE: [&str; 12] = [
    "a", "abbr", "b", "code", "em", "font", "i", "small", "span", "strong", "tt", "u",
];
const ENTITIES: [(&str, char); 6] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
];
/// The longest entity that is read, without `&` and `;`.
const LONGEST_ENTITY: usize = 8;

/// The lines of a page, its title first; `None`: this is no HTML. Spaces are folded, and empty lines left out.
pub fn lines(text: &str) -> Option<Vec<String>> {
    is_html(text).then(|| {
        let mut page = Page::default();
        page.read(text);
        page.break_line();
        page.title.into_iter().chain(page.lines).collect()
    })
}

fn is_html(text: &str) -> bool {
    let text = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<title",
        "<h1",
        "<center",
    ]
    .iter()
    .any(|sign| begins_with(text, sign))
}

/// Whatever the case.
fn begins_with(text: &str, sign: &str) -> bool {
    let head = text.as_bytes().get(..sign.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(sign.as_bytes()))
}

#[derive(Default)]
struct Page {
    title: Option<String>,
    lines: Vec<String>,
    line: String,
}

impl Page {
    fn read(&mut self, mut text: &str) {
        while let Some((before, tag)) = text.split_once('<') {
            self.say(before);
            text = self.tag(tag);
        }
        self.say(text);
    }

    /// Reads a tag behind its `<`; gives what follows it.
    fn tag<'t>(&mut self, text: &'t str) -> &'t str {
        if let Some(comment) = text.strip_prefix("!--") {
            return comment.split_once("-->").map_or("", |(_, rest)| rest);
        }
        let looks_like_one = |c: char| c.is_ascii_alphabetic() || "/!?".contains(c);
        if !text.starts_with(looks_like_one) {
            self.line.push('<');
            return text;
        }
        let (inside, rest) = text.split_once('>').unwrap_or((text, ""));
        let name = inside.trim_start_matches('/');
        let name = name
            .split(|c: char| !c.is_ascii_alphanumeric())
            .next()
            .unwrap_or_default();
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        if !INLINE.iter().any(|known| is(known)) {
            self.break_line();
        }
        match UNSEEN.into_iter().find(|known| is(known)) {
            Some(unseen) if !inside.starts_with('/') => self.pass_over(unseen, rest),
            _ => rest,
        }
    }

    /// Leaves the content of an element out; a title is kept apart.
    fn pass_over<'t>(&mut self, name: &str, text: &'t str) -> &'t str {
        let end = format!("</{name}");
        let mut ends = text.match_indices('<').map(|(at, _)| at);
        let at = ends.find(|at| begins_with(&text[*at..], &end));
        let (content, rest) = text.split_at(at.unwrap_or(text.len()));
        if name == "title" && self.title.is_none() {
            self.title = Some(folded(&unescaped(content))).filter(|title| !title.is_empty());
        }
        rest
    }

    fn say(&mut self, text: &str) {
        self.line.push_str(&unescaped(text));
    }

    fn break_line(&mut self) {
        let line = folded(&std::mem::take(&mut self.line));
        if !line.is_empty() {
            self.lines.push(line);
        }
    }
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unescaped(mut text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    while let Some((before, behind)) = text.split_once('&') {
        plain.push_str(before);
        let end = behind
            .bytes()
            .take(LONGEST_ENTITY + 1)
            .position(|byte| byte == b';');
        let read = end.and_then(|end| Some((entity(&behind[..end])?, &behind[end + 1..])));
        let (c, rest) = read.unwrap_or(('&', behind));
        plain.push(c);
        text = rest;
    }
    plain + text
}

fn entity(name: &str) -> Option<char> {
    let Some(number) = name.strip_prefix('#') else {
        let mut known = ENTITIES.iter();
        return known.find(|(known, _)| *known == name).map(|(_, c)| *c);
    };
    let number = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(number.ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn error_pages_are_read() {
        let python = "<!DOCTYPE HTML>\n<html lang=\"en\">\n    <head>\n        <meta charset=\"utf-8\">\n        \
                      <title>Error response</title>\n    </head>\n    <body>\n        <h1>Error response</h1>\n        \
                      <p>Error code: 403</p>\n        <p>Message: No permission -- see &quot;authorization&#34;.</p>\n";
        let nginx = "<html>\r\n<head><title>401 Authorization Required</title></head>\r\n<body>\r\n<center><h1>401 \
                     Authorization Required</h1></center>\r\n<hr><center>nginx/1.24.0</center>\r\n</body>\r\n</html>\r\n";
        let odd = "  <HTML><script>if (a < b) { x = '<title>no</title>' }</script><!-- <p>no</p> -->A<b>B</b>&amp;&nope;\
                   &#x1F600;&#xD800; 1 < 2 <br>C<p";
        let cases = [
            (
                python,
                vec![
                    "Error response",
                    "Error response",
                    "Error code: 403",
                    "Message: No permission -- see \"authorization\".",
                ],
            ),
            (
                nginx,
                vec![
                    "401 Authorization Required",
                    "401 Authorization Required",
                    "nginx/1.24.0",
                ],
            ),
            (odd, vec!["AB&&nope;\u{1f600}&#xD800; 1 < 2", "C"]),
            ("<title>é</title>", vec!["é"]),
            ("<html><style>no", vec![]),
        ];
        for (text, wanted) in cases {
            assert_eq!(lines(text).expect("HTML"), wanted);
        }
    }

    #[test]
    fn what_is_no_html_is_left_alone() {
        for text in [
            "",
            "no",
            "{\"a\":\"<html>\"}",
            "<error><code>1</code></error>",
            "é<html",
        ] {
            assert_eq!(lines(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(<html>)?(<|>|/|title|script|&|#|;|x|é| |\\PC){0,60}") {
            let read = lines(&text).unwrap_or_default();
            let size: usize = read.iter().map(String::len).sum();
            prop_assert!(size <= text.len());
            prop_assert!(read.iter().all(|line| !line.trim().is_empty()));
        }
    }
}
