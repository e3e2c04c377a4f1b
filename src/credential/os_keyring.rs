//! The system's keyring: macOS' Keychain, Windows' Credential Manager, the Secret Service of a desktop. A keyring that is
//! not there, is locked, or does not answer is told; nothing else is put in its place.

use std::time::Duration;

use keyring::{Entry, Error};
use tokio::{sync::oneshot, time::timeout};

use crate::{secret::Secret, time::show_span};

/// How long the keyring may take: it may ask the user.
const LIMIT: Duration = Duration::from_secs(10);

/// Under which name the keyring knows us.
const SERVICE: &str = "sockeye";

/// The token of a profile, if there is one.
pub(super) async fn get(profile: &str) -> Result<Option<Secret>, String> {
    let found = with(profile, Entry::get_password).await?;
    Ok(found.map(Secret::new))
}

/// Keeps the token of a profile.
pub(super) async fn set(profile: &str, secret: Secret) -> Result<(), String> {
    let kept = with(profile, move |entry| entry.set_password(secret.expose())).await?;
    kept.ok_or_else(|| failed("it did not keep the token"))
}

/// Removes the token of a profile; whether there was one.
pub(super) async fn remove(profile: &str) -> Result<bool, String> {
    let removed = with(profile, Entry::delete_credential).await?;
    Ok(removed.is_some())
}

/// Works on the entry of a profile on a thread of its own, which is left behind when the keyring does not answer: one of
/// the runtime's would hold the end of the program up. `None`: there is no such entry.
async fn with<T: Send + 'static>(
    profile: &str,
    work: impl FnOnce(&Entry) -> Result<T, Error> + Send + 'static,
) -> Result<Option<T>, String> {
    let (done, answer) = oneshot::channel();
    let profile = profile.to_owned();
    let thread = std::thread::Builder::new().name("keyring".into());
    let started = thread.spawn(move || {
        // Whoever asked may have gone.
        let _ = done.send(Entry::new(SERVICE, &profile).and_then(|entry| work(&entry)));
    });
    started.map_err(|error| failed(&error.to_string()))?;
    let answer = timeout(LIMIT, answer).await;
    let late = |_| failed(&format!("it did not answer within {}", show_span(LIMIT)));
    let broken = |_| failed("asking it broke off");
    match answer.map_err(late)?.map_err(broken)? {
        Ok(found) => Ok(Some(found)),
        Err(Error::NoEntry) => Ok(None),
        Err(Error::NoDefaultStore) => Err(failed(
            "there is none on this machine, or it is not running",
        )),
        // What it holds does not belong into a message.
        Err(Error::BadEncoding(_) | Error::BadDataFormat(..)) => {
            Err(failed("what it holds is no text"))
        }
        Err(error) => Err(failed(&error.to_string())),
    }
}

fn failed(why: &str) -> String {
    format!("the system's keyring: {why}; unlock or start it, or write token = \"stored\"")
}
