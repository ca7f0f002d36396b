use crate::argument::RegistryArg;
use crate::ui::Ui;
use serde::Serialize;
use std::path::{Path, PathBuf};
use vitte_package::dependencies::RegistryChoice;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::fs::{self, Access};
use vitte_package::message::{registry as registry_words, split_view as words};
use vitte_package::ops::report;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::name::Namespace;
use vitte_package_core::sign::RegistryId;

/// Write down what a registry serves of a release, to show it to others
///
/// The file holds what was signed, word for word: trust root, checkpoint, index, namespace, proofs and signatures; of
/// the archive its length and digest; and which checks failed. It holds nothing of you but the address that was asked.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  vitte package report demo/hello@1.0.0 --registry reg
  vitte package report demo/hello@1.0.0 --registry reg --out evidence.json")]
pub(crate) struct Args {
    /// The release
    #[arg(value_name = "NAME@VERSION")]
    release: String,
    #[command(flatten)]
    registry: RegistryArg,
    /// Where to; without it, `NAME-VERSION.evidence.json` here
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The file that was written.
    file: &'a Path,
    /// The registry.
    registry: &'a RegistryId,
    /// The namespace of the package.
    namespace: &'a Namespace,
    /// Codes of the checks that failed.
    faults: Vec<Code>,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let (name, version) = super::name_and_version(&args.release)?;
    let Some(version) = version else {
        return Err(Diagnostic::new(Code::Usage, registry_words::version_needed(name.as_str())).into());
    };
    let out = args.out.unwrap_or_else(|| format!("{}-{version}.evidence.json", name.base()).into());
    let given = args.registry.registry.as_deref();
    let registry = RegistryChoice::of(env, given, Some(&name.namespace_or_none()))?;
    let evidence = report::report(env, &registry, &name, &version, ui.reporter())?;
    let shown = out.display().to_string();
    let text = format!("{:#}\n", evidence.document);
    if !fs::write_new(&env.resolve(&out), text.as_bytes(), Access::Shared)? {
        let fault = Diagnostic::new(Code::FolderExists, words::exists(&shown));
        return Err(fault.help(words::exists_help()).into());
    }
    ui.print(&shown);
    ui.success(words::written(&shown));
    for fault in &evidence.faults {
        ui.say(words::check_failed(&format!("{}: {}", fault.code, fault.message)));
    }
    let namespace = name.namespace_or_none();
    match evidence.faults.is_empty() {
        true => ui.say(words::all_good(&args.release)),
        false => ui.say(words::send(evidence.registry.as_str(), namespace.as_str())),
    }
    ui.result(&Answer {
        file: &out,
        registry: &evidence.registry,
        namespace: &namespace,
        faults: evidence.faults.iter().map(|fault| fault.code).collect(),
    });
    Ok(Exit::Ok)
}
