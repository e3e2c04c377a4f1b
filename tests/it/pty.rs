//! The monitor in a real terminal: it starts, draws, obeys keys, and gives the terminal back however it ends.
#![cfg(unix)]

use std::{
    io::{Read, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, waitpid};
use serde_json::json;

use crate::support::{
    tail::write_private,
    token_server::{self, TokenServer},
};

/// No condition below takes longer on a machine that works at all.
const PATIENCE: Duration = Duration::from_secs(60);
/// More than any condition below needs.
const PIECES: usize = 500;
const LEAVE_ALTERNATE_SCREEN: &str = "\u{1b}[?1049l";

/// The program in a terminal of 80 columns and 24 rows.
pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    bytes: mpsc::Receiver<Vec<u8>>,
    screen: vt100::Parser,
    pub(crate) written: Vec<u8>,
    /// What the terminal did with lines and signs before the program came.
    modes: String,
}

/// What a terminal does with lines and signs, to compare.
fn modes(terminal: &dyn MasterPty) -> String {
    format!("{:?}", terminal.get_termios())
}

impl Terminal {
    fn demo() -> Self {
        Self::run(&["demo", "--rate", "20"], &[])
    }

    pub(crate) fn run(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_sockeye"));
        command.args(arguments);
        for (name, value) in variables {
            command.env(name, value);
        }
        Self::start(command)
    }

    fn start(mut command: CommandBuilder) -> Self {
        let size = PtySize {
            rows: 24,
            cols: 80,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).expect("a pty");
        command.env("TERM", "xterm-256color");
        let modes = modes(&*pair.master);
        let child = pair.slave.spawn_command(command).expect("sockeye runs");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let keys = pair.master.take_writer().expect("a writer");
        let (sender, bytes) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(24, 80, 0);
        Self {
            child,
            master: pair.master,
            keys,
            bytes,
            screen,
            written: Vec::new(),
            modes,
        }
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.keys
            .write_all(keys.as_bytes())
            .expect("keys are taken");
    }

    fn pid(&self) -> Pid {
        let pid = self.child.process_id().map(u32::cast_signed);
        pid.and_then(Pid::from_raw).expect("a process")
    }

    fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("a signal");
    }

    /// Waits until the program is stopped, as by Ctrl-Z; a signal to continue before that would be lost.
    fn wait_for_stop(&self) {
        let stopped = waitpid(Some(self.pid()), WaitOptions::UNTRACED).expect("a child");
        assert!(stopped.is_some_and(|(_, status)| status.stopped()));
    }

    /// Reads on until the screen shows a text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        self.read_until(text, |terminal| {
            terminal.screen.screen().contents().contains(text)
        });
    }

    /// Reads on until a condition holds; a program that goes on without it is given up after many pieces.
    fn read_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        for _ in 0..PIECES {
            if holds(self) {
                return;
            }
            let Ok(bytes) = self.bytes.recv_timeout(PATIENCE) else {
                break;
            };
            self.screen.process(&bytes);
            self.written.extend(bytes);
        }
        panic!("no '{what}' in:\n{}", self.screen.screen().contents());
    }

    fn has_left_the_screen(&self) -> bool {
        String::from_utf8_lossy(&self.written).contains(LEAVE_ALTERNATE_SCREEN)
    }

    /// Reads to the end and gives the exit code; the terminal must have been given back.
    fn end(self) -> u32 {
        self.end_with(|_| ())
    }

    /// The same, with a look at all that was written.
    pub(crate) fn end_with(mut self, look: impl FnOnce(&[u8])) -> u32 {
        self.read_until("end", Self::has_left_the_screen);
        for bytes in &self.bytes {
            self.screen.process(&bytes);
            self.written.extend(bytes);
        }
        look(&self.written);
        let text = String::from_utf8_lossy(&self.written);
        assert!(
            text.contains("\u{1b}[?2004l"),
            "bracketed paste was left on"
        );
        assert!(
            !self.screen.screen().hide_cursor(),
            "the cursor was left hidden"
        );
        assert_eq!(
            self.screen.screen().mouse_protocol_mode(),
            vt100::MouseProtocolMode::None,
            "mouse events were left on"
        );
        assert_eq!(modes(&*self.master), self.modes, "raw mode was left on");
        self.child.wait().expect("an end").exit_code()
    }
}

#[test]
fn it_starts_draws_and_quits() {
    let mut terminal = Terminal::demo();
    terminal.wait_for("3 live");
    terminal.press("?");
    terminal.wait_for("esc close");
    terminal.press("\u{1b}");
    terminal.wait_for("space pause");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn signals_give_the_terminal_back() {
    for (signal, exit) in [(Signal::TERM, 143), (Signal::HUP, 129)] {
        let mut terminal = Terminal::demo();
        terminal.wait_for("3 live");
        terminal.signal(signal);
        assert_eq!(terminal.end(), exit);
    }
}

/// A window that is closed takes the terminal away: nothing can be read or written any more. The shell between keeps the
/// signal for itself that would tell of it.
#[test]
fn it_ends_with_its_terminal() {
    let mut command = CommandBuilder::new("sh");
    let script = "trap '' HUP; \"$0\" demo --rate 20; exit 0";
    command.args(["-c", script, env!("CARGO_BIN_EXE_sockeye")]);
    let mut terminal = Terminal::start(command);
    terminal.wait_for("3 live");
    // So many that it is still reading them when the end comes.
    terminal.press(&"jk".repeat(20_000));
    let shell = terminal.pid();
    let Terminal {
        mut child,
        master,
        keys,
        bytes,
        ..
    } = terminal;
    // Whoever reads from it holds it open until the program has written once more.
    drop((master, keys, bytes));
    let (sender, ended) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait().is_ok()));
    let has_ended = ended.recv_timeout(PATIENCE);
    if has_ended.is_err() {
        kill_process_group(shell, Signal::KILL).expect("a signal");
    }
    assert_eq!(has_ended, Ok(true), "it goes on without its terminal");
}

#[test]
fn it_follows_the_size_of_the_terminal() {
    let mut terminal = Terminal::demo();
    terminal.wait_for("3 live");
    let size = PtySize {
        rows: 45,
        cols: 160,
        pixel_width: 0,
        pixel_height: 0,
    };
    terminal.master.resize(size).expect("a size");
    terminal.screen.screen_mut().set_size(45, 160);
    terminal.wait_for("connection ·");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn it_can_be_suspended_and_continued() {
    let mut terminal = Terminal::demo();
    terminal.wait_for("3 live");
    terminal.press("\u{1a}");
    terminal.wait_for_stop();
    terminal.read_until("main screen", Terminal::has_left_the_screen);
    terminal.written.clear();
    // What is on the screen from now on was drawn from now on.
    terminal.screen = vt100::Parser::new(24, 80, 0);
    terminal.signal(Signal::CONT);
    terminal.wait_for("3 live");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let panics = |part| [("SOCKEYE_REHEARSE_PANIC", part), ("RUST_BACKTRACE", "0")];
    let home = tempfile::tempdir().expect("a directory");
    let log = home.path().join("log");
    let demo = ["demo", "--rate", "20", "--log", log.to_str().expect("text")];
    let logged = |thread: &str| {
        let text = std::fs::read_to_string(&log).expect("a log");
        let line = text
            .lines()
            .find(|line| line.contains(" ERROR "))
            .expect("an error");
        let words = format!(" ERROR -  thread {thread} panicked at src/tui/");
        assert!(
            line.contains(&words) && line.contains("asks for it"),
            "{text}"
        );
        std::fs::remove_file(&log).expect("it was there");
    };
    let told = |terminal: &mut Terminal| {
        terminal.read_until("panic", |terminal| {
            String::from_utf8_lossy(&terminal.written).contains("asks for it")
        });
        let text = String::from_utf8_lossy(&terminal.written).into_owned();
        let (left, told) = (text.find(LEAVE_ALTERNATE_SCREEN), text.find("panicked at"));
        assert!(left.is_some() && left < told, "{left:?} {told:?}");
        // A token begins like this.
        assert!(!text.contains("eyJ"), "{text}");
    };
    let mut terminal = Terminal::run(&demo, &panics("screen"));
    told(&mut terminal);
    assert_eq!(terminal.end(), 101);
    logged("main");
    let mut terminal = Terminal::run(&demo, &panics("network"));
    terminal.wait_for("3 live");
    terminal.press("r");
    told(&mut terminal);
    assert_eq!(terminal.end(), 1);
    logged("network");
}

#[test]
fn the_mouse_scrolls_and_is_given_back() {
    let mut terminal = Terminal::demo();
    terminal.wait_for("3 live");
    // By now there is more than fits.
    terminal.wait_for("\"seq\":15,");
    terminal.press("\u{1b}[<64;10;10M");
    terminal.wait_for(" new");
    terminal.press("M");
    terminal.wait_for("mouse off");
    let mode = terminal.screen.screen().mouse_protocol_mode();
    assert_eq!(mode, vt100::MouseProtocolMode::None);
    terminal.press("M");
    terminal.wait_for("mouse on");
    let mode = terminal.screen.screen().mouse_protocol_mode();
    assert_eq!(mode, vt100::MouseProtocolMode::PressRelease);
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn the_configuration_leaves_the_mouse_to_the_terminal() {
    let home = tempfile::tempdir().expect("a directory");
    let config = "[settings]\nmouse = false\n[profiles.nobody]\nurl = \"ws://127.0.0.1:1\"\ntoken = \"prompt\"\n";
    std::fs::write(home.path().join("config.toml"), config).expect("a file");
    let path = home.path().to_string_lossy();
    let mut terminal = Terminal::run(&["--config", &path], &[]);
    terminal.wait_for("sign in needed");
    terminal.press("q");
    terminal.read_until("end", Terminal::has_left_the_screen);
    assert!(!String::from_utf8_lossy(&terminal.written).contains("?1000h"));
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_code_to_type_is_shown_until_it_was_typed() {
    let typed = Arc::new(AtomicBool::new(false));
    let seen = typed.clone();
    let server = TokenServer::start(move |asked| match asked.path.as_str() {
        "/device" => token_server::json(
            200,
            &json!({
                "device_code": "d", "user_code": "WDJB-MJHT", "interval": 1, "expires_in": 600,
                "verification_uri": "https://id.example/device"
            }),
        ),
        _ if seen.load(Ordering::SeqCst) => {
            let tokens = json!({ "access_token": "a1", "token_type": "bearer", "expires_in": 600 });
            token_server::json(200, &tokens)
        }
        _ => token_server::json(400, &json!({ "error": "authorization_pending" })),
    });
    let home = tempfile::TempDir::new().expect("a directory");
    let config = format!(
        "[profiles.q]\nurl = \"ws://127.0.0.1:9/\"\n[profiles.q.token.oauth]\nclient-id = \"c\"\n\
         grant = \"device\"\ntoken-endpoint = \"{0}/token\"\ndevice-endpoint = \"{0}/device\"\n",
        server.url("")
    );
    write_private(&home, "config.toml", &config);
    let directory = home.path().to_str().expect("a name");
    let mut terminal = Terminal::run(&["watch", "q", "--config", directory], &[]);
    terminal.wait_for("type the code WDJB-MJHT at https://id.example/device");
    terminal.wait_for("FETCHING CREDENTIAL");
    typed.store(true, Ordering::SeqCst);
    // Nothing listens at the address of the stream: it has its token now, and fails there.
    terminal.wait_for("refused it");
    let kept = std::fs::read_to_string(home.path().join("credentials.toml")).expect("the store");
    assert!(kept.contains("token = \"a1\""), "{kept}");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

/// The texts that the terminal was asked to copy.
fn copied(terminal: &Terminal) -> Vec<String> {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let written = String::from_utf8_lossy(&terminal.written);
    let asked = written.split("\u{1b}]52;c;").skip(1);
    asked
        .filter_map(|rest| rest.split_once('\u{7}'))
        .map(|(text, _)| BASE64_STANDARD.decode(text).expect("base64"))
        .map(|text| String::from_utf8(text).expect("UTF-8"))
        .collect()
}

#[test]
fn a_payload_is_copied_by_the_terminal_and_by_a_program() {
    let home = tempfile::tempdir().expect("a directory");
    let (bin, out) = (home.path().join("bin"), home.path().join("out"));
    std::fs::create_dir(&bin).expect("a directory");
    let script = format!(
        "#!/bin/sh\n/usr/bin/env > {0}.env\nexec /bin/cat > {0}\n",
        out.display()
    );
    let program = bin.join("wl-copy");
    std::fs::write(&program, script).expect("a file");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program, mode).expect("a mode");
    let path = bin.to_str().expect("a name");
    let variables = [
        ("PATH", path),
        ("WAYLAND_DISPLAY", "w"),
        ("TMUX", ""),
        ("STY", ""),
        ("MY_SECRET", "canary"),
    ];
    let mut terminal = Terminal::run(&["demo", "--rate", "20"], &variables);
    terminal.wait_for("\"seq\":");
    terminal.press("y");
    terminal.wait_for("through the terminal and wl-copy");
    let texts = copied(&terminal);
    assert!(
        matches!(&texts[..], [text] if text.starts_with('{')),
        "{texts:?}"
    );
    assert_eq!(std::fs::read_to_string(&out).expect("a file"), texts[0]);
    let environment = std::fs::read_to_string(home.path().join("out.env")).expect("a file");
    assert!(!environment.contains("MY_SECRET"), "{environment}");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn no_token_reaches_the_clipboard() {
    let demo = crate::support::demo::Demo::start(200.0);
    let token = demo.server.sample("good").expect("a token");
    let file = demo.token_file("good");
    let url = demo.url("/ws/orders");
    let arguments = [
        "watch",
        &url,
        "--token-file",
        file.to_str().expect("a name"),
        "--first-message",
        r#"{"type":"auth","token":"{token}"}"#,
    ];
    let variables = [
        ("TMUX", ""),
        ("STY", ""),
        ("WAYLAND_DISPLAY", ""),
        ("DISPLAY", ""),
    ];
    let mut terminal = Terminal::run(&arguments, &variables);
    terminal.wait_for("order.paid");
    // The message that carried it is the first.
    for (keys, told) in [
        ("gy", "payload of event 1 copied"),
        ("Y", "event 1 copied"),
        ("\rgjy", "value of .token copied"),
    ] {
        terminal.press(keys);
        terminal.wait_for(told);
    }
    let texts = copied(&terminal);
    assert_eq!(texts[0], r#"{"type":"auth","token":"***"}"#);
    assert_eq!((texts.len(), &*texts[2]), (3, "***"));
    let written = String::from_utf8_lossy(&terminal.written).into_owned();
    assert!(!(texts.concat() + &written).contains(token.expose()));
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn events_are_exported_while_the_screen_goes_on() {
    let folder = tempfile::tempdir().expect("a directory");
    let path = folder.path().join("x.ndjson");
    let name = path.to_str().expect("a name");
    let mut terminal = Terminal::run(&["demo", "--rate", "500"], &[]);
    terminal.wait_for("\"seq\":");
    terminal.press("e");
    terminal.wait_for("What looks like a secret is masked");
    terminal.press(&format!("\u{15}{name}\r"));
    terminal.wait_for(" events, ");
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(text.lines().count() > 10, "{text}");
    for line in text.lines() {
        sockeye::event::read_line(line.as_bytes()).expect("a record");
    }
    let mode = std::fs::metadata(&path).expect("a file").permissions();
    let mode = std::os::unix::fs::PermissionsExt::mode(&mode);
    assert_eq!(mode & 0o777, 0o600);
    // It is not overwritten, and that is told where it was asked for.
    terminal.press(&format!("e\u{15}{name}\r"));
    terminal.wait_for("nothing is overwritten: give another name");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), text);
}

#[test]
fn a_filter_is_typed_kept_and_saved() {
    let demo = crate::support::demo::Demo::start(200.0);
    let config = demo.directory.path().join("config.toml");
    let profile = format!(
        "[profiles.orders]\nurl = \"{}\"\nway = {{ query = \"token\" }}\ntoken = {{ file = {:?} }}\n",
        demo.url("/ws/orders"),
        demo.token_file("good"),
    );
    std::fs::write(&config, &profile).expect("a file");
    let directory = demo.directory.path().to_string_lossy().into_owned();
    let mut terminal = Terminal::run(&["--config", &directory, "watch", "orders"], &[]);
    terminal.wait_for("order.paid");
    terminal.press("/.method == \"card\"");
    terminal.wait_for("hits");
    terminal.press("\rxs");
    terminal.wait_for("save as");
    terminal.press("cards\r");
    terminal.wait_for("saved as 'cards'");
    let saved = std::fs::read_to_string(&config).expect("a file");
    assert_eq!(
        saved,
        format!("{profile}\n[filters]\ncards = '.method == \"card\"'\n")
    );
    terminal.press("\u{1b}");
    terminal.wait_for("/ narrow");
    terminal.wait_for("1 cards");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[test]
fn a_key_begins_a_recording_and_ends_it() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().expect("a directory");
    let data = home.path().join("data");
    let shown = data.to_string_lossy();
    let mut terminal = Terminal::run(&["demo"], &[("SOCKEYE_DATA_DIR", &shown)]);
    terminal.wait_for("3 live");
    terminal.press("\u{12}");
    terminal.wait_for("recording to ");
    terminal.wait_for(" kB  following");
    terminal.press("\u{12}");
    terminal.wait_for("recorded in ");
    terminal.press("q");
    terminal.read_until("end", Terminal::has_left_the_screen);
    assert_eq!(terminal.end(), 0);
    let mode = |path: &std::path::Path| {
        let data = path.metadata().expect("a file or directory");
        data.permissions().mode() & 0o777
    };
    let files: Vec<_> = std::fs::read_dir(&data).expect("made").flatten().collect();
    let [file] = &files[..] else {
        panic!("{files:?}")
    };
    assert_eq!((mode(&data), mode(&file.path())), (0o700, 0o600));
    let text = std::fs::read_to_string(file.path()).expect("a file");
    assert!(text.ends_with("}\n") && text.contains("\"dir\":\"in\""));
    assert!(!text.contains("eyJ"), "a token begins like this: {text}");
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_monitor() {
    let home = tempfile::tempdir().expect("a directory");
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "ulimit -f 40; exec \"$@\"", "sh"]);
    command.args([env!("CARGO_BIN_EXE_sockeye"), "demo", "--rate", "200"]);
    command.args([
        "--record".as_ref(),
        home.path().join("a.ndjson").as_os_str(),
    ]);
    let mut terminal = Terminal::start(command);
    terminal.wait_for("REC failed");
    terminal.written.clear();
    terminal.press("?");
    terminal.wait_for("esc close");
    terminal.press("\u{1b}");
    terminal.wait_for("space pause");
    terminal.press("q");
    terminal.read_until("fault", |terminal| {
        String::from_utf8_lossy(&terminal.written).contains("error: the recording broke off: ")
    });
    assert_eq!(terminal.end(), 1);
}
