//! The rules of a registry, on registries in memory.

mod batch;
mod refusals;

use super::*;
use crate::registry::SubmittedRelease;
use crate::registry::client::{Memory, ReleaseProof, Wanted};
use crate::registry::tests::World;
use crate::sign::{RegistryId, SecretKey, StatusAction, StatusChange, StatusCode, StatusRecord, dsse};
use crate::target::{Kind, Target};
use crate::version::Version;

fn key(seed: u8) -> SecretKey {
    SecretKey::from_seed(&[seed; 32])
}

const AUTHOR: u8 = 4;
const STRANGER: u8 = 9;

fn id() -> RegistryId {
    RegistryId::parse("registry.example/").unwrap()
}

/// A release with its archive's facts: `tree` makes its content, `needs` are its dependencies.
struct Draft {
    name: &'static str,
    version: &'static str,
    tree: u8,
    needs: &'static [(&'static str, &'static str)],
    signer: u8,
    registry: RegistryId,
}

impl Draft {
    fn new(name: &'static str, version: &'static str) -> Self {
        Self { name, version, tree: 1, needs: &[], signer: AUTHOR, registry: id() }
    }

    fn sign(&self) -> (SubmittedRelease, Artifact, ArchiveFacts) {
        let needs = self.needs.iter().map(|(name, requirement)| {
            format!(r#"{{"p":"{name}","r":"{requirement}","k":"normal","t":[],"o":false,"d":true,"f":[]}}"#)
        });
        let tree = TreeDigest::new(crate::digest::Digest::of(&[self.tree]));
        let golden = crate::sign::statement::golden();
        let core = format!(
            r#"{{"ver":"{}","kind":"vitmod","target":"any","tree":"{tree}","manifest":"{}","files":3,"unpacked":210,"edition":"2025","deps":[{}],"features":{{}}}}"#,
            self.version,
            golden.manifest.tagged(),
            needs.collect::<Vec<_>>().join(","),
        );
        let artifact = Artifact {
            package: PackageName::parse(self.name).unwrap(),
            version: Version::parse(self.version).unwrap(),
            kind: Kind::Vitmod,
            target: Target::any(),
        };
        let statement = ReleaseStatement {
            registry: self.registry.clone(),
            package: artifact.package.clone(),
            version: artifact.version.clone(),
            kind: artifact.kind,
            target: artifact.target.clone(),
            tree,
            index: Core::parse(&core).unwrap().digest(),
            ..golden
        };
        let payload = statement.to_payload().unwrap();
        let envelope = Envelope::sign(dsse::RELEASE, &payload, &[&key(self.signer)]).unwrap();
        let file = crate::digest::Digest::of(core.as_bytes());
        let facts = ArchiveFacts { core, head: file, file, size: 99 };
        (SubmittedRelease { envelope, file }, artifact, facts)
    }
}

fn namespace(name: &str, owner: u8) -> Envelope {
    let record = NamespaceRecord::first(Namespace::parse(name).unwrap(), id(), key(owner).public());
    Envelope::sign(dsse::NAMESPACE, &record.to_payload().unwrap(), &[&key(owner)]).unwrap()
}

fn status(version: &str, seq: u64, signer: u8) -> Envelope {
    let record = StatusRecord {
        registry: id(),
        package: PackageName::parse("demo/hello").unwrap(),
        version: Version::parse(version).unwrap(),
        seq,
        change: StatusChange {
            action: StatusAction::Yank,
            code: StatusCode::Other,
            text: "why".into(),
            instead: None,
            advisory: None,
        },
    };
    Envelope::sign(dsse::STATUS, &record.to_payload().unwrap(), &[&key(signer)]).unwrap()
}

fn submission(drafts: &[Draft]) -> (Submission, BTreeMap<Artifact, ArchiveFacts>) {
    let (mut submission, mut archives) = (Submission::default(), BTreeMap::new());
    for draft in drafts {
        let (release, artifact, facts) = draft.sign();
        submission.releases.push(release);
        archives.insert(artifact, facts);
    }
    (submission, archives)
}

fn judge(
    world: &World,
    submission: &Submission,
    archives: &BTreeMap<Artifact, ArchiveFacts>,
) -> Result<Admitted, WriteError> {
    let size = world.audit().unwrap().entries;
    let (trust, admission) = (world.trust(), Admission::of(submission, archives)?);
    let place = LogPlace { trust: &trust, size, time: 1_763_800_000 + size };
    world.drive(|snapshot| admission.check(place, snapshot))
}

fn admit(world: &World, drafts: &[Draft]) -> Result<Admitted, WriteError> {
    let (submission, archives) = submission(drafts);
    judge(world, &submission, &archives)
}

fn code(refused: Result<Admitted, WriteError>) -> Code {
    refused.unwrap_err().diagnostics().first().unwrap().code
}

/// `demo/hello` 1.0.0 is published.
fn world() -> World {
    let mut world = World::new();
    let (submission, archives) = submission(&[Draft::new("demo/hello", "1.0.0")]);
    let admitted = judge(&world, &submission, &archives).unwrap();
    world.write_with(&admitted.leaves, &archives);
    world
}

#[test]
fn what_is_admitted_is_logged_and_audits_clean() {
    let mut world = world();
    let needs =
        Draft { needs: &[("demo/base", "^1"), ("demo/hello", "^1")], ..Draft::new("demo/top", "1.0.0") };
    let (mut submission, archives) =
        submission(&[needs, Draft::new("demo/base", "1.0.0"), Draft::new("new/one", "0.1.0")]);
    submission.namespaces.push(namespace("new", AUTHOR));
    submission.statuses.push(status("1.0.0", 0, AUTHOR));
    let admitted = judge(&world, &submission, &archives).unwrap();
    let kinds: Vec<_> = admitted.leaves.iter().map(|leaf| leaf.subject.kind()).collect();
    assert_eq!(kinds, ["namespace", "release", "release", "release", "status"]);
    let order: Vec<_> = admitted.releases.iter().map(|release| release.artifact.package.base()).collect();
    assert_eq!(order, ["base", "top", "one"], "dependencies first");
    assert_eq!(admitted.new_namespaces, [Namespace::parse("new").unwrap()]);
    assert_eq!(admitted.leaves.last().unwrap().prev, Some(2));
    world.write_with(&admitted.leaves, &archives);
    let audited = world.audit().unwrap();
    assert_eq!((audited.entries, audited.packages, audited.namespaces), (8, 4, 2));
    // What is admitted every client accepts, from nothing but a pin; what is yanked it does not choose.
    for package in ["demo/base", "demo/top", "new/one"] {
        assert!(prove(&world, package).proven().is_some(), "{package}");
    }
    assert!(prove(&world, "demo/hello").proven().is_none());
    // Handed in again, as by an author who was stopped: nothing more is logged.
    submission.statuses.clear();
    let again = judge(&world, &submission, &archives).unwrap();
    assert!(again.leaves.is_empty() && again.new_namespaces.is_empty());
    assert!(again.releases.iter().all(|release| release.state == ReleaseState::Published));
}

/// A client that knows nothing but the digest of the trust root.
fn prove(world: &World, package: &str) -> ReleaseProof {
    prove_wanted(world, Wanted::newest(PackageName::parse(package).unwrap()))
}

fn prove_wanted(world: &World, wanted: Wanted) -> ReleaseProof {
    let pin = crate::digest::Digest::of(&world.files[&layout::trust_root(1)]);
    let mut proof = ReleaseProof::new(wanted, Some(pin), Memory::default());
    while let Some(need) = proof.needs().first().cloned() {
        proof.supply(&need.path, world.files.get(&need.path).map(Vec::as_slice));
    }
    proof
}

#[test]
fn what_breaks_a_rule_is_refused() {
    let world = world();
    let refused = |draft: Draft| code(admit(&world, &[draft]));
    let new = Draft::new;
    assert_eq!(refused(Draft { tree: 2, ..new("demo/hello", "1.0.0") }), Code::VersionExists);
    assert_eq!(refused(new("demo/hello", "1.0.0+b")), Code::VersionExists);
    assert_eq!(refused(Draft { signer: STRANGER, ..new("demo/hello", "1.1.0") }), Code::KeyNotAuthorised);
    assert_eq!(
        refused(Draft { needs: &[("demo/none", "^1")], ..new("demo/hello", "1.1.0") }),
        Code::NotFound
    );
    assert_eq!(refused(Draft { needs: &[("demo/hello", "^2")], ..new("demo/top", "1.1.0") }), Code::NotFound);
    let elsewhere = RegistryId::parse("other.example/").unwrap();
    let foreign = refused(Draft { registry: elsewhere, ..new("demo/hello", "1.1.0") });
    assert_eq!(foreign, Code::RegistryMismatch);
    assert_eq!(refused(new("demo/a_b", "1.0.0")), Code::Name);
    let circle = [
        Draft { needs: &[("demo/b", "^1")], ..new("demo/a", "1.0.0") },
        Draft { needs: &[("demo/a", "^1")], ..new("demo/b", "1.0.0") },
    ];
    assert_eq!(code(admit(&world, &circle)), Code::Cycle);
    // No namespace, and no record that begins it.
    assert!(admit(&world, &[new("other/one", "1.0.0")]).is_err());
    let mut taken = submission(&[]).0;
    taken.namespaces.push(namespace("demo", STRANGER));
    assert_eq!(code(judge(&world, &taken, &BTreeMap::new())), Code::RegistryExists);
    // An archive that is not the one that was signed, and one that did not come.
    let (signed, mut archives) = submission(&[new("demo/hello", "1.1.0")]);
    for facts in archives.values_mut() {
        facts.core = facts.core.replace("\"files\":3", "\"files\":4");
    }
    assert!(judge(&world, &signed, &archives).is_err());
    assert_eq!(code(judge(&world, &signed, &BTreeMap::new())), Code::NotFound);
}

#[test]
fn a_status_follows_the_one_before_it() {
    let mut world = world();
    let judged = |world: &World, envelope: Envelope| {
        let submission = Submission { statuses: vec![envelope], ..Submission::default() };
        judge(world, &submission, &BTreeMap::new())
    };
    assert_eq!(code(judged(&world, status("1.0.0", 1, AUTHOR))), Code::Leaf);
    assert_eq!(code(judged(&world, status("3.0.0", 0, AUTHOR))), Code::NotFound);
    assert_eq!(code(judged(&world, status("1.0.0", 0, STRANGER))), Code::KeyNotAuthorised);
    let admitted = judged(&world, status("1.0.0", 0, AUTHOR)).unwrap();
    world.write(&admitted.leaves);
    assert_eq!(code(judged(&world, status("1.0.0", 0, AUTHOR))), Code::Leaf);
    assert_eq!(judged(&world, status("1.0.0", 1, AUTHOR)).unwrap().leaves[0].prev, Some(3));
}

#[test]
fn what_an_index_file_has_no_room_for_is_refused() {
    let mut world = world();
    let package = PackageName::parse("demo/hello").unwrap();
    let admitted = |world: &World, draft: Draft| {
        let (submission, archives) = submission(&[draft]);
        let (trust, admission) = (world.trust(), Admission::of(&submission, &archives).unwrap());
        let place = LogPlace { trust: &trust, size: 10_000, time: 1_763_800_000 };
        world.drive(|snapshot| admission.check(place, snapshot))
    };
    let mut file = IndexFile::new(package.clone());
    let mut fill = |world: &mut World, lines: usize| {
        while file.lines_len() < lines {
            let patch = file.entries().len() as u64;
            let (_, _, facts) = Draft::new("demo/hello", "1.0.0").sign();
            let core = facts.core.replace("1.0.0", &format!("1.0.{patch}"));
            let core = core.replace("2025", &"x".repeat(40_000.min(lines - file.lines_len())));
            file.add(line(&Core::parse(&core).unwrap(), 2 + patch, &facts)).unwrap();
        }
        let bytes = file.sign(1000, &id(), &world.keys().index).unwrap();
        world.files.insert(layout::index(&package), bytes);
        file.clone()
    };
    fill(&mut world, limits::INDEX_RELEASES_LEN - 2000);
    assert!(admitted(&world, Draft::new("demo/hello", "2.0.0")).is_ok());
    let full = fill(&mut world, limits::INDEX_RELEASES_LEN - 100);
    assert_eq!(code(admitted(&world, Draft::new("demo/hello", "2.0.0"))), Code::Limit);
    // There is room for changes of status still, and clients read the file.
    assert!(has_room(&full, limits::INDEX_LINES_LEN).is_ok());
    let bytes = &world.files[&layout::index(&package)];
    let there = crate::index::VerifiedIndex::open(bytes, &world.trust().root().index, &package).unwrap();
    assert_eq!(there.lines_len(), full.lines_len());

    let names: Vec<_> = (0..400).map(|number| format!("demo/n{number:0>60}")).collect();
    let needs: Vec<(&'static str, _)> = names.iter().map(|name| (&*name.clone().leak(), "^1")).collect();
    let long = Draft { needs: needs.leak(), ..Draft::new("demo/long", "1.0.0") };
    assert_eq!(code(admitted(&world, long)), Code::Limit);
}

#[test]
fn a_namespace_has_so_much_room_for_records() {
    let namespace = Namespace::parse("demo").unwrap();
    let mut chain = NamespaceChain::new(id(), namespace.clone());
    assert_eq!(chain.file_len(), 0);
    let first = NamespaceRecord::first(namespace, id(), key(AUTHOR).public());
    let envelope = Envelope::sign(dsse::NAMESPACE, &first.to_payload().unwrap(), &[&key(AUTHOR)]).unwrap();
    chain.push(120, envelope.as_bytes()).unwrap();
    let len = chain.to_bytes().len();
    assert_eq!(chain.file_len(), len);
    assert!(chain_has_room(&chain, len).is_ok());
    let full = chain_has_room(&chain, len - 1).unwrap_err();
    assert_eq!((full.code, full.help.len()), (Code::Limit, 1));
}
