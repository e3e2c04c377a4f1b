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
            keys: Some(KeyPlace::Issuer("https://id.example.com".into())),
            audience: None,
            introspection: None,
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
fn a_token_that_was_issued_just_now_dates_the_clock_where_no_handshake_does() {
    // Its issuer's clock is 300 s ahead of ours: of 900 s are left 600.
    let fresh = || {
        let token = token("alice", 900);
        let credential = Credential::new(&token, "https://id.example.com");
        Input::Fetched(Ok(Credential {
            skew: Some(300_000_000),
            ..credential
        }))
    };
    let renewed_at = |skew: Option<i64>| {
        let mut play = Play::new(profile(header(), file()));
        let facts = OpenFacts {
            skew,
            ..OpenFacts::default()
        };
        play.after(0, Input::Start)
            .after(0, fresh())
            .after(0, Input::Opened(LinkId(1), facts))
            .run_until(890_000);
        let line = play.told().lines().find(|line| line.ends_with("renewing"));
        line.and_then(|line| line.split('.').next())
            .map(str::to_owned)
    };
    assert_eq!(renewed_at(None).as_deref(), Some("540"));
    assert_eq!(renewed_at(Some(0)).as_deref(), Some("810"));
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
