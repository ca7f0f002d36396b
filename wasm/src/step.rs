//! The steps of a check, as the facade shows them.

use serde::Serialize;
use vitte_package_core::verify::Verdict;

#[derive(Serialize)]
pub(crate) struct Step<'a> {
    id: &'static str,
    verdict: &'static str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<&'a str>,
}

impl<'a> Step<'a> {
    pub(crate) fn new(id: &'static str, text: &'a str, verdict: &'a Verdict) -> Self {
        let (verdict, found) = match verdict {
            Verdict::Passed { found } => ("passed", found.as_deref()),
            Verdict::Failed { reason } => ("failed", Some(reason.message.as_str())),
            Verdict::NotAsked => ("not-asked", None),
            Verdict::NotReached => ("not-reached", None),
        };
        Self { id, verdict, text, found }
    }
}
