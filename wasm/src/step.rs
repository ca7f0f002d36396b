//! The steps of a check, as the facade shows them.

use serde::Serialize;
use vitte_package_core::verify::Verdict;

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Step"))]
pub(crate) struct Step<'a> {
    id: &'static str,
    verdict: StepVerdict,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<&'a str>,
}

/// How a step ended.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) enum StepVerdict {
    Passed,
    Failed,
    NotAsked,
    NotReached,
}

/// What a package that is not verified failed on.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub(crate) enum FailedIn {
    /// What its registry says of it. The archive was not looked at.
    #[cfg(feature = "release")]
    Registry,
    /// The archive.
    #[cfg(feature = "archive")]
    Archive,
}

impl<'a> Step<'a> {
    pub(crate) fn new(id: &'static str, text: &'a str, verdict: &'a Verdict) -> Self {
        let (verdict, found) = match verdict {
            Verdict::Passed { found } => (StepVerdict::Passed, found.as_deref()),
            Verdict::Failed { reason } => (StepVerdict::Failed, Some(reason.message.as_str())),
            Verdict::NotAsked => (StepVerdict::NotAsked, None),
            Verdict::NotReached => (StepVerdict::NotReached, None),
        };
        Self { id, verdict, text, found }
    }
}
