use crate::ui::Ui;
use serde::Serialize;
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::extract::Accept;
use vitte_package::message::verify as words;
use vitte_package::ops;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::tree::{SectionName, TreeError};
use vitte_package_core::verify::{Sections, VerifyReport};

/// Verify a package and write its files to a folder
///
/// Nothing appears in the folder before every check has passed. A package that is unsigned, or signed by
/// somebody you do not trust, is refused unless you say otherwise; one whose content was altered always is.
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  vitte package extract hello-1.0.0.vitmod hello/
  vitte package extract hello-1.0.0.vitmod hello/ --key author.pub
  vitte package extract target/hello-1.0.0.vitmod hello/ --allow-untrusted")]
pub(crate) struct Args {
    /// The package
    file: PathBuf,
    /// The folder to make; it may exist if it is empty
    folder: PathBuf,
    /// Count only signatures by this key: the name of one of yours, a fingerprint or id of one you trust, or a file with a public key
    #[arg(long, value_name = "NAME|FILE")]
    key: Vec<String>,
    /// Only these sections, besides `meta`; without it, all
    #[arg(long, value_name = "NAME", value_parser = read_section)]
    section: Vec<SectionName>,
    /// Accept a package without a signature by somebody you trust; its content is checked all the same
    #[arg(long)]
    allow_untrusted: bool,
}

fn read_section(text: &str) -> Result<SectionName, TreeError> {
    SectionName::parse(text)
}

/// The answer.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Answer<'a> {
    /// The folder with the files.
    folder: &'a str,
    /// What was checked.
    report: &'a VerifyReport,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let sections = match args.section.is_empty() {
        true => Sections::All,
        false => Sections::Only(args.section.into_iter().collect()),
    };
    let options = ops::extract::Options {
        file: args.file,
        folder: args.folder.clone(),
        keys: args.key,
        sections,
        accept: if args.allow_untrusted { Accept::Whole } else { Accept::Verified },
    };
    let outcome = ops::extract::extract(env, options, ui.reporter())?;
    if let Some(doubt) = outcome.report.failure() {
        ui.warn(doubt.clone());
    }
    let folder = args.folder.display().to_string();
    ui.success(words::extracted(&folder, &super::verify::verdict(&outcome.report)));
    ui.result(&Answer { folder: &folder, report: &outcome.report });
    Ok(Exit::Ok)
}
