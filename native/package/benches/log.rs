//! A log of many releases in a folder: what a publish writes, what a client asks for to check 200 packages it has
//! never seen, what a monitor takes to replay all of it.
//!
//! `cargo bench -p vitte-package --bench log`, after which the figures stand on stdout. The log has 10,000
//! leaves, or as many as `VITTE_BENCH_LEAVES` says: `scripts/bench.sh log` goes up to a million. It is written by the same
//! core that writes every log, without a flush for each file.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench ends with its figures or not at all")]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::extract::Incoming;
use vitte_package::http::Traffic;
use vitte_package::ops::{namespace, registry};
use vitte_package::registry::read::client::RegistryClient;
use vitte_package::registry::read::directory::Directory;
use vitte_package::registry::read::http::HttpRegistry;
use vitte_package::registry::read::location::Location;
use vitte_package::registry::read::source::{ArchiveFile, ArchiveRequest, RegistrySource};
use vitte_package::registry::write::RegistryWriter as _;
use vitte_package::registry::write::directory::DirectoryWriter;
use vitte_package::registry::write::keys::RegistryKeys;
use vitte_package::registry::write::sequencer::Sequencer;
use vitte_package::report::{Reporter, Silent};
use vitte_package::serve::{BatchApi, Server};
use vitte_package_core::digest::Digest;
use vitte_package_core::index::{Address, Core, IndexEntry, IndexFile};
use vitte_package_core::log::append::Appender;
use vitte_package_core::log::checkpoint::Checkpoint;
use vitte_package_core::log::leaf::{Artifact, Leaf, Subject};
use vitte_package_core::log::note::LogKey;
use vitte_package_core::log::proof::{Goal, LogTiles, TlogProof};
use vitte_package_core::log::tile::{self, BundleId};
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::client::FileNeed;
use vitte_package_core::registry::{SignedHead, layout};
use vitte_package_core::sign::{Envelope, RegistryId, SecretKey, dsse};
use vitte_package_core::target::{Kind, Target};
use vitte_package_core::version::Version;

/// Releases of one package.
const VERSIONS: u64 = 100;
/// Packages a client checks.
const CHECKED: u64 = 200;

fn main() {
    let leaves =
        std::env::var("VITTE_BENCH_LEAVES").ok().and_then(|text| text.parse().ok()).unwrap_or(10_000);
    let folder =
        tempfile::Builder::new().prefix("vitte-bench-log").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let env = Env::new(folder.path(), folder.path().join("home"));
    let root = folder.path().join("reg");
    let began = Instant::now();
    let id = registry::init(&env, Path::new("reg"), None).unwrap().registry;
    let author = SecretKey::from_seed(&[0x22; 32]);
    let directory = Directory::new(env.resolve(Path::new("reg")));
    let mut writer = DirectoryWriter::open(&env, directory).unwrap();
    namespace::create(&mut writer, &Namespace::parse("demo").unwrap(), &author, &Silent).unwrap();
    grow(&env, &root, &id, &author, leaves);
    println!("log of {leaves} leaves: written in {:.1} s", began.elapsed().as_secs_f64());
    append(&env, &root);
    check(&env, &root, leaves);
    // What writing the log took does not count: the peak begins anew here, where the system can do that.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let began = Instant::now();
    let audit = registry::monitor(&env, &Location::Directory(root.clone()).into(), &Silent).unwrap();
    println!(
        "monitor: {} entries, {} artifacts in {:.1} s, peak memory of this process {} MiB",
        audit.entries,
        audit.artifacts,
        began.elapsed().as_secs_f64(),
        peak_memory()
    );
}

/// Peak resident memory of this process in MiB, where the system tells.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap_or(0) / 1024
}

fn package(number: u64) -> PackageName {
    PackageName::parse(&format!("demo/p{}", letters(number))).unwrap()
}

fn letters(number: u64) -> String {
    number.to_string().bytes().map(|digit| char::from(b'a' + digit - b'0')).collect()
}

/// The index line and the signed statement of a release.
fn release(id: &RegistryId, author: &SecretKey, name: &PackageName, version: &Version) -> (Core, String) {
    let digest = Digest::of(format!("{name} {version}").as_bytes());
    let core = format!(
        "{{\"ver\":\"{version}\",\"kind\":\"vitmod\",\"target\":\"any\",\"tree\":\"vp1-sha256:{digest}\",\"manifest\":\"sha256:{digest}\",\"files\":2,\"unpacked\":62,\"edition\":\"2025\",\"deps\":[],\"features\":{{}}}}"
    );
    let index = Digest::of(core.as_bytes());
    let payload = format!(
        "{{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{{\"name\":\"{name}@{version}\",\"digest\":{{\"sha256\":\"{digest}\"}}}}],\"predicateType\":\"https://vitte.dev/attestation/release/v1\",\"predicate\":{{\"registry\":\"{id}\",\"package\":\"{name}\",\"version\":\"{version}\",\"kind\":\"vitmod\",\"target\":\"any\",\"files\":2,\"unpacked\":62,\"tree_len\":180,\"manifest\":{{\"sha256\":\"{digest}\"}},\"index\":{{\"sha256\":\"{index}\"}}}}}}"
    );
    let envelope = Envelope::sign(dsse::RELEASE, payload.as_bytes(), &[author]).unwrap();
    (Core::parse(&core).unwrap(), String::from_utf8(envelope.as_bytes().to_vec()).unwrap())
}

/// Writes a file in its place, without waiting for the disk.
fn write(root: &Path, path: &str, bytes: &[u8]) {
    let file = root.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, bytes).unwrap();
}

/// Fills the log: all versions of a package, then the next package.
fn grow(env: &Env, root: &Path, id: &RegistryId, author: &SecretKey, leaves: u64) {
    let keys = RegistryKeys::load(&env.vitte_home().unwrap(), id).unwrap();
    let first = std::fs::read(root.join("log/tile/entries/000.p/2")).unwrap();
    let bundle = BundleId::at(0, 2).unwrap();
    let (mut log, mut pending) = (Appender::empty(), Vec::new());
    let time = {
        let known = tile::parse_bundle(bundle, &first).unwrap();
        for entry in &known {
            log.append(entry).unwrap();
            tile::print_entry(&mut pending, entry).unwrap();
        }
        Leaf::parse(known[1]).unwrap().time
    };
    let (mut number, mut indexes, mut proofs) = (0, Vec::new(), Vec::new());
    while log.size() < leaves {
        let name = package(number);
        let mut file = IndexFile::new(name.clone());
        let mut prev = None;
        for patch in 0..VERSIONS.min(leaves - log.size()) {
            let version = Version::parse(&format!("1.0.{patch}")).unwrap();
            let (core, envelope) = release(id, author, &name, &version);
            let artifact =
                Artifact { package: name.clone(), version, kind: Kind::Vitmod, target: Target::any() };
            let subject =
                Subject::Release { artifact: artifact.clone(), tree: core.tree, index: core.digest() };
            let leaf = Leaf { subject, time, prev, envelopes: vec![envelope] }.to_bytes().unwrap();
            let index = log.append(&leaf).unwrap();
            tile::print_entry(&mut pending, &leaf).unwrap();
            prev = Some(index);
            let head = core.manifest;
            file.add(IndexEntry { core, log: index, time, head, file: head, size: 1000, status: None })
                .unwrap();
            if number < CHECKED && patch == 0 {
                proofs.push((artifact, index, leaf));
            }
            if log.size() % tile::WIDTH == 0 {
                let id = BundleId::at(log.size() / tile::WIDTH - 1, log.size()).unwrap();
                write(root, &layout::bundle(id), &pending);
                pending.clear();
            }
        }
        indexes.push(file);
        number += 1;
    }
    if let Some(id) = BundleId::at(log.size() / tile::WIDTH, log.size()) {
        write(root, &layout::bundle(id), &pending);
    }
    for (id, bytes) in log.take_tiles() {
        write(root, &layout::tile(id), &bytes);
    }
    let checkpoint = Checkpoint::new(&LogKey::name_of(id), log.size(), log.root());
    keys.note_signed(SignedHead { size: log.size(), root: log.root() }).unwrap();
    let note = checkpoint.sign(&keys.log).unwrap().to_bytes();
    write(root, layout::CHECKPOINT, &note);
    write(root, layout::DERIVED, format!("{}\n", log.size()).as_bytes());
    for mut file in indexes {
        let path = layout::index(file.package());
        write(root, &path, &file.sign(log.size(), id, &keys.index).unwrap());
    }
    let directory = Directory::new(root);
    let files = vitte_package::registry::read::log_files::LogFiles::new(&directory, log.size());
    let mut tiles = LogTiles::new(&checkpoint);
    let goals: Vec<_> = proofs.iter().map(|(_, index, _)| Goal::Leaf(*index)).collect();
    files.prove(&mut tiles, &goals).unwrap();
    for (artifact, index, leaf) in proofs {
        let proof = TlogProof::new(&leaf, index, tiles.inclusion(index).unwrap(), &note);
        write(root, &layout::proof(&artifact), &proof.to_bytes());
    }
}

/// One more leaf, by the writer every publish uses: how many files it touches.
fn append(env: &Env, root: &Path) {
    let began = Instant::now();
    let before = std::time::SystemTime::now();
    let name = Namespace::parse("more").unwrap();
    let mut writer = DirectoryWriter::open(env, Directory::new(root)).unwrap();
    writer.recover(&Silent).unwrap();
    namespace::create(&mut writer, &name, &SecretKey::from_seed(&[0x44; 32]), &Silent).unwrap();
    let took = began.elapsed();
    let (mut count, mut bytes) = (0, 0);
    for entry in walk(&root.join("log")).into_iter().filter(|data| data.modified().unwrap() >= before) {
        count += 1;
        bytes += entry.len();
    }
    let directory = Directory::new(root);
    let sequencer = Sequencer::open(directory, &env.vitte_home().unwrap(), &Silent).unwrap();
    println!(
        "append of one leaf at {} leaves: {count} files of the log, {bytes} bytes, {:.3} s with every flush",
        sequencer.size(),
        took.as_secs_f64()
    );
}

fn walk(folder: &Path) -> Vec<std::fs::Metadata> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(walk(&path)),
            false => found.push(path.metadata().unwrap()),
        }
    }
    found
}

/// The client's source, counted from outside.
#[derive(Debug)]
struct Counted(Arc<HttpRegistry>);

impl RegistrySource for Counted {
    fn name(&self) -> String {
        self.0.name()
    }
    fn at(&self, error: Error, path: &str) -> Error {
        self.0.at(error, path)
    }
    fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        self.0.read(path, limit)
    }
    fn prefetch(&self, needs: &[FileNeed]) {
        self.0.prefetch(needs);
    }
    fn confirm(&self, path: &str) {
        self.0.confirm(path);
    }
    fn archive(
        &self,
        wanted: &ArchiveRequest<'_>,
        incoming: &mut Incoming<'_>,
        reporter: &dyn Reporter,
    ) -> Result<Option<ArchiveFile>, Error> {
        self.0.archive(wanted, incoming, reporter)
    }
}

/// A client that knows nothing but the trust root checks a release of each of 200 packages over loopback, then again.
fn check(env: &Env, root: &Path, leaves: u64) {
    let server = Server::bind(root, ([127, 0, 0, 1], 0).into(), BatchApi::Disabled).unwrap();
    let url = Address::parse(&format!("http://{}", server.address().unwrap())).unwrap();
    std::thread::spawn(move || server.run());
    let checked = CHECKED.min(leaves / VERSIONS);
    let names: Vec<_> = (0..checked).map(package).collect();
    for round in ["first time", "again"] {
        let began = Instant::now();
        let http = Arc::new(HttpRegistry::open(env, url.clone()).unwrap());
        let mut client = RegistryClient::from_source(env, Box::new(Counted(Arc::clone(&http)))).unwrap();
        client.prefetch_index(&names);
        let files: Vec<_> = names.iter().map(|name| client.index(name).unwrap().unwrap()).collect();
        let wanted: Vec<_> = files.iter().map(|file| (Arc::clone(file), file.entries()[0].clone())).collect();
        client.prove_ahead(&wanted);
        for file in &files {
            client.prove(file, &file.entries()[0]).unwrap();
        }
        client.commit().unwrap();
        let Traffic { requests, bytes } = http.traffic();
        println!(
            "client, {checked} packages, {round}: {requests} requests, {:.2} MiB, {:.2} s",
            bytes as f64 / 1_048_576.0,
            began.elapsed().as_secs_f64()
        );
    }
}
