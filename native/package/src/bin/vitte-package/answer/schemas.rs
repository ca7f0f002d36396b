//! The schemas in `native/package/schemas` are those of the types. To write them after a type has changed:
//! `VITTE_CASES=write cargo nextest run -p vitte-package schemas`.

use super::{Envelope, Event, Locked, LogProof};
use crate::cli::Cli;
use crate::commands::*;
use clap::CommandFactory;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use vitte_package_core::api::owners::Owners;
use vitte_package_core::api::tokens::{CreatedToken, TokenList};

/// The answer of each command.
fn answers() -> Vec<(&'static str, Schema)> {
    vec![
        ("add", schema::<add::Answer<'_>>()),
        ("audit", schema::<audit::Answer<'_>>()),
        ("build", schema::<build::Answer<'_>>()),
        ("cache clean", schema::<cache::Deleted>()),
        ("cache info", schema::<cache::info::Info>()),
        ("cache prune", schema::<cache::Deleted>()),
        ("cache verify", schema::<cache::Deleted>()),
        ("ci check", schema::<ci::check::Answer<'_>>()),
        ("ci init", schema::<ci::init::Answer<'_>>()),
        ("completions", schema::<completions::Answer<'_>>()),
        ("config get", schema::<config::Settings<'_>>()),
        ("config list", schema::<config::Settings<'_>>()),
        ("config set", schema::<config::set::Written<'_>>()),
        ("config unset", schema::<config::unset::Unset<'_>>()),
        ("delta apply", schema::<delta::apply::Answer<'_>>()),
        ("delta inspect", schema::<delta::inspect::Answer>()),
        ("delta make", schema::<delta::make::Answer<'_>>()),
        ("demo", schema::<demo::Answer<'_>>()),
        ("deprecate", schema::<yank::Answer<'_>>()),
        ("doctor", schema::<doctor::Answer<'_>>()),
        ("explain", schema::<explain::Answer>()),
        ("extract", schema::<extract::Answer<'_>>()),
        ("fetch", schema::<fetch::Answer<'_>>()),
        ("history", schema::<history::Answer<'_>>()),
        ("info", schema::<info::Answer<'_>>()),
        ("init", schema::<init::Answer<'_>>()),
        ("inspect", schema::<inspect::Answer<'_>>()),
        ("install", schema::<install::Answer<'_>>()),
        ("key export", schema::<key::export::Exported<'_>>()),
        ("key generate", schema::<key::OwnKey<'_>>()),
        ("key import", schema::<key::OwnKey<'_>>()),
        ("key list", schema::<key::list::Keys<'_>>()),
        ("key passphrase", schema::<key::OwnKey<'_>>()),
        ("key remove", schema::<key::OwnKey<'_>>()),
        ("key rename", schema::<key::OwnKey<'_>>()),
        ("key show", schema::<key::OwnKey<'_>>()),
        ("key trust", schema::<key::trust::Trusted>()),
        ("key untrust", schema::<key::untrust::Untrusted>()),
        ("list", schema::<list::Answer<'_>>()),
        ("lock", schema::<Locked<'_>>()),
        ("login", schema::<login::Answer<'_>>()),
        ("logout", schema::<logout::Answer<'_>>()),
        ("log monitor", schema::<log::monitor::Replayed>()),
        ("log show", schema::<log::show::Shown<'_>>()),
        ("namespace create", schema::<namespace::Record<'_>>()),
        ("namespace owners", schema::<namespace::show::Records<'_>>()),
        ("namespace revoke", schema::<namespace::Record<'_>>()),
        ("namespace rotate", schema::<namespace::Record<'_>>()),
        ("namespace show", schema::<namespace::show::Records<'_>>()),
        ("new", schema::<init::Answer<'_>>()),
        ("outdated", schema::<outdated::Answer<'_>>()),
        ("owner add", schema::<Owners>()),
        ("owner list", schema::<Owners>()),
        ("owner remove", schema::<Owners>()),
        ("publish", schema::<publish::Answer<'_>>()),
        ("registry add", schema::<registry::add::Added<'_>>()),
        ("registry delta", schema::<registry::delta::Offered<'_>>()),
        ("registry init", schema::<registry::init::Created<'_>>()),
        ("registry key export", schema::<registry::key::export::KeysExported<'_>>()),
        ("registry key import", schema::<registry::key::import::KeysImported<'_>>()),
        ("registry list", schema::<registry::list::TrustedRegistries<'_>>()),
        ("registry remove", schema::<registry::remove::Removed<'_>>()),
        ("registry rotate", schema::<registry::rotate::Rotated<'_>>()),
        ("registry serve-static", schema::<registry::serve_static::Served<'_>>()),
        ("registry verify", schema::<registry::verify::Verified<'_>>()),
        ("remove", schema::<add::Answer<'_>>()),
        ("report", schema::<report::Answer<'_>>()),
        ("rollback", schema::<rollback::Answer<'_>>()),
        ("search", schema::<search::Answer<'_>>()),
        ("sign", schema::<sign::Answer<'_>>()),
        ("staple", schema::<LogProof<'_>>()),
        ("store gc", schema::<store::gc::Collected<'_>>()),
        ("store list", schema::<store::list::Listed<'_>>()),
        ("store verify", schema::<store::verify::Verified<'_>>()),
        ("token create", schema::<CreatedToken>()),
        ("token list", schema::<TokenList>()),
        ("token revoke", schema::<token::revoke::Revoked<'_>>()),
        ("tree", schema::<tree::Answer<'_>>()),
        ("trust accept", schema::<trust::accept::Accepted<'_>>()),
        ("uninstall", schema::<uninstall::Answer<'_>>()),
        ("update", schema::<Locked<'_>>()),
        ("use", schema::<use_version::Answer<'_>>()),
        ("vendor", schema::<vendor::Answer<'_>>()),
        ("verify", schema::<verify::Answer<'_>>()),
        ("whoami", schema::<whoami::Answer<'_>>()),
        ("why", schema::<why::Answer<'_>>()),
        ("yank", schema::<yank::Answer<'_>>()),
    ]
}

/// Commands that answer nothing: `exec` becomes the program it runs.
const SILENT: [&str; 1] = ["exec"];

/// The schema of what is written, not of what would be read: a member that is always there is required.
fn schema<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let settings = settings.with_transform(RecursiveTransform(absent_is_not_null));
    settings.into_generator().into_root_schema_for::<T>()
}

/// What may be absent is absent when there is nothing to say, and never null.
fn absent_is_not_null(schema: &mut Schema) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let required: Vec<&str> = required.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let Some(Value::Object(members)) = schema.get_mut("properties") else { return };
    for (_, member) in members.iter_mut().filter(|(name, _)| !required.contains(&name.as_str())) {
        let Value::Object(member) = member else { continue };
        if let Some(Value::Array(types)) = member.get_mut("type") {
            types.retain(|one| one != "null");
            if let [one] = types.as_slice() {
                let one = one.clone();
                member.insert("type".to_owned(), one);
            }
        }
        if let Some(Value::Array(mut forms)) = member.remove("anyOf") {
            forms.retain(|form| form["type"] != "null");
            match (forms.pop(), forms.is_empty()) {
                (Some(Value::Object(form)), true) => member.extend(form),
                (last, _) => {
                    forms.extend(last);
                    member.insert("anyOf".to_owned(), forms.into());
                }
            }
        }
    }
}

/// A schema under the name of its file, as the text of that file.
fn file(name: &str, title: &str, mut schema: Schema) -> (String, String) {
    schema.insert("title".to_owned(), title.into());
    let text = serde_json::to_string_pretty(&schema).unwrap();
    (format!("{name}.json"), format!("{text}\n"))
}

/// Names of all commands that do something themselves.
fn commands(command: &clap::Command, above: &str) -> Vec<String> {
    let below = command.get_subcommands().flat_map(|command| {
        let name = format!("{above} {}", command.get_name());
        if command.has_subcommands() { commands(command, &name) } else { vec![name.trim().to_owned()] }
    });
    below.collect()
}

#[test]
fn every_command_has_a_schema() {
    let all: BTreeSet<String> = commands(&Cli::command(), "").into_iter().collect();
    let typed = answers().into_iter().map(|(command, _)| command.to_owned());
    let known: BTreeSet<String> = typed.chain(SILENT.map(str::to_owned)).collect();
    assert_eq!(all, known);
}

#[test]
fn schemas_are_those_of_the_types() {
    let answers = answers().into_iter().map(|(command, schema)| {
        let title = format!("result of `vitte package {command} --json`");
        file(&command.replace(' ', "-"), &title, schema)
    });
    let around = [
        file("envelope", "what `vitte package COMMAND --json` prints", schema::<Envelope<'_>>()),
        file("event", "a line of `--progress json`", schema::<Event<'_>>()),
    ];
    let made: BTreeMap<String, String> = answers.chain(around).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    if std::env::var_os("VITTE_CASES").is_some_and(|wish| wish == "write") {
        std::fs::create_dir_all(&folder).unwrap();
        made.iter().for_each(|(name, text)| std::fs::write(folder.join(name), text).unwrap());
    }
    let there =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let there: BTreeSet<String> = there.filter(|name| name.ends_with(".json")).collect();
    assert_eq!(there, made.keys().cloned().collect(), "the files in {}", folder.display());
    for (name, text) in made {
        let committed = std::fs::read_to_string(folder.join(&name)).unwrap();
        assert!(committed == text, "{name} is not what its type is: see the head of this file\n{text}");
    }
}
