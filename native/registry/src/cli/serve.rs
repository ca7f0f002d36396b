//! `serve`: the server itself.

use super::DataArg;
use crate::error::Result;
use crate::output;
use crate::serve;
use std::net::SocketAddr;
use std::time::Duration;
use vitte_package_core::message::{Language, set_language};

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    data: DataArg,
    /// The address to listen on; port 0 takes one that is free
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:7878")]
    listen: SocketAddr,
    /// How long a client may send nothing, in seconds, before its connection is closed
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3600))]
    idle_timeout: u64,
}

impl Serve {
    pub(super) fn run(self) -> Result<()> {
        // What it says from now on is for logs and clients.
        set_language(Language::English);
        let shown = self.data.shown();
        let patience = Duration::from_secs(self.idle_timeout);
        serve::serve(self.data.folder(), self.listen, patience, |address| {
            output::line(&format!("Serving {shown} at http://{address}/"));
        })
    }
}
