//! The browser comes back to a port of this machine: only with our own answer.

use serde_json::json;
use url::Url;

use crate::support::{
    browser::Browser,
    command::Running,
    tail::write_private,
    token_server::{TokenServer, json},
};

/// `sockeye login` on a server, and the address that it invites to open.
fn login(server: &TokenServer) -> (Running, Url, tempfile::TempDir) {
    let home = tempfile::TempDir::new().expect("a directory");
    let config = format!(
        "[profiles.q]\nurl = \"wss://localhost/\"\n[profiles.q.token.oauth]\nclient-id = \"c\"\n\
         token-endpoint = \"{0}/token\"\nauthorization-endpoint = \"{0}/authorize\"\nscopes = [\"orders\"]\n\
         parameters = {{ access_type = \"offline\" }}\n",
        server.url("")
    );
    write_private(&home, "config.toml", &config);
    let mut login = Running::start(home.path(), &["login", "q"], "");
    let line = login.says("sign in: open ");
    let address = line.trim_start_matches("sign in: open ");
    (login, address.parse().expect("an address"), home)
}

fn parameter(url: &Url, name: &str) -> String {
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(other, _)| other == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn server() -> TokenServer {
    TokenServer::start(|_| {
        json(
            200,
            &json!({ "access_token": "a1", "token_type": "bearer", "expires_in": 3600 }),
        )
    })
}

#[test]
fn only_the_answer_with_our_state_is_taken() {
    let server = server();
    let (mut login, url, _home) = login(&server);
    assert_eq!(parameter(&url, "code_challenge_method"), "S256");
    assert_eq!(parameter(&url, "access_type"), "offline");
    let back = parameter(&url, "redirect_uri");
    assert!(back.starts_with("http://127.0.0.1:"), "{back}");
    let open = |query: &str| {
        let address = format!("{back}{query}").parse().expect("an address");
        Browser::default().open(address, None)
    };
    assert_eq!(open("?code=evil&state=evil").status, 400);
    assert_eq!(open("?code=evil").status, 400);
    assert_eq!(open("/favicon.ico").status, 404);
    assert!(server.asked().is_empty());
    let state = parameter(&url, "state");
    let page = open(&format!("?code=good&state={state}"));
    assert!(page.body.contains("You may close this window"), "{page:?}");
    assert_eq!(login.finish(), 0, "{:?}", login.said);
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].form["code"].as_str()), (1, "good"));
    assert_eq!(asked[0].form["redirect_uri"], back);
    assert!(asked[0].form["code_verifier"].len() >= 43);
}

#[test]
fn a_refusal_is_shown() {
    let server = server();
    let (mut login, url, _home) = login(&server);
    let (back, state) = (parameter(&url, "redirect_uri"), parameter(&url, "state"));
    let query = format!("?error=access_denied&error_description=not%1b%20now&state={state}");
    let address = format!("{back}{query}").parse().expect("an address");
    let page = Browser::default().open(address, None);
    assert!(page.body.contains("was refused"), "{page:?}");
    assert_eq!(login.finish(), 4, "{:?}", login.said);
    let said = login.said.join("\n");
    assert!(said.contains(r"access_denied: not\e now"), "{said}");
    assert!(server.asked().is_empty());
}
