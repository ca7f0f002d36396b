//! The whole life of a package in one run, an attack included. Every step is a command that is really run, in
//! a folder that stays and can be used further.

mod project;

use crate::env::{Env, Variable};
use crate::error::{Doing, Error, IoContext};
use crate::fs::{self, Access};
use crate::project::Project;
use crate::registry::client::RegistryClient;
use crate::registry::location::Location;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use vitte_package_core::archive::{TotalLen, plan};
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::message::demo as text;
use vitte_package_core::sign::TrustPolicy;
use vitte_package_core::verify::{Expectation, PackageVerifier, Sections, Trust, VerifyEvent};

/// How many steps there are.
pub const STEPS: u8 = 6;

/// A folder with this file in it was made by the demo, and may be made anew.
const MARK: &str = ".vitte-demo";
const REGISTRY: &str = "registry";
const HOME: &str = "home";
/// The store of somebody who installs for the first time: the one who is attacked.
const STRANGER: &str = "stranger";
const PACKAGE: &str = "demo/hello";

/// One thing the demo has to say, when it has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A step that went as it should.
    Step {
        /// Its number, from 1.
        number: u8,
        /// Its name.
        name: String,
        /// The command that was run, as one would type it in the demo's folder.
        command: String,
        /// What came of it.
        outcome: String,
        /// How long it took.
        took: Duration,
    },
    /// What a command wrote, as it is.
    Output(String),
    /// A remark.
    Remark(String),
}

/// How the demo ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The folder that stays.
    pub folder: PathBuf,
    /// Whether the package was installed, and its program ran.
    pub installed: bool,
    /// Whether the altered archive was refused, with exit status 5 and nothing unpacked.
    pub caught: bool,
    /// Whether the same archive, with the byte put back, was installed.
    pub restored: bool,
}

impl Outcome {
    /// Whether everything went as it should.
    pub fn is_good(&self) -> bool {
        self.installed && self.caught && self.restored
    }
}

/// Runs the demo in `folder`, which is made anew if an earlier demo made it.
///
/// # Errors
/// `folder-exists` when the folder holds something else; the fault of a command that failed and should not have;
/// `io`, `no-space`.
pub fn demo(env: &Env, folder: &Path, tell: &mut dyn FnMut(Told)) -> Result<Outcome, Error> {
    let folder = env.resolve(folder);
    begin(&folder)?;
    let stage = Stage::new(env, folder)?;
    let mut outcome =
        Outcome { folder: stage.folder.clone(), installed: false, caught: false, restored: false };

    stage.step(1, text::registry(), &["registry", "init", REGISTRY], tell, |answer| {
        let key = stage.log_key()?;
        Ok(text::registry_outcome(text_of(&answer["registry"]), &key))
    })?;
    let manifest = "hello/vitte.toml";
    stage.step(2, text::build(), &["build", "--manifest", manifest, "--check"], tell, |answer| {
        let rows = answer["artifacts"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(rows.iter().map(built).collect::<Vec<_>>().join("; "))
    })?;
    stage.run(&stage.home(), &["key", "generate"])?;
    let publish = ["publish", "--manifest", manifest, "--registry", REGISTRY, "--yes"];
    let published = stage.step(3, text::publish(), &publish, tell, |answer| {
        let numbers =
            answer["artifacts"].as_array().into_iter().flatten().map(|row| format!("#{}", row["log"]));
        Ok(text::publish_outcome(&numbers.collect::<Vec<_>>().join(", ")))
    })?;
    // A project above the demo's folder is somebody's own, and is left alone.
    let own = Project::is_near(&Env::new(&stage.folder, &stage.folder));
    let mut install = vec!["install", PACKAGE, "--registry", REGISTRY];
    install.extend(own.then_some("--user"));
    let installed = stage.step(4, text::install(), &install, tell, |_| Ok(stage.greeting()?.0))?;
    outcome.installed = stage.greeting()?.1;

    let archive = stage.archive(&published, &installed["packages"][0])?;
    let began = Instant::now();
    let damage = Damage::inflict(&archive)?;
    let attacked = stage.spawn(
        &stage.stranger(),
        &["install", PACKAGE, "--registry", REGISTRY, "--yes", "--user"],
        false,
    )?;
    let untouched = stage.greeting()?.1;
    outcome.caught = attacked.status.code() == Some(Exit::Verification as i32)
        && !holds_packages(&stage.stranger())
        && untouched;
    tell(Told::Step {
        number: 5,
        name: text::attack(),
        command: text::attack_command(damage.offset, &shown(&archive, &stage.folder)),
        outcome: String::new(),
        took: began.elapsed(),
    });
    tell(Told::Output(String::from_utf8_lossy(&attacked.stderr).into_owned()));
    tell(Told::Remark(match outcome.caught {
        true => text::attack_caught(Exit::Verification as u8),
        false => text::attack_missed(attacked.status.code().unwrap_or(-1)),
    }));
    damage.mend()?;
    let again =
        stage.run(&stage.stranger(), &["install", PACKAGE, "--registry", REGISTRY, "--yes", "--user"])?;
    outcome.restored = again["packages"][0]["unpacked"] == true;
    tell(Told::Remark(text::mended()));

    tell(Told::Step {
        number: 6,
        name: text::look(),
        command: stage.look(&archive),
        outcome: String::new(),
        took: Duration::ZERO,
    });
    let home = stage.home().display().to_string();
    tell(Told::Remark(text::go_on(&stage.folder.display().to_string(), &home)));
    Ok(outcome)
}

/// Makes the folder, empty but for the project.
fn begin(folder: &Path) -> Result<(), Error> {
    if folder.join(MARK).is_file() {
        std::fs::remove_dir_all(folder).doing(Doing::Remove, folder)?;
    } else if folder.exists() && std::fs::read_dir(folder).doing(Doing::List, folder)?.next().is_some() {
        let message = text::folder_taken(&folder.display().to_string());
        return Err(Diagnostic::new(Code::FolderExists, message).help(text::folder_taken_help()).into());
    }
    fs::create_folder(folder)?;
    fs::write_atomic(&folder.join(MARK), b"", Access::Shared)?;
    for (path, content) in project::FILES {
        let path = folder.join("hello").join(path);
        fs::create_folder(path.parent().unwrap_or(folder))?;
        std::fs::write(&path, content).doing(Doing::Write, &path)?;
    }
    Ok(())
}

/// The folder and the program whose commands are run.
struct Stage<'a> {
    env: &'a Env,
    folder: PathBuf,
    program: PathBuf,
}

impl<'a> Stage<'a> {
    fn new(env: &'a Env, folder: PathBuf) -> Result<Self, Error> {
        let program = match env.program() {
            // Another tool may run the demo: then the program beside it, or on the path, is meant.
            Some(program) if program.file_stem().is_some_and(|name| name == "vitte-package") => {
                Some(program.to_path_buf())
            }
            _ => crate::dispatch::find(env, "package"),
        };
        let missing = || Error::from(Diagnostic::new(Code::UnknownCommand, text::no_program()));
        Ok(Self { env, folder, program: program.ok_or_else(missing)? })
    }

    fn home(&self) -> PathBuf {
        self.folder.join(HOME)
    }

    fn stranger(&self) -> PathBuf {
        self.folder.join(STRANGER)
    }

    fn spawn(&self, home: &Path, arguments: &[&str], json: bool) -> Result<Output, Error> {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null());
        command.env(Variable::VitteHome.name(), home);
        for given in [Variable::Registry, Variable::SigningKey, Variable::SigningKeyPassword, Variable::Ci] {
            command.env_remove(given.name());
        }
        if json {
            command.arg("--json");
        }
        command.output().doing(Doing::Run, &self.program)
    }

    /// Runs a command that must succeed, and gives its answer.
    fn run(&self, home: &Path, arguments: &[&str]) -> Result<Value, Error> {
        let output = self.spawn(home, arguments, true)?;
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        if output.status.success() {
            return Ok(answer["result"].clone());
        }
        let fault = &answer["diagnostics"][0];
        let code = fault["code"].as_str().and_then(Code::find).unwrap_or(Code::Io);
        let said = match fault["message"].as_str() {
            Some(message) => message.to_owned(),
            None => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        };
        Err(Diagnostic::new(code, text::command_failed(&spelled(arguments), &said)).into())
    }

    fn step(
        &self,
        number: u8,
        name: String,
        arguments: &[&str],
        tell: &mut dyn FnMut(Told),
        outcome: impl FnOnce(&Value) -> Result<String, Error>,
    ) -> Result<Value, Error> {
        let began = Instant::now();
        let answer = self.run(&self.home(), arguments)?;
        let took = began.elapsed();
        let outcome = outcome(&answer)?;
        tell(Told::Step { number, name, command: spelled(arguments), outcome, took });
        Ok(answer)
    }

    /// The key of the registry's log, in short.
    fn log_key(&self) -> Result<String, Error> {
        let env = Env::new(&self.folder, self.home());
        let client = RegistryClient::open(&env, &Location::Directory(self.folder.join(REGISTRY)))?;
        let logs = client.trust_root().root().log_policy.logs();
        Ok(logs.first().map(|key| key.note_key().public().id().short()).unwrap_or_default())
    }

    /// What the installed program says, and whether that is what it should.
    fn greeting(&self) -> Result<(String, bool), Error> {
        let program = self.home().join("bin").join(if cfg!(windows) { "hello.cmd" } else { "hello" });
        let output = Command::new(&program).arg("fr").output().doing(Doing::Run, &program)?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let good = said == project::GREETING;
        Ok((text::install_outcome(&shown(&program, &self.folder), &said), good))
    }

    /// The file in the registry that an install reads.
    fn archive(&self, published: &Value, installed: &Value) -> Result<PathBuf, Error> {
        let rows = published["artifacts"].as_array().into_iter().flatten();
        let mut paths =
            rows.filter(|row| row["tree"] == installed["tree"]).filter_map(|row| row["path"].as_str());
        match paths.next() {
            Some(path) => Ok(self.folder.join(REGISTRY).join(path)),
            None => Err(Diagnostic::new(Code::NotFound, text::no_archive()).into()),
        }
    }

    /// The browser's page if it was built, else the command that checks the same.
    fn look(&self, archive: &Path) -> String {
        let page = Path::new("web-demo").join("dist").join("verify.html");
        let above = self.program.ancestors().skip(1).take(4).map(Path::to_path_buf);
        let found = above
            .chain([self.env.cwd().to_path_buf()])
            .map(|folder| folder.join(&page))
            .find(|page| page.is_file());
        let archive = shown(archive, &self.folder);
        match found {
            Some(page) => text::look_page(&page.display().to_string(), &archive),
            None => text::look_command(&archive),
        }
    }
}

/// One byte of an archive that is not what it was.
struct Damage {
    path: PathBuf,
    offset: u64,
    good: Vec<u8>,
}

impl Damage {
    /// Flips a bit in the middle of the last frame an install reads.
    fn inflict(path: &Path) -> Result<Self, Error> {
        let good = fs::read(path, u64::from(u32::MAX))?;
        let offset =
            last_frame_middle(&good).ok_or_else(|| Diagnostic::new(Code::NotFound, text::no_archive()))?;
        let mut bad = good.clone();
        if let Some(byte) = usize::try_from(offset).ok().and_then(|at| bad.get_mut(at)) {
            *byte ^= 1;
        }
        fs::write_atomic(path, &bad, Access::Shared)?;
        Ok(Self { path: path.to_path_buf(), offset, good })
    }

    fn mend(self) -> Result<(), Error> {
        fs::write_atomic(&self.path, &self.good, Access::Shared)
    }
}

fn last_frame_middle(archive: &[u8]) -> Option<u64> {
    let trust = Trust::Signatures(TrustPolicy::new());
    let total = TotalLen::Known(archive.len() as u64);
    let mut verifier = PackageVerifier::new(Expectation::default(), trust, Sections::undeferred(), total);
    for piece in archive.chunks(plan::FRONT_LEN as usize) {
        verifier.push(piece);
        if let Some(Ok(VerifyEvent::Front(_))) = verifier.next() {
            break;
        }
    }
    let range = verifier.frame_range(*verifier.wanted_frames().last()?)?;
    Some(range.start + (range.end - range.start) / 2)
}

/// Whether anything was unpacked below a `VITTE_HOME`.
fn holds_packages(home: &Path) -> bool {
    let folder = home.join("store").join("v1").join("pkg");
    std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

fn built(row: &Value) -> String {
    let path = PathBuf::from(text_of(&row["path"]));
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let number = |key: &str| row[key].as_u64().unwrap_or_default();
    text::build_outcome(&name, number("files"), number("content_len"), number("file_len"))
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn spelled(arguments: &[&str]) -> String {
    format!("vitte package {}", arguments.join(" "))
}

fn shown(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).display().to_string()
}
