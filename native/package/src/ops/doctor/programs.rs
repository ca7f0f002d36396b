//! The commands of what is installed.

use super::super::list::DEFAULT;
use super::{Finding, Health};
use crate::dispatch;
use crate::env::Env;
use crate::message::{maintenance as text, store as store_text};
use crate::store::{Broken, Generation, Store};

/// Whether the commands of the active generation are found and run what it says.
pub(super) fn look(store: &Store, env: &Env, generation: &Generation) -> Vec<Finding> {
    let mut findings = Vec::new();
    let folder = store.shims();
    if generation.programs().next().is_none() {
        return findings;
    }
    let shown = folder.display().to_string();
    findings.push(match env.path_folders().contains(&folder) {
        true => Finding::new(Health::Good, text::doctor_path(&shown)),
        false => Finding::new(Health::Remark, text::doctor_path_missing(&shown))
            .help(text::doctor_path_help(&shown)),
    });
    let environment = store.environment(DEFAULT);
    for (name, broken) in environment.broken_programs(generation, |release| store.place(&release.tree)) {
        let message = match broken {
            Broken::Missing => text::doctor_shim(name),
            Broken::Stale => text::doctor_shim_stale(name, &store.home().display().to_string()),
            Broken::NotOurs => text::doctor_shim_not_ours(name),
        };
        let help = match broken {
            // Going back to the active generation writes its commands again.
            Broken::Missing | Broken::Stale => text::doctor_shim_help(generation.number),
            Broken::NotOurs => store_text::shim_taken_help(&folder.join(name).display().to_string()),
        };
        findings.push(Finding::new(Health::Bad, message).help(help));
    }
    for (name, ..) in generation.programs() {
        if let Some(other) = dispatch::find_elsewhere(env, name, &folder) {
            let message = store_text::program_hides(name, &other.display().to_string());
            findings.push(Finding::new(Health::Remark, text::doctor_shadow(&message)));
        }
    }
    findings
}
