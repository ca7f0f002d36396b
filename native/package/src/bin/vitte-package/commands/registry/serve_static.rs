use super::folder;
use crate::ui::Ui;
use serde::Serialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::message::network;
use vitte_package::registry::read::directory::Directory;
use vitte_package::serve::{BatchApi, Server};
use vitte_package_core::diagnostic::Exit;

/// Serve a registry's folder over HTTP, for reading: to a team, to browsers
#[derive(Debug, clap::Args)]
#[command(
    before_help = "Examples:\n  vitte package registry serve-static reg\n  vitte package registry serve-static reg --port 8000 --host 0.0.0.0"
)]
pub(crate) struct Args {
    /// The folder
    dir: PathBuf,
    /// The port; 0 takes one that is free
    #[arg(long, value_name = "PORT", default_value = "7878")]
    port: u16,
    /// The address to listen on; without it, only this machine is answered
    #[arg(long, value_name = "IP", default_value = "127.0.0.1")]
    host: IpAddr,
    /// Also answer questions about many index files at once, which saves clients most of their requests
    #[arg(long)]
    batch: bool,
}

/// The answer of `registry serve-static`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Served<'a> {
    /// The folder, as it was given.
    directory: &'a Path,
    /// The address it is served at.
    url: &'a str,
}

pub(crate) fn run(args: Args, env: &Env, ui: &mut Ui) -> Result<Exit, Error> {
    let Args { dir, port, host, batch } = args;
    let batch_api = if batch { BatchApi::Enabled } else { BatchApi::Disabled };
    let root = folder(env, &dir)?;
    vitte_package::registry::read::client::read_config(&Directory::new(&root))?;
    let server = Server::bind(&root, SocketAddr::new(host, port), batch_api)?;
    let url = format!("http://{}/", server.address()?);
    ui.print_result_now(&Served { directory: &dir, url: &url });
    ui.print(network::serving(&dir.display().to_string(), &url));
    ui.say(network::serving_stop());
    server.run();

    Ok(Exit::Ok)
}
