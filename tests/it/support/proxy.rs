//! A small proxy that writes down what it is asked for, and leads everywhere to one server.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// The proxy; it is gone with the process.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// For HTTP CONNECT.
    pub(crate) fn http(server: SocketAddr) -> Self {
        Self::start(server, |stream| {
            let head = head(stream);
            stream
                .write_all(b"HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n")?;
            head
        })
    }

    /// For SOCKS5 with a user and a password, as `user:password`; empty: without. It answers with this code.
    pub(crate) fn socks(server: SocketAddr, sign_in: &'static str, reply: u8) -> Self {
        Self::start(server, move |stream| {
            let methods = counted(stream, 1)?;
            let mut seen = String::new();
            if sign_in.is_empty() {
                stream.write_all(&[5, 0])?;
            } else if methods.contains(&2) {
                stream.write_all(&[5, 2])?;
                let user = counted(stream, 1)?;
                let password = counted(stream, 0)?;
                seen = format!("{}:{} ", text(&user), text(&password));
                let right = seen.trim_end() == sign_in;
                stream.write_all(&[1, u8::from(!right)])?;
            } else {
                stream.write_all(&[5, 0xff])?;
            }
            let kind = bytes(stream, 4)?[3];
            let host = match kind {
                1 => Ipv4Addr::from_octets(bytes(stream, 4)?.try_into().expect("four bytes"))
                    .to_string(),
                3 => text(&counted(stream, 0)?),
                _ => "another kind".to_owned(),
            };
            let port = u16::from_be_bytes(bytes(stream, 2)?.try_into().expect("two bytes"));
            stream.write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0])?;
            Ok(format!("{seen}{host}:{port}"))
        })
    }

    fn start(
        server: SocketAddr,
        open: impl Fn(&mut TcpStream) -> std::io::Result<String> + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("its address");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                // Whoever is not content hangs up in the middle.
                if let Ok(asked) = open(&mut client) {
                    log.lock().expect("the log").push(asked);
                    relay(&client, &TcpStream::connect(server).expect("the server"));
                }
            }
        });
        Self { address, seen }
    }

    /// What it was asked for, in order.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("the log").clone()
    }
}

/// Carries bytes both ways until both sides are done.
fn relay(client: &TcpStream, server: &TcpStream) {
    for (from, to) in [(client, server), (server, client)] {
        let (mut from, mut to) = (clone(from), clone(to));
        thread::spawn(move || {
            let _ = std::io::copy(&mut from, &mut to);
            let _ = to.shutdown(Shutdown::Write);
        });
    }
}

fn clone(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("another handle")
}

fn head(stream: &mut TcpStream) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.extend(bytes(stream, 1)?);
    }
    Ok(text(&head))
}

/// Bytes behind so many others and a byte that says how many they are.
fn counted(stream: &mut TcpStream, skip: usize) -> std::io::Result<Vec<u8>> {
    let count = bytes(stream, skip + 1)?[skip];
    bytes(stream, count.into())
}

fn bytes(stream: &mut TcpStream, count: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
