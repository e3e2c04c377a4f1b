//! The thread of the network: the drivers of all streams, and in the demo the embedded server.

use std::{io, sync::mpsc as blocking, thread::JoinHandle, time::Duration};

use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    app::Input,
    auth::Credential,
    clock::Clock,
    credential::Sources,
    demo,
    error::{Exit, Failure},
    event::StreamId,
    net::{Batch, Ports, drive},
    profile::{Profile, Source},
    session::{Command, Session},
};

/// Batches that wait for the screen.
const WAITING: usize = 64;
/// How long the links are given to close in order.
const FAREWELL: Duration = Duration::from_secs(3);

/// What the network is to run.
pub enum Plan {
    /// These profiles, some with a token to begin with.
    Profiles(Vec<(Profile, Option<Credential>)>),
    /// The embedded server and the streams that show it.
    Demo(demo::Options),
}

/// What the screen asks of the network.
#[derive(Debug)]
pub(super) enum Request {
    /// A command for a stream.
    Command(StreamId, Command),
    /// Play this scenario of the demo.
    Play(String),
    /// Give a sample token of the demo.
    Sample(String),
    /// Ask whether a token is what it says.
    Verify(StreamId, Credential),
    /// Close all links and end.
    End,
}

/// The screen's side of the network.
pub(super) struct Network {
    pub(super) profiles: Vec<Profile>,
    pub(super) batches: mpsc::Receiver<Batch>,
    pub(super) answers: mpsc::Receiver<Input>,
    pub(super) requests: mpsc::UnboundedSender<Request>,
    pub(super) thread: JoinHandle<()>,
}

impl Network {
    /// Starts the thread and waits until it knows its profiles.
    pub(super) fn start(plan: Plan, sources: Sources, clock: Clock) -> Result<Self, Failure> {
        let (ready, started) = blocking::channel();
        let (requests, inbox) = mpsc::unbounded_channel();
        let (events, batches) = mpsc::channel(WAITING);
        let (answers_out, answers) = mpsc::channel(1);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = std::thread::Builder::new()
            .name("network".into())
            .spawn(move || {
                runtime.block_on(async move {
                    let (streams, server) = match prepare(plan).await {
                        Ok(prepared) => prepared,
                        Err(error) => return drop(ready.send(Err(error))),
                    };
                    let profiles = streams
                        .iter()
                        .map(|(profile, _)| profile.clone())
                        .collect::<Vec<_>>();
                    // The screen waits for this; it cannot be gone.
                    let _ = ready.send(Ok(profiles));
                    let streets = Streets {
                        events,
                        answers: answers_out,
                        sources,
                        clock,
                    };
                    serve(streams, server, inbox, streets).await;
                });
            })?;
        let gone = || Failure::new(Exit::Unexpected, "the network thread ended");
        let profiles = started.recv().map_err(|_| gone())?.map_err(|error| {
            Failure::new(
                Exit::Network,
                format!("the embedded server cannot start: {error}"),
            )
        })?;
        Ok(Self {
            profiles,
            batches,
            answers,
            requests,
            thread,
        })
    }

    /// Begins to close the links.
    pub(super) fn close(&self) {
        // A thread that is gone needs no word.
        let _ = self.requests.send(Request::End);
    }

    /// Waits for the thread after [`Network::close`], but not for ever.
    pub(super) fn end(self) {
        let _ = self.thread.join();
    }
}

/// The embedded server with the directory of its token files.
type Demo = (demo::Server, tempfile::TempDir);

async fn prepare(plan: Plan) -> io::Result<(Vec<(Profile, Option<Credential>)>, Option<Demo>)> {
    match plan {
        Plan::Profiles(streams) => Ok((streams, None)),
        Plan::Demo(options) => {
            let server = demo::Server::start(options).await?;
            let directory = tempfile::Builder::new().prefix("sockeye-demo-").tempdir()?;
            demo::keep_token_files(&server, directory.path())?;
            let profiles = demo::profiles(&server, directory.path());
            let first = |profile: &Profile| {
                let secret = server
                    .sample("good")
                    .filter(|_| profile.source == Source::Prompt)?;
                Some(Credential {
                    pasted: true,
                    ..Credential::new(secret.expose(), "the demo")
                })
            };
            let streams = profiles
                .into_iter()
                .map(|profile| (profile.clone(), first(&profile)))
                .collect();
            Ok((streams, Some((server, directory))))
        }
    }
}

/// Where things go from here.
struct Streets {
    events: mpsc::Sender<Batch>,
    answers: mpsc::Sender<Input>,
    sources: Sources,
    clock: Clock,
}

async fn serve(
    streams: Vec<(Profile, Option<Credential>)>,
    demo: Option<Demo>,
    mut inbox: mpsc::UnboundedReceiver<Request>,
    streets: Streets,
) {
    let profiles: Vec<_> = streams.iter().map(|(profile, _)| profile.clone()).collect();
    let (mut drivers, commands) = start(streams, &streets);
    while let Some(request) = inbox.recv().await {
        super::rehearse("network");
        match (request, &demo) {
            (Request::End, _) => break,
            (Request::Command(stream, command), _) => {
                if let Some(driver) = commands.get(usize::from(stream.0)) {
                    // A driver that is gone has told so.
                    let _ = driver.send(command).await;
                }
            }
            (Request::Verify(stream, credential), _) => {
                if let Some(profile) = profiles.get(usize::from(stream.0)) {
                    streets.verify(profile.clone(), credential);
                }
            }
            (Request::Play(scenario), Some((server, _))) => {
                // The menu knows only scenarios of this server.
                let _ = server.play(&scenario);
            }
            (Request::Sample(name), Some((server, _))) => {
                if let Some(secret) = server.sample(&name) {
                    let _ = streets.answers.send(Input::Sample(name, secret)).await;
                }
            }
            (Request::Play(_) | Request::Sample(_), None) => {}
        }
    }
    for command in commands {
        let _ = command.send(Command::Stop).await;
    }
    let all = async { while drivers.join_next().await.is_some() {} };
    // Whoever is not done by then is cut off.
    let _ = tokio::time::timeout(FAREWELL, all).await;
    streets.sources.settle().await;
}

/// Starts the drivers; where each takes commands.
fn start(
    streams: Vec<(Profile, Option<Credential>)>,
    streets: &Streets,
) -> (JoinSet<()>, Vec<mpsc::Sender<Command>>) {
    let mut drivers = JoinSet::new();
    let mut commands = Vec::new();
    for (index, (profile, credential)) in streams.into_iter().enumerate() {
        let stream = StreamId(u16::try_from(index).unwrap_or(u16::MAX));
        let mut session = Session::new(profile, stream, fastrand::u64(..));
        if let Some(credential) = credential {
            session.begin_with(credential);
        }
        let (command, inbox) = mpsc::channel(16);
        commands.push(command);
        drivers.spawn(drive(
            session,
            Ports {
                events: streets.events.clone(),
                commands: inbox,
                sources: streets.sources.clone(),
                clock: streets.clock,
            },
        ));
    }
    (drivers, commands)
}

impl Streets {
    /// Asks beside all else whether a token is what it says.
    fn verify(&self, profile: Profile, credential: Credential) {
        let (sources, answers, clock) = (self.sources.clone(), self.answers.clone(), self.clock);
        tokio::spawn(async move {
            let checked = sources.verify(&profile, &credential, clock).await;
            let answer = Input::Verified(credential.fingerprint(), checked.verification);
            // A screen that is gone needs no answer.
            let _ = answers.send(answer).await;
        });
    }
}
