//! Index files whose signature was checked.

use super::{IndexError, IndexFile};
use crate::digest::Digest;
use crate::limits;
use crate::log::note::{IndexKey, Note};
use crate::name::PackageName;
use std::ops::Deref;

/// The index file of one package, signed by a key of the registry: the only one that something may be decided by.
///
/// Resolving, installing, verifying, auditing and changing a status take this type. An [`IndexFile`] that was read
/// unverified, or is being built, cannot become one without its signature:
/// ```compile_fail
/// use vitte_package_core::{index::IndexFile, name::PackageName, resolve::Release};
///
/// let unsigned = IndexFile::new(PackageName::parse("demo/hello").unwrap());
/// let releases = Release::of_index(&unsigned);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedIndex(IndexFile);

impl VerifiedIndex {
    /// Checks signature and content of the index file of `package`. `keys` are the index keys of the registry's trust
    /// root.
    ///
    /// # Errors
    /// [`IndexError::Note`] when it is not a note signed by one of `keys`; [`IndexError::Version`] for a newer form;
    /// [`IndexError::Package`] when it is another package's; [`IndexError::Line`] naming the line that is malformed,
    /// too long or contradicts another.
    pub fn open(bytes: &[u8], keys: &[IndexKey], package: &PackageName) -> Result<Self, IndexError> {
        let note = Note::parse(bytes, limits::INDEX_LEN).map_err(IndexError::Note)?;
        let keys: Vec<_> = keys.iter().map(IndexKey::note_key).collect();
        note.verify(&keys).map_err(IndexError::Note)?;
        IndexFile::parse(note.text(), package).map(Self)
    }

    /// As [`open`](Self::open), with the digest of the file. The signature is not checked again where that digest is
    /// `checked`: that of a file which passed `open` before, with the same keys.
    ///
    /// Where copies of index files are kept does not matter, then; what matters is who keeps `checked`. Only
    /// [`ProofCache`](crate::registry::client::ProofCache) does: it holds the digests under the digest of the trust root,
    /// so that under other keys none counts, and is kept as safe as the pinned trust root itself.
    pub(crate) fn open_checked(
        bytes: &[u8],
        keys: &[IndexKey],
        package: &PackageName,
        checked: Option<Digest>,
    ) -> (Digest, Result<Self, IndexError>) {
        let digest = Digest::of(bytes);
        let file = match checked == Some(digest) {
            true => IndexFile::read_unverified(bytes, package).map(Self),
            false => Self::open(bytes, keys, package),
        };
        (digest, file)
    }

    /// A copy of the content, to be changed and signed anew.
    pub fn to_draft(&self) -> IndexFile {
        self.0.clone()
    }
}

impl Deref for VerifiedIndex {
    type Target = IndexFile;

    fn deref(&self) -> &IndexFile {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::{RegistryId, SecretKey};

    #[test]
    fn only_the_very_bytes_that_were_checked_are_opened_without_their_signature() {
        let (id, package) =
            (RegistryId::parse("registry.example/").unwrap(), PackageName::parse("demo/hello").unwrap());
        let (key, forger) = (SecretKey::from_seed(&[3; 32]), SecretKey::from_seed(&[9; 32]));
        let keys = [IndexKey::new(&IndexKey::name_of(&id), key.public()).unwrap()];
        let sign = |key| IndexFile::new(package.clone()).sign(1, &id, key).unwrap();
        let (good, forged) = (sign(&key), sign(&forger));
        let open = |bytes: &[u8], checked| VerifiedIndex::open_checked(bytes, &keys, &package, checked);
        let (digest, file) = open(&good, None);
        assert_eq!(file, VerifiedIndex::open(&good, &keys, &package));
        assert!(file.is_ok());
        assert_eq!(open(&good, Some(digest)).1, file);
        // The digest of what was checked says nothing of other bytes, whose signature has to count.
        assert!(matches!(open(&forged, Some(digest)).1, Err(IndexError::Note(_))));
        assert!(matches!(open(&forged, None).1, Err(IndexError::Note(_))));
        assert_eq!(open(&good, Some(Digest::of(&forged))).1, file);
        // And what was checked is another package's still.
        let other = PackageName::parse("demo/other").unwrap();
        let (_, file) = VerifiedIndex::open_checked(&good, &keys, &other, Some(digest));
        assert!(matches!(file, Err(IndexError::Package { .. })));
    }
}
