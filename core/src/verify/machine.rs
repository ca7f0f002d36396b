//! The machine that puts all checks of one archive in order.

mod outcome;

pub use outcome::{ArchivePrelude, VerifiedPackage, VerifyOutcome};

use super::frame::SplitFiles;
use super::report::Verdicts;
use super::{
    CheckId, CheckedFrame, Expectation, FrameJob, Release, Sections, Status, Trust, VerifyError, VerifyReport,
};
use crate::archive::{
    ArchiveError, ArchiveEvent, ArchiveKind, ArchiveReader, Head, Toc, TotalLen, check_end,
};
use crate::diagnostic::{Diagnose as _, Diagnostic, Exit};
use crate::digest::Digest;
use crate::index::core_line;
use crate::manifest::Manifest;
use crate::message::verify as text;
use crate::sign::{Judgement, KeyId, ReleaseFacts, ReleaseStatement, SignError, Signatures, TrustPolicy};
use crate::target::Kind;
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
    expectation: Expectation,
    trust: Trust,
    sections: Sections,
    verdicts: Verdicts,
    signatures: SignatureVerdict,
    head_differs: bool,
    wanted: Vec<usize>,
    /// How many of the wanted frames were accepted.
    accepted: usize,
    split: SplitFiles,
    manifest: Option<(String, Manifest)>,
    ended: bool,
    failure: Option<Diagnostic>,
}

/// What the signatures are worth.
#[derive(Debug)]
enum SignatureVerdict {
    Unknown,
    Trusted(Option<Box<ReleaseStatement>>, Vec<KeyId>),
    Unsigned,
    Untrusted(Option<Box<ReleaseStatement>>, Vec<KeyId>, Diagnostic),
}

impl SignatureVerdict {
    fn status(&self) -> Status {
        match self {
            Self::Trusted(..) => Status::Verified,
            Self::Unsigned | Self::Unknown => Status::Unsigned,
            Self::Untrusted(..) => Status::Untrusted,
        }
    }

    fn statement(&self) -> Option<&ReleaseStatement> {
        match self {
            Self::Trusted(statement, _) | Self::Untrusted(statement, ..) => statement.as_deref(),
            Self::Unknown | Self::Unsigned => None,
        }
    }
}

impl PackageVerifier {
    /// Starts at the first byte of an archive.
    pub fn new(expectation: Expectation, trust: Trust, sections: Sections, total: TotalLen) -> Self {
        Self {
            reader: ArchiveReader::new(total),
            expectation,
            trust,
            sections,
            verdicts: Verdicts::default(),
            signatures: SignatureVerdict::Unknown,
            head_differs: false,
            wanted: Vec::new(),
            accepted: 0,
            split: SplitFiles::default(),
            manifest: None,
            ended: false,
            failure: None,
        }
    }

    /// Takes the next bytes of the archive.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failure.is_none() {
            self.reader.push(bytes);
        }
    }

    /// The next event, or `None` until more is pushed, and for ever after a fault.
    ///
    /// # Errors
    /// The first fault found in what was pushed.
    #[allow(clippy::should_implement_trait)] // `None` means "not yet": an iterator would promise "never again".
    pub fn next(&mut self) -> Option<Result<VerifyEvent, VerifyError>> {
        if self.failure.is_some() {
            return None;
        }
        loop {
            let event = match self.reader.next()? {
                Ok(event) => event,
                Err(error) => return Some(Err(self.fail(error.into()))),
            };
            match self.take(event) {
                Ok(Some(event)) => return Some(Ok(event)),
                Ok(None) => {}
                Err(error) => return Some(Err(self.fail(error))),
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
                let (status_if_intact, reason) = (self.signatures.status(), self.reason());
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
        let kind = artifact_kind(head)?;
        let named = match self.trust {
            Trust::Identity(tree) => Some(tree),
            Trust::Signatures(_) | Trust::Unproven => None,
        };
        for expected in [self.expectation.tree, named].into_iter().flatten() {
            if expected != head.tree() {
                return Err(VerifyError::UnexpectedTree { expected, got: head.tree() });
            }
            self.verdicts.passed(CheckId::Identity, expected.to_string());
        }
        if self.expectation.tree.is_none() && named.is_none() {
            self.verdicts.not_asked(CheckId::Identity);
        }
        match self.expectation.kind {
            Some(expected) if expected != kind => {
                return Err(VerifyError::UnexpectedKind { expected, got: kind });
            }
            _ => {}
        }
        self.head_differs = self.expectation.head.is_some_and(|expected| expected != head.head_digest());
        Ok(())
    }

    fn check_toc(&mut self, toc: &Arc<Toc>) {
        let tree = toc.tree();
        self.verdicts.passed(CheckId::Toc, text::found_toc(toc.frames().frames().len() as u64));
        self.verdicts.passed(CheckId::Tree, text::found_tree(&tree.digest().to_string()));
        let sections: Vec<_> = tree.sections().map(|section| section.name()).collect();
        let frames = toc.layout().frames().iter().enumerate();
        let wanted = frames.filter(|(_, span)| self.sections.contains(sections[span.section()]));
        self.wanted = wanted.map(|(frame, _)| frame).collect();
    }

    fn check_signatures(&mut self, payload: &[u8]) -> Result<(), VerifyError> {
        let (Some(head), Some(toc)) = (self.reader.head(), self.reader.toc()) else { return Ok(()) };
        let kind = artifact_kind(head)?;
        let sigs_len = payload.len().to_string();
        self.verdicts
            .passed(CheckId::Container, text::found_container(kind.as_str(), head.codec().name(), &sigs_len));
        let signatures = Signatures::parse(payload)?;
        let nobody = TrustPolicy::new();
        let policy = match &self.trust {
            Trust::Signatures(policy) => policy,
            Trust::Unproven => &nobody,
            Trust::Identity(_) => {
                for id in [CheckId::Signature, CheckId::Key, CheckId::Subject, CheckId::Registry] {
                    self.verdicts.not_asked(id);
                }
                self.signatures = SignatureVerdict::Trusted(None, Vec::new());
                return Ok(());
            }
        };
        let tree = toc.tree();
        let facts = ReleaseFacts {
            kind: Some(kind),
            tree: Some(tree.digest()),
            files: Some(tree.file_count() as u64),
            unpacked: Some(tree.content_len()),
            tree_len: Some(tree.text().len() as u64),
            manifest: Some(*tree.manifest().digest()),
            ..self.expectation.facts()
        };
        let judgement = policy.judge(&signatures, &facts)?;
        self.signatures = self.record_judgement(judgement);
        Ok(())
    }

    fn record_judgement(&mut self, judgement: Judgement) -> SignatureVerdict {
        match judgement {
            Judgement::Trusted { statement, signers } => {
                let names = signers.iter().map(KeyId::short).collect::<Vec<_>>().join(", ");
                self.verdicts.passed(CheckId::Signature, text::found_signers(&names));
                self.verdicts.passed(CheckId::Key, None);
                self.verdicts.passed(CheckId::Subject, release_words(&statement));
                match self.expectation.registry {
                    Some(_) => self.verdicts.passed(CheckId::Registry, statement.registry.to_string()),
                    None => self.verdicts.not_asked(CheckId::Registry),
                }
                SignatureVerdict::Trusted(Some(Box::new(statement)), signers)
            }
            Judgement::Unsigned => {
                let reason = SignError::Unsigned.diagnostic();
                self.verdicts.failed(CheckId::Signature, reason);
                for id in [CheckId::Key, CheckId::Subject, CheckId::Registry] {
                    self.verdicts.not_asked(id);
                }
                SignatureVerdict::Unsigned
            }
            Judgement::Untrusted { statement, claimed, reason } => {
                let error = match self.trust {
                    Trust::Unproven => VerifyError::Unproven,
                    _ => VerifyError::Sign(reason),
                };
                let check = error.check();
                for id in [CheckId::Signature, CheckId::Key, CheckId::Subject, CheckId::Registry] {
                    if id != check {
                        self.verdicts.not_asked(id);
                    }
                }
                let reason = error.diagnostic();
                self.verdicts.failed(check, reason.clone());
                SignatureVerdict::Untrusted(statement.map(Box::new), claimed, reason)
            }
        }
    }

    /// The frames that are to be checked, in order, once the front was read.
    pub fn wanted_frames(&self) -> &[usize] {
        &self.wanted
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
        if expected != Some(frame.index()) || self.failure.is_some() {
            let expected = expected.unwrap_or(self.wanted.len()) as u64;
            return Err(VerifyError::FrameOrder { expected, got: frame.index() as u64 });
        }
        let result = self.split.take(frame).and_then(|()| self.check_manifest(frame));
        result.map_err(|error| self.fail(error))?;
        self.accepted += 1;
        Ok(())
    }

    /// Tells the machine that checking a frame failed, so that the report says so.
    pub fn reject(&mut self, error: VerifyError) {
        if self.failure.is_none() {
            self.fail(error);
        }
    }

    fn check_manifest(&mut self, frame: &CheckedFrame) -> Result<(), VerifyError> {
        if frame.index() != 0 {
            return Ok(());
        }
        // The manifest is the first file and `meta` at most 1 MiB, so it is whole in the first frame.
        let Some(part) = frame.files().find(|part| part.entry == 0) else { return Ok(()) };
        let manifest = Manifest::from_bytes(part.bytes)
            .map_err(|errors| VerifyError::ManifestUnreadable(errors.diagnostics()))?;
        let got = format!("{} {}", manifest.name(), manifest.version());
        let signed = self.signatures.statement().map(|statement| (&statement.package, &statement.version));
        let asked = self.expectation.package.as_ref().unwrap_or(manifest.name());
        let asked = (asked, self.expectation.version.as_ref().unwrap_or(manifest.version()));
        for (package, version) in [Some(asked), signed].into_iter().flatten() {
            if package != manifest.name() || version != manifest.version() {
                return Err(VerifyError::ManifestName { expected: format!("{package} {version}"), got });
            }
        }
        if let (Some(statement), Some(toc)) = (self.signatures.statement(), self.reader.toc()) {
            // What a resolver will see must follow from what is in the package.
            let core = core_line(&manifest, toc.tree(), statement.kind, &statement.target);
            let index = Some(Digest::of(core.as_bytes()));
            statement.check(&ReleaseFacts { index, ..ReleaseFacts::default() })?;
        }
        self.verdicts.passed(CheckId::Manifest, got);
        let source = String::from_utf8_lossy(part.bytes).into_owned();
        self.manifest = Some((source, manifest));
        Ok(())
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
            Err(error) => Err(self.fail(error.into())),
        }
    }

    fn end(&mut self) {
        self.ended = true;
        self.verdicts.passed(CheckId::End, None);
    }

    /// Records the first fault.
    fn fail(&mut self, error: VerifyError) -> VerifyError {
        let mut diagnostic = error.diagnostic();
        let content = matches!(error.check(), CheckId::Frames | CheckId::Headers | CheckId::Files);
        if let (SignatureVerdict::Trusted(Some(statement), _), true, Exit::Verification) =
            (&self.signatures, content, diagnostic.code.exit())
        {
            let release = format!("{} {}", statement.package, statement.version);
            diagnostic.message = text::release_altered(&release, &diagnostic.message);
        }
        self.verdicts.failed(error.check(), diagnostic.clone());
        self.failure = Some(diagnostic);
        error
    }

    /// Ends the verification, with everything that was checked.
    ///
    /// An archive that was not read to its end is not verified: neither is one whose frames were not all
    /// accepted.
    pub fn finish(mut self) -> VerifyOutcome {
        if self.failure.is_none() {
            self.check_complete();
        }
        let status = match &self.failure {
            Some(diagnostic) if diagnostic.code.exit() == Exit::Verification => Some(Status::Tampered),
            Some(_) => None,
            None => Some(self.signatures.status()),
        };
        let failure = match self.failure.take() {
            Some(diagnostic) => Some(diagnostic),
            None => self.reason(),
        };
        let head = self.reader.head().cloned();
        let toc = self.reader.toc().cloned();
        let (statement, signers) = match self.signatures {
            SignatureVerdict::Trusted(statement, signers)
            | SignatureVerdict::Untrusted(statement, signers, _) => {
                (statement.map(|statement| *statement), signers)
            }
            SignatureVerdict::Unknown | SignatureVerdict::Unsigned => (None, Vec::new()),
        };
        let report = VerifyReport {
            status,
            checks: self.verdicts.into_checks(),
            tree: head.as_ref().map(Head::tree),
            head: head.as_ref().map(Head::head_digest),
            head_differs: self.head_differs,
            release: statement.as_ref().map(Release::from),
            signers: signers.clone(),
            failure,
        };
        let kind = head.as_ref().and_then(|head| artifact_kind(head).ok());
        let package = match (status, head.zip(kind), toc, self.manifest) {
            (Some(Status::Verified), Some((head, kind)), Some(toc), Some((source, manifest))) => {
                let sections = self.sections;
                Some(VerifiedPackage { kind, head, toc, statement, signers, manifest, source, sections })
            }
            _ => None,
        };
        VerifyOutcome { report, package }
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
            self.fail(error);
            return;
        }
        if !self.ended {
            self.verdicts.not_asked(CheckId::End);
        }
        let Some(toc) = self.reader.toc() else { return };
        let (tree, frames) = (toc.tree(), toc.frames().frames().len() as u64);
        let read = tree.sections().filter(|section| self.sections.contains(section.name()));
        let (files, bytes) = read.fold((0, 0), |(files, bytes), section| {
            (files + section.entries().len() as u64, bytes + section.content_len())
        });
        self.verdicts.passed(CheckId::Frames, text::found_frames(self.accepted as u64, frames));
        self.verdicts.passed(CheckId::Headers, text::found_headers(files));
        self.verdicts.passed(CheckId::Files, text::found_files(files, bytes));
    }

    /// Why a sound archive is not verified: the signatures are missing or do not count.
    fn reason(&self) -> Option<Diagnostic> {
        match &self.signatures {
            SignatureVerdict::Unsigned => Some(SignError::Unsigned.diagnostic()),
            SignatureVerdict::Untrusted(.., reason) => Some(reason.clone()),
            SignatureVerdict::Unknown | SignatureVerdict::Trusted(..) => None,
        }
    }
}

/// The kind of the artifact; deltas are refused.
fn artifact_kind(head: &Head) -> Result<Kind, VerifyError> {
    match head.kind() {
        ArchiveKind::Artifact(kind) => Ok(kind),
        ArchiveKind::Delta => Err(ArchiveError::Delta.into()),
    }
}

fn release_words(statement: &ReleaseStatement) -> String {
    let (package, version) = (statement.package.to_string(), statement.version.to_string());
    text::found_release(&package, &version, statement.kind.as_str(), statement.target.as_str())
}
