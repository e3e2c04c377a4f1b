//! What the screen looks like, as a stranger would see it.

mod columns;
mod sides;

use std::time::Duration;

use ratatui::style::{Color, Modifier};
use sockeye::{
    app::{ExportAnswer, Input, Look, Output, ThemeName},
    auth::Credential,
    cause::Verdict,
    event::{EventMap, Lifecycle, OpenFacts, Recognised, Status, StreamId, Verification},
    message::{Class, Message},
};

use crate::stage::{START, Stage, facts, opened, token};

/// Orders, a restart, a gap, more orders.
fn after_a_restart() -> Stage {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300).pass(2_000);
    for id in 70..78 {
        stage.order(0, id).pass(121);
    }
    stage.receive(
        0,
        Message::text(r#"{"type":"alert","level":"warn","text":"stock low","sku":"kettle"}"#),
    );
    stage
        .ends(0, 1012, "deploy", Verdict::Reconnect)
        .waits(0, 2, 4_200)
        .pass(4_200);
    stage.status(0, Status::Connecting { attempt: 2 }).pass(38);
    stage.happens(0, Lifecycle::Opened(opened())).pass(12);
    stage.happens(0, Lifecycle::Authenticated(Some(Duration::from_millis(12))));
    stage.status(0, Status::Live).gap(0, 4_250);
    for id in 78..84 {
        stage.order(0, id).pass(92);
    }
    stage.happens(0, Lifecycle::Pong(Duration::from_millis(23)));
    stage
}

fn three_streams() -> Stage {
    let mut stage = Stage::new(&["orders", "prices", "audit"]);
    stage
        .goes_live(0, 252)
        .goes_live(1, 3000)
        .goes_live(2, 20)
        .pass(1_000);
    for id in 1..6 {
        stage.order(0, id).pass(40);
        stage
            .receive(
                1,
                Message::text(format!(
                    r#"{{"type":"price","symbol":"EUR/USD","bid":1.0{id}}}"#
                )),
            )
            .pass(13);
    }
    stage
        .ends(1, 1012, "deploy", Verdict::Reconnect)
        .waits(1, 3, 4_000);
    stage.ends(2, 4001, "token expired at 12:04:04", Verdict::Renew);
    stage.status(
        2,
        Status::SignInNeeded {
            why: "closed 4001 Token Expired: token expired at 12:04:04".into(),
        },
    );
    stage.order(0, 6).pass(30);
    stage
}

#[test]
fn a_live_stream() {
    insta::assert_snapshot!("live-80x24", after_a_restart().show(80, 24));
    insta::assert_snapshot!("live-120x40", after_a_restart().show(120, 40));
    insta::assert_snapshot!("live-24x8", after_a_restart().show(24, 8));
}

#[test]
fn several_streams() {
    insta::assert_snapshot!("streams-80x24", three_streams().show(80, 24));
    insta::assert_snapshot!("streams-120x40", three_streams().show(120, 40));
}

#[test]
fn wrapped_and_marked_lines() {
    let mut stage = three_streams();
    stage.press("w k m");
    insta::assert_snapshot!("wrapped-streams-80x24", stage.show(80, 24));
    stage.press(",");
    insta::assert_snapshot!("wrapped-streams-160x30", stage.show(160, 30));
    let mut alone = after_a_restart();
    insta::assert_snapshot!("wrapped-80x24", alone.press("w").show(80, 24));
}

#[test]
fn a_wait() {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300).pass(1_000).order(0, 1).pass(1_000);
    stage
        .ends(0, 1012, "deploy", Verdict::Reconnect)
        .waits(0, 3, 4_200)
        .pass(700);
    insta::assert_snapshot!("waiting-80x24", stage.show(80, 24));
}

#[test]
fn a_sign_in() {
    let mut stage = three_streams();
    stage.press("3 R");
    insta::assert_snapshot!("sign-in-empty-80x24", stage.show(80, 24));
    let claims = format!(
        r#"{{"sub":"alice","iss":"https://id.example.com/","aud":["orders","audit"],"scope":"read write","iat":{},"exp":{}}}"#,
        START - 60,
        START + 840
    );
    stage.paste(&format!("{}\n", token(r#"{"alg":"HS256"}"#, &claims)));
    insta::assert_snapshot!("sign-in-80x24", stage.show(80, 24));
    stage.press("ctrl-u");
    let claims = format!(
        r#"{{"sub":"eve\u001b[31m","exp":{},"nbf":{}}}"#,
        START - 200,
        START + 60
    );
    stage.paste(&token(r#"{"alg":"none"}"#, &claims));
    insta::assert_snapshot!("sign-in-bad-80x24", stage.show(80, 24));
    stage.press("ctrl-u").types("sk-live-12345");
    insta::assert_snapshot!("sign-in-opaque-120x40", stage.show(120, 40));
}

#[test]
fn a_verified_token() {
    let mut stage = Stage::with(&["orders", "prices"], |setup| {
        setup.streams[0].verifies = true;
    });
    let by = "id.example.com (key k-1, RS256)";
    stage.goes_live(0, 300).goes_live(1, 600);
    stage.verified(0, Verification::Verified(by.into()));
    let why = "the signature is not by a key of the set";
    stage.verified(1, Verification::Failed(why.into()));
    stage.press("1");
    insta::assert_snapshot!("verified-80x24", stage.show(80, 24));
    stage.press("2");
    insta::assert_snapshot!("verified-not-120x40", stage.show(120, 40));
    // Of a narrow line a warning is worth more than a name.
    let narrow = stage.show(64, 24);
    let first = narrow.lines().next().expect("a status bar");
    assert!(
        first.contains("unverified") && !first.contains("alice"),
        "{first}"
    );
    stage.press("k ?");
    insta::assert_snapshot!("verified-explained-80x24", stage.show(80, 24));
    stage.press("esc");
    // The dialog has the token verified, and takes the answer that is about it.
    stage.outputs();
    stage
        .press("1 R")
        .paste(&token(r#"{"alg":"RS256"}"#, r#"{"sub":"bob"}"#));
    let [Output::Verify(StreamId(0), asked)] = &stage.outputs()[..] else {
        panic!("nobody was asked");
    };
    let why = "the key set of https://id.example.com: no answer within 10 s";
    let open = Verification::Open(why.into());
    let other = Credential::new("another", "").fingerprint();
    stage.tell(Input::Verified(other, Verification::Verified(by.into())));
    stage.tell(Input::Verified(asked.fingerprint(), open));
    insta::assert_snapshot!("sign-in-unverified-80x24", stage.show(80, 24));
    assert!(stage.outputs().is_empty(), "it is asked once");
}

#[test]
fn what_a_dialect_knows_of_messages() {
    let dialect = sockeye::dialect::shipped("slack").expect("a dialect");
    let mut stage = Stage::with(&["orders"], |setup| {
        setup.streams[0].event = dialect.event.clone();
        setup.streams[0].heartbeats = true;
    });
    stage.goes_live(0, 300).pass(1_000);
    let event = |id: u32| {
        let text = format!(
            r#"{{"type":"events_api","envelope_id":"e-{id}","payload":{{"token":"***","event":{{"type":"message","channel":"C1","text":"hello {id}"}},"event_time":{}}}}}"#,
            START - 2
        );
        Message::text(text)
    };
    stage.receive(0, event(1));
    stage.receive_as(0, Class::Heartbeat, Message::text(r#"{"type":"ping"}"#));
    stage.receive_as(0, Class::Control, Message::text(r#"{"type":"hello"}"#));
    stage.receive_as(0, Class::Duplicate, event(1));
    insta::assert_snapshot!("dialect-80x24", stage.show(80, 24));
    stage.press("b k enter");
    insta::assert_snapshot!("dialect-detail-80x24", stage.show(80, 24));
    insta::assert_snapshot!("dialect-detail-120x40", stage.show(120, 40));
}

#[test]
fn what_became_of_the_authentications() {
    let mut stage = Stage::new(&["orders"]);
    stage.press("A");
    insta::assert_snapshot!("audit-empty-80x24", stage.show(80, 24));
    stage.press("esc").goes_live(0, 300).pass(1_000).order(0, 1);
    stage.ends(0, 4001, "Token expired", Verdict::Renew);
    stage.goes_live(0, 300);
    stage.press("A");
    insta::assert_snapshot!("audit-80x24", stage.show(80, 24));
}

#[test]
fn what_looks_like_a_secret_is_masked_until_it_is_wanted() {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300).pass(1_000);
    let jwt = token(r#"{"alg":"HS256"}"#, r#"{"sub":"alice"}"#);
    let text = format!(r#"{{"type":"session","password":"hunter2","t":"{jwt}"}}"#);
    stage.receive(0, Message::text(text));
    assert!(!stage.show(160, 45).contains("hunter2"));
    stage.press("k enter");
    insta::assert_snapshot!("masked-80x24", stage.show(80, 24));
    for form in ["v", "v", "v"] {
        let shown = stage.press(form).show(80, 24);
        assert!(
            !shown.contains("hunter2") && !shown.contains(&jwt[..30]),
            "{shown}"
        );
        // "hunter" in hexadecimal.
        assert!(!shown.contains("68 75 6e 74 65 72"), "{shown}");
    }
    assert!(stage.press("u").show(80, 24).contains("hunter2"));
    assert!(!stage.press("u").show(80, 24).contains("hunter2"));
    stage.press("u").order(0, 1).press("esc j");
    assert!(!stage.show(80, 24).contains("hunter2"));
}

#[test]
fn a_forbidden_stream() {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300).pass(1_000).order(0, 1);
    stage.ends(0, 4003, "role 'reader' may not watch orders", Verdict::Ask);
    stage.status(
        0,
        Status::Forbidden {
            why: "closed 4003 Forbidden: role 'reader' may not watch orders".into(),
        },
    );
    insta::assert_snapshot!("forbidden-80x24", stage.show(80, 24));
    stage.press("k ?");
    insta::assert_snapshot!("forbidden-why-80x24", stage.show(80, 24));
}

#[test]
fn help_and_palette() {
    let mut stage = Stage::demo(&["orders", "prices"]);
    stage.press("?");
    insta::assert_snapshot!("help-80x24", stage.show(80, 24));
    insta::assert_snapshot!("help-120x40", stage.show(120, 40));
    stage.press("esc :");
    insta::assert_snapshot!("palette-80x24", stage.show(80, 24));
    stage.types("play to");
    insta::assert_snapshot!("palette-typed-80x24", stage.show(80, 24));
}

#[test]
fn an_export() {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300);
    for id in 0..1204 {
        stage.order(0, id);
    }
    stage.press("/").types("o-1").press("enter e");
    insta::assert_snapshot!("export-80x24", stage.show(80, 24));
    stage.press("down right down").types("2");
    insta::assert_snapshot!("export-path-80x24", stage.show(80, 24));
    stage.tell(Input::Export(ExportAnswer::Failed {
        what: "sockeye.ndjson is there already".into(),
        help: "nothing is overwritten: give another name".into(),
    }));
    insta::assert_snapshot!("export-failed-120x40", stage.show(120, 40));
    stage.press("enter");
    stage.tell(Input::Export(ExportAnswer::Ready));
    insta::assert_snapshot!("export-writing-80x24", stage.show(80, 24));
}

#[test]
fn the_demo() {
    let mut stage = Stage::demo(&["orders"]);
    stage.goes_live(0, 60).press("d down");
    insta::assert_snapshot!("demo-80x24", stage.show(80, 24));
    stage.press("esc t").pass(3_000).order(0, 1);
    insta::assert_snapshot!("tour-80x24", stage.show(80, 24));
    stage.press("R");
    insta::assert_snapshot!("demo-sign-in-80x24", stage.show(80, 24));
}

#[test]
fn a_search() {
    let mut stage = after_a_restart();
    stage.press("/").types("O-7");
    insta::assert_snapshot!("search-80x24", stage.show(80, 24));
    stage
        .press("enter / ctrl-u")
        .types("type:order.* size > 1k");
    insta::assert_snapshot!("filter-fault-80x24", stage.show(80, 24));
    stage
        .press("ctrl-u")
        .types("/o-7[0-4]/")
        .press("enter /")
        .types(".total == 12.9")
        .press("enter x k space");
    insta::assert_snapshot!("filters-80x24", stage.show(80, 24));
    insta::assert_snapshot!("filters-120x40", stage.show(120, 40));
    stage.press("s").types("seventies");
    insta::assert_snapshot!("filter-name-80x24", stage.show(80, 24));
    stage.press("esc d d esc o N N");
    insta::assert_snapshot!("search-all-80x24", stage.show(80, 24));
    stage.press("/ ctrl-u").types("zzz");
    insta::assert_snapshot!("search-none-24x8", stage.show(24, 8));
}

#[test]
fn a_detail() {
    let mut stage = after_a_restart();
    stage.press("k k enter");
    insta::assert_snapshot!("detail-80x24", stage.show(80, 24));
    stage.press("v v");
    insta::assert_snapshot!("detail-hex-120x40", stage.show(120, 40));
    stage.press("i");
    insta::assert_snapshot!("connection-80x24", stage.show(80, 24));
}

/// Events with more in them than an order has.
fn rich() -> Stage {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300).pass(1_000);
    let book = |bid: &str, extra: &str| {
        let levels: Vec<_> = (0..40).map(|n| format!("[\"{n}.5\",{n}]")).collect();
        format!(
            r#"{{"type":"book","sequence":12393906104898154338,"best":{{"bid":{bid},"ask":12.90}},"levels":[{}],"note":"{}","raw":"{{\"a\":[1,true,null]}}"{extra},"empty":{{}}}}"#,
            levels.join(","),
            "a long word about the book ".repeat(30)
        )
    };
    stage
        .receive(0, Message::text(book("12.80", r#","gone":[1]"#)))
        .pass(300);
    stage.order(0, 7).pass(300);
    stage
        .receive(0, Message::text(book("12.85", r#","new":"\u00e9""#)))
        .pass(300);
    let packed = b"\x84\xa4type\xa5quote\xa2at\xd6\xff\x6a\x04\x52\x80\xa3sig\xc4\x04\x00\xff\x10\x20\xa5lines\x92\x01\xcb\x3f\xf8\0\0\0\0\0\0";
    stage.receive(0, Message::binary(&packed[..]));
    stage
}

#[test]
fn a_tree() {
    let mut stage = rich();
    stage.show(80, 24);
    stage.press("k k enter j j l j");
    insta::assert_snapshot!("tree-80x24", stage.show(80, 24));
    stage.press("+ j j j");
    insta::assert_snapshot!("tree-open-80x24", stage.show(80, 24));
    stage.press("- G k k l j");
    insta::assert_snapshot!("tree-120x40", stage.show(120, 40));
    stage.app.setup.look.ascii = true;
    insta::assert_snapshot!("tree-24x8", stage.show(24, 8));
}

#[test]
fn a_difference() {
    let mut stage = rich();
    stage.show(80, 24);
    stage.press("k k enter =");
    insta::assert_snapshot!("difference-80x24", stage.show(80, 24));
    insta::assert_snapshot!("difference-120x40", stage.show(120, 40));
}

#[test]
fn a_binary_detail() {
    let mut stage = rich();
    stage.show(80, 24);
    stage.press("k enter j");
    insta::assert_snapshot!("binary-80x24", stage.show(80, 24));
}

/// What would drive a terminal, or break a column, were it not shown escaped.
const HOSTILE: [&str; 9] = [
    "\u{1b}[2J\u{1b}[H\u{1b}]0;owned\u{7}\u{1b}]52;c;b3duZWQ=\u{7}\r\u{8}",
    "\u{9b}31m\u{9d}0;owned\u{9c}\u{7f}",
    "pay to \u{202e}321-ecila\u{202c} \u{2066}hidden\u{2069} \u{200b}zero\u{200d}width\u{feff}",
    "\u{6f22}\u{5b57}\u{304b}\u{306a}\u{6f22}\u{5b57}\u{304b}\u{306a}\u{6f22}\u{5b57}\u{304b}\u{306a}\u{6f22}\u{5b57}\u{304b}\u{306a}\u{6f22}\u{5b57}\u{304b}\u{306a}",
    "\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{1f3f3}\u{fe0f}\u{200d}\u{1f308} \u{ff46}\u{ff55}\u{ff4c}\u{ff4c} \u{2764}\u{fe0f}",
    "Z\u{351}\u{36b}\u{343}\u{36a}\u{302}\u{36b}\u{33d}\u{34f}\u{334}\u{319}\u{324}A\u{334}\u{335}\u{31c}\u{330}",
    " sockeye  orders  \u{25cf} LIVE 99:59:59   alice   expires 99:59\n\n/ search   space pause",
    r#"{"type":"\u001b[31malert","text":"\u009b2J"}"#,
    "{\"type\":\"\u{202e}tpircs\",\"a\":\"\u{e0041}\"}",
];

fn hostile() -> Stage {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300).pass(1_000);
    for text in HOSTILE {
        stage.receive(0, Message::text(text));
    }
    stage.receive(0, Message::binary(&b"\x1b[2J\xff\x00"[..]));
    stage.ends(
        0,
        4000,
        "\u{1b}[31mred\u{1b}[0m \u{202e}desrever",
        Verdict::Reconnect,
    );
    let why = "closed 4000: \u{1b}[31mred\u{1b}[0m \u{202e}desrever";
    stage.status(0, Status::Stopped { why: why.into() });
    stage
        .happens(0, Lifecycle::Note("note \u{1b}]0;x\u{7}\u{9b}".into()))
        .happens(
            0,
            Lifecycle::Opened(OpenFacts {
                peer: "\u{1b}[1mpeer".into(),
                subprotocol: Some("\u{202e}p".into()),
                ..opened()
            }),
        );
    stage
}

#[test]
fn a_proxy_on_the_way_is_among_the_facts() {
    let mut stage = Stage::new(&["orders"]);
    let facts = OpenFacts {
        proxy: Some("proxy.example:3128".into()),
        ..opened()
    };
    stage.happens(0, Lifecycle::Opened(facts)).press("i");
    let shown = stage.show(80, 24);
    let rows: Vec<_> = shown.lines().map(str::trim).collect();
    let at = rows.iter().position(|row| row.starts_with("peer "));
    let next = rows[at.expect("the peer") + 1];
    assert_eq!(next, "via proxy   proxy.example:3128", "{shown}");
}

#[test]
fn the_log_is_among_the_facts() {
    let row = "log         /home/alice/state/sockeye.log";
    let shown = |log: Option<&str>| {
        let log = log.map(str::to_owned);
        let mut stage = Stage::with(&["orders"], |setup| setup.log = log);
        stage.press("i").show(80, 24)
    };
    assert!(shown(Some("/home/alice/state/sockeye.log")).contains(row));
    assert!(!shown(None).contains("log  "));
}

#[test]
fn hostile_text_is_shown_and_never_obeyed() {
    insta::assert_snapshot!("hostile-80x24", hostile().show(80, 24));
    for keys in [
        "",
        "k",
        "k ?",
        "k k k enter",
        "tab ?",
        "i",
        "k enter v",
        "k enter v v",
        "k k k enter",
        "k k k enter + j j",
        "k k k enter = K K K K",
        "k k k k k k k k enter",
    ] {
        let mut stage = hostile();
        stage.press(keys);
        for (width, height) in [(80, 24), (120, 40), (24, 8), (33, 12)] {
            let cells = stage.cells(width, height);
            for cell in cells.content() {
                let unsafe_char =
                    |c: char| c.is_control() || sockeye::payload::escape::is_unsafe(c);
                assert!(
                    !cell.symbol().contains(unsafe_char),
                    "{:?} after {keys}",
                    cell.symbol()
                );
                assert!(cell.symbol().chars().count() <= 8, "{:?}", cell.symbol());
            }
        }
    }
}

#[test]
fn wide_characters_leave_borders_where_they_are() {
    let mut stage = hostile();
    let plain = Stage::new(&["orders"]).show(120, 40);
    let shown = stage.show(120, 40);
    let edges = |screen: &str| -> Vec<usize> {
        let line = screen
            .lines()
            .find(|line| line.starts_with('\u{250c}'))
            .expect("a box");
        line.chars()
            .enumerate()
            .filter(|(_, c)| matches!(c, '\u{250c}' | '\u{2510}'))
            .map(|(at, _)| at)
            .collect()
    };
    assert_eq!(edges(&plain), edges(&shown));
    let cells = stage.cells(120, 40);
    for column in edges(&plain) {
        let column = column as u16;
        for row in 4..20 {
            assert!(
                "\u{2502}\u{250c}\u{2510}\u{2514}\u{2518}".contains(cells[(column, row)].symbol()),
                "{column},{row}: {:?}",
                cells[(column, row)].symbol()
            );
        }
    }
}

#[test]
fn the_countdown_has_the_colour_of_its_urgency() {
    for (seconds, colour, word) in [
        (300, Some(Color::Cyan), "expires 05:00"),
        (119, Some(Color::Yellow), "expires 01:59"),
        (29, Some(Color::LightRed), "expires 00:29"),
        (-12, Some(Color::LightRed), "expired 00:12 ago"),
    ] {
        let mut stage = Stage::new(&["orders"]);
        stage.happens(0, Lifecycle::Credential(facts(stage.now.wall, seconds)));
        let cells = stage.cells(80, 24);
        assert!(crate::stage::text(&cells).contains(word), "{word}");
        let style = cells[(78, 0)].style();
        assert_eq!(style.fg, colour, "{word}");
    }
}

#[test]
fn tokens_say_who_renews_them_or_that_they_do_not_expire() {
    let mut stage = Stage::new(&["orders"]);
    let mut facts = facts(stage.now.wall, 300);
    facts.renews_itself = true;
    stage.happens(0, Lifecycle::Credential(facts.clone()));
    assert!(stage.show(80, 24).contains("renews itself 05:00"));
    facts.expires = None;
    stage.happens(0, Lifecycle::Credential(facts));
    assert!(stage.show(80, 24).contains("no expiry stated"));
}

#[test]
fn a_refused_token_has_no_countdown() {
    let mut stage = Stage::new(&["orders"]);
    stage
        .goes_live(0, 300)
        .ends(0, 1008, "revoked", Verdict::Renew);
    assert!(stage.show(80, 24).contains("expires 04:59"));
    let why = "closed 1008 Policy Violation: revoked".to_owned();
    stage.status(0, Status::SignInNeeded { why });
    let shown = stage.show(80, 24);
    assert!(
        shown.contains("token refused") && !shown.contains("expires"),
        "{shown}"
    );
}

#[test]
fn help_explains_the_stream_that_needs_attention() {
    let mut stage = three_streams();
    let shown = stage.press("?").show(80, 24);
    for text in [
        "audit sign in needed",
        "closed 4001 Token Expired",
        "advice",
    ] {
        assert!(shown.contains(text), "no '{text}' in {shown}");
    }
    let mut stage = Stage::new(&["orders"]);
    let why = "as asked".to_owned();
    stage.goes_live(0, 300).status(0, Status::Stopped { why });
    let shown = stage.press("?").show(80, 24);
    assert!(
        shown.contains("orders stopped") && shown.contains("as asked"),
        "{shown}"
    );
}

#[test]
fn a_long_reason_is_shown_whole_where_there_is_room() {
    let mut stage = Stage::new(&["orders"]);
    let why = format!("closed 1001 Going Away: {}end", "words ".repeat(18));
    stage.status(0, Status::Stopped { why });
    assert!(stage.show(80, 24).contains("words end"));
    assert!(stage.show(220, 24).contains("why  closed 1001"));
    let tight = stage.show(80, 16);
    assert!(tight.contains("why  closed 1001"), "{tight}");
}

#[test]
fn silence_is_announced() {
    let mut stage = Stage::new(&["orders", "prices"]);
    stage.goes_live(0, 300).status(0, Status::Silent);
    let shown = stage.show(80, 24);
    assert!(
        shown.contains("1 \u{25cd} orders silent") && shown.contains("a ping is unanswered"),
        "{shown}"
    );
}

#[test]
fn streams_without_room_are_counted_and_the_shown_one_has_room() {
    let names: Vec<_> = (1..=9).map(|at| format!("stream-{at}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut stage = Stage::new(&names);
    let strip = |stage: &mut Stage| {
        let shown = stage.show(80, 24);
        shown.lines().nth(2).map(str::to_owned).unwrap_or_default()
    };
    let all = strip(&mut stage);
    assert!(all.contains("stream-1 ") && all.ends_with("+6"), "{all}");
    stage.press("7");
    let shown = strip(&mut stage);
    assert!(
        shown.contains("stream-7 ") && shown.ends_with("+6"),
        "{shown}"
    );
}

#[test]
fn the_countdown_follows_the_server_clock() {
    let mut stage = Stage::new(&["orders"]);
    stage.goes_live(0, 300);
    let ahead = OpenFacts {
        skew: Some(60_000_000),
        ..opened()
    };
    stage.happens(0, Lifecycle::Opened(ahead));
    let shown = stage.show(80, 24);
    assert!(
        shown.contains("expires 03:59") && shown.contains("clock +60 s"),
        "{shown}"
    );
    let near = OpenFacts {
        skew: Some(2_000_000),
        ..opened()
    };
    stage.happens(0, Lifecycle::Opened(near));
    let shown = stage.show(80, 24);
    assert!(
        shown.contains("expires 04:59") && !shown.contains("clock +"),
        "{shown}"
    );
    // A handshake without a date leaves it to a token that was issued just now.
    stage.happens(0, Lifecycle::Opened(opened()));
    let mut fresh = facts(stage.now.wall, 300);
    fresh.skew = Some(-60_000_000);
    stage.happens(0, Lifecycle::Credential(fresh));
    let shown = stage.show(80, 24);
    assert!(
        shown.contains("expires 05:59") && shown.contains("clock -60 s"),
        "{shown}"
    );
}

#[test]
fn no_theme_and_no_sign_carries_meaning_alone() {
    let look = |theme, ascii| {
        let mut stage = Stage::with(&["orders"], |setup| setup.look = Look { theme, ascii });
        stage.goes_live(0, 10).order(0, 1).order(0, 2);
        stage.ends(0, 4001, "expired", Verdict::Renew);
        stage.status(
            0,
            Status::SignInNeeded {
                why: "closed 4001".into(),
            },
        );
        stage.press("k");
        stage
    };
    let fine = look(ThemeName::Dark, false).show(80, 24);
    assert_eq!(fine, look(ThemeName::Light, false).show(80, 24));
    let mono = look(ThemeName::Mono, false).cells(80, 24);
    assert!(
        mono.content()
            .iter()
            .all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset)
    );
    let ascii = look(ThemeName::Mono, true);
    let mut ascii = ascii;
    for keys in ["", "?", "esc i", "esc :", "esc R"] {
        ascii.press(keys);
        for (width, height) in [(80, 24), (120, 40)] {
            let shown = ascii.show(width, height);
            assert!(shown.is_ascii(), "{shown}");
        }
    }
}

#[test]
fn the_chosen_line_has_a_mark_and_is_reversed() {
    let mut stage = after_a_restart();
    stage.press("k");
    let cells = stage.cells(80, 24);
    let row = (0..24)
        .find(|row| cells[(0, *row)].symbol() == "\u{258c}")
        .expect("a mark");
    assert!(cells[(20, row)].modifier.contains(Modifier::REVERSED));
}

/// What was recognised is told, and from then on stands where the profile's way stood; the types are read as it says.
#[test]
fn a_recognised_dialect_is_shown() {
    let mut stage = Stage::new(&["orders"]);
    stage.status(0, Status::Connecting { attempt: 1 });
    stage.happens(0, Lifecycle::Opened(opened()));
    stage.happens(
        0,
        Lifecycle::Recognised(Box::new(Recognised {
            dialect: "homeassistant".into(),
            by: "its first message: /type = auth_required\u{202e}".into(),
            reopens: false,
            map: EventMap {
                kind: vec!["/event/event_type".into()],
                ..EventMap::default()
            },
            heartbeats: false,
            in_place: false,
        })),
    );
    stage.status(0, Status::Live);
    let event = r#"{"type":"event","event":{"event_type":"state_changed"}}"#;
    stage.receive(0, Message::text(event));
    let shown = stage.show(120, 40);
    for wanted in [
        "recognised homeassistant by its first message: /type = auth_required",
        "· homeassistant",
        "state_changed",
    ] {
        assert!(shown.contains(wanted), "no '{wanted}' in\n{shown}");
    }
    assert!(!shown.contains('\u{202e}'), "{shown}");
}

#[test]
fn a_code_to_type_stands_in_the_list_while_the_token_is_waited_for() {
    let mut stage = Stage::new(&["orders"]);
    stage.status(
        0,
        Status::Fetching {
            source: "https://id.example".into(),
        },
    );
    let note = "sign in: type the code WDJB-MJHT at https://id.example/device within 10 m 00 s";
    stage.happens(0, Lifecycle::Note(note.into()));
    stage.happens(
        0,
        Lifecycle::Note("or open https://id.example/device?c=WDJB-MJHT".into()),
    );
    insta::assert_snapshot!(stage.show(80, 8), @r#"
    sockeye  orders  ◔ FETCHING CREDENTIAL                                no token
    12:03:44.000         · sign in: type the code WDJB-MJHT at https://id.example/…
    12:03:44.000         · or open https://id.example/device?c=WDJB-MJHT



    12:03:44.0 or open https://id.example/device?c=WDJB-MJHT
    / filter   space pause   R re-authenticate   f follow   : palette   ? help
    "#);
}

#[test]
fn a_recording() {
    use sockeye::app::{Input, RecordingNews};
    let mut stage = after_a_restart();
    let file = "~/.local/share/sockeye/orders-20261124T120344.ndjson";
    stage.tell(Input::Recording(RecordingNews::Began(file.into())));
    stage.tell(Input::Recording(RecordingNews::Wrote(12_400_000)));
    insta::assert_snapshot!("recording-80x24", stage.show(80, 24));
    stage.press("i");
    insta::assert_snapshot!("recording-120x40", stage.show(120, 40));
}

#[test]
fn a_message_and_a_close_by_hand() {
    let mut stage = Stage::with(&["orders", "prices"], |setup| {
        setup.streams[0].messages = vec![
            ("ping".into(), r#"{"op":"ping"}"#.into()),
            ("hello".into(), r#"{"op":"hello"}"#.into()),
        ];
    });
    stage.goes_live(0, 300).goes_live(1, 300).pass(1_000);
    for id in 70..90 {
        stage.order(0, id).pass(121);
    }
    stage.press("1 c tab");
    insta::assert_snapshot!("compose-ready-80x24", stage.show(80, 24));
    stage.press("ctrl-u").paste("{\"op\":\"subscribe\",\n \"channels\":[\"orders\" \"prices\"],\n \"password\":\"hunter2\",\"note\":\"a text so long that it goes on in the next line of the dialog\"}");
    insta::assert_snapshot!("compose-80x24", stage.show(80, 24));
    insta::assert_snapshot!("compose-120x40", stage.show(120, 40));
    stage.press("esc 2 X").types("done");
    insta::assert_snapshot!("close-80x24", stage.show(80, 24));
    insta::assert_snapshot!("close-120x40", stage.show(120, 40));
}
