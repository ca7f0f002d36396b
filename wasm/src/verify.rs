//! The verifier as a class: bytes in, report out.

use crate::convert::{Thrown, thrown_diagnostic, to_js};
use crate::policy::Policy;
use crate::step::Step;
use serde::Serialize;
use vitte_package_core::archive::TotalLen;
use vitte_package_core::codec::PureDecoder;
use vitte_package_core::digest::TreeDigest;
use vitte_package_core::sign::KeyId;
use vitte_package_core::verify::{
    CheckedFrame, PackageVerifier, Release, Sections, Status, VerifyEvent, VerifyReport,
};
use wasm_bindgen::prelude::*;

/// Verifies one package. `push` pieces, call `step` until it says `false`, `finish` for the report.
#[wasm_bindgen]
pub struct Verifier {
    machine: PackageVerifier,
    decoder: Option<PureDecoder>,
    buffer: Vec<u8>,
    settled: bool,
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
        Ok(Self { machine, decoder: None, buffer: Vec::new(), settled: false })
    }

    /// Takes the next bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.machine.push(bytes);
    }

    /// Does the work of at most one frame. `false`: push more, or finish.
    pub fn step(&mut self) -> bool {
        if self.settled {
            return false;
        }
        match self.machine.next() {
            None => return false,
            Some(Err(_)) => self.settled = true,
            Some(Ok(VerifyEvent::Front(front))) => self.decoder = Some(PureDecoder::new(front.codec())),
            Some(Ok(VerifyEvent::End)) => {}
            Some(Ok(VerifyEvent::Frame(job, stored))) => {
                let decoder = self.decoder.get_or_insert_with(|| PureDecoder::new(job.codec()));
                let checked = job.check(&stored, decoder, std::mem::take(&mut self.buffer));
                match checked {
                    Ok(frame) => {
                        self.settled = self.machine.accept(&frame).is_err();
                        self.buffer = CheckedFrame::into_buffer(frame);
                    }
                    Err(error) => {
                        self.machine.reject(error);
                        self.settled = true;
                    }
                }
            }
        }
        true
    }

    /// Whether nothing pushed from now on can change the report: a check has failed.
    pub fn settled(&self) -> bool {
        self.settled
    }

    /// The report. Throws when there is no verdict: what was pushed is malformed or incomplete.
    pub fn finish(&mut self) -> Result<JsValue, JsValue> {
        let spent = PackageVerifier::new(
            Default::default(),
            vitte_package_core::verify::Trust::Signatures(Default::default()),
            Sections::All,
            TotalLen::Unknown,
        );
        let report = std::mem::replace(&mut self.machine, spent).finish().report;
        match (report.status(), report.failure()) {
            (Some(status), _) => to_js(&Report::new(status, &report)),
            (None, Some(failure)) => Err(thrown_diagnostic(failure)),
            (None, None) => Err(JsValue::UNDEFINED),
        }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Thrown<'a>>,
    steps: Vec<Step<'a>>,
    signers: Vec<Signer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    release: Option<&'a Release>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<TreeDigest>,
}

#[derive(Serialize)]
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
            reason: report.failure().map(Thrown::new),
            steps: steps.collect(),
            signers: report.signers().iter().map(|&keyid| Signer { keyid, short: keyid.short() }).collect(),
            release: report.release(),
            tree: report.tree(),
        }
    }
}
