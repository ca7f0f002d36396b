//! Deferred sections of what is installed.

use super::{InstalledRelease, Installer, Wanted};
use crate::dependencies::Network;
use crate::error::Error;
use crate::ops::sections::{Origin, bring};
use vitte_package_core::log::leaf::Artifact;

impl Installer<'_, '_> {
    /// Brings the sections that were asked for, of a release that the store holds now.
    pub(super) fn bring_sections(
        &mut self,
        wanted: &Wanted,
        done: &mut InstalledRelease,
    ) -> Result<(), Error> {
        let request = self.request;
        let names = &request.with;
        let Some(stored) =
            (!names.is_empty()).then(|| self.store.find(&done.release.tree)).transpose()?.flatten()
        else {
            return Ok(());
        };
        let artifact = Artifact {
            package: done.release.package.clone(),
            version: done.release.version.clone(),
            kind: done.release.kind,
            target: done.release.target.clone(),
        };
        let (env, reporter, store) = (self.env, self.reporter, self.store.clone());
        let origin = match wanted {
            Wanted::File(path) => Origin::File(path),
            Wanted::Release { .. } if request.network == Network::Offline => Origin::Nowhere,
            Wanted::Release { package, .. } => Origin::Registry(self.sources()?.of(package)?),
        };
        done.sections = bring(env, &store, (&artifact, &stored), origin, names, reporter)?;
        Ok(())
    }
}
