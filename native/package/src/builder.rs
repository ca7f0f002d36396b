//! Files in, archive out: reading, hashing, compressing on several threads, in bounded memory.
//!
//! Two steps. [`Plan::new`] looks at the files (sizes, modes, rules) and fixes the list. [`Plan::write`] reads
//! every file once, several frames at a time: each is read, hashed and compressed by one worker. A file that is
//! not what the plan saw is an error. The archive appears under its name whole or not at all.
//!
//! The list of files, and with it the identity, is a function of contents, paths, modes and sections alone.

mod pipeline;
mod source;

pub use source::{Input, InputSource};

use crate::error::{Error, IoAction, IoContext};
use crate::fs::TempDir;
use crate::report::{Reporter, Task, Work};
use pipeline::Maker;
use source::Seen;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Seek, Write};
use std::path::Path;
use vitte_package_codec::NativeEncoder;
use vitte_package_core::archive::{ArchiveWriter, Head, Layout, end_frame};
use vitte_package_core::codec::{Codec, FrameEncoder, Level, Profile, level_for};
use vitte_package_core::digest::{Digest, Hasher, TreeDigest};
use vitte_package_core::target::Kind;
use vitte_package_core::tree::{Tree, TreeBuilder};

/// How an archive is made.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Binary or source.
    pub kind: Kind,
    /// How content frames are compressed.
    pub codec: Codec,
    /// What the archive is for: decides the level.
    pub profile: Profile,
    /// Threads that compress; at least 1.
    pub jobs: usize,
}

/// The files of a package to be, looked at but not yet read.
#[derive(Debug)]
pub struct Plan {
    inputs: Vec<Planned>,
    /// The list of files with its final order and sizes; its digests are not known yet.
    outline: Tree,
}

#[derive(Debug)]
struct Planned {
    input: Input,
    seen: Seen,
}

/// One file of the plan.
#[derive(Clone, Copy, Debug)]
pub struct PlannedFile<'a> {
    /// What goes in.
    pub input: &'a Input,
    /// Section of the package; may be `meta` by rule, whatever the input says.
    pub section: &'a str,
    /// Bytes of content.
    pub size: u64,
}

/// An archive that was written.
#[derive(Clone, Debug)]
pub struct Built {
    tree: Tree,
    head: Head,
    len: u64,
    frames: usize,
}

impl Built {
    /// The list of files.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The identity.
    pub fn digest(&self) -> TreeDigest {
        self.tree.digest()
    }

    /// HEAD of the file: pins this encoding of it.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Bytes of the file.
    pub fn file_len(&self) -> u64 {
        self.len
    }

    /// Content frames.
    pub fn frame_count(&self) -> usize {
        self.frames
    }
}

impl Plan {
    /// Looks at the files: each must be a regular file, and together they must obey the rules of trees. The
    /// order of `inputs` does not matter.
    ///
    /// # Errors
    /// `io` when a file cannot be looked at, `entry-type` when one is not a regular file, and the errors of
    /// [`TreeBuilder::build`] about paths, sections and sizes.
    pub fn new(inputs: Vec<Input>) -> Result<Self, Error> {
        let mut builder = TreeBuilder::new();
        let unread = Digest::from_bytes([0; 32]);
        let mut by_path = BTreeMap::new();
        for input in inputs {
            let seen = input.source.look()?;
            builder.add(&input.section, input.path.clone(), input.mode, seen.len(), unread);
            by_path.insert(input.path.clone(), Planned { input, seen });
        }
        let outline = builder.build()?;
        let inputs = outline.entries().iter().filter_map(|entry| by_path.remove(entry.path())).collect();
        Ok(Self { inputs, outline })
    }

    /// The files, in the order of the archive.
    pub fn files(&self) -> impl Iterator<Item = PlannedFile<'_>> {
        let sections = self.outline.sections().flat_map(|section| {
            let name = section.name().as_str();
            section.range().map(move |_| name)
        });
        self.inputs.iter().zip(sections).map(|(planned, section)| PlannedFile {
            input: &planned.input,
            section,
            size: planned.seen.len(),
        })
    }

    /// Bytes of all contents.
    pub fn content_len(&self) -> u64 {
        self.outline.content_len()
    }

    /// Reads the files and lists them, without compressing or writing anything.
    ///
    /// # Errors
    /// As [`write`](Self::write), as far as reading goes.
    pub fn tree(&self, reporter: &dyn Reporter) -> Result<Tree, Error> {
        let mut digests = Vec::with_capacity(self.inputs.len());
        reporter.started(Task::Compress, Some(self.content_len()));
        let mut buffer = vec![0; 256 * 1024];
        let result = self.inputs.iter().try_for_each(|planned| {
            let mut reading = planned.input.source.open(&planned.seen, 0)?;
            let mut hasher = Hasher::new();
            let mut left = planned.seen.len();
            while left > 0 {
                let take = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
                reading.read(&mut buffer[..take])?;
                hasher.update(&buffer[..take]);
                left -= take as u64;
                reporter.advanced(Task::Compress, take as u64);
            }
            reading.finish()?;
            digests.push(hasher.finish());
            Ok(())
        });
        reporter.finished(Task::Compress);
        result.and_then(|()| self.tree_of(&digests))
    }

    /// The list of files, once their digests are known.
    fn tree_of(&self, digests: &[Digest]) -> Result<Tree, Error> {
        let mut builder = TreeBuilder::new();
        for (planned, digest) in self.inputs.iter().zip(digests) {
            let Input { path, section, mode, .. } = &planned.input;
            builder.add(section, path.clone(), *mode, planned.seen.len(), *digest);
        }
        Ok(builder.build()?)
    }

    /// Reads, compresses and writes the archive to `place`, whose folder is made if need be. `signatures` is
    /// the SIGS payload, empty for an unsigned archive; it is asked for once the tree is known.
    ///
    /// # Errors
    /// `io` and `no-space`, `source` when a file changed since the plan was made or while it was read, and
    /// the errors of `signatures`. Nothing is left behind then, and what was at `place` is untouched.
    pub fn write(
        &self,
        place: &Path,
        options: Options,
        reporter: &dyn Reporter,
        signatures: impl FnOnce(&Tree) -> Result<Vec<u8>, Error>,
    ) -> Result<Built, Error> {
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let staging = TempDir::new_in(folder)?;
        let spool_path = staging.path().join("frames");
        let mut spool = create(&spool_path)?;
        let level = level_for(options.profile, self.content_len());
        let layout = Layout::of(&self.outline);
        reporter.started(Task::Compress, Some(self.outline.tar_len()));
        let maker = Maker {
            inputs: &self.inputs,
            outline: &self.outline,
            layout: &layout,
            codec: options.codec,
            level,
        };
        let frames = pipeline::run(&maker, Work { jobs: options.jobs, reporter }, |stored| {
            spool.write_all(stored).on(IoAction::Write, &spool_path)
        });
        reporter.finished(Task::Compress);
        let (digests, frames) = frames?;
        let tree = self.tree_of(&digests)?;
        let signatures = signatures(&tree)?;
        let archive = ArchiveWriter::new(options.kind, options.codec, tree, frames)?;
        let toc = NativeEncoder::new(Codec::Zstd).encode(archive.toc_text(), toc_level(level))?;
        let len = archive.total_len(&toc, &signatures);
        let file_path = staging.path().join("archive");
        let mut file = create(&file_path)?;
        spool.rewind().on(IoAction::Read, &spool_path)?;
        file.write_all(&archive.prefix(&toc, &signatures)?)
            .and_then(|()| std::io::copy(&mut spool, &mut file))
            .and_then(|_| file.write_all(end_frame(options.codec)))
            .and_then(|()| file.sync_all())
            .on(IoAction::Write, place)?;
        crate::fs::rename(&file_path, place)?;
        let head = archive.head(&toc)?;
        let frames = archive.toc().frames().frames().len();
        Ok(Built { tree: archive.toc().tree().clone(), head, len, frames })
    }
}

/// The TOC is fetched before anything else, so it is worth some effort, within reason.
fn toc_level(level: Level) -> Level {
    level.max(Level::new(9).unwrap_or(Level::MIN))
}

fn create(path: &Path) -> Result<File, Error> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    crate::fs::closed_to_others(&mut options);
    options.open(path).on(IoAction::Write, path)
}

#[cfg(test)]
mod tests;
