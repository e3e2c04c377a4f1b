//! What the user sends by hand: over which link it goes, and what a close does.

use proptest::prelude::*;
use sockeye::{
    close_code::CloseCode,
    message::Message,
    session::{Command, Input, LinkId},
};

use super::{Play, closed, fetched, file, first_message, header, opened, profile, text, token};

fn close(code: u16, reason: &str) -> Command {
    Command::Close {
        code: CloseCode(code),
        reason: reason.into(),
    }
}

/// Anything that the user may do by hand.
pub(super) fn any_by_hand() -> impl Strategy<Value = Command> {
    prop_oneof![
        Just(Command::Send(Message::text("hello"))),
        Just(Command::Send(Message::binary([0, 255].to_vec()))),
        Just(Command::Say("{}".into())),
        (0..200_usize).prop_map(|length| Command::Ping(vec![7; length].into())),
        (any::<u16>(), 0..200_usize).prop_map(|(code, length)| close(code, &"r".repeat(length))),
    ]
}

#[test]
fn messages_go_over_the_link_that_carries_the_stream() {
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(0, fetched(&token("alice", 60)))
        .after(0, Command::Send(Message::text("too early")))
        .after(0, opened(1))
        .after(31_000, fetched(&token("alice", 120)))
        .after(0, Command::Send(Message::text("to the old one")))
        .after(0, Command::Ping("old".into()))
        .after(10, Input::PongByHand(LinkId(1)))
        .after(10, opened(2))
        .after(0, Command::Send(Message::binary(&b"\xffnew"[..])))
        .after(0, closed(1, 1000, ""));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.000   token 83fa57862571 from file /run/token, for alice, expires 2026-11-24T12:01:00.000Z
    0.000   connecting, attempt 1
    0.000 open 1 83fa57862571
    0.000   not sent: the stream is not live
    0.000   connected to 192.0.2.1:443
    0.000   live
    30.000   renewing
    30.000 fetch
    31.000   token 3cda931ad4e3 from file /run/token, for alice, expires 2026-11-24T12:02:00.000Z
    31.000 open 2 3cda931ad4e3
    31.000   Out to the old one
    31.000 send 1 b"to the old one"
    31.000   sent, 14 bytes
    31.000 ping 1 b"old"
    31.000   a ping of 3 bytes was sent
    31.010   the ping was answered after 10 ms
    31.020   connected to 192.0.2.1:443
    31.020   live
    31.020   another connection has taken over, without a gap
    31.020 close 1 1000 Normal Closure
    31.020   Out �new
    31.020 send 2 b"\xffnew"
    31.020   sent, 4 bytes
    "#);
}

/// The next link fails while messages go over the old one, which then ends too.
#[test]
fn a_message_is_refused_only_where_nothing_carries_the_stream() {
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(0, fetched(&token("alice", 60)))
        .after(0, opened(1))
        .after(31_000, fetched(&token("alice", 120)))
        .after(0, closed(1, 1012, ""))
        .after(0, Command::Send(Message::text("into the gap")))
        .after(10, opened(2))
        .after(0, Command::Send(Message::text("over the new one")));
    let told = play.told();
    assert!(told.contains("not sent: the stream is not live"), "{told}");
    let sent = "send 2 b\"over the new one\"\n31.010   sent, 16 bytes";
    assert!(told.ends_with(sent), "{told}");
}

#[test]
fn a_close_by_hand_ends_the_link_and_the_stream_stands() {
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(0, fetched("one"))
        .after(0, opened(1))
        .after(10, close(4001, "enough of tok"))
        .after(0, text(1, "a last event"))
        .after(5, closed(1, 4001, "enough of tok"))
        .after(600_000, Command::Send(Message::text("nobody hears it")))
        .after(0, close(1000, ""))
        .after(0, Command::Ping("".into()))
        .after(0, Command::Reconnect)
        .after(5, opened(2));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.000   token 7692c3ad3540 from file /run/token, no expiry stated
    0.000   connecting, attempt 1
    0.000 open 1 7692c3ad3540
    0.000   connected to 192.0.2.1:443
    0.000   live
    0.010 close 1 4001 Token Expired enough of tok
    0.010   In a last event
    0.015   we closed 4001 Token Expired: enough of tok → stop: as you asked; it stands until you reconnect
    0.015   stopped: we closed 4001 Token Expired: enough of tok
    600.015   not sent: the stream is not live
    600.015   not closed: there is no connection
    600.015   no ping sent: the stream is not live
    600.015   connecting, attempt 1
    600.015 open 2 7692c3ad3540
    600.020   connected to 192.0.2.1:443
    600.020   gap 10 m 00 s · we closed 4001 Token Expired: enough of tok · 1 attempt · not resumed
    600.020   live
    "#);
}

#[test]
fn a_server_that_does_not_answer_the_close_is_left() {
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(0, fetched("one"))
        .after(0, opened(1))
        .after(10, close(1000, ""))
        .run_until(60_000);
    let told = play.told();
    assert!(told.contains("drop 1"), "{told}");
    assert!(
        told.ends_with("stopped: we closed 1000 Normal Closure"),
        "{told}"
    );
    play.after(0, Command::Stop);
    assert!(
        play.told().ends_with("stopped: as asked"),
        "{}",
        play.told()
    );
}

#[test]
fn a_close_by_hand_during_the_login_and_the_switch() {
    let mut play = Play::new(profile(first_message(), file()));
    play.after(0, Input::Start)
        .after(0, fetched("one"))
        .after(0, opened(1))
        .after(0, close(3000, "no"))
        .after(0, Command::Reconnect)
        .after(0, closed(1, 3000, "no"));
    assert!(play.told().ends_with("open 2"), "{}", play.told());

    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(0, fetched(&token("alice", 60)))
        .after(0, opened(1))
        .after(31_000, fetched(&token("alice", 120)))
        .after(0, close(4000, "both"));
    let told = play.told();
    assert!(told.contains("drop 2"), "{told}");
    assert!(told.ends_with("both"), "{told}");
    assert!(told.contains("31.000 close 1 4000"), "{told}");
}

#[test]
fn what_the_protocol_forbids_is_not_sent() {
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(0, fetched("one"))
        .after(0, opened(1));
    let before = play.told().len();
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000] {
        play.after(0, close(code, ""));
    }
    play.after(0, close(1000, &"r".repeat(124)))
        .after(0, Command::Ping(vec![0; 126].into()));
    let told = &play.told()[before..];
    assert_eq!(
        told.matches("not closed: a client may send the codes")
            .count(),
        9,
        "{told}"
    );
    assert!(
        told.contains("not closed: a reason holds 123 bytes at most"),
        "{told}"
    );
    assert!(
        told.contains("no ping sent: it holds 125 bytes at most"),
        "{told}"
    );
    assert!(
        !told.contains(" close 1 ") && !told.contains(" ping 1 "),
        "{told}"
    );
}

/// What is to be said after each login is said on each link that comes to carry the stream, and over no other.
#[test]
fn a_greeting_is_said_after_each_login() {
    let mut play = Play::new(profile(header(), file()));
    play.session.say_after_login(vec!["hello".into()]);
    play.after(0, Input::Start)
        .after(0, fetched(&token("alice", 60)))
        .after(0, opened(1))
        .after(31_000, fetched(&token("alice", 120)))
        .after(10, opened(2))
        .after(0, closed(1, 1000, ""))
        .after(10, closed(2, 1012, ""))
        .after(30_000, Input::Tick)
        .after(10, opened(3));
    let told = play.told();
    let sent: Vec<_> = told.lines().filter(|line| line.contains("hello")).collect();
    insta::assert_snapshot!(sent.join("\n"), @r#"
    0.000   Out hello
    0.000 send 1 b"hello"
    31.010   Out hello
    31.010 send 2 b"hello"
    61.030   Out hello
    61.030 send 3 b"hello"
    "#);
}
