//! A registry that lies, with every key of its own in hand: its log, its index, its archives. What it cannot have are
//! the authors' keys and what a client remembers.
//!
//! Each test is named by its row of the threat model. Each asserts the code, that the client's state is as before, and
//! that nothing was installed. What a lying network does is in `http.rs`.

use crate::registry::{code, files, initialised, pack, publish};
use crate::sandbox::{Ran, Sandbox};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::collections::BTreeMap;
use std::path::PathBuf;
use vitte_package::registry::read::directory::Directory;
use vitte_package::registry::read::log_files::LogFiles;
use vitte_package::registry::write::sequencer::Sequencer;
use vitte_package::report::Silent;
use vitte_package_core::archive::{Head, with_signatures};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::{Core, IndexEntry, IndexFile, VerifiedIndex};
use vitte_package_core::log::leaf::{Artifact, Leaf, Subject};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::layout;
use vitte_package_core::sign::namespace::NamespaceKey;
use vitte_package_core::sign::{Envelope, NamespaceChain, Role, SecretKey, dsse};
use vitte_package_core::version::Version;

const ARCHIVE: &str = "p/demo/hello/1.0.0/hello-1.0.0.vitmod";

/// A registry with `demo/hello` 1.0.0, and a client of another machine that has seen it.
pub(crate) struct Stage {
    pub(crate) sandbox: Sandbox,
    pub(crate) client: PathBuf,
    pub(crate) state: BTreeMap<String, Vec<u8>>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let sandbox = initialised();
        publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "one", "")]).ends(0);
        let mut stage = Self { client: sandbox.path().join("client"), sandbox, state: BTreeMap::new() };
        let first = std::fs::read(stage.file("trust/1.json")).unwrap();
        stage.run(&format!("registry add reg --trust-root-sha256 {}", Digest::of(&first))).ends(0);
        stage.run("verify demo/hello@1.0.0 --registry reg").ends(0);
        stage.state = stage.trust();
        stage
    }

    pub(crate) fn file(&self, path: &str) -> PathBuf {
        self.sandbox.path().join("reg").join(path)
    }

    /// Runs a command as the client.
    #[must_use]
    pub(crate) fn run(&self, arguments: &str) -> Ran {
        self.sandbox.run_with(arguments, |command| {
            command.env("VITTE_HOME", &self.client);
        })
    }

    /// What the client remembers, its evidence aside.
    pub(crate) fn trust(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.client.join("trust")).into_iter().filter(|(name, _)| !name.contains("evidence")).collect()
    }

    /// The client asks for a version, and is not taken in.
    #[track_caller]
    pub(crate) fn refuses(&self, version: &str, class: &str) -> Ran {
        let ran = self.run(&format!("install demo/hello@={version} --registry reg --json"));
        assert_eq!(ran.exit, 5, "{ran}");
        assert_eq!(code(&ran), class, "{ran}");
        assert_eq!(self.trust(), self.state, "the state is as it was");
        let store = self.client.join("store/v1/pkg");
        assert!(!store.exists() || files(&store).is_empty(), "nothing is installed");
        ran
    }

    fn author(&self) -> SecretKey {
        let pem = std::fs::read_to_string(self.sandbox.home().join("keys/default.pem")).unwrap();
        SecretKey::from_pkcs8_pem(&pem).unwrap()
    }

    pub(crate) fn sequencer(&self) -> Sequencer {
        Sequencer::open(Directory::new(self.sandbox.path().join("reg")), &self.sandbox.home(), &Silent)
            .unwrap()
    }

    /// The index line and the log entry of a release that is there.
    fn honest(&self) -> (IndexEntry, Leaf) {
        let sequencer = self.sequencer();
        let entry = self.index(&sequencer).entries()[0].clone();
        let leaf = LogFiles::new(sequencer.directory(), sequencer.size()).entry(entry.log).unwrap();
        (entry, Leaf::parse(&leaf).unwrap())
    }

    pub(crate) fn index(&self, sequencer: &Sequencer) -> IndexFile {
        let bytes = std::fs::read(self.file("index/demo/hello")).unwrap();
        VerifiedIndex::open(&bytes, &sequencer.trust().root().index, &name()).unwrap().to_draft()
    }

    /// Logs a release with the registry's log key and lists it with its index key, as the registry pleases.
    fn log_release(&self, core: &str, like: &IndexEntry, envelope: &str) {
        let mut sequencer = self.sequencer();
        let mut file = self.index(&sequencer);
        let core = Core::parse(core).unwrap();
        let artifact = Artifact {
            package: name(),
            version: core.version.clone(),
            kind: core.kind,
            target: core.target.clone(),
        };
        let leaf = Leaf {
            subject: Subject::Release { artifact: artifact.clone(), tree: core.tree, index: core.digest() },
            time: sequencer.time(),
            prev: file.last_leaf(),
            envelopes: vec![envelope.to_owned()],
        };
        let time = leaf.time;
        let log = sequencer.append(&[leaf]).unwrap();
        file.add(IndexEntry { core, log, time, status: None, ..like.clone() }).unwrap();
        self.write_index(&sequencer, file);
        // The archive of the honest release takes the place of the forged one's.
        let place = self.file(&layout::archive(&artifact));
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::copy(self.file(ARCHIVE), place).unwrap();
    }

    pub(crate) fn write_index(&self, sequencer: &Sequencer, mut file: IndexFile) {
        let bytes = file.sign(sequencer.size(), sequencer.registry(), &sequencer.keys().index).unwrap();
        sequencer.directory().write("index/demo/hello", &bytes).unwrap();
    }
}

pub(crate) fn name() -> PackageName {
    PackageName::parse("demo/hello").unwrap()
}

/// The index line of 1.0.0, for another version.
fn renamed(core: &Core) -> String {
    core.raw().replace("\"ver\":\"1.0.0\"", "\"ver\":\"1.1.0\"")
}

/// The signed statement of 1.0.0, for another version and index line, signed by `key`.
fn resigned(leaf: &Leaf, core: &str, key: &SecretKey) -> String {
    let envelope = Envelope::parse(leaf.envelopes[0].as_bytes()).unwrap();
    let mut statement: serde_json::Value = serde_json::from_slice(envelope.unverified_payload()).unwrap();
    statement["subject"][0]["name"] = "demo/hello@1.1.0".into();
    statement["predicate"]["version"] = "1.1.0".into();
    statement["predicate"]["index"]["sha256"] = Digest::of(core.as_bytes()).to_string().into();
    let payload = serde_json::to_vec(&statement).unwrap();
    String::from_utf8(Envelope::sign(dsse::RELEASE, &payload, &[key]).unwrap().as_bytes().to_vec()).unwrap()
}

#[test]
fn t07_an_old_release_under_a_new_version_is_refused() {
    let stage = Stage::new();
    let (entry, leaf) = stage.honest();
    // The author's own signature, which is about 1.0.0, logged for 1.1.0.
    stage.log_release(&renamed(&entry.core), &entry, &leaf.envelopes[0]);
    stage.refuses("1.1.0", "VP0507");
    // What is honest is still to be had.
    stage.run("install demo/hello@=1.0.0 --registry reg").ends(0);
}

#[test]
fn t07_the_file_of_another_version_is_refused() {
    let stage = Stage::new();
    publish(&stage.sandbox, &[&pack(&stage.sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    std::fs::copy(stage.file(ARCHIVE), stage.file("p/demo/hello/1.1.0/hello-1.1.0.vitmod")).unwrap();
    stage.refuses("1.1.0", "VP0502");
}

#[test]
fn t08_a_package_of_another_registry_is_refused() {
    let stage = Stage::new();
    let (entry, _) = stage.honest();
    // The same author has signed the same content, for a registry of another name.
    let archive = stage.sandbox.path().join("hello-1.0.0.vitmod");
    let elsewhere = Sandbox::new();
    std::fs::create_dir_all(elsewhere.home()).unwrap();
    std::fs::rename(stage.sandbox.home().join("keys"), stage.sandbox.path().join("kept")).unwrap();
    elsewhere.run("registry init reg --id elsewhere.example/").ends(0);
    std::fs::rename(stage.sandbox.path().join("kept"), stage.sandbox.home().join("keys")).unwrap();
    let key = stage.sandbox.home().join("keys/default.pem");
    let base = pack(&elsewhere, "demo/hello", "1.1.0", "one", "");
    elsewhere
        .run(&format!("publish --yes --registry reg --key {} {}", key.display(), base.display()))
        .ends(0);
    let there = Directory::new(elsewhere.path().join("reg"));
    let bytes = LogFiles::new(&there, 3).entry(2).unwrap();
    let foreign = Leaf::parse(&bytes).unwrap();
    let Subject::Release { tree, .. } = &foreign.subject else { panic!() };
    let index = std::fs::read_to_string(elsewhere.path().join("reg/index/demo/hello")).unwrap();
    let start = index.find("{\"core\":").unwrap() + 8;
    let core = &index[start..index.find(",\"log\":").unwrap()];
    assert!(core.contains(&tree.to_string()));
    stage.log_release(core, &entry, &foreign.envelopes[0]);
    let from = elsewhere.path().join("reg/p/demo/hello/1.1.0/hello-1.1.0.vitmod");
    std::fs::copy(from, stage.file("p/demo/hello/1.1.0/hello-1.1.0.vitmod")).unwrap();
    stage.refuses("1.1.0", "VP0508");
    assert!(!archive.exists());
}

#[test]
fn t10_dependencies_that_the_author_did_not_sign_are_refused() {
    let stage = Stage::new();
    let sequencer = stage.sequencer();
    let file = stage.index(&sequencer);
    let entry = file.entries()[0].clone();
    let evil = r#""deps":[{"p":"evil/dep","r":"*","k":"normal","t":[],"o":false,"d":true,"f":[]}]"#;
    let core = Core::parse(&entry.core.raw().replace("\"deps\":[]", evil)).unwrap();
    assert_eq!(core.needs.dependencies.len(), 1);
    // A new index file with the registry's own key, of a higher revision.
    let mut forged = IndexFile::new(name());
    forged.sign(3, sequencer.registry(), &sequencer.keys().index).unwrap();
    forged.add(IndexEntry { core, ..entry }).unwrap();
    stage.write_index(&sequencer, forged);
    drop(sequencer);
    // What it refers to is not even looked for.
    std::fs::remove_file(stage.file(ARCHIVE)).unwrap();
    stage.refuses("1.0.0", "VP0533");
}

#[test]
fn t11_an_archive_without_its_signatures_is_refused() {
    let stage = Stage::new();
    let bytes = std::fs::read(stage.file(ARCHIVE)).unwrap();
    assert!(Head::parse(&bytes).is_ok());
    let (prefix, rest) = with_signatures(&bytes, b"").unwrap();
    std::fs::write(stage.file(ARCHIVE), [&prefix[..], &bytes[usize::try_from(rest).unwrap()..]].concat())
        .unwrap();
    stage.refuses("1.0.0", "VP0510");
}

#[test]
fn t12_an_index_file_signed_by_another_key_is_refused() {
    let stage = Stage::new();
    let sequencer = stage.sequencer();
    let mut file = stage.index(&sequencer);
    let bytes = file.sign(sequencer.size(), sequencer.registry(), &stage.author()).unwrap();
    std::fs::write(stage.file("index/demo/hello"), &bytes).unwrap();
    stage.refuses("1.0.0", "VP0531");
    let text = String::from_utf8(bytes).unwrap();
    std::fs::write(stage.file("index/demo/hello"), text.split("\n\n").next().unwrap()).unwrap();
    stage.refuses("1.0.0", "VP0531");
}

#[test]
fn t13_two_contents_for_one_release_are_found_by_monitor_and_lockfile() {
    let stage = Stage::new();
    let project = "[package]\nname = \"me/app\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\n\n[dependencies]\n\"demo/hello\" = \"1\"\n";
    stage.sandbox.write("app/vitte.toml", project);
    stage.sandbox.write("app/src/lib.vit", "x");
    stage.run("lock --manifest app/vitte.toml --registry reg").ends(0);
    let locked = std::fs::read(stage.sandbox.path().join("app/vitte.lock")).unwrap();
    let state = stage.trust();
    // The author is talked into signing other content as 1.0.0 again, and the registry logs it.
    let (entry, leaf) = stage.honest();
    let core = entry.core.raw().replace(&entry.core.tree.to_string()[11..21], "0000000000");
    let mut statement: serde_json::Value =
        serde_json::from_slice(Envelope::parse(leaf.envelopes[0].as_bytes()).unwrap().unverified_payload())
            .unwrap();
    let tree = Core::parse(&core).unwrap().tree;
    statement["subject"][0]["digest"]["sha256"] = tree.to_string().trim_start_matches("vp1-sha256:").into();
    statement["predicate"]["index"]["sha256"] = Digest::of(core.as_bytes()).to_string().into();
    let payload = serde_json::to_vec(&statement).unwrap();
    let second = Envelope::sign(dsse::RELEASE, &payload, &[&stage.author()]).unwrap();
    let mut sequencer = stage.sequencer();
    let parsed = Core::parse(&core).unwrap();
    let artifact = Artifact {
        package: name(),
        version: Version::parse("1.0.0").unwrap(),
        kind: parsed.kind,
        target: parsed.target.clone(),
    };
    let forged = Leaf {
        subject: Subject::Release { artifact, tree: parsed.tree, index: parsed.digest() },
        time: sequencer.time(),
        prev: Some(entry.log),
        envelopes: vec![String::from_utf8(second.as_bytes().to_vec()).unwrap()],
    };
    let time = forged.time;
    let log = sequencer.append(&[forged]).unwrap();
    let mut file = IndexFile::new(name());
    file.sign(3, sequencer.registry(), &sequencer.keys().index).unwrap();
    file.add(IndexEntry { core: parsed, log, time, ..entry }).unwrap();
    stage.write_index(&sequencer, file);
    drop(sequencer);
    // The proof next to the archive is of the first entry.
    std::fs::remove_file(stage.file(&format!("{ARCHIVE}.tlog-proof"))).unwrap();
    assert_eq!(code(&stage.run("log monitor --registry reg --json").ends(5)), "VP0537");
    let refused = stage.run("lock --manifest app/vitte.toml --registry reg --json").ends(5);
    assert_eq!(code(&refused), "VP0539", "{refused}");
    assert_eq!(std::fs::read(stage.sandbox.path().join("app/vitte.lock")).unwrap(), locked);
    assert_eq!(stage.trust(), state);
}

#[test]
fn t20_t33_a_release_that_no_key_of_the_namespace_signed_is_refused() {
    let stage = Stage::new();
    let (entry, leaf) = stage.honest();
    let core = renamed(&entry.core);
    let thief = SecretKey::from_seed(&[9; 32]);
    stage.log_release(&core, &entry, &resigned(&leaf, &core, &thief));
    stage.refuses("1.1.0", "VP0516");
    // T33: the same, with the author's key id written over the thief's.
    let stage = Stage::new();
    let (entry, leaf) = stage.honest();
    let core = renamed(&entry.core);
    let named = resigned(&leaf, &core, &thief)
        .replace(&thief.public().id().to_string(), &stage.author().public().id().to_string());
    stage.log_release(&core, &entry, &named);
    stage.refuses("1.1.0", "VP0511");
}

#[test]
fn t31_a_signature_over_something_else_is_no_release() {
    let stage = Stage::new();
    let (entry, leaf) = stage.honest();
    let core = renamed(&entry.core);
    let release = Envelope::parse(resigned(&leaf, &core, &stage.author()).as_bytes()).unwrap();
    // The very statement, signed by the very author, as a status record.
    let status = Envelope::sign(dsse::STATUS, release.unverified_payload(), &[&stage.author()]).unwrap();
    stage.log_release(&core, &entry, std::str::from_utf8(status.as_bytes()).unwrap());
    stage.refuses("1.1.0", "VP0513");
}

#[test]
fn t27_t28_keys_change_only_by_enough_root_keys() {
    let stage = Stage::new();
    // The owner wants two of two root keys from now on.
    stage.sandbox.run("key generate --name second").ends(0);
    stage.sandbox.run("key export second --out second.pub").ends(0);
    let both = "namespace rotate demo --registry reg --yes --add second.pub --role root --root-threshold 2 --key default --key second";
    stage.sandbox.run(both).ends(0);
    stage.run("namespace show demo --registry reg").ends(0);
    let stage = Stage { state: stage.trust(), ..stage };
    // One of them was stolen, and the registry helps the thief.
    let mut sequencer = stage.sequencer();
    let namespace = Namespace::parse("demo").unwrap();
    let bytes = std::fs::read(stage.file("ns/demo.jsonl")).unwrap();
    let chain = NamespaceChain::parse(sequencer.registry().clone(), namespace.clone(), &bytes).unwrap();
    let mut record = chain.latest().unwrap().clone();
    (record.seq, record.prev) = (record.seq + 1, chain.latest_digest());
    let thief = SecretKey::from_seed(&[9; 32]);
    record.keys.push(NamespaceKey {
        key: thief.public(),
        roles: [Role::Root, Role::Release].into(),
        packages: ["*".to_owned()].into(),
    });
    record.keys.sort_by_key(|key| key.key.id());
    let payload = record.to_payload().unwrap();
    let envelope = Envelope::sign(dsse::NAMESPACE, &payload, &[&stage.author(), &thief]).unwrap();
    let envelope = String::from_utf8(envelope.as_bytes().to_vec()).unwrap();
    let leaf = Leaf {
        subject: Subject::Namespace { namespace, seq: record.seq },
        time: sequencer.time(),
        prev: chain.latest_index(),
        envelopes: vec![envelope.clone()],
    };
    let log = sequencer.append(&[leaf]).unwrap();
    let line = format!("{{\"log\":{log},\"envelope\":{envelope}}}\n");
    std::fs::write(stage.file("ns/demo.jsonl"), [&bytes[..], line.as_bytes()].concat()).unwrap();
    drop(sequencer);
    stage.refuses("1.0.0", "VP0515");
    assert_eq!(code(&stage.run("log monitor --registry reg --json").ends(5)), "VP0515");
}

/// T25: a registry that once signed a log which nobody else saw comes back to the honest one. Whoever saw the other
/// stays with what was seen until the trust root drops the key that signed it; then the log starts anew, with evidence.
#[test]
fn t25_a_lie_is_forgotten_only_with_the_key_that_told_it() {
    let stage = Stage::new();
    let (honest, keys) =
        (files(&stage.sandbox.path().join("reg")), files(&stage.sandbox.home().join("keys")));
    // The lie: two more entries, shown to this client alone.
    for lie in ["1.5.0", "1.6.0"] {
        let archive = pack(&stage.sandbox, "demo/hello", lie, &format!("lie {lie}"), "");
        publish(&stage.sandbox, &[&archive]).ends(0);
    }
    stage.run("verify demo/hello --registry reg").ends(0);
    // Back to the honest history, which goes on in another way.
    std::fs::remove_dir_all(stage.sandbox.path().join("reg")).unwrap();
    for (path, bytes) in &honest {
        stage.sandbox.write(&format!("reg/{path}"), bytes);
    }
    for (path, bytes) in keys.iter().filter(|(path, _)| path.ends_with("signed.json")) {
        std::fs::write(stage.sandbox.home().join("keys").join(path), bytes).unwrap();
    }
    publish(&stage.sandbox, &[&pack(&stage.sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    let stage = Stage { state: stage.trust(), ..stage };
    stage.refuses("1.1.0", "VP0527");
    // The new key is there, the old one counts still.
    stage.sandbox.run("registry rotate reg --log --yes").ends(0);
    stage.refuses("1.1.0", "VP0527");
    stage.sandbox.run("registry rotate reg --yes").ends(0);
    stage.run("install demo/hello@=1.1.0 --registry reg").ends(0);
    let kept: Vec<_> =
        files(&stage.client.join("trust")).into_keys().filter(|name| name.contains("evidence/")).collect();
    for what in ["checkpoint-before", "checkpoint-now", "checkpoint-dropped", "state-dropped"] {
        assert!(kept.iter().any(|name| name.contains(what)), "{what}: {kept:?}");
    }
    stage.run("verify demo/hello --registry reg").ends(0);
}

/// T15: what a client remembers is not forgotten because the disk spoiled it. Whoever can damage a file, or meets a
/// damaged one, gets an error and no first contact.
#[test]
fn t15_a_damaged_memory_is_no_first_contact() {
    let stage = Stage::new();
    let older = std::fs::read(stage.file("log/checkpoint")).unwrap();
    publish(&stage.sandbox, &[&pack(&stage.sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    stage.run("verify demo/hello --registry reg").ends(0);
    std::fs::write(stage.file("log/checkpoint"), older).unwrap();
    let state = stage.trust();
    for name in ["checkpoint", "state.json"] {
        let path = state.keys().find(|path| path.ends_with(name)).unwrap();
        let (file, good) = (stage.client.join("trust").join(path), &state[path]);
        for bad in [&good[..good.len() - 30], b"", b"{}\n"] {
            std::fs::write(&file, bad).unwrap();
            let ran = stage.run("install demo/hello@=1.0.0 --registry reg --json");
            assert_eq!((ran.exit, code(&ran)), (1, "VP1003".to_owned()), "{name}: {ran}");
            assert_eq!(std::fs::read(&file).unwrap(), bad, "{name} is left as it is");
        }
        std::fs::write(&file, good).unwrap();
    }
}

/// T14: proofs that travel inside a file are of the history that this client has seen, or of an older one, not of another.
#[test]
fn t14_stapled_proofs_of_another_history_are_refused() {
    let stage = Stage::new();
    let reg = stage.sandbox.path().join("reg");
    let (honest, keys) = (files(&reg), files(&stage.sandbox.home().join("keys")));
    let staple = |version: &str, content: &str| {
        let archive = pack(&stage.sandbox, "demo/hello", version, content, "");
        publish(&stage.sandbox, &[&archive]).ends(0);
        let path = format!("p/demo/hello/{version}/hello-{version}.vitmod");
        let copy = format!("{content}.vitmod");
        std::fs::copy(stage.file(&path), stage.sandbox.path().join(&copy)).unwrap();
        stage.sandbox.run(&format!("staple {copy} --registry reg")).ends(0);
    };
    staple("1.1.0", "seen");
    stage.run("verify demo/hello --registry reg").ends(0);
    stage.run("verify seen.vitmod --offline").ends(0);
    // The same keys sign another history, which the owner has never seen either.
    std::fs::remove_dir_all(&reg).unwrap();
    std::fs::remove_dir_all(stage.sandbox.home().join("trust")).unwrap();
    for (path, bytes) in &honest {
        stage.sandbox.write(&format!("reg/{path}"), bytes);
    }
    for (path, bytes) in keys.iter().filter(|(path, _)| path.ends_with("signed.json")) {
        std::fs::write(stage.sandbox.home().join("keys").join(path), bytes).unwrap();
    }
    let first = std::fs::read(stage.file("trust/1.json")).unwrap();
    let add = format!("registry add reg --trust-root-sha256 {}", Digest::of(&first));
    stage.sandbox.run(&add).ends(0);
    staple("1.2.0", "other");
    stage.sandbox.run("verify other.vitmod --offline").ends(0);
    let before = stage.trust();
    assert_eq!(code(&stage.run("verify other.vitmod --offline --json").ends(5)), "VP0527");
    assert_eq!(stage.trust(), before);
    stage.run("verify seen.vitmod --offline").ends(0);
}

impl Stage {
    /// The client meets a registry of which one file is another; what it says of that. The file is put back, nothing was
    /// remembered and nothing installed.
    #[track_caller]
    fn meets(&self, path: &str, bytes: &[u8]) -> (i32, String) {
        let honest = std::fs::read(self.file(path)).unwrap();
        assert_ne!(honest, bytes, "{path} is the same");
        std::fs::write(self.file(path), bytes).unwrap();
        let ran = self.run("install demo/hello@=1.0.0 --registry reg --json");
        std::fs::write(self.file(path), honest).unwrap();
        assert_ne!(ran.exit, 0, "{path}: {ran}");
        assert_eq!(self.trust(), self.state, "{path}: the state is as it was");
        let store = self.client.join("store/v1/pkg");
        assert!(!store.exists() || files(&store).is_empty(), "{path}: nothing is installed");
        (ran.exit, code(&ran))
    }
}

/// T19: the log that is served does not begin with the one that was seen. There is no proof to be wrong: clients make
/// it from tiles, and what they cannot make is a split view, with both checkpoints kept.
#[test]
fn t19_tiles_that_do_not_lead_from_the_old_log_to_the_new_are_refused() {
    let stage = Stage::new();
    publish(&stage.sandbox, &[&pack(&stage.sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    let tile = std::fs::read(stage.file("log/tile/0/000.p/4")).unwrap();
    assert_eq!(tile.len(), 4 * 32);
    // Each hash of the way between the two, altered, left out, or in another's place.
    for at in 0..4 {
        let mut altered = tile.clone();
        altered[at * 32] ^= 1;
        assert_eq!(stage.meets("log/tile/0/000.p/4", &altered), (5, "VP0527".into()), "hash {at}");
    }
    let swapped = [&tile[32..64], &tile[..32], &tile[64..]].concat();
    assert_eq!(stage.meets("log/tile/0/000.p/4", &swapped), (5, "VP0527".into()));
    assert_eq!(stage.meets("log/tile/0/000.p/4", &tile[..96]).0, 5);
    assert_eq!(stage.meets("log/tile/0/000.p/4", &[&tile[..], &tile[..32]].concat()).0, 5);
}

/// T29: a threshold of two is not reached by one key, however often and under whatever name it signs.
#[test]
fn t29_one_key_counts_once_in_a_record_of_the_namespace() {
    for names in [["own", "own"], ["own", "other"], ["own", "none"]] {
        let stage = Stage::new();
        stage.sandbox.run("key generate --name second").ends(0);
        stage.sandbox.run("key export second --out second.pub").ends(0);
        let both = "namespace rotate demo --registry reg --yes --add second.pub --role root --root-threshold 2 --key default --key second";
        stage.sandbox.run(both).ends(0);
        stage.run("namespace show demo --registry reg").ends(0);
        let stage = Stage { state: stage.trust(), ..stage };
        let mut sequencer = stage.sequencer();
        let namespace = Namespace::parse("demo").unwrap();
        let bytes = std::fs::read(stage.file("ns/demo.jsonl")).unwrap();
        let chain = NamespaceChain::parse(sequencer.registry().clone(), namespace.clone(), &bytes).unwrap();
        let mut record = chain.latest().unwrap().clone();
        (record.seq, record.prev) = (record.seq + 1, chain.latest_digest());
        let payload = record.to_payload().unwrap();
        let once = Envelope::sign(dsse::NAMESPACE, &payload, &[&stage.author()]).unwrap();
        let mut envelope: serde_json::Value = serde_json::from_slice(once.as_bytes()).unwrap();
        let signature = envelope["signatures"][0].clone();
        let second = SecretKey::from_seed(&[8; 32]).public().id().to_string();
        envelope["signatures"] = names
            .iter()
            .map(|name| {
                let mut signature = signature.clone();
                match *name {
                    "other" => signature["keyid"] = second.clone().into(),
                    "none" => _ = signature.as_object_mut().unwrap().remove("keyid"),
                    _ => {}
                }
                signature
            })
            .collect();
        let envelope = envelope.to_string();
        let leaf = Leaf {
            subject: Subject::Namespace { namespace, seq: record.seq },
            time: sequencer.time(),
            prev: chain.latest_index(),
            envelopes: vec![envelope.clone()],
        };
        let log = sequencer.append(&[leaf]).unwrap();
        let line = format!("{{\"log\":{log},\"envelope\":{envelope}}}\n");
        std::fs::write(stage.file("ns/demo.jsonl"), [&bytes[..], line.as_bytes()].concat()).unwrap();
        drop(sequencer);
        stage.refuses("1.0.0", "VP0515");
    }
}

/// The same signature with the group's order added to its second half: a verifier that is not strict takes it.
fn malleable(signature: &[u8]) -> Vec<u8> {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let (point, scalar) = signature.split_at(signature.len() - 32);
    let mut carry = 0u16;
    let sum = scalar.iter().zip(ORDER).map(|(byte, order)| {
        carry += u16::from(*byte) + u16::from(order);
        let low = carry.to_le_bytes()[0];
        carry >>= 8;
        low
    });
    let sum: Vec<u8> = sum.collect();
    assert_eq!(carry, 0);
    [point, &sum].concat()
}

/// A note whose last signature line carries other bytes.
fn with_signature(note: &[u8], change: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let text = std::str::from_utf8(note).unwrap().trim_end();
    let (before, data) = text.rsplit_once(' ').unwrap();
    let data = BASE64.decode(data).unwrap();
    format!("{before} {}\n", BASE64.encode([&data[..4], &change(&data[4..])].concat())).into_bytes()
}

/// A name, and what is made of a signature.
type Form<'a> = (&'a str, &'a dyn Fn(&[u8]) -> Vec<u8>);

/// T30: signatures that lax verifiers take, over texts that are true.
#[test]
fn t30_signatures_of_another_form_are_refused_in_notes_and_records() {
    let stage = Stage::new();
    let small = |signature: &[u8]| [&[&[1u8][..], &[0; 31]].concat(), &signature[32..]].concat();
    let zero = |signature: &[u8]| vec![0; signature.len()];
    let short = |signature: &[u8]| signature[..63].to_vec();
    let forms: [Form<'_>; 4] =
        [("malleable", &malleable), ("small order", &small), ("zero", &zero), ("short", &short)];
    for (path, class) in [("log/checkpoint", "VP0523"), ("index/demo/hello", "VP0531")] {
        let note = std::fs::read(stage.file(path)).unwrap();
        for (form, change) in &forms {
            assert_eq!(stage.meets(path, &with_signature(&note, change)), (5, class.into()), "{path} {form}");
        }
    }
    let records = std::fs::read_to_string(stage.file("ns/demo.jsonl")).unwrap();
    let start = records.find("\"sig\":\"").unwrap() + 7;
    let end = start + records[start..].find('"').unwrap();
    let signature = BASE64.decode(&records[start..end]).unwrap();
    for (form, change) in &forms {
        let other = [&records[..start], &BASE64.encode(change(&signature)), &records[end..]].concat();
        assert_eq!(stage.meets("ns/demo.jsonl", other.as_bytes()).0, 5, "{form}");
        // A client that has seen nothing yet has nothing but the signature to go by.
        std::fs::write(stage.file("ns/demo.jsonl"), &other).unwrap();
        let stranger = stage.sandbox.path().join("stranger");
        let first = std::fs::read(stage.file("trust/1.json")).unwrap();
        let run =
            |arguments: &str| stage.sandbox.run_with(arguments, |run| _ = run.env("VITTE_HOME", &stranger));
        run(&format!("registry add reg --trust-root-sha256 {}", Digest::of(&first))).ends(0);
        let ran = run("install demo/hello@=1.0.0 --registry reg --json").ends(5);
        assert_eq!(code(&ran), "VP0511", "{form}: {ran}");
        std::fs::write(stage.file("ns/demo.jsonl"), &records).unwrap();
        std::fs::remove_dir_all(&stranger).unwrap();
    }
}

/// T32: JSON that two readers could read in two ways, or one in no time at all.
#[test]
fn t32_json_of_another_form_is_refused_wherever_it_stands() {
    let stage = Stage::new();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let long = format!("\"{}\"", "a".repeat(1_000_000));
    let config = std::fs::read_to_string(stage.file("config.json")).unwrap();
    let records = std::fs::read_to_string(stage.file("ns/demo.jsonl")).unwrap();
    for (path, honest) in [("config.json", config.trim_end()), ("ns/demo.jsonl", records.trim_end())] {
        let member = |value: &str| honest.replacen('{', &format!("{{\"x\":{value},"), 1);
        let (first, _) = honest[1..].split_once(',').unwrap();
        let forms = [
            ("a member twice", honest.replacen('{', &format!("{{{first},"), 1)),
            ("something behind it", format!("{honest} {{}}")),
            ("no number", member("NaN")),
            ("nesting", member(&deep)),
            ("a long text", member(&long)),
            ("a raw control character", member("\"\u{1}\"")),
            ("half a surrogate pair", member("\"\\ud800\"")),
            ("not UTF-8's own", honest.replacen('{', "\u{feff}{", 1)),
        ];
        for (form, text) in &forms {
            // An unknown member of `config.json` is ignored, but it has to be JSON and of a size.
            let (exit, class) = stage.meets(path, text.as_bytes());
            assert!(matches!(exit, 3 | 5 | 6), "{path}, {form}: {exit} {class}");
        }
    }
}
