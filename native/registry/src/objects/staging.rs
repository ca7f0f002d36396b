//! Where archives of uploads wait until they are logged. Nobody is served from there.

use super::files::enter_folder;
#[cfg(feature = "s3")]
use super::{Objects, S3};
use super::{Reader, make_folder};
use crate::error::{At as _, Result};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A place for each upload, and in it a file for each archive, called by its digest.
#[derive(Clone, Debug)]
pub(crate) enum Staging {
    /// A folder of the file system that the registry is in.
    Folder(PathBuf),
    /// A bucket, where every replica finds it. What is being received is in a folder of this machine.
    #[cfg(feature = "s3")]
    Bucket {
        /// Where whole archives are.
        bucket: S3,
        /// Where pieces are.
        local: PathBuf,
    },
}

impl Staging {
    /// The place in a bucket.
    #[cfg(feature = "s3")]
    pub(super) fn path(id: &str, file: &str) -> String {
        format!("{id}/{file}")
    }

    /// In a bucket; what is being received is in the folder `local`.
    #[cfg_attr(not(feature = "s3"), expect(unused_variables))]
    pub(crate) fn bucket(address: &str, local: PathBuf, patience: Duration) -> Result<Self> {
        #[cfg(not(feature = "s3"))]
        return Err(crate::error::Error::built_without("s3"));
        #[cfg(feature = "s3")]
        Ok(Self::Bucket { bucket: S3::at(address, "staging", patience)?, local })
    }

    /// The folder of this machine in which the archives of all uploads are received.
    pub(crate) fn root(&self) -> &Path {
        match self {
            Self::Folder(folder) => folder,
            #[cfg(feature = "s3")]
            Self::Bucket { local, .. } => local,
        }
    }

    /// The folder of this machine in which archives of an upload are received.
    pub(crate) fn folder(&self, id: &str) -> PathBuf {
        self.root().join(id)
    }

    /// Makes the folder in which archives of an upload are received. It is made again where a loss of power takes it away.
    pub(crate) fn make(&self, id: &str) -> Result<PathBuf> {
        let folder = self.folder(id);
        enter_folder(&folder, Some(0o700), &mut BTreeSet::new())?;
        Ok(folder)
    }

    /// Whether an archive was received whole.
    pub(crate) fn has(&self, id: &str, file: &str) -> Result<bool> {
        match self {
            Self::Folder(folder) => Ok(folder.join(id).join(file).is_file()),
            #[cfg(feature = "s3")]
            Self::Bucket { bucket, .. } => Ok(bucket.find(&Self::path(id, file))?.is_some()),
        }
    }

    /// Keeps an archive that was received whole, has the digest it is called by, and is on the disk. Its name here need not
    /// be: before anything is logged it has another, and one that a loss of power took away is sent again.
    pub(crate) fn keep(&self, received: &Path, id: &str, file: &str) -> Result<()> {
        match self {
            Self::Folder(folder) => {
                let place = folder.join(id).join(file);
                std::fs::rename(received, &place).at(&place)
            }
            #[cfg(feature = "s3")]
            Self::Bucket { bucket, .. } => bucket.take(received, &Self::path(id, file)),
        }
    }

    /// Opens an archive; none when it was not received whole.
    pub(crate) fn open(&self, id: &str, file: &str) -> Result<Option<Reader>> {
        match self {
            Self::Folder(folder) => {
                let place = folder.join(id).join(file);
                match File::open(&place) {
                    Err(error) if super::files::is_absent(&error) => Ok(None),
                    opened => Ok(Some(Box::new(opened.at(&place)?))),
                }
            }
            #[cfg(feature = "s3")]
            Self::Bucket { bucket, .. } => {
                bucket.open(&Self::path(id, file))?.map(super::Opened::whole).transpose()
            }
        }
    }

    /// Removes all that waits of an upload. That something stays is no fault: it is removed later.
    pub(crate) fn remove(&self, id: &str) {
        let _ = std::fs::remove_dir_all(self.folder(id));
        #[cfg(feature = "s3")]
        if let Self::Bucket { bucket, .. } = self {
            bucket.prune(id);
        }
    }

    /// Bytes that wait of an upload.
    pub(crate) fn bytes(&self, id: &str) -> Result<u64> {
        let folder = self.folder(id);
        let mut bytes = 0;
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            bytes += entry.and_then(|entry| entry.metadata()).map_or(0, |data| data.len());
        }
        #[cfg(feature = "s3")]
        if let Self::Bucket { bucket, .. } = self {
            Objects::S3(bucket.clone()).each(id, &mut |listed| {
                bytes += listed.len;
                Ok(())
            })?;
        }
        Ok(bytes)
    }

    /// The uploads of which something waits, in this folder or in the bucket.
    pub(crate) fn each(&self, visit: &mut dyn FnMut(&str) -> Result<()>) -> Result<()> {
        make_folder(self.root(), Some(0o700))?;
        for entry in std::fs::read_dir(self.root()).at(self.root())? {
            visit(&entry.at(self.root())?.file_name().to_string_lossy())?;
        }
        #[cfg(feature = "s3")]
        if let Self::Bucket { bucket, .. } = self {
            let mut last = String::new();
            Objects::S3(bucket.clone()).each("", &mut |listed| {
                let id = listed.path.split('/').next().unwrap_or_default();
                if id != last {
                    visit(id)?;
                    last = id.to_owned();
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}
