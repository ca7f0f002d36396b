//! The whole life of a package in one run, an attack included. Every step is a command that is really run, in
//! a folder that stays and can be used further.

use super::damage::Damage;
use super::project::{self, Project};
use super::server::{self, Served, holds_packages};
use super::split;
use super::stage::{DemoEvent, REGISTRY, Stage, shown, spelled, text_of};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use vitte_package::env::Env;
use vitte_package::error::{Error, IoAction, IoContext};
use vitte_package::fs::{self, Access};
use vitte_package::message::demo as text;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::message::size;

/// How many steps there are with a registry that is a folder.
const STEPS: u8 = 8;
/// How many a server adds.
const SERVER_STEPS: u8 = 3;

/// How many steps there are in all.
pub(super) fn count(env: &Env) -> u8 {
    if server::program(env).is_some() { STEPS + SERVER_STEPS } else { STEPS }
}

/// A folder with this file in it was created by the demo, and may be replaced.
const MARK: &str = ".vitte-demo";
/// How the demo ended.
#[derive(Debug)]
pub(super) struct DemoOutcome {
    /// The folder that stays.
    pub(super) folder: PathBuf,
    /// Whether the package was installed, and its program ran.
    pub(super) installed: bool,
    /// Whether the altered archive was refused, with exit status 5 and nothing unpacked.
    pub(super) caught: bool,
    /// Whether the same archive, with the byte put back, was installed.
    pub(super) restored: bool,
    /// Whether a second log by the registry's own key was refused, with exit status 5 and both checkpoints kept.
    pub(super) split_refused: bool,
    /// The server, which goes on, and whether all went well with it; none where its program is not at hand.
    pub(super) served: Option<Served>,
}

impl DemoOutcome {
    /// Whether everything went as it should.
    pub(super) fn is_good(&self) -> bool {
        let is_served_well = self.served.as_ref().is_none_or(|served| served.is_good);
        self.installed && self.caught && self.restored && self.split_refused && is_served_well
    }
}

/// Runs the demo in `folder`, which is made anew if an earlier demo made it.
///
/// With a `tree`, any folder of files, that is packaged, published, installed and attacked as well: `name-1.2.3` as
/// `demo/name` 1.2.3 unless it has a `vitte.toml` of its own.
///
/// # Errors
/// `folder-exists` when the folder holds something else; the fault of a command that failed and should not have;
/// `io`, `no-space`.
pub(super) fn run(
    env: &Env,
    folder: &Path,
    tree: Option<&Path>,
    report: &mut dyn FnMut(DemoEvent),
) -> Result<DemoOutcome, Error> {
    let folder = env.resolve(folder);
    begin(&folder)?;
    let mut projects = vec![Project::hello(&folder)?];
    if let Some(tree) = tree {
        projects.push(Project::of_tree(&folder, &env.resolve(tree))?);
    }
    let stage = Stage::new(env, folder)?;
    let mut outcome = DemoOutcome {
        folder: stage.folder.clone(),
        installed: false,
        caught: false,
        restored: false,
        split_refused: false,
        served: None,
    };

    stage.step(1, text::registry(), &["registry", "init", REGISTRY], report, |answer| {
        let key = stage.log_key()?;
        Ok(text::registry_outcome(text_of(&answer["registry"]), &key))
    })?;
    split::copy(&stage)?;
    for Project { manifest, .. } in &projects {
        stage.step(2, text::build(), &["build", "--manifest", manifest, "--check"], report, |answer| {
            let rows = answer["artifacts"].as_array().map(Vec::as_slice).unwrap_or_default();
            Ok(rows.iter().map(built).collect::<Vec<_>>().join("; "))
        })?;
    }
    stage.run(&stage.home(), &["key", "generate"])?;
    let mut published = Value::Null;
    for Project { manifest, .. } in &projects {
        let publish = ["publish", "--manifest", manifest, "--registry", REGISTRY, "--yes"];
        published = stage.step(3, text::publish(), &publish, report, |answer| {
            let numbers =
                answer["artifacts"].as_array().into_iter().flatten().map(|row| format!("#{}", row["log"]));
            let numbers: Vec<String> = numbers.collect();
            Ok(text::publish_outcome(numbers.len() as u64, &numbers.join(", ")))
        })?;
    }
    let mut installed = Value::Null;
    // A project above the demo's folder is somebody's own, and is left alone.
    let own = vitte_package::project::Project::is_near(&Env::new(&stage.folder, &stage.folder));
    for Project { package, .. } in &projects {
        let mut install = vec!["install", package, "--registry", REGISTRY];
        install.extend(own.then_some("--user"));
        installed =
            stage.step(4, text::install(), &install, report, |answer| match package == project::HELLO {
                true => Ok(stage.greeting()?.0),
                false => Ok(text::install_tree_outcome(text_of(&answer["packages"][0]["tree"]))),
            })?;
    }
    outcome.installed = stage.greeting()?.1;
    for Project { package, .. } in &projects {
        let verify = ["verify", package, "--registry", REGISTRY];
        stage.step(5, text::log(), &verify, report, |answer| {
            let proof = &answer["proof"];
            let number = |member: &str| proof[member].as_u64().unwrap_or_default();
            Ok(text::log_outcome(number("log"), number("size"), text_of(&proof["root"])))
        })?;
    }

    // The last of them is attacked: a stranger installs it for the first time.
    let package = projects.last().map_or(project::HELLO, |project| &project.package);
    let install = ["install", package, "--registry", REGISTRY, "--yes", "--user"];
    let archive = stage.archive(REGISTRY, &published, &installed)?;
    let began = Instant::now();
    let damage = Damage::inflict(&archive)?;
    let attacked = stage.spawn(&stage.stranger(), &install, false)?;
    let untouched = stage.greeting()?.1;
    outcome.caught = attacked.status.code() == Some(Exit::Verification as i32)
        && !holds_packages(&stage.stranger())
        && untouched;
    report(DemoEvent::Step {
        number: 6,
        name: text::attack(),
        command: text::attack_command(damage.offset, &shown(&archive, &stage.folder)),
        outcome: String::new(),
        took: began.elapsed(),
    });
    report(DemoEvent::Output(String::from_utf8_lossy(&attacked.stderr).into_owned()));
    report(DemoEvent::Remark(match outcome.caught {
        true => text::attack_caught(Exit::Verification as u8),
        false => text::attack_missed(attacked.status.code().unwrap_or(-1)),
    }));
    damage.undo()?;
    let again = stage.run(&stage.stranger(), &install)?;
    outcome.restored = again["packages"][0]["unpacked"] == true;
    report(DemoEvent::Remark(text::mended()));

    // Who has seen the log is shown another one by the same key.
    let began = Instant::now();
    split::grow(&stage)?;
    let look = ["log", "show", "--registry", split::FORK];
    let shown_fork = stage.spawn(&stage.stranger(), &look, true)?;
    let refusal: Value = serde_json::from_slice(&shown_fork.stdout).unwrap_or(Value::Null);
    let refusal = &refusal["diagnostics"][0];
    let evidence = refusal["data"]["evidence"].as_array().map_or(0, Vec::len);
    outcome.split_refused = shown_fork.status.code() == Some(Exit::Verification as i32)
        && refusal["code"] == Code::SplitView.to_string()
        && evidence == 2;
    report(DemoEvent::Step {
        number: 7,
        name: text::split(),
        command: text::split_command(&spelled(&look)),
        outcome: String::new(),
        took: began.elapsed(),
    });
    let said = stage.spawn(&stage.stranger(), &look, false)?;
    report(DemoEvent::Output(String::from_utf8_lossy(&said.stderr).into_owned()));
    report(DemoEvent::Remark(match outcome.split_refused {
        true => text::split_refused(evidence as u64),
        false => text::split_missed(shown_fork.status.code().unwrap_or(-1)),
    }));

    match server::program(env) {
        Some(program) => outcome.served = Some(server::play(&stage, &program, STEPS, report)?),
        None => report(DemoEvent::Remark(text::server_skipped())),
    }

    report(DemoEvent::Step {
        number: count(env),
        name: text::look(),
        command: stage.look(&archive),
        outcome: String::new(),
        took: Duration::ZERO,
    });
    let home = stage.home().display().to_string();
    report(DemoEvent::Remark(text::go_on(&stage.folder.display().to_string(), &home)));
    Ok(outcome)
}

/// Makes the folder, empty but for its mark.
fn begin(folder: &Path) -> Result<(), Error> {
    if folder.join(MARK).is_file() {
        std::fs::remove_dir_all(folder).on(IoAction::Remove, folder)?;
    } else if folder.exists() && std::fs::read_dir(folder).on(IoAction::List, folder)?.next().is_some() {
        let message = text::folder_taken(&folder.display().to_string());
        return Err(Diagnostic::new(Code::FolderExists, message).help(text::folder_taken_help()).into());
    }
    fs::create_folder(folder)?;
    fs::write_atomic(&folder.join(MARK), b"", Access::Shared)?;
    Ok(())
}

fn built(row: &Value) -> String {
    let path = PathBuf::from(text_of(&row["path"]));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let number = |key: &str| row[key].as_u64().unwrap_or_default();
    text::build_outcome(&name, number("files"), &size(number("content_len")), &size(number("file_len")))
}
