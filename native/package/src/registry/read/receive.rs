//! Archives of a registry: brought to this machine, verified, unpacked.

use super::by_delta::Saved;
use super::client::RegistryClient;
use super::source::{ArchiveFile, ArchiveRequest, Transfer};
use crate::error::Error;
use crate::extract::{self, Accept, Destination, FilesHere, GrowingFile, Incoming, Input, Permissions};
use crate::message::{delta as delta_text, registry as text};
use crate::report::{Reporter, Work};
use crate::store::{Staging, Store};
use std::path::Path;
use std::sync::Arc;
use vitte_package_core::diagnostic::{Code, Diagnostic, Exit};
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::registry::removal::{REMOVAL_LEN, Removal, RemovalReason};
use vitte_package_core::registry::{day, layout};
use vitte_package_core::verify::VerifiedPackage;

/// A package that is verified, and not yet in its place.
#[derive(Debug)]
pub struct Received {
    /// Its files.
    pub staging: Staging,
    /// That it is verified.
    pub package: VerifiedPackage,
    /// What did not have to be fetched of it.
    pub saved: Saved,
    /// How much of its archive was fetched, where less than all of it was.
    pub transfer: Option<Transfer>,
}

impl RegistryClient {
    /// Brings the archive of an artifact to this machine. Only its front has been looked at, if that.
    ///
    /// # Errors
    /// `not-found` when it is not there; network faults; what its front shows to be wrong.
    pub fn archive(
        &self,
        wanted: &ArchiveRequest<'_>,
        reporter: &dyn Reporter,
    ) -> Result<ArchiveFile, Error> {
        self.archive_incoming(wanted, &mut |_, _| None, reporter)
    }

    /// Brings an archive to this machine and unpacks it, verified, into a folder of its own beside the store. A large one
    /// is verified and written while it comes. One that was found good is kept in the cache. Where the registry has a
    /// delta from a release that the store holds, that is fetched instead.
    ///
    /// # Errors
    /// As [`RegistryClient::archive`] and [`extract::unpack`], with where to report what is not as it was signed.
    pub fn unpack(
        &self,
        wanted: &ArchiveRequest<'_>,
        store: &Store,
        work: Work<'_>,
    ) -> Result<Received, Error> {
        if let Some(received) = self.unpack_delta(wanted, store, work) {
            return Ok(received);
        }
        match self.unpack_once(wanted, store, work) {
            // A file of the store may be damaged, or gone: the archive has it too.
            Err(error)
                if wanted.here.are_copied()
                    && !wanted.here.is_empty()
                    && (error.code() == Code::NoFile || error.exit() == Exit::Verification) =>
            {
                let nothing = FilesHere::default();
                self.unpack_once(&ArchiveRequest { here: &nothing, ..*wanted }, store, work)
            }
            unpacked => unpacked,
        }
    }

    /// The package by a delta; `None` where there is none, or it is of no use: why is told to those who ask.
    fn unpack_delta(&self, wanted: &ArchiveRequest<'_>, store: &Store, work: Work<'_>) -> Option<Received> {
        let made = self.archive_by_delta(wanted, store, work)?;
        let unpacked = || {
            let staging = store.stage()?;
            let destination = Destination {
                folder: staging.path(),
                permissions: Permissions::ReadOnly,
                accept: Accept::Verified,
            };
            let outcome =
                extract::unpack(Input::File(&made.path()), wanted.unpack.clone(), destination, work)?;
            Ok::<_, Error>((staging, outcome.package))
        };
        match unpacked() {
            Ok((staging, package)) => {
                Some(Received { staging, package: package?, saved: made.saved, transfer: None })
            }
            Err(error) => {
                let package = wanted.artifact.package.as_str();
                work.reporter.decided(delta_text::not_used(package, &error.to_string()));
                None
            }
        }
    }

    fn unpack_once(
        &self,
        wanted: &ArchiveRequest<'_>,
        store: &Store,
        work: Work<'_>,
    ) -> Result<Received, Error> {
        let unpack = |input: Input<'_>, staging: &Staging| {
            let destination = Destination {
                folder: staging.path(),
                permissions: Permissions::ReadOnly,
                accept: Accept::Verified,
            };
            extract::unpack_with(input, wanted.unpack.clone(), wanted.here, destination, work)
        };
        let (archive, read) = std::thread::scope(|scope| {
            let mut reading = None;
            let mut incoming = |path: &Path, len| {
                let growing = Arc::new(GrowingFile::default());
                let (path, progress) = (path.to_owned(), Arc::clone(&growing));
                let read = scope.spawn(move || {
                    let staging = store.stage()?;
                    let outcome = unpack(Input::Growing { path: &path, len, progress: &progress }, &staging);
                    Ok::<_, Error>((progress.is_abandoned(), staging, outcome))
                });
                reading = Some(read);
                Some(growing)
            };
            let archive = self.archive_incoming(wanted, &mut incoming, work.reporter);
            let read =
                reading.map(|read| read.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            (archive, read)
        });
        // What kept the archive from coming says more than that it did not come.
        let archive = archive?;
        let (staging, outcome) = match read.transpose()? {
            Some((false, staging, outcome)) => (staging, outcome),
            // Small, or here already, or started again on the way.
            Some((true, ..)) | None => {
                let staging = store.stage()?;
                let outcome = unpack(archive.input(), &staging);
                (staging, outcome)
            }
        };
        match outcome.map_err(|error| self.attribute_to(error, wanted.artifact))?.package {
            Some(package) => {
                let transfer = archive.transfer();
                archive.keep();
                let saved = Saved::by_parts(transfer);
                Ok(Received { staging, package, transfer, saved })
            }
            // Insisting on a verified package gives one, or an error.
            None => Err(Diagnostic::new(Code::Unsigned, Code::Unsigned.title().to_owned()).into()),
        }
    }

    fn archive_incoming(
        &self,
        wanted: &ArchiveRequest<'_>,
        incoming: &mut Incoming<'_>,
        reporter: &dyn Reporter,
    ) -> Result<ArchiveFile, Error> {
        self.source().archive(wanted, incoming, reporter)?.ok_or_else(|| {
            let path = wanted.path();
            let fault = self
                .taken_down(wanted.artifact)
                .unwrap_or_else(|| Diagnostic::new(Code::NotFound, text::registry_file_missing(&path)));
            self.source().at(fault.into(), &path)
        })
    }

    /// What the operator says about an archive that is not there. Nothing proves it, and nothing depends on it: the
    /// archive cannot be had either way.
    fn taken_down(&self, artifact: &Artifact) -> Option<Diagnostic> {
        let record = self.source().read(&layout::removal(artifact), REMOVAL_LEN).ok()??;
        let Removal { reason, time } = Removal::parse(&record).ok()?;
        let Artifact { package, version, .. } = artifact;
        let (release, day) = (format!("{package}@{version}"), day(time));
        let message = match reason {
            RemovalReason::Legal => text::taken_down_legal(&release, &day),
            RemovalReason::Removed => text::taken_down(&release, &day),
        };
        let help = text::taken_down_help(package.as_str(), &version.to_string());
        Some(Diagnostic::new(Code::NotFound, message).help(help))
    }
}
