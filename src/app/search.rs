//! The line in which a filter is typed, and the events it lets through while it is typed.

use std::rc::Rc;

use tui_input::Input;

use super::{
    events::before,
    layers::{Layer, Layers},
};
use crate::{
    filter::{Context, Fault, Filter},
    store::{Listing, Seq, Store},
};

/// A filter that is typed.
pub struct Search {
    /// What is typed.
    pub line: Input,
    /// The layer it takes the place of, which comes back when it is dropped.
    replaced: Option<(usize, Layer)>,
    /// The last text that had no fault.
    filter: Option<Rc<Filter>>,
    faults: Vec<Fault>,
    hits: Listing,
}

impl Search {
    /// An empty line, above these layers.
    pub(super) fn new(layers: &Layers) -> Self {
        Self {
            line: Input::default(),
            replaced: None,
            filter: None,
            faults: Vec::new(),
            hits: layers.narrowed(None),
        }
    }

    /// A line with the text of a layer that was taken out.
    pub(super) fn edit(at: usize, layer: Layer, layers: &Layers) -> Self {
        Self {
            line: Input::from(layer.text.as_str()),
            replaced: Some((at, layer)),
            ..Self::new(layers)
        }
    }

    /// What is typed.
    pub fn text(&self) -> &str {
        self.line.value()
    }

    /// What is wrong with it; the last text without a fault is still applied.
    pub fn fault(&self) -> Option<&Fault> {
        self.faults.first()
    }

    /// The filter that is applied.
    pub fn filter(&self) -> Option<&Rc<Filter>> {
        self.filter.as_ref()
    }

    /// Looks again, after the line changed. What is narrower than before is looked for among what was found.
    pub(super) fn renew(&mut self, layers: &Layers, context: &Context) {
        let filter = match Filter::new(self.line.value(), context) {
            Ok(filter) => Rc::new(filter),
            Err(faults) => return self.faults = faults,
        };
        self.faults.clear();
        let narrower = match &self.filter {
            Some(before) if **before == *filter => return,
            Some(before) => filter.expr().narrows(before.expr()),
            None => false,
        };
        self.hits = if narrower {
            Listing::within(layers.and(filter.clone()), &self.hits)
        } else {
            layers.narrowed(Some(filter.clone()))
        };
        self.filter = Some(filter);
    }

    /// Looks again, after the layers changed.
    pub(super) fn aim(&mut self, layers: &Layers) {
        self.hits = layers.narrowed(self.filter.clone());
    }

    /// The layer that it becomes and its place, the highest when it replaces none; `None`: it asks for nothing.
    pub(super) fn layer(self) -> Option<(usize, Layer)> {
        let place = self.replaced.map_or(usize::MAX, |(at, _)| at);
        let text = self.line.value().trim().to_owned();
        let filter = self.filter.filter(|_| !text.is_empty())?;
        let mut layer = Layer::new(text, None, filter);
        layer.take_over(self.hits);
        Some((place, layer))
    }

    /// The layer that comes back when it is dropped.
    pub(super) fn replaced(self) -> Option<(usize, Layer)> {
        self.replaced
    }

    /// Looks at events that came since, at a cost of `limit` at most. Returns whether there is more.
    pub(super) fn advance(&mut self, store: &Store, limit: usize) -> bool {
        self.hits.advance(store, limit)
    }

    /// The events it lets through.
    pub fn hits(&self) -> &Listing {
        &self.hits
    }
}

/// The hit after or before an event, or the newest when none is given; nothing from `end` on counts.
pub(super) fn beside(
    hits: &Listing,
    seq: Option<Seq>,
    forward: bool,
    end: Option<Seq>,
) -> Option<Seq> {
    let count = end.map_or_else(|| hits.len(), |end| before(hits, end));
    let at = match seq {
        None => count.checked_sub(1)?,
        Some(seq) if forward => before(hits, Seq(seq.0 + 1)),
        Some(seq) => before(hits, seq).checked_sub(1)?,
    };
    if at < count { hits.seq(at) } else { None }
}
