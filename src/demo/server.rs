//! The server itself: the listener, one task for each connection, and what all of them share.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    runtime::Handle,
    task::{AbortHandle, JoinSet},
    time::sleep,
};

use super::{
    Options,
    clients::Clients,
    files::TokenFile,
    http,
    keys::Keys,
    play,
    refresh::{Family, Refreshes},
    token::{Bearer, Grant, Issued},
};
use crate::{
    scenario::{Feed, Refusal, Sample, Scenario, Script},
    secret::Secret,
};

/// The running server. Dropping it ends every task of it and every connection.
pub struct Server {
    address: SocketAddr,
    pub(super) shared: Arc<Shared>,
    runtime: Handle,
    tasks: Mutex<JoinSet<()>>,
    playing: Mutex<Option<AbortHandle>>,
}

/// There is no scenario of this name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownScenario(pub String);

impl fmt::Display for UnknownScenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<_> = Script::standard()
            .scenarios
            .iter()
            .map(|scenario| scenario.name.as_str())
            .collect();
        write!(
            f,
            "there is no scenario '{}'; there are {}",
            self.0,
            known.join(", ")
        )
    }
}

impl std::error::Error for UnknownScenario {}

impl Server {
    /// Makes keys, binds 127.0.0.1 and listens. Runs on the current tokio runtime.
    ///
    /// # Errors
    /// When the port is taken or the system gives no random numbers.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            options,
            keys: Keys::random()?,
            clients: Mutex::default(),
            refreshes: Mutex::default(),
            files: Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            runtime: Handle::current(),
            tasks: Mutex::new(tasks),
            playing: Mutex::default(),
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Makes a pair of tokens.
    pub fn issue(&self, grant: &Grant) -> Issued {
        self.shared.issue(grant)
    }

    /// Makes the token of a sample anew; `None`: there is no such sample.
    pub fn sample(&self, name: &str) -> Option<Secret> {
        let samples = &Script::standard().samples;
        let sample = samples.iter().find(|sample| sample.name == name)?;
        self.shared.sample(sample)
    }

    /// Plays a scenario from its start, in place of the one that plays. May be called from any thread.
    ///
    /// # Errors
    /// When there is no scenario of this name.
    pub fn play(&self, scenario: &str) -> Result<(), UnknownScenario> {
        let unknown = || UnknownScenario(scenario.to_owned());
        let scenarios = &Script::standard().scenarios;
        let found = scenarios.iter().find(|known| known.name == scenario);
        let scenario: &'static Scenario = found.ok_or_else(unknown)?;
        let task = self.spawn(play::play(Arc::clone(&self.shared), scenario));
        if let Some(before) = locked(&self.playing).replace(task) {
            before.abort();
        }
        Ok(())
    }

    /// Runs a task that ends with the server.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let mut tasks = locked(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &self.runtime)
    }
}

/// Takes connections for ever. Their tasks are its own: they end with it.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, Arc::clone(&shared)));
                }
                // Too many open files, most likely: others must end first.
                Err(_) => sleep(Duration::from_millis(100)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    // Without it small events wait for acknowledgements; it fails only on a socket that is gone already.
    let _gone = stream.set_nodelay(true);
    http::serve(stream, shared).await;
}

/// What every task of the server shares.
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) keys: Keys,
    clients: Mutex<Clients>,
    refreshes: Mutex<Refreshes>,
    files: Mutex<Vec<TokenFile>>,
}

impl Shared {
    pub(super) fn clients(&self) -> MutexGuard<'_, Clients> {
        locked(&self.clients)
    }

    pub(super) fn files(&self) -> MutexGuard<'_, Vec<TokenFile>> {
        locked(&self.files)
    }

    /// Who bears this token, if it lets its bearer see the feed.
    pub(super) fn admit(&self, token: &str, feed: Feed) -> Result<Bearer, Refusal> {
        let bearer = self.keys.verify(token, self.options.clock.now().wall)?;
        if let Some(refusal) = self.clients().refusal(&bearer) {
            return Err(refusal);
        }
        if bearer.may_see(feed) {
            Ok(bearer)
        } else {
            Err(Refusal::Forbidden)
        }
    }

    /// A pair of tokens for a new login.
    pub(super) fn issue(&self, grant: &Grant) -> Issued {
        let family = locked(&self.refreshes).family();
        self.issue_in(family, grant)
    }

    /// A pair of tokens for a refresh token, which is used up; `None` when it is refused.
    pub(super) fn rotate(&self, refresh: &str) -> Option<(Grant, Issued)> {
        let now = self.options.clock.now();
        let (family, grant) = locked(&self.refreshes).take(refresh, now)?;
        let issued = self.issue_in(family, &grant);
        Some((grant, issued))
    }

    fn issue_in(&self, family: Family, grant: &Grant) -> Issued {
        let now = self.options.clock.now();
        let refresh = self.keys.opaque();
        locked(&self.refreshes).add(&refresh, family, grant, now);
        Issued {
            access: self.keys.access(grant, now.wall),
            refresh,
        }
    }

    /// An access token alone.
    pub(super) fn access(&self, grant: &Grant) -> Secret {
        self.keys.access(grant, self.options.clock.now().wall)
    }

    fn sample(&self, sample: &Sample) -> Option<Secret> {
        if let Some(text) = &sample.text {
            return Some(Secret::new(text.clone()));
        }
        let grant = sample.grant(self.options.token_life);
        if sample.forged {
            let now = self.options.clock.now().wall;
            return Keys::random().ok().map(|other| other.access(&grant, now));
        }
        Some(self.access(&grant))
    }
}

/// A task that panicked left nothing half-changed behind these locks: each change is one call.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
