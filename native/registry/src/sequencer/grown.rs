//! A registry that is grown for a measurement: releases of packages that nobody made, written by the writer that writes
//! every release, in large batches. Their archives are not there: nothing that is measured reads them.

use super::Sequencer;
use crate::data::{Data, Places};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::Core;
use vitte_package_core::log::leaf::{Artifact, Leaf, Subject};
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::ArchiveFacts;
use vitte_package_core::sign::{Envelope, RegistryId, SecretKey, dsse};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::Version;

/// Releases of one package.
const VERSIONS: u64 = 10;
/// Releases of a batch.
const BATCH: u64 = 2000;

fn package(number: u64) -> PackageName {
    let letters: String = number.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect();
    PackageName::parse(&format!("demo/p{letters}")).unwrap()
}

/// The index line and the signed statement of a release.
fn release(id: &RegistryId, author: &SecretKey, name: &PackageName, version: &Version) -> (Core, String) {
    let digest = Digest::of(format!("{name} {version}").as_bytes());
    let core = format!(
        "{{\"ver\":\"{version}\",\"kind\":\"vitmod\",\"target\":\"any\",\"tree\":\"vp1-sha256:{digest}\",\
         \"manifest\":\"sha256:{digest}\",\"files\":2,\"unpacked\":62,\"edition\":\"2025\",\"deps\":[],\"features\":{{}}}}"
    );
    let index = Digest::of(core.as_bytes());
    let payload = format!(
        "{{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{{\"name\":\"{name}@{version}\",\
         \"digest\":{{\"sha256\":\"{digest}\"}}}}],\"predicateType\":\"https://vitte.dev/attestation/release/v1\",\
         \"predicate\":{{\"registry\":\"{id}\",\"package\":\"{name}\",\"version\":\"{version}\",\"kind\":\"vitmod\",\
         \"target\":\"any\",\"files\":2,\"unpacked\":62,\"tree_len\":180,\"manifest\":{{\"sha256\":\"{digest}\"}},\
         \"index\":{{\"sha256\":\"{index}\"}}}}}}"
    );
    let envelope = Envelope::sign(dsse::RELEASE, payload.as_bytes(), &[author]).unwrap();
    (Core::parse(&core).unwrap(), String::from_utf8(envelope.as_bytes().to_vec()).unwrap())
}

/// Grows the registry of the folder `VITTE_BENCH_DATA` to `VITTE_BENCH_RELEASES` entries of its log. No server may run there.
#[test]
#[ignore = "makes what is measured: scripts/bench.sh serve-scale"]
fn grown() {
    let folder = std::env::var_os("VITTE_BENCH_DATA").expect("VITTE_BENCH_DATA is a server's folder");
    let wanted: u64 = std::env::var("VITTE_BENCH_RELEASES").unwrap().parse().unwrap();
    let data = Data::new(folder.into(), Places::default());
    let (staging, author) = (data.staging().unwrap(), SecretKey::from_seed(&[7; 32]));
    let mut sequencer = Sequencer::open(data.public().unwrap(), &data.keys(), None).unwrap();
    let id = sequencer.registry().clone();
    let time = crate::ledger::unix_now();
    // Behind those of an earlier call.
    let mut number = sequencer.view().size() / VERSIONS + 1;
    while sequencer.view().size() < wanted {
        let mut leaves = Vec::new();
        let first = sequencer.view().size();
        while (leaves.len() as u64) < BATCH.min(wanted - first) {
            let (name, mut prev) = (package(number), None);
            number += 1;
            for patch in 0..VERSIONS {
                let version = Version::parse(&format!("1.0.{patch}")).unwrap();
                let (core, envelope) = release(&id, &author, &name, &version);
                let (package, kind, target) = (name.clone(), Kind::Vitmod, Target::any());
                let artifact = Artifact { package, version, kind, target };
                let (tree, head, index) = (core.tree, core.manifest, core.digest());
                let facts = ArchiveFacts { core: core.raw().to_owned(), head, file: head, size: 1000 };
                sequencer.know_archive(artifact.clone(), facts);
                let at = first + leaves.len() as u64;
                let subject = Subject::Release { artifact, tree, index };
                leaves.push(Leaf { subject, time, prev, envelopes: vec![envelope] });
                prev = Some(at);
            }
        }
        sequencer.append(&staging, &[], &leaves).unwrap();
        sequencer.derive().unwrap();
        sequencer.view().forget();
    }
}
