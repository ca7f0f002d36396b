//! One thread reads and hashes, workers compress, the reader writes what they finish, in order.
//!
//! At most two frames a worker and one are under way: a raw buffer of 8 MiB and its compressed form each.

use super::{Options, Planned, source::Reading};
use crate::codec::NativeEncoder;
use crate::error::Error;
use crate::report::{Reporter, Task};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use vitte_package_core::archive::{FrameInfo, Layout, Part, ustar_header};
use vitte_package_core::codec::{Codec, CodecError, FrameEncoder, Level, encode_adaptive};
use vitte_package_core::digest::Digest;
use vitte_package_core::tree::Tree;

/// A frame to be compressed.
struct Job {
    number: usize,
    raw: Vec<u8>,
}

/// A frame that was compressed, with the buffer of the raw bytes, to be used again.
struct Done {
    number: usize,
    raw: Vec<u8>,
    stored: Result<(Vec<u8>, Digest), CodecError>,
}

/// Runs all frames through; `write` gets them compressed, in order. Returns the digests of the files and
/// the lines of the frame table.
pub(super) fn run(
    inputs: &[Planned],
    outline: &Tree,
    layout: &Layout,
    level: Level,
    options: Options,
    reporter: &dyn Reporter,
    mut write: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(Vec<Digest>, Vec<FrameInfo>), Error> {
    let (jobs, waiting) = channel::<Job>();
    let (finished, done) = channel::<Done>();
    let waiting = Mutex::new(waiting);
    std::thread::scope(|scope| {
        let workers = options.jobs.clamp(1, layout.frames().len().max(1));
        for _ in 0..workers {
            let (waiting, finished) = (&waiting, finished.clone());
            scope.spawn(move || compress(waiting, &finished, options.codec, level));
        }
        drop(finished);
        let mut flow = Flow {
            jobs,
            done,
            early: BTreeMap::new(),
            free: Vec::new(),
            under_way: 0,
            frames: Vec::with_capacity(layout.frames().len()),
            write: &mut write,
            reporter,
        };
        let mut reader = Reader { inputs, outline, current: None, digests: Vec::with_capacity(inputs.len()) };
        for number in 0..layout.frames().len() {
            while flow.under_way > 2 * workers {
                flow.take_one()?;
            }
            let mut raw = flow.free.pop().unwrap_or_default();
            reader.fill(&mut raw, layout.parts(outline, number))?;
            flow.send(Job { number, raw });
        }
        reader.close()?;
        while flow.under_way > 0 {
            flow.take_one()?;
        }
        Ok((reader.digests, flow.frames))
        // On an error too `jobs` is dropped here, so the workers come to an end.
    })
}

/// What every worker does, until there are no more jobs or nobody wants the results.
fn compress(waiting: &Mutex<Receiver<Job>>, finished: &Sender<Done>, codec: Codec, level: Level) {
    let mut encoder = NativeEncoder::new(codec);
    loop {
        let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { number, raw }) = job else { return };
        let stored = match codec {
            Codec::Zstd => encode_adaptive(&raw, level, &mut encoder),
            Codec::Lz4 => encoder.encode(&raw, level),
        };
        let stored = stored.map(|stored| {
            let digest = Digest::of(&stored);
            (stored, digest)
        });
        if finished.send(Done { number, raw, stored }).is_err() {
            return;
        }
    }
}

/// Frames between reader, workers and file.
struct Flow<'a> {
    jobs: Sender<Job>,
    done: Receiver<Done>,
    /// Compressed before one that comes first in the file.
    early: BTreeMap<usize, (u64, Vec<u8>, Digest)>,
    free: Vec<Vec<u8>>,
    under_way: usize,
    frames: Vec<FrameInfo>,
    write: &'a mut dyn FnMut(&[u8]) -> Result<(), Error>,
    reporter: &'a dyn Reporter,
}

impl Flow<'_> {
    fn send(&mut self, job: Job) {
        // A worker leaves only when this end is gone, or by a panic, which the scope passes on.
        if self.jobs.send(job).is_ok() {
            self.under_way += 1;
        }
    }

    /// Waits for one frame and writes what is next in order.
    fn take_one(&mut self) -> Result<(), Error> {
        let Ok(Done { number, raw, stored }) = self.done.recv() else {
            self.under_way = 0;
            return Ok(());
        };
        self.under_way -= 1;
        let (stored, digest) = stored?;
        let raw_len = raw.len() as u64;
        self.reporter.advanced(Task::Compress, raw_len);
        self.free.push(raw);
        self.early.insert(number, (raw_len, stored, digest));
        while let Some((raw_len, stored, digest)) = self.early.remove(&self.frames.len()) {
            (self.write)(&stored)?;
            self.frames.push(FrameInfo { raw_len, stored_len: stored.len() as u64, digest });
        }
        Ok(())
    }
}

/// Reads the files one after the other, as the layout wants their bytes.
struct Reader<'a> {
    inputs: &'a [Planned],
    outline: &'a Tree,
    current: Option<Reading<'a>>,
    digests: Vec<Digest>,
}

impl Reader<'_> {
    fn fill(&mut self, raw: &mut Vec<u8>, parts: impl Iterator<Item = Part>) -> Result<(), Error> {
        raw.clear();
        for part in parts {
            match part {
                Part::Header { entry } => {
                    self.close()?;
                    let (file, planned) = (&self.outline.entries()[entry], &self.inputs[entry]);
                    raw.extend_from_slice(&ustar_header(file.path(), file.size(), file.mode()));
                    self.current = Some(planned.input.source.open(&planned.seen)?);
                }
                Part::Content { len, .. } => {
                    let start = raw.len();
                    // A part is no longer than a frame.
                    raw.resize(start + len as usize, 0);
                    if let Some(reading) = &mut self.current {
                        reading.read(&mut raw[start..])?;
                    }
                }
                Part::Padding { len, .. } => raw.resize(raw.len() + len as usize, 0),
            }
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Error> {
        if let Some(reading) = self.current.take() {
            self.digests.push(reading.finish()?);
        }
        Ok(())
    }
}
