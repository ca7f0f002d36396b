//! The attack: an archive in the registry is altered.

use std::path::{Path, PathBuf};
use vitte_package::error::Error;
use vitte_package::fs::{self, Access};
use vitte_package::message::demo as text;
use vitte_package_core::archive::{TotalLen, plan};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::sign::TrustPolicy;
use vitte_package_core::verify::{Expectation, PackageVerifier, Sections, Trust, VerifyEvent};

/// One byte of an archive that is not what it was.
pub(super) struct Damage {
    path: PathBuf,
    pub(super) offset: u64,
    good: Vec<u8>,
}

impl Damage {
    /// Flips a bit in the middle of the last frame an install reads.
    pub(super) fn inflict(path: &Path) -> Result<Self, Error> {
        let good = fs::read(path, u64::from(u32::MAX))?;
        let offset =
            last_frame_middle(&good).ok_or_else(|| Diagnostic::new(Code::NotFound, text::no_archive()))?;
        let mut bad = good.clone();
        if let Some(byte) = usize::try_from(offset).ok().and_then(|at| bad.get_mut(at)) {
            *byte ^= 1;
        }
        fs::write_atomic(path, &bad, Access::Shared)?;
        Ok(Self { path: path.to_path_buf(), offset, good })
    }

    pub(super) fn undo(self) -> Result<(), Error> {
        fs::write_atomic(&self.path, &self.good, Access::Shared)
    }
}

pub(super) fn last_frame_middle(archive: &[u8]) -> Option<u64> {
    let trust = Trust::Signatures(TrustPolicy::new());
    let total = TotalLen::Known(archive.len() as u64);
    let mut verifier = PackageVerifier::new(Expectation::default(), trust, Sections::undeferred(), total);
    for piece in archive.chunks(plan::FRONT_LEN as usize) {
        verifier.push(piece);
        if let Some(Ok(VerifyEvent::Prelude(_))) = verifier.next() {
            break;
        }
    }
    let range = verifier.frame_range(*verifier.wanted_frames().last()?)?;
    Some(range.start + (range.end - range.start) / 2)
}
