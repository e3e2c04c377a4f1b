//! The filters in force: layers, each within what those below let through, so that each narrows what is there already.

use std::rc::Rc;

use crate::{
    event::StreamId,
    filter::Filter,
    store::{Listing, Selection, Store},
};

/// A filter that is kept.
pub struct Layer {
    /// What it says, as it was typed.
    pub text: String,
    /// What it is called: a name it is saved under, or the profile it belongs to.
    pub label: Option<String>,
    /// Whether it is applied.
    pub on: bool,
    filter: Rc<Filter>,
    listing: Listing,
}

impl Layer {
    /// A filter that is applied.
    pub fn new(text: String, label: Option<String>, filter: Rc<Filter>) -> Self {
        Self {
            text,
            label,
            on: true,
            filter,
            listing: Listing::default(),
        }
    }

    /// How many events it and those below let through so far.
    pub fn count(&self) -> usize {
        self.listing.len()
    }

    /// Why it was given up.
    pub fn broken(&self) -> Option<&'static str> {
        self.filter.broken()
    }

    /// Takes what was found for it while it was typed.
    pub(super) fn take_over(&mut self, hits: Listing) {
        self.listing = hits;
    }

    /// The filter.
    pub fn filter(&self) -> &Rc<Filter> {
        &self.filter
    }
}

/// The layers, the widest first.
#[derive(Default)]
pub struct Layers {
    layers: Vec<Layer>,
    stream: Option<StreamId>,
}

impl Layers {
    /// The layers in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Layer> {
        self.layers.iter()
    }

    /// A layer.
    pub fn get(&self, at: usize) -> Option<&Layer> {
        self.layers.get(at)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.layers.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.layers.is_empty()
    }

    /// Puts a layer at a place, or above all.
    pub(super) fn insert(&mut self, at: usize, layer: Layer) {
        let at = at.min(self.layers.len());
        self.layers.insert(at, layer);
        // What was found while it was typed is good as long as nothing else is asked.
        let asked = self.selection(at + 1, None);
        let known = *self.layers[at].listing.selection() == asked;
        self.look_anew(if known { at + 1 } else { at });
    }

    pub(super) fn remove(&mut self, at: usize) -> Option<Layer> {
        let layer = (at < self.layers.len()).then(|| self.layers.remove(at));
        self.look_anew(at);
        layer
    }

    /// Applies a layer, or no longer. Returns whether there is one.
    pub(super) fn toggle(&mut self, at: usize) -> bool {
        let Some(layer) = self.layers.get_mut(at) else {
            return false;
        };
        layer.on = !layer.on;
        self.look_anew(at);
        true
    }

    /// Names a layer.
    pub(super) fn name(&mut self, at: usize, name: &str) {
        if let Some(layer) = self.layers.get_mut(at) {
            layer.label = Some(name.to_owned());
        }
    }

    /// Takes the events of another stream, or of all.
    pub(super) fn aim(&mut self, stream: Option<StreamId>) {
        self.stream = stream;
        self.look_anew(0);
    }

    /// Looks at events that came since, at a cost of `limit` at most for each layer. Returns whether there is more.
    pub(super) fn advance(&mut self, store: &Store, limit: usize) -> bool {
        let mut behind = false;
        for layer in self.layers.iter_mut().filter(|layer| layer.on) {
            behind |= layer.listing.advance(store, limit);
        }
        behind
    }

    /// What all layers that are on let through; `None`: none is on.
    pub fn through(&self) -> Option<&Listing> {
        self.below(self.layers.len())
    }

    /// What these and one more filter let through, looked for among what these do.
    pub(super) fn narrowed(&self, more: Option<Rc<Filter>>) -> Listing {
        let selection = self.selection(self.layers.len(), more);
        self.through().map_or_else(
            || Listing::new(selection.clone()),
            |wider| Listing::within(selection.clone(), wider),
        )
    }

    /// What these and one more filter let through.
    pub(super) fn and(&self, more: Rc<Filter>) -> Selection {
        self.selection(self.layers.len(), Some(more))
    }

    fn below(&self, end: usize) -> Option<&Listing> {
        let on = self.layers[..end].iter().rfind(|layer| layer.on);
        on.map(|layer| &layer.listing)
    }

    fn selection(&self, end: usize, more: Option<Rc<Filter>>) -> Selection {
        let on = self.layers[..end].iter().filter(|layer| layer.on);
        Selection {
            stream: self.stream,
            filters: on.map(|layer| layer.filter.clone()).chain(more).collect(),
            folded: false,
        }
    }

    fn look_anew(&mut self, from: usize) {
        for at in from..self.layers.len() {
            let selection = self.selection(at, Some(self.layers[at].filter.clone()));
            let listing = match self.below(at) {
                Some(wider) => Listing::within(selection, wider),
                None => Listing::new(selection),
            };
            self.layers[at].listing = listing;
        }
    }
}
