//! What clients of transparency logs have got wrong, one test each.

use super::append::{AppendError, Appender};
use super::checkpoint::{Checkpoint, VerifiedCheckpoint};
use super::leaf::{Leaf, LeafError};
use super::merkle::{
    MerkleError, empty_root, leaf_hash, naive, node_hash, root, verify_consistency, verify_inclusion,
};
use super::note::{LogKey, Note, NoteError};
use super::policy::{LogPolicy, PolicyFault};
use super::proof::{Goal, LogTiles, ProofError, TlogProof};
use super::tile::{TileId, print_entry, print_tile};
use crate::digest::Digest;
use crate::limits;
use crate::sign::SecretKey;

fn log_key() -> (SecretKey, LogKey) {
    let secret = SecretKey::from_seed(&[7; 32]);
    let key = LogKey::new("log.example", secret.public()).unwrap();
    (secret, key)
}

/// An inner node passed off as a leaf: with one prefix for both, its children would be a leaf of a log half as long.
#[test]
fn leaf_and_node_prefix_swapped() {
    let leaves = naive::leaves(4);
    let top = root(&leaves);
    let forged = [leaves[0].as_bytes().as_slice(), leaves[1].as_bytes()].concat();
    let sibling = node_hash(&leaves[2], &leaves[3]);
    assert_ne!(leaf_hash(&forged), node_hash(&leaves[0], &leaves[1]));
    assert!(verify_inclusion(&leaf_hash(&forged), 0, 2, &[sibling], &top).is_err());
    // As a node, the proof would be right: nothing else is wrong with it.
    assert_eq!(verify_inclusion(&node_hash(&leaves[0], &leaves[1]), 0, 2, &[sibling], &top), Ok(()));
}

#[test]
fn index_equal_to_size() {
    let leaf = leaf_hash(b"0");
    assert_eq!(verify_inclusion(&leaf, 1, 1, &[], &leaf), Err(MerkleError::Index { index: 1, size: 1 }));
    assert_eq!(verify_inclusion(&leaf, 0, 0, &[], &leaf), Err(MerkleError::Index { index: 0, size: 0 }));
    let tiles = LogTiles::new(&Checkpoint::new("log.example", 3, Digest::of(b"x")));
    assert!(matches!(tiles.needed(&[Goal::Leaf(3)]), Err(ProofError::Merkle(MerkleError::Index { .. }))));
}

#[test]
fn proof_longer_or_shorter_than_needed() {
    let leaves = naive::leaves(7);
    let top = root(&leaves);
    let old = root(&leaves[..3]);
    let (inclusion, consistency) = (naive::path(6, &leaves), naive::consistency(3, &leaves));
    let check = |proof: &[Digest]| verify_inclusion(&leaves[6], 6, 7, proof, &top);
    let check_prefix = |proof: &[Digest]| verify_consistency(3, &old, 7, &top, proof);
    assert_eq!((check(&inclusion), check_prefix(&consistency)), (Ok(()), Ok(())));
    let length = |refused| matches!(refused, Err(MerkleError::Length { .. }));
    let longer = |proof: &[Digest]| [proof, &[top]].concat();
    assert!(length(check(&longer(&inclusion))) && length(check_prefix(&longer(&consistency))));
    let shorter = |proof: &[Digest]| proof[..proof.len() - 1].to_vec();
    assert!(length(check(&shorter(&inclusion))) && length(check_prefix(&shorter(&consistency))));
    assert!(length(check(&[])) && length(check_prefix(&[])));
}

/// Everything continues an empty log; that must not be a way to skip the check.
#[test]
fn an_old_size_of_zero() {
    let top = root(&naive::leaves(3));
    assert_eq!(verify_consistency(0, &empty_root(), 3, &top, &[]), Ok(()));
    assert!(verify_consistency(0, &top, 3, &top, &[]).is_err());
    assert!(verify_consistency(0, &empty_root(), 3, &top, &[top]).is_err());
    let claims = format!("log.example\n0\n{}\n", super::print_base64(top.as_bytes()));
    assert!(Checkpoint::parse(&claims).is_err(), "no leaves, and yet a root");
}

#[test]
fn equal_sizes_with_other_roots() {
    let (one, other) = (root(&naive::leaves(3)), Digest::of(b"other"));
    assert!(matches!(verify_consistency(3, &one, 3, &other, &[]), Err(MerkleError::Consistency { .. })));
    assert!(verify_consistency(3, &one, 3, &one, &[one]).is_err(), "a proof where none belongs");
}

#[test]
fn sizes_that_overflow() {
    let hash = leaf_hash(b"");
    let proof = vec![hash; 64];
    for size in [u64::MAX, 1 << 63, i64::MAX as u64] {
        assert!(verify_inclusion(&hash, size - 1, size, &proof, &hash).is_err());
        assert!(verify_consistency(size - 1, &hash, size, &hash, &proof).is_err());
    }
    for number in ["9223372036854775808", "18446744073709551615", "18446744073709551616"] {
        assert_eq!(super::parse_number(number), None);
    }
    let greatest = LogTiles::new(&Checkpoint::new("log.example", super::MAX_SIZE, hash));
    assert!(greatest.needed(&[Goal::Leaf(super::MAX_SIZE - 1), Goal::Prefix(1)]).unwrap().len() < 64);
}

#[test]
fn a_leaf_that_does_not_fit_its_length() {
    let longest = vec![b'x'; limits::LEAF_LEN];
    assert!(print_entry(&mut Vec::new(), &longest).is_ok());
    let longer = vec![b'x'; limits::LEAF_LEN + 1];
    assert!(print_entry(&mut Vec::new(), &longer).is_err());
    assert!(matches!(Appender::empty().append(&longer), Err(AppendError::Leaf { .. })));
    assert!(matches!(Leaf::parse(&longer), Err(LeafError::Length { .. })));
}

/// Notes that some readers split in another place than their signers did.
#[test]
fn notes_with_carriage_return_nul_or_without_their_ends() {
    let (secret, key) = log_key();
    let note = Checkpoint::new("log.example", 0, empty_root()).sign(&secret).unwrap().to_bytes();
    let good = String::from_utf8(note).unwrap();
    let open = |note: &str| VerifiedCheckpoint::open(note.as_bytes(), &LogPolicy::unwitnessed(&key));
    assert!(open(&good).is_ok());
    let signatures = good.split_once("\n\n").unwrap().1;
    for (name, bad) in [
        ("carriage return", good.replace('\n', "\r\n")),
        ("carriage return in the text", good.replacen('\n', "\r\n", 1)),
        ("NUL", good.replacen("log", "l\0g", 1)),
        ("no final newline", good.trim_end().to_owned()),
        ("two empty lines", good.replace("\n\n", "\n\n\n")),
        ("an empty line behind", format!("{good}\n")),
        ("signature lines only", signatures.to_owned()),
        ("an empty text", format!("\n{signatures}")),
        ("an extension line", good.replace("\n\n", "\nmore\n\n")),
    ] {
        assert!(open(&bad).is_err(), "{name}");
    }
}

#[test]
fn a_key_name_with_a_plus() {
    let (secret, _) = log_key();
    assert!(matches!(LogKey::new("log+x", secret.public()), Err(NoteError::KeyName(_))));
    assert!(Note::sign("text\n".to_owned(), "log+x", &secret).is_err());
    let note = Note::sign("text\n".to_owned(), "log", &secret).unwrap().to_bytes();
    let renamed = String::from_utf8(note).unwrap().replace(" log ", " log+x ");
    assert!(Note::parse(renamed.as_bytes(), limits::NOTE_LEN).is_err());
}

/// How wide a tile is follows from a checkpoint, and from nothing that a server says: what is supplied beyond what the
/// checkpoint calls for is not trusted.
#[test]
fn a_partial_tile_without_a_checkpoint() {
    let leaves = naive::leaves(5);
    let mut tiles = LogTiles::new(&Checkpoint::new("log.example", 5, root(&leaves)));
    let needed = tiles.needed(&[Goal::Leaf(4)]).unwrap();
    assert_eq!(needed, [TileId::at(0, 0, 5).unwrap()]);
    for wider in [6, 255] {
        let mut hashes = leaves.clone();
        hashes.resize(wider, leaf_hash(b"more"));
        let id = TileId::at(0, 0, wider as u64).unwrap();
        let mut tiles = tiles.clone();
        tiles.supply(id, &print_tile(&hashes)).unwrap();
        assert!(matches!(tiles.check(), Err(ProofError::Missing { .. })));
        assert!(tiles.leaf_hash(4).is_err());
    }
    tiles.supply(needed[0], &print_tile(&leaves)).unwrap();
    tiles.check().unwrap();
    assert_eq!(tiles.leaf_hash(4), Ok(leaves[4]));
}

#[test]
fn a_bundle_entry_that_does_not_hash_to_its_tile() {
    let leaves = naive::leaves(3);
    let mut tiles = LogTiles::new(&Checkpoint::new("log.example", 3, root(&leaves)));
    tiles.supply(TileId::at(0, 0, 3).unwrap(), &print_tile(&leaves)).unwrap();
    tiles.check().unwrap();
    assert_eq!(tiles.check_leaf(1, b"1"), Ok(()));
    for (index, entry) in [(1, b"2"), (2, b"1"), (0, b"x")] {
        assert!(matches!(
            tiles.check_leaf(index, entry),
            Err(ProofError::Merkle(MerkleError::Inclusion { .. }))
        ));
    }
}

#[test]
fn one_key_under_two_witness_names() {
    let (_, log) = log_key();
    let secret = SecretKey::from_seed(&[9; 32]);
    let vkey = |name: &str| super::note::WitnessKey::new(name, secret.public()).unwrap();
    for two in ["w.example", "other.example"] {
        let policy = format!(
            "log {log}\nwitness one {}\nwitness two {}\ngroup both all one two\nquorum both\n",
            vkey("w.example"),
            vkey(two)
        );
        let refused = LogPolicy::parse(&policy).unwrap_err();
        assert!(matches!(refused.fault, PolicyFault::Duplicate(_)), "{two}: {refused}");
    }
}

/// A proof's own leaf, hashes and checkpoint are hints: no part of it is given out before the others hold.
#[test]
fn what_travels_with_a_proof_is_not_believed_first() {
    let (secret, key) = log_key();
    let leaves = naive::leaves(3);
    let checkpoint = Checkpoint::new("log.example", 3, root(&leaves)).sign(&secret).unwrap().to_bytes();
    let policy = LogPolicy::unwitnessed(&key);
    let good = TlogProof::new(b"1", 1, naive::path(1, &leaves), &checkpoint);
    assert!(good.verify(&policy).is_ok());
    for bad in [
        TlogProof::new(b"2", 1, naive::path(1, &leaves), &checkpoint),
        TlogProof::new(b"1", 2, naive::path(1, &leaves), &checkpoint),
        TlogProof::new(b"1", 1, naive::path(1, &leaves[..2]), &checkpoint),
        TlogProof::new(b"1", 1, naive::path(1, &leaves), b"log.example\n3\n"),
    ] {
        assert!(bad.verify(&policy).is_err());
    }
    let other =
        LogPolicy::unwitnessed(&LogKey::new("log.example", SecretKey::from_seed(&[8; 32]).public()).unwrap());
    assert!(good.verify(&other).is_err());
}
