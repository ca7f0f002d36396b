//! A memory as it is kept: with the trust root it was made under, so that it is never used under another.

use super::Memory;
use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::digest::Digest;
use crate::json::JsonError;
use crate::message::verify as text;

/// A memory that was kept cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BoundMemoryError {
    /// It is malformed.
    Syntax(JsonError),
    /// It was made under another trust root: the caller gave the wrong memory.
    OtherTrustRoot {
        /// Digest of the trust root that is pinned.
        expected: Digest,
        /// Digest of the one it was made under.
        got: Digest,
    },
}

impl Diagnose for BoundMemoryError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Syntax(error) => error.diagnostic(),
            Self::OtherTrustRoot { expected, got } => {
                Diagnostic::new(Code::SubjectMismatch, text::memory_of_another_root())
                    .with("expected", expected.to_string())
                    .with("got", got.to_string())
            }
        }
    }
}
display_as_message!(BoundMemoryError);

impl Memory {
    /// Writes it with the digest of the first trust root of its registry, which is pinned: 64 hexadecimal digits and LF,
    /// then as [`to_bytes`](Self::to_bytes).
    pub fn to_bound_bytes(&self, pin: &Digest) -> Vec<u8> {
        [format!("{pin}\n").as_bytes(), &self.to_bytes()].concat()
    }

    /// Reads what [`to_bound_bytes`](Self::to_bound_bytes) wrote. One of an earlier version, without a digest, is of the
    /// pinned trust root as far as that is known: if it has seen no later one, that one is compared.
    ///
    /// # Errors
    /// [`BoundMemoryError`].
    pub fn parse_bound(bytes: &[u8], pin: &Digest) -> Result<Self, BoundMemoryError> {
        let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let bound = std::str::from_utf8(line).ok().and_then(|line| Digest::from_hex(line).ok());
        let rest = bytes.get(bound.map_or(0, |_| line.len() + 1)..).unwrap_or_default();
        let memory = Self::parse(rest).map_err(BoundMemoryError::Syntax)?;
        let first =
            memory.trust.as_ref().filter(|trust| trust.root().version == 1).map(|trust| trust.digest());
        match bound.or(first).filter(|root| root != pin) {
            Some(got) => Err(BoundMemoryError::OtherTrustRoot { expected: *pin, got }),
            None => Ok(memory),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t80_a_memory_counts_under_the_trust_root_it_was_made_under() {
        let (one, two) = (Digest::of(b"one"), Digest::of(b"two"));
        let mut memory = Memory::default();
        memory.seen.packages.insert("demo/hello".into(), 7);
        let kept = memory.to_bound_bytes(&one);
        assert_eq!(Memory::parse_bound(&kept, &one).unwrap().seen, memory.seen);
        let error = Memory::parse_bound(&kept, &two).unwrap_err();
        assert_eq!(error, BoundMemoryError::OtherTrustRoot { expected: two, got: one });
        assert_eq!(error.code(), Code::SubjectMismatch);
        // What an earlier version kept, which says no root.
        assert_eq!(Memory::parse_bound(&memory.to_bytes(), &two).unwrap().seen, memory.seen);
        for garbage in [&b""[..], b"{}", b"\n", &kept[..64], &kept[..65], &kept[..80]] {
            assert!(matches!(Memory::parse_bound(garbage, &one), Err(BoundMemoryError::Syntax(_))));
        }
    }
}
