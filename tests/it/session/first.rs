//! `--dialect auto`: the server's first message tells the dialect, and the login goes on from there.

use std::sync::Arc;

use sockeye::dialect::{self, Dialect, Library};

use super::*;

/// A profile whose dialect is to be recognised among the shipped ones and these.
fn auto(own: Vec<Arc<Dialect>>) -> Profile {
    Profile {
        auto: Some(Library::new(own)),
        ..profile(header(), file())
    }
}

fn own(name: &str, more: &str) -> Arc<Dialect> {
    let text =
        format!("title = \"ours\"\n{more}\n[recognise]\nfirst = {{ \"/type\" = \"hallo\" }}\n");
    dialect::read(&format!("{name}.toml"), &text)
        .expect("a dialect")
        .into()
}

/// Connected, with a token.
fn connected(profile: Profile) -> Play {
    let mut play = Play::new(profile);
    play.after(0, Input::Start)
        .after(5, fetched("one"))
        .after(40, opened(1));
    play
}

/// What is told from the moment of connection on.
fn since_connected(play: &Play) -> String {
    let (_, rest) = play
        .told()
        .split_once("connected to 192.0.2.1:443\n")
        .expect("a connection");
    rest.to_owned()
}

const HOME_ASSISTANT: &str = r#"{"type":"auth_required","ha_version":"2026.11.0"}"#;

#[test]
fn the_login_of_a_recognised_dialect_goes_on_over_the_same_link() {
    let mut play = connected(auto(Vec::new()));
    play.after(3, text(1, HOME_ASSISTANT))
        .after(9, text(1, r#"{"type":"auth_ok"}"#));
    insta::assert_snapshot!(since_connected(&play), @r#"
    0.045   authenticating
    0.048   In {"type":"auth_required","ha_version":"2026.11.0"}
    0.048   recognised homeassistant by its first message: /type = auth_required
    0.048   Out {"type":"auth","access_token":"***"}
    0.048 send 1 login of 36 bytes
    0.057   In {"type":"auth_ok"}
    0.057   login acknowledged 9.0 ms
    0.057   live
    0.057   Out {"id":2,"type":"subscribe_events","event_type":"*"}
    0.057 send 1 b"{\"id\":2,\"type\":\"subscribe_events\",\"event_type\":\"*\"}"
    "#);
}

#[test]
fn the_dialect_holds_for_the_next_link_too() {
    let mut play = connected(auto(Vec::new()));
    play.after(3, text(1, HOME_ASSISTANT))
        .after(9, text(1, r#"{"type":"auth_ok"}"#))
        .after(9000, closed(1, 1006, ""));
    play.run_until(9600);
    play.after(0, opened(2)).after(3, text(2, HOME_ASSISTANT));
    let (_, second) = play.told().rsplit_once("connected to").expect("a second");
    insta::assert_snapshot!(second, @r#"
     192.0.2.1:443
    9.600   authenticating
    9.603   In {"type":"auth_required","ha_version":"2026.11.0"}
    9.603   Out {"type":"auth","access_token":"***"}
    9.603 send 2 login of 36 bytes
    "#);
}

#[test]
fn a_link_that_the_dialect_opens_otherwise_is_made_anew() {
    let mut play = connected(auto(Vec::new()));
    let established = r#"{"event":"pusher:connection_established","data":"{}"}"#;
    play.after(3, text(1, established))
        .after(2, closed(1, 1000, ""))
        .after(40, opened(2))
        .after(3, text(2, established));
    insta::assert_snapshot!(since_connected(&play), @r#"
    0.045   authenticating
    0.048   In {"event":"pusher:connection_established","data":"{}"}
    0.048   recognised pusher by its first message: /event = pusher:connection_established; the link is made anew, for this dialect opens it otherwise
    0.048 close 1 1000 Normal Closure
    0.050   connecting, attempt 1
    0.050 open 2
    0.090   connected to 192.0.2.1:443
    0.090   authenticating
    0.093   In {"event":"pusher:connection_established","data":"{}"}
    0.093   login acknowledged 3.0 ms
    0.093   live
    "#);
}

#[test]
fn frames_of_other_codecs_are_recognised() {
    let mut play = connected(auto(Vec::new()));
    let info = Message::binary(&b"INFO {\"auth_required\":true}\r\n"[..]);
    play.after(3, Input::Received(LinkId(1), info));
    let pong = Message::binary(&b"PONG\r\n"[..]);
    play.after(3, Input::Received(LinkId(1), pong));
    insta::assert_snapshot!(since_connected(&play), @r#"
    0.045   authenticating
    0.048   In INFO {"auth_required":true}

    0.048   recognised nats by its first message: /op = INFO
    0.048   Out CONNECT {"verbose":false,"pedantic":false,"name":"sockeye","lang":"rust","version":"1","protocol":1,"headers":true***}
    0.048 send 1 login of 134 bytes
    0.048   Out PING

    0.048 send 1 b"PING\r\n"
    0.051   In heartbeatPONG

    0.051   login acknowledged 3.0 ms
    0.051   live
    "#);
}

#[test]
fn a_server_that_says_nothing_is_taken_plainly() {
    let mut play = connected(auto(Vec::new()));
    play.run_until(4000);
    play.after(0, text(1, HOME_ASSISTANT));
    insta::assert_snapshot!(since_connected(&play), @r#"
    0.045   authenticating
    3.045   the server said nothing for 3.0 s to tell its dialect by; it goes on with the token by header (name the dialect to settle it)
    3.045   live
    4.000   In {"type":"auth_required","ha_version":"2026.11.0"}
    "#);
}

#[test]
fn a_first_message_of_no_dialect_is_an_event() {
    let mut play = connected(auto(Vec::new()));
    play.after(3, text(1, r#"{"type":"order"}"#))
        .after(3, text(1, HOME_ASSISTANT));
    insta::assert_snapshot!(since_connected(&play), @r#"
    0.045   authenticating
    0.048   In {"type":"order"}
    0.048   no dialect is recognised by the first message; it goes on with the token by header (name the dialect to settle it)
    0.048   live
    0.051   In {"type":"auth_required","ha_version":"2026.11.0"}
    "#);
}

#[test]
fn dialects_that_cannot_be_told_apart_are_named() {
    let mut play = connected(auto(vec![own("one", ""), own("other", "")]));
    play.after(3, text(1, r#"{"type":"hallo"}"#));
    insta::assert_snapshot!(since_connected(&play), @r#"
    0.045   authenticating
    0.048   In {"type":"hallo"}
    0.048   several dialects begin with this message: one, other; it goes on with the token by header (name the dialect to settle it)
    0.048   live
    "#);
}

#[test]
fn a_dialect_without_what_it_wants_is_not_spoken() {
    let wants = "[[login]]\nsend = \"{\\\"key\\\":\\\"{key}\\\"}\"\n[variables]\nkey = { about = \"the key\" }";
    let mut play = connected(auto(vec![own("ours", wants)]));
    play.after(3, text(1, r#"{"type":"hallo"}"#));
    insta::assert_snapshot!(since_connected(&play), @r#"
    0.045   authenticating
    0.048   In {"type":"hallo"}
    0.048   this is ours, which wants the variable key; it goes on with the token by header (name the dialect to settle it)
    0.048   live
    "#);
    let mut given = auto(vec![own("ours", wants)]);
    given.variables = vec![("key".into(), dialect::Bound::Plain("k".into()))];
    given.subscribe = vec!["news".into()];
    let mut play = connected(given);
    play.after(3, text(1, r#"{"type":"hallo"}"#));
    insta::assert_snapshot!(since_connected(&play), @r#"
    0.045   authenticating
    0.048   In {"type":"hallo"}
    0.048   recognised ours by its first message: /type = hallo
    0.048   this dialect has no subscriptions: what was to be subscribed to is left out
    0.048   Out {"key":"k"}
    0.048 send 1 b"{\"key\":\"k\"}"
    0.048   login sent; nothing acknowledges it
    0.048   live
    "#);
}

#[test]
fn a_link_that_ends_before_the_first_message_leaves_the_question_open() {
    let mut play = connected(auto(Vec::new()));
    play.after(3, Input::Ended(LinkId(1), Cause::Eof));
    play.run_until(5000);
    play.after(0, opened(2)).after(3, text(2, HOME_ASSISTANT));
    let (_, second) = play.told().rsplit_once("connected to").expect("a second");
    insta::assert_snapshot!(second, @r#"
     192.0.2.1:443
    5.000   authenticating
    5.003   In {"type":"auth_required","ha_version":"2026.11.0"}
    5.003   recognised homeassistant by its first message: /type = auth_required
    5.003   Out {"type":"auth","access_token":"***"}
    5.003 send 2 login of 36 bytes
    "#);
}

const SLACK: &str = r#"{"type":"hello","num_connections":1,"connection_info":{"app_id":"a"}}"#;

/// A server that says it is Slack must not make us send the token to Slack.
#[test]
fn the_token_goes_nowhere_else_on_a_servers_word() {
    let mut play = connected(auto(Vec::new()));
    play.after(3, text(1, SLACK));
    insta::assert_snapshot!(since_connected(&play), @r#"
    0.045   authenticating
    0.048   In {"type":"hello","num_connections":1,"connection_info":{"app_id":"a"}}
    0.048   this is slack, which calls slack.com first, and a server's word is not enough for that; it goes on with the token by header (name the dialect to settle it)
    0.048   live
    "#);
}

/// The address holds a ticket, and there is no token with which another could be had.
#[test]
fn a_link_that_was_opened_by_a_ticket_is_good_enough() {
    let mut play = Play::new(Profile {
        way: Way::None,
        source: Source::Prompt,
        ..auto(Vec::new())
    });
    play.after(0, Input::Start).after(40, opened(1));
    play.after(3, text(1, SLACK))
        .after(3, text(1, r#"{"type":"events_api","envelope_id":"e-1"}"#));
    insta::assert_snapshot!(since_connected(&play), @r#"
    0.040   authenticating
    0.043   In {"type":"hello","num_connections":1,"connection_info":{"app_id":"a"}}
    0.043   recognised slack by its first message: /type = hello, /connection_info is there
    0.043   login acknowledged 0 ms
    0.043   live
    0.046   In {"type":"events_api","envelope_id":"e-1"}
    0.046   Out {"envelope_id":"e-1"}
    0.046 send 1 b"{\"envelope_id\":\"e-1\"}"
    "#);
}
