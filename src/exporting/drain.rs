//! Writes what an [`Exporter`] makes: its lanes go into files without a name first, where there are several.

use std::{
    fs::File,
    io::{self, BufWriter, Seek, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::{
    event::{Event, Record, StreamId},
    export::Exporter,
};

/// A file that appears under its name when it is whole, for its owner alone.
pub struct NewFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl NewFile {
    /// Begins a file beside the place where it will stand.
    ///
    /// # Errors
    /// When something stands there already, or nothing can be written there.
    pub fn create(path: &Path) -> io::Result<Self> {
        if path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let folder = path.parent().filter(|path| !path.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        let file = tempfile::Builder::new()
            .prefix(".sockeye-")
            .suffix(".new")
            .tempfile_in(folder)?;
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    /// Puts it under its name; returns its size in bytes.
    ///
    /// # Errors
    /// When it cannot be written to the end, or something else has come to stand there.
    pub fn keep(self) -> io::Result<u64> {
        self.file.as_file().sync_all()?;
        let size = self.file.as_file().metadata()?.len();
        self.file.persist_noclobber(&self.path)?;
        Ok(size)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// An export under way.
pub struct Drain<W: Write> {
    exporter: Exporter,
    out: BufWriter<W>,
    /// A file without a name for each lane, where there are several.
    spools: Vec<BufWriter<File>>,
    /// Whether there are several lanes.
    apart: bool,
    buffer: Vec<u8>,
    count: u64,
}

impl<W: Write> Drain<W> {
    /// Begins to write; `apart` when each stream has a lane of its own.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(exporter: Exporter, out: W, apart: bool) -> io::Result<Self> {
        let mut out = BufWriter::with_capacity(1 << 16, out);
        out.write_all(&exporter.head())?;
        Ok(Self {
            exporter,
            out,
            spools: Vec::new(),
            apart,
            buffer: Vec::new(),
            count: 0,
        })
    }

    /// Writes an event.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn event(&mut self, event: &Event) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        self.exporter.event(event, &mut buffer);
        self.put(event.stream, buffer)
    }

    /// The id of a stream; see [`Exporter::origin`].
    pub fn stream(&mut self, name: &str) -> Option<StreamId> {
        self.exporter.origin(name)
    }

    /// Writes an event of this stream that was read from this line.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn recorded(
        &mut self,
        stream: StreamId,
        record: Record<'_>,
        line: &[u8],
    ) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        self.exporter.recorded((stream, record), line, &mut buffer);
        self.put(stream, buffer)
    }

    fn put(&mut self, stream: StreamId, mut bytes: Vec<u8>) -> io::Result<()> {
        self.count += 1;
        if self.apart {
            let lane = self.exporter.lane(stream);
            while self.spools.len() <= lane {
                self.spools.push(BufWriter::new(tempfile::tempfile()?));
            }
            self.spools[lane].write_all(&bytes)?;
        } else {
            self.out.write_all(&bytes)?;
        }
        bytes.clear();
        self.buffer = bytes;
        Ok(())
    }

    /// Puts the lanes behind each other and returns where all was written, with the number of events.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        let mut follows = false;
        for (at, mut spool) in std::mem::take(&mut self.spools).into_iter().enumerate() {
            let mut rest = Vec::new();
            self.exporter.finish(at, &mut rest);
            spool.write_all(&rest)?;
            let mut spool = spool.into_inner().map_err(io::IntoInnerError::into_error)?;
            if spool.stream_position()? == 0 {
                continue;
            }
            if follows {
                self.out.write_all(self.exporter.between())?;
            }
            follows = true;
            spool.rewind()?;
            io::copy(&mut spool, &mut self.out)?;
        }
        self.out.write_all(self.exporter.foot())?;
        let out = self.out.into_inner();
        Ok((out.map_err(io::IntoInnerError::into_error)?, self.count))
    }
}
