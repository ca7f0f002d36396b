use crate::ui::Ui;
use serde_json::json;
use vitte_package::dependencies::Network;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::doctor::{self, Cleaning, Health};
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::message::care as words;

/// See whether everything around an install is in order
///
/// Looks at configuration, home, programs, store, the configured registry and keys. Ends with 1 if something will
/// fail.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:\n  vitte package doctor\n  vitte package doctor --fix")]
pub(crate) struct Args {
    /// Remove what processes that are gone left unfinished
    #[arg(long)]
    fix: bool,
    /// Open no socket
    #[arg(long)]
    offline: bool,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let network = if args.offline { Network::Offline } else { Network::Online };
    let cleaning = if args.fix { Cleaning::Remove } else { Cleaning::Tell };
    let findings = doctor::doctor(env, network, cleaning)?;
    let mut rows = Vec::with_capacity(findings.len());
    for finding in &findings {
        let (mark, health) = match finding.health {
            Health::Good => ("ok  ", "good"),
            Health::Remark => ("note", "remark"),
            Health::Bad => ("BAD ", "bad"),
        };
        ui.line(format!("{mark} {}", finding.text));
        if let Some(help) = &finding.help {
            ui.line(format!("       {help}"));
        }
        rows.push(json!({"health": health, "text": finding.text, "help": finding.help}));
    }
    let bad = findings.iter().filter(|finding| finding.health == Health::Bad).count();
    match bad {
        0 => ui.done(words::doctor_good()),
        bad => ui.say(words::doctor_found(bad)),
    }
    ui.answer(&json!({"findings": rows, "bad": bad}));
    Ok(if bad == 0 { Exit::Ok } else { Exit::Failed })
}
