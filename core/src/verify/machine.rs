//! The machine that puts all checks of one archive in order.
//!
//! * `prelude`: which package it is and who signed it, before any content; and the record up to the report.
//! * `contents`: which files were seen, in frames or one by one.
//! * `made`: the same two for a package that does not come as an archive.

mod contents;
mod made;
mod outcome;
mod prelude;

pub use made::FilesVerifier;
pub use outcome::{ArchivePrelude, VerifiedPackage, VerifyOutcome};

use super::{CheckId, CheckedFrame, Expectation, FrameJob, Sections, Status, Trust, VerifyError};
use crate::archive::plan::{FetchPlan, plan_behind};
use crate::archive::{
    ArchiveError, ArchiveEvent, ArchiveKind, ArchiveReader, Head, Toc, TotalLen, check_end,
};
use crate::diagnostic::Diagnostic;
use crate::digest::Digest;
use crate::message::verify as text;
use crate::target::Kind;
use contents::Contents;
use prelude::{Prelude, Subject};
use std::ops::Range;
use std::sync::Arc;

/// What the machine says while it is fed.
#[derive(Debug)]
pub enum VerifyEvent {
    /// HEAD, TOC and signatures were read and checked; no content was. Whoever only takes what is verified
    /// can stop here if [`ArchivePrelude::status_if_intact`] says it will not be.
    Prelude(ArchivePrelude),
    /// A frame of a wanted section was read. The job is to be checked with these bytes, and what comes of it
    /// [accepted](PackageVerifier::accept).
    Frame(FrameJob, Vec<u8>),
    /// The archive ended as it must.
    End,
}

/// Verifies one archive.
///
/// Feed it the bytes by [`push`](Self::push) and take events by [`next`](Self::next), as with
/// [`ArchiveReader`]; check each [`FrameJob`] wherever it suits, hand the results to [`accept`](Self::accept)
/// in the order of the frames, and end with [`finish`](Self::finish).
///
/// Whoever can read at any offset feeds only until [`VerifyEvent::Prelude`], then takes
/// [`wanted_frames`](Self::wanted_frames), [`job`](Self::job) and [`frame_range`](Self::frame_range), and
/// gives the last bytes to [`check_end`](Self::check_end).
///
/// After the first fault it takes nothing more; [`finish`](Self::finish) reports it.
#[derive(Debug)]
pub struct PackageVerifier {
    reader: ArchiveReader,
    prelude: Prelude,
    /// From the table of contents on.
    contents: Option<Contents>,
    sections: Sections,
    wanted: Vec<usize>,
    /// How many of the wanted frames were accepted.
    accepted: usize,
    ended: bool,
}

impl PackageVerifier {
    /// Starts at the first byte of an archive.
    pub fn new(expectation: Expectation, trust: Trust, sections: Sections, total: TotalLen) -> Self {
        Self {
            reader: ArchiveReader::new(total),
            prelude: Prelude::new(expectation, trust),
            contents: None,
            sections,
            wanted: Vec::new(),
            accepted: 0,
            ended: false,
        }
    }

    /// Takes the next bytes of the archive.
    pub fn push(&mut self, bytes: &[u8]) {
        if !self.prelude.has_failed() {
            self.reader.push(bytes);
        }
    }

    /// The next event, or `None` until more is pushed, and for ever after a fault.
    ///
    /// # Errors
    /// The first fault found in what was pushed.
    #[allow(clippy::should_implement_trait)] // `None` means "not yet": an iterator would promise "never again".
    pub fn next(&mut self) -> Option<Result<VerifyEvent, VerifyError>> {
        if self.prelude.has_failed() {
            return None;
        }
        loop {
            let event = match self.reader.next()? {
                Ok(event) => event,
                Err(error) => return Some(Err(self.prelude.fail(error.into()))),
            };
            match self.take(event) {
                Ok(Some(event)) => return Some(Ok(event)),
                Ok(None) => {}
                Err(error) => return Some(Err(self.prelude.fail(error))),
            }
        }
    }

    fn take(&mut self, event: ArchiveEvent) -> Result<Option<VerifyEvent>, VerifyError> {
        match event {
            ArchiveEvent::Head(head) => self.check_head(&head).map(|()| None),
            ArchiveEvent::Toc(toc) => {
                self.check_toc(&toc);
                Ok(None)
            }
            ArchiveEvent::Signatures(payload) => {
                self.check_signatures(&payload)?;
                let (Some(toc), Some(head)) = (self.reader.toc(), self.reader.head()) else {
                    return Ok(None);
                };
                let (toc, codec) = (Arc::clone(toc), head.codec());
                let (status_if_intact, reason) = (self.prelude.status_if_intact(), self.prelude.reason());
                Ok(Some(VerifyEvent::Prelude(ArchivePrelude { toc, codec, status_if_intact, reason })))
            }
            ArchiveEvent::Frame { index, stored } => {
                let wanted = self.wanted.binary_search(&index).is_ok();
                let job = if wanted { self.job(index) } else { None };
                Ok(job.map(|job| VerifyEvent::Frame(job, stored)))
            }
            ArchiveEvent::End => {
                self.end();
                Ok(Some(VerifyEvent::End))
            }
        }
    }

    fn check_head(&mut self, head: &Head) -> Result<(), VerifyError> {
        self.prelude.check_identity(artifact_kind(head)?, head.tree())?;
        let expected = self.prelude.expectation.head;
        self.prelude.head_differs = expected.is_some_and(|expected| expected != head.head_digest());
        Ok(())
    }

    fn check_toc(&mut self, toc: &Arc<Toc>) {
        let tree = toc.shared_tree();
        let verdicts = &mut self.prelude.verdicts;
        verdicts.passed(CheckId::Toc, text::found_toc(toc.frames().frames().len() as u64));
        verdicts.passed(CheckId::Tree, text::found_tree(&tree.digest().to_string()));
        self.contents = Some(Contents::new(Arc::clone(tree), &self.sections));
        self.choose_frames();
    }

    /// The frames that hold something of a file that is to come in frames.
    fn choose_frames(&mut self) {
        let (Some(toc), Some(contents)) = (self.reader.toc(), &self.contents) else { return };
        let frames = toc.layout().frames().iter().enumerate();
        let wanted = frames.filter(|(_, span)| span.entries().any(|entry| contents.is_in_frames(entry)));
        self.wanted = wanted.map(|(frame, _)| frame).collect();
    }

    fn check_signatures(&mut self, payload: &[u8]) -> Result<(), VerifyError> {
        let (Some(head), Some(toc)) = (self.reader.head(), self.reader.toc()) else { return Ok(()) };
        let kind = artifact_kind(head)?;
        let sigs_len = payload.len().to_string();
        let found = text::found_container(kind.as_str(), head.codec().name(), &sigs_len);
        self.prelude.verdicts.passed(CheckId::Container, found);
        self.prelude.check_signatures(kind, toc.tree(), payload)
    }

    /// Once the front was read, and before the first frame: these files will be given to
    /// [`accept_file`](Self::accept_file), because they are here already. Frames that hold nothing else are no longer
    /// wanted, and what other frames hold of these files is not looked at.
    pub fn expect_files(&mut self, entries: impl IntoIterator<Item = usize>) {
        let Some(contents) = &mut self.contents else { return };
        entries.into_iter().for_each(|entry| contents.expect_apart(entry));
        self.choose_frames();
    }

    /// Takes a file that is not to come in frames, by the digest of its content as it was read now. The manifest, which
    /// is the first, goes to [`accept_manifest`](Self::accept_manifest).
    ///
    /// # Errors
    /// [`VerifyError::FileDigest`].
    pub fn accept_file(&mut self, entry: usize, digest: Digest) -> Result<(), VerifyError> {
        match &mut self.contents {
            Some(contents) => made::accept_file(&mut self.prelude, contents, entry, digest),
            None => Err(VerifyError::FilesMissing(0)),
        }
    }

    /// Takes the manifest where it is not to come in a frame.
    ///
    /// # Errors
    /// Those about the manifest of [`accept`](Self::accept), and [`VerifyError::FileDigest`].
    pub fn accept_manifest(&mut self, bytes: &[u8]) -> Result<(), VerifyError> {
        match &mut self.contents {
            Some(contents) => made::accept_manifest(&mut self.prelude, contents, bytes),
            None => Err(VerifyError::FilesMissing(0)),
        }
    }

    /// The frames that are to be checked, in order, once the front was read.
    pub fn wanted_frames(&self) -> &[usize] {
        &self.wanted
    }

    /// How to bring the wanted frames that are not among the first `have` bytes, which are here; once the front was read.
    pub fn plan(&self, have: u64) -> Option<FetchPlan> {
        plan_behind(&self.reader, &self.wanted.iter().copied().collect(), have)
    }

    /// Where the frames of wanted sections end in the archive, once the front was read: behind there nothing is wanted but
    /// the end.
    pub fn wanted_end(&self) -> Option<u64> {
        let last = self.wanted.last().map(|last| self.reader.frame_range(*last).map(|range| range.end));
        last.unwrap_or_else(|| self.reader.frame_range(0).map(|range| range.start))
    }

    /// What has to be checked about a frame, once the front was read.
    pub fn job(&self, frame: usize) -> Option<FrameJob> {
        FrameJob::new(self.reader.toc()?, self.reader.head()?.codec(), frame)
    }

    /// Where a frame lies in the archive, once the front was read.
    pub fn frame_range(&self, frame: usize) -> Option<Range<u64>> {
        self.reader.frame_range(frame)
    }

    /// Where the constant end lies in the archive, once the front was read.
    pub fn end_range(&self) -> Option<Range<u64>> {
        self.reader.end_range()
    }

    /// Takes a frame that was checked. Frames come in order; those not wanted are left out.
    ///
    /// The frame must have been checked against this archive's table of contents: a frame of another archive
    /// proves nothing about this one, whatever its number.
    ///
    /// # Errors
    /// [`VerifyError::OtherArchive`]; [`VerifyError::FrameOrder`]; [`VerifyError::FileDigest`] when a file that ends in this frame is not what
    /// the tree says; [`VerifyError::ManifestName`], [`VerifyError::ManifestUnreadable`] and
    /// [`VerifyError::Sign`] when the manifest, which is in the first frame, is of another package than was
    /// signed or expected.
    pub fn accept(&mut self, frame: &CheckedFrame) -> Result<(), VerifyError> {
        if !self.reader.toc().is_some_and(|toc| frame.is_of(toc)) {
            return Err(VerifyError::OtherArchive { frame: frame.index() as u64 });
        }
        let expected = self.wanted.get(self.accepted).copied();
        if expected != Some(frame.index()) || self.prelude.has_failed() {
            let expected = expected.unwrap_or(self.wanted.len()) as u64;
            return Err(VerifyError::FrameOrder { expected, got: frame.index() as u64 });
        }
        let result = match &mut self.contents {
            Some(contents) => contents.accept_frame(frame).and_then(|()| match frame.manifest() {
                // The manifest is the first file and `meta` at most 1 MiB, so it is whole in the first frame.
                Some(bytes) if contents.is_in_frames(0) => {
                    self.prelude.check_manifest(bytes, contents.tree())
                }
                _ => Ok(()),
            }),
            None => Ok(()),
        };
        result.map_err(|error| self.prelude.fail(error))?;
        self.accepted += 1;
        Ok(())
    }

    /// Tells the machine that checking a frame failed, so that the report says so.
    pub fn reject(&mut self, error: VerifyError) {
        self.prelude.fail(error);
    }

    /// Checks the last bytes of the archive, for whoever did not push them.
    ///
    /// # Errors
    /// [`ArchiveError::EndFrame`] when they are not the constant end.
    pub fn check_end(&mut self, bytes: &[u8]) -> Result<(), VerifyError> {
        let (Some(head), Some(range)) = (self.reader.head(), self.reader.end_range()) else {
            return Err(VerifyError::Incomplete(self.wanted.len() as u64));
        };
        match check_end(head, bytes, range.start) {
            Ok(()) => {
                self.end();
                Ok(())
            }
            Err(error) => Err(self.prelude.fail(error.into())),
        }
    }

    fn end(&mut self) {
        self.ended = true;
        self.prelude.verdicts.passed(CheckId::End, None);
    }

    /// Ends the verification, with everything that was checked.
    ///
    /// An archive that was not read to its end is not verified: neither is one of whose wanted files not all were seen.
    pub fn finish(mut self) -> VerifyOutcome {
        if !self.prelude.has_failed() {
            self.check_complete();
        }
        let head = self.reader.head().cloned();
        self.prelude.finish(Subject {
            kind: head.as_ref().and_then(|head| artifact_kind(head).ok()),
            digest: head.as_ref().map(Head::tree),
            head,
            tree: self.reader.toc().map(|toc| Arc::clone(toc.shared_tree())),
            sections: self.sections,
        })
    }

    /// Makes an unfinished verification a failed one, and a finished one say so.
    fn check_complete(&mut self) {
        let missing = self.wanted.len() - self.accepted;
        let front_missing = self.reader.expected_len().is_none();
        // Whoever reads only some sections need not see the end; whoever reads all of them must.
        let end_missing = !self.ended && self.sections == Sections::All;
        if front_missing || missing > 0 || end_missing {
            let error = match self.reader.finish() {
                Err(error) => error.into(),
                Ok(()) => VerifyError::Incomplete(missing as u64),
            };
            self.prelude.fail(error);
            return;
        }
        let (Some(toc), Some(contents)) = (self.reader.toc(), &self.contents) else { return };
        if contents.missing() > 0 {
            self.prelude.fail(VerifyError::FilesMissing(contents.missing() as u64));
            return;
        }
        let frames = toc.frames().frames().len() as u64;
        let (files, _) = made::totals(toc.tree(), &self.sections);
        made::pass_files(&mut self.prelude, contents, &self.sections);
        let verdicts = &mut self.prelude.verdicts;
        if !self.ended {
            verdicts.not_asked(CheckId::End);
        }
        verdicts.passed(CheckId::Frames, text::found_frames(self.accepted as u64, frames));
        verdicts.passed(CheckId::Headers, text::found_headers(files));
    }
}

/// The kind of the artifact; deltas are refused.
fn artifact_kind(head: &Head) -> Result<Kind, VerifyError> {
    match head.kind() {
        ArchiveKind::Artifact(kind) => Ok(kind),
        ArchiveKind::Delta => Err(ArchiveError::Delta.into()),
    }
}
