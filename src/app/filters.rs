//! What keys do with filters: typing one, stepping through its hits, and the list of those that are kept.

use std::rc::Rc;

use tui_input::Input as Line;

use super::{App, Output, Overlay, act::edit, layers::Layer, take::SLICE};
use crate::{
    filter::{Context, Filter},
    keymap::Action,
    profile::check,
};

impl App {
    /// What filters are applied to.
    pub(super) fn context(&self) -> Context {
        let names = self.streams.iter().map(|stream| stream.setup.name.clone());
        Context {
            streams: names.collect(),
            now: self.now.wall,
            zone: self.setup.zone.clone(),
        }
    }

    /// Lines at the bottom: the keys, above them the filters, below a line that is typed what is wrong with it.
    pub(super) fn footer_lines(&self) -> u16 {
        let fault = self
            .list
            .search()
            .is_some_and(|search| search.fault().is_some());
        1 + u16::from(!self.list.layers().is_empty()) + u16::from(fault)
    }

    /// Applies the filters of the profiles.
    pub(super) fn apply_profile_filters(&mut self) {
        let alone = self.streams.len() == 1;
        let filters: Vec<_> = self
            .streams
            .iter()
            .filter_map(|stream| Some((stream.setup.name.clone(), stream.setup.filter.clone()?)))
            .collect();
        for (name, text) in filters {
            let text = if alone {
                text
            } else {
                format!("not stream:\"{name}\" or ({text})")
            };
            self.apply(text, Some(name));
        }
    }

    /// Puts a filter above the others.
    pub(super) fn apply(&mut self, text: String, label: Option<String>) {
        match Filter::new(&text, &self.context()) {
            Ok(filter) => {
                let layer = Layer::new(text, label, Rc::new(filter));
                self.list.insert_layer(usize::MAX, layer);
                self.list.advance(&self.store, SLICE);
            }
            Err(faults) => {
                let message = faults.first().map_or("", |fault| &fault.message);
                self.tell(format!("this filter cannot be applied: {message}"));
            }
        }
    }

    pub(super) fn begin_search(&mut self) {
        self.list.begin_search();
        self.overlay = Overlay::Search;
        self.list.advance(&self.store, SLICE);
    }

    pub(super) fn only_hits(&mut self) {
        if !self.list.toggle_only() {
            self.tell("there is no filter");
        }
    }

    pub(super) fn step_hit(&mut self, forward: bool) {
        if self.list.hits().is_none() {
            self.tell("there is no filter");
        } else if !self.list.step_hit(forward) {
            self.tell(if forward {
                "no later hit"
            } else {
                "no earlier hit"
            });
        }
    }

    /// Keys of the line.
    pub(super) fn search(&mut self, action: Action) {
        match action {
            Action::Accept
                if self
                    .list
                    .search()
                    .is_some_and(|search| search.fault().is_some()) =>
            {
                self.tell("mend the filter first, or drop it");
            }
            Action::Accept => {
                self.list.keep_search();
                self.overlay = Overlay::None;
            }
            Action::Back => {
                self.list.drop_search();
                self.overlay = Overlay::None;
            }
            other => {
                if let Some(line) = self.list.line() {
                    edit(line, other);
                }
                return self.search_changed();
            }
        }
        self.list.advance(&self.store, SLICE);
    }

    pub(super) fn search_changed(&mut self) {
        let context = self.context();
        self.list.typed(&context);
        self.list.advance(&self.store, SLICE);
    }

    /// Forgets the filter that was kept last; those of profiles stay.
    pub(super) fn drop_filter(&mut self) {
        let last = self.list.layers().len().checked_sub(1);
        let own = |at: &usize| {
            let layer = self.list.layers().get(*at);
            let label = layer.and_then(|layer| layer.label.as_ref());
            !label.is_some_and(|label| {
                self.streams
                    .iter()
                    .any(|stream| stream.setup.name == *label)
            })
        };
        if let Some(at) = last.filter(own) {
            self.list.remove_layer(at);
            self.list.advance(&self.store, SLICE);
        }
    }

    pub(super) fn toggle_filter(&mut self, at: usize) {
        if self.list.toggle_layer(at) {
            self.list.advance(&self.store, SLICE);
        } else {
            self.tell(match self.list.layers().len() {
                0 => "there is no filter".into(),
                1 => "there is only 1 filter".into(),
                count => format!("there are only {count} filters"),
            });
        }
    }

    pub(super) fn open_filters(&mut self) {
        match self.list.layers().len() {
            0 => self.tell("there is no filter yet"),
            count => self.overlay = Overlay::Filters(count - 1),
        }
    }

    /// Keys of the list of filters.
    pub(super) fn filters(&mut self, action: Action) {
        let Overlay::Filters(at) = self.overlay else {
            return;
        };
        let last = self.list.layers().len().saturating_sub(1);
        let to = |at: usize| Overlay::Filters(at.min(last));
        match action {
            Action::Down => self.overlay = to(at + 1),
            Action::Up => self.overlay = to(at.saturating_sub(1)),
            Action::ToggleFilter => self.toggle_filter(at),
            Action::RemoveFilter => {
                self.list.remove_layer(at);
                self.overlay = match last {
                    0 => Overlay::None,
                    _ => Overlay::Filters(at.min(last - 1)),
                };
            }
            Action::SaveFilter => self.overlay = Overlay::Name(Line::default(), at),
            Action::Accept => {
                let context = self.context();
                self.list.edit_layer(at, &context);
                self.overlay = Overlay::Search;
            }
            _ => self.overlay = Overlay::None,
        }
        self.list.advance(&self.store, SLICE);
    }

    /// Keys of the line in which a filter's name is typed.
    pub(super) fn name(&mut self, action: Action) {
        let Overlay::Name(line, at) = &mut self.overlay else {
            return;
        };
        let at = *at;
        match action {
            Action::Accept => {
                let name = line.value().to_owned();
                self.save(&name, at);
            }
            Action::Back => self.overlay = Overlay::Filters(at),
            other => edit(line, other),
        }
    }

    fn save(&mut self, name: &str, at: usize) {
        if let Err(fault) = check::filter_name(name) {
            return self.tell(format!("{}: {}", fault.message, fault.help));
        }
        self.overlay = Overlay::Filters(at);
        let Some(layer) = self.list.layers().get(at) else {
            return;
        };
        let text = layer.text.clone();
        self.list.name_layer(at, name);
        self.setup.filters.retain(|(known, _)| known != name);
        self.setup.filters.push((name.to_owned(), text.clone()));
        self.outputs
            .push_back(Output::SaveFilter(name.to_owned(), text));
    }
}
