//! CSV (RFC 4180): a row for each event, with a line of names above them.
//!
//! A text that holds characters a terminal obeys stands as a JSON string, binary data as base64; `encoding` says which.
//! What a spreadsheet would take for a formula stays as it was received: import the payload as text.

use base64::{Engine, prelude::BASE64_STANDARD};

use crate::{
    event::{Record, Recorded, quoted},
    message::{Direction, Kind},
    payload::{escape::is_unsafe, json::type_name},
};

const COLUMNS: [&str; 9] = [
    "time",
    "stream",
    "n",
    "direction",
    "type",
    "class",
    "size",
    "encoding",
    "payload",
];

/// The line of names.
pub(super) fn head() -> Vec<u8> {
    let mut out = Vec::new();
    write(COLUMNS, &mut out);
    out
}

/// Appends the row of an event.
pub(super) fn row(record: &Record<'_>, out: &mut Vec<u8>) {
    let (time, n) = (record.time.to_string(), record.n.to_string());
    let (_, stream) = text(&record.stream);
    match &record.body {
        Recorded::Message {
            direction,
            class,
            kind,
            data,
        } => {
            let direction = match direction {
                Direction::In => "in",
                Direction::Out => "out",
            };
            let (_, name) = text(type_name(data).unwrap_or_default());
            let (encoding, payload) = payload(*kind, data);
            let size = data.len().to_string();
            let class = class.word();
            let fields = [
                &*time, &*stream, &*n, direction, &*name, class, &*size, encoding, &*payload,
            ];
            write(fields, out);
        }
        Recorded::Turn { event, message } => {
            let (encoding, payload) = text(message);
            let size = message.len().to_string();
            let (_, event) = text(event);
            let class = "lifecycle";
            let fields = [
                &*time, &*stream, &*n, "", &*event, class, &*size, encoding, &*payload,
            ];
            write(fields, out);
        }
    }
}

fn payload(kind: Kind, data: &[u8]) -> (&'static str, String) {
    match std::str::from_utf8(data) {
        Ok(data) if kind == Kind::Text => text(data),
        _ => ("base64", BASE64_STANDARD.encode(data)),
    }
}

fn text(text: &str) -> (&'static str, String) {
    if text.chars().any(is_unsafe) {
        ("json", quoted(text))
    } else {
        ("text", text.to_owned())
    }
}

fn write(fields: [&str; COLUMNS.len()], out: &mut Vec<u8>) {
    let mut row = csv::Writer::from_writer(out);
    // Memory takes whatever is written, and a row of its own has as many fields as it has.
    let _ = row.write_record(fields);
    let _ = row.flush();
}
