//! Workers read, hash and compress one frame each; the caller's thread hashes what spans frames and writes them in order.
//!
//! At most two frames a worker and one are under way: a raw buffer of 8 MiB and its compressed form each.

use super::Planned;
use crate::error::Error;
use crate::report::{Reporter, Task, Work};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use vitte_package_codec::NativeEncoder;
use vitte_package_core::archive::{FrameInfo, Layout, Part, ustar_header};
use vitte_package_core::codec::{Codec, FrameEncoder, Level, encode_adaptive};
use vitte_package_core::digest::{Digest, Hasher};
use vitte_package_core::tree::Tree;

/// A frame to be made, and the buffer for its raw bytes.
struct Job {
    number: usize,
    raw: Vec<u8>,
}

/// What became of a job.
struct Done {
    number: usize,
    frame: Result<Frame, Error>,
}

/// A frame that was read and compressed.
struct Frame {
    raw: Vec<u8>,
    /// Digests of the files that lie wholly inside, in order.
    whole: Vec<Digest>,
    stored: Vec<u8>,
    digest: Digest,
}

/// Makes all frames; `write` gets them compressed, in order. Returns the digests of the files and
/// the lines of the frame table.
pub(super) fn run(
    maker: &Maker<'_>,
    work: Work<'_>,
    mut write: impl FnMut(&[u8]) -> Result<(), Error>,
) -> Result<(Vec<Digest>, Vec<FrameInfo>), Error> {
    let (jobs, waiting) = channel::<Job>();
    let (finished, done) = channel::<Done>();
    let waiting = Mutex::new(waiting);
    let (layout, reporter) = (maker.layout, work.reporter);
    std::thread::scope(|scope| {
        let workers = work.jobs.clamp(1, layout.frames().len().max(1));
        for _ in 0..workers {
            let (waiting, finished) = (&waiting, finished.clone());
            scope.spawn(move || maker.work(waiting, &finished));
        }
        drop(finished);
        // Dropped with this closure, on an error too: then the workers come to an end.
        let jobs = jobs;
        let mut order = Order {
            done,
            early: BTreeMap::new(),
            digests: Vec::with_capacity(maker.inputs.len()),
            open: Hasher::new(),
            frames: Vec::with_capacity(layout.frames().len()),
        };
        let mut free = Vec::new();
        for number in 0..layout.frames().len() {
            while number - order.frames.len() > 2 * workers {
                free.push(order.next(maker, reporter, &mut write)?);
            }
            let raw = free.pop().unwrap_or_default();
            if jobs.send(Job { number, raw }).is_err() {
                // Every worker has panicked: the scope passes that on.
                break;
            }
        }
        while order.frames.len() < layout.frames().len() {
            order.next(maker, reporter, &mut write)?;
        }
        Ok((order.digests, order.frames))
    })
}

/// What every worker knows.
pub(super) struct Maker<'a> {
    pub(super) inputs: &'a [Planned],
    pub(super) outline: &'a Tree,
    pub(super) layout: &'a Layout,
    pub(super) codec: Codec,
    pub(super) level: Level,
}

impl Maker<'_> {
    /// Until there are no more jobs or nobody wants the results.
    fn work(&self, waiting: &Mutex<Receiver<Job>>, finished: &Sender<Done>) {
        let mut encoder = NativeEncoder::new(self.codec);
        loop {
            let job = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Job { number, raw }) = job else { return };
            if finished.send(Done { number, frame: self.make(number, raw, &mut encoder) }).is_err() {
                return;
            }
        }
    }

    fn make(&self, number: usize, mut raw: Vec<u8>, encoder: &mut NativeEncoder) -> Result<Frame, Error> {
        let whole = self.read(number, &mut raw)?;
        let stored = match self.codec {
            Codec::Zstd => encode_adaptive(&raw, self.level, encoder),
            Codec::Lz4 => encoder.encode(&raw, self.level),
        }?;
        let digest = Digest::of(&stored);
        Ok(Frame { raw, whole, stored, digest })
    }

    /// Fills `raw` with what the layout puts in the frame. Gives the digests of the files wholly inside.
    fn read(&self, number: usize, raw: &mut Vec<u8>) -> Result<Vec<Digest>, Error> {
        raw.clear();
        let mut whole = Vec::new();
        for part in self.layout.parts(self.outline, number) {
            let start = raw.len();
            match part {
                Part::Header { entry } => {
                    let (file, planned) = (&self.outline.entries()[entry], &self.inputs[entry]);
                    raw.extend_from_slice(&ustar_header(file.path(), file.size(), file.mode()));
                    if file.size() == 0 {
                        planned.input.source.open(&planned.seen, 0)?.finish()?;
                        whole.push(Digest::of(b""));
                    }
                }
                Part::Content { entry, offset, len } => {
                    let Planned { input, seen } = &self.inputs[entry];
                    // A part is no longer than a frame.
                    raw.resize(start + len as usize, 0);
                    let mut reading = input.source.open(seen, offset)?;
                    reading.read(&mut raw[start..])?;
                    reading.finish()?;
                    if len == seen.len() {
                        whole.push(Digest::of(&raw[start..]));
                    }
                }
                Part::Padding { len, .. } => raw.resize(start + len as usize, 0),
            }
        }
        Ok(whole)
    }
}

/// Puts in order what the workers finish.
struct Order {
    done: Receiver<Done>,
    /// Finished before one that comes first in the file.
    early: BTreeMap<usize, Result<Frame, Error>>,
    digests: Vec<Digest>,
    /// Of the file that goes on in the next frame.
    open: Hasher,
    frames: Vec<FrameInfo>,
}

impl Order {
    /// Waits for the frame that is next in the file and takes it. Gives its buffer, to be used again.
    fn next(
        &mut self,
        maker: &Maker<'_>,
        reporter: &dyn Reporter,
        write: &mut impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<Vec<u8>, Error> {
        let number = self.frames.len();
        let frame = loop {
            if let Some(frame) = self.early.remove(&number) {
                break frame?;
            }
            match self.done.recv() {
                Ok(Done { number, frame }) => drop(self.early.insert(number, frame)),
                // A worker ends before its jobs do only by a panic.
                Err(_) => std::panic::resume_unwind(Box::new("a worker has panicked")),
            }
        };
        self.digest(maker, &frame);
        write(&frame.stored)?;
        let raw_len = frame.raw.len() as u64;
        self.frames.push(FrameInfo { raw_len, stored_len: frame.stored.len() as u64, digest: frame.digest });
        reporter.advanced(Task::Compress, raw_len);
        Ok(frame.raw)
    }

    /// The digests of the files that end in a frame.
    fn digest(&mut self, maker: &Maker<'_>, frame: &Frame) {
        let mut whole = frame.whole.iter();
        let mut at = 0;
        for part in maker.layout.parts(maker.outline, self.frames.len()) {
            let end = at + part.len() as usize;
            match part {
                Part::Header { entry } if maker.outline.entries()[entry].size() == 0 => {
                    self.digests.extend(whole.next());
                }
                Part::Content { entry, len, .. } if len == maker.outline.entries()[entry].size() => {
                    self.digests.extend(whole.next());
                }
                Part::Content { entry, offset, len } => {
                    self.open.update(&frame.raw[at..end]);
                    if offset + len == maker.outline.entries()[entry].size() {
                        self.digests.push(std::mem::take(&mut self.open).finish());
                    }
                }
                Part::Header { .. } | Part::Padding { .. } => {}
            }
            at = end;
        }
    }
}
