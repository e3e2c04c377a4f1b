//! `config.toml`: a right one is read whole, a wrong one gives every fault at once, and nothing is ever
//! written but a filter that is saved.
#![expect(clippy::too_many_lines, reason = "what is printed is long")]

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    time::Duration,
};

use proptest::prelude::*;
use sockeye::{
    auth::{FirstMessage, Way},
    cause::Verdict,
    config::{self, Paths},
    diagnostic::report,
    error::Exit,
    payload::protobuf::Schema,
    profile::{
        self, Client, Clipboard, Column, Config, Endpoint, Introspection, KeyPlace, Limits,
        Margins, Proxy, ProxyAddress, Retry, SecretRef, Settings, Source, Theme, Tls, Verify,
        WhenFull,
    },
};
use url::Host;

const EXAMPLE: &str = include_str!("../../assets/config.example.toml");

/// What is printed about a text; nothing when it is right.
fn faults(text: &str) -> String {
    let faults = profile::read("config.toml", text).err();
    faults.map(|faults| report(&faults)).unwrap_or_default()
}

/// What is printed about a profile with these lines besides its URL.
fn faults_of(lines: &str) -> String {
    faults(&format!(
        "[profiles.orders]\nurl = \"wss://api.example.com/ws\"\n{lines}"
    ))
}

/// What is printed about a profile with this URL.
fn faults_of_url(url: &str) -> String {
    faults(&format!("[profiles.orders]\nurl = \"{url}\""))
}

fn read(text: &str) -> Config {
    profile::read("config.toml", text).expect("no faults")
}

#[test]
fn an_empty_text_is_an_empty_configuration() {
    assert_eq!(read(""), Config::default());
    assert_eq!(read("# nothing\n[profiles]\n"), Config::default());
}

#[test]
fn faults_of_columns_are_told_where_they_are() {
    for (columns, told) in [
        (r#"[".data.a-b"]"#, "this cannot stand in a path"),
        (r#"["tpye"]"#, "did you mean 'type'?"),
        (r#"["price"]"#, "write one of time, distance,"),
        (r#"["size", "size"]"#, "given twice"),
        (r#"".a""#, "a list of texts"),
    ] {
        let said = faults_of(&format!("columns = {columns}"));
        assert!(
            said.contains(told) && said.contains("config.toml:3:"),
            "{said}"
        );
    }
    let said = faults_of("columns = [\".data.a-b\"]");
    insta::assert_snapshot!(said, @r#"
    error: this cannot stand in a path
      --> config.toml:3:20
       |
     3 | columns = [".data.a-b"]
       |                    ^
    help: write a path as the detail pane shows it, such as .data.items[0].price or .data."a-b"
    "#);
}

#[test]
fn a_profile_has_defaults() {
    let config = read("[profiles.orders]\nurl = \"wss://api.example.com/ws\"");
    let url = "wss://api.example.com/ws".parse().expect("a URL");
    let way = Way::Header {
        name: "Authorization".into(),
        prefix: "Bearer ".into(),
    };
    let usual = profile::Profile::new("orders", url, way, Source::Stored);
    assert_eq!(config.profiles, [usual]);
    assert_eq!(config.settings, Settings::default());
}

#[test]
fn everything_that_can_be_said_is_read() {
    let config = read(
        r#"
        watch = ["orders"]
        settings = { theme = "light", mouse = true, memory = "64MiB", budget-events = 1_000_000, ascii = true, clipboard = "program" }
        [profiles.orders]
        url = "ws://10.0.0.1:8080/ws?stream=a"
        token = { file = "~/token" }
        subprotocols = ["v2.json", "v1.json"]
        headers = { X-Client = "sockeye", Origin = "https://example.com" }
        when-full = "drop"
        plain-text = true
        proxy = "socks5h://alice@proxy.example.com"
        proxy-password = { file = "~/pw" }
        limits = { connect = "1s", login = "2s", ping = "3s", pong = "4s", close = "5s", message = "6KiB" }
        margins = { warn = "5m", alarm = "1m", renew = "0s" }
        retry = { base = "1s", cap = "1s", stable = "1m", attempts = 0xa }
        close = { 4003 = "renew", 0 = "stop" }
        http = { 403 = "ask" }
        tls = { ca = "own-ca.pem", server-name = "Feed.test", insecure = true }
        [profiles.orders.way]
        first-message = '{"type":"auth","token":"{token}"}'
        ack = { type = "auth_ok", user = { id = 7 } }
        refusal = "no"
        renew = true
        [filters]
        big = "size>64k"
        gold = '.tier == "gold"'
        [profiles.prices]
        url = "wss://example.com"
        filter = "price -heartbeat"
        columns = [".data.price", "type"]
        way = { header = "X-Api-Key" }
        token = { env = "PRICES" }
        "#,
    );
    assert_eq!(config.watch, ["orders"]);
    let settings = Settings {
        theme: Theme::Light,
        mouse: true,
        memory: 64 << 20,
        budget_events: Some(1_000_000),
        ascii: true,
        clipboard: Clipboard::Program,
        filters: vec![
            ("big".into(), "size>64k".into()),
            ("gold".into(), r#".tier == "gold""#.into()),
        ],
    };
    assert_eq!(config.settings, settings);
    let [orders, prices] = &config.profiles[..] else {
        panic!("two profiles");
    };
    assert_eq!(orders.source, Source::File("~/token".into()));
    assert_eq!(
        (&orders.filter, prices.filter.as_deref()),
        (&None, Some("price -heartbeat"))
    );
    let (address, _) = ProxyAddress::read("socks5h://alice@proxy.example.com:1080").unwrap();
    let password = Some(SecretRef::File("~/pw".into()));
    assert_eq!(orders.proxy, Proxy::At { address, password });
    let price = Column::path(".data.price".parse().expect("a path"));
    assert_eq!(prices.columns, [price, Column::Type]);
    assert_eq!(orders.subprotocols, ["v2.json", "v1.json"]);
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        orders.headers,
        [
            header("X-Client", "sockeye"),
            header("Origin", "https://example.com")
        ]
    );
    assert_eq!(
        (orders.when_full, orders.plain_text),
        (WhenFull::Drop, true)
    );
    let seconds = Duration::from_secs;
    let limits = Limits {
        connect: seconds(1),
        login: seconds(2),
        ping: seconds(3),
        pong: seconds(4),
        close: seconds(5),
        message: 6 << 10,
    };
    assert_eq!(orders.limits, limits);
    let margins = Margins {
        warn: seconds(300),
        alarm: seconds(60),
        renew: Some(seconds(0)),
    };
    assert_eq!(orders.margins, margins);
    let retry = Retry {
        base: seconds(1),
        cap: seconds(1),
        stable: seconds(60),
        attempts: Some(10),
        ..Retry::default()
    };
    assert_eq!(orders.retry, retry);
    assert_eq!(
        orders.verdicts.close,
        [(4003, Verdict::Renew), (0, Verdict::Stop)]
    );
    assert_eq!(orders.verdicts.http, [(403, Verdict::Ask)]);
    let tls = Tls {
        ca: Some("own-ca.pem".into()),
        server_name: Some(Host::parse("feed.test").unwrap()),
        insecure: true,
        identity: None,
    };
    assert_eq!(orders.tls, tls);
    let template = r#"{"type":"auth","token":"{token}"}"#;
    let way = Way::FirstMessage(FirstMessage {
        template: template.into(),
        ack: Some(serde_json::json!({"type": "auth_ok", "user": {"id": 7}})),
        refusal: Some("no".into()),
        renew: Some(template.into()),
    });
    assert_eq!(orders.way, way);
    let way = Way::Header {
        name: "X-Api-Key".into(),
        prefix: String::new(),
    };
    assert_eq!(
        (&prices.way, &prices.source),
        (&way, &Source::Env("PRICES".into()))
    );
}

#[test]
fn the_example_is_right() {
    let config = read(EXAMPLE);
    assert!(config.profiles.len() >= 3);
    assert_eq!(config.watch.len(), 1);
}

#[test]
fn every_fault_is_told_at_once_in_order() {
    insta::assert_snapshot!(faults("wach = []\n[settings]\ntheme = \"drak\"\n[profiles.a]\nurl = \"https://h\"\nlimits = { pong = 10 }\n[profiles.b]\ntokn = \"stored\""), @r#"
    error: unknown key 'wach'
      --> config.toml:1:1
       |
     1 | wach = []
       | ^^^^
    help: did you mean 'watch'?

    error: 'theme' cannot be 'drak'
      --> config.toml:3:9
       |
     3 | theme = "drak"
       |         ^^^^^^
    help: did you mean 'dark'?

    error: 'https' is not for WebSockets
      --> config.toml:5:7
       |
     5 | url = "https://h"
       |       ^^^^^^^^^^^
    help: write 'wss' in place of 'https'

    error: 'pong' is an integer
      --> config.toml:6:19
       |
     6 | limits = { pong = 10 }
       |                   ^^
    help: write a number and a unit in quotes, as in "30s"

    error: 'b' has no 'url'
      --> config.toml:7:1
       |
     7 | [profiles.b]
       | ^^^^^^^^^^^^
    help: write url = "wss://…"

    error: unknown key 'tokn'
      --> config.toml:8:1
       |
     8 | tokn = "stored"
       | ^^^^
    help: did you mean 'token'?
    "#);
}

#[test]
fn syntax() {
    insta::assert_snapshot!(faults("[settings]\ntheme = dark\nmouse = yes\nascii = 1\n[settings.x"), @r#"
    error: string values must be quoted
      --> config.toml:2:9
       |
     2 | theme = dark
       |         ^^^^
    help: put quotes around it

    error: string values must be quoted
      --> config.toml:3:9
       |
     3 | mouse = yes
       |         ^^^
    help: put quotes around it

    error: 'ascii' is an integer
      --> config.toml:4:9
       |
     4 | ascii = 1
       |         ^
    help: write true or false

    error: unclosed table, expected `]`
      --> config.toml:5:12
       |
     5 | [settings.x
       |            ^
    help: end the header with ']'
    "#);
    insta::assert_snapshot!(faults("watch = [\"a\"\n[profiles.a]\nurl = \"ws://localhost\"\n[profiles.b]\nurl = \"x\""), @r#"
    error: missing comma between array elements, expected `,`
      --> config.toml:2:1
       |
     2 | [profiles.a]
       | ^
    help: part the elements with ',' and end the list with ']'
    "#);
    insta::assert_snapshot!(faults("[profiles.a]\nurl = \"ws://localhost\"\n[profiles.a]\ntoken = \"prompt\"\n[settings]\nmouse = true\nmouse = false"), @r#"
    error: this name is given twice
      --> config.toml:3:11
       |
     3 | [profiles.a]
       |           ^
    help: keep one of the two; what belongs together stands under one header

    error: this name is given twice
      --> config.toml:7:1
       |
     7 | mouse = false
       | ^^^^^
    help: keep one of the two; what belongs together stands under one header
    "#);
    insta::assert_snapshot!(faults("[settings]\nmouse true"), @r#"
    error: key with no value, expected `=`
      --> config.toml:2:7
       |
     2 | mouse true
       |       ^
    help: write it as in key = "value"
    "#);
    insta::assert_snapshot!(faults("[settings\nmouse = true\n[profiles.a]\nurl = \"ws://loc"), @r#"
    error: unclosed table, expected `]`
      --> config.toml:1:10
       |
     1 | [settings
       |          ^
    help: end the header with ']'

    error: invalid basic string, expected `"`
      --> config.toml:4:16
       |
     4 | url = "ws://loc
       |                ^
    help: end it with '"'; for a text with '"' or '\' use single quotes
    "#);
    insta::assert_snapshot!(faults("x = \"\u{1b}[31m\""), @r#"
    error: invalid basic string, expected non-double-quote visible characters, `\`
      --> config.toml:1:6
       |
     1 | x = "\e[31m"
       |      ^^
    help: end it with '"'; for a text with '"' or '\' use single quotes
    "#);
}

#[test]
fn types() {
    insta::assert_snapshot!(faults("watch = \"a\"\nsettings = 1\nprofiles = []"), @r#"
    error: 'watch' is a string
      --> config.toml:1:9
       |
     1 | watch = "a"
       |         ^^^
    help: write a list of texts, as in ["a", "b"]

    error: 'settings' is an integer
      --> config.toml:2:12
       |
     2 | settings = 1
       |            ^
    help: write a table, as in '{ key = "value" }'

    error: 'profiles' is an array
      --> config.toml:3:12
       |
     3 | profiles = []
       |            ^^
    help: write a table, as in '{ key = "value" }'
    "#);
    insta::assert_snapshot!(faults("[profiles]\na = \"ws://localhost\"\n[[profiles.b]]\nurl = \"ws://localhost\""), @r#"
    error: 'a' is a string
      --> config.toml:2:5
       |
     2 | a = "ws://localhost"
       |     ^^^^^^^^^^^^^^^^
    help: write a table, as in '{ key = "value" }'

    error: 'b' is an array
      --> config.toml:3:1
       |
     3 | [[profiles.b]]
       | ^^^^^^^^^^^^^^
    help: write a table, as in '{ key = "value" }'
    "#);
    insta::assert_snapshot!(faults_of("token = 1\nway = 2.5\nsubprotocols = [1]\nheaders = { X-A = 1 }\nwhen-full = true\nplain-text = \"yes\"\nclose = { 1000 = 1 }\ntls = { ca = 1, server-name = \"wss://a\", insecure = 1979-05-27 }"), @r#"
    error: 'token' is an integer
      --> config.toml:3:9
       |
     3 | token = 1
       |         ^
    help: write one of: "stored", "prompt", { env = "NAME" }, { file = "PATH" }, { command = ["NAME"] }, { oauth = { … } }, { mint = { … } }, { ticket = { … } }, "keyring"

    error: 'way' is a float
      --> config.toml:4:7
       |
     4 | way = 2.5
       |       ^^^
    help: write one of: "none", { query = "NAME" }, { header = "NAME", prefix = "Bearer " }, { first-message = 'MESSAGE' }

    error: 'subprotocols' is an integer
      --> config.toml:5:17
       |
     5 | subprotocols = [1]
       |                 ^
    help: write a text in quotes

    error: 'X-A' is an integer
      --> config.toml:6:19
       |
     6 | headers = { X-A = 1 }
       |                   ^
    help: write a text in quotes

    error: 'when-full' is a boolean
      --> config.toml:7:13
       |
     7 | when-full = true
       |             ^^^^
    help: write one of: hold, drop

    error: 'plain-text' is a string
      --> config.toml:8:14
       |
     8 | plain-text = "yes"
       |              ^^^^^
    help: write true or false

    error: '1000' is an integer
      --> config.toml:9:18
       |
     9 | close = { 1000 = 1 }
       |                  ^
    help: write one of: reconnect, now, fresh, renew, later, ask, stop

    error: 'ca' is an integer
      --> config.toml:10:14
        |
     10 | tls = { ca = 1, server-name = "wss://a", insecure = 1979-05-27 }
        |              ^
    help: write a text in quotes

    error: 'wss://a' is no host name
      --> config.toml:10:31
        |
     10 | tls = { ca = 1, server-name = "wss://a", insecure = 1979-05-27 }
        |                               ^^^^^^^^^
    help: write the host that the certificate is for, without scheme and port: server-name = "feed.example.com"

    error: 'insecure' is a datetime
      --> config.toml:10:53
        |
     10 | tls = { ca = 1, server-name = "wss://a", insecure = 1979-05-27 }
        |                                                     ^^^^^^^^^^
    help: write true or false
    "#);
}

#[test]
fn proxies() {
    let told = faults_of("proxy = \"http://a:canary-1@h:1\"\nproxy-password = \"canary-2\"");
    insta::assert_snapshot!(told, @r#"
    error: the address of a proxy must not hold its password
      --> config.toml:3:9
       |
     3 | proxy = ***
       |         ^^^
    help: leave it out; give it by proxy-password = { env = "NAME" } or { file = "PATH" } in the profile, by --proxy-password-env VAR or --proxy-password-file FILE, or within HTTPS_PROXY

    error: a secret must not stand in this file
      --> config.toml:4:18
       |
     4 | proxy-password = ***
       |                  ^^^
    help: write one of: { env = "NAME" }, { file = "PATH" }
    "#);
    let told = faults_of("proxy = \"http://h:1\"\nproxy-password = { env = \"PW\" }");
    insta::assert_snapshot!(told, @r#"
    error: a proxy's password needs a proxy and a user
      --> config.toml:4:18
       |
     4 | proxy-password = { env = "PW" }
       |                  ^^^^^^^^^^^^^^
    help: write the user before the host, as in alice@proxy.example.com:3128
    "#);
    insta::assert_snapshot!(faults_of("proxy = \"ftp://h\""), @r#"
    error: this is not the address of a proxy
      --> config.toml:3:9
       |
     3 | proxy = "ftp://h"
       |         ^^^^^^^^^
    help: write it as in http://proxy.example.com:3128; https, socks5 and socks5h are known too
    "#);
    let with = |line: &str| read(&format!("[profiles.a]\nurl = \"wss://h\"\n{line}"));
    assert_eq!(with("proxy = \"none\"").profiles[0].proxy, Proxy::Direct);
    let config = with("proxy = \"a@h:1\"\nproxy-password = { env = \"PW\" }");
    // Commands do not get it.
    assert_eq!(config.profiles[0].secret_variables(), ["PW"]);
}

#[test]
fn urls() {
    insta::assert_snapshot!(faults_of_url("api.example.com"), @r#"
    error: this is not a URL
      --> config.toml:2:7
       |
     2 | url = "api.example.com"
       |       ^^^^^^^^^^^^^^^^^
    help: write it as in wss://api.example.com/ws
    "#);
    insta::assert_snapshot!(faults_of_url("https://api.example.com/ws"), @r#"
    error: 'https' is not for WebSockets
      --> config.toml:2:7
       |
     2 | url = "https://api.example.com/ws"
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write 'wss' in place of 'https'
    "#);
    insta::assert_snapshot!(faults_of_url("ftp://api.example.com"), @r#"
    error: 'ftp' is not for WebSockets
      --> config.toml:2:7
       |
     2 | url = "ftp://api.example.com"
       |       ^^^^^^^^^^^^^^^^^^^^^^^
    help: write it as in wss://api.example.com/ws
    "#);
    insta::assert_snapshot!(faults_of_url("wss:///ws"), @r#"
    error: the URL has no host
      --> config.toml:2:7
       |
     2 | url = "wss:///ws"
       |       ^^^^^^^^^^^
    help: write it as in wss://api.example.com/ws
    "#);
    insta::assert_snapshot!(faults_of_url("wss://h:99999"), @r#"
    error: this is not a URL: invalid port number
      --> config.toml:2:7
       |
     2 | url = "wss://h:99999"
       |       ^^^^^^^^^^^^^^^
    help: write it as in wss://api.example.com/ws
    "#);
    insta::assert_snapshot!(faults_of_url("wss://h/a b"), @r#"
    error: a URL has no spaces
      --> config.toml:2:7
       |
     2 | url = "wss://h/a b"
       |       ^^^^^^^^^^^^^
    help: write %20 for a space
    "#);
    insta::assert_snapshot!(faults_of_url("wss://h/\\r\\nX: y"), @r#"
    error: a control character, U+000D, stands in this text
      --> config.toml:2:7
       |
     2 | url = "wss://h/\r\nX: y"
       |       ^^^^^^^^^^^^^^^^^^
    help: remove it
    "#);
    insta::assert_snapshot!(faults_of_url("wss://h/\u{202e}x"), @r#"
    error: an invisible character, U+202E, stands in this text
      --> config.toml:2:7
       |
     2 | url = "wss://h/\u{202e}x"
       |       ^^^^^^^^^^^^^^^^^^^
    help: remove it
    "#);
    insta::assert_snapshot!(faults_of_url("wss://me:hunter2@h/?access_token=hunter3#top"), @r#"
    error: a URL must not hold a user name or a password
      --> config.toml:2:7
       |
     2 | url = "wss://***@h/?access_token=***#top"
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: leave it out and say where the token goes with 'way', where it comes from with 'token'

    error: a WebSocket URL has no fragment
      --> config.toml:2:7
       |
     2 | url = "wss://***@h/?access_token=***#top"
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: remove '#' and what follows

    error: the query parameter 'access_token' would hold a secret
      --> config.toml:2:7
       |
     2 | url = "wss://***@h/?access_token=***#top"
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: leave it out of the URL and write way = { query = "access_token" }
    "#);
    insta::assert_snapshot!(faults_of_url("ws://api.example.com/ws"), @r#"
    error: the token would go over an unencrypted connection to another machine
      --> config.toml:2:7
       |
     2 | url = "ws://api.example.com/ws"
       |       ^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write wss:// in place of ws://, or plain-text = true to allow it
    "#);
    insta::assert_snapshot!(faults("[profiles.a]\nurl = \"wss://h/?t=1\"\nway = { query = \"t\" }"), @r#"
    error: the URL has the query parameter 't' already
      --> config.toml:2:7
       |
     2 | url = "wss://h/?t=1"
       |       ^^^^^^^^^^^^^^
    help: leave it out of the URL
    "#);
}

#[test]
fn names() {
    insta::assert_snapshot!(faults("[profiles.\"a\\u001b[31m\"]\nurl = \"ws://localhost\"\n[profiles.\"-x\"]\nurl = \"ws://localhost\"\n[profiles.\"\"]\nurl = \"ws://localhost\"\n[profiles.\"a b\"]\nurl = \"ws://localhost\""), @r#"
    error: a control character, U+001B, stands in this text
      --> config.toml:1:11
       |
     1 | [profiles."a\u001b[31m"]
       |           ^^^^^^^^^^^^^
    help: remove it

    error: a profile's name must not begin with '-'
      --> config.toml:3:11
       |
     3 | [profiles."-x"]
       |           ^^^^
    help: a name may hold letters, digits, '-', '_', '.' and '@', at most 64

    error: the profile's name is empty
      --> config.toml:5:11
       |
     5 | [profiles.""]
       |           ^^
    help: a name may hold letters, digits, '-', '_', '.' and '@', at most 64

    error: a profile's name cannot hold this
      --> config.toml:7:11
       |
     7 | [profiles."a b"]
       |           ^^^^^
    help: a name may hold letters, digits, '-', '_', '.' and '@', at most 64
    "#);
    insta::assert_snapshot!(faults("watch = [\"prcies\", \"prices\", \"prices\", \"x\"]\n[profiles.prices]\nurl = \"ws://localhost\""), @r#"
    error: there is no profile 'prcies'
      --> config.toml:1:10
       |
     1 | watch = ["prcies", "prices", "prices", "x"]
       |          ^^^^^^^^
    help: did you mean 'prices'?

    error: 'prices' is given twice
      --> config.toml:1:30
       |
     1 | watch = ["prcies", "prices", "prices", "x"]
       |                              ^^^^^^^^
    help: remove one of the two

    error: there is no profile 'x'
      --> config.toml:1:40
       |
     1 | watch = ["prcies", "prices", "prices", "x"]
       |                                        ^^^
    help: the profiles are: prices
    "#);
    insta::assert_snapshot!(faults("watch = [\"x\"]"), @r#"
    error: there is no profile 'x'
      --> config.toml:1:10
       |
     1 | watch = ["x"]
       |          ^^^
    help: write it as [profiles.NAME]
    "#);
}

#[test]
fn tokens() {
    insta::assert_snapshot!(faults_of("token = \"promt\""), @r#"
    error: unknown source of the token
      --> config.toml:3:9
       |
     3 | token = ***
       |         ^^^
    help: did you mean 'prompt'?
    "#);
    insta::assert_snapshot!(faults_of("token = \"hunter2-hunter2\""), @r#"
    error: a token must not stand in this file
      --> config.toml:3:9
       |
     3 | token = ***
       |         ^^^
    help: write one of: "stored", "prompt", { env = "NAME" }, { file = "PATH" }, { command = ["NAME"] }, { oauth = { … } }, { mint = { … } }, { ticket = { … } }, "keyring"
    "#);
    insta::assert_snapshot!(faults_of("token = {}"), @r#"
    error: the token needs one source
      --> config.toml:3:9
       |
     3 | token = {}
       |         ^^
    help: write one of: "stored", "prompt", { env = "NAME" }, { file = "PATH" }, { command = ["NAME"] }, { oauth = { … } }, { mint = { … } }, { ticket = { … } }, "keyring"
    "#);
    insta::assert_snapshot!(faults_of("token = { env = \"A\", file = \"b\" }"), @r#"
    error: the token needs one source
      --> config.toml:3:9
       |
     3 | token = { env = "A", file = "b" }
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write one of: "stored", "prompt", { env = "NAME" }, { file = "PATH" }, { command = ["NAME"] }, { oauth = { … } }, { mint = { … } }, { ticket = { … } }, "keyring"
    "#);
    insta::assert_snapshot!(faults_of("token = { env = \"eyJhbGciOiJub25lIn0.e30.\" }"), @r#"
    error: this looks like a token, not like the name of a variable
      --> config.toml:3:17
       |
     3 | token = { env = "***" }
       |                 ^^^^^
    help: write its name alone, as in { env = "ORDERS_TOKEN" }
    "#);
    insta::assert_snapshot!(faults_of("token = { file = \"\" }"), @r#"
    error: 'file' is empty
      --> config.toml:3:18
       |
     3 | token = { file = "" }
       |                  ^^
    help: write the path of a file
    "#);
    insta::assert_snapshot!(faults_of("token = { command = \"pass show x\" }"), @r#"
    error: 'command' is a string
      --> config.toml:3:21
       |
     3 | token = { command = "pass show x" }
       |                     ^^^^^^^^^^^^^
    help: write a list of texts, as in ["vault", "read"]; no shell reads them
    "#);
}

#[test]
fn verification() {
    let config = read(
        "[profiles.q]\nurl = \"wss://example.com/\"\nverify = { jwks = \"keys/set.json\", audience = \"orders\" }\n",
    );
    let verify = Verify {
        keys: Some(KeyPlace::File("keys/set.json".into())),
        audience: Some("orders".into()),
        introspection: None,
    };
    assert_eq!(config.profiles[0].verify, Some(verify));
    insta::assert_snapshot!(faults_of("verify = { audience = '' }"), @r#"
    error: 'verify' has no 'issuer'
      --> config.toml:3:10
       |
     3 | verify = { audience = '' }
       |          ^^^^^^^^^^^^^^^^^
    help: write issuer = "https://…", jwks = "https://…" or the path of a file, or introspect = true

    error: 'audience' is empty
      --> config.toml:3:23
       |
     3 | verify = { audience = '' }
       |                       ^^
    help: write it, or remove it
    "#);
    insta::assert_snapshot!(faults_of("verify = { isuer = 'x', jwks = 'http://id.example/jwks', issuer = 'https://id.example?a=b' }"), @r#"
    error: unknown key 'isuer'
      --> config.toml:3:12
       |
     3 | verify = { isuer = 'x', jwks = 'http://id.example/jwks', issuer = 'https://id.example?a=b' }
       |            ^^^^^
    help: did you mean 'issuer'?

    error: the connection to another machine would not be encrypted
      --> config.toml:3:32
       |
     3 | verify = { isuer = 'x', jwks = 'http://id.example/jwks', issuer = 'https://id.example?a=b' }
       |                                ^^^^^^^^^^^^^^^^^^^^^^^^
    help: write https:// in place of http://

    error: the keys of 'issuer' are asked of it
      --> config.toml:3:32
       |
     3 | verify = { isuer = 'x', jwks = 'http://id.example/jwks', issuer = 'https://id.example?a=b' }
       |                                ^^^^^^^^^^^^^^^^^^^^^^^^
    help: remove 'issuer', or remove 'jwks'

    error: an issuer has no query
      --> config.toml:3:67
       |
     3 | verify = { isuer = 'x', jwks = 'http://id.example/jwks', issuer = 'https://id.example?a=b' }
       |                                                                   ^^^^^^^^^^^^^^^^^^^^^^^^
    help: remove '?' and what follows
    "#);
    insta::assert_snapshot!(faults_of("way = 'none'\nverify.jwks = 'k.json'"), @r#"
    error: there is no token to verify
      --> config.toml:4:1
       |
     4 | verify.jwks = 'k.json'
       | ^^^^^^
    help: remove 'verify'
    "#);
}

#[test]
fn introspection() {
    const OAUTH: &str = "token.oauth = { issuer = \"https://id.example.com\", client-id = \"c\", client-secret = { env = \"S\" }, grant = \"client\" }";
    let of = |lines: &str| {
        let text = format!("[profiles.q]\nurl = \"wss://example.com/\"\n{lines}\n");
        let verify = read(&text).profiles.remove(0).verify;
        verify.and_then(|verify| verify.introspection)
    };
    let client = |id: &str, secret, in_form| Client {
        id: id.into(),
        secret,
        in_form,
    };
    assert_eq!(
        of(&format!("{OAUTH}\nverify.introspect = true")),
        Some(Introspection {
            endpoint: Endpoint::Issuer("https://id.example.com".into()),
            client: client("c", Some(SecretRef::Env("S".into())), false),
        })
    );
    assert_eq!(
        of(
            "verify = { introspect = \"https://id.example.com/i\", client-id = \"m\", client-secret = { file = \"s\" }, client-auth = \"form\" }"
        ),
        Some(Introspection {
            endpoint: Endpoint::Url("https://id.example.com/i".parse().expect("an address")),
            client: client("m", Some(SecretRef::File("s".into())), true),
        })
    );
    insta::assert_snapshot!(faults_of("verify = { introspect = true, client-secret = 'hunter2' }"), @r#"
    error: 'verify' has no 'client-id'
      --> config.toml:3:10
       |
     3 | verify = { introspect = true, client-secret = *** }
       |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write client-id = "…", as the server knows who may ask, and client-secret

    error: it is not said who is to be asked
      --> config.toml:3:25
       |
     3 | verify = { introspect = true, client-secret = *** }
       |                         ^^^^
    help: write issuer = "https://…", or introspect = "https://…", the endpoint

    error: a secret must not stand in this file
      --> config.toml:3:47
       |
     3 | verify = { introspect = true, client-secret = *** }
       |                                               ^^^
    help: write one of: { env = "NAME" }, { file = "PATH" }
    "#);
    insta::assert_snapshot!(faults_of("verify = { issuer = 'https://id.example', client-id = 'c' }"), @r#"
    error: 'client-id' is for introspection alone
      --> config.toml:3:55
       |
     3 | verify = { issuer = 'https://id.example', client-id = 'c' }
       |                                                       ^^^
    help: remove it, or write introspect = true
    "#);
    insta::assert_snapshot!(faults_of("verify = { introspect = 7, issuer = 'https://id.example' }"), @r#"
    error: 'introspect' is an integer
      --> config.toml:3:25
       |
     3 | verify = { introspect = 7, issuer = 'https://id.example' }
       |                         ^
    help: write true, false or the endpoint's https:// address
    "#);
    insta::assert_snapshot!(faults_of("verify = { introspect = 'https://id.example/i', client-id = 'c', client-secret = 'stored' }"), @r#"
    error: a secret must not stand in this file
      --> config.toml:3:82
       |
     3 | verify = { introspect = 'https://id.example/i', client-id = 'c', client-secret = *** }
       |                                                                                  ^^^
    help: write one of: { env = "NAME" }, { file = "PATH" }
    "#);
}

#[test]
fn ways() {
    insta::assert_snapshot!(faults_of("way = \"nona\""), @r#"
    error: 'way' cannot be 'nona'
      --> config.toml:3:7
       |
     3 | way = "nona"
       |       ^^^^^^
    help: did you mean 'none'?
    "#);
    insta::assert_snapshot!(faults_of("way = {}"), @r#"
    error: this way says nothing
      --> config.toml:3:7
       |
     3 | way = {}
       |       ^^
    help: write one of: "none", { query = "NAME" }, { header = "NAME", prefix = "Bearer " }, { first-message = 'MESSAGE' }
    "#);
    insta::assert_snapshot!(faults_of("way = { query = \"\" }"), @r#"
    error: the parameter has no name
      --> config.toml:3:17
       |
     3 | way = { query = "" }
       |                 ^^
    help: write the parameter's name, as in { query = "token" }
    "#);
    insta::assert_snapshot!(faults_of("way = { query = \"token\", prefix = \"Bearer \" }"), @r#"
    error: unknown key 'prefix'
      --> config.toml:3:26
       |
     3 | way = { query = "token", prefix = "Bearer " }
       |                          ^^^^^^
    help: known here: query
    "#);
    insta::assert_snapshot!(faults_of("way = { header = \"X Key\", prefix = \"a\\nb\" }"), @r#"
    error: this cannot be the name of a header
      --> config.toml:3:18
       |
     3 | way = { header = "X Key", prefix = "a\nb" }
       |                  ^^^^^^^
    help: use letters, digits and '-', as in X-Client

    error: a control character, U+000A, stands in this text
      --> config.toml:3:36
       |
     3 | way = { header = "X Key", prefix = "a\nb" }
       |                                    ^^^^^^
    help: remove it
    "#);
    insta::assert_snapshot!(faults_of("way = { header = \"Sec-WebSocket-Protocol\" }"), @r#"
    error: subprotocols have a key of their own
      --> config.toml:3:18
       |
     3 | way = { header = "Sec-WebSocket-Protocol" }
       |                  ^^^^^^^^^^^^^^^^^^^^^^^^
    help: write subprotocols = ["…"]
    "#);
    insta::assert_snapshot!(faults_of("way = { first-message = '{\"token\":{token}}' }"), @r#"
    error: this message is not whole JSON: key must be a string at line 1 column 11
      --> config.toml:3:25
       |
     3 | way = { first-message = '{"token":{token}}' }
       |                         ^^^^^^^^^^^^^^^^^^^
    help: write it as in '{"type":"auth","token":"{token}"}', with quotes around {token}
    "#);
    insta::assert_snapshot!(faults_of("way = { first-message = 'hello', renew = 'again' }"), @r#"
    error: this message has no place for the token
      --> config.toml:3:25
       |
     3 | way = { first-message = 'hello', renew = 'again' }
       |                         ^^^^^^^
    help: write {token} where the token goes

    error: this message has no place for the token
      --> config.toml:3:42
       |
     3 | way = { first-message = 'hello', renew = 'again' }
       |                                          ^^^^^^^
    help: write {token} where the token goes
    "#);
    insta::assert_snapshot!(faults_of("[profiles.orders.way]\nfirst-message = '{token}'\nack = {}\nrefusal = { at = 1979-05-27 }\nrenew = 1"), @r#"
    error: 'ack' is empty
      --> config.toml:5:7
       |
     5 | ack = {}
       |       ^^
    help: write what the message must hold, as in { type = "auth_ok" }

    error: 'refusal' is a datetime
      --> config.toml:6:18
       |
     6 | refusal = { at = 1979-05-27 }
       |                  ^^^^^^^^^^
    help: write a value that JSON knows

    error: 'renew' is an integer
      --> config.toml:7:9
       |
     7 | renew = 1
       |         ^
    help: write true, false or a message of its own
    "#);
    insta::assert_snapshot!(faults_of("[profiles.orders.way]\nfirst-message = '{token}'\nack = \"OK\"\nrefusal = \"OK\""), @r#"
    error: 'ack' and 'refusal' are the same
      --> config.toml:6:11
       |
     6 | refusal = "OK"
       |           ^^^^
    help: let one of them name what the other has not
    "#);
}

#[test]
fn headers() {
    insta::assert_snapshot!(faults_of("headers = { Authorization = \"Bearer hunter2\" }"), @r#"
    error: the header 'Authorization' would hold a secret
      --> config.toml:3:29
       |
     3 | headers = { Authorization = *** }
       |                             ^^^
    help: leave it out and write way = { header = "Authorization", prefix = "…" }; the token comes from token = "stored", "prompt", { env = "NAME" } or { file = "PATH" }
    "#);
    insta::assert_snapshot!(faults_of("[profiles.orders.headers]\nCookie = \"session=hunter2\"\nX-Trace = \"eyJhbGciOiJub25lIn0.e30.\"\n\"X Y\" = \"a\"\nX-A = \"a\\r\\nHost: b\"\nX-B = \"é\"\nHost = \"b\"\nx-a = \"b\""), @r#"
    error: the header 'Cookie' would hold a secret
      --> config.toml:4:10
       |
     4 | Cookie = ***
       |          ^^^
    help: leave it out and write way = { header = "Cookie", prefix = "…" }; the token comes from token = "stored", "prompt", { env = "NAME" } or { file = "PATH" }

    error: the header 'X-Trace' would hold a secret
      --> config.toml:5:11
       |
     5 | X-Trace = ***
       |           ^^^
    help: leave it out and write way = { header = "X-Trace", prefix = "…" }; the token comes from token = "stored", "prompt", { env = "NAME" } or { file = "PATH" }

    error: this cannot be the name of a header
      --> config.toml:6:1
       |
     6 | "X Y" = "a"
       | ^^^^^
    help: use letters, digits and '-', as in X-Client

    error: a control character, U+000D, stands in this text
      --> config.toml:7:7
       |
     7 | X-A = "a\r\nHost: b"
       |       ^^^^^^^^^^^^^^
    help: remove it

    error: the value of a header must be ASCII
      --> config.toml:8:7
       |
     8 | X-B = "é"
       |       ^^^
    help: remove the other characters

    error: 'Host' belongs to the connection itself
      --> config.toml:9:1
       |
     9 | Host = "b"
       | ^^^^
    help: remove it

    error: the header 'x-a' is given twice
      --> config.toml:10:1
        |
     10 | x-a = "b"
        | ^^^
    help: remove one of the two
    "#);
    insta::assert_snapshot!(faults_of("subprotocols = [\"a\", \"a\", \"b c\", \"\"]"), @r#"
    error: 'a' is given twice
      --> config.toml:3:22
       |
     3 | subprotocols = ["a", "a", "b c", ""]
       |                      ^^^
    help: remove one of the two

    error: this cannot be the name of a subprotocol
      --> config.toml:3:27
       |
     3 | subprotocols = ["a", "a", "b c", ""]
       |                           ^^^^^
    help: use letters, digits, '-', '.' and '_', as in graphql-transport-ws

    error: this cannot be the name of a subprotocol
      --> config.toml:3:34
       |
     3 | subprotocols = ["a", "a", "b c", ""]
       |                                  ^^
    help: use letters, digits, '-', '.' and '_', as in graphql-transport-ws
    "#);
}

#[test]
fn numbers() {
    insta::assert_snapshot!(faults_of("limits = { connect = \"15\", login = \"0s\", ping = 20, pong = \"400d\", message = \"16MB\" }"), @r#"
    error: '15' is not a duration
      --> config.toml:3:22
       |
     3 | limits = { connect = "15", login = "0s", ping = 20, pong = "400d", message = "16MB" }
       |                      ^^^^
    help: write a number and a unit, as in '500ms', '30s', '2m' or '1h30m'

    error: 'login' is zero
      --> config.toml:3:36
       |
     3 | limits = { connect = "15", login = "0s", ping = 20, pong = "400d", message = "16MB" }
       |                                    ^^^^
    help: write a time above zero, as in "10s"

    error: 'ping' is an integer
      --> config.toml:3:49
       |
     3 | limits = { connect = "15", login = "0s", ping = 20, pong = "400d", message = "16MB" }
       |                                                 ^^
    help: write a number and a unit in quotes, as in "30s"

    error: 'pong' is too long
      --> config.toml:3:60
       |
     3 | limits = { connect = "15", login = "0s", ping = 20, pong = "400d", message = "16MB" }
       |                                                            ^^^^^^
    help: write at most 365 d 0 h

    error: '16MB' is not a size
      --> config.toml:3:78
       |
     3 | limits = { connect = "15", login = "0s", ping = 20, pong = "400d", message = "16MB" }
       |                                                                              ^^^^^^
    help: write a number and a unit, as in '64KiB' or '16MiB'
    "#);
    insta::assert_snapshot!(faults_of("limits = { message = \"1B\" }\nmargins = { warn = \"10s\" }\nretry = { base = \"1m\", attempts = 0 }"), @r#"
    error: 'message' cannot be 1B
      --> config.toml:3:22
       |
     3 | limits = { message = "1B" }
       |                      ^^^^
    help: write a size from 1KiB to 2GiB

    error: 'warn' (10 s) is shorter than 'alarm' (30 s)
      --> config.toml:4:20
       |
     4 | margins = { warn = "10s" }
       |                    ^^^^^
    help: the countdown warns first: give 'warn' the longer time

    error: 'cap' (30 s) is shorter than 'base' (1 m 00 s)
      --> config.toml:5:18
       |
     5 | retry = { base = "1m", attempts = 0 }
       |                  ^^^^
    help: delays grow from 'base' to 'cap': give 'cap' the longer time

    error: 'attempts' is out of range
      --> config.toml:5:35
       |
     5 | retry = { base = "1m", attempts = 0 }
       |                                   ^
    help: write a whole number from 1
    "#);
    insta::assert_snapshot!(faults_of("margins = { alarm = \"3m\", renew = \"soon\" }\nretry = { base = \"2s\", cap = \"1s\", atempts = -1 }"), @r#"
    error: 'warn' (2 m 00 s) is shorter than 'alarm' (3 m 00 s)
      --> config.toml:3:21
       |
     3 | margins = { alarm = "3m", renew = "soon" }
       |                     ^^^^
    help: the countdown warns first: give 'warn' the longer time

    error: 'soon' is not a duration
      --> config.toml:3:35
       |
     3 | margins = { alarm = "3m", renew = "soon" }
       |                                   ^^^^^^
    help: write a number and a unit, as in '500ms', '30s', '2m' or '1h30m'

    error: 'cap' (1.0 s) is shorter than 'base' (2.0 s)
      --> config.toml:4:30
       |
     4 | retry = { base = "2s", cap = "1s", atempts = -1 }
       |                              ^^^^
    help: delays grow from 'base' to 'cap': give 'cap' the longer time

    error: unknown key 'atempts'
      --> config.toml:4:36
       |
     4 | retry = { base = "2s", cap = "1s", atempts = -1 }
       |                                    ^^^^^^^
    help: did you mean 'attempts'?
    "#);
    insta::assert_snapshot!(faults_of("close = { 65536 = \"stop\", 04003 = \"stop\", 4001 = \"renwe\", x = \"stop\" }\nhttp = { 99 = \"ask\", 1000 = \"ask\" }"), @r#"
    error: '65536' cannot stand in 'close'
      --> config.toml:3:11
       |
     3 | close = { 65536 = "stop", 04003 = "stop", 4001 = "renwe", x = "stop" }
       |           ^^^^^
    help: write a number from 0 to 65535

    error: '04003' cannot stand in 'close'
      --> config.toml:3:27
       |
     3 | close = { 65536 = "stop", 04003 = "stop", 4001 = "renwe", x = "stop" }
       |                           ^^^^^
    help: write a number from 0 to 65535

    error: '4001' cannot be 'renwe'
      --> config.toml:3:50
       |
     3 | close = { 65536 = "stop", 04003 = "stop", 4001 = "renwe", x = "stop" }
       |                                                  ^^^^^^^
    help: did you mean 'renew'?

    error: 'x' cannot stand in 'close'
      --> config.toml:3:59
       |
     3 | close = { 65536 = "stop", 04003 = "stop", 4001 = "renwe", x = "stop" }
       |                                                           ^
    help: write a number from 0 to 65535

    error: '99' cannot stand in 'http'
      --> config.toml:4:10
       |
     4 | http = { 99 = "ask", 1000 = "ask" }
       |          ^^
    help: write a number from 100 to 999

    error: '1000' cannot stand in 'http'
      --> config.toml:4:22
       |
     4 | http = { 99 = "ask", 1000 = "ask" }
       |                      ^^^^
    help: write a number from 100 to 999
    "#);
    insta::assert_snapshot!(faults("[settings]\ntheme = \"blue\"\nmouse = \"off\"\nmemory = 256\nbudget-events = 0\nascii = 1\nkeys = {}"), @r#"
    error: 'theme' cannot be 'blue'
      --> config.toml:2:9
       |
     2 | theme = "blue"
       |         ^^^^^^
    help: write one of: auto, dark, light, mono

    error: 'mouse' is a string
      --> config.toml:3:9
       |
     3 | mouse = "off"
       |         ^^^^^
    help: write true or false

    error: 'memory' is an integer
      --> config.toml:4:10
       |
     4 | memory = 256
       |          ^^^
    help: write a number and a unit in quotes, as in "16MiB"

    error: 'budget-events' is out of range
      --> config.toml:5:17
       |
     5 | budget-events = 0
       |                 ^
    help: write a whole number from 1

    error: 'ascii' is an integer
      --> config.toml:6:9
       |
     6 | ascii = 1
       |         ^
    help: write true or false

    error: unknown key 'keys'
      --> config.toml:7:1
       |
     7 | keys = {}
       | ^^^^
    help: known here: theme, mouse, memory, budget-events, ascii, clipboard
    "#);
}

#[test]
fn no_fault_shows_a_secret() {
    for secret in ["hunter2hunter2", "eyJhbGciOiJub25lIn0.hunter2hunter2."] {
        let lines = [
            format!("token = \"{secret}\""),
            format!("token = \"{secret}\" x"),
            format!("headers = {{ Authorization = \"{secret}\", b }}"),
            format!("headers = {{ Authorization = \"Bearer {secret}\", b }}"),
            format!("headers = {{ Cookie = \"{secret}\" }}"),
            format!("limits = {{ headers = \"Bearer {secret}\" "),
            format!("tls = \"wss://x:{secret}@h?token={secret}"),
        ];
        for line in lines {
            let shown = faults_of(&line);
            assert!(!shown.is_empty() && !shown.contains("hunter2"), "{shown}");
        }
        for url in [
            "wss://u:SECRET@h/",
            "wss://SECRET@h/",
            "wss://h/?jwt=SECRET",
            "https://h/?token=SECRET",
            "wss://h/?token=SECRET#a b",
        ] {
            let shown = faults_of_url(&url.replace("SECRET", secret));
            assert!(!shown.is_empty() && !shown.contains("hunter2"), "{shown}");
        }
    }
}

#[test]
fn a_file_of_rubbish_gives_a_bounded_answer() {
    let faults = profile::read("config.toml", &"= ]\n".repeat(100_000)).expect_err("not TOML");
    assert_eq!(faults.len(), 101);
    assert_eq!(faults[100].message, "99900 more faults");
}

/// Loads the configuration in a directory and shows the outcome.
fn load(directory: &Path) -> Result<Config, String> {
    let paths = Paths::within(directory.to_owned(), Some("/home/alice".into()));
    let name = directory.to_str().expect("a name");
    config::read(&paths, &sockeye::dialect::Library::default())
        .map_err(|faults| report(&faults).replace(name, "DIR"))
}

/// Everything in a directory: names, lengths and contents.
fn print_of(directory: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    for entry in fs::read_dir(directory).expect("a directory").flatten() {
        entry.file_name().hash(&mut hasher);
        fs::read(entry.path()).ok().hash(&mut hasher);
    }
    hasher.finish()
}

#[test]
fn paths_in_a_configuration_are_its_own() {
    let directory = tempfile::tempdir().expect("a directory");
    assert_eq!(load(directory.path()), Ok(Config::default()));
    assert_eq!(
        load(&directory.path().join("absent")),
        Ok(Config::default())
    );
    let text = "[profiles.a]\nurl = \"wss://h\"\ntoken = { file = \"~/token\" }\ntls = { ca = \"ca.pem\" }";
    fs::write(directory.path().join("config.toml"), text).expect("written");
    let config = load(directory.path()).expect("a right file");
    assert_eq!(
        config.profiles[0].source,
        Source::File("/home/alice/token".into())
    );
    assert_eq!(
        config.profiles[0].tls.ca,
        Some(directory.path().join("ca.pem"))
    );
}

#[test]
fn a_descriptor_of_protobuf_is_read_with_its_profile() {
    // A set of one file, package `shop`, with a message type `Order` that has no fields.
    let file = [
        &b"\x0a\x06a.prot"[..],
        b"\x12\x04shop",
        b"\x22\x07\x0a\x05Order",
    ]
    .concat();
    let set = [&[10, file.len() as u8][..], &file].concat();
    let directory = tempfile::tempdir().expect("a directory");
    let write =
        |name: &str, bytes: &[u8]| fs::write(directory.path().join(name), bytes).expect("written");
    let profile = |rest: &str| {
        write(
            "config.toml",
            format!("[profiles.a]\nurl = \"wss://h\"\nprotobuf = {rest}").as_bytes(),
        );
    };
    let told = || {
        let faults = load(directory.path()).expect_err("a fault");
        faults.replace(&directory.path().display().to_string(), "DIR")
    };
    write("shop.binpb", &set);
    profile(r#"{ descriptor = "shop.binpb", message = "shop.Order" }"#);
    let config = load(directory.path()).expect("a right file");
    let protobuf = config.profiles[0].protobuf.as_ref().expect("a type");
    assert_eq!(
        protobuf.schema.as_ref().map(Schema::name),
        Some("shop.Order")
    );
    profile(r#"{ descriptor = "shop.binpb", message = "Order" }"#);
    assert!(
        told().contains("it has no message type 'Order'; it has 'shop.Order' for one"),
        "{}",
        told()
    );
    profile(r#"{ descriptor = "config.toml", message = "Order" }"#);
    assert!(
        told().contains("this is no set of protobuf descriptors"),
        "{}",
        told()
    );
    profile(r#"{ descriptor = "none.binpb", message = "Order" }"#);
    assert!(
        told().contains("DIR/none.binpb of profile 'a'"),
        "{}",
        told()
    );
    profile(r#"{ descriptor = 1, kind = "Order" }"#);
    let told = told();
    for fault in [
        "'descriptor' is an integer",
        "unknown key 'kind'",
        "'protobuf' has no 'message'",
    ] {
        assert!(told.contains(fault), "{told}");
    }
}

#[test]
fn a_wrong_file_ends_the_program_with_its_faults() {
    let directory = tempfile::tempdir().expect("a directory");
    let loaded = config::load(Some(directory.path())).expect("an empty directory");
    assert_eq!((loaded.config, loaded.warning), (Config::default(), None));
    assert_eq!(loaded.paths.config_dir, directory.path());
    fs::write(directory.path().join("config.toml"), "a = 1\nb = 2").expect("written");
    let failure = config::load(Some(directory.path())).expect_err("a fault");
    assert_eq!(failure.exit, Exit::Configuration);
    let told = failure.to_string();
    assert!(
        told.starts_with("error: unknown key 'a'\n") && told.contains("\nerror: unknown key 'b'\n"),
        "{told}"
    );
}

#[test]
fn a_file_cut_anywhere_is_told_and_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("config.toml");
    let whole = &EXAMPLE.as_bytes()[..EXAMPLE.len().min(2048)];
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).expect("written");
        let before = print_of(directory.path());
        if let Err(told) = load(directory.path()) {
            assert!(told.contains("--> DIR/config.toml:"), "{told}");
        }
        assert_eq!(print_of(directory.path()), before, "{length}");
    }
}

#[test]
fn bytes_that_are_no_text_are_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let text = b"# caf\xe9\nwatch = []\n";
    fs::write(directory.path().join("config.toml"), text).expect("written");
    insta::assert_snapshot!(load(directory.path()).expect_err("a fault"), @r#"
    error: this is not UTF-8
      --> DIR/config.toml:1:6
       |
     1 | # caf�
       |      ^
    help: save the file as UTF-8 text
    "#);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_told_without_waiting() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("config.toml");
    let mut told = String::new();
    let mut tell = || told += &load(directory.path()).expect_err("a fault");
    mknodat(CWD, &path, FileType::Fifo, Mode::from(0o600), 0).expect("a pipe");
    tell();
    fs::remove_file(&path).expect("removed");
    let _listener = std::os::unix::net::UnixListener::bind(&path).expect("a socket");
    tell();
    fs::remove_file(&path).expect("removed");
    std::os::unix::fs::symlink("nowhere", &path).expect("a link");
    tell();
    fs::remove_file(&path).expect("removed");
    std::os::unix::fs::symlink("/dev/null", &path).expect("a link");
    tell();
    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("a directory");
    tell();
    fs::remove_dir(&path).expect("removed");
    fs::write(&path, " ".repeat((1 << 20) + 1)).expect("written");
    tell();
    insta::assert_snapshot!(told, @r#"
    error: this is a pipe, not a file
      --> DIR/config.toml
    help: put a file in its place
    error: this is a socket, not a file
      --> DIR/config.toml
    help: put a file in its place
    error: this is a link to nothing
      --> DIR/config.toml
    help: mend or remove the link
    error: this is a device, not a file
      --> DIR/config.toml
    help: put a file in its place
    error: this is a directory, not a file
      --> DIR/config.toml
    help: put a file in its place
    error: the file is larger than 1024 KiB
      --> DIR/config.toml
    help: this cannot be the right file
    "#);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in "\\PC{0,200}") {
        let _ = faults(&text);
    }

    #[test]
    fn no_toml_like_text_panics(parts in proptest::collection::vec(
        proptest::sample::select(vec![
            "[", "]", "{", "}", "=", ".", ",", "\"", "'", "\\", "\n", "\r\n", "#", " ", "\t", "\u{feff}", "\u{0}", "é",
            "profiles", "a", "url", "way", "watch", "settings", "[profiles.a]\n", "url = ", "\"ws://localhost\"\n",
            "way = { first-message = '{token}', ack = ", "token = { env = ", "1", "-1.5e3", "1979-05-27", "true", "headers",
            "[[profiles]]\n", "profiles.a.way.query = \"t\"\n", "\"\"\"", "'''", "Bearer ", "wss://u@h?token=",
        ]), 0..40,
    )) {
        let text: String = parts.concat();
        let shown = faults(&text);
        prop_assert!(shown.chars().all(|c| c == '\n' || !c.is_control()));
    }
}

/// The faults of a profile that gets its token so.
fn faults_of_token(token: &str) -> String {
    faults_of(&format!("token = {token}"))
}

#[test]
fn tokens_come_from_more_sources() {
    let config = read(
        r#"
[profiles.code]
url = "wss://api.example.com/ws"
[profiles.code.token.oauth]
issuer = "https://id.example.com/tenant"
client-id = "sockeye"
scopes = ["openid", "orders"]
redirect-port = 8400
[profiles.client]
url = "wss://api.example.com/ws"
token.oauth = { token-endpoint = "https://id.example.com/token", client-id = "c", client-secret = { file = "s" }, client-auth = "form", grant = "client", audience = "a", resource = "r" }
[profiles.mint]
url = "wss://api.example.com/ws"
token.mint = { key = "dev.pem", algorithm = "ES256", claims = { sub = "alice" } }
[profiles.command]
url = "wss://api.example.com/ws"
token = { command = ["vault", "read"], ttl = "1h" }
[profiles.ticket]
url = "wss://api.example.com/ws"
token.ticket = { url = "http://localhost:1/ticket", pointer = "/t", from = { env = "A" } }
"#,
    );
    let sources = config
        .profiles
        .iter()
        .map(|profile| profile.source.to_string());
    assert_eq!(
        sources.collect::<Vec<_>>(),
        [
            "https://id.example.com/tenant",
            "https://id.example.com/token",
            "key dev.pem",
            "command vault",
            "ticket of localhost"
        ]
    );
    let oauth = config.profiles[1].source.oauth().expect("a server");
    assert_eq!(
        oauth.granted_for(),
        "https://id.example.com/token c audience=a resource=r"
    );
}

#[test]
fn wrong_sources_are_told_with_every_fault() {
    insta::assert_snapshot!(faults_of_token(r#"{ oauth = { isuer = "https://id.example", grant = "cod", client-secret = "hunter2", scopes = ["a b"], redirect-port = 70000 } }"#), @r#"
    error: 'oauth' has no 'issuer'
      --> config.toml:3:19
       |
     3 | token = { oauth = { isuer = "https://id.example", grant = "cod", client-secret = ***, scopes = ["a b"], redirect-port = 70…
       |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write issuer = "https://…", or token-endpoint and the other endpoints

    error: 'oauth' has no 'client-id'
      --> config.toml:3:19
       |
     3 | token = { oauth = { isuer = "https://id.example", grant = "cod", client-secret = ***, scopes = ["a b"], redirect-port = 70…
       |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write client-id = "…", as the server knows this program

    error: unknown key 'isuer'
      --> config.toml:3:21
       |
     3 | token = { oauth = { isuer = "https://id.example", grant = "cod", client-secret = ***, scopes = ["a b"], redirect-port = 70…
       |                     ^^^^^
    help: did you mean 'issuer'?

    error: 'grant' cannot be 'cod'
      --> config.toml:3:59
       |
     3 | token = { oauth = { isuer = "https://id.example", grant = "cod", client-secret = ***, scopes = ["a b"], redirect-port = 70…
       |                                                           ^^^^^
    help: did you mean 'code'?

    error: a secret must not stand in this file
      --> config.toml:3:82
       |
     3 | … { oauth = { isuer = "https://id.example", grant = "cod", client-secret = ***, scopes = ["a b"], redirect-port = 70000 } }
       |                                                                            ^^^
    help: write one of: { env = "NAME" }, { file = "PATH" }, "stored"

    error: this cannot be a scope
      --> config.toml:3:103
       |
     3 | … { oauth = { isuer = "https://id.example", grant = "cod", client-secret = ***, scopes = ["a b"], redirect-port = 70000 } }
       |                                                                                           ^^^^^
    help: write each scope as a text of its own, as in ["openid", "orders"]

    error: 'redirect-port' is no port
      --> config.toml:3:127
       |
     3 | … { oauth = { isuer = "https://id.example", grant = "cod", client-secret = ***, scopes = ["a b"], redirect-port = 70000 } }
       |                                                                                                                   ^^^^^
    help: write a number from 1 to 65535
    "#);
    insta::assert_snapshot!(faults_of_token(r#"{ oauth = { issuer = "http://id.example", token-endpoint = "https://id.example/t", client-id = "c", grant = "client", client-auth = "form", redirect-port = 1 } }"#), @r#"
    error: 'oauth' has no 'client-secret'
      --> config.toml:3:19
       |
     3 | token = { oauth = { issuer = "http://id.example", token-endpoint = "https://id.example/t", client-id = "c", grant = "cli…
       |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: the grant "client" needs a secret: write client-secret = one of: { env = "NAME" }, { file = "PATH" }, "stored"

    error: the connection to another machine would not be encrypted
      --> config.toml:3:30
       |
     3 | token = { oauth = { issuer = "http://id.example", token-endpoint = "https://id.example/t", client-id = "c", grant = "cli…
       |                              ^^^^^^^^^^^^^^^^^^^
    help: write https:// in place of http://

    error: 'token-endpoint' is asked of the issuer
      --> config.toml:3:68
       |
     3 | … { oauth = { issuer = "http://id.example", token-endpoint = "https://id.example/t", client-id = "c", grant = "client", c…
       |                                                              ^^^^^^^^^^^^^^^^^^^^^^
    help: remove it, or remove 'issuer'

    error: 'client-auth' says how a secret is sent, and there is none
      --> config.toml:3:141
       |
     3 | … token-endpoint = "https://id.example/t", client-id = "c", grant = "client", client-auth = "form", redirect-port = 1 } }
       |                                                                                             ^^^^^^
    help: remove it, or write client-secret

    error: 'redirect-port' is for the grant "code" alone
      --> config.toml:3:165
       |
     3 | … token-endpoint = "https://id.example/t", client-id = "c", grant = "client", client-auth = "form", redirect-port = 1 } }
       |                                                                                                                     ^
    help: remove it, or write grant = "code"
    "#);
    insta::assert_snapshot!(faults_of_token(r#"{ oauth = { token-endpoint = "https://a:b@id.example/t", client-id = "", grant = "device", client-secret = { env = "A", file = "b" }, parameters = { state = "x", api_key = "hunter2" } } }"#), @r#"
    error: 'oauth' has no 'device-endpoint'
      --> config.toml:3:19
       |
     3 | token = { oauth = { token-endpoint = "https://***@id.example/t", client-id = "", grant = "device", client-secret = { env =…
       |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: the grant needs it; write its https:// address

    error: a URL must not hold a user name or a password
      --> config.toml:3:38
       |
     3 | token = { oauth = { token-endpoint = "https://***@id.example/t", client-id = "", grant = "device", client-secret = { env =…
       |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write it as in https://id.example.com/token

    error: 'client-id' is empty
      --> config.toml:3:78
       |
     3 | … = { token-endpoint = "https://***@id.example/t", client-id = "", grant = "device", client-secret = { env = "A", file = "b…
       |                                                                ^^
    help: write it, or remove it

    error: the secret needs one source
      --> config.toml:3:116
       |
     3 | …ample/t", client-id = "", grant = "device", client-secret = { env = "A", file = "b" }, parameters = { state = "x", api_k…
       |                                                              ^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write one of: { env = "NAME" }, { file = "PATH" }, "stored"

    error: 'parameters' is for the grant "code" alone
      --> config.toml:3:156
       |
     3 | …ient-id = "", grant = "device", client-secret = { env = "A", file = "b" }, parameters = { state = "x", api_key = *** } } }
       |                                                                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: remove it, or write grant = "code"

    error: the parameter 'state' is the protocol's own
      --> config.toml:3:158
       |
     3 | …ient-id = "", grant = "device", client-secret = { env = "A", file = "b" }, parameters = { state = "x", api_key = *** } } }
       |                                                                                            ^^^^^
    help: remove it

    error: the parameter 'api_key' would hold a secret
      --> config.toml:3:181
       |
     3 | …ient-id = "", grant = "device", client-secret = { env = "A", file = "b" }, parameters = { state = "x", api_key = *** } } }
       |                                                                                                                   ^^^
    help: leave it out
    "#);
    insta::assert_snapshot!(faults_of_token(r#"{ mint = { algorithm = "none", claims = { exp = 1 }, ttl = "0s" } }"#), @r#"
    error: 'mint' has no 'key'
      --> config.toml:3:18
       |
     3 | token = { mint = { algorithm = "none", claims = { exp = 1 }, ttl = "0s" } }
       |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write the path of the key's file, as in key = "dev.pem"

    error: 'algorithm' cannot be 'none'
      --> config.toml:3:32
       |
     3 | token = { mint = { algorithm = "none", claims = { exp = 1 }, ttl = "0s" } }
       |                                ^^^^^^
    help: write one of: HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, EdDSA

    error: the claim 'exp' is made from the time and 'ttl'
      --> config.toml:3:49
       |
     3 | token = { mint = { algorithm = "none", claims = { exp = 1 }, ttl = "0s" } }
       |                                                 ^^^^^^^^^^^
    help: remove it

    error: 'ttl' is zero
      --> config.toml:3:68
       |
     3 | token = { mint = { algorithm = "none", claims = { exp = 1 }, ttl = "0s" } }
       |                                                                    ^^^^
    help: write a time above zero, as in "10s"
    "#);
    insta::assert_snapshot!(faults_of_token(r#"{ ticket = { url = "https://id.example/t?token=hunter2", method = "PUT", pointer = "t", from = "prompt" }, env = "A" }"#), @r#"
    error: the token needs one source
      --> config.toml:3:9
       |
     3 | token = { ticket = { url = "https://id.example/t?token=***", method = "PUT", pointer = "t", from = "prompt" }, env = "A" }
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write one of: "stored", "prompt", { env = "NAME" }, { file = "PATH" }, { command = ["NAME"] }, { oauth = { … } }, { mint = { … } }, { ticket = { … } }, "keyring"

    error: a query parameter would hold a secret
      --> config.toml:3:28
       |
     3 | token = { ticket = { url = "https://id.example/t?token=***", method = "PUT", pointer = "t", from = "prompt" }, env = "A" }
       |                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: leave it out

    error: 'method' cannot be 'PUT'
      --> config.toml:3:75
       |
     3 | token = { ticket = { url = "https://id.example/t?token=***", method = "PUT", pointer = "t", from = "prompt" }, env = "A" }
       |                                                                       ^^^^^
    help: write one of: POST, GET

    error: 'pointer' is no JSON pointer
      --> config.toml:3:92
       |
     3 | token = { ticket = { url = "https://id.example/t?token=***", method = "PUT", pointer = "t", from = "prompt" }, env = "A" }
       |                                                                                        ^^^
    help: write it as in "/data/ticket" (RFC 6901)

    error: a ticket cannot be got with this
      --> config.toml:3:104
       |
     3 | token = { ticket = { url = "https://id.example/t?token=***", method = "PUT", pointer = "t", from = "prompt" }, env = "A" }
       |                                                                                                    ^^^^^^^^
    help: name the source of a token that lasts, as in from = { env = "NAME" }
    "#);
    insta::assert_snapshot!(faults_of_token("{ command = [], file = \"a\" }"), @r#"
    error: the token needs one source
      --> config.toml:3:9
       |
     3 | token = { command = [], file = "a" }
       |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    help: write one of: "stored", "prompt", { env = "NAME" }, { file = "PATH" }, { command = ["NAME"] }, { oauth = { … } }, { mint = { … } }, { ticket = { … } }, "keyring"

    error: 'command' names no program
      --> config.toml:3:21
       |
     3 | token = { command = [], file = "a" }
       |                     ^^
    help: write the program and its arguments, as in ["vault", "read", "orders"]; no shell reads them
    "#);
    insta::assert_snapshot!(faults_of_token("{ command = \"vault read\" }"), @r#"
    error: 'command' is a string
      --> config.toml:3:21
       |
     3 | token = { command = "vault read" }
       |                     ^^^^^^^^^^^^
    help: write a list of texts, as in ["vault", "read"]; no shell reads them
    "#);
}

#[cfg(not(feature = "keyring"))]
#[test]
fn a_keyring_that_was_not_built_in_is_told() {
    insta::assert_snapshot!(faults_of_token("\"keyring\""), @r#"
    error: this program was built without the system's keyring
      --> config.toml:3:9
       |
     3 | token = "keyring"
       |         ^^^^^^^^^
    help: build it with: cargo install --path . --features keyring; or write token = "stored"
    "#);
}

#[cfg(unix)]
#[test]
fn a_saved_filter_is_read_again_and_the_file_stays_what_it_was() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let directory = tempfile::tempdir().expect("a directory");
    let (kept, folder) = (
        directory.path().join("real.toml"),
        directory.path().join("config"),
    );
    fs::create_dir(&folder).expect("a directory");
    fs::write(&kept, "# mine\nwatch = [] # none\n").expect("a file");
    fs::set_permissions(&kept, fs::Permissions::from_mode(0o640)).expect("a mode");
    let paths = Paths::within(folder, None);
    symlink(&kept, &paths.config_file).expect("a link");
    for (name, filter) in [
        ("gold", ".tier == \"gold\""),
        ("big", "size>1k"),
        ("gold", "it's"),
    ] {
        config::save_filter(&paths, name, filter).expect("saved");
    }
    let text = fs::read_to_string(&kept).expect("a file");
    assert_eq!(
        text,
        "# mine\nwatch = [] # none\n\n[filters]\nbig = \"size>1k\"\ngold = \"it's\"\n"
    );
    assert!(paths.config_file.is_symlink());
    let mode = fs::metadata(&kept).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    let config =
        config::read(&paths, &sockeye::dialect::Library::default()).expect("a configuration");
    assert_eq!(config.settings.filters.len(), 2);
    fs::write(&kept, "broken = ").expect("a file");
    let refused = config::save_filter(&paths, "a", "b").expect_err("refused");
    assert!(refused.contains("mend it first"), "{refused}");
    assert_eq!(fs::read_to_string(&kept).expect("a file"), "broken = ");
}

#[test]
fn messages_have_names_and_are_checked() {
    let config = read(
        "[profiles.a]\nurl = \"wss://example.com\"\n[profiles.a.messages]\nping = '{\"op\":\"ping\"}'\nhello = 'hello'\n\
         [profiles.queue]\nurl = \"wss://example.com\"\ndialect = \"mqtt\"\nmessages = { ping = '{\"packet\":\"PINGREQ\"}' }",
    );
    let message = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    assert_eq!(
        config.profiles[0].messages,
        [
            message("ping", r#"{"op":"ping"}"#),
            message("hello", "hello")
        ]
    );
    assert_eq!(config.profiles[1].messages.len(), 1);
    let told = faults_of(
        "[profiles.orders.messages]\n'a b' = '1'\nopen = '{\"op\":\"ping\"'\ntoken = 'auth {token}'\n\
         secret = '{\"password\":\"hunter2\"}'\nempty = ''\nnumber = 1",
    );
    insta::assert_snapshot!(told, @r#"
    error: this cannot be the name of a message
      --> config.toml:4:1
       |
     4 | 'a b' = '1'
       | ^^^^^
    help: a name has letters, digits, '-' and '_', at most 32

    error: this message is not whole JSON: EOF while parsing an object at column 12
      --> config.toml:5:8
       |
     5 | open = '{"op":"ping"'
       |        ^^^^^^^^^^^^^^
    help: write it as in '{"op":"ping"}'

    error: this message has a place for the token, but it is sent as it stands
      --> config.toml:6:9
       |
     6 | token = 'auth {token}'
       |         ^^^^^^^^^^^^^^
    help: leave {token} out: the token goes where 'way' or the dialect says

    error: this message would hold a secret
      --> config.toml:7:10
       |
     7 | secret = ***
       |          ^^^
    help: leave it out; what is secret can be typed in the monitor, or given to 'tail --stdin'

    error: this message is empty
      --> config.toml:8:9
       |
     8 | empty = ''
       |         ^^
    help: write what is to be sent

    error: 'number' is an integer
      --> config.toml:9:10
       |
     9 | number = 1
       |          ^
    help: write a text in quotes
    "#);
    let told = faults(
        "[profiles.q]\nurl = \"wss://example.com\"\ndialect = \"mqtt\"\nmessages = { hi = 'hello' }",
    );
    assert!(told.contains("this cannot be sent: "), "{told}");
}
