//! What a registry says about a release: its files in, a verdict out, and what the archive must then turn out to be.

use crate::convert::{JsDiagnostic, argument, from_js, thrown, thrown_diagnostic, to_js};
use crate::place;
use crate::step::{FailedIn, Step};
use serde::{Deserialize, Serialize};
use vitte_package_core::diagnostic::{Diagnose as _, Diagnostic};
use vitte_package_core::digest::{Digest, TreeDigest};
use vitte_package_core::index::address::Address;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::client::{
    self as client, BoundMemoryError, Memory, ProvenRelease, ReleaseProofError, Wanted,
    prove_offline as prove,
};
use vitte_package_core::registry::{RegistryConfig, layout};
use vitte_package_core::sign::{Authorised, PublicKey, RegistryId, StatusAction, StatusCode};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::verify::{Check, CheckId, ReleaseCheckId, Status, Verdict};
use vitte_package_core::version::Version;
use wasm_bindgen::prelude::*;

/// What a registry is asked about a release.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ReleasePolicy"))]
pub(crate) struct ReleaseQuery {
    package: String,
    version: Option<String>,
    kind: Option<String>,
    target: Option<String>,
    tree: Option<String>,
    registry: Option<String>,
    trust_root: Option<String>,
}

impl ReleaseQuery {
    fn from_js(query: JsValue) -> Result<Self, JsValue> {
        from_js("policy", &query)
    }

    /// The digest of the trust root, as `registry init` prints it.
    fn pin(&self) -> Result<Option<Digest>, JsValue> {
        let digest = self.trust_root.as_deref().map(|text| text.strip_prefix("sha256:").unwrap_or(text));
        digest.map(Digest::from_people).transpose().map_err(|error| thrown(&error))
    }

    fn wanted(&self) -> Result<Wanted, JsValue> {
        fn read<T, E: vitte_package_core::diagnostic::Diagnose>(
            text: Option<&String>,
            parse: impl Fn(&str) -> Result<T, E>,
        ) -> Result<Option<T>, JsValue> {
            text.map(|text| parse(text)).transpose().map_err(|error| thrown(&error))
        }
        Ok(Wanted {
            package: PackageName::parse(&self.package).map_err(|error| thrown(&error))?,
            version: read(self.version.as_ref(), Version::parse)?,
            kind: read(self.kind.as_ref(), Kind::parse)?,
            target: read(self.target.as_ref(), Target::parse)?,
            tree: read(self.tree.as_ref(), TreeDigest::parse)?,
            registry: read(self.registry.as_ref(), RegistryId::parse)?,
        })
    }
}

/// Proves a release: `needs`, `supply` each, until nothing is needed; then `report`.
#[wasm_bindgen]
pub struct ReleaseProof {
    machine: client::ReleaseProof,
    pin: Option<Digest>,
    base: Address,
}

#[wasm_bindgen]
impl ReleaseProof {
    /// Starts for the registry `at` an address. `memory` is what `ReleaseReport.remember` gave the last time.
    #[wasm_bindgen(constructor)]
    pub fn new(query: JsValue, at: &str, memory: Option<Vec<u8>>) -> Result<ReleaseProof, JsValue> {
        let query = ReleaseQuery::from_js(query)?;
        let pin = query.pin()?;
        // Without a trust root nothing is trusted, so nothing was remembered of it.
        let memory = match (memory, &pin) {
            (Some(bytes), Some(pin)) => Memory::parse_bound(&bytes, pin).map_err(|error| thrown(&error))?,
            _ => Memory::default(),
        };
        let base = Address::parse(at).map_err(|error| thrown(&error))?;
        Ok(Self { machine: client::ReleaseProof::new(query.wanted()?, pin, memory), pin, base })
    }

    /// The files to fetch, `{ path, address, limit }` each; none when it is done.
    pub fn needs(&self) -> Result<JsValue, JsValue> {
        place::needs(self.machine.needs(), self.machine.config(), &self.base)
    }

    /// Takes a file; `undefined` when the registry does not have it.
    pub fn supply(&mut self, path: &str, file: Option<Vec<u8>>) {
        self.machine.supply(path, file.as_deref());
    }

    /// The result so far.
    pub fn report(&self) -> ReleaseReport {
        let outcome = match (self.machine.proven(), self.machine.failure()) {
            (Some(proven), _) => Ok(proven.clone()),
            (None, Some(failure)) => Err(failure.clone()),
            (None, None) => Err(ReleaseProofError::Absent { path: layout::CONFIG.to_owned() }),
        };
        ReleaseReport {
            place: self.machine.config().map(|config| (self.base.clone(), config.clone())),
            outcome,
            checks: self.machine.checks(),
            memory: self.pin.zip(self.machine.memory()),
        }
    }
}

/// Checks the proofs stapled into a package, by the digest of its registry's trust root alone.
#[wasm_bindgen(js_name = proveOffline)]
pub fn prove_offline(stapled: &str, query: JsValue) -> Result<ReleaseReport, JsValue> {
    let query = ReleaseQuery::from_js(query)?;
    let pin = query.pin()?.ok_or_else(|| argument("trustRoot", "it is missing"))?;
    let (outcome, checks) = prove(stapled, &pin, &query.wanted()?);
    Ok(ReleaseReport { outcome, checks, memory: None, place: None })
}

/// What a registry, or a stapled proof, says about a release. The archive has not been looked at.
#[wasm_bindgen]
pub struct ReleaseReport {
    outcome: Result<ProvenRelease, ReleaseProofError>,
    checks: Vec<Check<ReleaseCheckId>>,
    /// With the trust root it is of.
    memory: Option<(Digest, Memory)>,
    place: Option<(Address, RegistryConfig)>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Judgement"))]
pub(crate) struct Judgement<'a> {
    /// The verdict it amounts to if nothing is proved; absent when the archive has to be checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<JsDiagnostic<'a>>,
    #[serde(rename = "failedIn", skip_serializing_if = "Option::is_none")]
    failed_in: Option<FailedIn>,
    steps: Vec<Step<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Entry<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "LogEntry"))]
struct Entry<'a> {
    registry: &'a RegistryId,
    index: f64,
    size: f64,
    root: Digest,
    time: f64,
    witnessed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_status: Option<ReleaseStatus<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ReleaseStatus"))]
struct ReleaseStatus<'a> {
    action: StatusAction,
    code: StatusCode,
    text: &'a str,
}

#[derive(Serialize)]
struct ArchivePlace {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<f64>,
}

/// What the registry leaves for the archive to show. The module that verifies archives takes it as its policy.
#[derive(Serialize)]
struct ArchivePolicy {
    authorised: ArchiveKeys,
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
}

#[derive(Serialize)]
struct ArchiveKeys {
    package: String,
    keys: Vec<String>,
    threshold: usize,
}

impl ArchivePolicy {
    fn of(proven: &ProvenRelease) -> Self {
        let Authorised { package, keys, threshold } = &proven.authorised;
        let expected = &proven.expectation;
        Self {
            authorised: ArchiveKeys {
                package: package.to_string(),
                keys: keys.iter().map(PublicKey::to_pem).collect(),
                threshold: *threshold,
            },
            tree: expected.tree.map(|tree| tree.to_string()),
            registry: expected.registry.as_ref().map(ToString::to_string),
            package: expected.package.as_ref().map(ToString::to_string),
            version: expected.version.as_ref().map(ToString::to_string),
            kind: expected.kind.map(|kind| kind.as_str().to_owned()),
            target: expected.target.as_ref().map(ToString::to_string),
            index: expected.index.map(|digest| digest.tagged()),
            head: expected.head.map(|digest| digest.tagged()),
        }
    }
}

#[wasm_bindgen]
impl ReleaseReport {
    /// `{ status, reason, failedIn, steps, log }`: with `status` it is final, and the steps end in those that were not
    /// reached. Throws when there is no verdict.
    pub fn verdict(&self) -> Result<JsValue, JsValue> {
        let diagnostic: Option<Diagnostic> = self.outcome.as_ref().err().map(|error| error.diagnostic());
        let status = self.outcome.as_ref().err().and_then(ReleaseProofError::status);
        if let (Some(diagnostic), None) = (&diagnostic, status) {
            return Err(thrown_diagnostic(diagnostic));
        }
        let not_reached: Vec<Check<CheckId>> = CheckId::ALL
            .iter()
            .filter(|_| diagnostic.is_some())
            .map(|&id| Check { id, text: id.text(), verdict: Verdict::NotReached })
            .collect();
        let steps = self.checks.iter().map(|check| Step::new(check.id.as_str(), &check.text, &check.verdict));
        let rest = not_reached.iter().map(|check| Step::new(check.id.as_str(), &check.text, &check.verdict));
        let log = self.outcome.as_ref().ok().map(|proven| Entry {
            registry: &proven.registry,
            index: proven.log as f64,
            size: proven.size as f64,
            root: proven.root,
            time: proven.time as f64,
            witnessed: proven.witnessed,
            release_status: proven.status.as_ref().map(|status| ReleaseStatus {
                action: status.action,
                code: status.code,
                text: &status.text,
            }),
        });
        let reason = diagnostic.as_ref().map(JsDiagnostic::new);
        let failed_in = status.map(|_| FailedIn::Registry);
        to_js(&Judgement { status, reason, failed_in, steps: steps.chain(rest).collect(), log })
    }

    /// The archive's place, `{ address, size }`; `undefined` when nothing is proved. Throws when the address is one that
    /// may not be followed.
    pub fn archive(&self) -> Result<JsValue, JsValue> {
        match (&self.outcome, &self.place) {
            (Ok(proven), Some((base, config))) => {
                let address = place::address_of(Some(config), base, &layout::archive(&proven.artifact))?;
                to_js(&ArchivePlace { address, size: proven.archive_len.map(|size| size as f64) })
            }
            _ => Ok(JsValue::UNDEFINED),
        }
    }

    /// What the archive must turn out to be and whose signatures count, as the facade's `Policy`; `undefined` when
    /// nothing is proved.
    pub fn policy(&self) -> Result<JsValue, JsValue> {
        match &self.outcome {
            Ok(proven) => to_js(&ArchivePolicy::of(proven)),
            Err(_) => Ok(JsValue::UNDEFINED),
        }
    }

    /// What is to be kept now that the archive is verified too, given what is kept already: another window may have
    /// seen more meanwhile. `undefined` when there is nothing to keep. Throws when that window has seen another history.
    pub fn remember(&self, kept: Option<Vec<u8>>) -> Result<Option<Vec<u8>>, JsValue> {
        let Some((pin, seen)) = self.memory.clone() else { return Ok(None) };
        let kept = match kept.map(|kept| Memory::parse_bound(&kept, &pin)) {
            // It was stored under another registry: it is not overwritten.
            Some(Err(BoundMemoryError::OtherTrustRoot { .. })) => return Ok(None),
            Some(Ok(kept)) => kept,
            Some(Err(_)) | None => Memory::default(),
        };
        let merged = kept.merge(seen).map_err(|error| thrown(&error))?;
        Ok(Some(merged.to_bound_bytes(&pin)))
    }
}
