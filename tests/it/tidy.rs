//! The house rules that a machine can judge: who depends on whom, what core may reach, one generation of what hashes
//! and signs, how large a file grows, what it is called, who prints, and under which licence it is.
//!
//! Each rule gathers every fault before it fails, and names the place to fix.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Arrows between the crates of the workspace, for what is shipped. There is no other arrow.
const ARROWS: &[(&str, &str)] = &[
    ("vitte-package", "vitte-package-codec"),
    ("vitte-package", "vitte-package-core"),
    ("vitte-package-codec", "vitte-package-core"),
    ("vitte-package-wasm", "vitte-package-core"),
    ("vitte-registry", "vitte-package-codec"),
    ("vitte-registry", "vitte-package-core"),
];

/// Crates that open files or sockets, read clocks or the environment, start threads or draw random numbers: none may
/// be reached from core, however deep.
const IMPURE: &[&str] = &[
    "async-std",
    "chrono",
    "clap",
    "console",
    "crossbeam-channel",
    "dirs",
    "errno",
    "etcetera",
    "filetime",
    "fs4",
    "getrandom",
    "home",
    "hyper",
    "ignore",
    "indicatif",
    "jiff",
    "libc",
    "libsqlite3-sys",
    "linux-raw-sys",
    "memmap2",
    "mio",
    "native-tls",
    "num_cpus",
    "object_store",
    "openssl",
    "openssl-sys",
    "parking_lot",
    "polling",
    "rand",
    "rand_core",
    "rayon",
    "reqwest",
    "ring",
    "rusqlite",
    "rustix",
    "rustls",
    "signal-hook",
    "smol",
    "socket2",
    "tempfile",
    "time",
    "tokio",
    "ureq",
    "uuid",
    "walkdir",
    "wasm-bindgen",
    "web-time",
    "windows-sys",
    "zstd",
    "zstd-safe",
    "zstd-sys",
];

/// The edges at which the walk under core stops. `tar` brings functions that touch files, which core's `clippy.toml`
/// bans by name; `cpufeatures` asks `libc` which instructions an ARM processor has.
const KNOWN_EDGES: &[(&str, &str)] = &[("tar", "filetime"), ("tar", "libc"), ("cpufeatures", "libc")];

/// What the command line must never link: it belongs to the server.
const SERVER_ONLY: &[&str] = &[
    "axum",
    "hyper",
    "libsqlite3-sys",
    "object_store",
    "reqwest",
    "rusqlite",
    "tokio",
    "tokio-postgres",
    "vitte-registry",
];

const ONE_GENERATION: &[&str] = &["base64", "digest", "ed25519-dalek", "serde", "serde_core", "sha2"];

/// Crates in the tree of the command line, itself included: aimed at, and refused above.
const CLI_TREE_AIM: usize = 170;
const CLI_TREE_LIMIT: usize = 185;

const LINES_LIMIT: usize = 800;
const SOURCE_EXTENSIONS: &[&str] = &["css", "go", "html", "js", "mjs", "py", "rs", "sh", "sql", "ts"];
/// Folders that hold no source of ours: what tools and the demo make, and data that tests read.
const NOT_SOURCE: &[&str] = &[
    "target",
    "node_modules",
    "dist",
    "pkg",
    "vitte-demo",
    "cases",
    "vectors",
    "corpus",
    "artifacts",
    "snapshots",
];
/// What begins so is written by the build of the browser's modules, next to the npm package's own files.
const GENERATED: &str = "vitte_";
const NAMELESS: &[&str] = &["common", "helper", "helpers", "misc", "util", "utils"];

/// The files that may write to the standard streams: the `Ui`, and the dispatcher, which is a program by itself.
const MAY_PRINT: &[&str] = &["native/package/src/bin/vitte-package/ui.rs", "native/package/src/bin/vitte.rs"];

#[test]
fn workspace_crates_depend_only_along_the_known_arrows() {
    let metadata = metadata();
    let members: BTreeSet<&str> = members(&metadata).map(|package| text(package, "name")).collect();
    let mut faults = Vec::new();
    for package in self::members(&metadata) {
        for dependency in list(package, "dependencies") {
            let arrow = (text(package, "name"), text(dependency, "name"));
            let shipped = dependency["kind"].as_str() != Some("dev");
            if shipped && members.contains(arrow.1) && !ARROWS.contains(&arrow) {
                faults.push(format!("{} -> {}", arrow.0, arrow.1));
            }
        }
    }
    assert!(members.contains("vitte-package-core"), "the workspace has lost its core: {members:?}");
    refuse("arrows that ARCHITECTURE.md does not have", &faults);
}

#[test]
fn core_reaches_no_crate_that_does_input_or_output() {
    let graph = Graph::of("vitte-package-core");
    let reached = graph.reached_from("vitte-package-core", KNOWN_EDGES);
    assert!(reached.contains_key("ed25519-dalek"), "the walk under core found too little: {reached:?}");
    let faults: Vec<String> = reached
        .iter()
        .filter(|(name, _)| IMPURE.contains(&name.as_str()))
        .map(|(_, way)| way.join(" -> "))
        .collect();
    refuse("impure crates under core", &faults);
    for (from, to) in KNOWN_EDGES {
        assert!(graph.has_edge(from, to), "the exception {from} -> {to} is no longer needed: remove it");
    }
}

#[test]
fn the_command_line_stays_lean() {
    let reached = Graph::of("vitte-package").reached_from("vitte-package", &[]);
    let faults: Vec<String> = reached
        .iter()
        .filter(|(name, _)| SERVER_ONLY.contains(&name.as_str()))
        .map(|(_, way)| way.join(" -> "))
        .collect();
    refuse("crates of the server in the command line", &faults);

    // The tree as it is built on this system, as `cargo tree` counts it.
    let tree = cargo(&[
        "tree",
        "--locked",
        "-p",
        "vitte-package",
        "-e",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    let crates: BTreeSet<&str> = tree.lines().map(|line| line.split(" (").next().unwrap_or(line)).collect();
    println!("the command line's tree: {} crates (aim {CLI_TREE_AIM}, limit {CLI_TREE_LIMIT})", crates.len());
    assert!(crates.len() > 20, "cargo tree said too little:\n{tree}");
    assert!(
        crates.len() <= CLI_TREE_LIMIT,
        "{} crates in the command line's tree, at most {CLI_TREE_LIMIT}",
        crates.len()
    );
}

/// In what is shipped, on any system: a judge that only tests link may come with its own.
#[test]
fn one_generation_of_what_hashes_signs_and_encodes() {
    let tree = cargo(&[
        "tree",
        "--locked",
        "--workspace",
        "-e",
        "normal,build",
        "--target",
        "all",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]);
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in tree.lines() {
        let mut words = line.split(' ');
        if let (Some(name), Some(version)) = (words.next(), words.next()) {
            versions.entry(name).or_default().insert(version);
        }
    }
    let mut faults = Vec::new();
    for name in ONE_GENERATION {
        match versions.get(name) {
            Some(found) if found.len() == 1 => {}
            Some(found) => faults.push(format!("{name}: {found:?}")),
            None => faults.push(format!("{name} is not in the graph: fix the rule")),
        }
    }
    refuse("more than one generation", &faults);
}

#[test]
fn files_are_small_and_their_names_say_what_they_hold() {
    let files = sources();
    assert!(files.len() > 30, "the walk found only {} source files", files.len());
    let mut faults = Vec::new();
    for file in &files {
        let lines = read(file).lines().count();
        if lines > LINES_LIMIT {
            faults.push(format!("{}: {lines} lines, at most {LINES_LIMIT}", shown(file)));
        }
        let relative = file.strip_prefix(root()).unwrap_or(file);
        for part in relative.iter().map(|part| Path::new(part).file_stem().unwrap_or(part)) {
            if NAMELESS.iter().any(|nameless| part.eq_ignore_ascii_case(nameless)) {
                faults.push(format!("{}: {} says nothing", shown(file), part.display()));
            }
        }
    }
    refuse("files too long, or without a telling name", &faults);
}

#[test]
fn only_the_ui_prints() {
    let mut faults = Vec::new();
    for file in sources() {
        let shown = shown(&file);
        let ours = ["core/src/", "wasm/src/", "native/"].iter().any(|folder| shown.starts_with(folder))
            && shown.contains("/src/")
            && shown.ends_with(".rs");
        if ours && !MAY_PRINT.contains(&shown.as_str()) {
            faults.extend(printing(&read(&file)).map(|(line, what)| format!("{shown}:{line}: {what}")));
        }
    }
    refuse("prints outside the Ui", &faults);
}

#[test]
fn the_rule_about_printing_sees_what_it_must() {
    let source = "/// println!(\"in a doc\")\nlet x = 1; // eprintln!()\n    eprintln!(\"{x}\");\n#[allow(clippy::print_stdout)]\n";
    let found: Vec<(usize, &str)> = printing(source).collect();
    assert_eq!(found, [(3, "eprintln!"), (4, "clippy::print_stdout")]);
}

#[test]
fn every_manifest_names_the_licence() {
    let mut faults = Vec::new();
    let manifests = walk(&|name| name == "Cargo.toml" || name == "package.json");
    for file in &manifests {
        let licence = match file.extension().and_then(|extension| extension.to_str()) {
            Some("json") => serde_json::from_str::<Value>(&read(file))
                .ok()
                .and_then(|json| json["license"].as_str().map(str::to_owned)),
            _ => toml::from_str::<toml::Table>(&read(file)).ok().and_then(|table| licence_of_crate(&table)),
        };
        if licence.as_deref() != Some("MIT") {
            faults.push(format!("{}: license is {licence:?}", shown(file)));
        }
    }
    assert!(manifests.len() >= 4, "the walk found only {manifests:?}");
    refuse("manifests that do not say license = \"MIT\"", &faults);
}

/// The SPDX expression of a crate's or the workspace's manifest; an inherited one is the workspace's, judged there.
fn licence_of_crate(table: &toml::Table) -> Option<String> {
    let package = match table.get("package") {
        Some(package) => package,
        None => table.get("workspace")?.get("package")?,
    };
    match package.get("license")? {
        toml::Value::Table(inherited) if inherited.get("workspace")?.as_bool()? => Some("MIT".to_owned()),
        licence => licence.as_str().map(str::to_owned),
    }
}

/// The lines of Rust source that print, or that allow it, outside comments.
fn printing(source: &str) -> impl Iterator<Item = (usize, &'static str)> {
    const SIGNS: [&str; 7] = [
        "eprintln!",
        "println!",
        "eprint!",
        "print!",
        "dbg!",
        "clippy::print_stdout",
        "clippy::print_stderr",
    ];
    source.lines().enumerate().filter_map(|(index, line)| {
        let code = line.split("//").next().unwrap_or(line);
        let starts_a_word =
            |at: usize| !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
        let sign =
            SIGNS.into_iter().find(|sign| code.match_indices(sign).any(|(at, _)| starts_a_word(at)))?;
        Some((index + 1, sign))
    })
}

/// The crates that one package is built of, on every system, with that package's own choice of features.
///
/// `cargo tree` says it; `cargo metadata` adds up the features of the whole workspace, tests included.
struct Graph {
    edges: BTreeMap<String, BTreeSet<String>>,
}

impl Graph {
    fn of(package: &str) -> Self {
        let tree = cargo(&[
            "tree", "--locked", "-p", package, "-e", "normal", "--target", "all", "--prefix", "depth",
            "--format", " {p}",
        ]);
        let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut above: Vec<String> = Vec::new();
        for line in tree.lines() {
            let mut words = line.split_whitespace();
            let depth =
                words.next().and_then(|depth| depth.parse().ok()).expect("each line begins with its depth");
            let name = words.next().expect("each line names a crate").to_owned();
            above.truncate(depth);
            if let Some(parent) = above.last() {
                edges.entry(parent.clone()).or_default().insert(name.clone());
            }
            above.push(name);
        }
        Self { edges }
    }

    fn has_edge(&self, from: &str, to: &str) -> bool {
        self.edges.get(from).is_some_and(|edges| edges.contains(to))
    }

    /// Each crate reached from `start` with the shortest way to it, without passing an edge of `closed`.
    fn reached_from(&self, start: &str, closed: &[(&str, &str)]) -> BTreeMap<String, Vec<String>> {
        let mut ways = BTreeMap::from([(start.to_owned(), vec![start.to_owned()])]);
        let mut queue = std::collections::VecDeque::from([start.to_owned()]);
        while let Some(from) = queue.pop_front() {
            for to in self.edges.get(&from).into_iter().flatten() {
                if !closed.contains(&(from.as_str(), to.as_str())) && !ways.contains_key(to) {
                    let mut way = ways[&from].clone();
                    way.push(to.clone());
                    ways.insert(to.clone(), way);
                    queue.push_back(to.clone());
                }
            }
        }
        ways
    }
}

/// What cargo says of the workspace and of everything it resolves to, on every system.
fn metadata() -> Value {
    let printed = cargo(&["metadata", "--format-version", "1", "--locked"]);
    serde_json::from_str(&printed).expect("cargo metadata prints JSON")
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo).args(arguments).current_dir(root()).output().expect("cargo can be run");
    assert!(output.status.success(), "cargo {arguments:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

fn members(metadata: &Value) -> impl Iterator<Item = &Value> {
    let members: BTreeSet<&str> = list(metadata, "workspace_members").filter_map(Value::as_str).collect();
    list(metadata, "packages").filter(move |package| members.contains(text(package, "id")))
}

fn list<'v>(value: &'v Value, key: &str) -> std::slice::Iter<'v, Value> {
    value[key].as_array().unwrap_or_else(|| panic!("cargo metadata has no list {key}")).iter()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("cargo metadata has no text {key}"))
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .expect("native/package lies two below the root")
        .to_owned()
}

fn sources() -> Vec<PathBuf> {
    walk(&|name| name.rsplit_once('.').is_some_and(|(_, extension)| SOURCE_EXTENSIONS.contains(&extension)))
}

/// The project's own files of a wanted name, in a stable order.
pub fn walk(wanted: &dyn Fn(&str) -> bool) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder of the project can be listed").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().expect("the kind of a file can be read");
            if kind.is_dir() && !name.starts_with('.') && !NOT_SOURCE.contains(&name.as_str()) {
                folders.push(entry.path());
            } else if kind.is_file() && wanted(&name) && !name.starts_with(GENERATED) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

pub fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|fault| panic!("{}: {fault}", file.display()))
}

pub fn shown(file: &Path) -> String {
    file.strip_prefix(root()).unwrap_or(file).to_string_lossy().replace('\\', "/")
}

pub fn refuse(what: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{what}:\n  {}", faults.join("\n  "));
}

/// A file system that has just removed files is slow to make new ones: benchmarks put them away, and remove them at the end.
#[test]
fn benchmarks_remove_nothing_while_they_measure() {
    let mut seen = 0;
    for file in std::fs::read_dir(root().join("scripts/bench")).unwrap() {
        let path = file.unwrap().path();
        if !path.extension().is_some_and(|end| ["py", "mjs", "sh"].iter().any(|one| end == *one)) {
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let removals =
            ["rmtree", "os.remove", "os.unlink", ".unlink(", "os.rmdir", "rm -rf", "rmSync", "unlinkSync"];
        let found = removals.iter().map(|removal| source.matches(removal).count()).sum::<usize>();
        let allowed = usize::from(path.ends_with("pairs.py")); // `empty_trash`
        assert_eq!(found, allowed, "{}: use put_away", path.display());
        seen += 1;
    }
    assert!(seen > 5, "{seen}");
}

/// A run that nothing is asserted of tests nothing. The compiler finds those, where each function that gives one says so.
#[test]
fn runs_that_tests_start_must_be_used() {
    let mut faults = Vec::new();
    for folder in ["tests/it", "tests/server", "tests/conformance"] {
        for file in std::fs::read_dir(root().join(folder)).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|end| end == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                faults
                    .extend(unmarked_runs(&source).iter().map(|name| format!("{}: {name}", path.display())));
            }
        }
    }
    assert!(faults.is_empty(), "without #[must_use]:\n{}", faults.join("\n"));
    let source = "fn a() -> Ran {\n    x.ends(0)\n}\n#[must_use]\nfn b(\n    x: u8,\n) -> Ran {\n    y\n}\nfn c() -> Ran {\n    y\n}\n";
    assert_eq!(unmarked_runs(source), ["c"]);
}

/// The functions that give a `Ran` of which they have asserted nothing, and are not marked.
fn unmarked_runs(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find("-> Ran {") {
        let (head, body) = rest.split_at(at);
        rest = &body["-> Ran {".len()..];
        let Some(start) = head.rfind("fn ") else { continue };
        let name: String =
            head[start + 3..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let attributes = head[..start].rsplit("\n\n").next().unwrap_or_default();
        let end = body.find("\n}\n").into_iter().chain(body.find("\n    }\n")).min().unwrap_or(body.len());
        let asserts = [".ends(", "assert"].iter().any(|sign| body[..end].contains(sign));
        if !asserts && !attributes.contains("#[must_use") && !name.is_empty() {
            found.push(name);
        }
    }
    found
}
