//! A table of the file: its keys, which of them are known, and their values.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{fault::Fault, faults::Faults, suggest::nearest};

/// A value with its place.
pub type Value<'t> = Spanned<DeValue<'t>>;

/// A table whose keys are known.
pub struct Table<'t> {
    keys: &'t DeTable<'t>,
    span: Range<usize>,
    name: String,
}

impl<'t> Table<'t> {
    /// Looks at a value that must be a table with no other keys than the known ones.
    pub fn open(
        name: &str,
        value: &'t Value<'t>,
        known: &[&str],
        faults: &mut Faults<'_>,
    ) -> Option<Self> {
        let keys = table(name, value, faults)?;
        check_keys(keys, known, faults);
        Some(Self {
            keys,
            span: value.span(),
            name: name.to_owned(),
        })
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    /// Where the key's value stands; the table itself when it has none.
    pub fn span(&self, key: &str) -> Range<usize> {
        self.keys
            .get(key)
            .map_or_else(|| self.span.clone(), Spanned::span)
    }

    /// The key's value as it stands, to be judged elsewhere.
    pub fn peek(&self, key: &str) -> Option<&'t Value<'t>> {
        self.keys.get(key)
    }

    /// Reads the key's value. `None` when it is missing, or wrong and told so.
    pub fn read<T>(
        &self,
        key: &str,
        faults: &mut Faults<'_>,
        read: impl FnOnce(&str, &'t Value<'t>, &mut Faults<'_>) -> Option<T>,
    ) -> Option<T> {
        read(key, self.keys.get(key)?, faults)
    }

    /// Reads the key's value into its place, which keeps what it holds when the key is missing.
    pub fn set<T>(
        &self,
        key: &str,
        place: &mut T,
        faults: &mut Faults<'_>,
        read: impl FnOnce(&str, &'t Value<'t>, &mut Faults<'_>) -> Option<T>,
    ) {
        if let Some(value) = self.read(key, faults, read) {
            *place = value;
        }
    }

    /// Tells that the key is missing.
    pub fn miss(&self, key: &str, help: &str, faults: &mut Faults<'_>) {
        let fault = Fault::new(format!("'{}' has no '{key}'", self.name), help);
        faults.add_missing(self.span.clone(), fault);
    }
}

/// Tells of keys that are not known, with the known key that was probably meant.
pub fn check_keys(keys: &DeTable<'_>, known: &[&str], faults: &mut Faults<'_>) {
    for key in keys.keys() {
        let word = key.get_ref();
        if known.contains(&word.as_ref()) {
            continue;
        }
        let help = match nearest(word, known.iter().copied()) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => format!("known here: {}", known.join(", ")),
        };
        faults.add_misplaced(
            key.span(),
            Fault::new(format!("unknown key '{word}'"), help),
        );
    }
}

/// A value that must be a table, with any keys.
pub fn table<'t>(
    name: &str,
    value: &'t Value<'t>,
    faults: &mut Faults<'_>,
) -> Option<&'t DeTable<'t>> {
    let table = value.get_ref().as_table();
    if table.is_none() {
        wrong_type(name, value, "a table, as in '{ key = \"value\" }'", faults);
    }
    table
}

/// The entries of a table in the order of the file.
pub fn entries<'t>(
    table: &'t DeTable<'t>,
) -> Vec<(&'t Spanned<std::borrow::Cow<'t, str>>, &'t Value<'t>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

/// Tells that a value has the wrong type.
pub fn wrong_type(name: &str, value: &Value<'_>, wanted: &str, faults: &mut Faults<'_>) {
    let found = value.get_ref().type_str();
    let article = if found.starts_with(['a', 'i']) {
        "an"
    } else {
        "a"
    };
    let message = format!("'{name}' is {article} {found}");
    faults.add(value.span(), Fault::new(message, format!("write {wanted}")));
}
