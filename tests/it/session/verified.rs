//! Whoever can tell is asked whether a new token is what it says. Nothing waits for the answer, whatever it is.

use sockeye::{
    auth::Checked,
    event::Verification,
    profile::{KeyPlace, Verify},
};

use super::*;

fn verifying() -> Profile {
    Profile {
        verify: Some(Verify {
            keys: KeyPlace::Issuer("https://id.example.com".into()),
            audience: None,
        }),
        ..profile(header(), file())
    }
}

fn answered(token: &str, verification: Verification) -> Input {
    let token = Credential::new(token, "").fingerprint();
    Input::Verified(token, Box::new(Checked::from(verification)))
}

#[test]
fn the_link_is_opened_before_the_answer_and_a_failure_changes_nothing() {
    let mut play = Play::new(verifying());
    play.after(0, Input::Start)
        .after(5, fetched("one"))
        .after(9, answered("another", Verification::Open("late".into())))
        .after(
            9,
            answered(
                "one",
                Verification::Failed("the signature is not by a key of the set".into()),
            ),
        )
        .after(9, opened(1));
    insta::assert_snapshot!(play.told(), @r"
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.005 verify 7692c3ad3540
    0.005   token 7692c3ad3540 from file /run/token, no expiry stated
    0.005   connecting, attempt 1
    0.005 open 1 7692c3ad3540
    0.023   token 7692c3ad3540 unverified: the signature is not by a key of the set
    0.032   connected to 192.0.2.1:443
    0.032   live
    ");
}

#[test]
fn what_the_issuer_says_of_an_opaque_token_is_known_from_then_on() {
    let mut play = Play::new(verifying());
    play.after(0, Input::Start)
        .after(5, fetched("one"))
        .after(9, opened(1));
    let token = Credential::new("one", "").fingerprint();
    let checked = Checked {
        verification: Verification::Verified("id.example.com (active)".into()),
        expires: Some(at(0).wall.shifted(600_000_000)),
        subject: Some("alice".into()),
        scopes: Some("orders".into()),
    };
    play.after(9, Input::Verified(token, Box::new(checked)));
    play.run_until(545_000);
    insta::assert_snapshot!(play.told(), @r"
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.005 verify 7692c3ad3540
    0.005   token 7692c3ad3540 from file /run/token, no expiry stated
    0.005   connecting, attempt 1
    0.005 open 1 7692c3ad3540
    0.014   connected to 192.0.2.1:443
    0.014   live
    0.023   token 7692c3ad3540 verified by id.example.com (active), for alice, allows orders, expires 2026-11-24T12:10:00.000Z
    540.003   renewing
    540.003 fetch
    ");
}
