//! The system's keyring in a program that was built without it. Nothing else is put in its place.

use std::future::{Ready, ready};

use crate::secret::Secret;

const ABSENT: &str = "this program was built without the system's keyring; build it with: \
                      cargo install --path . --features keyring";

pub(super) fn get(_profile: &str) -> Ready<Result<Option<Secret>, String>> {
    ready(Err(ABSENT.into()))
}

pub(super) fn set(_profile: &str, _secret: Secret) -> Ready<Result<(), String>> {
    ready(Err(ABSENT.into()))
}

pub(super) fn remove(_profile: &str) -> Ready<Result<bool, String>> {
    ready(Err(ABSENT.into()))
}
