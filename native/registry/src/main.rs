//! A registry of Vitte packages as a server.
//!
//! The directory is the registry: `public/` of the data folder has the files that clients read, byte for byte those of
//! a directory registry, and any other file server can serve them. This adds who may write: accounts, tokens, and
//! uploads over HTTP. What is admitted, logged and indexed, and in which order files are written, is decided by
//! `vitte_package_core::registry`, the same code that a directory registry is written with.
//!
//! * `serve`, `connections`, `router`, `api`, `reads`, `app`: HTTP. `rights`: what a token allows. `problem`: refusals.
//! * `ledger`: the one thread that decides and logs. `sequencer`: lock, keys, the steps of a commit applied.
//! * `message`: what the operator reads. `data`, `objects`: files. `accounts`: SQLite. `examine`: archives through the clients' own verifier.

#![forbid(unsafe_code)]

mod accounts;
mod api;
mod app;
mod connections;
mod data;
mod error;
mod examine;
mod ledger;
mod message;
mod objects;
mod output;
mod problem;
mod reads;
mod rights;
mod router;
mod sequencer;
mod serve;

use clap::{Parser, Subcommand};
use data::Data;
use error::{Error, Result};
use ledger::unix_now;
use message as words;
use rights::{Patterns, Scope};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::{Language, server as text, set_language};

/// A registry of Vitte packages as a server
#[derive(Debug, Parser)]
#[command(name = "vitte-registry", version, disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// The folder that everything is in.
#[derive(Debug, clap::Args)]
struct DataArg {
    /// The folder of the server: its database, its keys and the registry's files
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Create a registry: its keys, its trust root, the first entry of its log
    Init {
        #[command(flatten)]
        data: DataArg,
        /// Its id: the host it will be known by, and a path
        #[arg(long, value_name = "ID", default_value = "localhost/")]
        id: String,
    },
    /// Serve the registry over HTTP
    Serve {
        #[command(flatten)]
        data: DataArg,
        /// The address to listen on; port 0 takes one that is free
        #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:7878")]
        listen: SocketAddr,
        /// How long a client may send nothing, in seconds, before its connection is closed
        #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3600))]
        idle_timeout: u64,
    },
    /// Users
    #[command(subcommand)]
    User(UserCommand),
    /// Tokens, by which clients prove what they may do
    #[command(subcommand)]
    Token(TokenCommand),
    /// Take a directory registry over, with its keys, its id and its log
    Import {
        /// The directory registry
        dir: PathBuf,
        #[command(flatten)]
        data: DataArg,
        /// The folder of its keys, as `vitte package registry init` has shown it
        #[arg(long, value_name = "DIR")]
        keys: PathBuf,
    },
    /// Copy the registry's files into a new folder, as a directory registry without keys
    Export {
        /// The new folder
        dir: PathBuf,
        #[command(flatten)]
        data: DataArg,
    },
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add a user
    Add {
        /// The user's name
        name: String,
        #[command(flatten)]
        data: DataArg,
    },
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Create a token, and show it once
    Create {
        #[command(flatten)]
        data: DataArg,
        /// Whose it is; without it, the only user's
        #[arg(long, value_name = "NAME")]
        user: Option<String>,
        /// What it allows, separated by commas: publish, yank, namespace, or parts of these
        #[arg(long, value_name = "SCOPES")]
        scopes: String,
        /// The packages it is for, separated by commas: *, namespace/*, namespace/name
        #[arg(long, value_name = "PATTERNS", default_value = "*")]
        packages: String,
        /// For how many days
        #[arg(long, value_name = "DAYS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=90))]
        expires: u64,
    },
    /// List tokens, without their secrets
    List {
        #[command(flatten)]
        data: DataArg,
    },
    /// Make a token worthless
    Revoke {
        /// Its id, as `token list` shows it
        id: String,
        #[command(flatten)]
        data: DataArg,
    },
}

fn main() -> ExitCode {
    set_language(words::chosen_language());
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    match run(cli.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::error(&error);
            ExitCode::from(error.first().code.exit() as u8)
        }
    }
}

fn run(command: Command) -> Result<()> {
    match command {
        Command::Init { data, id } => {
            let shown = data.data.display().to_string();
            let data = Data::new(data.data);
            let (registry, trust_root) = data.init(&id, unix_now())?;
            accounts::Accounts::open(&data.database())?;
            output::line(&words::created(registry.as_str(), &shown));
            output::line(&words::created_keys(&data.keys().display().to_string()));
            output::line(&words::created_trust(&trust_root.to_string()));
            output::line(&words::created_next(&shown));
        }
        Command::Serve { data, listen, idle_timeout } => {
            // What it says from now on is for logs and clients.
            set_language(Language::English);
            let shown = data.data.display().to_string();
            let patience = Duration::from_secs(idle_timeout);
            serve::serve(Data::new(data.data), listen, patience, |address| {
                output::line(&format!("Serving {shown} at http://{address}/"));
            })?;
        }
        Command::User(UserCommand::Add { name, data }) => {
            open(&data)?.add_user(&name, unix_now())?;
            output::line(&words::user_added(&name));
        }
        Command::Token(TokenCommand::Create { data, user, scopes, packages, expires }) => {
            let (scopes, packages) = (Scope::parse_list(&scopes)?, Patterns::parse(&packages)?);
            let now = unix_now();
            let ends = now + expires * 24 * 60 * 60;
            let token = open(&data)?.create_token(user.as_deref(), &scopes, &packages, now, ends)?;
            output::line(token.reveal());
        }
        Command::Token(TokenCommand::List { data }) => {
            for token in open(&data)?.tokens()? {
                let state = match token.is_revoked {
                    true => words::token_revoked(),
                    false if token.expires <= unix_now() => words::token_expired(),
                    false => words::token_valid(),
                };
                let accounts::ListedToken { id, user, scopes, packages, .. } = token;
                output::line(&format!("{id}  {state}  {user}  {scopes}  {packages}"));
            }
        }
        Command::Token(TokenCommand::Revoke { id, data }) => {
            open(&data)?.revoke(&id, unix_now())?;
            output::line(&words::revoked(&id));
        }
        Command::Import { dir, data, keys } => {
            let data = Data::new(data.data);
            let registry = data.import(&dir, &keys)?;
            accounts::Accounts::open(&data.database())?;
            output::line(&words::imported(registry.as_str()));
        }
        Command::Export { dir, data } => {
            let registry = Data::new(data.data).export(&dir)?;
            output::line(&words::exported(registry.as_str(), &dir.display().to_string()));
        }
    }
    Ok(())
}

/// The accounts of a registry that is there.
fn open(data: &DataArg) -> Result<accounts::Accounts> {
    let folder = Data::new(data.data.clone());
    if !folder.public().root().is_dir() {
        return Err(Error::new(Code::NoFile, text::data_missing(&data.data.display().to_string())));
    }
    accounts::Accounts::open(&folder.database())
}
