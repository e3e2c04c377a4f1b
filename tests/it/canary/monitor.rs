//! The canary in the monitor: whatever the server repeats and whichever pane is looked at, nothing that is written to the
//! terminal holds it.

use std::{
    fs,
    net::TcpListener,
    sync::mpsc::{self, Sender},
    thread,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use tokio_tungstenite::tungstenite::{
    self, Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use super::{CANARY, WAYS, holds_none, holds_none_below, request};
use crate::pty::Terminal;

/// A server that repeats the token in events, then closes with it and refuses everything with it when that is wanted.
fn parrot() -> (u16, Sender<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (close, closes) = mpsc::channel::<()>();
    thread::spawn(move || {
        let mut streams = listener.incoming().flatten();
        let mut socket =
            tungstenite::accept(streams.next().expect("a client")).expect("an upgrade");
        let encoded = BASE64_STANDARD.encode(CANARY);
        let event = serde_json::json!({
            "type": "parrot", "token": CANARY, "text": format!("you said {CANARY}"),
            "coded": encoded, "nested": { "deep": [CANARY, format!("?token={}", CANARY.replace('/', "%2F"))] },
        });
        for _ in 0..2 {
            socket.send(Message::text(event.to_string())).expect("sent");
        }
        let binary = [b"\x00\x01".as_slice(), CANARY.as_bytes()].concat();
        socket.send(Message::binary(binary)).expect("sent");
        closes.recv().expect("the word to close");
        let frame = CloseFrame {
            code: CloseCode::from(4001),
            reason: format!("{CANARY} is no good").into(),
        };
        socket.close(Some(frame)).expect("closed");
        while socket.read().is_ok() {}
        for stream in streams {
            request(&stream);
            let body = format!("{CANARY} {encoded}");
            let answer = format!(
                "HTTP/1.1 401 {CANARY}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = std::io::Write::write_all(&mut &stream, answer.as_bytes());
        }
    });
    (port, close)
}

#[test]
fn no_pane_shows_what_the_server_repeats() {
    for way in WAYS {
        let home = tempfile::tempdir().expect("a directory");
        let token = tempfile::NamedTempFile::new().expect("a file");
        fs::write(token.path(), CANARY).expect("written");
        let (port, close) = parrot();
        let url = format!("ws://127.0.0.1:{port}/ws");
        let directory = home.path().to_str().expect("a name");
        let file = token.path().to_str().expect("a name");
        let arguments = ["--config", directory, "watch", &url, "--token-file", file];
        let mut terminal = Terminal::run(&[&arguments, way].concat(), &[("TMUX", ""), ("STY", "")]);
        terminal.wait_for("binary");
        // Choose the event, then every form of its detail, the path and the value copied.
        for (keys, shown) in [
            ("kk\r", "deep"),
            ("yY", "copied"),
            ("v", "raw"),
            ("v", "hex"),
            ("=", "differs"),
            ("\u{1b}", "/ filter"),
            ("i", "connection"),
            ("\u{1b}", "/ filter"),
        ] {
            terminal.press(keys);
            terminal.wait_for(shown);
        }
        close.send(()).expect("a server");
        terminal.wait_for("sign in needed");
        for (keys, shown) in [
            ("A", "esc close"),
            ("\u{1b}", "/ filter"),
            ("G?", "esc close"),
            ("\u{1b}", "/ filter"),
            ("R", "paste"),
        ] {
            terminal.press(keys);
            terminal.wait_for(shown);
        }
        terminal.press(&format!("\u{1b}[200~{CANARY}\u{1b}[201~\r"));
        terminal.wait_for("refused before");
        terminal.press("q");
        terminal.end_with(|written| {
            holds_none("the terminal", written);
            let text = String::from_utf8_lossy(written);
            for copied in text.split("\u{1b}]52;c;").skip(1) {
                let code = copied.split('\u{7}').next().unwrap_or_default();
                holds_none(
                    "the clipboard",
                    &BASE64_STANDARD.decode(code).expect("base64"),
                );
            }
        });
        holds_none_below(home.path());
    }
}
