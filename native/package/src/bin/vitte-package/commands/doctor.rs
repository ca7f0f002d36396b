use crate::ui::Ui;
use serde::Serialize;
use vitte_package::dependencies::Network;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::maintenance as words;
use vitte_package::ops::doctor::{self, Cleaning, Health};
use vitte_package_core::diagnostic::Exit;

/// See whether everything around an install is in order
///
/// Looks at configuration, home, programs, store, the configured registry and keys. Ends with 1 if something will
/// fail.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package doctor\n  vitte package doctor --fix")]
pub(crate) struct Args {
    /// Clean up after crashed processes
    #[arg(long)]
    fix: bool,
    /// Do not use the network
    #[arg(long)]
    offline: bool,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// What was looked at.
    findings: Vec<Row<'a>>,
    /// How many of them will make something fail.
    bad: usize,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Row<'a> {
    /// How it is.
    health: State,
    /// How it is, in words.
    text: &'a str,
    /// What to do about it, if there is something to do.
    help: Option<&'a str>,
}

/// How a thing is.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum State {
    /// As it should be.
    Good,
    /// It need not be mended, and is worth knowing.
    Remark,
    /// Something will fail by it.
    Bad,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let network = if args.offline { Network::Offline } else { Network::Online };
    let cleaning = if args.fix { Cleaning::Remove } else { Cleaning::Tell };
    let findings = doctor::doctor(env, network, cleaning)?;
    let mut rows = Vec::with_capacity(findings.len());
    for finding in &findings {
        let (mark, health) = match finding.health {
            Health::Good => ("ok  ", State::Good),
            Health::Remark => ("note", State::Remark),
            Health::Bad => ("BAD ", State::Bad),
        };
        ui.print(format!("{mark} {}", finding.text));
        if let Some(help) = &finding.help {
            ui.print(format!("       {help}"));
        }
        rows.push(Row { health, text: &finding.text, help: finding.help.as_deref() });
    }
    let bad = findings.iter().filter(|finding| finding.health == Health::Bad).count();
    match bad {
        0 => ui.success(words::doctor_good()),
        bad => ui.say(words::doctor_found(bad)),
    }
    ui.result(&Answer { findings: rows, bad });
    Ok(if bad == 0 { Exit::Ok } else { Exit::Failed })
}
