//! `mirror`: a read-only copy of another registry.

use crate::error::{At as _, Error, Result};
use crate::mirror::{self, Options};
use crate::output;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;
use vitte_package_core::api::Token;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::digest::Digest;
use vitte_package_core::message::{Language, set_language};

/// The token for the upstream registry, and the file that holds it.
const TOKEN: &str = "VITTE_MIRROR_TOKEN";
const TOKEN_FILE: &str = "VITTE_MIRROR_TOKEN_FILE";

#[derive(Debug, clap::Args)]
pub(super) struct Mirror {
    /// The registry's address
    url: String,
    /// The digest of the registry's first trust root
    #[arg(long, value_name = "HEX", value_parser = digest)]
    trust_root_sha256: Digest,
    /// The folder of the copy
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The address to listen on; port 0 takes one that is free
    #[arg(long, value_name = "IP:PORT", default_value = "127.0.0.1:7878")]
    listen: SocketAddr,
    /// How much room archives may take, such as 500MB or 10GiB; those used least recently are removed first
    #[arg(long, value_name = "LIMIT")]
    size: Option<String>,
    /// Fetch what this lockfile or list of packages names before serving
    #[arg(long, value_name = "FILE", num_args = 1..)]
    prefetch: Vec<PathBuf>,
    /// Exit once everything has been fetched
    #[arg(long, requires = "prefetch", conflicts_with = "offline")]
    fetch_only: bool,
    /// Never ask the registry: serve what is there
    #[arg(long)]
    offline: bool,
    /// Follow the registry to other origins that have no public address
    #[arg(long)]
    allow_private: bool,
    /// How long a client or the registry may send nothing, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3600))]
    idle_timeout: u64,
}

impl Mirror {
    pub(super) fn run(self) -> Result<()> {
        // What it says from now on is for logs and clients.
        set_language(Language::English);
        let options = Options {
            url: self.url,
            pin: self.trust_root_sha256,
            data: self.data.clone(),
            token: token()?,
            size: self.size,
            prefetch: self.prefetch,
            is_offline: self.offline,
            allows_private: self.allow_private,
            patience: Duration::from_secs(self.idle_timeout),
        };
        if self.fetch_only {
            return match mirror::prefetch(&options)? {
                0 => Ok(()),
                failed => Err(Error::new(Code::Unavailable, mirror::incomplete(failed))),
            };
        }
        mirror::serve(&options, self.listen, |address| {
            output::line(&format!("Serving {} at http://{address}/", self.data.display()));
        })
    }
}

fn digest(text: &str) -> Result<Digest, String> {
    let hex = text.strip_prefix("sha256:").unwrap_or(text);
    Digest::from_hex(hex).map_err(|error| error.to_string())
}

/// The token for the upstream registry, if one is given.
fn token() -> Result<Option<Token>> {
    let text = match (std::env::var(TOKEN), std::env::var_os(TOKEN_FILE)) {
        (Ok(token), _) if !token.is_empty() => token,
        (_, Some(file)) => {
            let file = Path::new(&file);
            std::fs::read_to_string(file).at(file)?
        }
        _ => return Ok(None),
    };
    Ok(Some(Token::parse(text.trim())?))
}
