//! `sockeye export`: a recording, which is what `tail` writes, in another format.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read, Write},
    path::Path,
};

use super::{Drain, NewFile, refused};
use crate::{
    cli::Export,
    error::{Exit, Failure},
    event::{BadLine, read_line},
    export::{Exporter, Format, MOST_STREAMS},
    payload::escape::escape,
};

/// A longer line is no event of ours.
const LONGEST: u64 = 256 << 20;
/// Faults that are told; the others are counted.
const TOLD: usize = 20;

/// Reads the recording and writes it in the other format.
///
/// # Errors
/// Every line that is no event; when a file cannot be read or written.
pub fn export(order: &Export) -> Result<Exit, Failure> {
    let name = order.recording.display().to_string();
    let input: Box<dyn Read> = if order.recording == Path::new("-") {
        Box::new(io::stdin())
    } else {
        let file = File::open(&order.recording);
        Box::new(file.map_err(|error| failed(&name, "cannot be read", &error))?)
    };
    let mut input = Lines {
        name: &name,
        input: BufReader::with_capacity(1 << 16, input),
        number: 0,
    };
    let format: Format = order.format.into();
    let exporter = Exporter::new(format, Vec::new(), !order.unmasked);
    let apart = format == Format::Har;
    match &order.output {
        None => {
            let drain = Drain::new(exporter, io::stdout().lock(), apart);
            let drained = drain.and_then(|drain| input.drain(drain));
            match drained {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Exit::Done),
                Err(error) => Err(failed("the standard output", "cannot be written", &error)),
                Ok(drained) => drained.map(|_| Exit::Done),
            }
        }
        Some(path) => {
            let shown = path.display().to_string();
            let fail = |error: io::Error| refused(&shown, &error);
            let file = NewFile::create(path).map_err(fail)?;
            let drain = Drain::new(exporter, file, apart).map_err(fail)?;
            let (file, count) = input.drain(drain).map_err(fail)??;
            let size = file.keep().map_err(fail)?;
            tell(&format!("{count} events, {size} bytes in {shown}"));
            Ok(Exit::Done)
        }
    }
}

struct Lines<'a> {
    name: &'a str,
    input: BufReader<Box<dyn Read>>,
    number: usize,
}

impl Lines<'_> {
    /// Reads to the end. The outer error is the writer's, the inner one the recording's.
    fn drain<W: Write>(&mut self, mut drain: Drain<W>) -> io::Result<Result<(W, u64), Failure>> {
        let (mut line, mut faults, mut wrong) = (Vec::new(), Vec::new(), 0_usize);
        loop {
            line.clear();
            let read = (&mut self.input).take(LONGEST).read_until(b'\n', &mut line);
            match read {
                Err(error) => return Ok(Err(failed(self.name, "cannot be read", &error))),
                Ok(0) => break,
                Ok(_) => self.number += 1,
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let fault = match read_line(&line) {
                Ok(record) => match drain.stream(&record.stream) {
                    Some(stream) => {
                        drain.recorded(stream, record, &line)?;
                        continue;
                    }
                    None => one_stream_more(),
                },
                Err(_) if !line.ends_with(b"\n") && (line.len() as u64) < LONGEST => {
                    let (name, number) = (self.name, self.number);
                    tell(&format!(
                        "warning: {name}:{number}: the last line is cut off and left out"
                    ));
                    continue;
                }
                Err(fault) => fault,
            };
            wrong += 1;
            faults.extend((faults.len() < TOLD).then(|| self.fault(&fault)));
            if line.len() as u64 == LONGEST {
                break;
            }
        }
        if wrong == 0 {
            return drain.finish().map(Ok);
        }
        if wrong > faults.len() {
            faults.push(format!("and {} more lines", wrong - faults.len()));
        }
        let help = "a recording holds one event a line, as 'sockeye tail' writes them";
        Ok(Err(
            Failure::new(Exit::Configuration, faults.join("\n")).help(help)
        ))
    }

    fn fault(&self, fault: &BadLine) -> String {
        let (name, number) = (self.name, self.number);
        format!(
            "error: {}\n  --> {name}:{number}:{}",
            fault.message, fault.column
        )
    }
}

fn one_stream_more() -> BadLine {
    BadLine {
        column: 1,
        message: format!(
            "this is of one stream more than the {MOST_STREAMS} that an export may have"
        ),
    }
}

fn failed(what: &str, cannot: &str, error: &io::Error) -> Failure {
    Failure::new(Exit::Unexpected, format!("{what} {cannot}: {error}"))
}

fn tell(text: &str) {
    // Nobody is left to tell when the standard error is gone.
    let _ = writeln!(io::stderr(), "{}", escape(text));
}
