//! What is done when the source of the credential was changed by somebody.

use super::{Play, closed, fetched, file, first_message, header, opened, profile, text, token};
use sockeye::session::{FetchFault, Input};

/// The file that a token is read from gets another one while the link is live.
#[test]
fn a_changed_source_is_asked_at_once() {
    let (first, second) = (token("alice", 3600), token("bob", 7200));
    let mut play = Play::new(profile(first_message(), file()));
    play.after(0, Input::Start)
        .after(0, fetched(&first))
        .after(0, opened(1))
        .after(0, text(1, r#"{"type":"auth_ok"}"#));
    play.text.clear();
    // Touched, but the same.
    play.after(1000, Input::SourceChanged)
        .after(0, fetched(&first))
        .after(1000, Input::SourceChanged)
        .after(0, fetched(&second))
        .after(0, text(1, r#"{"type":"auth_ok"}"#));
    insta::assert_snapshot!(play.told(), @r#"
    1.000   renewing
    1.000 fetch
    1.000   live
    2.000   renewing
    2.000 fetch
    2.000   Out {"type":"auth","token":"***"}
    2.000 send 1 login of 92 bytes
    2.000   In {"type":"auth_ok"}
    2.000   token 51520932dfcd from file /run/token, for bob, expires 2026-11-24T14:00:00.000Z
    2.000   new token accepted on the live connection
    2.000   live
    "#);
}

/// A stream that waits for somebody to sign in goes on when its token file has another token.
#[test]
fn a_changed_source_ends_the_wait_for_a_sign_in() {
    let (first, second) = (token("alice", 3600), token("bob", 7200));
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(0, fetched(&first))
        .after(0, opened(1))
        .after(0, closed(1, 4001, "Token expired"))
        .after(0, fetched(&first));
    play.text.clear();
    play.after(1000, Input::SourceChanged)
        .after(0, fetched(&first))
        .after(1000, Input::SourceChanged)
        .after(0, fetched(&second))
        .after(0, opened(2));
    insta::assert_snapshot!(play.told(), @r#"
    1.000 fetch
    2.000 fetch
    2.000   token 51520932dfcd from file /run/token, for bob, expires 2026-11-24T14:00:00.000Z
    2.000   connecting, attempt 2
    2.000 open 2 51520932dfcd
    2.000   connected to 192.0.2.1:443
    2.000   gap 2.0 s · closed 4001 Token Expired · 1 attempt · not resumed
    2.000   live
    "#);
}

/// A link is not opened with the last seconds of a token before its source was asked; a failure of that leaves it in use.
#[test]
fn a_token_about_to_end_is_not_used_again_unasked() {
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(0, fetched(&token("alice", 100)))
        .after(0, opened(1));
    play.after(70_000, fetched(&token("alice", 100)));
    play.after(21_000, closed(1, 1001, ""));
    let before = play.told().len();
    play.run_until(92_000)
        .after(0, Input::Fetched(Err(FetchFault::Failed("no file".into()))));
    insta::assert_snapshot!(&play.told()[before..], @r#"

    91.387   fetching the credential from file /run/token
    92.000   no new token: no file; what is in use stays
    92.000   connecting, attempt 2
    92.000 open 2 d8cfcc12761a
    "#);
}
