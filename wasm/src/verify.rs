//! The verifier as a class: bytes in, report out.

use crate::convert::{JsDiagnostic, thrown_diagnostic, to_js};
use crate::policy::Policy;
use crate::step::{FailedIn, Step};
use js_sys::Uint8Array;
use serde::Serialize;
use std::collections::VecDeque;
use vitte_package_core::archive::TotalLen;
use vitte_package_core::codec::PureDecoder;
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::sign::KeyId;
use vitte_package_core::verify::{
    ContentPart, DecodedFrame, FrameJob, PackageVerifier, Release, Sections, Status, SuppliedDigests,
    VerifyError, VerifyEvent, VerifyReport,
};
use wasm_bindgen::prelude::*;

/// Verifies one package. `push` pieces and `read` frames out of them; `decode` and `check` each frame, in order, with
/// digests that were computed outside or without; `finish` for the report. Digests are compared by core, whoever
/// computed them.
#[wasm_bindgen]
pub struct Verifier {
    machine: PackageVerifier,
    decoder: Option<PureDecoder>,
    /// Frames under way, in order: first those decoded, then those only read.
    frames: VecDeque<Frame>,
    /// Frames read so far.
    read: usize,
    /// The file that goes on from the frame before the one decoded last, and from that one, and is digested outside.
    awaited: Option<usize>,
    goes_on: Option<usize>,
    /// Memory of frames that were checked.
    spare: Vec<Vec<u8>>,
    done: bool,
}

/// A frame on its way.
enum Frame {
    Stored(FrameJob, Vec<u8>),
    Decoded {
        frame: DecodedFrame,
        outside: Vec<ContentPart>,
        supplied: SuppliedDigests,
    },
    /// It failed, which is reported once those before it were checked.
    Failed(VerifyError),
}

#[wasm_bindgen]
impl Verifier {
    /// Starts for an archive of `total` bytes; `undefined` for one whose length is not known.
    #[wasm_bindgen(constructor)]
    pub fn new(policy: JsValue, total: Option<f64>) -> Result<Verifier, JsValue> {
        let policy = Policy::from_js(policy)?;
        // A JavaScript length: whole, not negative, below 2^53.
        let total = total.map_or(TotalLen::Unknown, |total| TotalLen::Known(total as u64));
        let machine = PackageVerifier::new(policy.expectation()?, policy.trust()?, Sections::All, total);
        let (frames, spare) = (VecDeque::new(), Vec::new());
        Ok(Self { machine, decoder: None, frames, read: 0, awaited: None, goes_on: None, spare, done: false })
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.machine.push(bytes);
    }

    /// Reads on to the next frame, whose bytes are then `stored`. `false`: push more, check what is under way, or
    /// finish. What follows the last frame is read when that was checked, so that the first fault is the one reported.
    pub fn read(&mut self) -> bool {
        loop {
            if self.done || (self.read_all() && !self.frames.is_empty()) {
                return false;
            }
            match self.machine.next() {
                None => return false,
                Some(Err(_)) => self.done = true,
                Some(Ok(VerifyEvent::Prelude(prelude))) => {
                    self.decoder = Some(PureDecoder::new(prelude.codec()))
                }
                Some(Ok(VerifyEvent::End)) => {}
                Some(Ok(VerifyEvent::Frame(job, stored))) => {
                    self.frames.push_back(Frame::Stored(job, stored));
                    self.read += 1;
                    return true;
                }
            }
        }
    }

    /// Whether all frames were read. Then those under way have to be checked before more is pushed.
    pub fn read_all(&self) -> bool {
        self.read > 0 && self.read == self.machine.wanted_frames().len()
    }

    /// The bytes of the frame read last: a view of the module's memory, good until the next call.
    pub fn stored(&self) -> Uint8Array {
        match self.frames.back() {
            Some(Frame::Stored(_, stored)) => view(stored),
            _ => view(&[]),
        }
    }

    /// Decodes the first frame that was only read. `digest` is that of its stored bytes, if it was computed outside.
    pub fn decode(&mut self, digest: Option<Vec<u8>>) {
        let Some(place) = self.frames.iter_mut().find(|frame| matches!(frame, Frame::Stored(..))) else {
            return;
        };
        let Frame::Stored(job, stored) = place else { return };
        self.awaited = self.goes_on.take();
        let digest = digest.as_deref().and_then(digest_of).unwrap_or_else(|| Digest::of(stored));
        let decoder = self.decoder.get_or_insert_with(|| PureDecoder::new(job.codec()));
        let decoded = job.decode(stored, digest, decoder, self.spare.pop().unwrap_or_default());
        *place = match decoded {
            Ok(frame) => Frame::Decoded { frame, outside: Vec::new(), supplied: SuppliedDigests::default() },
            Err(error) => Frame::Failed(error),
        };
    }

    /// The bytes of the frame decoded last: a view of the module's memory, good until the next call.
    pub fn raw(&self) -> Uint8Array {
        match self.frames.iter().rev().find(|frame| !matches!(frame, Frame::Stored(..))) {
            Some(Frame::Decoded { frame, .. }) => view(frame.raw()),
            _ => view(&[]),
        }
    }

    /// The contents of the frame decoded last that are to be digested outside: files wholly in it of `least` bytes or
    /// more, and of files that span frames one of at most `gathered` bytes that begins in it, and the one that goes on.
    /// Four numbers each: start and end in `raw`, offset in the file, size of the file. The digest is owed for each
    /// that ends its file. May be asked again, with other limits.
    pub fn contents(&mut self, least: f64, gathered: f64) -> Vec<f64> {
        let before = self.awaited;
        let Some(Frame::Decoded { frame, outside, supplied }) = self.decoded_last() else {
            return Vec::new();
        };
        let wanted = |part: &ContentPart| match part.is_whole() {
            true => part.size as f64 >= least,
            false if part.offset == 0 => part.size as f64 <= gathered,
            false => before == Some(part.entry),
        };
        *outside = frame.contents().filter(wanted).collect();
        *supplied = SuppliedDigests::default();
        let goes_on = outside.last().filter(|part| !part.ends()).map(|part| part.entry);
        if let Some(entry) = goes_on {
            supplied.await_later(entry);
        }
        let numbers = |part: &ContentPart| {
            [part.range.start as f64, part.range.end as f64, part.offset as f64, part.size as f64]
        };
        let numbers = outside.iter().flat_map(numbers).collect();
        self.goes_on = goes_on;
        numbers
    }

    /// Digests the files wholly in the frame decoded last that are not digested outside: while those are.
    pub fn digest_rest(&mut self) {
        let Some(Frame::Decoded { frame, outside, supplied }) = self.decoded_last() else { return };
        let mut elsewhere = outside.iter().map(|part| part.entry).peekable();
        for part in frame.contents() {
            if elsewhere.next_if_eq(&part.entry).is_none() && part.is_whole() {
                let bytes = frame.raw().get(part.range).unwrap_or_default();
                supplied.add(part.entry, Digest::of(bytes));
            }
        }
    }

    /// Checks the first frame under way. `digests`, 32 bytes each, are those owed since `contents`.
    pub fn check(&mut self, digests: &[u8]) {
        let checked = match self.frames.pop_front() {
            None => return,
            Some(Frame::Stored(job, stored)) => {
                // Not decoded yet: all is done here.
                let decoder = self.decoder.get_or_insert_with(|| PureDecoder::new(job.codec()));
                job.check(&stored, decoder, self.spare.pop().unwrap_or_default())
            }
            Some(Frame::Decoded { frame, outside, mut supplied }) => {
                let owed = outside.iter().filter(|part| part.ends());
                for (part, digest) in owed.zip(digests.chunks(32).filter_map(digest_of)) {
                    supplied.add(part.entry, digest);
                }
                frame.check(supplied)
            }
            Some(Frame::Failed(error)) => Err(error),
        };
        match checked {
            Ok(frame) => {
                self.done = self.machine.accept(&frame).is_err();
                self.spare.push(frame.into_buffer());
            }
            Err(error) => {
                self.machine.reject(error);
                self.done = true;
            }
        }
        if self.done {
            self.frames.clear();
        }
    }

    /// Whether nothing pushed from now on can change the report: a check has failed.
    pub fn done(&self) -> bool {
        self.done
    }

    /// The report. Throws when there is no verdict: what was pushed is malformed or incomplete.
    pub fn finish(&mut self) -> Result<JsValue, JsValue> {
        let placeholder = PackageVerifier::new(
            Default::default(),
            vitte_package_core::verify::Trust::Signatures(Default::default()),
            Sections::All,
            TotalLen::Unknown,
        );
        let report = std::mem::replace(&mut self.machine, placeholder).finish().report;
        match (report.status(), report.failure()) {
            (Some(status), _) => to_js(&Report::new(status, &report)),
            (None, Some(failure)) => Err(thrown_diagnostic(failure)),
            (None, None) => Err(JsValue::UNDEFINED),
        }
    }
}

impl Verifier {
    fn decoded_last(&mut self) -> Option<&mut Frame> {
        self.frames.iter_mut().rev().find(|frame| !matches!(frame, Frame::Stored(..)))
    }
}

/// A view of the module's memory, which is handed out for use before the module runs again.
#[allow(unsafe_code, reason = "the one place that hands out the module's memory")]
fn view(bytes: &[u8]) -> Uint8Array {
    // SAFETY: the memory may move or change when the module runs again. Callers, the facade alone, hand the view to a
    // function that copies or reads the bytes before it returns.
    unsafe { Uint8Array::view(bytes) }
}

fn digest_of(bytes: &[u8]) -> Option<Digest> {
    bytes.try_into().ok().map(Digest::from_bytes)
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Report"))]
pub(crate) struct Report<'a> {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<JsDiagnostic<'a>>,
    #[serde(rename = "failedIn", skip_serializing_if = "Option::is_none")]
    failed_in: Option<FailedIn>,
    steps: Vec<Step<'a>>,
    signers: Vec<Signer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<&'a Release>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<TreeDigest>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Signer {
    keyid: KeyId,
    short: String,
}

impl<'a> Report<'a> {
    fn new(status: Status, report: &'a VerifyReport) -> Self {
        let steps = report.checks().iter();
        let steps = steps.map(|check| Step::new(check.id.as_str(), &check.text, &check.verdict));
        Self {
            status,
            reason: report.failure().map(JsDiagnostic::new),
            failed_in: report.failure().map(|_| FailedIn::Archive),
            steps: steps.collect(),
            signers: report.signers().iter().map(|&keyid| Signer { keyid, short: keyid.short() }).collect(),
            release: report.release(),
            tree: report.tree(),
        }
    }
}
