//! The `sockeye` command: reads the command line, runs what it asks for, and ends with its exit code.

use std::{
    io::{IsTerminal, Write},
    process::ExitCode,
};

use clap::{CommandFactory, FromArgMatches};
use sockeye::{
    app::{App, Setup},
    cli::{
        Cli, Color, Command, Connection, DialectAction, LifecycleFormat, Recording, Serve,
        TokenAction,
    },
    clock::Clock,
    config::{self, Loaded},
    credential::{Sources, Trail},
    demo,
    dialect::Library,
    error::{Exit, Failure},
    event::StreamId,
    exporting, learn,
    log::{self, Level, Log},
    login,
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
    let matches = Cli::command().get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let clock = Clock::start();
    let log = match log::open(&cli, clock) {
        Ok(log) => log,
        Err(failure) => return failure.report(),
    };
    begin(&cli, matches.subcommand_name(), &log);
    let ended = run(&cli, clock, &log);
    end(&ended, &log);
    match ended {
        Ok(exit) => exit.into(),
        Err(failure) => failure.report(),
    }
}

/// Begins the log, and tells where it is when nobody named the file.
fn begin(cli: &Cli, command: Option<&str>, log: &Log) {
    let Some(file) = log.file() else { return };
    log.take_panics();
    let (version, system) = (env!("CARGO_PKG_VERSION"), std::env::consts::OS);
    let machine = std::env::consts::ARCH;
    let command = command.unwrap_or("without a command");
    log.write(
        Level::Info,
        format_args!("sockeye {version}, {system} {machine}: {command}"),
    );
    if cli.log.is_none() && has_people_to_tell(cli) {
        warn_aloud(&format!("the log is written to {file}"));
    }
}

/// Whether a line of words may stand on the standard error.
fn has_people_to_tell(cli: &Cli) -> bool {
    match &cli.command {
        Some(Command::Tail(order)) => order.lifecycle == LifecycleFormat::Text,
        _ => true,
    }
}

/// Ends the log, and tells why it ended earlier when nobody has heard of it.
fn end(ended: &Result<Exit, Failure>, log: &Log) {
    let exit = match ended {
        Ok(exit) => *exit,
        Err(failure) => {
            log.write(Level::Error, failure);
            failure.exit
        }
    };
    log.write(
        Level::Info,
        format_args!("ended with exit code {}", exit.code()),
    );
    if let Some(why) = log.take_fault() {
        warn_aloud(&format!("warning: {why}"));
    }
}

/// Loads the configuration and says what is not quite right with it.
fn load(cli: &Cli, log: &Log) -> Result<Loaded, Failure> {
    let mut loaded = config::load(cli.config.as_deref())?;
    log.write(Level::Info, configuration(&loaded));
    if let Some(warning) = &loaded.warning {
        log.write(Level::Warn, warning);
        warn_aloud(&format!("warning: {warning}"));
    }
    loaded.sources = loaded.sources.with_log(log.clone());
    Ok(loaded)
}

/// The file and its profiles, for the log.
fn configuration(loaded: &Loaded) -> String {
    let file = loaded.paths.config_file.display();
    let names = loaded.config.profiles.iter();
    let names: Vec<_> = names.map(|profile| &*profile.name).collect();
    match names.as_slice() {
        [] => format!("configuration {file}: no profiles"),
        names => format!("configuration {file}: profiles {}", names.join(", ")),
    }
}

fn warn_aloud(text: &str) {
    // Nobody is left to tell when the standard error is gone.
    let _ = writeln!(std::io::stderr(), "{}", escape(text));
}

fn run(cli: &Cli, clock: Clock, log: &Log) -> Result<Exit, Failure> {
    match &cli.command {
        Some(Command::Demo { server, recording }) => demo((server, recording), cli, clock, log),
        Some(Command::Serve(options)) => serve(options, clock),
        Some(Command::Tail(order)) => headless(order, load(cli, log)?, clock),
        Some(Command::Export(order)) => exporting::export(order),
        Some(Command::Login(order)) => {
            let loaded = load(cli, log)?;
            let profile = target::profile(&order.profile, &loaded.config.profiles)?;
            runtime()?.block_on(login::login(&profile, order, &loaded.sources, clock))
        }
        Some(Command::Logout { profile }) => {
            let loaded = load(cli, log)?;
            let profile = target::profile(profile, &loaded.config.profiles)?;
            runtime()?.block_on(login::logout(&profile, &loaded.sources, clock))
        }
        Some(Command::Token { action }) => token(action, cli, (clock, log)),
        Some(Command::Dialect { action }) => Ok(print(&dialect(action, cli, log)?)),
        Some(Command::Audit {
            profile,
            last,
            json,
        }) => {
            let paths = load(cli, log)?.paths;
            let wanted = learn::Wanted {
                profile: profile.as_deref(),
                last: *last,
                json: *json,
            };
            Ok(print(&learn::audit(&Trail::new(paths.state_dir), &wanted)?))
        }
        Some(Command::Explain { code, dialect }) => {
            let library = library(cli, log)?;
            Ok(print(&learn::explain(*code, dialect.as_deref(), &library)?))
        }
        Some(Command::Watch {
            targets,
            recording,
            connection,
        }) => {
            let loaded = load(cli, log)?;
            let targets = target::resolve(
                targets,
                connection,
                &loaded.config.profiles,
                &loaded.library,
            )?;
            watch((targets, recording), loaded, (cli.color, clock, log))
        }
        None => watch_configured(cli, clock, log),
    }
}

/// Plain `sockeye`.
fn watch_configured(cli: &Cli, clock: Clock, log: &Log) -> Result<Exit, Failure> {
    let loaded = load(cli, log)?;
    let names = watched(&loaded)?;
    let targets = target::resolve(
        &names,
        &Connection::default(),
        &loaded.config.profiles,
        &loaded.library,
    )?;
    watch(
        (targets, &Recording::default()),
        loaded,
        (cli.color, clock, log),
    )
}

fn dialect(action: &DialectAction, cli: &Cli, log: &Log) -> Result<String, Failure> {
    match action {
        DialectAction::List => Ok(learn::list(&library(cli, log)?)),
        DialectAction::Show { name } => {
            let loaded = load(cli, log)?;
            learn::show(name, &loaded.library, &loaded.paths.config_dir)
        }
        DialectAction::Check { file, transcripts } => learn::check(file, transcripts.as_deref()),
    }
}

fn token(action: &TokenAction, cli: &Cli, (clock, log): (Clock, &Log)) -> Result<Exit, Failure> {
    let loaded = load(cli, log)?;
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

fn library(cli: &Cli, log: &Log) -> Result<Library, Failure> {
    Ok(load(cli, log)?.library)
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
    (color, clock, log): (Color, Clock, &Log),
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
    let settings = loaded.config.settings;
    let log = log.file();
    let setup = move |profiles: &[Profile]| {
        let setup = screen::setup(profiles, &settings, color);
        App::new(Setup { log, ..setup })
    };
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
    log: &Log,
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
    let file = log.file();
    let setup = move |profiles: &[Profile]| {
        let setup = screen::demo_setup(profiles, color);
        App::new(Setup { log: file, ..setup })
    };
    tui::run(
        Plan::Demo(server_options(options, clock)),
        Sources::default().with_log(log.clone()),
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
    let alerts = tail::Alerts::new(&profiles);
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
        alerts,
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
