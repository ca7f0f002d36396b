//! The README's transcripts are run as they stand, in an empty folder: by one shell, and by another one where a block
//! says `new-terminal`.
//!
//! `$ command` is what is typed; what follows is what it prints, on both streams. `[..]` stands for some characters,
//! a line `[...]` for some lines. `127.0.0.1:7878` is an address that is free.

use crate::language::english_lines;
use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../../README.md");
/// Where the transcripts have a server.
const ADDRESS: &str = "127.0.0.1:7878";
/// Between the outputs of two commands.
const MARK: char = '\u{1e}';

/// What is typed, and what must be printed.
struct Typed {
    command: String,
    expected: Vec<String>,
}

/// Every command of the blocks ```` ```console ````, terminal by terminal.
fn transcript() -> Vec<Vec<Typed>> {
    let mut terminals: Vec<Vec<Typed>> = vec![Vec::new()];
    for block in README.split("```console").skip(1).filter_map(|rest| rest.split("```").next()) {
        let (kind, block) = block.split_once('\n').expect("a line of its own");
        match kind.trim() {
            "" => {}
            "new-terminal" => terminals.push(Vec::new()),
            other => panic!("```console {other}"),
        }
        let typed = terminals.last_mut().expect("one at least");
        for line in block.lines() {
            match (line.strip_prefix("$ "), typed.last_mut()) {
                (Some(command), _) => {
                    typed.push(Typed { command: command.to_owned(), expected: Vec::new() });
                }
                (None, Some(last)) => last.expected.push(line.to_owned()),
                (None, None) => panic!("output before the first command: {line}"),
            }
        }
    }
    terminals
}

/// Whether a line is the expected one, in which `gap` stands for some characters.
pub(crate) fn line_fits(expected: &str, line: &str, gap: &str) -> bool {
    let Some((before, after)) = expected.split_once(gap) else { return expected == line };
    let Some(rest) = line.strip_prefix(before) else { return false };
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| line_fits(after, &rest[at..], gap))
}

fn fits(expected: &[String], lines: &[&str]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((first, more)) if first == "[...]" => {
            (0..=lines.len()).any(|skipped| fits(more, &lines[skipped..]))
        }
        Some((first, more)) => {
            lines.split_first().is_some_and(|(line, rest)| line_fits(first, line, "[..]") && fits(more, rest))
        }
    }
}

/// Where the programs are found: the client's and the server's.
fn path() -> String {
    let client = Path::new(env!("CARGO_BIN_EXE_vitte")).parent().expect("a folder of programs");
    let server = crate::programs::server().parent().expect("a folder of programs");
    format!("{}:{}:{}", client.display(), server.display(), std::env::var("PATH").unwrap_or_default())
}

#[test]
fn every_transcript_is_what_happens() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = path();
    let terminals = transcript();
    assert!(terminals.len() > 1 && terminals[0].len() > 10, "the transcripts are found");
    for typed in &terminals {
        for (typed, Printed { text, .. }) in typed.iter().zip(run(typed, folder.path(), &path, "en")) {
            let lines: Vec<&str> = text.lines().collect();
            assert!(
                fits(&typed.expected, &lines),
                "$ {}\n{text}\n--- expected\n{}",
                typed.command,
                typed.expected.join("\n")
            );
        }
    }
}

#[test]
fn every_transcript_goes_the_same_way_in_french() {
    let path = path();
    let folders = [tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder")];
    let mut translated = 0;
    for typed in &transcript() {
        let english = run(typed, folders[0].path(), &path, "en");
        let french = run(typed, folders[1].path(), &path, "fr");
        for ((typed, english), french) in typed.iter().zip(english).zip(french) {
            let command = &typed.command;
            assert_eq!(french.status, english.status, "$ {command}\n{}", french.text);
            let left = english_lines(&french.text);
            assert!(left.is_empty(), "$ {command}\n{}\nin English: {left:#?}", french.text);
            translated += usize::from(french.text.contains(['é', '\u{202f}']));
        }
    }
    assert!(translated > 10, "{translated} commands answer in French");
}

/// What a command printed, on both streams, and its exit status.
struct Printed {
    text: String,
    status: String,
}

/// What is typed into one terminal, by one shell: what each command printed.
fn run(typed: &[Typed], folder: &Path, path: &str, language: &str) -> Vec<Printed> {
    // The mark keeps the status of the command before it, so that `echo $?` shows that one's.
    let mark = format!("{{ status=$?; printf '{MARK}%s{MARK}' $status; (exit $status); }}");
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let free = free.expect("an address").to_string();
    let script: Vec<String> =
        typed.iter().map(|typed| format!("{}\n{mark}\n", typed.command.replace(ADDRESS, &free))).collect();
    let out = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{}", script.concat())])
        .current_dir(folder)
        .env_remove("CI")
        .env_remove("VITTE_REGISTRY")
        .env("LC_ALL", "C.UTF-8")
        .env("VITTE_LANG", language)
        .env("PATH", path)
        .env("HOME", folder)
        .env("VITTE_HOME", folder.join("home"))
        .output()
        .expect("a shell");
    let printed = String::from_utf8(out.stdout).expect("text").replace(&free, ADDRESS);
    let parts: Vec<&str> = printed.split(MARK).collect();
    assert_eq!(parts.len(), 2 * typed.len() + 1, "{printed}");
    let pairs = parts.chunks_exact(2);
    pairs.map(|pair| Printed { text: pair[0].to_owned(), status: pair[1].to_owned() }).collect()
}

#[test]
fn the_two_commands_are_there() {
    for script in ["scripts/demo.sh", "scripts/test.sh"] {
        assert!(README.contains(&format!("./{script} ")), "{script}");
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(script).is_file(), "{script}");
    }
}

/// What the README says is needed is what the scripts ask for.
#[test]
fn the_versions_it_names_are_those_that_the_scripts_want() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let (manifest, script) = (read("Cargo.toml"), read("scripts/install-tools.sh"));
    let rust = manifest.split("rust-version = \"").nth(1).unwrap().split('"').next().unwrap();
    let node = "20.19, 22.12 or newer";
    let major = script.split("node_version=").nth(1).unwrap().split('.').next().unwrap();
    let text = README.split_whitespace().collect::<Vec<_>>().join(" ");
    for said in [format!("is {rust} or newer"), format!("it is {node}"), format!("Node.js {major} from npm")]
    {
        assert!(text.contains(&said), "{said}");
    }
    assert!(script.contains(&format!("{node} is needed")), "the script names the same");
    for package in ["cargo-web", "rustc-web"] {
        assert!(text.contains(package) && script.contains(package), "{package}");
    }
}
