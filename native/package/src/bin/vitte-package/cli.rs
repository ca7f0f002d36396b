//! The command line: global flags, the list of commands, errors of usage.
//!
//! To add a command `verb`:
//! 1. `src/ops/verb.rs` in the library does the work: it takes `&Env` and a `&dyn Reporter`, returns values,
//!    prints nothing.
//! 2. `commands/verb.rs` here has `pub(crate) struct Args` (`#[derive(clap::Args)]`, its doc comment is the
//!    help text, `#[command(before_help = ...)]` two or three examples, which the tests run) and
//!    `pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error>`. The answer goes to
//!    `ui.print` and, for `--json`, as a type to `ui.result`; remarks go to `ui.say`; words come from the message table.
//! 3. One line in `commands/mod.rs` and one in the list below, under what it is for; one in `answer/schemas.rs`, which then writes its schema.
//!
//! A command that works on a project flattens [`ManifestArg`](crate::argument::ManifestArg), one that talks to a registry [`RegistryArg`](crate::argument::RegistryArg).

use crate::commands;
use crate::global::{ColorChoice, Global, ProgressChoice};
use crate::help;
use crate::ui::Ui;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, FromArgMatches, ValueEnum as _};
use clap_complete::CompleteEnv;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::{self, Language, usage, value_name};
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::nearest::nearest;

macro_rules! commands {
    ($($heading:literal { $($(#[$attribute:meta])* $variant:ident = $module:ident,)* })*) => {
        #[derive(Debug, clap::Subcommand)]
        enum Command {
            $($($(#[$attribute])* $variant(commands::$module::Args),)*)*
        }

        impl Command {
            fn run(self, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
                match self {
                    $($(Self::$variant(args) => commands::$module::run(args, env, ui),)*)*
                }
            }
        }

        /// What one may want to do, each with the commands for it, as help lists them.
        pub(crate) const GROUPS: &[help::Group] = &[
            $(help::Group { heading: $heading, commands: &[$(stringify!($variant)),*] }),*
        ];
    };
}

commands! {
    "Start a package" {
        New = new,
        Init = init,
    }
    "Work with dependencies" {
        Add = add,
        #[command(visible_alias = "rm")]
        Remove = remove,
        #[command(visible_alias = "i")]
        Install = install,
        #[command(visible_alias = "up")]
        Update = update,
        Lock = lock,
        Fetch = fetch,
        Tree = tree,
        Why = why,
        Outdated = outdated,
        Vendor = vendor,
    }
    "Publish" {
        Build = build,
        Sign = sign,
        Publish = publish,
        Ci = ci,
        Staple = staple,
        Yank = yank,
        Deprecate = deprecate,
    }
    "Find and run programs" {
        Search = search,
        Info = info,
        Exec = exec,
        #[command(visible_alias = "ls")]
        List = list,
        Use = use_version,
        Uninstall = uninstall,
        History = history,
        Rollback = rollback,
    }
    "Registries and keys" {
        Registry = registry,
        Login = login,
        Logout = logout,
        Whoami = whoami,
        Token = token,
        Owner = owner,
        Trust = trust,
        Namespace = namespace,
        Key = key,
        Log = log,
    }
    "Inspect and verify" {
        Verify = verify,
        Inspect = inspect,
        Extract = extract,
        Delta = delta,
        Audit = audit,
        Report = report,
    }
    "Maintenance and help" {
        Doctor = doctor,
        Store = store,
        Cache = cache,
        Config = config,
        Demo = demo,
        Explain = explain,
        Completions = completions,
    }
}

/// Builds, signs, publishes and installs Vitte packages.
///
/// Every download is verified before a byte is unpacked.
#[derive(Debug, clap::Parser)]
#[command(
    name = "vitte package",
    bin_name = "vitte package",
    display_name = "vitte-package",
    version,
    arg_required_else_help = true,
    before_help = "Examples:\n  vitte package build\n  vitte package install roussov/vitte-math --registry ./registry\n  vitte package demo"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What a command does, then its examples, then its flags.
const HELP: &str = "{about-with-newline}\n{before-help}{usage-heading} {usage}\n\n{all-args}{after-help}";
/// The flags every command takes, as `-h` shows them: in one line.
const GLOBAL_FLAGS: &str =
    "Global flags: --json, --progress, -q, -v, --color, --lang, -y, --no-input (described by --help)";

/// The whole command line, with the form of help that all commands share.
pub(crate) fn command_line() -> clap::Command {
    fn with_help(command: clap::Command) -> clap::Command {
        command.help_template(HELP).after_help(GLOBAL_FLAGS).after_long_help("").mut_subcommands(with_help)
    }
    with_help(Cli::command())
}

/// Parses the command line, runs the command and ends as the exit codes say.
pub(crate) fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<_> = arguments.collect();
    let env = Env::capture();
    choose_language(&output_flags_of_invalid_line(&arguments), env.as_ref().unwrap_or(&Env::new("", "")));
    if let Some(exit) = complete(&arguments, env.as_ref().ok()) {
        return exit;
    }
    let outside = Env::new("", "");
    let parsed = command_line().try_get_matches_from(&arguments).and_then(|matches| {
        let (name, registry) = (command_name(&matches), named_registry(&matches));
        Cli::from_arg_matches(&matches).map(|cli| (name, registry, cli))
    });
    let (name, registry, cli) = match parsed {
        Ok(parsed) => parsed,
        Err(error) if !error.use_stderr() => {
            // Help or version was asked for: that is the answer.
            print_help(&arguments, error);
            return ExitCode::from(Exit::Ok as u8);
        }
        Err(error) if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            print_help(&arguments, error);
            return ExitCode::from(Exit::Usage as u8);
        }
        Err(error) => {
            let global = output_flags_of_invalid_line(&arguments);
            let named = named_command(&arguments);
            let ui = Ui::new(named.join(" "), &global, env.as_ref().unwrap_or(&outside));
            return ui.finish(Err(usage_error(&error, &named).into()));
        }
    };
    choose_language(&cli.global, env.as_ref().unwrap_or(&outside));
    let mut ui = Ui::new(name, &cli.global, env.as_ref().unwrap_or(&outside));
    let env = env.map(|env| match &registry {
        Some(registry) => env.with_named_registry(registry),
        None => env,
    });
    let outcome = env.and_then(|env| cli.command.run(&env.with_notices(ui.notices()), &mut ui));
    ui.finish(outcome)
}

/// Chooses the language of messages: that of `--lang`, else of the environment. What programs read is English.
fn choose_language(global: &Global, env: &Env) {
    let is_for_programs = global.json || global.progress == ProgressChoice::Json;
    message::set_language(match &global.lang {
        _ if is_for_programs => Language::English,
        Some(tag) => Language::parse(tag).unwrap_or_default(),
        None => env.language(),
    });
}

/// Prints the help that a command line asks for, in the chosen language.
fn print_help(arguments: &[OsString], english: clap::Error) {
    let asked = match message::language() {
        Language::English => Some(english),
        Language::French => help::localised(command_line()).try_get_matches_from(arguments).err(),
    };
    if let Some(asked) = asked {
        let text = asked.render().ansi().to_string();
        let is_of_all = named_command(arguments).is_empty();
        let text = help::words(if is_of_all { help::grouped(&text, GROUPS) } else { text });
        // Whoever reads it may have seen enough.
        let _ = match asked.use_stderr() {
            true => anstream::stderr().write_all(text.as_bytes()),
            false => anstream::stdout().write_all(text.as_bytes()),
        };
    }
}

/// `key generate` for `vitte package key generate --name x`.
fn command_name(matches: &clap::ArgMatches) -> String {
    let mut names = Vec::new();
    let mut at = matches;
    while let Some((name, inner)) = at.subcommand() {
        names.push(name);
        at = inner;
    }
    names.join(" ")
}

/// The registry that a command line names, by its flag or as what it is about.
fn named_registry(matches: &clap::ArgMatches) -> Option<String> {
    match matches.subcommand() {
        Some((_, inner)) => named_registry(inner),
        None => matches.try_get_one::<String>("registry").ok().flatten().cloned(),
    }
}

/// What a shell that completes a command line is answered, if one asks.
fn complete(arguments: &[OsString], env: Option<&Env>) -> Option<ExitCode> {
    // The shell sees the dispatcher's line: `vitte package …`.
    let vitte = || clap::Command::new("vitte").subcommand(help::localised(command_line()).name("package"));
    let asked = CompleteEnv::with_factory(vitte).var(commands::completions::VARIABLE);
    match asked.try_complete(arguments.iter().cloned(), env.map(Env::cwd)) {
        Ok(false) => None,
        Ok(true) => Some(ExitCode::from(Exit::Ok as u8)),
        Err(_) => Some(ExitCode::from(Exit::Usage as u8)),
    }
}

/// The command that a line which cannot be understood is about, as far as that is known: `key`, `generate`.
fn named_command(arguments: &[OsString]) -> Vec<String> {
    let (mut names, mut at) = (Vec::new(), command_line());
    for word in arguments.iter().skip(1).take_while(|word| *word != "--") {
        let Some(inner) = word.to_str().and_then(|word| at.find_subcommand(word)).cloned() else { continue };
        names.push(inner.get_name().to_owned());
        at = inner;
    }
    names
}

/// The names of the commands below the one that `named` leads to.
fn commands_below(named: &[String]) -> Vec<String> {
    let top = command_line();
    let at = named.iter().try_fold(&top, |at, name| at.find_subcommand(name));
    at.into_iter()
        .flat_map(clap::Command::get_subcommands)
        .map(|command| command.get_name().to_owned())
        .collect()
}

/// What a command is called here that other package managers call `word`.
fn name_here(word: &str) -> Option<&'static str> {
    NAMES_ELSEWHERE.iter().find(|(names, _)| names.contains(&word)).map(|(_, command)| *command)
}

/// Names of commands of cargo, npm, pnpm, uv, pip and go, and the commands that do the same here.
const NAMES_ELSEWHERE: &[(&[&str], &str)] = &[
    (&["run", "x", "dlx", "npx"], "exec"),
    (&["clean-install"], "install --locked"),
    (&["sync"], "install"),
    (&["show", "view"], "info"),
    (&["upgrade", "bump"], "update"),
    (&["pack", "package", "compile"], "build"),
    (&["create", "generate"], "new"),
    (&["push", "release", "upload"], "publish"),
    (&["unpublish"], "yank"),
    (&["keygen"], "key generate"),
    (&["serve"], "registry serve-static"),
    (&["download", "prefetch"], "fetch"),
    (&["freeze", "generate-lockfile"], "lock"),
    (&["prune", "gc"], "store gc"),
    (&["clean"], "cache clean"),
    (&["find"], "search"),
    (&["unpack"], "extract"),
];

/// The output flags of a command line that cannot be parsed as a whole: its errors are printed as they ask for.
fn output_flags_of_invalid_line(arguments: &[OsString]) -> Global {
    let words: Vec<&str> =
        arguments.iter().take_while(|word| *word != "--").filter_map(|word| word.to_str()).collect();
    let value = |flag: &str| {
        let apart = words.windows(2).find(|pair| pair[0] == flag).map(|pair| pair[1]);
        apart.or_else(|| words.iter().find_map(|word| word.strip_prefix(flag)?.strip_prefix('=')))
    };
    let progress = value("--progress").and_then(|word| ProgressChoice::from_str(word, true).ok());
    let color = value("--color").and_then(|word| ColorChoice::from_str(word, true).ok());
    Global {
        json: words.contains(&"--json"),
        progress: progress.unwrap_or_default(),
        color: color.unwrap_or_default(),
        lang: value("--lang").map(str::to_owned),
        ..Global::default()
    }
}

/// Turns an error of the argument parser into a diagnostic: one form for all errors, with code and JSON.
fn usage_error(error: &clap::Error, named: &[String]) -> Diagnostic {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    let name =
        |kind| text(kind).split_whitespace().next().unwrap_or_default().trim_end_matches("...").to_owned();
    let value = || text(ContextKind::InvalidValue);
    // As in help: the names of values are in the chosen language.
    let missing = || match message::language() {
        Language::English => text(ContextKind::InvalidArg),
        Language::French => {
            value_name::TABLE.iter().fold(text(ContextKind::InvalidArg), |text, (name, french)| {
                text.replace(&format!("<{name}>"), &format!("<{french}>"))
            })
        }
    };
    let message = match error.kind() {
        ErrorKind::InvalidSubcommand => usage::unknown_command(&text(ContextKind::InvalidSubcommand)),
        ErrorKind::UnknownArgument => {
            let argument = text(ContextKind::InvalidArg);
            match argument.starts_with('-') {
                true => usage::unknown_flag(&argument),
                false => usage::unexpected_argument(&argument),
            }
        }
        ErrorKind::MissingRequiredArgument => usage::missing_argument(&missing()),
        ErrorKind::MissingSubcommand => usage::missing_command(),
        ErrorKind::InvalidValue if value().is_empty() => usage::missing_value(&name(ContextKind::InvalidArg)),
        ErrorKind::InvalidValue => usage::invalid_value(&value(), &name(ContextKind::InvalidArg)),
        ErrorKind::ValueValidation => {
            let because = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            usage::invalid_value_because(&value(), &name(ContextKind::InvalidArg), &because)
        }
        ErrorKind::ArgumentConflict if text(ContextKind::PriorArg) == text(ContextKind::InvalidArg) => {
            usage::repeated_flag(&name(ContextKind::InvalidArg))
        }
        ErrorKind::ArgumentConflict => {
            usage::conflicting_flags(&name(ContextKind::InvalidArg), &name(ContextKind::PriorArg))
        }
        _ => {
            let whole = error.render().to_string();
            let first = whole.lines().next().unwrap_or_default();
            usage::other(first.trim_start_matches("error: "))
        }
    };
    let code = match error.kind() {
        ErrorKind::InvalidSubcommand => Code::UnknownCommand,
        _ => Code::Usage,
    };
    let mut diagnostic = Diagnostic::new(code, message);
    if error.kind() == ErrorKind::InvalidSubcommand {
        let (word, commands) = (text(ContextKind::InvalidSubcommand), commands_below(named));
        let elsewhere = if named.is_empty() { name_here(&word) } else { None };
        if let Some(command) = elsewhere {
            diagnostic = diagnostic.help(usage::did_you_mean(&format!("vitte package {command}")));
        } else if let Some(near) = nearest(&word, commands.iter().map(String::as_str)) {
            diagnostic = diagnostic.help(usage::did_you_mean(near));
        }
    }
    for kind in [ContextKind::SuggestedArg, ContextKind::SuggestedValue] {
        if error.get(kind).is_some() {
            diagnostic = diagnostic.help(usage::did_you_mean(&text(kind)));
        }
    }
    if error.get(ContextKind::ValidValue).is_some() {
        diagnostic = diagnostic.help(usage::possible_values(&text(ContextKind::ValidValue)));
    }
    if error.kind() == ErrorKind::UnknownArgument && named == ["exec"] {
        diagnostic = diagnostic.help(usage::exec_arguments(&text(ContextKind::InvalidArg)));
    }
    let command = ["vitte package"].into_iter().chain(named.iter().map(String::as_str));
    diagnostic.help(usage::see_help(&command.collect::<Vec<_>>().join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_hold_together() {
        command_line().debug_assert();
    }

    #[test]
    fn names_of_other_package_managers_lead_to_commands_that_exist() {
        let top = command_line();
        for (names, target) in NAMES_ELSEWHERE {
            let mut at = &top;
            for word in target.split(' ').take_while(|word| !word.starts_with('-')) {
                at = at.find_subcommand(word).unwrap_or_else(|| panic!("{target}"));
            }
            for name in *names {
                assert!(top.find_subcommand(name).is_none(), "`{name}` is a command here");
            }
        }
    }

    #[test]
    fn every_command_has_a_description_and_examples_that_parse() {
        fn check(command: &clap::Command) {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name}: no description");
            command.get_subcommands().for_each(check);
            {
                let examples = command.get_before_help().map(ToString::to_string).unwrap_or_default();
                assert!(examples.contains("\n  vitte package "), "{name}: no examples");
                for example in examples.lines().filter(|line| line.starts_with("  vitte package")) {
                    // What the shell would put in is any word for us.
                    let shell = example
                        .split_once("$(")
                        .and_then(|(start, rest)| Some((start, rest.rsplit_once(')')?.1)));
                    let line = shell.map_or(example.to_owned(), |(start, end)| format!("{start}WORD{end}"));
                    let words = line.split_whitespace().skip(1);
                    let words = words.take_while(|word| ![">", "|", "#"].contains(word));
                    let words = words.map(|word| word.trim_matches(['\'', '"']));
                    let parsed = command_line().try_get_matches_from(words);
                    assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
                }
            }
        }
        command_line().get_subcommands().for_each(check);
    }
}
