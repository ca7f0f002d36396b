//! The command line: each verb in its file, as flags and what they start.

mod access;
mod backup;
mod config;
mod doctor;
mod export;
mod gc;
mod help;
mod help_texts;
mod import;
mod init;
mod mirror;
mod namespace;
mod rebuild_index;
mod restore;
mod serve;
mod takedown;
mod token;
mod user;
mod webhook;

use crate::accounts::Accounts;
use crate::config::{
    Address, CONFIG_VARIABLE, DATA_VARIABLE, Loaded, PlaceFlags, ServeFlags, Settings, Sources,
};
use crate::data::{Data, Places};
use crate::error::{Error, Result};
use crate::serve::runtime;
use clap::{CommandFactory as _, Parser, Subcommand};
use std::path::PathBuf;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// A registry of Vitte packages as a server
#[derive(Debug, Parser)]
#[command(name = "vitte-registry", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a registry: its keys, its trust root, the first entry of its log
    Init(init::Init),
    /// Serve the registry over HTTP
    Serve(serve::Serve),
    /// Show every setting of `serve`, and where it was set
    Config(config::Config),
    /// Users
    #[command(subcommand)]
    User(user::User),
    /// Tokens, by which clients prove what they may do
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Show or change who may read the registry: everyone, or only who has a token
    Access(access::Access),
    /// Namespaces: which there are, and which names are held or reserved
    #[command(subcommand)]
    Namespace(namespace::Namespace),
    /// Webhooks: who is told of what is logged
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    /// Take a directory registry over, with its keys, its id and its log
    Import(import::Import),
    /// Copy the registry's files into a new folder, as a directory registry without keys
    Export(export::Export),
    /// Remove what nobody needs any more
    Gc(gc::Gc),
    /// Remove the archives of a release for good; its log entries stay
    Takedown(takedown::Takedown),
    /// Copy everything into a new folder, beside a server that runs
    Backup(backup::Backup),
    /// Make a backup a registry again
    Restore(restore::Restore),
    /// Check everything, and repair what can be made anew
    Doctor(doctor::Doctor),
    /// Make the files that follow from log and archives anew
    RebuildIndex(rebuild_index::RebuildIndex),
    /// Serve a verified copy of another registry, under its own id
    Mirror(mirror::Mirror),
}

impl Cli {
    /// Reads the command line. One that asks for help, or is wrong, is answered here: the exit status.
    pub(crate) fn read() -> Result<Self, i32> {
        let arguments: Vec<_> = std::env::args_os().collect();
        Self::try_parse_from(&arguments).map_err(|error| help::show(Self::command(), &arguments, error))
    }

    /// Does what the command line asks for.
    pub(crate) fn run(self) -> Result<()> {
        match self.command {
            Command::Init(command) => command.run(),
            Command::Serve(command) => command.run(),
            Command::Config(command) => command.run(),
            Command::User(command) => command.run(),
            Command::Token(command) => command.run(),
            Command::Access(command) => command.run(),
            Command::Namespace(command) => command.run(),
            Command::Webhook(command) => command.run(),
            Command::Import(command) => command.run(),
            Command::Export(command) => command.run(),
            Command::Gc(command) => command.run(),
            Command::Takedown(command) => command.run(),
            Command::Backup(command) => command.run(),
            Command::Restore(command) => command.run(),
            Command::Doctor(command) => command.run(),
            Command::RebuildIndex(command) => command.run(),
            Command::Mirror(command) => command.run(),
        }
    }
}

/// The folder that everything is in.
#[derive(Debug, clap::Args)]
struct DataArg {
    /// The folder of the server: its database, its keys and the registry's files
    #[arg(long, value_name = "DIR", env = DATA_VARIABLE)]
    data: PathBuf,
    /// The file of its settings; without it, `vitte-registry.toml` in its folder if that is there
    #[arg(long, value_name = "FILE", env = CONFIG_VARIABLE)]
    config: Option<PathBuf>,
    #[command(flatten)]
    places: PlaceFlags,
}

impl DataArg {
    /// The folder, which need not exist.
    fn folder(&self) -> Result<Data> {
        Ok(self.folder_with(&self.settings(&ServeFlags::default())?.settings))
    }

    /// The folder, by settings that were read already.
    fn folder_with(&self, settings: &Settings) -> Data {
        let address = |setting: &Option<Address>| setting.as_ref().map(|address| address.as_str().to_owned());
        let places = Places {
            storage: address(&settings.storage),
            database: address(&settings.database),
            keys: settings.signing_keys.clone(),
            patience: settings.store_timeout.duration(),
            silence: settings.sequencer_timeout.duration(),
        };
        Data::new(self.data.clone(), places)
    }

    /// The folder as it was written.
    fn shown(&self) -> String {
        self.data.display().to_string()
    }

    /// Its settings, those that were given as flags among them.
    fn settings(&self, flags: &ServeFlags) -> Result<Loaded> {
        let environment = std::env::vars_os().collect();
        let sources = Sources { data: &self.data, file: self.config.as_deref(), environment };
        Loaded::read(&sources, self.places.given().chain(flags.given()))
    }

    /// The folder of a registry that is there.
    fn existing(&self) -> Result<Data> {
        let folder = self.folder()?;
        match folder.is_begun()? {
            true => Ok(folder),
            false => Err(Error::new(Code::NoFile, text::data_missing(&self.shown()))),
        }
    }

    /// Does something with the accounts of a registry that is there.
    fn accounts<T>(&self, work: impl AsyncFnOnce(Accounts) -> Result<T>) -> Result<T> {
        let folder = self.existing()?;
        runtime()?.block_on(async {
            let database = folder.open_database().await?;
            work(Accounts::new(database)).await
        })
    }
}
