//! The layers hold: every path in `src` points to its own layer or downward, and what touches the world counts as a
//! layer too. `src/lib.rs` says which module belongs to which layer, by the comment above its `mod` line.
//!
//! Paths are read from the text, without comments and strings; a path that a macro makes up is not seen.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// From the bottom upward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Layer {
    Values,
    Rules,
    Screen,
    Shell,
}

use Layer::{Rules, Screen, Shell, Values};

const LAYERS: [(&str, Layer); 4] = [
    ("values", Values),
    ("rules", Rules),
    ("screen", Screen),
    ("shell", Shell),
];

/// Outside paths that count as a layer: whoever uses one must stand at least this high. The longest that fits holds.
const OUTSIDE: [(&str, Layer); 24] = [
    ("clap", Shell),
    ("crossterm", Shell),
    ("directories", Shell),
    ("futures_util", Shell),
    ("getrandom", Shell),
    ("hyper", Shell),
    ("hyper_util", Shell),
    ("keyring", Shell),
    ("oauth2", Shell),
    ("ratatui", Screen),
    ("ratatui::crossterm", Shell),
    ("rustix", Shell),
    ("rustls", Shell),
    ("signal_hook", Shell),
    ("std::env", Shell),
    ("std::fs", Shell),
    ("std::net", Shell),
    ("std::process", Shell),
    ("std::thread", Shell),
    ("std::time::Instant", Shell),
    ("std::time::SystemTime", Shell),
    ("tokio", Shell),
    ("tokio_rustls", Shell),
    ("tokio_tungstenite", Shell),
];

const MOST_LINES: usize = 500;

#[test]
fn imports_point_downward() {
    let layers = layers(&read("lib.rs"));
    let found: Vec<String> = sources()
        .iter()
        .flat_map(|file| breaches(&layers, file, &read(file)))
        .collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn every_module_has_a_layer() {
    let layers = layers(&read("lib.rs"));
    assert_eq!(
        ["time", "session", "clock"].map(|module| layers.get(module).copied()),
        [Some(Values), Some(Rules), Some(Shell)],
        "the comments of src/lib.rs are not understood"
    );
    for file in sources() {
        let module = module(&file);
        assert!(
            module.is_empty() || layers.contains_key(&module),
            "src/{file}: 'mod {module};' does not stand under a layer's comment in src/lib.rs"
        );
    }
}

#[test]
fn every_file_says_what_it_is_for_and_is_not_long() {
    for file in sources() {
        let source = read(&file);
        assert!(
            source.starts_with("//! "),
            "src/{file} does not open with '//!'"
        );
        let lines = source.lines().count();
        assert!(
            lines <= MOST_LINES,
            "src/{file} has {lines} lines, over {MOST_LINES}"
        );
    }
}

#[test]
fn breaches_are_found() {
    let breaches = [
        (
            "time.rs",
            "use crate::{session::Input, time::{Now, Mono}};",
            "crate::session::Input",
        ),
        (
            "time.rs",
            "fn f() { let a = '\"'; std::fs::read(\"x\") }",
            "std::fs::read",
        ),
        (
            "time.rs",
            "mod tests { use super::super::net; }",
            "crate::net",
        ),
        ("session.rs", "use tokio::*;", "tokio::*"),
        (
            "session/mod.rs",
            "use std::{fmt, time::{Duration, Instant}};",
            "std::time::Instant",
        ),
        (
            "session/live.rs",
            "fn f() { super::super::net::dial() }",
            "crate::net::dial",
        ),
        (
            "session/live.rs",
            "use super::{machine, super::view as v};",
            "crate::view",
        ),
        (
            "view.rs",
            "use ratatui::{Frame, crossterm::event};",
            "ratatui::crossterm::event",
        ),
    ];
    for (file, source, path) in breaches {
        let found = sample_breaches(file, source);
        assert!(
            matches!(&found[..], [one] if one.ends_with(&format!(" may not use {path}"))),
            "{source}: {found:?}"
        );
    }
}

#[test]
fn what_is_no_breach_is_let_pass() {
    let fine = [
        (
            "time.rs",
            "//! crate::net\nconst A: &str = \"crate::net\"; // tokio::spawn",
        ),
        (
            "time.rs",
            "/* std::fs */ fn f<'a>(x: &'a str) -> my::tokio::T { r#\"std::fs::x\"# }",
        ),
        ("view.rs", "use crate::session::Input; use ratatui::Frame;"),
        ("net/dial.rs", "use crate::view::draw; use tokio::net;"),
    ];
    for (file, source) in fine {
        assert_eq!(sample_breaches(file, source), [""; 0], "{source}");
    }
}

fn sample_breaches(file: &str, source: &str) -> Vec<String> {
    let layers = [
        ("time", Values),
        ("session", Rules),
        ("view", Screen),
        ("net", Shell),
    ];
    let layers = layers.map(|(module, layer)| (module.to_owned(), layer));
    breaches(&layers.into(), file, source)
}

/// The files of `src`, with `/` in their paths on every system.
fn sources() -> Vec<String> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder of src") {
            let entry = entry.expect("an entry");
            let path = folder.join(entry.file_name());
            if entry.file_type().expect("its type").is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    files
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).expect("a source file")
}

/// The layer of each module, from the comments of `lib.rs`.
fn layers(lib: &str) -> BTreeMap<String, Layer> {
    let mut current = None;
    let mut layers = BTreeMap::new();
    for line in lib.lines() {
        if let Some(comment) = line.strip_prefix("// ") {
            let named = LAYERS.iter().find(|(name, _)| comment.starts_with(name));
            current = named.map(|(_, layer)| *layer);
        }
        let module = line.trim_start_matches("pub ").strip_prefix("mod ");
        if let (Some(module), Some(layer)) =
            (module.and_then(|rest| rest.strip_suffix(';')), current)
        {
            layers.insert(module.to_owned(), layer);
        }
    }
    layers
}

/// The module of the crate that a file belongs to; none for `lib.rs` and `main.rs`.
fn module(file: &str) -> String {
    match file {
        "lib.rs" | "main.rs" => String::new(),
        _ => file
            .split('/')
            .next()
            .unwrap_or(file)
            .trim_end_matches(".rs")
            .to_owned(),
    }
}

/// Every path that points upward, as `file: layer may not use path`.
fn breaches(layers: &BTreeMap<String, Layer>, file: &str, source: &str) -> Vec<String> {
    let layer = layers.get(&module(file)).copied().unwrap_or(Shell);
    paths(source)
        .into_iter()
        .map(|path| absolute(file, path))
        .filter(|path| needs(layers, path) > layer)
        .map(|path| format!("src/{file}: {layer:?} may not use {}", path.join("::")))
        .collect()
}

/// The layer a path needs.
fn needs(layers: &BTreeMap<String, Layer>, path: &[String]) -> Layer {
    if path.first().is_some_and(|root| root == "crate") {
        let module = path.get(1).and_then(|module| layers.get(module));
        return module.copied().unwrap_or(Values);
    }
    let fits = |outside: &str| {
        outside
            .split("::")
            .enumerate()
            .all(|(i, name)| path.get(i).is_some_and(|it| it == name))
    };
    let longest = OUTSIDE
        .iter()
        .filter(|(outside, _)| fits(outside))
        .max_by_key(|(outside, _)| outside.len());
    longest.map_or(Values, |(_, layer)| *layer)
}

/// Turns a path that begins with `super` into one that begins with `crate`. Modules inside a file are not followed:
/// a path out of them that is one `super` too long for the file still ends at the crate.
fn absolute(file: &str, path: Vec<String>) -> Vec<String> {
    let ups = path.iter().take_while(|name| *name == "super").count();
    if ups == 0 {
        return path;
    }
    let stem = file.trim_end_matches(".rs").trim_end_matches("/mod");
    let mut whole = vec!["crate".to_owned()];
    let names: Vec<&str> = stem.split('/').collect();
    whole.extend(
        names[..names.len().saturating_sub(ups)]
            .iter()
            .map(|name| (*name).to_owned()),
    );
    whole.extend(path.into_iter().skip(ups));
    whole
}

/// Every path of a source text, use trees spread out.
fn paths(source: &str) -> Vec<Vec<String>> {
    let tokens = tokens(source);
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let starts = is_name(&tokens[at]) && tokens.get(at + 1).is_some_and(|next| next == "::");
        if starts && (at == 0 || tokens[at - 1] != "::" || !is_name(&tokens[at.saturating_sub(2)]))
        {
            at = tree(&tokens, at, &[], &mut found);
        } else {
            at += 1;
        }
    }
    found
}

/// Reads a path or use tree from `at`, adds what it names under `prefix`, and returns where it ends.
fn tree(
    tokens: &[String],
    mut at: usize,
    prefix: &[String],
    found: &mut Vec<Vec<String>>,
) -> usize {
    let mut path = prefix.to_vec();
    while let Some(token) = tokens
        .get(at)
        .filter(|token| is_name(token) || *token == "*")
    {
        path.push(token.clone());
        at += 1;
        if tokens.get(at).is_none_or(|next| next != "::") {
            break;
        }
        at += 1;
        if tokens.get(at).is_some_and(|next| next == "{") {
            return branches(tokens, at + 1, &path, found);
        }
    }
    found.push(path);
    at
}

fn branches(
    tokens: &[String],
    mut at: usize,
    prefix: &[String],
    found: &mut Vec<Vec<String>>,
) -> usize {
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "}" => return at + 1,
            "as" => at += 2,
            _ if is_name(token) || token == "*" => at = tree(tokens, at, prefix, found),
            _ => at += 1,
        }
    }
    at
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single other characters, without comments, strings, characters and lifetimes.
fn tokens(source: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(c) = rest.chars().next() {
        let name = rest
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let length = skipped(rest).unwrap_or_else(|| {
            let length = match c {
                _ if name > 0 => name,
                ':' if rest.starts_with("::") => 2,
                _ => c.len_utf8(),
            };
            if !c.is_whitespace() {
                tokens.push(rest[..length].to_owned());
            }
            length
        });
        rest = &rest[length..];
    }
    tokens
}

/// The length of a comment, string, character or lifetime at the start of the text.
fn skipped(text: &str) -> Option<usize> {
    let until = |from: usize, end: &str| {
        text[from..]
            .find(end)
            .map_or(text.len(), |at| from + at + end.len())
    };
    if text.starts_with("//") {
        return Some(until(2, "\n"));
    }
    if text.starts_with("/*") {
        return Some(until(2, "*/"));
    }
    if let Some(raw) = text.strip_prefix('r').or_else(|| text.strip_prefix("br")) {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        if raw[hashes..].starts_with('"') {
            let open = text.len() - raw.len() + hashes + 1;
            return Some(until(open, &format!("\"{}", "#".repeat(hashes))));
        }
    }
    match text.as_bytes().first()? {
        b'"' => Some(quoted(text, '"')),
        b'\'' if text[1..].starts_with('\\') || text.chars().nth(2) == Some('\'') => {
            Some(quoted(text, '\''))
        }
        b'\'' => Some(1),
        _ => None,
    }
}

/// The length of a quoted text, with its quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}
