//! Tokens of authorisation servers: got, kept, renewed once, and never lost to a bad answer.

mod answers;
mod device;
mod discovery;
mod echoes;
mod redirect;
mod rotation;
mod sources;
mod verified;

use std::path::PathBuf;

use sockeye::{
    auth::Way,
    clock::Clock,
    credential::{Errand, Sources, Vault},
    oauth::Granted,
    profile::{Endpoints, Grant, OAuth, Profile, Server, Source},
    secret::Secret,
    session::FetchFault,
};
use tempfile::TempDir;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::support::token_server::TokenServer;

/// A place for tokens, and a profile that gets them from a server.
struct Place {
    directory: TempDir,
    sources: Sources,
    profile: Profile,
}

impl Place {
    fn new(server: &TokenServer) -> Self {
        Self::with(server, |_| {})
    }

    fn with(server: &TokenServer, change: impl FnOnce(&mut OAuth)) -> Self {
        let directory = TempDir::new().expect("a directory");
        let sources = Sources::new(Some(Vault::new(path(&directory))));
        let profile = profile(&server.url(""), change);
        Self {
            directory,
            sources,
            profile,
        }
    }

    fn vault(&self) -> Vault {
        Vault::new(path(&self.directory))
    }

    fn what(&self) -> String {
        self.profile.source.oauth().expect("a server").granted_for()
    }

    /// Keeps tokens, the access token for so many seconds from now.
    fn keep(&self, access: &str, refresh: &str, seconds: i64) {
        let granted = granted(self.what(), access, refresh, seconds);
        let kept = self.vault().store_granted("q", &granted);
        kept.expect("stored");
    }

    /// The access and the refresh token in the store.
    fn kept(&self) -> Option<(String, Option<String>)> {
        let granted = self.vault().granted("q", &self.what()).expect("a store");
        granted.map(|granted| {
            let refresh = granted.refresh.map(|refresh| refresh.expose().to_owned());
            (granted.access.expose().to_owned(), refresh)
        })
    }

    fn fetch(&self, unwanted: &[&str]) -> Fetched {
        let (errand, mut notes) = errand(unwanted);
        let got = wait(self.sources.fetch(&self.profile, &errand));
        drop(errand);
        Fetched {
            got: got.map(|credential| credential.secret.expose().to_owned()),
            notes: std::iter::from_fn(|| notes.try_recv().ok()).collect(),
        }
    }
}

/// What came of a fetch.
#[derive(Debug)]
struct Fetched {
    got: Result<String, FetchFault>,
    notes: Vec<String>,
}

impl Fetched {
    fn fault(&self) -> &str {
        match &self.got {
            Err(FetchFault::Failed(text) | FetchFault::SignIn(text)) => text,
            other => panic!("{other:?}"),
        }
    }
}

/// A grant for so many seconds from now.
fn granted(what: String, access: &str, refresh: &str, seconds: i64) -> Granted {
    Granted {
        what,
        access: secret(access),
        until: Some(Clock::start().now().wall.shifted(seconds * 1_000_000)),
        refresh: Some(secret(refresh)),
        skew: None,
    }
}

fn path(directory: &TempDir) -> PathBuf {
    directory.path().join("config")
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn errand(unwanted: &[&str]) -> (Errand, UnboundedReceiver<String>) {
    let (say, notes) = unbounded_channel();
    let errand = Errand {
        notes: Some(say),
        unwanted: unwanted
            .iter()
            .map(|text| secret(text).fingerprint())
            .collect(),
        ..Errand::new(Clock::start())
    };
    (errand, notes)
}

fn profile(server: &str, change: impl FnOnce(&mut OAuth)) -> Profile {
    let at = |path: &str| format!("{server}{path}").parse().expect("an address");
    let mut oauth = OAuth {
        server: Server::Endpoints(Box::new(Endpoints {
            token: at("/token"),
            authorization: Some(at("/authorize")),
            device: Some(at("/device")),
            revocation: None,
        })),
        grant: Grant::Code,
        client_id: "client".into(),
        client_secret: None,
        secret_in_form: false,
        scopes: vec!["orders".into()],
        audience: None,
        resource: None,
        parameters: Vec::new(),
        redirect_port: None,
    };
    change(&mut oauth);
    let url = "ws://localhost/".parse().expect("an address");
    Profile::new("q", url, Way::None, Source::OAuth(Box::new(oauth)))
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("a runtime").block_on(work)
}
