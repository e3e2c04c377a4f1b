//! The system's keyring in a program that was built without it. Nothing else is put in its place.

use crate::secret::Secret;

const ABSENT: &str = "this program was built without the system's keyring; build it with: cargo install --path . --features keyring";

pub(super) async fn get(_profile: &str) -> Result<Option<Secret>, String> {
    Err(ABSENT.into())
}

pub(super) async fn set(_profile: &str, _secret: Secret) -> Result<(), String> {
    Err(ABSENT.into())
}

pub(super) async fn remove(_profile: &str) -> Result<bool, String> {
    Err(ABSENT.into())
}
