//! Whether tokens are what they say: by the keys that a profile trusts, or by what their server knows of them.

mod introspect;
mod keys;

use std::time::Duration;

use super::Sources;
use crate::{
    auth::{Checked, Credential, Expected},
    clock::Clock,
    event::Verification,
    profile::{Profile, Verify},
    redact::Redactor,
};

pub(crate) use keys::Test;

/// By how much our clock may be wrong before a token is said to be out of its time: the countdown tells it, too.
const LEEWAY: Duration = Duration::from_secs(60);

impl Sources {
    /// Asks whether a credential is what it says, as the profile wants it: a JWT by the keys, if there are any, all
    /// others at their server. Nothing of what is told holds the token.
    pub async fn verify(
        &self,
        profile: &Profile,
        credential: &Credential,
        clock: Clock,
    ) -> Checked {
        let redactor = Redactor::new([&credential.secret]);
        let checked = self.checked(profile, credential, clock).await;
        checked.redacted(&redactor)
    }

    async fn checked(&self, profile: &Profile, credential: &Credential, clock: Clock) -> Checked {
        let Some(wanted) = &profile.verify else {
            return Verification::Open("nobody is asked".into()).into();
        };
        let keys = wanted.keys.as_ref().filter(|_| credential.claims.is_some());
        match (keys, &wanted.introspection) {
            (Some(keys), _) => {
                let test = Test {
                    keys,
                    expected: expected(wanted),
                    way: (&profile.tls, &profile.proxy),
                };
                let token = credential.secret.expose();
                self.test(token, &test, clock).await.into()
            }
            (None, Some(introspection)) => {
                let asked = self.introspect(profile, introspection, &credential.secret, clock);
                introspect::judge(introspection, asked.await, &expected(wanted))
            }
            (None, None) => {
                Verification::Open("it is no signed JWT, so no key tells".into()).into()
            }
        }
    }
}

fn expected(wanted: &Verify) -> Expected {
    let issuer = wanted.keys.as_ref().and_then(|keys| keys.issuer());
    Expected {
        issuer: issuer.map(str::to_owned),
        audience: wanted.audience.clone(),
        leeway: LEEWAY,
    }
}
