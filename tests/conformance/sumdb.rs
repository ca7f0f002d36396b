//! Go's `golang.org/x/mod/sumdb` as an independent judge of notes, trees, proofs and tiles.
//!
//! Needs the Debian packages `golang-go` and `golang-golang-x-mod-dev`; where they are not there the tests say so
//! and do nothing.

use crate::growing_log::{Log, leaf, logs};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use vitte_package_core::log::checkpoint::Checkpoint;
use vitte_package_core::log::merkle;
use vitte_package_core::log::note::{LogKey, Note};
use vitte_package_core::log::proof::Goal;
use vitte_package_core::log::tile::TileId;
use vitte_package_core::sign::SecretKey;

/// The judge, compiled once; none where there is no Go.
fn judge(name: &str) -> Option<PathBuf> {
    let library = Path::new("/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog/tlog.go");
    let go = ["/usr/bin/go", "/usr/local/go/bin/go"].into_iter().find(|go| Path::new(go).exists());
    let (Some(go), true) = (go, library.exists()) else {
        crate::sandbox::skipped("golang-go and golang-golang-x-mod-dev are not installed");
        return None;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sumdb");
    std::fs::create_dir_all(&folder).unwrap();
    // Tests run at once: each compiles into a place of its own, from one cache.
    let program = folder.join(format!("judge-{name}-{}", std::process::id()));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/sumdb.go");
    let output = Command::new(go)
        .args(["build", "-o"])
        .arg(&program)
        .arg(source)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", &folder)
        .env("GOCACHE", folder.join("cache"))
        .env("GOPATH", "/usr/share/gocode")
        .env("GO111MODULE", "off")
        .env("GOPROXY", "off")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(program)
}

fn ask(judge: &Path, questions: &[Value]) -> Vec<Value> {
    let mut child = Command::new(judge)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let text: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers = std::str::from_utf8(&output.stdout).unwrap();
    answers.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn hashes(value: &Value) -> Vec<Vec<u8>> {
    let texts = value.as_array().map(Vec::as_slice).unwrap_or_default();
    texts.iter().map(|text| BASE64.decode(text.as_str().unwrap()).unwrap()).collect()
}

fn plain(digests: &[vitte_package_core::digest::Digest]) -> Vec<Vec<u8>> {
    digests.iter().map(|digest| digest.as_bytes().to_vec()).collect()
}

#[test]
fn go_computes_the_same_trees_proofs_and_tiles() {
    let Some(judge) = judge("trees") else { return };
    let mut cases =
        vec![(7, vec![1, 2, 3, 255, 256, 257, 511, 512, 513, 5000], vec![0, 1, 255, 256, 257, 4999])];
    let mut runner = TestRunner::new(Config::default());
    for _ in 0..24 {
        cases.push(logs().new_tree(&mut runner).unwrap().current());
    }
    let mut questions = Vec::new();
    for (seed, sizes, places) in &cases {
        let pairs = |least: u64| -> Vec<[u64; 2]> {
            let all = sizes.iter().flat_map(|size| places.iter().map(move |place| [*size, place % size]));
            all.filter(|[_, place]| *place >= least).collect()
        };
        let largest = *sizes.last().unwrap();
        let tiles = TileId::right_edge(largest)
            .into_iter()
            .chain((0..largest / 256).filter_map(|index| TileId::at(0, index, largest)));
        let tiles: Vec<[u64; 4]> =
            tiles.map(|id| [u64::from(id.level()), id.index(), u64::from(id.width()), 0]).collect();
        questions.push(json!({
            "Seed": seed, "Sizes": sizes, "Leaves": pairs(0), "Olds": pairs(1), "Tiles": tiles,
        }));
    }
    let answers = ask(&judge, &questions);
    assert_eq!(answers.len(), questions.len());
    let mut compared = 0;
    for ((seed, sizes, _), (question, answer)) in cases.iter().zip(questions.iter().zip(&answers)) {
        let log = Log::grow(*seed, sizes);
        for (size, root) in sizes.iter().zip(hashes(&answer["Roots"])) {
            assert_eq!(log.checkpoints[size].root().as_bytes().to_vec(), root, "root of {size} leaves");
        }
        let pairs = |name: &str| -> Vec<[u64; 2]> { serde_json::from_value(question[name].clone()).unwrap() };
        for ([size, index], proof) in pairs("Leaves").into_iter().zip(answer["Leaves"].as_array().unwrap()) {
            let view = log.view(size, &[Goal::Leaf(index)]);
            view.check_leaf(index, &leaf(*seed, index)).unwrap();
            let ours = view.inclusion(index).unwrap();
            assert_eq!(plain(&ours), hashes(proof), "leaf {index} of {size}");
            let (root, hash) = (log.checkpoints[&size].root(), merkle::leaf_hash(&leaf(*seed, index)));
            merkle::verify_inclusion(&hash, index, size, &ours, root).unwrap();
            compared += 1;
        }
        let olds = answer["Olds"].as_array().map(Vec::as_slice).unwrap_or_default();
        for ([size, old], proof) in pairs("Olds").into_iter().zip(olds) {
            let ours = log.view(size, &[Goal::Prefix(old)]).consistency(old).unwrap();
            assert_eq!(plain(&ours), hashes(proof), "{old} of {size}");
            compared += 1;
        }
        let largest = *sizes.last().unwrap();
        let tiles: Vec<[u64; 4]> = serde_json::from_value(question["Tiles"].clone()).unwrap();
        for ([level, index, width, _], bytes) in tiles.into_iter().zip(hashes(&answer["Tiles"])) {
            let id = TileId::at(u8::try_from(level).unwrap(), index, largest).unwrap();
            assert_eq!(u64::from(id.width()), width);
            assert_eq!(log.tiles[&(largest, id)], bytes, "tile {}", id.path());
            compared += 1;
        }
    }
    assert!(compared > 400, "{compared}");
    std::fs::remove_file(judge).unwrap();
}

#[test]
fn go_opens_our_notes_and_we_open_its() {
    let Some(judge) = judge("notes") else { return };
    let secret = SecretKey::from_seed(&[0x33; 32]);
    let key = LogKey::new("go.example/log", secret.public()).unwrap();
    let vkey = key.to_string();
    let root = merkle::leaf_hash(b"x");
    let note = Checkpoint::new("go.example/log", 1, root).sign(&secret).unwrap();
    let good = String::from_utf8(note.to_bytes()).unwrap();
    // The encoded private key: algorithm 1, then the seed.
    let hash = vkey.split('+').nth(1).unwrap();
    let skey =
        format!("PRIVATE+KEY+go.example/log+{hash}+{}", BASE64.encode([&[1u8][..], &[0x33; 32]].concat()));
    let text = "go.example/log\n9\nsome text\n";
    let sign = good.find("\u{2014}").unwrap();
    let mut refuse = vec![
        good.replacen("\n1\n", "\n2\n", 1),
        good.trim_end().to_owned(),
        good.replace('\u{2014}', "-"),
        good[..sign].to_owned(),
        good.replacen("\n\n", "\n", 1),
        good.replacen("\n1\n", "\r\n1\n", 1),
        good.replacen("\n1\n", "\n1\u{0}\n", 1),
        format!("{good}\n"),
    ];
    refuse.push(good[sign..].to_owned());
    for bad in &refuse {
        let ours =
            Note::parse(bad.as_bytes(), 65_536).and_then(|note| note.verify(&[key.note_key()]).map(|_| ()));
        assert!(ours.is_err(), "{bad:?}");
    }
    let question = json!({"Vkey": vkey, "Note": good, "Skey": skey, "Text": text, "Refuse": refuse});
    let answer = ask(&judge, &[question]).remove(0);
    assert_eq!(answer["Opened"], note.text());
    assert_eq!(answer["Opens"], Value::Null, "Go opens what we refuse: {:?}", refuse);
    let signed = answer["Signed"].as_str().unwrap();
    let opened = Note::parse(signed.as_bytes(), 65_536).unwrap();
    assert_eq!(opened.verify(&[key.note_key()]).unwrap().len(), 1);
    assert_eq!(opened.text(), text);
    // Ed25519 leaves no choice: both write the same bytes.
    let ours = Note::sign(text.to_owned(), "go.example/log", &secret).unwrap();
    assert_eq!(ours.to_bytes(), signed.as_bytes());
    std::fs::remove_file(judge).unwrap();
}
