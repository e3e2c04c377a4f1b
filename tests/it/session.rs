//! Transcripts: a script of timed inputs gives the text of everything the session wants and tells.

mod first;
mod hand;
mod source;
mod verified;
mod within;

use std::{fmt::Write as _, time::Duration};

use proptest::prelude::*;
use sockeye::{
    auth::{CallAnswer, Credential, FirstMessage, Outgoing, Way},
    cause::{Cause, HttpRefusal, Verdict},
    close_code::CloseCode,
    event::{EventKind, Lifecycle, OpenFacts, StreamId},
    message::{Class, Message},
    profile::{Profile, Source},
    secret::Secret,
    session::{Command, FetchFault, Input, LinkId, Output, Session},
    time::{Mono, Now, Wall},
};

/// 2026-11-24T12:00:00Z.
const NOON: i64 = 1_795_521_600;

fn at(millis: u64) -> Now {
    let micros = millis * 1000;
    Now {
        mono: Mono(micros),
        wall: Wall(NOON * 1_000_000 + micros.cast_signed()),
    }
}

/// A JWT that expires this many seconds after noon.
fn token(name: &str, expires: i64) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64};
    let claims = format!(r#"{{"sub":"{name}","exp":{}}}"#, NOON + expires);
    format!(
        "{}.{}.c2ln",
        BASE64.encode(r#"{"alg":"HS256"}"#),
        BASE64.encode(claims)
    )
}

fn header() -> Way {
    Way::Header {
        name: "Authorization".into(),
        prefix: "Bearer ".into(),
    }
}

fn first_message() -> Way {
    Way::FirstMessage(FirstMessage {
        template: r#"{"type":"auth","token":"{token}"}"#.into(),
        ack: Some(serde_json::json!({"type": "auth_ok"})),
        refusal: Some(serde_json::json!({"type": "auth_error"})),
        renew: Some(r#"{"type":"auth","token":"{token}"}"#.into()),
    })
}

fn profile(way: Way, source: Source) -> Profile {
    let url = url::Url::parse("wss://example.com/ws").expect("an address");
    Profile::new("orders", url, way, source)
}

/// Runs a session through a script and writes down what it does.
struct Play {
    session: Session,
    text: String,
    clock: u64,
    /// Whether the server answers pings.
    answers: bool,
}

impl Play {
    fn new(profile: Profile) -> Self {
        Self {
            session: Session::new(profile, StreamId(0), 7),
            text: String::new(),
            clock: 0,
            answers: true,
        }
    }

    /// Advances the clock tick by tick, then hands the input in.
    fn after(&mut self, millis: u64, input: impl Into<Input>) -> &mut Self {
        let end = self.clock + millis;
        self.run_until(end);
        let input = input.into();
        self.session.handle(input, at(self.clock));
        self.drain();
        self
    }

    fn run_until(&mut self, end: u64) -> &mut Self {
        while let Some(deadline) = self.session.deadline() {
            let due = deadline.0.div_ceil(1000);
            if due > end {
                break;
            }
            self.clock = self.clock.max(due);
            self.session.handle(Input::Tick, at(self.clock));
            self.drain();
        }
        self.clock = end;
        self
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll() {
            match output {
                Output::Ping(link) if self.answers => {
                    self.session.handle(Input::Pong(link), at(self.clock));
                }
                output => self.write(&output),
            }
        }
    }

    fn write(&mut self, output: &Output) {
        let line = show(output);
        if !line.starts_with("  pong") {
            let (seconds, millis) = (self.clock / 1000, self.clock % 1000);
            let _ = writeln!(self.text, "{seconds}.{millis:03} {line}");
        }
    }

    fn told(&self) -> &str {
        self.text.trim_end()
    }
}

fn show(output: &Output) -> String {
    match output {
        Output::Fetch => "fetch".into(),
        Output::Store(credential) => format!("store {}", credential.fingerprint()),
        Output::Verify(credential) => format!("verify {}", credential.fingerprint()),
        Output::Open(link, request) => {
            let header = request
                .headers
                .iter()
                .flat_map(|header| header.value.secrets());
            let query = request.query.iter().flat_map(|(_, value)| value.secrets());
            let tokens: Vec<_> = header
                .chain(query)
                .map(|secret| secret.fingerprint().to_string())
                .collect();
            format!("open {} {}", link.0, tokens.join(" "))
                .trim_end()
                .into()
        }
        Output::Send(link, Outgoing::Plain(message)) => {
            format!("send {} {:?}", link.0, message.data)
        }
        Output::Send(link, Outgoing::Login(_, secret)) => {
            format!("send {} login of {} bytes", link.0, secret.expose().len())
        }
        Output::Call(link, call) => format!("call {} {}", link.0, call.url.shown()),
        Output::Sign(question) => format!("sign {} {}", question.number, question.give.shown()),
        Output::Ping(link) => format!("ping {}", link.0),
        Output::PingByHand(link, payload) => format!("ping {} {payload:?}", link.0),
        Output::Close(link, code, reason) => format!("close {} {code} {reason}", link.0)
            .trim_end()
            .into(),
        Output::Drop(link) => format!("drop {}", link.0),
        Output::Event(event) => match &event.kind {
            EventKind::Message(direction, class, message) => {
                let class = if *class == Class::Event {
                    ""
                } else {
                    class.word()
                };
                format!(
                    "  {direction:?} {class}{}",
                    String::from_utf8_lossy(&message.data)
                )
            }
            EventKind::Lifecycle(lifecycle) => format!("  {lifecycle}"),
        },
    }
}

fn fetched(token: &str) -> Input {
    Input::Fetched(Ok(Credential::new(token, "file /run/token")))
}

fn pasted(token: &str) -> Command {
    Command::SignIn(Credential {
        pasted: true,
        ..Credential::new(token, "pasted")
    })
}

fn opened(link: u32) -> Input {
    Input::Opened(
        LinkId(link),
        OpenFacts {
            peer: "192.0.2.1:443".into(),
            ..OpenFacts::default()
        },
    )
}

fn closed(link: u32, code: u16, reason: &str) -> Input {
    Input::Ended(
        LinkId(link),
        Cause::Close {
            code: CloseCode(code),
            reason: reason.into(),
            ours: false,
        },
    )
}

fn text(link: u32, text: &str) -> Input {
    Input::Received(LinkId(link), Message::text(text))
}

fn file() -> Source {
    Source::File("/run/token".into())
}

#[test]
fn an_expired_token_is_renewed_from_its_source() {
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(5, fetched("one"))
        .after(40, opened(1));
    play.after(60_000, closed(1, 4001, "Token expired"))
        .after(5, fetched("two"))
        .after(40, opened(2));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.005   token 7692c3ad3540 from file /run/token, no expiry stated
    0.005   connecting, attempt 1
    0.005 open 1 7692c3ad3540
    0.045   connected to 192.0.2.1:443
    0.045   live
    60.045   closed 4001 Token Expired → renew: another token is fetched from file /run/token
    60.045   fetching the credential from file /run/token
    60.045 fetch
    60.050   token 3fc4ccfe7458 from file /run/token, no expiry stated
    60.050   connecting, attempt 2
    60.050 open 2 3fc4ccfe7458
    60.090   connected to 192.0.2.1:443
    60.090   gap 45 ms · closed 4001 Token Expired · 1 attempt · not resumed
    60.090   live
    "#);
}

#[test]
fn a_refused_token_is_never_offered_twice() {
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(0, fetched("one"))
        .after(0, opened(1));
    play.after(1, closed(1, 1008, "bad token"))
        .after(0, fetched("one"));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.000   token 7692c3ad3540 from file /run/token, no expiry stated
    0.000   connecting, attempt 1
    0.000 open 1 7692c3ad3540
    0.000   connected to 192.0.2.1:443
    0.000   live
    0.001   closed 1008 Policy Violation: bad token → renew: another token is fetched from file /run/token
    0.001   fetching the credential from file /run/token
    0.001 fetch
    0.001   sign in needed: closed 1008 Policy Violation: bad token; file /run/token still gives that token
    "#);
}

#[test]
fn two_refused_tokens_end_in_a_question() {
    let mut play = Play::new(profile(header(), file()));
    let refused = Cause::Http(HttpRefusal {
        status: 401,
        body: "no".into(),
        ..HttpRefusal::default()
    });
    play.after(0, Input::Start)
        .after(0, fetched("one"))
        .after(0, Input::Ended(LinkId(1), refused.clone()));
    play.after(0, fetched("two"))
        .after(0, Input::Ended(LinkId(2), refused));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.000   token 7692c3ad3540 from file /run/token, no expiry stated
    0.000   connecting, attempt 1
    0.000 open 1 7692c3ad3540
    0.000   HTTP 401 Unauthorized: no → renew: another token is fetched from file /run/token
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.000   token 3fc4ccfe7458 from file /run/token, no expiry stated
    0.000   connecting, attempt 2
    0.000 open 2 3fc4ccfe7458
    0.000   HTTP 401 Unauthorized: no → ask: two different tokens were refused; sign in to go on
    0.000   sign in needed: HTTP 401 Unauthorized: no
    "#);
}

#[test]
fn forbidden_is_not_answered_by_signing_in_again() {
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(0, fetched("one"))
        .after(0, opened(1))
        .after(9, closed(1, 4003, ""));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.000   token 7692c3ad3540 from file /run/token, no expiry stated
    0.000   connecting, attempt 1
    0.000 open 1 7692c3ad3540
    0.000   connected to 192.0.2.1:443
    0.000   live
    0.009   closed 4003 Unauthorized Access → ask: not allowed; access or another account is needed
    0.009   forbidden: closed 4003 Unauthorized Access
    "#);
}

#[test]
fn a_pasted_token_renews_in_place_and_is_kept() {
    let mut play = Play::new(profile(first_message(), Source::Stored));
    play.after(0, Input::Start)
        .after(0, Input::Fetched(Err(FetchFault::AskUser)));
    play.after(900, pasted(&token("alice", 200)))
        .after(20, opened(1))
        .after(12, text(1, r#"{"type":"auth_ok"}"#));
    play.run_until(90_000);
    play.after(0, pasted(&token("alice", 500)))
        .after(3, text(1, r#"{"id":1}"#));
    play.after(4, text(1, r#"{"type":"auth_ok","again":true}"#));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from credentials.toml
    0.000 fetch
    0.000   sign in needed: no token is stored for orders
    0.900   token 3988338ab74b from pasted, for alice, expires 2026-11-24T12:03:20.000Z
    0.900   connecting, attempt 1
    0.900 open 1
    0.920   connected to 192.0.2.1:443
    0.920   Out {"type":"auth","token":"***"}
    0.920 send 1 login of 95 bytes
    0.920   authenticating
    0.932   In {"type":"auth_ok"}
    0.932   login acknowledged 12 ms
    0.932 store 3988338ab74b
    0.932   live
    80.000   expiring: nothing renews the token
    90.000   renewing
    90.000   Out {"type":"auth","token":"***"}
    90.000 send 1 login of 95 bytes
    90.003   In {"id":1}
    90.007   In {"type":"auth_ok","again":true}
    90.007   token a9cf3254d338 from pasted, for alice, expires 2026-11-24T12:08:20.000Z
    90.007   new token accepted on the live connection
    90.007 store a9cf3254d338
    90.007   live
    "#);
}

#[test]
fn a_renewal_that_is_refused_keeps_the_old_token() {
    let mut play = Play::new(profile(first_message(), Source::Prompt));
    play.after(0, Input::Start)
        .after(0, pasted("one"))
        .after(0, opened(1))
        .after(0, text(1, r#"{"type":"auth_ok"}"#));
    play.after(10, pasted("two"))
        .after(10, text(1, r#"{"type":"auth_error"}"#))
        .after(10, pasted("two"));
    play.after(10, closed(1, 1001, ""));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from the user
    0.000 fetch
    0.000   token 7692c3ad3540 from pasted, no expiry stated
    0.000   connecting, attempt 1
    0.000 open 1
    0.000   connected to 192.0.2.1:443
    0.000   Out {"type":"auth","token":"***"}
    0.000 send 1 login of 29 bytes
    0.000   authenticating
    0.000   In {"type":"auth_ok"}
    0.000   login acknowledged 0 ms
    0.000   live
    0.010   renewing
    0.010   Out {"type":"auth","token":"***"}
    0.010 send 1 login of 29 bytes
    0.020   In {"type":"auth_error"}
    0.020   the server refused the new token; what is in use stays
    0.020   live
    0.030   this token was refused before and is not offered again
    0.040   closed 1001 Going Away → reconnect: attempt 2 in 386 ms
    0.040   attempt 2 in 386 ms (from 0 ms to 500 ms): closed 1001 Going Away
    "#);
}

#[test]
fn a_source_that_renews_itself_is_asked_before_the_expiry() {
    let mut play = Play::new(profile(first_message(), file()));
    play.after(0, Input::Start)
        .after(0, fetched(&token("alice", 60)))
        .after(0, opened(1));
    play.after(0, text(1, r#"{"type":"auth_ok"}"#));
    play.after(31_000, fetched(&token("alice", 60)));
    play.after(10_000, fetched(&token("alice", 120)));
    play.after(1, text(1, r#"{"type":"auth_ok"}"#));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.000   token 83fa57862571 from file /run/token, for alice, expires 2026-11-24T12:01:00.000Z
    0.000   connecting, attempt 1
    0.000 open 1
    0.000   connected to 192.0.2.1:443
    0.000   Out {"type":"auth","token":"***"}
    0.000 send 1 login of 95 bytes
    0.000   authenticating
    0.000   In {"type":"auth_ok"}
    0.000   login acknowledged 0 ms
    0.000   live
    30.000   renewing
    30.000 fetch
    31.000   live
    40.667   renewing
    40.667 fetch
    41.000   Out {"type":"auth","token":"***"}
    41.000 send 1 login of 95 bytes
    41.001   In {"type":"auth_ok"}
    41.001   token 3cda931ad4e3 from file /run/token, for alice, expires 2026-11-24T12:02:00.000Z
    41.001   new token accepted on the live connection
    41.001   live
    "#);
}

#[test]
fn a_half_open_link_is_noticed() {
    let mut play = Play::new(profile(Way::None, Source::Prompt));
    play.answers = false;
    play.after(0, Input::Start)
        .after(0, opened(1))
        .after(20_050, Input::Pong(LinkId(1)));
    play.run_until(51_000);
    insta::assert_snapshot!(play.told(), @r#"
    0.000   connecting, attempt 1
    0.000 open 1
    0.000   connected to 192.0.2.1:443
    0.000   live
    20.000 ping 1
    40.000 ping 1
    45.000   silent: a ping is unanswered
    50.000 drop 1
    50.000   silent for 29 s → reconnect: attempt 2 in 386 ms
    50.000   attempt 2 in 386 ms (from 0 ms to 500 ms): silent for 29 s
    50.387   connecting, attempt 2
    50.387 open 2
    "#);
}

#[test]
fn attempts_are_counted_until_the_stream_is_stable() {
    let mut play = Play::new(profile(Way::None, Source::Prompt));
    play.after(0, Input::Start).after(
        0,
        Input::Ended(LinkId(1), Cause::Tcp("connection refused".into())),
    );
    play.run_until(1000)
        .after(0, opened(2))
        .after(10, closed(2, 1012, "deploy"))
        .run_until(40_000);
    play.after(0, opened(3)).after(31_000, closed(3, 1013, ""));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   connecting, attempt 1
    0.000 open 1
    0.000   no connection: connection refused → reconnect: attempt 2 in 386 ms
    0.000   attempt 2 in 386 ms (from 0 ms to 500 ms): no connection: connection refused
    0.387   connecting, attempt 2
    0.387 open 2
    1.000   connected to 192.0.2.1:443
    1.000   live
    1.010   closed 1012 Service Restart: deploy → reconnect: attempt 3 in 10 s
    1.010   attempt 3 in 10 s (from 5.0 s to 30 s): closed 1012 Service Restart: deploy
    11.573   connecting, attempt 3
    11.573 open 3
    29.573 drop 3
    29.573   upgrade took too long → reconnect: attempt 4 in 1.4 s
    29.573   attempt 4 in 1.4 s (from 0 ms to 2.0 s): upgrade took too long
    31.010   connecting, attempt 4
    31.010 open 4
    49.010 drop 4
    49.010   upgrade took too long → reconnect: attempt 5 in 1.9 s
    49.010   attempt 5 in 1.9 s (from 0 ms to 4.0 s): upgrade took too long
    50.935   connecting, attempt 5
    50.935 open 5
    68.935 drop 5
    68.935   upgrade took too long → reconnect: attempt 6 in 931 ms
    68.935   attempt 6 in 931 ms (from 0 ms to 8.0 s): upgrade took too long
    69.867   connecting, attempt 6
    69.867 open 6
    "#);
}

#[test]
fn the_user_can_hold_a_wait_and_end_it() {
    let mut play = Play::new(profile(Way::None, Source::Prompt));
    play.after(0, Input::Start)
        .after(0, closed(1, 1013, "busy"))
        .after(100, Command::Hold);
    play.run_until(600_000)
        .after(0, Command::Reconnect)
        .after(5, opened(2));
    play.after(5, Command::Send(Message::text("hi")))
        .after(5, Command::Stop)
        .run_until(700_000);
    insta::assert_snapshot!(play.told(), @r#"
    0.000   connecting, attempt 1
    0.000 open 1
    0.000   closed 1013 Try Again Later: busy → later: attempt 2 in 8.8 s
    0.000   attempt 2 in 8.8 s (from 5.0 s to 10 s): closed 1013 Try Again Later: busy
    0.100   attempt 2 held back: closed 1013 Try Again Later: busy
    600.000   connecting, attempt 2
    600.000 open 2
    600.005   connected to 192.0.2.1:443
    600.005   live
    600.010   Out hi
    600.010 send 2 b"hi"
    600.010   sent, 2 bytes
    600.015 close 2 1000 Normal Closure
    602.015 drop 2
    602.015   stopped: as asked
    "#);
    assert!(play.session.is_over());
}

#[test]
fn a_login_that_nothing_answers_times_out() {
    let mut play = Play::new(profile(first_message(), Source::Prompt));
    play.after(0, Input::Start)
        .after(0, pasted("one"))
        .after(0, opened(1))
        .after(5, text(1, r#"{"hello":1}"#));
    play.run_until(10_000);
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from the user
    0.000 fetch
    0.000   token 7692c3ad3540 from pasted, no expiry stated
    0.000   connecting, attempt 1
    0.000 open 1
    0.000   connected to 192.0.2.1:443
    0.000   Out {"type":"auth","token":"***"}
    0.000 send 1 login of 29 bytes
    0.000   authenticating
    0.005   In {"hello":1}
    10.000 close 1 1000 Normal Closure
    10.000   login took too long → reconnect: attempt 2 in 386 ms
    10.000   attempt 2 in 386 ms (from 0 ms to 500 ms): login took too long
    "#);
}

/// Any input, for links around the current one.
fn any_input() -> impl Strategy<Value = Input> {
    let link = || (1..12_u32).prop_map(LinkId);
    let secret = (0..6_u32).prop_map(|n| format!("secret-{n}"));
    let code = prop_oneof![
        Just(1000),
        Just(1008),
        Just(4001),
        Just(4003),
        Just(1012),
        Just(1013),
        any::<u16>()
    ];
    let status = prop_oneof![Just(401), Just(403), Just(429), Just(503), 300..600_u16];
    prop_oneof![
        3 => secret.clone().prop_map(|token| fetched(&token)),
        1 => Just(Input::Fetched(Err(FetchFault::AskUser))),
        1 => Just(Input::Fetched(Err(FetchFault::Failed("no file".into())))),
        6 => link().prop_map(|link| opened(link.0)),
        4 => (link(), code).prop_map(|(link, code)| closed(link.0, code, "")),
        2 => (link(), status).prop_map(|(link, status)| {
            Input::Ended(link, Cause::Http(HttpRefusal { status, ..HttpRefusal::default() }))
        }),
        1 => link().prop_map(|link| Input::Ended(link, Cause::Silence(Duration::ZERO))),
        4 => link().prop_map(|link| text(link.0, r#"{"type":"auth_ok"}"#)),
        1 => link().prop_map(|link| text(link.0, r#"{"type":"auth_error"}"#)),
        1 => link().prop_map(Input::Pong),
        2 => Just(Input::Tick),
        1 => secret.prop_map(|token| pasted(&token).into()),
        1 => prop_oneof![Just(Command::Reconnect), Just(Command::Hold), Just(Command::Fetch)].prop_map(Input::from),
        1 => hand::any_by_hand().prop_map(Input::from),
        1 => link().prop_map(Input::PongByHand),
        1 => Just(Input::SourceChanged),
    ]
}

/// Follows what a session does and checks its promises.
#[derive(Default)]
struct Watcher {
    open: Vec<LinkId>,
    /// The token that each link was opened with.
    offered: Vec<(LinkId, String)>,
    /// The link that the last input is about.
    about: Option<LinkId>,
    refused: Vec<String>,
}

impl Watcher {
    /// Takes the output down; two sockets may be open only while one of them closes.
    fn check(&mut self, output: &Output, profile: &Profile) {
        assert!(!format!("{output:?}").contains("secret-"), "{output:?}");
        match output {
            Output::Open(link, request) => {
                self.open.push(*link);
                assert!(self.open.len() <= 2, "{:?}", self.open);
                let headers = request.headers.iter().map(|header| &header.value);
                let query = request.query.iter().map(|(_, value)| value);
                let mut all = headers.chain(query).chain(&request.subprotocols);
                // Other secrets are tickets of the server's.
                let token = |secret: &&Secret| {
                    secret.expose().starts_with("secret-") || secret.expose().starts_with("eyJ")
                };
                let secret = all.find_map(|filled| filled.secrets().find(token));
                if let Some(secret) = secret {
                    let token = secret.expose().to_owned();
                    assert!(!self.refused.contains(&token), "{output:?}");
                    self.offered.push((*link, token));
                }
            }
            Output::Drop(link) | Output::Close(link, ..) => self.open.retain(|open| open != link),
            Output::Event(event) => self.check_event(&event.kind, profile),
            _ => {}
        }
    }

    fn check_event(&mut self, kind: &EventKind, profile: &Profile) {
        let EventKind::Lifecycle(lifecycle) = kind else {
            return;
        };
        match lifecycle.as_ref() {
            Lifecycle::Ended(ended) if ended.rule.refuses_token => {
                let about = |(link, _): &&(LinkId, String)| Some(*link) == self.about;
                let offered = self.offered.iter().rfind(about);
                self.refused.extend(offered.map(|(_, token)| token.clone()));
            }
            Lifecycle::Status(sockeye::event::Status::Waiting(wait)) => {
                let cap = profile
                    .retry
                    .cap
                    .max(profile.retry.later.1)
                    .max(Duration::from_secs(30));
                assert!(wait.delay <= cap, "{wait:?}");
                assert!(
                    wait.range.0 <= wait.delay && wait.delay <= wait.range.1,
                    "{wait:?}"
                );
            }
            _ => {}
        }
    }
}

/// Plays inputs, each made for the link that was opened last, and holds every output against the promises.
fn keeps_promises(
    profile: &Profile,
    script: impl IntoIterator<Item = (u64, Made)>,
    seed: u64,
) -> Result<(), TestCaseError> {
    let mut session = Session::new(profile.clone(), StreamId(0), seed);
    let mut twin = Session::new(profile.clone(), StreamId(0), seed);
    let mut watcher = Watcher::default();
    let (mut clock, mut events, mut current) = (0, 0, LinkId(0));
    let start: Made = Box::new(|_| Input::Start);
    for (pause, made) in std::iter::once((0, start)).chain(script) {
        clock += pause;
        let input = made(current);
        if let Input::Ended(link, _) = &input {
            watcher.open.retain(|open| open != link);
        }
        watcher.about = match &input {
            Input::Ended(link, _) | Input::Received(link, _) => Some(*link),
            _ => None,
        };
        let mut ticks = 0;
        session.handle(input.clone(), at(clock));
        twin.handle(input, at(clock));
        loop {
            while let Some(output) = session.poll() {
                prop_assert_eq!(Some(output.clone()), twin.poll());
                watcher.check(&output, profile);
                match &output {
                    Output::Open(link, _) | Output::Call(link, _) => current = *link,
                    Output::Event(event) => {
                        events += 1;
                        prop_assert_eq!(event.n, events);
                    }
                    _ => {}
                }
            }
            if session
                .deadline()
                .is_none_or(|deadline| deadline > at(clock).mono)
            {
                break;
            }
            ticks += 1;
            prop_assert!(ticks < 20, "a busy loop");
            session.handle(Input::Tick, at(clock));
            twin.handle(Input::Tick, at(clock));
        }
    }
    session.handle(Command::Stop.into(), at(clock));
    // The link in use and the one before it may both be on their way out.
    for _ in 0..2 {
        let Some(deadline) = session.deadline().filter(|_| !session.is_over()) else {
            break;
        };
        prop_assert!(deadline.since(at(clock).mono) <= profile.limits.close);
        session.handle(
            Input::Tick,
            Now {
                mono: deadline,
                ..at(clock)
            },
        );
    }
    prop_assert!(session.is_over());
    Ok(())
}

/// Makes an input for a link.
type Made = Box<dyn Fn(LinkId) -> Input>;

/// What a server of a dialect may do, with what its transcripts say among it.
fn any_turn() -> impl Strategy<Value = (u64, prop::sample::Index, u16)> {
    let pause = prop_oneof![3 => 0..2_000_u64, 1 => 0..100_000_u64];
    (pause, any::<prop::sample::Index>(), any::<u16>())
}

/// The turn as an input; the messages are those of the dialect's server.
fn turn(messages: &[Message], pick: prop::sample::Index, code: u16) -> Made {
    let message = messages.get(pick.index(messages.len() + 1)).cloned();
    Box::new(move |link| match (&message, code % 16) {
        (_, 0) => closed(link.0, code, "bye"),
        (_, 1) => closed(
            link.0,
            [1000, 1008, 4001, 4003, 4004, 4009][usize::from(code) % 6],
            "",
        ),
        (_, 2) => Input::Answered(link, Ok(answer(code))),
        (_, 3..=5) => opened(link.0),
        (_, 6..=7) => fetched(&format!("secret-{}", code % 7)),
        (_, 8) => pasted(&format!("secret-{}", code % 5)).into(),
        (_, 9) => Command::Send(Message::text("hello")).into(),
        (Some(message), _) => Input::Received(link, message.clone()),
        (None, _) => Input::Tick,
    })
}

/// An answer to an HTTP call.
fn answer(code: u16) -> CallAnswer {
    CallAnswer {
        status: [200, 200, 200, 401, 429][usize::from(code / 16) % 5],
        body: r#"{"ok":true,"url":"wss://a.example.com/?ticket=1","connectionToken":"c"}"#.into(),
        ..CallAnswer::default()
    }
}

/// The server's messages in a dialect's transcripts.
fn said(name: &str) -> Vec<Message> {
    let path = format!("{}/tests/dialects/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("each dialect has transcripts");
    let lines = text.lines().filter_map(|line| line.strip_prefix("< "));
    lines
        .map(|line| Message::text(line.replace("\\n", "\n").replace("\\0", "\0")))
        .collect()
}

proptest! {
    #[test]
    fn any_inputs_keep_the_promises(
        inputs in prop::collection::vec((0..40_000_u64, any_input()), 1..80),
        way in prop_oneof![Just(header()), Just(first_message()), Just(Way::None)],
        source in prop_oneof![Just(file()), Just(Source::Stored), Just(Source::Prompt)],
        seed: u64,
    ) {
        let made = inputs.into_iter().map(|(pause, input)| {
            let made: Made = Box::new(move |_| input.clone());
            (pause, made)
        });
        keeps_promises(&profile(way, source), made, seed)?;
    }

    #[test]
    fn every_dialect_keeps_the_promises(
        which: prop::sample::Index,
        turns in prop::collection::vec(any_turn(), 1..80),
        seed: u64,
    ) {
        let name = *which.get(sockeye::dialect::NAMES);
        let mut wanted = profile(header(), file());
        wanted.dialect = sockeye::dialect::shipped(name);
        wanted.subscribe = vec!["news".into(), "private-a".into(), serde_json::json!({"channel": "x"})];
        let messages = said(name);
        let made = turns.into_iter().map(|(pause, pick, code)| (pause, turn(&messages, pick, code)));
        keeps_promises(&wanted, made, seed)?;
    }
}

#[test]
fn a_verdict_of_the_profile_goes_first() {
    let mut wanted = profile(Way::None, Source::Prompt);
    wanted.verdicts.close.push((4003, Verdict::Stop));
    let mut play = Play::new(wanted);
    play.after(0, Input::Start)
        .after(0, opened(1))
        .after(0, closed(1, 4003, ""));
    assert!(play.told().contains("→ stop"), "{}", play.told());
}

#[test]
fn a_token_of_somebody_who_is_not_allowed_leaves_the_old_one_in_use() {
    let mut play = Play::new(profile(first_message(), Source::Prompt));
    play.after(0, Input::Start)
        .after(0, pasted("one"))
        .after(0, opened(1))
        .after(0, text(1, r#"{"type":"auth_ok"}"#))
        .after(10, pasted("two"))
        .after(10, closed(1, 4003, "not you"));
    let told = play.told();
    assert!(
        told.contains("closed 4003 Unauthorized Access: not you → reconnect: attempt 2"),
        "{told}"
    );
    play.after(1000, Command::Stop);
    let opened: Vec<_> = play
        .told()
        .lines()
        .filter(|line| line.contains("open "))
        .collect();
    assert_eq!(opened.len(), 2, "{opened:?}");
}

#[test]
fn without_a_source_a_refusal_asks_at_once() {
    let mut play = Play::new(profile(header(), Source::Prompt));
    play.after(0, Input::Start)
        .after(0, pasted("one"))
        .after(0, opened(1))
        .after(0, closed(1, 4001, "Token expired"));
    let told = play.told();
    assert!(told.contains("→ ask: sign in to go on"), "{told}");
    assert!(
        told.ends_with("sign in needed: closed 4001 Token Expired"),
        "{told}"
    );
}

#[test]
fn a_new_token_is_used_on_another_connection_before_the_old_one_ends() {
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(0, fetched(&token("alice", 60)))
        .after(0, opened(1))
        .after(31_000, fetched(&token("alice", 120)))
        .after(10, text(1, "over the old one"))
        .after(10, opened(2))
        .after(10, text(1, "still over the old one"))
        .after(0, closed(1, 1000, ""))
        .after(0, text(2, "over the new one"));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.000   token 83fa57862571 from file /run/token, for alice, expires 2026-11-24T12:01:00.000Z
    0.000   connecting, attempt 1
    0.000 open 1 83fa57862571
    0.000   connected to 192.0.2.1:443
    0.000   live
    30.000   renewing
    30.000 fetch
    31.000   token 3cda931ad4e3 from file /run/token, for alice, expires 2026-11-24T12:02:00.000Z
    31.000 open 2 3cda931ad4e3
    31.010   In over the old one
    31.020   connected to 192.0.2.1:443
    31.020   live
    31.020   another connection has taken over, without a gap
    31.020 close 1 1000 Normal Closure
    31.030   In still over the old one
    31.030   In over the new one
    "#);
}

/// A margin longer than the tokens live makes no endless round: nothing is renewed in the first half of its life.
#[test]
fn a_margin_longer_than_the_life_makes_no_round() {
    let mut wanted = profile(header(), file());
    wanted.margins.renew = Some(Duration::from_secs(1200));
    let mut play = Play::new(wanted);
    play.after(0, Input::Start)
        .after(0, fetched(&token("alice", 60)))
        .after(0, opened(1))
        .after(29_999, Input::Tick);
    assert!(!play.told().contains("renewing"), "{}", play.told());
    play.after(1, fetched(&token("alice", 120)))
        .after(10, opened(2))
        .after(40_000, Input::Tick);
    assert_eq!(
        play.told().matches("renewing").count(),
        1,
        "{}",
        play.told()
    );
}

#[test]
fn renewal_begins_a_tenth_of_the_life_before_the_end() {
    let margins = sockeye::profile::Margins::default();
    let seconds = Duration::from_secs;
    let renewal = |left| margins.renewal(seconds(left));
    assert_eq!(
        [3600, 100, 40, 0].map(renewal),
        [360, 30, 20, 0].map(seconds)
    );
}

#[test]
fn a_new_token_that_is_refused_leaves_the_old_connection_in_use() {
    let mut play = Play::new(profile(header(), Source::Prompt));
    play.after(0, Input::Start)
        .after(0, pasted("one"))
        .after(0, opened(1))
        .after(10, pasted("two"))
        .after(10, opened(2))
        .after(10, closed(1, 1012, ""))
        .after(10, pasted("three"));
    play.after(
        10,
        Input::Ended(
            LinkId(3),
            Cause::Http(HttpRefusal {
                status: 401,
                ..HttpRefusal::default()
            }),
        ),
    );
    play.after(10, text(2, "still here"))
        .after(10, pasted("three"));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from the user
    0.000 fetch
    0.000   token 7692c3ad3540 from pasted, no expiry stated
    0.000   connecting, attempt 1
    0.000 open 1 7692c3ad3540
    0.000   connected to 192.0.2.1:443
    0.000   live
    0.010   token 3fc4ccfe7458 from pasted, no expiry stated
    0.010   renewing
    0.010 open 2 3fc4ccfe7458
    0.020   connected to 192.0.2.1:443
    0.020   live
    0.020   another connection has taken over, without a gap
    0.020 close 1 1000 Normal Closure
    0.040   token 8b5b9db0c13d from pasted, no expiry stated
    0.040   renewing
    0.040 open 3 8b5b9db0c13d
    0.050 drop 3
    0.050   the next connection failed: HTTP 401 Unauthorized; what is in use stays
    0.050   token 3fc4ccfe7458 from pasted, no expiry stated
    0.050   live
    0.060   In still here
    0.070   this token was refused before and is not offered again
    "#);
}

#[test]
fn events_over_both_connections_are_shown_once() {
    let text_of = "title = 't'\noverlap = true\n[event]\nid = '/id'\n[life]\nmost = '100s'\n[subscribe]\nsend = '{\"sub\":\"{item}\"}'";
    let dialect = sockeye::dialect::read("t.toml", text_of).expect("no faults");
    let mut wanted = profile(Way::None, Source::Prompt);
    wanted.dialect = Some(dialect.into());
    wanted.subscribe = vec!["news".into()];
    let mut play = Play::new(wanted);
    play.after(0, Input::Start)
        .after(0, opened(1))
        .after(0, text(1, r#"{"id":1}"#))
        .after(0, text(1, r#"{"id":1}"#))
        .after(95_000, text(1, r#"{"id":2}"#))
        .after(0, opened(2))
        .after(0, text(2, r#"{"id":2}"#))
        .after(0, text(1, r#"{"id":3}"#))
        .after(0, text(2, r#"{"id":3}"#))
        .after(0, closed(1, 1000, ""))
        .after(0, text(2, r#"{"id":4}"#));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   connecting, attempt 1
    0.000 open 1
    0.000   connected to 192.0.2.1:443
    0.000   live
    0.000   Out {"sub":"news"}
    0.000 send 1 b"{\"sub\":\"news\"}"
    0.000   In {"id":1}
    0.000   In duplicate{"id":1}
    95.000   the server ends links of this age: a new one is opened
    95.000 open 2
    95.000   In {"id":2}
    95.000   connected to 192.0.2.1:443
    95.000   Out {"sub":"news"}
    95.000 send 2 b"{\"sub\":\"news\"}"
    95.000   another connection has taken over, without a gap
    95.000 close 1 1000 Normal Closure
    95.000   In {"id":3}
    95.000   2 messages came over both connections and are shown once
    95.000   In {"id":4}
    "#);
}

/// The server repeats the token wherever it can, plainly and in base64; nothing of it comes out.
#[test]
fn what_the_server_repeats_of_a_token_is_not_told() {
    const TOKEN: &str = "canary-7/f3a9+c2";
    let encoded =
        base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("user:{TOKEN}"));
    let forms = [TOKEN.to_owned(), "canary-7%2Ff3a9%2Bc2".into(), encoded];
    for form in &forms {
        let mut play = Play::new(profile(header(), Source::Prompt));
        play.after(0, Input::Start).after(0, pasted(TOKEN));
        let refusal = HttpRefusal {
            status: 500,
            body: format!("bad {form}"),
            challenge: Some(format!("Bearer error=\"{form}\"")),
            location: Some(format!("https://example.com/?token={form}")),
            ..HttpRefusal::default()
        };
        play.after(0, Input::Ended(LinkId(1), Cause::Http(refusal)));
        play.after(
            1000,
            Input::Opened(
                LinkId(2),
                OpenFacts {
                    subprotocol: Some(form.clone()),
                    warnings: vec![format!("chose {form}")],
                    ..OpenFacts::default()
                },
            ),
        );
        play.after(0, text(2, &format!(r#"{{"you":"{form}"}}"#)))
            .after(0, Command::Send(Message::text(format!("me {form}"))))
            .after(0, Input::Note(format!("note {form}")))
            .after(0, closed(2, 4400, form))
            .after(2000, Input::Ended(LinkId(3), Cause::Broken(form.clone())));
        assert!(play.told().contains("***"), "{}", play.told());
        let of_events = play.told().lines().filter(|line| !line.contains(" send "));
        for line in of_events {
            assert!(!line.contains(form.as_str()), "{line}");
        }
    }
}

#[test]
fn a_hole_in_the_sequence_is_told() {
    let text_of = "title = 't'\n[event]\nsequence = '/seq'";
    let dialect = sockeye::dialect::read("t.toml", text_of).expect("no faults");
    let mut wanted = profile(Way::None, Source::Prompt);
    wanted.dialect = Some(dialect.into());
    let mut play = Play::new(wanted);
    play.after(0, Input::Start).after(0, opened(1));
    for number in [7, 8, 11, 11, 12] {
        play.after(0, text(1, &format!(r#"{{"a":[1],"seq":{number}}}"#)));
    }
    let told: Vec<_> = play
        .told()
        .lines()
        .filter(|line| line.contains("missing"))
        .collect();
    assert_eq!(told, ["0.000   2 missing: after 8 came 11"]);
}

#[test]
fn a_ticket_is_good_for_one_link() {
    let mut play = Play::new(profile(header(), Source::Env("unused".into())));
    let ticket = |text: &str| Input::Fetched(Ok(Credential::new(text, "ticket").for_one_link()));
    play.after(0, Input::Start)
        .after(0, ticket("one"))
        .after(0, opened(1));
    play.after(60_000, closed(1, 1012, ""));
    play.run_until(90_000)
        .after(0, ticket("two"))
        .after(0, opened(2));
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from environment variable unused
    0.000 fetch
    0.000   token 7692c3ad3540 from ticket, no expiry stated
    0.000   connecting, attempt 1
    0.000 open 1 7692c3ad3540
    0.000   connected to 192.0.2.1:443
    0.000   live
    60.000   closed 1012 Service Restart → reconnect: attempt 2 in 24 s
    60.000   attempt 2 in 24 s (from 5.0 s to 30 s): closed 1012 Service Restart
    84.335   fetching the credential from environment variable unused
    84.335 fetch
    90.000   token 3fc4ccfe7458 from ticket, no expiry stated
    90.000   connecting, attempt 2
    90.000 open 2 3fc4ccfe7458
    90.000   connected to 192.0.2.1:443
    90.000   gap 30 s · closed 1012 Service Restart · 1 attempt · not resumed
    90.000   live
    "#);
}

#[test]
fn a_code_to_type_is_shown_while_the_token_is_waited_for() {
    let mut play = Play::new(profile(header(), file()));
    play.after(0, Input::Start)
        .after(10, Input::Note("sign in: type the code WDJB-MJHT".into()))
        .after(
            90,
            Input::Fetched(Err(FetchFault::SignIn("access_denied".into()))),
        );
    insta::assert_snapshot!(play.told(), @r#"
    0.000   fetching the credential from file /run/token
    0.000 fetch
    0.010   sign in: type the code WDJB-MJHT
    0.100   sign in needed: access_denied
    "#);
}

#[test]
fn a_token_in_use_need_not_be_given_again() {
    let mut play = Play::new(profile(header(), file()));
    assert!(play.session.unwanted().is_empty());
    play.after(0, Input::Start).after(0, fetched("one"));
    assert!(play.session.unwanted().is_empty());
    play.after(0, opened(1));
    let one = Credential::new("one", "").fingerprint();
    assert_eq!(play.session.unwanted(), [one].into());
    play.after(1, closed(1, 4001, ""));
    assert_eq!(play.session.unwanted(), [one].into());
}

/// A session with a dialect of its own, live, and without a credential.
fn live_with(text_of: &str, change: impl FnOnce(&mut Profile)) -> Play {
    let dialect = sockeye::dialect::read("t.toml", text_of).expect("no faults");
    let mut wanted = profile(Way::None, Source::Prompt);
    wanted.dialect = Some(dialect.into());
    change(&mut wanted);
    let mut play = Play::new(wanted);
    play.after(0, Input::Start).after(0, opened(1));
    play
}

#[test]
fn messages_beyond_the_rate_wait_for_their_turn() {
    let rate = "title = 't'\n[outgoing]\nrate = { messages = 2, within = '10s' }\nbytes = '1KiB'";
    let mut play = live_with(rate, |_| {});
    for number in 1..=5 {
        play.after(0, Command::Send(Message::text(format!("m{number}"))));
    }
    play.after(0, Command::Send(Message::text("x".repeat(2000))));
    play.after(9_999, Input::Tick);
    play.after(1, Input::Tick);
    play.after(0, Command::Send(Message::text("m6")));
    play.after(10_000, Input::Tick);
    play.after(0, closed(1, 1001, ""));
    play.after(1000, Input::Tick);
    insta::assert_snapshot!(sends_and_notes(&play), @r##"
    0.000 send 1 b"m1"
    0.000   sent, 2 bytes
    0.000 send 1 b"m2"
    0.000   sent, 2 bytes
    0.000   the server takes no more messages just now: what is sent waits for its turn
    0.000   not sent: this service ends links that send a message so large
    10.000 send 1 b"m3"
    10.000   sent, 2 bytes
    10.000 send 1 b"m4"
    10.000   sent, 2 bytes
    20.000 send 1 b"m5"
    20.000   sent, 2 bytes
    20.000 send 1 b"m6"
    20.000   sent, 2 bytes
    "##);
}

#[test]
fn messages_that_wait_go_over_the_connection_that_takes_over() {
    let moves = "title = 't'\noverlap = true\n[[on]]\nmatch = { '/move' = true }\nverdict = 'now'\nadvice = 'a'\n[outgoing]\nrate = { messages = 1, within = '10s' }";
    let mut play = live_with(moves, |_| {});
    for number in 1..=3 {
        play.after(0, Command::Send(Message::text(format!("m{number}"))));
    }
    play.after(10, text(1, r#"{"move":true}"#));
    play.after(10, Input::Opened(LinkId(2), OpenFacts::default()));
    play.after(10, Input::Tick);
    play.after(10, text(2, r#"{"move":true}"#));
    // The connection in use ends before there is another.
    play.after(10, closed(2, 1001, ""));
    insta::assert_snapshot!(sends_and_notes(&play), @r##"
    0.000 send 1 b"m1"
    0.000   sent, 2 bytes
    0.000   the server takes no more messages just now: what is sent waits for its turn
    0.020 send 2 b"m2"
    0.020   sent, 2 bytes
    0.050   not sent: 1 message still waited when the link ended
    "##);
}

/// What was sent and what was noted, with the time of each.
fn sends_and_notes(play: &Play) -> String {
    let lines = play.told().lines();
    let lines = lines
        .filter(|line| line.contains("send") || line.contains("note") || line.contains("sent"));
    lines.collect::<Vec<_>>().join("\n")
}

const SIGNED: &str = r#"title = "t"
[subscribe]
send = '{"join":"{item}"}'
[[subscribe.case]]
match = { "" = { begins = "private-" } }
send = '{"join":"{item}","sign":"{sign}"}'
[subscribe.case.call]
post = "https://app.example.com/sign"
json = '{"channel":"{item}"}'
take = { sign = "/sign" }
secret = ["sign"]
fail = [{ match = { "/no" = true }, text = "/why" }]
[[http]]
status = 418
verdict = "stop"
advice = "a teapot"
"#;

fn answered(status: u16, body: &str) -> Input {
    let answer = CallAnswer {
        status,
        body: body.into(),
        ..CallAnswer::default()
    };
    Input::Answered(LinkId(1), Ok(answer))
}

#[test]
fn a_signature_for_a_subscription_is_used_once_and_never_shown() {
    let subscribe = ["private-a", "private-b", "c"];
    let mut play = live_with(SIGNED, |wanted| {
        wanted.subscribe = subscribe.map(Into::into).to_vec();
    });
    play.after(10, text(1, r#"{"event":"while the call is under way"}"#));
    play.after(10, answered(200, r#"{"sign":"canary-1"}"#));
    play.after(10, answered(200, r#"{"no":true,"why":"not yours"}"#));
    play.after(10, answered(200, r#"{"sign":"too late"}"#));
    play.after(10, text(1, r#"{"joined":"private-a","by":"canary-1"}"#));
    let told = play.told();
    assert!(
        !told.contains("canary-1") && !told.contains("too late"),
        "{told}"
    );
    insta::assert_snapshot!(told, @r##"
    0.000   connecting, attempt 1
    0.000 open 1
    0.000   connected to 192.0.2.1:443
    0.000   live
    0.000 call 1 https://app.example.com/sign
    0.010   In {"event":"while the call is under way"}
    0.020   Out {"join":"private-a","sign":"***"}
    0.020 send 1 login of 38 bytes
    0.020 call 1 https://app.example.com/sign
    0.030   a subscription was refused: not yours
    0.030   Out {"join":"c"}
    0.030 send 1 b"{\"join\":\"c\"}"
    0.050   In {"joined":"private-a","by":"***"}
    "##);
}

#[test]
fn an_entry_for_which_something_is_missing_is_told_and_left_out() {
    let missing = SIGNED
        .replace("https://app.example.com/sign", "{where}")
        .replace(
            "title = \"t\"",
            "title = \"t\"\nvariables.where = { about = \"a\", optional = true }",
        );
    let only_private = missing.replacen("send = '{\"join\":\"{item}\"}'", "", 1);
    let play = live_with(&only_private, |wanted| {
        wanted.subscribe = vec!["private-a".into(), "b".into()];
    });
    let told: Vec<_> = play.told().lines().skip(4).collect();
    insta::assert_snapshot!(told.join("\n"), @r##"
    0.000   not subscribed to private-a: where is not set
    0.000   not subscribed to b: the dialect does not say how
    "##);
}

#[test]
fn a_refused_call_waits_as_long_as_the_server_says() {
    let busy = SIGNED.replace("text = \"/why\"", "verdict = \"later\", advice = \"a\"");
    let mut play = live_with(&busy, |wanted| wanted.subscribe = vec!["private-a".into()]);
    let answer = CallAnswer {
        status: 429,
        body: r#"{"no":true}"#.into(),
        retry_after: Some(Duration::from_secs(90)),
        ..CallAnswer::default()
    };
    play.after(0, Input::Answered(LinkId(1), Ok(answer)));
    let last = play.told().lines().last().unwrap_or_default();
    assert!(last.contains("(from 1 m 30 s to 1 m 39 s)"), "{last}");
}

#[test]
fn only_what_is_about_one_entry_leaves_the_link_as_it_is() {
    let after = |input: Input| {
        let mut play = live_with(SIGNED, |wanted| wanted.subscribe = vec!["private-a".into()]);
        play.after(10, input);
        let told = play.told();
        told.lines()
            .last()
            .unwrap_or_default()
            .trim_start()
            .to_owned()
    };
    let broken = Input::Answered(LinkId(1), Err(Cause::Tcp("refused".into())));
    let found = [
        after(answered(403, "no")),
        after(answered(200, "{}")),
        after(answered(500, "broken")),
        after(answered(418, "tea")),
        after(broken),
    ];
    insta::assert_snapshot!(found.join("\n"), @r##"
    0.010   a subscription was refused: HTTP 403 Forbidden: no
    0.010   not subscribed to private-a: the answer has no /sign
    0.010   attempt 2 in 386 ms (from 0 ms to 500 ms): HTTP 500 Internal Server Error: broken
    0.010   stopped: HTTP 418 I'm a teapot: tea
    0.010   attempt 2 in 386 ms (from 0 ms to 500 ms): no connection: refused
    "##);
}
