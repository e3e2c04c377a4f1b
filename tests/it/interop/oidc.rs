//! `oidc-provider` for Node: a certified provider of `OpenID` Connect. Its forms are filled in as a user would.

use std::fs;

use tempfile::TempDir;

use crate::support::{
    browser::Browser, command::Running, node, server::Server, tail::write_private, token::KEY,
};

/// The provider, and a configuration with a profile `q` on its orders.
struct Provider {
    _server: Server,
    home: TempDir,
}

impl Provider {
    /// `None` when the test has to be skipped. Access tokens live for ten minutes and are
    /// renewed this long before.
    fn start(oauth: &str, margin: &str) -> Option<Self> {
        Self::verifying(oauth, margin, |_| String::new())
    }

    /// The same with what verifies its tokens, made of the issuer.
    fn verifying(oauth: &str, margin: &str, verify: fn(&str) -> String) -> Option<Self> {
        let server = node::serve("oidc")?;
        let home = TempDir::new().expect("a directory");
        let config = format!(
            "[profiles.q]\nurl = \"{}\"\ntoken.oauth = {{ issuer = \"http://{}\", {oauth} }}\n\
             margins = {{ renew = \"{margin}\" }}\n{}\n",
            server.url("/orders"),
            server.address(),
            verify(&format!("http://{}", server.address()))
        );
        write_private(&home, "config.toml", &config);
        write_private(&home, "secret", KEY);
        write_private(&home, "wrong", "no secret");
        Some(Self {
            _server: server,
            home,
        })
    }

    fn run(&self, arguments: &[&str]) -> Running {
        Running::start(self.home.path(), arguments, "")
    }

    /// Signs in by the browser.
    fn sign_in(&self) {
        let mut login = self.run(&["login", "q"]);
        let page = Browser::default().agree(&address(&login.says("sign in: open ")));
        assert!(page.body.contains("You may close this window"), "{page:?}");
        assert_eq!(login.finish(), 0, "{:?}", login.said);
        assert!(
            login
                .said
                .iter()
                .any(|line| line.starts_with("q: signed in"))
        );
    }

    /// Takes so many events.
    fn tail(&self, count: &str) -> Running {
        let mut tail = self.run(&["tail", "q", "--count", count]);
        assert_eq!(tail.finish(), 0, "{:#?}", tail.said);
        tail
    }

    fn stored(&self) -> String {
        let file = self.home.path().join("credentials.toml");
        fs::read_to_string(file).unwrap_or_default()
    }

    /// A value of the store.
    fn kept(&self, key: &str) -> String {
        let stored = self.stored();
        let line = stored
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{key} = ")));
        line.expect("it is kept").trim_matches('"').to_owned()
    }
}

/// The address in a line that invites to open one.
fn address(line: &str) -> String {
    let (_, rest) = line.rsplit_once("open ").expect("an address");
    rest.split([' ', ';']).next().unwrap_or_default().to_owned()
}

const NATIVE: &str = r#"client-id = "native", scopes = ["openid", "offline_access", "orders"]"#;

#[test]
fn a_browser_brings_a_token_that_delivers_events() {
    let Some(provider) = Provider::start(NATIVE, "30s") else {
        return;
    };
    provider.sign_in();
    let tail = provider.tail("5");
    let (access, refresh) = (provider.kept("token"), provider.kept("refresh"));
    let said = tail.said.join("\n");
    assert!(
        !said.contains(&access) && !said.contains(&refresh),
        "{said}"
    );
    // It is used again, not renewed.
    provider.tail("1");
    assert_eq!(provider.kept("refresh"), refresh);
}

#[test]
fn a_token_near_its_end_is_renewed_and_the_refresh_token_rotates() {
    let Some(provider) = Provider::start(NATIVE, "20m") else {
        return;
    };
    provider.sign_in();
    let mut seen = vec![provider.kept("refresh")];
    for _ in 0..3 {
        provider.tail("2");
        let refresh = provider.kept("refresh");
        assert!(
            !seen.contains(&refresh),
            "a refresh token was kept: {seen:?}"
        );
        seen.push(refresh);
    }
}

#[test]
fn a_device_code_is_shown_by_the_stream_that_needs_a_token() {
    let oauth = format!("{NATIVE}, grant = \"device\"");
    let Some(provider) = Provider::start(&oauth, "30s") else {
        return;
    };
    let mut tail = provider.run(&["tail", "q", "--count", "3", "--lifecycle", "json"]);
    tail.says("sign in: type the code ");
    let note: serde_json::Value = serde_json::from_str(&tail.says("or open ")).expect("a record");
    let words = note["message"].as_str().expect("its words");
    let page = Browser::default().agree(&address(words));
    assert!(page.body.contains("Sign-in Success"), "{page:?}");
    assert_eq!(tail.finish(), 0, "{:#?}", tail.said);
    let fetching = tail
        .said
        .iter()
        .filter(|line| line.contains("fetching credential"));
    assert_eq!(fetching.count(), 1, "{:#?}", tail.said);
    assert!(!provider.kept("refresh").is_empty());
}

#[test]
fn a_code_is_typed_elsewhere_to_log_in() {
    let Some(provider) = Provider::start(NATIVE, "30s") else {
        return;
    };
    let mut login = provider.run(&["login", "q", "--device"]);
    Browser::default().agree(&address(&login.says("or open ")));
    assert_eq!(login.finish(), 0, "{:#?}", login.said);
    provider.tail("1");
}

/// The profile's lines for a client with this file as its secret, sent in this way.
fn machine(file: &str, auth: &str) -> String {
    format!(
        r#"client-id = "machine", client-secret = {{ file = "{file}" }}, client-auth = "{auth}", grant = "client", scopes = ["orders"]"#
    )
}

#[test]
fn a_client_signs_itself_in() {
    for auth in ["basic", "form"] {
        let Some(provider) = Provider::start(&machine("secret", auth), "30s") else {
            return;
        };
        provider.tail("3");
        assert_eq!(provider.stored(), "", "a client's token is not stored");
    }
}

#[test]
fn a_client_with_a_wrong_secret_stops() {
    let Some(provider) = Provider::start(&machine("wrong", "basic"), "30s") else {
        return;
    };
    let mut tail = provider.run(&["tail", "q"]);
    assert_eq!(tail.finish(), 4, "{:#?}", tail.said);
    let said = tail.said.join("\n");
    assert!(said.contains("refuses: invalid_client"), "{said}");
}

#[test]
fn logging_out_revokes_and_forgets() {
    let Some(provider) = Provider::start(NATIVE, "30s") else {
        return;
    };
    provider.sign_in();
    let before = provider.stored();
    let mut logout = provider.run(&["logout", "q"]);
    assert_eq!(logout.finish(), 0, "{:#?}", logout.said);
    let said = logout.said.join("\n");
    for words in [
        "the refresh token was revoked",
        "the access token was revoked",
        "removed from",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert!(
        !provider.stored().contains("token ="),
        "{}",
        provider.stored()
    );
    let mut tail = provider.run(&["tail", "q"]);
    assert_eq!(tail.finish(), 4, "{:#?}", tail.said);
    assert!(
        tail.said.join("\n").contains("run: sockeye login q"),
        "{:#?}",
        tail.said
    );
    // What was kept is of no use to whoever has a copy of it.
    write_private(&provider.home, "credentials.toml", &before);
    let mut tail = provider.run(&["tail", "q"]);
    assert_eq!(tail.finish(), 4, "{:#?}", tail.said);
    assert!(tail.said.join("\n").contains("401"), "{:#?}", tail.said);
}

#[test]
fn an_opaque_token_is_verified_by_introspection() {
    let oauth = machine("secret", "basic");
    let verify = |_: &str| "verify.introspect = true".into();
    let Some(provider) = Provider::verifying(&oauth, "30s", verify) else {
        return;
    };
    let mut tail = provider.run(&["tail", "q"]);
    let line = tail.says(" verified by 127.0.0.1 (active), allows orders, expires ");
    assert!(line.contains("q: token "), "{line}");
}

#[test]
fn a_jwt_is_verified_by_its_issuers_keys() {
    let oauth = format!("{}, resource = \"urn:orders\"", machine("secret", "basic"));
    let verify =
        |issuer: &str| format!("verify = {{ issuer = \"{issuer}\", audience = \"urn:orders\" }}");
    let Some(provider) = Provider::verifying(&oauth, "30s", verify) else {
        return;
    };
    let mut verify = provider.run(&["token", "verify", "q"]);
    assert_eq!(verify.finish(), 0, "{:#?}", verify.said);
    let said = verify.said.join("\n");
    assert!(
        said.starts_with("verified by 127.0.0.1 (key ") && said.ends_with(", RS256)"),
        "{said}"
    );
    let mut other = provider.run(&["token", "verify", "q", "--aud", "urn:prices"]);
    assert_eq!(other.finish(), 4, "{:#?}", other.said);
}
