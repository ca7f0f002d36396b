use crate::ui::Ui;
use serde_json::json;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::ops::registry;
use vitte_package::registry::location::Location;
use vitte_package::serve::Server;
use vitte_package_core::diagnostic::Exit;
use vitte_package_core::digest::Digest;
use vitte_package_core::message::{network, registry as words};

/// Begin, check and trust registries
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Begin a registry in a folder: keys, trust root and an empty log
    #[command(
        before_help = "Examples:\n  vitte package registry init reg\n  vitte package registry init reg --id packages.example.org/"
    )]
    Init {
        /// The folder; it may not exist yet, or must be empty
        dir: PathBuf,
        /// Its id, a host and path without scheme; without it, one made from its root key
        #[arg(long, value_name = "ID")]
        id: Option<String>,
    },
    /// Check everything in a registry: log, index, namespaces, proofs and archives
    #[command(
        before_help = "Examples:\n  vitte package registry verify reg\n  vitte package registry verify reg --json"
    )]
    Verify {
        /// The folder
        dir: PathBuf,
    },
    /// Serve a registry's folder over HTTP, for reading: to a team, to browsers
    #[command(
        before_help = "Examples:\n  vitte package registry serve-static reg\n  vitte package registry serve-static reg --port 8000 --host 0.0.0.0"
    )]
    ServeStatic {
        /// The folder
        dir: PathBuf,
        /// The port; 0 takes one that is free
        #[arg(long, value_name = "PORT", default_value = "7878")]
        port: u16,
        /// The address to listen on; without it, only this machine is answered
        #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
        host: IpAddr,
    },
    /// Trust a registry whose trust root has this digest
    #[command(
        before_help = "Examples:\n  vitte package registry add reg --trust-root-sha256 \"$(sha256sum < reg/trust/1.json | cut -c1-64)\""
    )]
    Add {
        /// The registry: a folder or an address
        registry: String,
        /// SHA-256 of its first trust root, `trust/1.json`, as its owner gives it
        #[arg(long, value_name = "HEX")]
        trust_root_sha256: String,
    },
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    match args.action {
        Action::Init { dir, id } => {
            let begun = registry::init(env, &dir, id.as_deref())?;
            let digest = begun.trust_root.to_string();
            ui.done(words::begun(&dir.display().to_string(), begun.registry.as_str()));
            ui.say(words::begun_pin(&digest));
            ui.answer(&json!({"registry": begun.registry, "directory": dir, "trust_root": digest}));
        }
        Action::Verify { dir } => {
            let audit = registry::verify(env, &dir, ui.reporter())?;
            ui.done(words::audit_good(&dir.display().to_string(), &audit.registry));
            ui.line(words::audit_counts(
                audit.entries,
                audit.namespaces as u64,
                audit.packages as u64,
                audit.artifacts as u64,
            ));
            if audit.unfinished > 0 {
                ui.say(words::audit_unfinished(audit.unfinished));
            }
            ui.answer(&json!({
                "unfinished": audit.unfinished,
                "registry": audit.registry,
                "trust_root": audit.trust_root,
                "entries": audit.entries,
                "root": audit.root,
                "namespaces": audit.namespaces,
                "packages": audit.packages,
                "artifacts": audit.artifacts,
            }));
        }
        Action::ServeStatic { dir, port, host } => {
            let server = Server::bind(&env.resolve(&dir), SocketAddr::new(host, port))?;
            let url = format!("http://{}/", server.address()?);
            ui.answer(&json!({"directory": dir, "url": url}));
            ui.line(network::serving(&dir.display().to_string(), &url));
            ui.say(network::serving_stop());
            server.run();
        }
        Action::Add { registry: given, trust_root_sha256 } => {
            let location = Location::parse(&given, env)?;
            let pin = Digest::from_hex(&trust_root_sha256)?;
            let id = registry::add(env, &location, &pin)?;
            ui.done(words::registry_added(id.as_str()));
            ui.answer(&json!({"registry": id, "trust_root": pin}));
        }
    }
    Ok(Exit::Ok)
}
