//! Makes the rows of a text, what is open by what is open.

use std::rc::Rc;

use super::{
    super::{
        json::{Shape, shape},
        mask::masked,
        path::Hop,
        place::Step,
    },
    Folds, Kind, MOST_ROWS, Name, Node, Part, Tree, Walk, unquoted,
};

/// What has more parts than this is folded at first, unless it is the whole.
const LONG: usize = 32;
/// So many bytes are looked at to find out.
const AHEAD: usize = 16 << 10;
/// So many in all; behind them everything is open at first.
const AHEAD_IN_ALL: usize = 4 << 20;
/// So many bytes of strings are looked at whether they are JSON.
const INNER: usize = 4 << 20;
/// Deeper than this, strings are not looked into.
const DEEP: usize = 64;

/// See [`Tree::new`].
pub(super) fn build(text: &Rc<[u8]>, folds: &Folds, mask: bool) -> Tree {
    let mut build = Build {
        tree: Tree {
            texts: vec![text.clone()],
            nodes: Vec::new(),
            names: 0,
            cut: false,
        },
        folds,
        mask,
        place: Vec::new(),
        ahead: AHEAD_IN_ALL,
        inner: INNER,
    };
    let mut reading = Reading::new(text, 0);
    let at = reading.walk.start();
    let has_parts = matches!(text.get(at), Some(b'{' | b'[')) && reading.walk.first(at).is_some();
    if has_parts {
        build.parts(&mut reading, at, None);
    } else {
        let whole = Part {
            key: None,
            value: at,
        };
        build.part(&mut reading, None, Name::Whole, &whole);
    }
    build.tree
}

/// A text that is read, and its number.
struct Reading<'t> {
    walk: Walk<'t>,
    bytes: &'t [u8],
    text: usize,
}

impl<'t> Reading<'t> {
    fn new(bytes: &'t [u8], text: usize) -> Self {
        let walk = Walk::new(bytes);
        Self { walk, bytes, text }
    }
}

struct Build<'f> {
    tree: Tree,
    folds: &'f Folds,
    mask: bool,
    /// Where it is.
    place: Vec<Hop>,
    ahead: usize,
    inner: usize,
}

impl Build<'_> {
    /// Makes rows of the parts of what begins here in a text; returns where it ends. `None`: enough rows.
    fn parts(
        &mut self,
        reading: &mut Reading<'_>,
        open: usize,
        parent: Option<usize>,
    ) -> Option<usize> {
        let object = reading.bytes.get(open) == Some(&b'{');
        let mut number = 0;
        let mut longest = 0;
        let mut end = open + 1;
        let mut part = reading.walk.first(open);
        while let Some(found) = part {
            let name = match &found.key {
                Some(key) => Name::Key(key.clone()),
                None => Name::Item(number),
            };
            longest = longest.max(match &name {
                Name::Key(key) => key.len() - 2,
                _ => number.max(1).ilog10() as usize + 1,
            });
            self.note_names(parent, longest);
            end = self.part(reading, parent, name, &found)?;
            number += 1;
            part = reading.walk.next(end, object);
        }
        if let Some(parent) = parent {
            self.tree.nodes[parent].parts = Some(number);
        }
        Some(reading.walk.close(end))
    }

    fn note_names(&mut self, parent: Option<usize>, longest: usize) {
        match parent {
            Some(parent) => self.tree.nodes[parent].names = longest,
            None => self.tree.names = longest,
        }
    }

    /// Makes the row of a part and of what is in it; returns where it ends. `None`: enough rows.
    fn part(
        &mut self,
        reading: &mut Reading<'_>,
        parent: Option<usize>,
        name: Name,
        part: &Part,
    ) -> Option<usize> {
        let bytes = reading.bytes;
        let row = self.tree.nodes.len();
        if row >= MOST_ROWS {
            self.tree.cut = true;
            return None;
        }
        let at = part.value;
        let kind = kind(*bytes.get(at)?);
        let quoted = part.key.as_ref().and_then(|key| bytes.get(key.clone()));
        self.tree.nodes.push(Node {
            parent,
            depth: parent.map_or(0, |parent| self.tree.nodes[parent].depth + 1),
            name,
            kind,
            text: reading.text,
            // Where it ends is put right below; until then it holds for what is cut.
            value: at..bytes.len(),
            open: None,
            parts: None,
            names: 0,
        });
        let step = self.step_to(row, quoted, kind);
        let entered = step.is_some();
        self.place.extend(step.map(Hop::Step));
        let end = match kind {
            Kind::Object | Kind::Array => self.container(reading, at, row),
            Kind::String => self.string(reading, at, row),
            Kind::Number | Kind::Word => reading.walk.skip(at),
        };
        if entered {
            self.place.pop();
        }
        let end = end?;
        self.tree.nodes[row].value.end = end;
        Some(end)
    }

    /// The step to a row, where it is asked for: of what may be opened.
    fn step_to(&self, row: usize, quoted: Option<&[u8]>, kind: Kind) -> Option<Step> {
        if matches!(kind, Kind::Number | Kind::Word) {
            return None;
        }
        match self.tree.nodes[row].name {
            Name::Whole => None,
            Name::Item(number) => Some(Step::Item(number)),
            Name::Key(_) => quoted.map(|quoted| Step::Name(unquoted(quoted))),
        }
    }

    fn container(&mut self, reading: &mut Reading<'_>, at: usize, row: usize) -> Option<usize> {
        if reading.walk.first(at).is_none() {
            self.tree.nodes[row].parts = Some(0);
            return reading.walk.skip(at);
        }
        let open = self
            .folds
            .is_open(&self.place)
            .unwrap_or_else(|| !self.is_long(reading.bytes, at));
        self.tree.nodes[row].open = Some(open);
        if open {
            return self.parts(reading, at, Some(row));
        }
        let (count, end) = reading.walk.measure(at, usize::MAX);
        self.tree.nodes[row].parts = Some(count);
        end
    }

    fn is_long(&mut self, bytes: &[u8], at: usize) -> bool {
        let window = AHEAD.min(self.ahead);
        let seen = &bytes[at..bytes.len().min(at + window)];
        let (count, end) = Walk::new(seen).measure(0, LONG + 1);
        self.ahead -= end.unwrap_or(seen.len());
        count > LONG
    }

    /// A string, and what it holds when that is JSON and open.
    fn string(&mut self, reading: &mut Reading<'_>, at: usize, row: usize) -> Option<usize> {
        let end = reading.walk.skip(at)?;
        let Some(inner) = self.inner(&reading.bytes[at..end], row) else {
            return Some(end);
        };
        let open = self.folds.is_open(&self.place).unwrap_or(false);
        let node = &mut self.tree.nodes[row];
        node.open = Some(open);
        if open {
            let text = self.tree.texts.len();
            self.tree.texts.push(inner.clone());
            self.place.push(Hop::Json);
            let mut within = Reading::new(&inner, text);
            let start = within.walk.start();
            let done = self.parts(&mut within, start, Some(row));
            self.place.pop();
            done?;
        }
        Some(end)
    }

    /// What a string holds when that is an object or an array with parts.
    fn inner(&mut self, quoted: &[u8], row: usize) -> Option<Rc<[u8]>> {
        let ends = (quoted.get(1)?, quoted.get(quoted.len().checked_sub(2)?)?);
        let looks_so = matches!(ends, (b'{', b'}') | (b'[', b']'));
        if !looks_so || quoted.len() > self.inner || self.tree.nodes[row].depth > DEEP {
            return None;
        }
        self.inner -= quoted.len();
        let inner: String = serde_json::from_slice(quoted).ok()?;
        let inner = inner.into_bytes();
        let has_parts = shape(&inner) != Shape::Other && Walk::new(&inner).first(0).is_some();
        let inner = if self.mask {
            masked(&inner).into_owned()
        } else {
            inner
        };
        has_parts.then(|| inner.into())
    }
}

const fn kind(first: u8) -> Kind {
    match first {
        b'{' => Kind::Object,
        b'[' => Kind::Array,
        b'"' => Kind::String,
        b't' | b'f' | b'n' => Kind::Word,
        _ => Kind::Number,
    }
}
