//! Checkpoints: the signed size and root of a log (C2SP `tlog-checkpoint`, without extension lines).
//!
//! ```
//! use vitte_package_core::digest::Digest;
//! use vitte_package_core::log::checkpoint::{Checkpoint, VerifiedCheckpoint};
//! use vitte_package_core::log::merkle;
//! use vitte_package_core::log::note::LogKey;
//! use vitte_package_core::log::policy::LogPolicy;
//! use vitte_package_core::sign::SecretKey;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let secret = SecretKey::from_seed(&[7; 32]);
//! let root = merkle::root(&[merkle::leaf_hash(b"one leaf")]);
//! let note = Checkpoint::new("example.com/log", 1, root).sign(&secret)?;
//! // A client trusts what its policy says: here, the log's own key.
//! let policy = LogPolicy::unwitnessed(&LogKey::new("example.com/log", secret.public())?);
//! let checkpoint = VerifiedCheckpoint::open(&note.to_bytes(), &policy)?;
//! assert_eq!((checkpoint.size(), checkpoint.root()), (1, &root));
//! # Ok(())
//! # }
//! ```

pub use super::error::CheckpointError;

use super::note::{Note, NoteError};
use super::policy::{LogPolicy, Observed};
use super::{merkle, parse_hash, parse_number, print_base64};
use crate::digest::Digest;
use crate::limits;
use crate::sign::SecretKey;

/// Size and root of a log at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Digest,
}

impl Checkpoint {
    /// States that the log `origin` has `size` leaves and root `root`.
    pub fn new(origin: &str, size: u64, root: Digest) -> Self {
        Self { origin: origin.to_owned(), size, root }
    }

    /// Reads a note's text.
    ///
    /// # Errors
    /// [`CheckpointError::Syntax`] when it is not exactly three lines, origin, size without leading zeros and
    /// base64 of 32 bytes, or when a log of size 0 has another root than SHA-256 of nothing.
    pub fn parse(note_text: &str) -> Result<Self, CheckpointError> {
        let refuse = |line| CheckpointError::Syntax { line };
        let mut lines = note_text.strip_suffix('\n').ok_or(refuse(1))?.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty()).ok_or(refuse(1))?;
        let size = lines.next().and_then(parse_number).ok_or(refuse(2))?;
        let root = lines.next().and_then(parse_hash).ok_or(refuse(3))?;
        if lines.next().is_some() {
            return Err(refuse(4));
        }
        if size == 0 && root != merkle::empty_root() {
            return Err(refuse(3));
        }
        Ok(Self { origin: origin.to_owned(), size, root })
    }

    /// The text that is signed.
    pub fn to_text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, print_base64(self.root.as_bytes()))
    }

    /// Signs the checkpoint with the log's key, whose name is the origin.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when the origin cannot be a key's name.
    pub fn sign(&self, secret: &SecretKey) -> Result<Note, CheckpointError> {
        Note::sign(self.to_text(), &self.origin, secret).map_err(CheckpointError::Note)
    }

    /// Name of the log.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Leaves of the log.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Root over the leaves.
    pub fn root(&self) -> &Digest {
        &self.root
    }
}

/// A checkpoint whose signatures meet the policy. Can be made only by checking them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    checkpoint: Checkpoint,
    bytes: Vec<u8>,
    observed: Observed,
}

impl VerifiedCheckpoint {
    /// Checks a checkpoint note under `policy`.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when the note is malformed, unsigned or a known signature fails,
    /// [`CheckpointError::Origin`] when it is of another log than the policy's keys, [`CheckpointError::Quorum`]
    /// when too few witnesses have cosigned.
    pub fn open(bytes: &[u8], policy: &LogPolicy) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes, limits::NOTE_LEN).map_err(CheckpointError::Note)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        let observed = policy.judge(&note, checkpoint.origin())?;
        Ok(Self { checkpoint, bytes: bytes.to_vec(), observed })
    }

    /// Opens a checkpoint that was trusted before, under a policy that may have changed since; none if no log key that
    /// signed it counts any more. Only then what was seen under it binds nobody: that the policy asks for more
    /// witnesses now does not make what was seen unseen.
    ///
    /// # Errors
    /// [`CheckpointError::Note`] when the note is malformed or the signature of a key that counts fails,
    /// [`CheckpointError::Origin`] as [`VerifiedCheckpoint::open`].
    pub fn reopen(bytes: &[u8], policy: &LogPolicy) -> Result<Option<Self>, CheckpointError> {
        let note = Note::parse(bytes, limits::NOTE_LEN).map_err(CheckpointError::Note)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        match policy.check_log(&note, checkpoint.origin()) {
            Ok(()) => Ok(Some(Self { checkpoint, bytes: bytes.to_vec(), observed: Observed::default() })),
            Err(CheckpointError::Note(NoteError::Unsigned { .. })) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Size and root.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// Leaves of the log.
    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// Root over the leaves.
    pub fn root(&self) -> &Digest {
        &self.checkpoint.root
    }

    /// The note, byte for byte as it was received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Which witnesses saw it, and when.
    pub fn observed(&self) -> &Observed {
        &self.observed
    }
}
