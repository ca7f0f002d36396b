//! `doctor`: the registry is looked over.

use super::DataArg;
use crate::care::{self, Examined, Finding, Repairs, State};
use crate::error::Result;
use crate::ledger::unix_now;
use crate::output;
use crate::serve::runtime;

#[derive(Debug, clap::Args)]
pub(super) struct Doctor {
    #[command(flatten)]
    data: DataArg,
    /// Make anew what follows from log and archives, and close what is open to others
    #[arg(long)]
    repair: bool,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

impl Doctor {
    pub(super) fn run(self) -> Result<()> {
        let repairs = if self.repair { Repairs::Make } else { Repairs::None };
        let examined = care::examine(&self.data.folder()?, repairs, unix_now(), &runtime()?)?;
        match self.json {
            true => output::line(&json(&examined)),
            false => examined.findings.iter().for_each(show),
        }
        examined.error().map_or(Ok(()), Err)
    }
}

fn show(finding: &Finding) {
    let mark = match finding.state {
        State::Good => "✔",
        State::Warning => "–",
        // Told as errors, with what to do about it, at the end.
        State::Fault => return,
        State::Repaired => "✔ repaired:",
    };
    output::line(&format!("{mark} {}: {}", finding.check, finding.fault.message));
}

/// `{"v":1,"is_good":…,"findings":[{"check","state","code","message","help":[]}]}`; `code` is null of what is good.
fn json(examined: &Examined) -> String {
    let finding = |finding: &Finding| {
        let Finding { check, state, fault } = finding;
        let code = (*state != State::Good).then(|| fault.code.to_string());
        serde_json::json!({
            "check": check, "state": state.as_str(), "code": code,
            "message": fault.message, "help": fault.help,
        })
    };
    let findings: Vec<_> = examined.findings.iter().map(finding).collect();
    serde_json::json!({"v": 1, "is_good": examined.error().is_none(), "findings": findings}).to_string()
}
