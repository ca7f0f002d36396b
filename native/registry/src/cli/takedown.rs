//! `takedown`: the archives of a release are removed for good.

use super::DataArg;
use crate::care::{TakenDown, take_down, words};
use crate::error::{Error, Result};
use crate::ledger::unix_now;
use crate::output;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::size;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::removal::{Removal, RemovalReason};
use vitte_package_core::version::Version;

#[derive(Debug, clap::Args)]
pub(super) struct Takedown {
    /// The release: namespace/name@version
    release: String,
    /// Why: legal (clients get 451) or removed (410)
    #[arg(long, value_name = "REASON")]
    reason: String,
    #[command(flatten)]
    data: DataArg,
}

impl Takedown {
    pub(super) fn run(self) -> Result<()> {
        let wrong = |given: &str| Error::new(Code::Usage, words::takedown_usage(given));
        let (package, version) = self.release.split_once('@').ok_or_else(|| wrong(&self.release))?;
        let package = PackageName::parse(package)?;
        let version = Version::parse(version).map_err(|_| wrong(version))?;
        let reason = RemovalReason::parse(&self.reason).ok_or_else(|| wrong(&self.reason))?;
        let removal = Removal { reason, time: unix_now() };
        let taken = take_down(&self.data.existing()?, &package, &version, removal)?;
        let TakenDown { archives, bytes, is_yanked } = taken;
        output::line(&words::takedown_done(&self.release, archives, &size(bytes)));
        output::line(&words::takedown_stays());
        if !is_yanked {
            let code = if reason == RemovalReason::Legal { "legal" } else { "other" };
            output::line(&words::takedown_not_yanked(&self.release, code));
        }
        Ok(())
    }
}
