//! Merkle tree hashes, and the checkers of inclusion and consistency.
//!
//! Hashes: RFC 6962 §2.1. Checkers: RFC 9162 §2.1.3.2 and §2.1.4.2, iterative: their work is bounded by the
//! 64 bits of a size, whatever the input.

use crate::diagnostic::{Code, Diagnose, Diagnostic, display_as_message};
use crate::digest::{Digest, Hasher};
use crate::message::log as text;

/// The hash of a leaf: SHA-256 of 0x00 and its bytes.
pub fn leaf_hash(leaf: &[u8]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&[0]);
    hasher.update(leaf);
    hasher.finish()
}

/// The hash of an inner node: SHA-256 of 0x01 and the hashes of its children.
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(&[1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

/// The root of a log without leaves: SHA-256 of nothing.
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// The root over `hashes`, each the root of a complete subtree of the same height, except the last, which may
/// be of a lower one. With leaf hashes this is the Merkle tree hash of the leaves.
pub fn root(hashes: &[Digest]) -> Digest {
    // Joining neighbours level by level, an odd last one rising unchanged, gives the tree of RFC 6962: its
    // left subtrees are the greatest complete ones.
    let mut level = hashes.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node_hash(left, right),
                single => single[0],
            })
            .collect();
    }
    level.pop().unwrap_or_else(empty_root)
}

/// Checks that `leaf` (a leaf hash) is at `index` of the log with `size` leaves and root `root`.
///
/// `proof` is ordered from the leaf's sibling upwards.
///
/// # Errors
/// [`MerkleError::Index`] when `index >= size`, [`MerkleError::Length`] when the proof has more or fewer
/// hashes than the tree has levels there, [`MerkleError::Inclusion`] when the root comes out differently.
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), MerkleError> {
    if index >= size {
        return Err(MerkleError::Index { index, size });
    }
    let length = || MerkleError::Length { hashes: proof.len() as u64, size };
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(length());
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(length());
    }
    if hash != *root {
        return Err(MerkleError::Inclusion { index, size, expected: *root, got: hash });
    }
    Ok(())
}

/// Checks that the log with `old_size` leaves and root `old_root` is a prefix of the one with `new_size` leaves
/// and root `new_root`.
///
/// # Errors
/// [`MerkleError::Shrunk`] when `old_size > new_size`, [`MerkleError::Length`] when the proof is too long or
/// too short (it must be empty for equal sizes and for an empty old log), [`MerkleError::Consistency`] when a
/// root comes out differently.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Digest,
    new_size: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), MerkleError> {
    if old_size > new_size {
        return Err(MerkleError::Shrunk { old_size, new_size });
    }
    let length = || MerkleError::Length { hashes: proof.len() as u64, size: new_size };
    let differ = MerkleError::Consistency { old_size, new_size };
    if old_size == new_size || old_size == 0 {
        if !proof.is_empty() {
            return Err(length());
        }
        let old_is_empty = old_size == 0 && *old_root != empty_root();
        let same = old_size != new_size || old_root == new_root;
        return if same && !old_is_empty { Ok(()) } else { Err(differ) };
    }
    // A complete old tree is its own first node, and is left out of the proof.
    let (first, rest) = if old_size.is_power_of_two() {
        (old_root, proof)
    } else {
        proof.split_first().ok_or_else(length)?
    };
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let (mut old, mut new) = (*first, *first);
    for sibling in rest {
        if last == 0 {
            return Err(length());
        }
        if node & 1 == 1 || node == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = node_hash(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(length());
    }
    if old == *old_root && new == *new_root { Ok(()) } else { Err(differ) }
}

/// A proof does not prove what it is said to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MerkleError {
    /// The index lies outside the log.
    Index {
        /// Index of the leaf.
        index: u64,
        /// Leaves of the log.
        size: u64,
    },
    /// The proof has another number of hashes than the sizes call for.
    Length {
        /// Hashes of the proof.
        hashes: u64,
        /// Leaves of the (newer) log.
        size: u64,
    },
    /// The leaf, with the proof, gives another root.
    Inclusion {
        /// Index of the leaf.
        index: u64,
        /// Leaves of the log.
        size: u64,
        /// The root of the log.
        expected: Digest,
        /// The root that came out.
        got: Digest,
    },
    /// The new log is smaller.
    Shrunk {
        /// Leaves of the old log.
        old_size: u64,
        /// Leaves of the new log.
        new_size: u64,
    },
    /// The new log does not begin with the old one.
    Consistency {
        /// Leaves of the old log.
        old_size: u64,
        /// Leaves of the new log.
        new_size: u64,
    },
}

impl Diagnose for MerkleError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Index { index, size } => {
                Diagnostic::new(Code::Inclusion, text::inclusion_index(*index, *size))
            }
            Self::Length { hashes, size } => {
                Diagnostic::new(Code::Inclusion, text::proof_length(*hashes, *size))
            }
            Self::Inclusion { index, size, expected, got } => {
                Diagnostic::new(Code::Inclusion, text::inclusion_root(*index, *size))
                    .with("expected", expected.to_string())
                    .with("got", got.to_string())
            }
            Self::Shrunk { old_size, new_size } => {
                Diagnostic::new(Code::Consistency, text::log_shrunk(*old_size, *new_size))
            }
            Self::Consistency { old_size, new_size } => {
                Diagnostic::new(Code::Consistency, text::consistency_root(*old_size, *new_size))
            }
        }
    }
}
display_as_message!(MerkleError);

#[cfg(test)]
pub(crate) mod naive {
    //! The definitions of RFC 6962 §2.1, word by word: the judge of everything clever.
    use super::*;

    /// The greatest power of two smaller than `n` (`n >= 2`).
    fn split(n: usize) -> usize {
        let mut k = 1;
        while k * 2 < n {
            k *= 2;
        }
        k
    }

    pub(crate) fn mth(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len()));
                node_hash(&mth(left), &mth(right))
            }
        }
    }

    pub(crate) fn path(index: usize, leaves: &[Digest]) -> Vec<Digest> {
        if leaves.len() <= 1 {
            return Vec::new();
        }
        let k = split(leaves.len());
        let (left, right) = leaves.split_at(k);
        let (mut proof, other) =
            if index < k { (path(index, left), mth(right)) } else { (path(index - k, right), mth(left)) };
        proof.push(other);
        proof
    }

    pub(crate) fn consistency(old: usize, leaves: &[Digest]) -> Vec<Digest> {
        subproof(old, leaves, true)
    }

    fn subproof(old: usize, leaves: &[Digest], whole: bool) -> Vec<Digest> {
        if old == leaves.len() {
            return if whole { Vec::new() } else { vec![mth(leaves)] };
        }
        let k = split(leaves.len());
        let (left, right) = leaves.split_at(k);
        if old <= k {
            let mut proof = subproof(old, left, whole);
            proof.push(mth(right));
            proof
        } else {
            let mut proof = subproof(old - k, right, false);
            proof.push(mth(left));
            proof
        }
    }

    /// Leaf hashes of a log whose leaves are the decimal numbers.
    pub(crate) fn leaves(size: usize) -> Vec<Digest> {
        (0..size).map(|number| leaf_hash(number.to_string().as_bytes())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_proof_of_small_logs_checks_and_no_other_does() {
        let all = naive::leaves(40);
        for size in 1..=all.len() {
            let leaves = &all[..size];
            let top = naive::mth(leaves);
            assert_eq!(root(leaves), top);
            for index in 0..size {
                let proof = naive::path(index, leaves);
                let check = |leaf: &Digest, index: usize, proof: &[Digest]| {
                    verify_inclusion(leaf, index as u64, size as u64, proof, &top)
                };
                assert_eq!(check(&leaves[index], index, &proof), Ok(()));
                for other in (0..size).filter(|other| *other != index) {
                    assert!(check(&leaves[other], index, &proof).is_err());
                    assert!(check(&leaves[index], other, &proof).is_err());
                }
                let mut longer = proof.clone();
                longer.push(top);
                assert!(matches!(check(&leaves[index], index, &longer), Err(MerkleError::Length { .. })));
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(check(&leaves[index], index, shorter).is_err());
                }
            }
            for old in 1..=size {
                let proof = naive::consistency(old, leaves);
                let old_root = naive::mth(&leaves[..old]);
                let check =
                    |proof: &[Digest]| verify_consistency(old as u64, &old_root, size as u64, &top, proof);
                assert_eq!(check(&proof), Ok(()), "{old} of {size}");
                let mut longer = proof.clone();
                longer.push(top);
                assert!(check(&longer).is_err());
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(check(shorter).is_err());
                }
            }
        }
    }

    #[test]
    fn an_empty_log_is_a_prefix_of_every_log() {
        let top = root(&naive::leaves(3));
        assert_eq!(verify_consistency(0, &empty_root(), 3, &top, &[]), Ok(()));
        assert!(verify_consistency(0, &top, 3, &top, &[]).is_err());
        assert!(verify_consistency(0, &empty_root(), 3, &top, &[top]).is_err());
        assert!(verify_consistency(3, &top, 3, &empty_root(), &[]).is_err());
        assert!(matches!(verify_consistency(4, &top, 3, &top, &[]), Err(MerkleError::Shrunk { .. })));
    }

    #[test]
    fn greatest_sizes_do_not_overflow() {
        let hash = leaf_hash(b"");
        let proof = vec![hash; 64];
        assert!(verify_inclusion(&hash, u64::MAX - 1, u64::MAX, &proof, &hash).is_err());
        assert!(verify_inclusion(&hash, u64::MAX, u64::MAX, &proof, &hash).is_err());
        assert!(verify_consistency(1 << 63, &hash, u64::MAX, &hash, &proof).is_err());
        assert!(verify_consistency(u64::MAX - 1, &hash, u64::MAX, &hash, &proof).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn proofs_of_the_definition_check(size in 1usize..5_000, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
            let leaves = naive::leaves(size);
            let top = naive::mth(&leaves);
            prop_assert_eq!(root(&leaves), top);
            let index = a.index(size);
            prop_assert_eq!(verify_inclusion(&leaves[index], index as u64, size as u64, &naive::path(index, &leaves), &top), Ok(()));
            let old = b.index(size) + 1;
            let proof = naive::consistency(old, &leaves);
            prop_assert_eq!(verify_consistency(old as u64, &naive::mth(&leaves[..old]), size as u64, &top, &proof), Ok(()));
        }
    }
}
