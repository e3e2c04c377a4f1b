//! From what stands on the command line to profiles: names are looked up, bare addresses get their profile from the
//! connection flags. Secrets are never taken from the command line.

mod speech;

pub(crate) use speech::named;

use std::io::Read;

use secrecy::zeroize::Zeroizing;
use url::Url;

use crate::{
    auth::{Credential, FirstMessage, Way},
    cli::Connection,
    dialect::Library,
    error::{Exit, Failure},
    profile::{
        Identity, Profile, Proxy, SecretRef, Source,
        check::{self, Fault},
    },
};

/// A profile and, when the user gave one, the token to begin with.
pub type Target = (Profile, Option<Credential>);

const SAFE_WAYS: &str =
    "give the token by --token-env VAR, --token-file FILE, --token-stdin, or store it in a profile";
/// The longest token that is read from the standard input.
const TOKEN_LIMIT: u64 = 64 << 10;

/// Finds the profile of every target.
///
/// # Errors
/// A target that is neither a profile nor an address, or flags that do not fit; with the remedy.
pub fn resolve(
    targets: &[String],
    connection: &Connection,
    profiles: &[Profile],
    library: &Library,
) -> Result<Vec<Target>, Failure> {
    refuse_literal_token(connection)?;
    if let Some(name) = &connection.token_env {
        check::variable(name).map_err(|fault| usage(&[fault]))?;
    }
    let proxy = proxy(connection)?;
    let given = connection.token_stdin.then(read_token).transpose()?;
    let mut found: Vec<Target> = Vec::new();
    for target in targets {
        let mut profile = if target.contains("://") {
            from_address(target, connection, &found, library)?
        } else {
            from_name(target, connection, profiles)?
        };
        profile.retry.enabled &= !connection.no_reconnect;
        if let Some(proxy) = &proxy {
            profile.proxy = proxy.clone();
        }
        let credential = given.clone().filter(|_| target.contains("://"));
        found.push((profile, credential));
    }
    Ok(found)
}

fn refuse_literal_token(connection: &Connection) -> Result<(), Failure> {
    match connection.token {
        Some(_) => Err(literal_token()),
        None => Ok(()),
    }
}

/// What is said to a token on the command line, without repeating it.
pub(crate) fn literal_token() -> Failure {
    let text =
        "a token on the command line can be read by every user of this machine; it was not used";
    Failure::new(Exit::Usage, text).help(SAFE_WAYS)
}

/// The token on the standard input.
pub(crate) fn read_token() -> Result<Credential, Failure> {
    // Never grown, so that no copy of a part of it is left in memory.
    let room = TOKEN_LIMIT as usize + 64;
    let mut token = Zeroizing::new(String::with_capacity(room));
    let read = std::io::stdin()
        .lock()
        .take(TOKEN_LIMIT)
        .read_to_string(&mut token);
    let wrong = |why: String| {
        Failure::new(
            Exit::Usage,
            format!("no token on the standard input: {why}"),
        )
    };
    read.map_err(|error| wrong(error.to_string()))?;
    let credential = Credential::new(&token, "the standard input");
    if credential.secret.expose().is_empty() {
        return Err(wrong("it is empty".into()));
    }
    Ok(credential)
}

/// The profile of this name.
///
/// # Errors
/// When there is none; with the names that there are.
pub fn profile(name: &str, profiles: &[Profile]) -> Result<Profile, Failure> {
    from_name(name, &Connection::default(), profiles)
}

fn from_name(
    name: &str,
    connection: &Connection,
    profiles: &[Profile],
) -> Result<Profile, Failure> {
    let plain = Connection {
        no_reconnect: connection.no_reconnect,
        proxy: connection.proxy.clone(),
        proxy_password_env: connection.proxy_password_env.clone(),
        proxy_password_file: connection.proxy_password_file.clone(),
        ..Connection::default()
    };
    if format!("{connection:?}") != format!("{plain:?}") {
        let text = format!("'{name}' is a profile; connection flags go with a bare address only");
        return Err(Failure::new(Exit::Usage, text)
            .help("change the profile in config.toml, or give the address itself"));
    }
    let known: Vec<&str> = profiles
        .iter()
        .map(|profile| profile.name.as_str())
        .collect();
    profiles
        .iter()
        .find(|profile| profile.name == name)
        .cloned()
        .ok_or_else(|| {
            let help = match known.as_slice() {
                [] => "config.toml holds no profiles; an address begins with ws:// or wss://"
                    .to_owned(),
                known => format!("config.toml holds {}", known.join(", ")),
            };
            Failure::new(Exit::Usage, format!("there is no profile '{name}'")).help(help)
        })
}

fn from_address(
    target: &str,
    connection: &Connection,
    others: &[Target],
    library: &Library,
) -> Result<Profile, Failure> {
    let url = address(target)?;
    let way = way(connection)?;
    let speech = connection.dialect.as_ref();
    let speech = speech
        .map(|name| speech::speech(name, &url, connection, library))
        .transpose()?;
    let source = source(connection);
    let host = url.host_str().unwrap_or("stream");
    let taken = others
        .iter()
        .filter(|(other, _)| other.name.starts_with(host))
        .count();
    let name = if taken == 0 {
        host.to_owned()
    } else {
        format!("{host}-{}", taken + 1)
    };
    let mut profile = Profile::new(name, url, way, source);
    profile.headers = connection
        .headers
        .iter()
        .map(|line| header(line))
        .collect::<Result<_, _>>()?;
    profile.subprotocols.clone_from(&connection.subprotocol);
    profile.tls.ca.clone_from(&connection.cacert);
    let identity = connection.cert.clone().zip(connection.key.clone());
    profile.tls.identity = identity.map(|(cert, key)| Identity { cert, key });
    profile.tls.server_name.clone_from(&connection.server_name);
    profile.tls.insecure = connection.insecure;
    profile.plain_text = connection.plain_text;
    profile.compression = connection.no_compression.then_some(false);
    if let Some(speech) = speech {
        profile.dialect = speech.dialect;
        profile.auto = speech.auto;
        profile.recognised = speech.by;
        profile.variables = speech.variables;
        profile.subscribe = speech.subscribe;
    }
    Ok(profile)
}

/// The proxy that the flags name.
fn proxy(connection: &Connection) -> Result<Option<Proxy>, Failure> {
    let Some(text) = &connection.proxy else {
        return Ok(None);
    };
    let place = match (
        &connection.proxy_password_env,
        &connection.proxy_password_file,
    ) {
        (Some(name), _) => {
            check::variable(name).map_err(|fault| usage(&[fault]))?;
            Some(SecretRef::Env(name.clone()))
        }
        (_, Some(path)) => Some(SecretRef::File(path.clone())),
        _ => None,
    };
    let proxy = Proxy::read(text).and_then(|proxy| match place {
        Some(place) => proxy.with_password(place),
        None => Ok(proxy),
    });
    proxy.map(Some).map_err(|fault| usage(&[fault]))
}

fn address(target: &str) -> Result<Url, Failure> {
    check::address(target).map_err(|faults| usage(&faults))
}

/// What is wrong with something on the command line.
fn usage(faults: &[Fault]) -> Failure {
    let text: Vec<_> = faults.iter().map(|fault| fault.message.as_str()).collect();
    let help: Vec<_> = faults.iter().map(|fault| fault.help.as_str()).collect();
    Failure::new(Exit::Usage, text.join("; ")).help(help.join("; "))
}

fn has_token(connection: &Connection) -> bool {
    connection.token_env.is_some() || connection.token_file.is_some() || connection.token_stdin
}

fn source(connection: &Connection) -> Source {
    match (&connection.token_env, &connection.token_file) {
        (Some(name), _) => Source::Env(name.clone()),
        (_, Some(path)) => Source::File(path.clone()),
        _ => Source::Prompt,
    }
}

fn way(connection: &Connection) -> Result<Way, Failure> {
    if let Some(name) = &connection.query {
        return Ok(Way::Query { name: name.clone() });
    }
    if let Some(name) = &connection.token_header {
        check::header_name(name).map_err(|fault| usage(&[fault]))?;
        return Ok(Way::Header {
            name: name.clone(),
            prefix: String::new(),
        });
    }
    if let Some(template) = &connection.first_message {
        return first_message(template, connection.ack.as_deref());
    }
    if !has_token(connection) {
        return Ok(Way::None);
    }
    Ok(Way::Header {
        name: "Authorization".into(),
        prefix: "Bearer ".into(),
    })
}

fn first_message(template: &str, ack: Option<&str>) -> Result<Way, Failure> {
    check::template(template).map_err(|fault| usage(&[fault]))?;
    let ack = ack.map(|text| {
        let wrong = |error| Failure::new(Exit::Usage, format!("--ack is not JSON: {error}"));
        serde_json::from_str(text).map_err(wrong)
    });
    Ok(Way::FirstMessage(FirstMessage {
        template: template.to_owned(),
        ack: ack.transpose()?,
        refusal: None,
        renew: Some(template.to_owned()),
    }))
}

fn header(line: &str) -> Result<(String, String), Failure> {
    let (name, value) = line.split_once(':').ok_or_else(|| {
        let text = "a header is not of the form 'Name: value'";
        Failure::new(Exit::Usage, text).help("write it as -H 'Name: value'")
    })?;
    let (name, value) = (name.trim(), value.trim());
    check::header(name, value).map_err(|fault| usage(&[fault]).help(SAFE_WAYS))?;
    Ok((name.to_owned(), value.to_owned()))
}
