//! Tokens as the servers of the tests want them: JWTs, signed with a key that each server gets when it starts.

use jsonwebtoken::{EncodingKey, Header};
use serde_json::json;
use sockeye::clock::Clock;

/// What good tokens are signed with.
pub(crate) const KEY: &str = "the key of the servers in tests";

/// A token that may read, for this many seconds from now.
pub(crate) fn good_token(seconds: i64) -> String {
    token(seconds, "reader", KEY)
}

/// A token whose owner may not read.
pub(crate) fn token_of_wrong_role() -> String {
    token(600, "visitor", KEY)
}

/// A token signed by somebody else.
pub(crate) fn token_with_bad_signature() -> String {
    token(600, "reader", "another key")
}

fn token(seconds: i64, role: &str, key: &str) -> String {
    let expires = Clock::start().now().wall.0 / 1_000_000 + seconds;
    let claims = json!({ "sub": "alice", "role": role, "exp": expires });
    jsonwebtoken::encode(
        &Header::default(),
        &claims,
        &EncodingKey::from_secret(key.as_bytes()),
    )
    .expect("a token")
}
