//! `serve`: the server itself.

use super::DataArg;
use crate::config::ServeFlags;
use crate::error::Result;
use crate::output;
use crate::serve;
use vitte_package_core::message::{Language, set_language};

#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    #[command(flatten)]
    data: DataArg,
    /// Show the settings and where each was set, and end
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    flags: ServeFlags,
}

impl Serve {
    pub(super) fn run(self) -> Result<()> {
        let loaded = self.data.settings(&self.flags)?;
        if self.print_config {
            loaded.shown().iter().for_each(|line| output::line(line));
            return Ok(());
        }
        // What it says from now on is for logs and clients.
        set_language(Language::English);
        let shown = self.data.shown();
        serve::serve(self.data.folder_with(&loaded.settings), loaded.settings, |addresses| {
            let scheme = if addresses.is_encrypted { "https" } else { "http" };
            output::line(&format!("Serving {shown} at {scheme}://{}/", addresses.registry));
            if let Some(metrics) = addresses.metrics {
                output::line(&format!("Metrics at http://{metrics}/metrics"));
            }
        })
    }
}
