//! The `sockeye` command: reads the command line, runs what it asks for, and ends with its exit code.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};

use clap::Parser;
use sockeye::{
    app::App,
    cli::{Cli, Color, Command, Connection, DialectAction, Recording, Serve, TokenAction},
    clock::Clock,
    config::{self, Loaded},
    credential::{Sources, Trail},
    demo,
    dialect::Library,
    error::{Exit, Failure},
    event::StreamId,
    exporting, learn, login,
    payload::escape::escape,
    privacy,
    profile::Profile,
    recording::Blank,
    screen,
    session::Session,
    signals, tail, target, token,
    tui::{self, Plan},
};

fn main() -> ExitCode {
    privacy::keep();
    signals::outlive_size_limit();
    let cli = Cli::parse();
    match run(&cli) {
        Ok(exit) => exit.into(),
        Err(failure) => failure.report(),
    }
}

/// Loads the configuration and says what is not quite right with it.
fn load(cli: &Cli) -> Result<Loaded, Failure> {
    let loaded = config::load(cli.config.as_deref())?;
    if let Some(warning) = &loaded.warning {
        // Nobody is left to tell when the standard error is gone.
        let _ = writeln!(std::io::stderr(), "warning: {}", escape(warning));
    }
    Ok(loaded)
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    let clock = Clock::start();
    match &cli.command {
        Some(Command::Demo { server, recording }) => demo((server, recording), cli, clock),
        Some(Command::Serve(options)) => serve(options, clock),
        Some(Command::Tail(order)) => headless(order, load(cli)?, clock),
        Some(Command::Export(order)) => exporting::export(order),
        Some(Command::Login(order)) => {
            let loaded = load(cli)?;
            let profile = target::profile(&order.profile, &loaded.config.profiles)?;
            runtime()?.block_on(login::login(&profile, order, &loaded.sources, clock))
        }
        Some(Command::Logout { profile }) => {
            let loaded = load(cli)?;
            let profile = target::profile(profile, &loaded.config.profiles)?;
            runtime()?.block_on(login::logout(&profile, &loaded.sources, clock))
        }
        Some(Command::Token { action }) => token(action, cli, clock),
        Some(Command::Dialect { action }) => Ok(print(&dialect(action, cli)?)),
        Some(Command::Audit {
            profile,
            last,
            json,
        }) => {
            let paths = load(cli)?.paths;
            let wanted = learn::Wanted {
                profile: profile.as_deref(),
                last: *last,
                json: *json,
            };
            Ok(print(&learn::audit(&Trail::new(paths.state_dir), &wanted)?))
        }
        Some(Command::Explain { code, dialect }) => {
            let library = library(cli)?;
            Ok(print(&learn::explain(*code, dialect.as_deref(), &library)?))
        }
        Some(Command::Watch {
            targets,
            recording,
            connection,
        }) => {
            let loaded = load(cli)?;
            let targets = target::resolve(
                targets,
                connection,
                &loaded.config.profiles,
                &loaded.library,
            )?;
            watch((targets, recording), loaded, cli.color, clock)
        }
        None => watch_configured(cli, clock),
    }
}

/// Plain `sockeye`.
fn watch_configured(cli: &Cli, clock: Clock) -> Result<Exit, Failure> {
    let loaded = load(cli)?;
    let names = watched(&loaded)?;
    let targets = target::resolve(
        &names,
        &Connection::default(),
        &loaded.config.profiles,
        &loaded.library,
    )?;
    watch((targets, &Recording::default()), loaded, cli.color, clock)
}

fn dialect(action: &DialectAction, cli: &Cli) -> Result<String, Failure> {
    match action {
        DialectAction::List => Ok(learn::list(&library(cli)?)),
        DialectAction::Show { name } => {
            let loaded = load(cli)?;
            learn::show(name, &loaded.library, &loaded.paths.config_dir)
        }
        DialectAction::Check { file, transcripts } => learn::check(file, transcripts.as_deref()),
    }
}

fn token(action: &TokenAction, cli: &Cli, clock: Clock) -> Result<Exit, Failure> {
    let loaded = load(cli)?;
    let place = token::Place {
        profiles: &loaded.config.profiles,
        sources: &loaded.sources,
        clock,
    };
    let text = runtime()?.block_on(async {
        match action {
            TokenAction::Inspect { from, json } => token::inspect(from, *json, &place).await,
            TokenAction::Mint(order) => token::mint(order, &place).await,
            TokenAction::Verify(order) => token::verified(order, &place).await,
        }
    });
    Ok(print(&text?))
}

fn library(cli: &Cli) -> Result<Library, Failure> {
    Ok(load(cli)?.library)
}

fn print(text: &str) -> Exit {
    // Whoever started us may not want to read.
    let _ = std::io::stdout().write_all(text.as_bytes());
    Exit::Done
}

/// What plain `sockeye` opens: the profiles under `watch`, or the only profile there is.
fn watched(loaded: &Loaded) -> Result<Vec<String>, Failure> {
    let config = &loaded.config;
    match (config.watch.as_slice(), config.profiles.as_slice()) {
        ([], [only]) => Ok(vec![only.name.clone()]),
        ([], []) => {
            let text = format!("{} holds no profiles", loaded.paths.config_file.display());
            Err(Failure::new(Exit::Usage, text)
                .help("try 'sockeye demo', or give an address: sockeye watch wss://example.com/ws"))
        }
        ([], profiles) => {
            let names: Vec<_> = profiles
                .iter()
                .map(|profile| profile.name.as_str())
                .collect();
            Err(
                Failure::new(Exit::Usage, "it is not said which profiles to watch").help(format!(
                    "name some: sockeye watch {}, or set 'watch' in config.toml",
                    names.join(" ")
                )),
            )
        }
        (names, _) => Ok(names.to_vec()),
    }
}

fn watch(
    (targets, recording): (Vec<target::Target>, &Recording),
    loaded: Loaded,
    color: Color,
    clock: Clock,
) -> Result<Exit, Failure> {
    if targets.is_empty() {
        return Err(
            Failure::new(Exit::Usage, "nothing to watch").help("name profiles or addresses")
        );
    }
    need_terminal()?;
    let profiles: Vec<_> = targets.iter().map(|(profile, _)| profile).collect();
    let files = tui::Files {
        recording: blank(recording, &profiles, clock)?,
        masks: recording.mask,
        recordings: Some(loaded.paths.data_dir.clone()),
        config: Some(loaded.paths),
    };
    let sources = hiding(loaded.sources, &targets);
    let settings = loaded.config.settings.clone();
    let setup = move |profiles: &[Profile]| App::new(screen::setup(profiles, &settings, color));
    tui::run(Plan::Profiles(targets), sources, setup, files, clock)
}

/// No other program gets the secrets that the flags name.
fn hiding(sources: Sources, targets: &[target::Target]) -> Sources {
    let profiles = targets.iter().map(|(profile, _)| profile);
    let names = profiles.flat_map(Profile::secret_variables);
    sources.hiding(names.map(str::to_owned).collect())
}

fn demo(
    (options, recording): (&Serve, &Recording),
    cli: &Cli,
    clock: Clock,
) -> Result<Exit, Failure> {
    need_terminal()?;
    let paths = config::Paths::find(cli.config.clone()).ok();
    let files = tui::Files {
        recording: blank(recording, &[], clock)?,
        masks: recording.mask,
        recordings: paths.map(|paths| paths.data_dir),
        config: None,
    };
    let color = cli.color;
    let setup = move |profiles: &[Profile]| App::new(screen::demo_setup(profiles, color));
    tui::run(
        Plan::Demo(server_options(options, clock)),
        Sources::default(),
        setup,
        files,
        clock,
    )
}

fn need_terminal() -> Result<(), Failure> {
    if std::io::stdout().is_terminal() && std::io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, "the monitor needs a terminal")
        .help("for pipes and files use 'sockeye tail'"))
}

fn headless(order: &sockeye::cli::Tail, loaded: Loaded, clock: Clock) -> Result<Exit, Failure> {
    let targets = target::resolve(
        &order.targets,
        &order.connection,
        &loaded.config.profiles,
        &loaded.library,
    )?;
    let profiles: Vec<_> = targets.iter().map(|(profile, _)| profile).collect();
    let sieve = tail::Sieve::new(&order.filter, &profiles, clock.now().wall)?;
    tail::check_sends(&order.send, order.stdin, &profiles)?;
    let sources = hiding(loaded.sources, &targets);
    let recording = blank(&order.recording, &profiles, clock)?;
    let session = |(index, (profile, credential)): (usize, target::Target)| {
        let stream = StreamId(u16::try_from(index).unwrap_or(u16::MAX));
        let mut session = Session::new(profile, stream, fastrand::u64(..));
        if let Some(credential) = credential {
            session.begin_with(credential);
        }
        session.say_after_login(order.send.clone());
        session
    };
    let sessions = targets.into_iter().enumerate().map(session).collect();
    let wanted = tail::Order {
        count: order.count,
        duration: order.duration,
        format: order.format,
        lifecycle: order.lifecycle,
        sieve,
        masks: order.recording.mask,
        recording,
        stdin: order.stdin,
    };
    runtime()?.block_on(tail::tail(sessions, sources, wanted, clock))
}

/// The file to record streams in, if that is wanted.
fn blank(
    wanted: &Recording,
    profiles: &[&Profile],
    clock: Clock,
) -> Result<Option<Blank>, Failure> {
    let names: Vec<_> = profiles.iter().map(|profile| &*profile.name).collect();
    let create = |path| Blank::create(path, &names, clock.now().wall);
    wanted.record.as_deref().map(create).transpose()
}

fn serve(options: &Serve, clock: Clock) -> Result<Exit, Failure> {
    runtime()?.block_on(async {
        let mut signals = signals::listen()?;
        let server = demo::Server::start(server_options(options, clock)).await?;
        // Whoever started us may not want to read.
        let address = server.address();
        let _ = writeln!(
            std::io::stdout(),
            "ws://{address}/ws\nhttp://{address}/ explains the paths, the tokens and the close codes"
        );
        Ok(Exit::Signal(signals.next().await))
    })
}

fn server_options(options: &Serve, clock: Clock) -> demo::Options {
    let rate = if options.rate > 0.0 {
        options.rate
    } else {
        f64::INFINITY
    };
    demo::Options {
        port: options.port,
        rate,
        token_life: options.life,
        seed: options.seed,
        clock,
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?)
}
