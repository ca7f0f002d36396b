//! Proofs made by others: the test data of transparency-dev/merkle (see `tests/vectors/README.md`).
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "the vectors are files of this repository"
)]

use base64::Engine as _;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use vitte_package_core::digest::Digest;
use vitte_package_core::log::merkle::{verify_consistency, verify_inclusion};

/// Its roots are 12 bytes of text and it is called valid: a typed reader refuses it.
const EXCEPTION: &str = "sizes-are-equal-one-and-proof-is-empty.json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Inclusion {
    leaf_idx: u64,
    tree_size: u64,
    root: String,
    leaf_hash: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    size1: u64,
    size2: u64,
    root1: String,
    root2: String,
    proof: Option<Vec<String>>,
    want_err: bool,
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn vectors(kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors").join(kind);
    let found = files(&folder);
    assert_eq!(found.len(), 98);
    found
}

fn hash(text: &str) -> Option<Digest> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
    Some(Digest::from_bytes(bytes.try_into().ok()?))
}

fn hashes(proof: Option<Vec<String>>) -> Option<Vec<Digest>> {
    proof.unwrap_or_default().iter().map(|text| hash(text)).collect()
}

#[test]
fn inclusion() {
    let mut accepted = 0;
    for path in vectors("merkle-inclusion") {
        let vector: Inclusion = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let check = || {
            let (leaf, root, proof) = (hash(&vector.leaf_hash)?, hash(&vector.root)?, hashes(vector.proof)?);
            verify_inclusion(&leaf, vector.leaf_idx, vector.tree_size, &proof, &root).ok()
        };
        let good = check().is_some();
        assert_eq!(good, !vector.want_err, "{}", path.display());
        accepted += usize::from(good);
    }
    assert_eq!(accepted, 6);
}

#[test]
fn consistency() {
    let mut accepted = 0;
    for path in vectors("merkle-consistency") {
        let vector: Consistency = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let check = || {
            let (old, new, proof) = (hash(&vector.root1)?, hash(&vector.root2)?, hashes(vector.proof)?);
            verify_consistency(vector.size1, &old, vector.size2, &new, &proof).ok()
        };
        let good = check().is_some();
        let wanted = !vector.want_err && !path.ends_with(EXCEPTION);
        assert_eq!(good, wanted, "{}", path.display());
        accepted += usize::from(good);
    }
    assert_eq!(accepted, 5);
}
