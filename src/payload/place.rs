//! What stands at a place of a JSON text, found as a parser that builds everything would find it: of members with the
//! same name the last one counts.

use std::ops::Range;

use super::scan::Scan;

/// A step to a part of a value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The member of an object with this name.
    Name(String),
    /// The item of an array with this number, from 0.
    Item(usize),
}

/// What was found at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A value, there in the text.
    Value(Range<usize>),
    /// Nothing: an object without the member, or asked for an item, an array that is too short, or a part of `null`.
    Nothing,
    /// There can be none: it would be a part of something that has no such parts.
    Wrong,
    /// The names on the way are escaped, or this is no JSON.
    Unclear,
}

/// Looks at a place of a text that is known to be JSON.
pub fn find(bytes: &[u8], path: &[Step]) -> Found {
    let mut scan = Scan::new(bytes);
    let mut at = scan.blank(0);
    for step in path {
        let next = match (bytes.get(at), step) {
            (Some(b'{'), Step::Name(name)) => member(&mut scan, at, name),
            (Some(b'['), Step::Item(number)) => item(&mut scan, at, *number),
            (Some(b'n'), _) | (Some(b'{'), Step::Item(_)) => return Found::Nothing,
            (Some(_), _) => return Found::Wrong,
            (None, _) => return Found::Unclear,
        };
        match next {
            Ok(Some(next)) => at = next,
            Ok(None) => return Found::Nothing,
            Err(Unclear) => return Found::Unclear,
        }
    }
    match scan.skip(at) {
        Some(end) => Found::Value(at..end),
        None => Found::Unclear,
    }
}

/// The names are escaped, or this is no JSON.
struct Unclear;

/// Where the last member of this name begins, if there is one.
fn member(scan: &mut Scan<'_>, mut at: usize, wanted: &str) -> Result<Option<usize>, Unclear> {
    let mut found = None;
    loop {
        let key = scan.blank(at + 1);
        if scan.bytes.get(key) == Some(&b'}') {
            return Ok(found);
        }
        let end = scan.string(key + 1).ok_or(Unclear)?;
        let name = scan.bytes.get(key + 1..end - 1).ok_or(Unclear)?;
        let colon = scan.blank(end);
        let value = scan.blank(colon + 1);
        if name == wanted.as_bytes() {
            found = Some(value);
        } else if name.contains(&b'\\') {
            return Err(Unclear);
        }
        let end = scan.skip(value).ok_or(Unclear)?;
        at = scan.blank(end);
        if scan.bytes.get(at) != Some(&b',') {
            return Ok(found);
        }
    }
}

/// Where an item begins, if it is there.
fn item(scan: &mut Scan<'_>, mut at: usize, wanted: usize) -> Result<Option<usize>, Unclear> {
    for _ in 0..wanted {
        let start = scan.blank(at + 1);
        if scan.bytes.get(start) == Some(&b']') {
            return Ok(None);
        }
        let end = scan.skip(start).ok_or(Unclear)?;
        at = scan.blank(end);
        if scan.bytes.get(at) != Some(&b',') {
            return Ok(None);
        }
    }
    let start = scan.blank(at + 1);
    Ok((scan.bytes.get(start) != Some(&b']')).then_some(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_as_a_parser_finds_them() {
        let text = br#" {"a":{"b":[1,[],"x"]},"n":null,"a" : {"b":[7 , {}]} } "#;
        let name = |name: &str| Step::Name(name.into());
        let find_in = |path: &[Step]| match find(text, path) {
            Found::Value(range) => Ok(&text[range]),
            other => Err(other),
        };
        assert_eq!(
            find_in(&[name("a"), name("b"), Step::Item(0)]),
            Ok(&b"7"[..])
        );
        assert_eq!(
            find_in(&[name("a"), name("b"), Step::Item(1)]),
            Ok(&b"{}"[..])
        );
        assert_eq!(
            find_in(&[name("a"), name("b"), Step::Item(2)]),
            Err(Found::Nothing)
        );
        assert_eq!(
            find_in(&[name("n"), name("b"), Step::Item(2)]),
            Err(Found::Nothing)
        );
        assert_eq!(find_in(&[name("x")]), Err(Found::Nothing));
        assert_eq!(find_in(&[name("a"), Step::Item(0)]), Err(Found::Nothing));
        assert_eq!(
            find_in(&[name("a"), name("b"), name("x")]),
            Err(Found::Wrong)
        );
        assert_eq!(find(br#"{"\u0061":1}"#, &[name("a")]), Found::Unclear);
        assert_eq!(find(b"[]", &[Step::Item(0)]), Found::Nothing);
        assert_eq!(find(b"", &[]), Found::Unclear);
    }
}
