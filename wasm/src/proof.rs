//! A proof that an entry is in a log, by itself.

use crate::convert::{JsDiagnostic, thrown, to_js};
use js_sys::{Reflect, Uint8Array};
use serde::Serialize;
use vitte_package_core::diagnostic::Diagnose as _;
use vitte_package_core::digest::Digest;
use vitte_package_core::log::note::LogKey;
use vitte_package_core::log::policy::LogPolicy;
use vitte_package_core::log::proof::{ProofError, ProvedLeaf, TlogProof};
use wasm_bindgen::prelude::*;

/// What comes of a proof.
#[derive(Serialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ProofReport"))]
pub(crate) enum ProofReport<'a> {
    Proved { index: f64, size: f64, root: Digest, origin: &'a str, witnesses: Vec<Witness<'a>> },
    Refused { reason: JsDiagnostic<'a> },
}

/// A witness that has signed the checkpoint, and when, in Unix seconds.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) struct Witness<'a> {
    name: &'a str,
    time: f64,
}

/// Checks a `.tlog-proof` by a log's key, or by its policy of log and witnesses: `{ status, … }`, with the entry's bytes
/// as `entry` if it is proved. Throws when key or policy cannot be read.
#[wasm_bindgen(js_name = checkProof)]
pub fn check_proof(proof: &[u8], log_key: Option<String>, log_policy: &str) -> Result<JsValue, JsValue> {
    let policy = match log_key {
        Some(key) => LogPolicy::unwitnessed(&LogKey::parse(&key).map_err(|error| thrown(&error))?),
        None => LogPolicy::parse(log_policy).map_err(|error| thrown(&error))?,
    };
    match TlogProof::parse(proof).and_then(|proof| proof.verify(&policy)) {
        Ok(proved) => shown(&proved),
        Err(error) => refused(&error),
    }
}

fn shown(proved: &ProvedLeaf) -> Result<JsValue, JsValue> {
    let checkpoint = &proved.checkpoint;
    let witnesses = checkpoint.observed().witnesses.iter();
    let report = to_js(&ProofReport::Proved {
        index: proved.index as f64,
        size: checkpoint.size() as f64,
        root: *checkpoint.root(),
        origin: checkpoint.checkpoint().origin(),
        witnesses: witnesses.map(|(name, time)| Witness { name, time: *time as f64 }).collect(),
    })?;
    Reflect::set(&report, &"entry".into(), &Uint8Array::from(proved.leaf.as_slice()))?;
    Ok(report)
}

fn refused(error: &ProofError) -> Result<JsValue, JsValue> {
    to_js(&ProofReport::Refused { reason: JsDiagnostic::new(&error.diagnostic()) })
}
