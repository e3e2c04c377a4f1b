//! The types that messages state: each name kept once, with a count.

use std::collections::HashMap;

use super::segment::Tag;

/// Names and counts. Bounded, since the names come from outside.
#[derive(Debug, Default)]
pub(super) struct Types {
    ids: HashMap<Box<str>, u16>,
    known: Vec<(Box<str>, u64)>,
    /// Messages whose type found no place.
    others: u64,
}

/// More distinct types than these, or longer names, are not types but data.
const MAX_KNOWN: usize = 1024;
const MAX_NAME_BYTES: usize = 128;

/// So many types are looked through one by one.
const FEW: usize = 8;

/// What the rest is counted under.
pub(super) const OTHERS: &str = "(other types)";

impl Types {
    /// The id for no type.
    pub(super) const NONE: u16 = Tag::MAX_TYPE;
    /// The id for a type that found no place.
    pub(super) const OTHER: u16 = Tag::MAX_TYPE - 1;

    /// Counts a message of this type and gives its id.
    pub(super) fn count(&mut self, name: &str) -> u16 {
        let id = self.id(name).unwrap_or_else(|| self.admit(name));
        match self.known.get_mut(usize::from(id)) {
            Some((_, count)) => *count += 1,
            None => self.others += 1,
        }
        id
    }

    /// The name of a type, unless it found no place.
    pub(super) fn name(&self, id: u16) -> Option<&str> {
        self.known.get(usize::from(id)).map(|(name, _)| &**name)
    }

    /// Each name with its count, in the order they came; last the rest.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        let others = (self.others > 0).then_some((OTHERS, self.others));
        self.known
            .iter()
            .map(|(name, count)| (&**name, *count))
            .chain(others)
    }

    /// Most streams have few types, and to compare is cheaper than to hash.
    fn id(&self, name: &str) -> Option<u16> {
        let mut first = self.known.iter().take(FEW);
        let found = first.position(|(known, _)| &**known == name);
        found.map(|id| id as u16).or_else(|| {
            let all_seen = self.known.len() <= FEW;
            if all_seen {
                None
            } else {
                self.ids.get(name).copied()
            }
        })
    }

    fn admit(&mut self, name: &str) -> u16 {
        if self.known.len() >= MAX_KNOWN || name.len() > MAX_NAME_BYTES {
            return Self::OTHER;
        }
        let id = self.known.len() as u16;
        self.known.push((name.into(), 0));
        self.ids.insert(name.into(), id);
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded_in_number_and_length() {
        let mut types = Types::default();
        let first = types.count("order");
        assert_eq!(
            (types.count("order"), types.name(first)),
            (first, Some("order"))
        );
        assert_eq!(types.count(&"x".repeat(129)), Types::OTHER);
        for n in 0..2000 {
            types.count(&n.to_string());
        }
        let all: Vec<_> = types.iter().collect();
        assert_eq!((all.len(), all[0]), (1025, ("order", 2)));
        assert_eq!(all[1024], (OTHERS, 2000 - 1023 + 1));
    }
}
