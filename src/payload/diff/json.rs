//! The difference of two JSON texts: members by their names, items by what is the same around them.

use std::{collections::HashMap, ops::Range};

use super::{
    super::{
        path::{Hop, Path},
        place::Step,
        tree::{Walk, unquoted},
    },
    Difference, MOST_BYTES, MOST_CHANGES, Value, align,
};

/// More parts of one value than these are not compared.
const MOST_PARTS: usize = 20_000;
/// So much may cost to find what items belong together, in comparisons; behind it they are taken in their order.
const ALIGNMENT: usize = 4 << 20;

/// The difference of two texts that are known to be JSON; `None`: they are too large.
pub fn values<'a>(old: &'a [u8], new: &'a [u8]) -> Option<Difference<Value<'a>>> {
    if old.len().max(new.len()) > MOST_BYTES {
        return None;
    }
    let mut compare = Compare {
        old: Side::new(old),
        new: Side::new(new),
        place: Vec::new(),
        found: Difference::default(),
        left: ALIGNMENT,
    };
    let (was, is) = (compare.old.whole()?, compare.new.whole()?);
    compare.value(was, is);
    Some(compare.found)
}

/// One of the texts.
struct Side<'a> {
    bytes: &'a [u8],
    walk: Walk<'a>,
}

type Parts = Vec<(Option<Range<usize>>, Range<usize>)>;

impl<'a> Side<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        let walk = Walk::new(bytes);
        Self { bytes, walk }
    }

    fn whole(&mut self) -> Option<Range<usize>> {
        let start = self.walk.start();
        Some(start..self.walk.skip(start)?)
    }

    fn raw(&self, value: &Range<usize>) -> &'a [u8] {
        &self.bytes[value.clone()]
    }

    fn parts(&mut self, open: usize) -> Parts {
        self.walk.parts(open, MOST_PARTS)
    }
}

struct Compare<'a> {
    old: Side<'a>,
    new: Side<'a>,
    place: Vec<Hop>,
    found: Difference<Value<'a>>,
    left: usize,
}

impl Compare<'_> {
    fn value(&mut self, was: Range<usize>, is: Range<usize>) {
        let (old, new) = (self.old.raw(&was), self.new.raw(&is));
        if old == new {
            self.found.same += 1;
            return;
        }
        match (old.first(), new.first()) {
            (Some(b'{'), Some(b'{')) => self.objects(was.start, is.start),
            (Some(b'['), Some(b'[')) => self.arrays(was.start, is.start),
            (Some(b'"'), Some(b'"')) if unquoted(old) == unquoted(new) => self.found.same += 1,
            _ => self.tell(Some(was), Some(is)),
        }
    }

    fn tell(&mut self, was: Option<Range<usize>>, is: Option<Range<usize>>) {
        if self.found.changes.len() >= MOST_CHANGES {
            self.found.cut = true;
            return;
        }
        let value = Value {
            path: Path(self.place.clone()),
            old: was.map(|was| self.old.raw(&was)),
            new: is.map(|is| self.new.raw(&is)),
        };
        self.found.changes.push(value);
    }

    fn at(&mut self, step: Step, was: Option<Range<usize>>, is: Option<Range<usize>>) {
        self.place.push(Hop::Step(step));
        match (was, is) {
            (Some(was), Some(is)) => self.value(was, is),
            (was, is) => self.tell(was, is),
        }
        self.place.pop();
    }

    fn objects(&mut self, was: usize, is: usize) {
        let (old, new) = (self.old.parts(was), self.new.parts(is));
        let (old, new) = (named(&self.old, old), named(&self.new, new));
        let places: HashMap<&str, &Range<usize>> = old
            .iter()
            .map(|(name, value)| (name.as_str(), value))
            .collect();
        for (name, value) in &new {
            let before = places.get(name.as_str()).map(|before| (*before).clone());
            self.at(Step::Name(name.clone()), before, Some(value.clone()));
        }
        let names: std::collections::HashSet<&str> =
            new.iter().map(|(name, _)| name.as_str()).collect();
        for (name, value) in &old {
            if !names.contains(name.as_str()) {
                self.at(Step::Name(name.clone()), Some(value.clone()), None);
            }
        }
    }

    fn arrays(&mut self, was: usize, is: usize) {
        let (old, new) = (self.old.parts(was), self.new.parts(is));
        let raw = |side: &Side<'_>, parts: &Parts| -> Vec<u64> {
            parts
                .iter()
                .map(|(_, value)| digest(side.raw(value)))
                .collect()
        };
        let cost = old.len().saturating_mul(new.len());
        let pairs = if cost <= self.left {
            self.left -= cost;
            align::paired(&raw(&self.old, &old), &raw(&self.new, &new))
        } else {
            let there = |parts: &Parts, at: usize| (at < parts.len()).then_some(at);
            let all = 0..old.len().max(new.len());
            all.map(|at| (there(&old, at), there(&new, at))).collect()
        };
        for (was, is) in pairs {
            let number = is.or(was).unwrap_or_default();
            let value = |parts: &Parts, at: Option<usize>| Some(parts.get(at?)?.1.clone());
            self.at(Step::Item(number), value(&old, was), value(&new, is));
        }
    }
}

/// Items are told apart by a digest: what looks the same is compared in full afterwards.
fn digest(bytes: &[u8]) -> u64 {
    use std::hash::{DefaultHasher, Hasher};
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// Members by their names, in their order; of those with the same name the last one counts.
fn named(side: &Side<'_>, parts: Parts) -> Vec<(String, Range<usize>)> {
    let mut places = HashMap::new();
    let mut members: Vec<(String, Range<usize>)> = Vec::new();
    for (key, value) in parts {
        let name = key.map_or_else(String::new, |key| unquoted(side.raw(&key)));
        let at = *places.entry(name.clone()).or_insert(members.len());
        match members.get_mut(at) {
            Some(known) => known.1 = value,
            None => members.push((name, value)),
        }
    }
    members
}
