//! A stage for the screen: streams that do what a test says, keys by their names, and the screen as text.

use std::time::Duration;

use ratatui::{Terminal, backend::TestBackend, buffer::Buffer};
use sockeye::{
    app::{App, Input, Look, Output, Setup, StreamSetup},
    auth::{Credential, Way},
    cause::{Cause, Stage as Step, Verdict},
    close_code::CloseCode,
    event::{
        CredentialFacts, Ended, Event, EventKind, Gap, Lifecycle, OpenFacts, Status, StreamId,
        Verification, Wait,
    },
    keymap::Keymap,
    message::{Class, Direction, Message},
    profile::{Clipboard, Profile, Source},
    scenario::Script,
    secret::Secret,
    time::{Now, Wall},
    view,
};

/// 2026-11-24T12:03:44Z.
pub(crate) const START: i64 = 1_795_521_824;

/// A screen on a stage.
pub(crate) struct Stage {
    pub(crate) app: App,
    pub(crate) now: Now,
    counts: Vec<u64>,
}

impl Stage {
    /// A stage with streams of these names.
    pub(crate) fn new(names: &[&str]) -> Self {
        Self::with(names, |_| {})
    }

    /// A stage whose set-up is changed first.
    pub(crate) fn with(names: &[&str], change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = Setup {
            streams: names.iter().map(|name| stream(name)).collect(),
            demo: None,
            zone: jiff::tz::TimeZone::UTC,
            budget: 8 << 20,
            most_events: None,
            look: Look::default(),
            mouse: true,
            clipboard: Clipboard::Auto,
            directory: "/home/alice".into(),
            keymap: Keymap::standard().clone(),
            filters: Vec::new(),
            log: None,
        };
        change(&mut setup);
        let now = Now {
            wall: Wall::from_seconds(START),
            ..Now::default()
        };
        let mut stage = Self {
            app: App::new(setup),
            now,
            counts: vec![0; names.len()],
        };
        stage.tell(Input::Tick);
        stage
    }

    /// A stage on the demo.
    pub(crate) fn demo(names: &[&str]) -> Self {
        Self::with(names, |setup| setup.demo = Some(menu()))
    }

    pub(crate) fn tell(&mut self, input: Input) -> &mut Self {
        self.app.handle(input, self.now);
        self
    }

    /// Lets time pass, with a tick at each deadline.
    pub(crate) fn pass(&mut self, millis: u64) -> &mut Self {
        let end = self.now.mono.after(Duration::from_millis(millis));
        while let Some(deadline) = self.app.deadline().filter(|deadline| *deadline < end) {
            self.move_to(deadline.since(self.now.mono));
            self.tell(Input::Tick);
        }
        self.move_to(end.since(self.now.mono));
        self.tell(Input::Tick)
    }

    fn move_to(&mut self, span: Duration) {
        self.now.mono = self.now.mono.after(span);
        self.now.wall = self.now.wall.shifted(span.as_micros() as i64);
    }

    pub(crate) fn event(&mut self, stream: u16, kind: EventKind) -> Event {
        self.counts[usize::from(stream)] += 1;
        Event {
            n: self.counts[usize::from(stream)],
            at: self.now,
            stream: StreamId(stream),
            kind,
        }
    }

    pub(crate) fn happens(&mut self, stream: u16, lifecycle: Lifecycle) -> &mut Self {
        let event = self.event(stream, EventKind::Lifecycle(Box::new(lifecycle)));
        self.tell(Input::Batch(vec![event]))
    }

    pub(crate) fn status(&mut self, stream: u16, status: Status) -> &mut Self {
        self.happens(stream, Lifecycle::Status(status))
    }

    pub(crate) fn receive(&mut self, stream: u16, message: Message) -> &mut Self {
        self.receive_as(stream, Class::Event, message)
    }

    pub(crate) fn receive_as(&mut self, stream: u16, class: Class, message: Message) -> &mut Self {
        let event = self.event(stream, EventKind::Message(Direction::In, class, message));
        self.tell(Input::Batch(vec![event]))
    }

    pub(crate) fn order(&mut self, stream: u16, id: u32) -> &mut Self {
        let text = format!(
            r#"{{"type":"order.created","id":"o-{id}","total":12.90,"lines":[{{"sku":"kettle","count":2}}]}}"#
        );
        self.receive(stream, Message::text(text))
    }

    /// From nothing to live, with a token that lasts `seconds`.
    /// It is known of the stream's token whether it is what it says.
    pub(crate) fn verified(&mut self, stream: u16, verification: Verification) -> &mut Self {
        let state = self.app.stream(StreamId(stream)).expect("a stream");
        let (mut facts, _) = state.credential.clone().expect("a token");
        facts.verification = Some(verification);
        self.happens(stream, Lifecycle::Verified(facts))
    }

    pub(crate) fn goes_live(&mut self, stream: u16, seconds: i64) -> &mut Self {
        self.status(
            stream,
            Status::Fetching {
                source: "environment variable ORDERS_TOKEN".into(),
            },
        );
        self.happens(stream, Lifecycle::Credential(facts(self.now.wall, seconds)));
        self.status(stream, Status::Connecting { attempt: 1 });
        self.pass(38);
        self.happens(stream, Lifecycle::Opened(opened()));
        self.status(stream, Status::Authenticating);
        self.pass(12);
        self.happens(
            stream,
            Lifecycle::Authenticated(Some(Duration::from_millis(12))),
        );
        self.status(stream, Status::Live)
    }

    pub(crate) fn ends(
        &mut self,
        stream: u16,
        code: u16,
        reason: &str,
        verdict: Verdict,
    ) -> &mut Self {
        let cause = Cause::Close {
            code: CloseCode(code),
            reason: reason.into(),
            ours: false,
        };
        let rule = Box::new(sockeye::rulebook::rule(&cause).clone());
        let decision = match verdict {
            Verdict::Reconnect => "attempt 2 in 4.2 s",
            Verdict::Renew => "another token is fetched",
            _ => "the user is asked",
        };
        let ended = Ended {
            words: cause.to_string(),
            cause,
            verdict,
            decision: decision.into(),
            rule,
        };
        self.happens(stream, Lifecycle::Ended(ended))
    }

    pub(crate) fn waits(&mut self, stream: u16, attempt: u32, millis: u64) -> &mut Self {
        let delay = Duration::from_millis(millis);
        let wait = Wait {
            attempt,
            until: Some(self.now.mono.after(delay)),
            delay,
            range: (Duration::ZERO, Duration::from_secs(8)),
            why: "closed 1012 Service Restart: deploy".into(),
        };
        self.status(stream, Status::Waiting(wait))
    }

    pub(crate) fn gap(&mut self, stream: u16, millis: u64) -> &mut Self {
        let cause = Cause::Close {
            code: CloseCode(1012),
            reason: "deploy".into(),
            ours: false,
        };
        let gap = Gap {
            span: Duration::from_millis(millis),
            words: cause.to_string(),
            cause,
            attempts: 2,
            resumed: false,
        };
        self.happens(stream, Lifecycle::Gap(gap))
    }

    /// Presses keys, named as in the table of keys and separated by spaces.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            let chord = key.parse().expect("a key");
            self.tell(Input::Key(chord));
        }
        self
    }

    /// Types a text, character by character.
    pub(crate) fn types(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            let chord = sockeye::keymap::Chord::new(sockeye::keymap::Key::Char(c));
            self.tell(Input::Key(chord));
        }
        self
    }

    pub(crate) fn paste(&mut self, text: &str) -> &mut Self {
        self.tell(Input::Paste(Secret::new(text.into())))
    }

    pub(crate) fn outputs(&mut self) -> Vec<Output> {
        std::iter::from_fn(|| self.app.poll()).collect()
    }

    /// The cells of a screen of this size.
    pub(crate) fn cells(&mut self, width: u16, height: u16) -> Buffer {
        self.tell(Input::Resize(width, height));
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal
            .draw(|frame| view::draw(&self.app, frame, self.now))
            .expect("a frame");
        terminal.backend().buffer().clone()
    }

    /// The screen as text.
    pub(crate) fn show(&mut self, width: u16, height: u16) -> String {
        text(&self.cells(width, height))
    }
}

/// Cells as text, without the second halves of wide characters and without spaces at the ends of lines.
pub(crate) fn text(cells: &Buffer) -> String {
    let mut text = String::new();
    for row in cells.area.rows() {
        let mut line = String::new();
        let mut hidden = 0;
        for position in row.positions() {
            let symbol = cells[position].symbol();
            if hidden == 0 {
                line.push_str(symbol);
                hidden = unicode_width::UnicodeWidthStr::width(symbol).max(1);
            }
            hidden -= 1;
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

pub(crate) fn stream(name: &str) -> StreamSetup {
    let url = format!("wss://feed.example.com/{name}?token=x")
        .parse()
        .expect("a URL");
    let way = Way::Header {
        name: "Authorization".into(),
        prefix: "Bearer ".into(),
    };
    StreamSetup::of(&Profile::new(
        name,
        url,
        way,
        Source::Env("ORDERS_TOKEN".into()),
    ))
}

/// A token with these claims; not signed by anyone.
pub(crate) fn token(header: &str, claims: &str) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    let part = |json: &str| BASE64_URL_SAFE_NO_PAD.encode(json);
    format!(
        "{}.{}.c2lnbmF0dXJlLXRoYXQtaXMtc2VjcmV0",
        part(header),
        part(claims)
    )
}

/// What is known of alice's token that lasts `seconds`.
pub(crate) fn facts(now: Wall, seconds: i64) -> CredentialFacts {
    let claims = format!(
        r#"{{"sub":"alice","iat":{},"exp":{}}}"#,
        now.seconds() - 60,
        now.seconds() + seconds
    );
    let credential = Credential::new(
        &token(r#"{"alg":"HS256"}"#, &claims),
        "environment variable ORDERS_TOKEN",
    );
    credential.facts(false)
}

pub(crate) fn opened() -> OpenFacts {
    OpenFacts {
        peer: "203.0.113.7:443".into(),
        stages: vec![
            (Step::Dns, Duration::from_millis(3)),
            (Step::Tcp, Duration::from_millis(11)),
            (Step::Tls, Duration::from_millis(16)),
            (Step::Upgrade, Duration::from_millis(8)),
        ],
        tls: Some("TLS 1.3 TLS13_AES_128_GCM_SHA256".into()),
        ..OpenFacts::default()
    }
}

pub(crate) fn menu() -> Script {
    Script::read(include_str!("stage/scenarios.toml")).expect("a script")
}
