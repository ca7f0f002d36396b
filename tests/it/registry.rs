//! A registry that is a folder: created, published to, checked from scratch, damaged, read by a client.

pub use crate::pack::pack;
use crate::sandbox::{Ran, Sandbox};
use crate::writers::writer;
use std::collections::BTreeMap;
use std::path::Path;
use vitte_package::env::Env;
use vitte_package::extract::{self, UnpackRequest};
use vitte_package::registry::read::client::RegistryClient;
use vitte_package::registry::read::examine::examine;
use vitte_package::registry::read::location::Location;
use vitte_package::registry::read::source::ArchiveRequest;
use vitte_package::report::Silent;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::client::ProvenRelease;
use vitte_package_core::verify::Sections;

/// A sandbox with a key `default` and a registry in `reg`.
pub fn initialised() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run("key generate").ends(0);
    (writer().begin)(&sandbox);
    sandbox
}

/// Publishes files into `reg`.
#[must_use]
pub fn publish(sandbox: &Sandbox, files: &[&Path]) -> Ran {
    let mut command = sandbox.package();
    let registry = (writer().registry)(sandbox);
    command.args(["publish", "--yes", "--json", "--registry", &registry]).args(files);
    command.env("VITTE_TOKEN", (writer().token)(sandbox));
    Ran::from(command.output().unwrap(), sandbox.path())
}

/// The only code of a command that failed with `--json`.
pub fn code(ran: &Ran) -> String {
    ran.json()["diagnostics"][0]["code"].as_str().unwrap().to_owned()
}

fn client(sandbox: &Sandbox) -> Result<RegistryClient, vitte_package::error::Error> {
    let env = Env::new(sandbox.path(), sandbox.home());
    RegistryClient::open(&env, &Location::Directory(sandbox.path().join("reg")))
}

/// Everything a client does about a release, content included.
fn fetch(sandbox: &Sandbox, name: &str) -> Result<ProvenRelease, vitte_package::error::Error> {
    let mut client = client(sandbox)?;
    let file = client.index(&PackageName::parse(name).unwrap())?.expect("there is such a package");
    let entry = file.entries().last().unwrap().clone();
    let proven = client.prove(&file, &entry)?;
    let (expectation, trust) = (proven.expectation.clone(), proven.trust());
    let request = UnpackRequest { expectation, trust, sections: Sections::All };
    let archive = client.archive(
        &ArchiveRequest {
            artifact: &file.artifact(&entry),
            tree: entry.core.tree,
            unpack: &request,
            here: &vitte_package::extract::FilesHere::default(),
        },
        &Silent,
    )?;
    let extract::Input::File(path) = archive.input() else { panic!("a folder's files stay where they are") };
    let bytes = std::fs::File::open(path).unwrap();
    examine(bytes, request.expectation, request.trust, &Silent)?;
    client.commit()?;
    Ok(proven)
}

fn refused(sandbox: &Sandbox, name: &str) -> Code {
    fetch(sandbox, name).map(|proven| format!("{proven:?}")).unwrap_err().code()
}

/// The digests of a registry's files, without what its writer keeps for itself.
pub fn published(sandbox: &Sandbox) -> BTreeMap<String, String> {
    let all = files(&sandbox.path().join("reg")).into_iter();
    let listed = all.filter(|(name, _)| !name.starts_with(".vitte-"));
    listed.map(|(name, bytes)| (name, vitte_package_core::digest::Digest::of(&bytes).to_string())).collect()
}

/// All files below a folder.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => walk(root, &path, found),
                false => {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                    found.insert(name, std::fs::read(&path).unwrap());
                }
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, folder, &mut found);
    found
}

#[test]
fn a_registry_begins_in_order_and_only_in_an_empty_folder() {
    let sandbox = initialised();
    let names: Vec<_> = files(&sandbox.path().join("reg")).into_keys().collect();
    let expected = [
        ".gitattributes",
        ".vitte-registry.derived",
        ".vitte-registry.lock",
        "config.json",
        "log/checkpoint",
        "log/tile/0/000.p/1",
        "log/tile/entries/000.p/1",
        "trust/1.json",
    ];
    assert_eq!(names, expected);
    let verified = sandbox.run("registry verify reg --json").ends(0).json();
    assert_eq!(verified["result"]["entries"], 1);
    assert_eq!(code(&sandbox.run("registry init reg --json").ends(10)), "VP0613");
    sandbox.write("full/file", "x");
    sandbox.run("registry init full").ends(10);
    sandbox.run("registry init named --id packages.example.org/team/").ends(0);
    assert!(sandbox.home().join("keys/registry/packages.example.org_team_/log.pem").exists());
    sandbox.run("registry init other --id packages.example.org/team/").ends(10);
    sandbox.run("registry init bad --id https://packages.example.org/").ends(2);
    sandbox.run("registry verify nowhere").ends(9);
}

#[test]
fn what_is_published_is_believed_by_a_client() {
    let sandbox = initialised();
    let hello = pack(&sandbox, "demo/hello", "1.0.0", "one", "");
    let published = publish(&sandbox, &[&hello]).ends(0).json();
    assert_eq!(published["result"]["artifacts"][0]["state"], "published");
    assert_eq!(published["result"]["artifacts"][0]["log"], 2, "after genesis and namespace");
    assert_eq!(published["result"]["new_namespaces"][0], "demo");
    let proven = fetch(&sandbox, "demo/hello").unwrap();
    assert_eq!((proven.log, proven.signers.len()), (2, 1));
    sandbox.run("registry verify reg").ends(0);
    // A name without a namespace lives under `_`.
    publish(&sandbox, &[&pack(&sandbox, "tool", "0.1.0", "t", "")]).ends(0);
    assert!(sandbox.path().join("reg/ns/_.jsonl").exists());
    assert_eq!(fetch(&sandbox, "tool").unwrap().log, 4);
    sandbox.run("registry verify reg").ends(0);
    assert!(client(&sandbox).unwrap().index(&PackageName::parse("demo/none").unwrap()).unwrap().is_none());
}

#[test]
fn others_must_pin_the_trust_root_and_may_not_write() {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "one", "")]).ends(0);
    std::fs::rename(sandbox.home(), sandbox.path().join("owner")).unwrap();
    sandbox.run("key generate").ends(0);
    assert_eq!(refused(&sandbox, "demo/hello"), Code::UntrustedRegistry);
    let more = pack(&sandbox, "demo/more", "1.0.0", "two", "");
    publish(&sandbox, &[&more]).ends(7);
    let digest = vitte_package_core::digest::Digest::of(
        &std::fs::read(sandbox.path().join("reg/trust/1.json")).unwrap(),
    );
    let wrong = vitte_package_core::digest::Digest::of(digest.to_string().as_bytes());
    sandbox.run(&format!("registry add reg --trust-root-sha256 {wrong}")).ends(5);
    assert_eq!(refused(&sandbox, "demo/hello"), Code::UntrustedRegistry);
    sandbox.run(&format!("registry add reg --trust-root-sha256 {digest}")).ends(0);
    fetch(&sandbox, "demo/hello").unwrap();
    publish(&sandbox, &[&more]).ends(7);
}

#[test]
fn altering_any_file_is_noticed_by_verify() {
    let sandbox = initialised();
    let (one, two) =
        (pack(&sandbox, "demo/hello", "1.0.0", "one", ""), pack(&sandbox, "tool", "2.0.0", "two", ""));
    publish(&sandbox, &[&one, &two]).ends(0);
    let registry = sandbox.path().join("reg");
    for (name, bytes) in files(&registry) {
        // What the writer keeps for itself says nothing to readers.
        if name.starts_with(".vitte-") || name == ".gitattributes" {
            continue;
        }
        // Tiles and bundles of earlier sizes are not missed, but have to be what they were.
        let superseded = name.ends_with("000.p/1");
        let path = registry.join(&name);
        let mut flipped = bytes.clone();
        let at = flipped.len() / 2;
        flipped[at] ^= 1;
        std::fs::write(&path, &flipped).unwrap();
        let ran = sandbox.run("registry verify reg --json");
        assert!([3, 5].contains(&ran.exit), "{name}: {ran}");
        std::fs::remove_file(&path).unwrap();
        let ran = sandbox.run("registry verify reg --json");
        let removed: &[i32] = if superseded { &[0] } else { &[3, 5, 9] };
        assert!(removed.contains(&ran.exit), "{name} removed: {ran}");
        std::fs::write(&path, &bytes).unwrap();
    }
    for stranger in ["index/demo/other", "ns/other.jsonl", "trust/2.json"] {
        let path = sandbox.write(&format!("reg/{stranger}"), "x");
        assert!([3, 5].contains(&sandbox.run("registry verify reg").exit), "{stranger}");
        std::fs::remove_file(path).unwrap();
    }
    sandbox.run("registry verify reg").ends(0);
}

#[test]
fn a_client_refuses_what_a_mirror_altered() {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "one", "")]).ends(0);
    let older = files(&sandbox.path().join("reg"));
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    fetch(&sandbox, "demo/hello").unwrap();
    let newer = files(&sandbox.path().join("reg"));
    let state = files(&sandbox.home().join("trust"));
    let check = |name: &str, content: Option<Vec<u8>>, expected: Code| {
        let path = sandbox.path().join("reg").join(name);
        match content {
            Some(bytes) => std::fs::write(&path, bytes).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        assert_eq!(refused(&sandbox, "demo/hello"), expected, "{name}");
        std::fs::write(&path, &newer[name]).unwrap();
        assert_eq!(files(&sandbox.home().join("trust")), state, "{name}: nothing is remembered");
    };
    let edited = |name: &str, from: &str, to: &str| {
        let text = String::from_utf8(newer[name].clone()).unwrap();
        assert!(text.contains(from), "{name}");
        Some(text.replacen(from, to, 1).into_bytes())
    };
    let flipped = |name: &str, at: usize| {
        let mut bytes = newer[name].clone();
        bytes[at] ^= 1;
        Some(bytes)
    };
    // T09: an older index hides 1.1.0. T10, T12: an edited one.
    check("index/demo/hello", Some(older["index/demo/hello"].clone()), Code::IndexRollback);
    check("index/demo/hello", None, Code::Unavailable);
    check("index/demo/hello", edited("index/demo/hello", "\"files\":2", "\"files\":3"), Code::IndexSignature);
    // T21: namespace records cut off or altered.
    check("ns/demo.jsonl", Some(Vec::new()), Code::NsChain);
    check("ns/demo.jsonl", edited("ns/demo.jsonl", "\"log\":1", "\"log\":2"), Code::Leaf);
    // T18: tiles and entries.
    check("log/tile/0/000.p/4", flipped("log/tile/0/000.p/4", 40), Code::Inclusion);
    let proof = "p/demo/hello/1.1.0/hello-1.1.0.vitmod.tlog-proof";
    let other = "p/demo/hello/1.0.0/hello-1.0.0.vitmod.tlog-proof";
    check(proof, Some(newer[other].clone()), Code::Inclusion);
    // Without the proof next to the archive the entry comes from the bundle.
    std::fs::remove_file(sandbox.path().join("reg").join(proof)).unwrap();
    let entries = "log/tile/entries/000.p/4";
    check(entries, flipped(entries, newer[entries].len() - 20), Code::Inclusion);
    std::fs::write(sandbox.path().join("reg").join(proof), &newer[proof]).unwrap();
    // T17: a checkpoint of another log, or altered.
    check("log/checkpoint", edited("log/checkpoint", "log\n", "gol\n"), Code::Origin);
    check("log/checkpoint", edited("log/checkpoint", "\n4\n", "\n5\n"), Code::Note);
    // T01, T02: the archive.
    let archive = "p/demo/hello/1.1.0/hello-1.1.0.vitmod";
    check(archive, flipped(archive, 60), Code::TreeDigest);
    check(archive, flipped(archive, 150), Code::TocDigest);
    check(archive, flipped(archive, newer[archive].len() - 40), Code::FrameDigest);
    check(archive, None, Code::NotFound);
    fetch(&sandbox, "demo/hello").unwrap();
}

/// T14, T15, T66: the same log key signs another history.
#[test]
fn a_split_view_is_refused_and_kept_as_evidence() {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "one", "")]).ends(0);
    let (registry, fork) = (sandbox.path().join("reg"), sandbox.path().join("fork"));
    let before = files(&registry);
    fetch(&sandbox, "demo/hello").unwrap();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    fetch(&sandbox, "demo/hello").unwrap();
    let state = files(&sandbox.home().join("trust"));
    std::fs::rename(&registry, &fork).unwrap();
    // Yesterday's backup: the writer refuses to sign a second log.
    for (name, bytes) in &before {
        sandbox.write(&format!("reg/{name}"), bytes);
    }
    let other = pack(&sandbox, "demo/hello", "1.2.0", "another!", "");
    assert_eq!(code(&publish(&sandbox, &[&other]).ends(5)), "VP0526");
    // A reader keeps the larger log: what is here is its beginning, and has an older index.
    assert_eq!(refused(&sandbox, "demo/hello"), Code::Unavailable);
    assert_eq!(files(&sandbox.home().join("trust")), state, "nothing is held against an older copy");
    // The key's memory is lost, and another log of the same size is signed.
    for entry in std::fs::read_dir(sandbox.home().join("keys/registry")).unwrap() {
        std::fs::remove_file(entry.unwrap().path().join("signed.json")).unwrap();
    }
    publish(&sandbox, &[&other]).ends(0);
    sandbox.run("registry verify reg").ends(0);
    assert_eq!(refused(&sandbox, "demo/hello"), Code::SplitView);
    let after = files(&sandbox.home().join("trust"));
    let evidence = after.keys().filter(|name| name.contains("/evidence/")).count();
    assert_eq!(evidence, 2, "{:?}", after.keys());
    for (name, bytes) in &state {
        assert_eq!(after.get(name), Some(bytes), "{name} is as before");
    }
}

/// T16 of the log: a smaller log that is its beginning is not trusted, but no fault either.
#[test]
fn a_mirror_that_lags_behind_is_no_split_view() {
    let sandbox = initialised();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.0.0", "one", "")]).ends(0);
    let lagging = std::fs::read(sandbox.path().join("reg/log/checkpoint")).unwrap();
    publish(&sandbox, &[&pack(&sandbox, "demo/hello", "1.1.0", "longer", "")]).ends(0);
    fetch(&sandbox, "demo/hello").unwrap();
    std::fs::write(sandbox.path().join("reg/log/checkpoint"), lagging).unwrap();
    assert_eq!(client(&sandbox).unwrap().checkpoint().size(), 4);
    fetch(&sandbox, "demo/hello").unwrap();
}
