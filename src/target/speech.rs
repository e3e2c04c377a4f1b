//! The flags that say which dialect an address speaks.

use std::sync::Arc;

use serde_json::Value;
use url::Url;

use super::usage;
use crate::{
    cli::Connection,
    dialect::{Bound, Dialect, Library, Seen, recognise},
    document::nearest,
    error::{Exit, Failure},
    profile::check,
    secret::Secret,
};

/// A dialect and what is given to it.
pub(super) struct Speech {
    pub(super) dialect: Arc<Dialect>,
    pub(super) variables: Vec<(String, Bound)>,
    pub(super) subscribe: Vec<Value>,
}

pub(super) fn speech(
    name: &str,
    url: &Url,
    connection: &Connection,
    library: &Library,
) -> Result<Speech, Failure> {
    let dialect = match name {
        "auto" => recognised(url, connection, library)?,
        name => named(name, library)?,
    };
    let mut variables = Vec::new();
    for pair in &connection.var {
        let (name, value) = split(pair, "--var NAME=VALUE")?;
        if is_secret(&dialect, name)? {
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
        let secret = is_secret(&dialect, name)?;
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
    let item =
        |text: &String| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()));
    let subscribe = connection.subscribe.iter().map(item).collect();
    Ok(Speech {
        dialect,
        variables,
        subscribe,
    })
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

fn recognised(
    url: &Url,
    connection: &Connection,
    library: &Library,
) -> Result<Arc<Dialect>, Failure> {
    let all = library.all();
    let seen = Seen {
        host: url.host_str().unwrap_or_default(),
        subprotocols: &connection.subprotocol,
        first: None,
    };
    let found = recognise(all.iter().map(AsRef::as_ref), seen);
    let found = found.and_then(|found| library.find(&found.name));
    found.ok_or_else(|| {
        let text = "no dialect is recognised by this host or subprotocol";
        Failure::new(Exit::Usage, text)
            .help("name it: --dialect NAME; 'sockeye dialect list' shows which there are")
    })
}

fn split<'a>(pair: &'a str, form: &str) -> Result<(&'a str, &'a str), Failure> {
    pair.split_once('=').ok_or_else(|| {
        Failure::new(Exit::Usage, "a variable has no value").help(format!("write {form}"))
    })
}

fn is_secret(dialect: &Dialect, name: &str) -> Result<bool, Failure> {
    let known = || {
        dialect
            .variables
            .iter()
            .map(|variable| variable.name.as_str())
    };
    let found = dialect
        .variables
        .iter()
        .find(|variable| variable.name == name);
    found.map(|variable| variable.secret).ok_or_else(|| {
        let text = format!("the dialect '{}' has no variable '{name}'", dialect.name);
        let names: Vec<_> = known().collect();
        Failure::new(Exit::Usage, text).help(format!("it has: {}", names.join(", ")))
    })
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
