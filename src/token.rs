//! `sockeye token`: what a token says of itself, making one for development, and verifying one. The token is printed
//! only where it is made.

mod verify;

use std::{fmt::Write, io::IsTerminal, path::Path, time::Duration};

use jiff::tz::TimeZone;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value, json};
use url::Url;

use crate::{
    auth::{Claims, Credential, Doubt, Way, doubts, encrypted},
    cli::{MintOrder, TokenFrom},
    clock::Clock,
    config::file,
    credential::{Errand, Sources},
    error::{Exit, Failure},
    payload::escape::escape,
    profile::{Mint, Profile, Source},
    session::FetchFault,
    target::{self, read_token},
    time::{Wall, show_span},
};

pub use verify::verified;

/// The largest file of keys, in bytes.
const LARGEST: usize = 1 << 20;
/// Claims that are times (RFC 7519 section 4.1, `OpenID` Connect Core 1.0 section 2).
const TIMES: [&str; 4] = ["iat", "nbf", "exp", "auth_time"];
/// Columns for the names.
const NAME: usize = 10;

/// What is wanted of the rest of the program.
pub struct Place<'p> {
    /// The profiles there are.
    pub profiles: &'p [Profile],
    /// Where tokens come from.
    pub sources: &'p Sources,
    /// The clocks.
    pub clock: Clock,
}

/// What a token says of itself.
///
/// # Errors
/// Why there is none.
pub async fn inspect(
    from: &TokenFrom,
    as_json: bool,
    place: &Place<'_>,
) -> Result<String, Failure> {
    let credential = token(from, place).await?;
    let now = place.clock.now().wall;
    Ok(if as_json {
        report(&credential, now)
    } else {
        describe(&credential, now)
    })
}

/// Makes a token.
///
/// # Errors
/// What is wrong with the key or the claims.
pub async fn mint(order: &MintOrder, place: &Place<'_>) -> Result<String, Failure> {
    let mint = Mint {
        key: order.key.clone(),
        algorithm: order.alg,
        claims: claims_of(&order.claims)?,
        ttl: order.ttl,
        kid: order.kid.clone(),
    };
    let source = Source::Mint(Box::new(mint));
    let credential = fetched(&nowhere(source)?, place).await?;
    Ok(format!("{}\n", credential.secret.expose()))
}

/// The token that is meant.
async fn token(from: &TokenFrom, place: &Place<'_>) -> Result<Credential, Failure> {
    if from.is_nowhere() && !from.token_stdin && std::io::stdin().is_terminal() {
        let text = "it is not said which token is meant";
        return Err(Failure::new(Exit::Usage, text)
            .help("name a profile, or give the token by --token-env VAR, --token-file FILE or on the standard input"));
    }
    if from.token_stdin || from.is_nowhere() {
        return read_token();
    }
    let source = match (&from.token_env, &from.token_file) {
        (Some(name), _) => Source::Env(name.clone()),
        (_, Some(path)) => Source::File(path.clone()),
        (None, None) => {
            let name = from.profile.as_deref().unwrap_or_default();
            refuse_literal(name)?;
            return fetched(&target::profile(name, place.profiles)?, place).await;
        }
    };
    fetched(&nowhere(source)?, place).await
}

/// A token in place of a profile's name is not repeated.
fn refuse_literal(name: &str) -> Result<(), Failure> {
    if Claims::read(name).is_some() || encrypted(name).is_some() || name.len() > 64 {
        return Err(target::literal_token());
    }
    Ok(())
}

async fn fetched(profile: &Profile, place: &Place<'_>) -> Result<Credential, Failure> {
    let got = place
        .sources
        .fetch(profile, &Errand::new(place.clock))
        .await;
    let wrong = |text: String| Failure::new(Exit::Unauthenticated, text);
    got.map_err(|fault| match fault {
        FetchFault::AskUser => wrong(format!("{} has no token to look at", profile.name)),
        FetchFault::SignIn(text) | FetchFault::Failed(text) => wrong(text),
    })
}

/// A profile that is only there for its source.
fn nowhere(source: Source) -> Result<Profile, Failure> {
    let url = Url::parse("wss://sockeye.invalid/")
        .map_err(|error| Failure::new(Exit::Unexpected, error.to_string()))?;
    Ok(Profile::new("token", url, Way::None, source))
}

fn claims_of(text: &str) -> Result<Map<String, Value>, Failure> {
    let usage = |why: String| {
        Failure::new(Exit::Usage, why)
            .help(r#"write --claims '{"sub":"alice"}', or --claims @FILE"#)
    };
    let text = match text.strip_prefix('@') {
        Some(path) => String::from_utf8_lossy(&read(Path::new(path))?).into_owned(),
        None => text.to_owned(),
    };
    serde_json::from_str(&text)
        .map_err(|error| usage(format!("the claims are no JSON object: {error}")))
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    file::read(path, LARGEST).map_err(|error| {
        let fault = error.fault();
        Failure::new(
            Exit::Usage,
            format!("{}: {}", path.display(), fault.message),
        )
        .help(fault.help)
    })
}

fn report(credential: &Credential, now: Wall) -> String {
    let claims = credential.claims.as_ref();
    let secret = credential.secret.expose();
    let value = json!({
        "header": claims.map(|claims| claims.header.clone()).or_else(|| encrypted(secret)),
        "claims": claims.map(|claims| claims.claims.clone()),
        "fingerprint": credential.fingerprint().to_string(),
        "expires": credential.expires().map(|at| at.to_string()),
        "expires_in": credential.expires().map(|at| at.micros_since(now) / 1_000_000),
        "warnings": doubts(claims, secret.len(), now).iter().map(|doubt| doubt.text.clone()).collect::<Vec<_>>(),
    });
    format!("{}\n", escape(&value.to_string()))
}

fn describe(credential: &Credential, now: Wall) -> String {
    let secret = credential.secret.expose();
    let mut text = String::new();
    match (&credential.claims, encrypted(secret)) {
        (Some(claims), _) => signed(&mut text, claims, now),
        (None, Some(header)) => {
            line(
                &mut text,
                "kind",
                "encrypted (JWE, RFC 7516): only its header can be read",
            );
            members(&mut text, &header, now);
        }
        (None, None) => line(
            &mut text,
            "kind",
            &format!("opaque, {} characters", secret.chars().count()),
        ),
    }
    line(&mut text, "print", &credential.fingerprint().to_string());
    for Doubt { grave, text: doubt } in doubts(credential.claims.as_ref(), secret.len(), now) {
        line(&mut text, if grave { "!!" } else { "!" }, &doubt);
    }
    text
}

fn signed(text: &mut String, claims: &Claims, now: Wall) {
    line(
        text,
        "kind",
        "signed (JWT, RFC 7519); what it says is not verified",
    );
    members(text, &claims.header, now);
    text.push('\n');
    members(text, &claims.claims, now);
    text.push('\n');
    if let Some(life) = claims.life() {
        line(text, "life", &show_span(life));
    }
}

fn members(text: &mut String, object: &Value, now: Wall) {
    for (name, value) in object.as_object().into_iter().flatten() {
        let time = value.as_f64().filter(|_| TIMES.contains(&name.as_str()));
        let shown = match (time, value) {
            (Some(seconds), _) => moment(Wall::from_seconds(seconds as i64), now),
            (None, Value::String(plain)) => plain.clone(),
            (None, other) => other.to_string(),
        };
        line(text, name, &shown);
    }
}

/// `2026-11-25 12:18:44, in 4 m 12 s`, by this machine's zone.
fn moment(at: Wall, now: Wall) -> String {
    let away = at.micros_since(now);
    let span = show_span(Duration::from_micros(away.unsigned_abs()));
    let shown = match jiff::Timestamp::from_microsecond(at.0) {
        Ok(time) => {
            let time = TimeZone::system().to_datetime(time);
            format!(
                "{} {:02}:{:02}:{:02}",
                time.date(),
                time.hour(),
                time.minute(),
                time.second()
            )
        }
        Err(_) => "a time out of range".into(),
    };
    if away >= 0 {
        format!("{shown}, in {span}")
    } else {
        format!("{shown}, {span} ago")
    }
}

fn line(text: &mut String, name: &str, value: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{:<NAME$} {}", escape(name), escape(value));
}

/// Reads the name of an algorithm for the command line.
///
/// # Errors
/// The names there are.
pub fn algorithm(name: &str) -> Result<Algorithm, String> {
    let known: Option<Algorithm> = name.parse().ok();
    known.ok_or_else(|| "one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, EdDSA".into())
}
