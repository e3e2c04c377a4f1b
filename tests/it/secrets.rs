//! Tokens at rest and from outside: for their owner alone, whole or absent, and never in a message.
#![cfg(unix)]
#![expect(clippy::print_stderr, reason = "processes of the tests' own report so")]

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Lines, Read},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Stdio},
};

use rustix::{
    fs::Mode,
    process::{Resource, Rlimit, setrlimit},
};
use sockeye::{
    audit::{Outcome, Record},
    auth::{Credential, Way},
    clock::Clock,
    config::{Paths, save_filter},
    credential::{Errand, Sources, Trail, Vault},
    diagnostic::{Diagnostic, report},
    profile::{Profile, Source},
    secret::Secret,
    session::FetchFault,
    signals::outlive_size_limit,
};
use tempfile::TempDir;

const CANARY: &str = "canary-4711-hunter2";

/// A directory for the store that does not exist yet, in one that is removed at the end.
struct Place {
    directory: PathBuf,
    _parent: TempDir,
}

impl Place {
    fn new() -> Self {
        let parent = tempfile::tempdir().expect("a directory");
        Self {
            directory: parent.path().join("config"),
            _parent: parent,
        }
    }

    /// With a store that holds the canary for `orders`.
    fn filled() -> Self {
        let place = Self::new();
        place
            .vault()
            .store("orders", &secret(CANARY))
            .expect("stored");
        place
    }

    fn vault(&self) -> Vault {
        Vault::new(self.directory.clone())
    }

    fn file(&self) -> PathBuf {
        self.directory.join("credentials.toml")
    }

    fn token(&self, profile: &str) -> Option<String> {
        let token = self.vault().token(profile).expect("a store that is right");
        token.map(|token| token.expose().to_owned())
    }

    /// What is said when neither reading nor storing is possible; the file must stay as it is.
    fn refusal(&self) -> String {
        let content = || self.file().is_file().then(|| fs::read(self.file()).ok());
        let before = content();
        let read = self.vault().token("orders").expect_err("a refusal");
        let stored = self
            .vault()
            .store("orders", &secret("another"))
            .expect_err("a refusal");
        assert_eq!(report(&read), report(&stored));
        assert_eq!(content(), before);
        self.shown(&read)
    }

    fn shown(&self, faults: &[Diagnostic]) -> String {
        let text = report(faults);
        assert!(
            !text.contains("canary") && !text.contains("hunter2"),
            "{text}"
        );
        text.replace(self.directory.to_str().expect("a name"), "DIR")
    }
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).expect("a file").mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
}

fn names(directory: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(directory).expect("a directory").flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn what_is_stored_is_read_again() {
    let place = Place::new();
    assert_eq!(place.token("orders"), None);
    assert!(!place.directory.exists());
    for token in [r#"a"b\c"#, "eyJ.e30.", "ü"] {
        place
            .vault()
            .store("orders", &secret(token))
            .expect("stored");
        assert_eq!(place.token("orders").as_deref(), Some(token));
    }
    place
        .vault()
        .store("a.b \"c\"", &secret("x"))
        .expect("stored");
    assert_eq!(place.token("a.b \"c\"").as_deref(), Some("x"));
    assert_eq!(place.token("orders").as_deref(), Some("ü"));
    assert_eq!(place.token("a"), None);
    let all = ["credentials.lock", "credentials.toml"].map(str::to_owned);
    assert_eq!(names(&place.directory), BTreeSet::from(all));
}

#[test]
fn a_reader_sees_the_old_file_or_the_new() {
    let place = Place::filled();
    let mut old = fs::File::open(place.file()).expect("the file");
    place
        .vault()
        .store("orders", &secret("new"))
        .expect("stored");
    let mut text = String::new();
    old.read_to_string(&mut text).expect("text");
    assert!(text.contains(CANARY), "the old file was changed");
    assert_eq!(place.token("orders").as_deref(), Some("new"));
}

#[test]
fn what_cannot_be_a_token_is_not_stored() {
    let place = Place::new();
    let long = "x".repeat((64 << 10) + 1);
    for wrong in ["", "a\nb", "a\u{1b}[31m", "a\u{202e}b", "a\0", &long] {
        let faults = place
            .vault()
            .store("orders", &secret(wrong))
            .expect_err("a refusal");
        assert!(faults[0].message.starts_with("the token "), "{faults:?}");
    }
    assert!(!place.directory.exists());
}

#[test]
fn modes_do_not_depend_on_the_umask() {
    for umask in ["000", "022", "077"] {
        let place = Place::new();
        let mut child = act("umask", &place.directory, &[("UMASK", umask)]);
        assert!(child.wait().expect("an end").success());
        assert_eq!(mode(&place.directory), 0o700, "{umask}");
        for name in names(&place.directory) {
            assert_eq!(mode(&place.directory.join(&name)), 0o600, "{umask} {name}");
        }
        assert_eq!(place.token("orders").as_deref(), Some(CANARY));
    }
}

#[test]
fn a_store_that_others_can_use_is_refused() {
    let place = Place::filled();
    for open in [0o640, 0o604, 0o644, 0o660, 0o602, 0o610] {
        set_mode(&place.file(), open);
        let refusal = place.refusal();
        assert!(
            refusal.contains(&format!("its mode is {open:04o}")),
            "{refusal}"
        );
    }
    insta::assert_snapshot!(place.refusal(), @r#"
    error: others can use the tokens in this file: its mode is 0610
      --> DIR/credentials.toml
    help: run: chmod 600 DIR/credentials.toml; then replace the tokens in it
    "#);
    set_mode(&place.file(), 0o400);
    assert_eq!(place.token("orders").as_deref(), Some(CANARY));
}

#[test]
fn a_directory_that_others_can_write_is_refused() {
    let place = Place::filled();
    assert_eq!(place.vault().warning(), None);
    set_mode(&place.directory, 0o755);
    assert_eq!(place.token("orders").as_deref(), Some(CANARY));
    let warning = place.vault().warning().expect("a warning");
    let warning = warning.replace(place.directory.to_str().expect("a name"), "DIR");
    assert!(
        warning.ends_with("others can see which files stand in this directory; run: chmod 700 DIR"),
        "{warning}"
    );
    for open in [0o770, 0o707, 0o1777] {
        set_mode(&place.directory, open);
        place.refusal();
    }
    insta::assert_snapshot!(place.refusal(), @r#"
    error: others can put files into this directory: no token is kept there
      --> DIR
    help: run: chmod 700 DIR
    "#);
}

#[test]
fn a_link_to_a_store_is_refused() {
    let (place, other) = (Place::filled(), Place::filled());
    fs::remove_file(place.file()).expect("removed");
    symlink(other.file(), place.file()).expect("a link");
    insta::assert_snapshot!(place.refusal(), @r#"
    error: this is a link: a link to tokens is not followed
      --> DIR/credentials.toml
    help: put the file itself in its place
    "#);
    assert_eq!(other.token("orders").as_deref(), Some(CANARY));
    assert!(place.file().is_symlink());
}

#[test]
fn a_linked_directory_is_as_good_as_its_own() {
    let (place, other) = (Place::new(), Place::filled());
    symlink(&other.directory, &place.directory).expect("a link");
    assert_eq!(place.token("orders").as_deref(), Some(CANARY));
    place.vault().store("prices", &secret("x")).expect("stored");
    assert_eq!(other.token("prices").as_deref(), Some("x"));
    set_mode(&other.directory, 0o777);
    place.refusal();
}

#[test]
fn a_store_of_another_user_is_refused() {
    if !rustix::process::geteuid().is_root() {
        // Only root can give files away; `sudo cargo test` runs this.
        return;
    }
    let stranger = Some(rustix::fs::Uid::from_raw(54_321));
    let place = Place::filled();
    rustix::fs::chown(place.file(), stranger, None).expect("given away");
    insta::assert_snapshot!(place.refusal(), @r#"
    error: this belongs to another user (number 54321)
      --> DIR/credentials.toml
    help: run: sudo chown 0 DIR/credentials.toml
    "#);
    let place = Place::filled();
    rustix::fs::chown(&place.directory, stranger, None).expect("given away");
    place.refusal();
}

#[test]
fn what_is_no_file_is_refused_without_waiting() {
    let place = Place::filled();
    fs::remove_file(place.file()).expect("removed");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        place.file(),
        rustix::fs::FileType::Fifo,
        Mode::from(0o600),
        0,
    )
    .expect("a pipe");
    insta::assert_snapshot!(place.refusal(), @r#"
    error: this is a pipe, not a file
      --> DIR/credentials.toml
    help: put a file in its place
    "#);
    fs::remove_file(place.file()).expect("removed");
    fs::create_dir(place.file()).expect("a directory");
    assert!(place.refusal().contains("this is a directory"));
    let place = Place::new();
    fs::write(&place.directory, "").expect("a file");
    assert!(place.refusal().contains("this is no directory"));
}

#[test]
fn a_store_that_is_not_understood_is_left_alone() {
    let place = Place::filled();
    let write = |text: &[u8]| {
        fs::write(place.file(), text).expect("written");
        place.refusal()
    };
    insta::assert_snapshot!(write(b"[profiles.orders]\ntoken = \"canary-4711-hunter2\ncanary\ncanary = hunter2\n"), @r#"
    error: invalid basic string, expected `"`
      --> DIR/credentials.toml:2:29
       |
     2 | ***
       | ^^^
    help: mend the file, or move it away and sign in again; it is left as it is

    error: key with no value, expected `=`
      --> DIR/credentials.toml:3:7
       |
     3 | ***
       | ^^^
    help: mend the file, or move it away and sign in again; it is left as it is
    "#);
    insta::assert_snapshot!(write(b"canary = 1\n[profiles.hunter2]\ntoken = 7\n[profiles.x]\ntoken = \"canary\"\nfresh = \"hunter2\"\n[profiles.y]\ntoken = \"canary\\u001b\"\n"), @r#"
    error: only [profiles.NAME] can stand here
      --> DIR/credentials.toml:1:1
       |
     1 | ***
       | ^^^
    help: mend the file, or move it away and sign in again; it is left as it is

    error: a profile has token = "…" here; signing in adds refresh, granted, until and client-secret
      --> DIR/credentials.toml:3:1
       |
     3 | ***
       | ^^^
    help: mend the file, or move it away and sign in again; it is left as it is

    error: a profile has token = "…" here; signing in adds refresh, granted, until and client-secret
      --> DIR/credentials.toml:6:1
       |
     6 | ***
       | ^^^
    help: mend the file, or move it away and sign in again; it is left as it is

    error: this profile's token cannot be a token
      --> DIR/credentials.toml:7:1
       |
     7 | ***
       | ^^^
    help: mend the file, or move it away and sign in again; it is left as it is
    "#);
    insta::assert_snapshot!(write(b"canary \xff hunter2"), @r#"
    error: the file is not UTF-8
      --> DIR/credentials.toml
    help: mend the file, or move it away and sign in again; it is left as it is
    "#);
    let huge = format!("[profiles.x]\ntoken = \"{}\"\n", "canary".repeat(1 << 20));
    assert!(write(huge.as_bytes()).contains("larger than 4096 KiB"));
}

#[test]
fn a_lock_that_is_not_let_go_is_told() {
    let place = Place::filled();
    let lock = fs::File::open(place.directory.join("credentials.lock")).expect("the lock");
    lock.lock().expect("locked");
    let faults = place
        .vault()
        .store("orders", &secret("x"))
        .expect_err("a refusal");
    insta::assert_snapshot!(place.shown(&faults), @r#"
    error: another process keeps the store locked
      --> DIR/credentials.toml
    help: end that process, then try again
    "#);
    assert_eq!(place.token("orders").as_deref(), Some(CANARY));
    drop(lock);
    place.vault().store("orders", &secret("x")).expect("stored");
}

#[test]
fn a_kill_while_writing_leaves_the_old_or_the_new() {
    let place = Place::new();
    for round in 0..200 {
        let (mut child, mut lines) = watched(act("loop", &place.directory, &[]));
        for _ in 0..=fastrand::u32(0..4) {
            lines.next().expect("a line").expect("a line");
        }
        // Somewhere within the next write, without a clock.
        (0..fastrand::u32(0..20_000)).for_each(|step| {
            std::hint::black_box(step);
        });
        child.kill().expect("killed");
        child.wait().expect("an end");
        let token = place.token("orders").expect("a token");
        assert!(
            token == "a".repeat(60_000) || token == "b".repeat(50_000),
            "round {round}"
        );
        for name in names(&place.directory) {
            assert_eq!(mode(&place.directory.join(&name)), 0o600, "{name}");
        }
    }
    place.vault().store("orders", &secret("c")).expect("stored");
    let all = ["credentials.lock", "credentials.toml"].map(str::to_owned);
    assert_eq!(names(&place.directory), BTreeSet::from(all));
}

#[test]
fn processes_that_store_at_once_lose_nothing() {
    let place = Place::new();
    let children = ["left", "right"].map(|name| act("many", &place.directory, &[("NAME", name)]));
    for mut child in children {
        assert!(child.wait().expect("an end").success());
    }
    for name in ["left", "right"] {
        for number in 0..50 {
            assert_eq!(
                place.token(&format!("{name}-{number}")).as_deref(),
                Some(name)
            );
        }
    }
}

fn profile(source: Source) -> Profile {
    let url = "ws://localhost".parse().expect("a URL");
    Profile::new("orders", url, Way::None, source)
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.expect("a runtime").block_on(work)
}

fn fetch(sources: &Sources, source: Source) -> Result<String, FetchFault> {
    let errand = Errand::new(Clock::start());
    let fetched = wait(sources.fetch(&profile(source), &errand));
    fetched.map(|credential| credential.secret.expose().to_owned())
}

#[test]
fn tokens_come_from_their_sources() {
    let place = Place::new();
    let sources = Sources::new(Some(place.vault()));
    let mut credential = Credential::new(CANARY, "a paste");
    assert_eq!(fetch(&sources, Source::Stored), Err(FetchFault::AskUser));
    wait(sources.store(&profile(Source::Stored), &credential)).expect("stored");
    assert_eq!(fetch(&sources, Source::Stored).as_deref(), Ok(CANARY));
    assert_eq!(fetch(&sources, Source::Prompt), Err(FetchFault::AskUser));
    credential.secret = secret("a\nb");
    let fault = wait(sources.store(&profile(Source::Stored), &credential)).expect_err("a fault");
    assert!(
        fault.contains("the token holds more than one line"),
        "{fault}"
    );
    set_mode(&place.file(), 0o644);
    let fault = fetch(&sources, Source::Stored);
    let Err(FetchFault::Failed(fault)) = fault else {
        panic!("{fault:?}");
    };
    assert!(
        fault.contains("; run: chmod 600 /") && fault.lines().count() == 1,
        "{fault}"
    );
    assert_eq!(
        fetch(&Sources::default(), Source::Stored),
        Err(FetchFault::AskUser)
    );
    assert!(wait(Sources::default().store(&profile(Source::Stored), &credential)).is_err());
}

#[test]
fn a_token_file_is_read_anew_each_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let (path, link) = (
        directory.path().join("token"),
        directory.path().join("link"),
    );
    symlink("token", &link).expect("a link");
    for (content, token) in [("one", "one"), (" two\r\n", "two")] {
        fs::write(&path, content).expect("written");
        let fetched = fetch(&Sources::default(), Source::File(link.clone()));
        assert_eq!(fetched.as_deref(), Ok(token));
    }
}

#[test]
fn a_token_file_that_cannot_be_right_is_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = |name: &str| directory.path().join(name);
    fs::write(at("empty"), "\n").expect("written");
    fs::write(at("lines"), "canary\nhunter2").expect("written");
    fs::write(at("bidi"), "canary\u{202e}hunter2").expect("written");
    fs::write(at("bytes"), b"canary\xff").expect("written");
    fs::write(at("large"), "canary".repeat(20_000)).expect("written");
    fs::create_dir(at("directory")).expect("a directory");
    symlink("nowhere", at("dangling")).expect("a link");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        at("pipe"),
        rustix::fs::FileType::Fifo,
        Mode::from(0o600),
        0,
    )
    .expect("a pipe");
    let names = [
        "absent",
        "bidi",
        "bytes",
        "dangling",
        "directory",
        "empty",
        "large",
        "lines",
        "pipe",
    ];
    let told = names.map(
        |name| match fetch(&Sources::default(), Source::File(at(name))) {
            Err(FetchFault::Failed(text)) => {
                text.replace(directory.path().to_str().expect("a name"), "DIR")
            }
            other => format!("{other:?}"),
        },
    );
    insta::assert_snapshot!(told.join("\n"), @r#"
    the token file DIR/absent: there is no such file; check the path
    the token file DIR/bidi holds a control or invisible character; copy the token again
    the token file DIR/bytes is not UTF-8; it must hold the token alone
    the token file DIR/dangling: this is a link to nothing; mend or remove the link
    the token file DIR/directory: this is a directory, not a file; put a file in its place
    the token file DIR/empty is empty; it must hold the token alone
    the token file DIR/large: the file is larger than 64 KiB; this cannot be the right file
    the token file DIR/lines holds more than one line; it must hold the token alone
    the token file DIR/pipe: this is a pipe, not a file; put a file in its place
    "#);
}

#[test]
fn a_token_in_the_environment_is_checked() {
    let directory = tempfile::tempdir().expect("a directory");
    let values = [Some("canary"), Some(" "), Some("canary\nhunter2"), None];
    let told = values.map(|value| {
        let value: Vec<(&str, &str)> = value.map(|value| ("TOKEN", value)).into_iter().collect();
        let (mut child, mut lines) = watched(act("fetch", directory.path(), &value));
        let told = lines.next().expect("a line").expect("a line");
        assert!(child.wait().expect("an end").success());
        told
    });
    insta::assert_snapshot!(told.join("\n"), @r#"
    6 bytes
    Failed("the environment variable SOCKEYE_TEST_TOKEN is empty; it must hold the token alone")
    Failed("the environment variable SOCKEYE_TEST_TOKEN holds more than one line; it must hold the token alone")
    Failed("the environment variable SOCKEYE_TEST_TOKEN is not set; set it to the token before starting")
    "#);
}

/// What processes of their own do for the tests above.
#[test]
#[ignore = "the tests above run it, each in a process of its own"]
fn act_in_a_process_of_its_own() {
    let value = |name: &str| std::env::var(format!("SOCKEYE_TEST_{name}")).expect("a value");
    let vault = Vault::new(value("DIRECTORY").into());
    let store = |name: &str, token: &str| vault.store(name, &secret(token)).expect("stored");
    match value("ACT").as_str() {
        "umask" => {
            let umask = u32::from_str_radix(&value("UMASK"), 8).expect("a mode");
            rustix::process::umask(Mode::from(umask));
            store("prices", "x");
            store("orders", CANARY);
        }
        "many" => {
            for number in 0..50 {
                store(&format!("{}-{number}", value("NAME")), &value("NAME"));
            }
        }
        "fetch" => match fetch(
            &Sources::default(),
            Source::Env("SOCKEYE_TEST_TOKEN".into()),
        ) {
            Ok(token) => eprintln!("{} bytes", token.len()),
            Err(fault) => eprintln!("{fault:?}"),
        },
        "full" => full(&vault, &PathBuf::from(value("DIRECTORY")), &value("LIMIT")),
        _ => loop {
            store("orders", &"a".repeat(60_000));
            eprintln!("stored");
            store("orders", &"b".repeat(50_000));
            eprintln!("stored");
        },
    }
}

/// Writes everything that the program keeps, none of which finds room, and tells why.
fn full(vault: &Vault, directory: &Path, limit: &str) {
    let limit = Some(limit.parse().expect("a number"));
    outlive_size_limit();
    let limit = Rlimit {
        current: limit,
        maximum: limit,
    };
    setrlimit(Resource::Fsize, limit).expect("a limit");
    let paths = Paths::find(Some(directory.to_owned())).expect("a directory");
    let long = secret(&CANARY.repeat(200));
    let stored = vault.store("prices", &long).expect_err("no room");
    eprintln!("{}", report(&stored).replace('\n', " "));
    eprintln!("{}", audit(directory).expect_err("no room"));
    let saved = save_filter(&paths, "long", &"x".repeat(4000));
    eprintln!("{}", saved.expect_err("no room"));
}

/// Writes a line into the audit of a directory.
fn audit(directory: &Path) -> Result<(), String> {
    let at = Clock::start().now().wall;
    let record = Record::new("orders", "a header".into(), Outcome::SignedIn, None, at);
    Trail::new(directory.to_owned()).write(&record)
}

#[test]
fn a_full_disk_leaves_what_was_there() {
    let place = Place::filled();
    let file = |name: &str| place.directory.join(name);
    fs::write(file("config.toml"), "watch = []\n").expect("written");
    audit(&place.directory).expect("written");
    let names_of_all = names(&place.directory);
    let kept = ["credentials.toml", "audit.ndjson", "config.toml"].map(file);
    let contents = || kept.each_ref().map(|file| fs::read(file).expect("a file"));
    let before = contents();
    // Half a line of the audit would find room.
    let limit = (before[1].len() + 20).to_string();
    let child = act("full", &place.directory, &[("LIMIT", &limit)]);
    let (mut child, lines) = watched(child);
    let told: Vec<_> = lines.map(|line| line.expect("text")).collect();
    assert!(child.wait().expect("an end").success(), "{told:?}");
    assert_eq!(contents(), before);
    assert_eq!(names(&place.directory), names_of_all);
    for (file, told) in kept.iter().zip(&told) {
        let named = told.contains(&file.display().to_string());
        assert!(named && told.contains("the disk has room"), "{told}");
        assert!(!told.contains("canary"), "{told}");
    }
    audit(&place.directory).expect("written");
    let audit = Trail::new(place.directory.clone()).read();
    assert_eq!(audit.expect("an audit").len(), 2);
}

/// A limit on the size of files stands in for a full disk; its signal would end the program by itself.
#[test]
fn signing_in_on_a_full_disk_is_told() {
    let home = tempfile::tempdir().expect("a directory");
    let config = "[profiles.orders]\nurl = \"wss://localhost/\"\n";
    fs::write(home.path().join("config.toml"), config).expect("written");
    let vault = Vault::new(home.path().to_owned());
    vault.store("orders", &secret("old")).expect("stored");
    let token = home.path().join("token");
    fs::write(&token, CANARY.repeat(200)).expect("written");
    let output = Command::new("sh")
        .args(["-c", "ulimit -f 1; exec \"$@\"", "sh"])
        .arg(env!("CARGO_BIN_EXE_sockeye"))
        .args(["login", "orders", "--token-stdin", "--config"])
        .arg(home.path())
        .stdin(fs::File::open(&token).expect("a file"))
        .output()
        .expect("sockeye runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{told}");
    for words in ["credentials.toml", "the disk has room"] {
        assert!(told.contains(words), "{told}");
    }
    assert!(!told.contains("canary"), "{told}");
    let kept = vault.token("orders").expect("a store").expect("a token");
    assert_eq!(kept.expose(), "old");
}

fn act(what: &str, directory: &Path, values: &[(&str, &str)]) -> Child {
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(program);
    command.args([
        "--exact",
        "secrets::act_in_a_process_of_its_own",
        "--ignored",
        "--nocapture",
    ]);
    for (name, value) in values {
        command.env(format!("SOCKEYE_TEST_{name}"), value);
    }
    command
        .env("SOCKEYE_TEST_ACT", what)
        .env("SOCKEYE_TEST_DIRECTORY", directory);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().expect("a process")
}

/// The lines that a process writes.
fn watched(mut child: Child) -> (Child, Lines<BufReader<ChildStderr>>) {
    let lines = child.stderr.take().expect("its output");
    (child, BufReader::new(lines).lines())
}
