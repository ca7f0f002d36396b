use super::super::append::Appender;
use super::super::merkle::naive;
use super::super::note::LogKey;
use super::*;
use crate::sign::SecretKey;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A log published as files, grown one leaf after another.
struct Published {
    leaves: Vec<Digest>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Published {
    fn new(size: usize) -> Self {
        let leaves = naive::leaves(size);
        let mut log = Appender::empty();
        leaves.iter().for_each(|leaf| assert!(log.append_hash(*leaf).is_ok()));
        let files = log.take_tiles().into_iter().map(|(id, bytes)| (id.path(), bytes)).collect();
        Self { leaves, files }
    }

    fn checkpoint(&self, size: usize) -> Checkpoint {
        Checkpoint::new("log", size as u64, naive::mth(&self.leaves[..size]))
    }

    fn tiles(&self, goals: &[Goal]) -> LogTiles {
        let mut tiles = LogTiles::new(&self.checkpoint(self.leaves.len()));
        for id in tiles.needed(goals).unwrap() {
            tiles.supply(id, &self.files[&id.path()]).unwrap();
        }
        tiles.check().unwrap();
        assert_eq!(tiles.needed(goals), Ok(Vec::new()));
        tiles
    }
}

#[test]
fn small_logs_prove_everything() {
    for size in 1..=20 {
        let log = Published::new(size);
        for index in 0..size {
            let tiles = log.tiles(&[Goal::Leaf(index as u64)]);
            assert_eq!(tiles.inclusion(index as u64).unwrap(), naive::path(index, &log.leaves));
            assert_eq!(tiles.leaf_hash(index as u64).unwrap(), log.leaves[index]);
            tiles.check_leaf(index as u64, index.to_string().as_bytes()).unwrap();
            assert!(tiles.check_leaf(index as u64, b"another").is_err());
        }
        for old in 1..=size {
            let tiles = log.tiles(&[Goal::Prefix(old as u64)]);
            assert_eq!(tiles.consistency(old as u64).unwrap(), naive::consistency(old, &log.leaves));
            tiles.check_prefix(&log.checkpoint(old)).unwrap();
            let other = Checkpoint::new("log", old as u64, leaf_hash(b"other"));
            assert_eq!(tiles.check_prefix(&other).unwrap_err().code(), Code::Consistency);
        }
        assert!(LogTiles::new(&log.checkpoint(size)).needed(&[Goal::Leaf(size as u64)]).is_err());
        assert!(LogTiles::new(&log.checkpoint(size)).needed(&[Goal::Prefix(size as u64 + 1)]).is_err());
    }
}

#[test]
fn an_empty_log_needs_no_tiles() {
    let empty = Checkpoint::new("log", 0, merkle::empty_root());
    let mut tiles = LogTiles::new(&empty);
    assert_eq!(tiles.needed(&[Goal::Prefix(0)]), Ok(Vec::new()));
    assert_eq!(tiles.check(), Ok(Vec::new()));
    tiles.check_prefix(&empty).unwrap();
}

#[test]
fn a_log_of_three_levels_is_proved_with_few_tiles() {
    let log = Published::new(70_000);
    for index in [0u64, 1, 255, 256, 65_535, 65_536, 69_887, 69_888, 69_999] {
        let tiles = log.tiles(&[Goal::Leaf(index)]);
        tiles.check_leaf(index, index.to_string().as_bytes()).unwrap();
        assert!(tiles.verified.len() <= 5, "{index}: {}", tiles.verified.len());
        assert_eq!(tiles.inclusion(index).unwrap(), naive::path(index as usize, &log.leaves));
    }
    for old in [1u64, 255, 256, 257, 65_535, 65_536, 65_537, 69_999, 70_000] {
        let tiles = log.tiles(&[Goal::Prefix(old)]);
        tiles.check_prefix(&log.checkpoint(old as usize)).unwrap();
        assert!(tiles.verified.len() <= 7, "{old}: {}", tiles.verified.len());
    }
}

#[test]
fn an_altered_tile_is_named_and_nothing_supplied_with_it_is_used() {
    let log = Published::new(70_000);
    let goal = [Goal::Leaf(300)];
    let needed = LogTiles::new(&log.checkpoint(70_000)).needed(&goal).unwrap();
    for altered in &needed {
        let mut tiles = LogTiles::new(&log.checkpoint(70_000));
        for id in &needed {
            let mut bytes = log.files[&id.path()].clone();
            if id == altered {
                bytes[17] ^= 1;
            }
            tiles.supply(*id, &bytes).unwrap();
        }
        let error = tiles.check().unwrap_err();
        assert_eq!(error.code(), Code::Inclusion);
        if altered.is_full() {
            assert_eq!(error, ProofError::Altered { path: altered.path() });
        }
        assert!(tiles.inclusion(300).is_err());
    }
    // Left out: no partial trust either.
    for left_out in &needed {
        let mut tiles = LogTiles::new(&log.checkpoint(70_000));
        for id in needed.iter().filter(|id| *id != left_out) {
            tiles.supply(*id, &log.files[&id.path()]).unwrap();
        }
        assert!(tiles.check().is_err() || tiles.check_leaf(300, b"300").is_err(), "{left_out:?}");
    }
}

#[test]
fn a_full_tile_may_stand_for_a_partial_one() {
    let (before, after) = (Published::new(300), Published::new(512));
    let mut tiles = LogTiles::new(&before.checkpoint(300));
    for id in tiles.needed(&[Goal::Leaf(299)]).unwrap() {
        let path = if id.level() == 0 { id.full().path() } else { id.path() };
        let bytes = after.files.get(&path).or_else(|| before.files.get(&path)).unwrap();
        tiles.supply(id, bytes).unwrap();
    }
    tiles.check().unwrap();
    tiles.check_leaf(299, b"299").unwrap();
}

#[test]
fn the_travelling_proof_needs_nothing_else() {
    let secret = SecretKey::from_seed(&[0x33; 32]);
    let policy = LogPolicy::unwitnessed(&LogKey::new("log", secret.public()).unwrap());
    let log = Published::new(700);
    let note = log.checkpoint(700).sign(&secret).unwrap().to_bytes();
    let hashes = log.tiles(&[Goal::Leaf(321)]).inclusion(321).unwrap();
    let bytes = TlogProof::new(b"321", 321, hashes, &note).to_bytes();
    let proof = TlogProof::parse(&bytes).unwrap();
    assert_eq!(proof.to_bytes(), bytes);
    let proved = proof.verify(&policy).unwrap();
    assert_eq!((proved.index, proved.leaf.as_slice(), proved.checkpoint.size()), (321, &b"321"[..], 700));
    let other = LogPolicy::unwitnessed(&LogKey::new("other", secret.public()).unwrap());
    assert_eq!(proof.verify(&other).unwrap_err().code(), Code::Origin);

    let print = String::from_utf8(bytes).unwrap();
    let without = |prefix: &str| {
        print
            .lines()
            .filter(|line| !line.starts_with(prefix))
            .map(|line| format!("{line}\n"))
            .collect::<String>()
    };
    let first_hash = print.lines().nth(3).unwrap().to_owned();
    for (name, bad) in [
        ("no header", without("c2sp")),
        ("no index", without("index")),
        ("leading zero", print.replace("index 321", "index 0321")),
        ("other header", print.replacen("@v1", "@v2", 1)),
        ("short hash", print.replace(&first_hash, "AAAA")),
        ("two extras", print.replacen("extra", "extra AAAA\nextra", 1)),
        ("carriage returns", print.replace('\n', "\r\n")),
        ("too many hashes", print.replace(&first_hash, &vec![first_hash.as_str(); 64].join("\n"))),
        ("nothing", String::new()),
    ] {
        assert!(TlogProof::parse(bad.as_bytes()).is_err(), "{name}");
    }
    for (name, refused) in [
        ("no leaf", without("extra")),
        ("no first hash", print.replace(&format!("{first_hash}\n"), "")),
        ("another index", print.replace("index 321", "index 320")),
        ("another leaf", print.replace(&print_base64(b"321"), &print_base64(b"322"))),
        ("another size", print.replace("\n700\n", "\n701\n")),
    ] {
        let proof = TlogProof::parse(refused.as_bytes()).unwrap();
        assert!(proof.verify(&policy).is_err(), "{name}");
    }
}

/// Trust document, section 12: a log of two leaves, the first known by its hash only.
#[test]
fn golden_checkpoint() {
    let hash = |hex| Digest::from_hex(hex).unwrap();
    let leaves = [
        hash("1f958614c18b8ee6dbd7643b3f5a00a35935168349349b22e84755a54c86781a"),
        hash("7215c9daee16d3393eb9713121aa8de000bc0cdd9bab578569a46e2b4e9d0520"),
    ];
    let checkpoint = Checkpoint::new("registry.example/log", 2, merkle::root(&leaves));
    let text = "registry.example/log\n2\nNzCD7LoFgQ6+ToOfrYkLWa6O7Jp4MX53KafujV87e+0=\n";
    assert_eq!(checkpoint.to_text(), text);
    assert_eq!(Checkpoint::parse(text).unwrap(), checkpoint);
    let secret = SecretKey::from_seed(&[0x33; 32]);
    let signature: String =
        secret.sign(text.as_bytes()).as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        signature,
        "6b61a0ce0315a579d2a352cbf0b52caeee53af5980ff79e4eff6198cad14e04025af370ab09b0cd8747649adbc20ed6cadca25023e44f7b17a6d34e37f8dd907"
    );
    let policy = LogPolicy::parse(
        "log registry.example/log+2b7ca945+ARfLefsrQSDysexl5BmNbgiyjoE/6wHkpACDm4XhgIDO\nquorum none\n",
    )
    .unwrap();
    let note = checkpoint.sign(&secret).unwrap().to_bytes();
    assert_eq!(VerifiedCheckpoint::open(&note, &policy).unwrap().checkpoint(), &checkpoint);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn proofs_from_tiles_are_those_of_the_definition(size in 1usize..5_000, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>()) {
        let log = Published::new(size);
        let (index, old) = (a.index(size), b.index(size) + 1);
        let tiles = log.tiles(&[Goal::Leaf(index as u64), Goal::Prefix(old as u64)]);
        prop_assert_eq!(tiles.inclusion(index as u64).unwrap(), naive::path(index, &log.leaves));
        prop_assert_eq!(tiles.consistency(old as u64).unwrap(), naive::consistency(old, &log.leaves));
        prop_assert!(tiles.check_prefix(&log.checkpoint(old)).is_ok());
    }

    #[test]
    fn parsing_a_proof_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = TlogProof::parse(&bytes);
    }

    #[test]
    fn huge_sizes_end_early(size in 1u64..=super::super::MAX_SIZE, index in any::<u64>()) {
        let tiles = LogTiles::new(&Checkpoint::new("log", size, merkle::empty_root()));
        let needed = tiles.needed(&[Goal::Leaf(index % size), Goal::Prefix(index % size)]).unwrap();
        prop_assert!(needed.len() < 200);
    }
}
