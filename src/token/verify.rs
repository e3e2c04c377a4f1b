//! `sockeye token verify`: whether a token is what it says, by a key, a key set, an issuer, or as its profile says.

use std::path::Path;

use url::Url;

use super::{Place, line, moment, read, token};
use crate::{
    auth::{Checked, Credential, Expected, Keys, Unverified, verify},
    cli::VerifyOrder,
    credential::Test,
    error::{Exit, Failure},
    event::Verification,
    payload::escape::escape,
    profile::{KeyPlace, Profile, Proxy, Tls},
    target,
    time::Wall,
};

/// Verifies a token; by whom and by which key.
///
/// # Errors
/// Every reason why it is not verified.
pub async fn verified(order: &VerifyOrder, place: &Place<'_>) -> Result<String, Failure> {
    let keys = key_place(order)?;
    let unread = match keys {
        Some(KeyPlace::File(_)) => Exit::Usage,
        _ => Exit::Network,
    };
    let credential = token(&order.from, place).await?;
    let named = order.from.profile.as_deref();
    let profile = named
        .map(|name| target::profile(name, place.profiles))
        .transpose()?;
    let told = match (&order.key, keys, &profile) {
        (Some(path), ..) => by_key(path, order, &credential, place)?.into(),
        (None, Some(keys), profile) => {
            let way = profile
                .as_ref()
                .map(|profile| (profile.tls.clone(), profile.proxy.clone()));
            let (tls, proxy) = way.unwrap_or_default();
            let told = by_set(&keys, (&tls, &proxy), order, &credential, place);
            told.await.into()
        }
        (None, None, Some(profile)) if profile.verify.is_some() => {
            by_profile(profile, order, &credential, place).await
        }
        (None, None, _) => return Err(nobody()),
    };
    let failure = |exit, why| Failure::new(exit, format!("not verified: {why}"));
    match &told.verification {
        Verification::Verified(by) => {
            let mut text = format!("verified by {}\n", escape(by));
            facts(&mut text, &told, place.clock.now().wall);
            Ok(text)
        }
        Verification::Failed(why) => Err(failure(Exit::Unauthenticated, why)),
        Verification::Open(why) => Err(failure(unread, why)),
    }
}

fn nobody() -> Failure {
    let text = "it is not said by whose keys the token is to be verified";
    Failure::new(Exit::Usage, text).help(
        "give --issuer URL, --jwks FILE or URL, or --key FILE, or name a profile that has 'verify'",
    )
}

fn expected(order: &VerifyOrder) -> Expected {
    Expected {
        issuer: order.iss.clone().or_else(|| order.issuer.clone()),
        audience: order.aud.clone(),
        ..Expected::default()
    }
}

fn by_key(
    path: &Path,
    order: &VerifyOrder,
    credential: &Credential,
    place: &Place<'_>,
) -> Result<Verification, Failure> {
    let wrong = |why| Failure::new(Exit::Usage, format!("{}: {why}", path.display()));
    let keys = Keys::read(&read(path)?).map_err(wrong)?;
    let now = place.clock.now().wall;
    let judged = verify(credential.secret.expose(), &keys, &expected(order), now);
    Ok(match judged {
        Ok(signer) => Verification::Verified(signer),
        Err(Unverified::Wrong(reasons)) => Verification::Failed(reasons.join("; ")),
        Err(Unverified::UnknownKey(name)) => {
            Verification::Failed(format!("{} has no key '{name}'", path.display()))
        }
    })
}

async fn by_set(
    keys: &KeyPlace,
    way: (&Tls, &Proxy),
    order: &VerifyOrder,
    credential: &Credential,
    place: &Place<'_>,
) -> Verification {
    let test = Test {
        keys,
        expected: expected(order),
        way,
    };
    let token = credential.secret.expose();
    place.sources.test(token, &test, place.clock).await
}

async fn by_profile(
    profile: &Profile,
    order: &VerifyOrder,
    credential: &Credential,
    place: &Place<'_>,
) -> Checked {
    let mut profile = profile.clone();
    if let (Some(wanted), Some(audience)) = (&mut profile.verify, &order.aud) {
        wanted.audience = Some(audience.clone());
    }
    place
        .sources
        .verify(&profile, credential, place.clock)
        .await
}

/// What a token's server told besides.
fn facts(text: &mut String, told: &Checked, now: Wall) {
    let expires = told.expires.map(|at| moment(at, now));
    let rows = [
        ("sub", told.subject.clone()),
        ("scope", told.scopes.clone()),
        ("exp", expires),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            line(text, name, &value);
        }
    }
}

/// Where the keys are, if that is said.
fn key_place(order: &VerifyOrder) -> Result<Option<KeyPlace>, Failure> {
    let address = |text: &str| {
        Url::parse(text).map_err(|error| {
            Failure::new(Exit::Usage, format!("'{text}' is not a URL: {error}"))
                .help("write it as in https://id.example.com")
        })
    };
    Ok(match (&order.jwks, &order.issuer) {
        (Some(place), _) if place.contains("://") => Some(KeyPlace::Url(address(place)?)),
        (Some(path), _) => Some(KeyPlace::File(path.into())),
        (None, Some(issuer)) => {
            address(issuer)?;
            Some(KeyPlace::Issuer(issuer.clone()))
        }
        (None, None) => None,
    })
}
