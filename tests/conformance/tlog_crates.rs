//! The crates `tlog_tiles` and `signed_note` as a second opinion on trees, proofs, tiles, checkpoints and notes.

use crate::growing_log::{Log, leaf, logs};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use signed_note::{StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{Hash, HashReader, Tile, TileHashReader, TileReader};
use vitte_package_core::digest::Digest;
use vitte_package_core::log::checkpoint::Checkpoint;
use vitte_package_core::log::merkle;
use vitte_package_core::log::note::{LogKey, Note};
use vitte_package_core::log::proof::Goal;
use vitte_package_core::log::tile::{HEIGHT, TileId};
use vitte_package_core::sign::SecretKey;

const ORIGIN: &str = "go.example/log";

/// All hashes of a tree, in the order of the other library.
struct Stored(Vec<Hash>);

impl Stored {
    fn of(seed: u64, size: u64) -> Self {
        let mut stored = Self(Vec::new());
        for index in 0..size {
            let hashes = tlog_tiles::stored_hashes(index, &leaf(seed, index), &stored).unwrap();
            stored.0.extend(hashes);
        }
        stored
    }
}

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| self.0[usize::try_from(*index).unwrap()]).collect())
    }
}

/// Our tiles, as a reader of a log of that size finds them.
struct OurTiles<'a>(&'a Log, u64);

impl OurTiles<'_> {
    fn bytes(&self, tile: &Tile) -> &[u8] {
        let id = TileId::at(tile.level(), tile.level_index(), self.1).unwrap();
        assert_eq!(u32::from(id.width()), tile.width(), "{}", tile.path());
        // Their paths still name the height.
        assert_eq!(format!("tile/{HEIGHT}/{}", id.path().strip_prefix("tile/").unwrap()), tile.path());
        &self.0.tiles[&(self.1, id)]
    }
}

impl TileReader for OurTiles<'_> {
    fn height(&self) -> u8 {
        u8::try_from(HEIGHT).unwrap()
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        Ok(tiles.iter().map(|tile| self.bytes(tile).to_vec()).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

fn theirs(digest: &Digest) -> Hash {
    Hash(*digest.as_bytes())
}

fn all(digests: &[Digest]) -> Vec<Hash> {
    digests.iter().map(theirs).collect()
}

#[test]
fn trees_proofs_and_tiles_are_the_same() {
    let mut runner = TestRunner::new(Config::with_cases(16));
    runner
        .run(&logs(), |(seed, sizes, places)| {
            let log = Log::grow(seed, &sizes);
            let stored = Stored::of(seed, *sizes.last().unwrap());
            for size in &sizes {
                let root = theirs(log.checkpoints[size].root());
                prop_assert_eq!(
                    tlog_tiles::tree_hash(*size, &stored).unwrap(),
                    root,
                    "root of {} leaves",
                    size
                );
                // Every tile of that size, with the bytes they would write.
                for tile in Tile::new_tiles(u8::try_from(HEIGHT).unwrap(), 0, *size) {
                    let ours = OurTiles(&log, *size);
                    prop_assert_eq!(tile.read_data(&stored).unwrap(), ours.bytes(&tile), "{}", tile.path());
                }
                let tiles = OurTiles(&log, *size);
                let reader = TileHashReader::new(*size, root, &tiles);
                for place in &places {
                    let index = place % size;
                    let ours = log.view(*size, &[Goal::Leaf(index)]).inclusion(index).unwrap();
                    // Their client, over our tiles, which it checks against our root.
                    prop_assert_eq!(&tlog_tiles::prove_record(*size, index, &reader).unwrap(), &all(&ours));
                    let hash = tlog_tiles::record_hash(&leaf(seed, index));
                    prop_assert_eq!(hash, theirs(&merkle::leaf_hash(&leaf(seed, index))));
                    prop_assert!(tlog_tiles::check_record(&all(&ours), *size, root, index, hash).is_ok());
                    if index > 0 {
                        let ours = log.view(*size, &[Goal::Prefix(index)]).consistency(index).unwrap();
                        let old = tlog_tiles::tree_hash(index, &stored).unwrap();
                        prop_assert_eq!(&tlog_tiles::prove_tree(*size, index, &reader).unwrap(), &all(&ours));
                        prop_assert!(tlog_tiles::check_tree(&all(&ours), *size, root, index, old).is_ok());
                    }
                }
            }
            Ok(())
        })
        .unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// One verdict on any proof, whole or damaged, of either kind.
    #[test]
    fn proofs_have_one_verdict(
        size in 1u64..300, place in any::<u64>(), other in 0u64..300, damage in 0usize..6, at in any::<prop::sample::Index>(),
    ) {
        let log = Log::grow(1, &[size]);
        let root = log.checkpoints[&size].root();
        let index = place % size;
        let (leaf, mut claimed) = (merkle::leaf_hash(&leaf(1, index)), index);
        let mut proof = log.view(size, &[Goal::Leaf(index)]).inclusion(index).unwrap();
        match damage {
            1 if !proof.is_empty() => { let at = at.index(proof.len()); proof.remove(at); }
            2 => proof.push(leaf),
            3 if !proof.is_empty() => { let at = at.index(proof.len()); proof[at] = leaf; }
            4 => claimed = other,
            5 => proof.reverse(),
            _ => {}
        }
        let ours = merkle::verify_inclusion(&leaf, claimed, size, &proof, root).is_ok();
        // Theirs panics on an index outside of the tree; both call that no proof.
        let judged = claimed < size
            && tlog_tiles::check_record(&all(&proof), size, theirs(root), claimed, theirs(&leaf)).is_ok();
        prop_assert_eq!(ours, judged);
    }

    /// One verdict on any note with a byte changed.
    #[test]
    fn notes_have_one_verdict(size in any::<u32>(), at in any::<prop::sample::Index>(), bits in 0u8..=255) {
        let (secret, key, verifiers) = signer();
        let note = Checkpoint::new(ORIGIN, u64::from(size), merkle::leaf_hash(b"x")).sign(&secret).unwrap();
        let mut bytes = note.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= bits;
        let ours = Note::parse(&bytes, 65_536).and_then(|note| note.verify(&[key.note_key()]).map(|_| note));
        let judged = signed_note::Note::from_bytes(&bytes).and_then(|note| note.verify(&verifiers).map(|_| note));
        prop_assert_eq!(ours.is_ok(), judged.is_ok(), "{:?} {:?}", ours, judged);
        if let (Ok(ours), Ok(judged)) = (ours, judged) {
            prop_assert_eq!(ours.text().as_bytes(), judged.text());
            let (ours, judged) = (Checkpoint::parse(ours.text()), tlog_tiles::Checkpoint::from_bytes(judged.text()));
            prop_assert_eq!(ours.is_ok(), judged.is_ok());
            if let (Ok(ours), Ok(judged)) = (ours, judged) {
                prop_assert_eq!((ours.origin(), ours.size()), (judged.origin(), judged.size()));
                prop_assert_eq!(&theirs(ours.root()), judged.hash());
            }
        }
    }
}

fn signer() -> (SecretKey, LogKey, VerifierList) {
    let secret = SecretKey::from_seed(&[0x33; 32]);
    let key = LogKey::new(ORIGIN, secret.public()).unwrap();
    let verifiers = VerifierList::new(vec![Box::new(StandardVerifier::new(&key.to_string()).unwrap())]);
    (secret, key, verifiers)
}

#[test]
fn both_sign_the_same_bytes() {
    let (secret, key, _) = signer();
    let vkey = key.to_string();
    // The encoded private key: algorithm 1, then the seed.
    let seed = BASE64.encode([&[1u8][..], &[0x33; 32]].concat());
    let skey = format!("PRIVATE+KEY+{ORIGIN}+{}+{seed}", vkey.split('+').nth(1).unwrap());
    let text = "go.example/log\n9\nsome text\n";
    let mut note = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
    note.add_sigs(&[&StandardSigner::new(&skey).unwrap()]).unwrap();
    let ours = Note::sign(text.to_owned(), ORIGIN, &secret).unwrap();
    assert_eq!(ours.to_bytes(), note.to_bytes());
}
