//! Writing to a registry: what a command hands in, wherever the registry is.
//!
//! A [`Plan`] is everything decided and nothing written. Submitting consumes it: what was read, signed and verified for
//! the plan is not read, signed or verified again.
//!
//! [`mod@directory`] is the writer of a registry that is a folder: [`keys`] are its keys, [`sequencer`] locks it and applies
//! what core decides, and [`mod@decide`] reads what core asks for meanwhile. [`archive`]: an archive with the signatures it
//! is published with. [`mod@server`] is the writer of a registry behind a server.

pub mod archive;
pub mod decide;
pub mod directory;
pub mod keys;
pub mod sequencer;
pub mod server;

use crate::env::Env;
use crate::error::Error;
use crate::registry::read::directory::Directory;
use crate::registry::read::location::Location;
use crate::report::Reporter;
use archive::SignedArchive;
use directory::DirectoryWriter;
use server::ServerWriter;
use vitte_package_core::index::VerifiedIndex;
use vitte_package_core::log::leaf::Artifact;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::{Admission, Admitted, SignedHead, Submission, VerifiedTrustRoot};
use vitte_package_core::sign::{NamespaceChain, RegistryId};
use vitte_package_core::version::Version;

/// What an author hands in: signed envelopes, and the archives of the releases among them.
#[derive(Debug, Default)]
pub struct Draft {
    /// The envelopes.
    pub submission: Submission,
    /// The archives, verified.
    pub archives: Vec<SignedArchive>,
}

/// A draft that the registry would take, as it is now.
#[derive(Debug)]
pub struct Plan {
    pub(super) draft: Draft,
    pub(super) admission: Admission,
    /// The end of the log on which it was planned.
    pub(super) at: SignedHead,
    /// What would be logged.
    pub admitted: Admitted,
}

/// Opens the writer of a registry: of a folder whose keys this user has, or of a server, with the token for it.
///
/// # Errors
/// As [`DirectoryWriter::open`] and [`ServerWriter::open`].
pub fn open<'a>(env: &'a Env, location: &Location) -> Result<Box<dyn RegistryWriter + 'a>, Error> {
    Ok(match location {
        Location::Directory(folder) => {
            Box::new(DirectoryWriter::open(env, Directory::new(env.resolve(folder)))?)
        }
        Location::Url(url) => Box::new(ServerWriter::open(env, url)?),
    })
}

/// What was logged.
#[derive(Debug)]
pub struct Receipt {
    /// The releases and leaves, as they were logged.
    pub admitted: Admitted,
    /// Log index of the first leaf.
    pub first: u64,
    /// Leaves of the log now.
    pub log_size: u64,
}

/// A registry that can be written to.
pub trait RegistryWriter {
    /// Id of the registry.
    fn registry(&self) -> &RegistryId {
        &self.trust().root().registry
    }

    /// The registry's trust root.
    fn trust(&self) -> &VerifiedTrustRoot;

    /// Leaves of the log, as published.
    fn size(&self) -> u64;

    /// Where people read about a release, if the registry has pages.
    fn page(&self, _: &Artifact) -> Option<String> {
        None
    }

    /// Finishes what an earlier writer was stopped at. Comes before a plan that is to be submitted, and not before one
    /// that is only shown: it may write.
    ///
    /// # Errors
    /// `busy` while another process writes; `consistency` when the files are an older copy; `forbidden` while the clock
    /// is far from the log; `io`.
    fn recover(&mut self, reporter: &dyn Reporter) -> Result<(), Error>;

    /// The index file of a package, as published.
    ///
    /// # Errors
    /// `index-signature`, `index`: it was altered; `io`.
    fn index(&mut self, package: &PackageName) -> Result<Option<VerifiedIndex>, Error>;

    /// The records of a namespace, as published; none when there is no such namespace.
    ///
    /// # Errors
    /// `ns-chain` and its kin: they were altered; `io`.
    fn chain(&mut self, namespace: &Namespace) -> Result<NamespaceChain, Error>;

    /// How many status records a version has.
    ///
    /// # Errors
    /// As [`RegistryWriter::index`].
    fn status_records(&mut self, package: &PackageName, version: &Version) -> Result<u64, Error>;

    /// Decides whether a draft would be logged. Locks nothing and writes nothing.
    ///
    /// # Errors
    /// The refusals of [`Admission::check`].
    fn plan(&mut self, draft: Draft) -> Result<Plan, Error>;

    /// Logs a plan, all of it or nothing. If the log has grown since, it is judged again where it now ends.
    ///
    /// # Errors
    /// Those of [`RegistryWriter::recover`] and of [`Admission::check`].
    fn submit(&mut self, plan: Plan, reporter: &dyn Reporter) -> Result<Receipt, Error>;
}
