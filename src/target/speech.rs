//! The flags that say which dialect an address speaks.

use std::sync::Arc;

use serde_json::Value;
use url::Url;

use super::usage;
use crate::{
    cli::Connection,
    dialect::{Bound, Dialect, Library, Recognised, Seen, recognise},
    document::nearest,
    error::{Exit, Failure},
    profile::check,
    secret::Secret,
};

/// A dialect and what is given to it.
pub(super) struct Speech {
    /// `None`: the server's first message tells.
    pub(super) dialect: Option<Arc<Dialect>>,
    /// By what it was recognised.
    pub(super) by: Option<String>,
    /// Of which it tells one.
    pub(super) auto: Option<Library>,
    pub(super) variables: Vec<(String, Bound)>,
    pub(super) subscribe: Vec<Value>,
}

pub(super) fn speech(
    name: &str,
    url: &Url,
    connection: &Connection,
    library: &Library,
) -> Result<Speech, Failure> {
    let recognised = (name == "auto").then(|| recognised(url, connection, library));
    let (dialect, by) = match recognised {
        Some(found) => found.map(|found| (found.dialect, found.by)).unzip(),
        None => (Some(named(name, library)?), None),
    };
    let candidates = match &dialect {
        Some(dialect) => vec![dialect.clone()],
        None => library.all(),
    };
    let variables = variables(connection, &candidates)?;
    if let Some(dialect) = &dialect {
        check_given(dialect, connection, &variables)?;
    }
    let item =
        |text: &String| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()));
    Ok(Speech {
        auto: dialect.is_none().then(|| library.clone()),
        dialect,
        by,
        variables,
        subscribe: connection.subscribe.iter().map(item).collect(),
    })
}

/// What is given to variables of one of these dialects.
fn variables(
    connection: &Connection,
    candidates: &[Arc<Dialect>],
) -> Result<Vec<(String, Bound)>, Failure> {
    let mut variables = Vec::new();
    for pair in &connection.var {
        let (name, value) = split(pair, "--var NAME=VALUE")?;
        if is_secret(candidates, name)? {
            let text = format!(
                "'{name}' is a secret; every user of this machine could read it on the command line"
            );
            return Err(
                Failure::new(Exit::Usage, text).help(format!("write --var-env {name}=VARIABLE"))
            );
        }
        variables.push((name.to_owned(), Bound::Plain(value.into())));
    }
    for pair in &connection.var_env {
        let (name, env) = split(pair, "--var-env NAME=VARIABLE")?;
        let secret = is_secret(candidates, name)?;
        let bound = from_env(env)?;
        variables.push((
            name.to_owned(),
            if secret {
                Bound::Secret(Secret::new(bound))
            } else {
                Bound::Plain(bound.into())
            },
        ));
    }
    Ok(variables)
}

/// Whether the dialect has what it wants, and no more than it takes.
fn check_given(
    dialect: &Dialect,
    connection: &Connection,
    variables: &[(String, Bound)],
) -> Result<(), Failure> {
    let missing = dialect
        .required()
        .into_iter()
        .find(|name| !variables.iter().any(|(given, _)| given == name));
    if let Some(name) = missing {
        let text = format!("the dialect '{}' wants the variable '{name}'", dialect.name);
        return Err(Failure::new(Exit::Usage, text)
            .help(format!("write --var {name}=… or --var-env {name}=VARIABLE")));
    }
    if dialect.subscribe.is_none() && !connection.subscribe.is_empty() {
        let text = format!("the dialect '{}' has no subscriptions", dialect.name);
        return Err(Failure::new(Exit::Usage, text).help("leave --subscribe out"));
    }
    Ok(())
}

/// The dialect of this name.
pub(crate) fn named(name: &str, library: &Library) -> Result<Arc<Dialect>, Failure> {
    library.find(name).ok_or_else(|| {
        let help = match nearest(name, library.names()) {
            Some(meant) => format!("did you mean '{meant}'?"),
            None => "'sockeye dialect list' shows which there are".to_owned(),
        };
        Failure::new(Exit::Usage, format!("there is no dialect '{name}'")).help(help)
    })
}

fn recognised(url: &Url, connection: &Connection, library: &Library) -> Option<Recognised> {
    let seen = Seen {
        host: url.host_str().unwrap_or_default(),
        subprotocols: &connection.subprotocol,
    };
    recognise(library, seen)
}

fn split<'a>(pair: &'a str, form: &str) -> Result<(&'a str, &'a str), Failure> {
    pair.split_once('=').ok_or_else(|| {
        Failure::new(Exit::Usage, "a variable has no value").help(format!("write {form}"))
    })
}

/// Whether one of these dialects keeps the variable of this name secret.
fn is_secret(candidates: &[Arc<Dialect>], name: &str) -> Result<bool, Failure> {
    let all = || candidates.iter().flat_map(|dialect| &dialect.variables);
    let mut named = all().filter(|variable| variable.name == name).peekable();
    if named.peek().is_some() {
        return Ok(named.any(|variable| variable.secret));
    }
    let [dialect] = candidates else {
        return Err(
            Failure::new(Exit::Usage, format!("no dialect has a variable '{name}'"))
                .help("'sockeye dialect show NAME' shows which there are"),
        );
    };
    let known: Vec<_> = all().map(|variable| variable.name.as_str()).collect();
    let text = format!("the dialect '{}' has no variable '{name}'", dialect.name);
    Err(Failure::new(Exit::Usage, text).help(format!("it has: {}", known.join(", "))))
}

fn from_env(name: &str) -> Result<String, Failure> {
    check::variable(name).map_err(|fault| usage(&[fault]))?;
    std::env::var(name).map_err(|_| {
        Failure::new(
            Exit::Usage,
            format!("the environment variable {name} is not set"),
        )
        .help(format!("set {name}"))
    })
}
