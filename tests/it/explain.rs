//! `explain`: each code has its causes and an example, and the examples are what the program says.
//!
//! Every example of a shell is run as it is, in a folder prepared for it, but for the few that [`prepare`] gives a
//! reason for: their message has to stand in the table of words, those of JavaScript in the npm package.

use crate::readme::line_fits;
use crate::sandbox::Sandbox;
use std::path::{Path, PathBuf};
use vitte_package::message;
use vitte_package_core::diagnostic::{Code, CodeExplanation, Example, Language};

/// In an example it stands for what differs from run to run.
const GAP: &str = "…";
/// What all explanations may weigh together in the program.
const WEIGHT: usize = 40 * 1024;

/// Kept for registries with a server or with witnesses: nothing reports them, and their example is their own text.
const KEPT: [(Code, &str); 4] = [
    (Code::ContinuityBroken, "ContinuityBroken"),
    (Code::Stale, "Stale"),
    (Code::Quarantined, "Quarantined"),
    (Code::IdempotencyKey, "IdempotencyKey"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn texts(CodeExplanation { causes, example, .. }: &CodeExplanation) -> Vec<&'static str> {
    let Example { file, typed, printed, .. } = *example;
    let file = file.into_iter().flat_map(|file| [file.name, file.lines]);
    causes.iter().copied().chain(file).chain([typed, printed]).collect()
}

#[test]
fn every_code_has_causes_and_an_example_in_the_style_of_the_house() {
    let mut weight = 0;
    for &code in Code::ALL {
        let explanation = code.explanation();
        let Example { typed, printed, .. } = explanation.example;
        assert!((1..=4).contains(&explanation.causes.len()), "{code}");
        for cause in explanation.causes {
            assert!(cause.ends_with('.') && !cause.ends_with(".."), "{code}: {cause}");
            assert!(
                cause.starts_with(|first: char| first.is_ascii_uppercase() || first == '`'),
                "{code}: {cause}"
            );
            let words: Vec<&str> = cause.split_whitespace().collect();
            assert!((4..=30).contains(&words.len()), "{code}: {cause}");
            for foreign in ["serde", "Rust", "struct", "enum", "panic", "Option", "tokio", "TODO", "::"] {
                assert!(!cause.contains(foreign), "{code}: {foreign}");
            }
        }
        for text in texts(explanation) {
            let inner_spaces = explanation.causes.contains(&text) && text.contains("  ");
            assert!(!inner_spaces && text.lines().all(|line| line == line.trim_end()), "{code}: {text}");
            assert!(!text.is_empty() && !text.ends_with('\n'), "{code}");
            weight += text.len();
        }
        assert!(explanation.example.file.is_none_or(|file| file.lines.lines().count() <= 4), "{code}");
        assert!((1..=4).contains(&printed.lines().count()), "{code}");
        // An interruption is reported in a line of its own, without a code.
        let coded = printed.lines().next().is_some_and(|line| line.contains(&code.to_string()));
        assert!(coded || code == Code::Interrupted, "{code}: {printed}");
        assert!(
            printed.lines().next().is_some_and(|line| line.replace(GAP, "").len() > 32),
            "{code}: {printed}"
        );
        assert!(
            typed.contains("vitte package ") || explanation.example.language == Language::Javascript,
            "{code}"
        );
    }
    assert!(weight < WEIGHT, "{weight} bytes");
}

#[test]
fn a_code_is_shown_with_all_that_is_known_of_it() {
    let sandbox = Sandbox::new();
    let shown = sandbox.run("explain VP0103").ends(0);
    insta::assert_snapshot!(shown.stdout, @r#"
    VP0103 version: a version is not a semantic version

    usual causes:
      - A number is missing, as in `1.0`, or there is a `v` before it.
      - There is a letter where a digit is expected.
      - A number begins with a zero that means nothing, as in `1.02.0`.

    how to fix it:
      Write three numbers, MAJOR.MINOR.PATCH, for example `1.0.0`.

    an example:
      in vitte.toml:
        version = "1.O.0"
      $ vitte package build
      error[VP0103]: `1.O.0` is not a semantic version
      3 | version = "1.O.0"
        |           ^^^^^^^ unexpected character 'O' while parsing minor version number

    exit status:
      a command that ends with it has the exit status 3
    "#);
    let answer = sandbox.run("explain 0901 --json").ends(0).json()["result"].clone();
    let expected = Code::WasmLoad.explanation();
    assert_eq!(answer["causes"], serde_json::json!(expected.causes));
    assert_eq!(answer["example"]["language"], "javascript");
    assert_eq!(answer["example"]["typed"], expected.example.typed);
    assert_eq!(answer["example"]["file"], serde_json::Value::Null);
    let all = sandbox.run("explain --json").ends(0).json()["result"].clone();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), Code::ALL.len());
    assert!(all.iter().all(|one| one["example"]["printed"].is_string() && one["causes"][0].is_string()));
}

/// The day one of them is reported, it needs an example of that.
#[test]
fn what_is_kept_for_later_is_reported_by_nothing() {
    fn sources(folder: &Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => sources(&path, found),
                false => found.push_str(&std::fs::read_to_string(&path).unwrap_or_default()),
            }
        }
    }
    let mut all = String::new();
    for folder in ["core/src", "native/package/src", "wasm/src"] {
        sources(&root().join(folder), &mut all);
    }
    for (code, variant) in KEPT {
        let causes = code.explanation().causes;
        assert!(
            causes.iter().any(|cause| cause.starts_with("No command of this version reports it: ")),
            "{code}"
        );
        assert!(!all.contains(&format!("Code::{variant}")), "{code} is reported: give it a real example");
    }
}

/// The npm package is tested in Node; here, that the words of the examples are those of its table of faults.
#[test]
fn examples_in_javascript_speak_as_the_npm_package_does() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let (faults, messages) = (read("wasm/src/faults.rs"), read("wasm/src/message.rs"));
    let mut said: Vec<String> = Vec::new();
    // `fault("disposed", Code::Disposed, "npm.disposed")`, and `disposed() = "the English", "the French";`.
    for row in faults.split("    fault(\"").skip(1) {
        let (_, rest) = row.split_once("Code::").unwrap();
        let (variant, rest) = rest.split_once(", \"npm.").unwrap();
        let (id, _) = rest.split_once('"').unwrap();
        let code = Code::ALL.iter().find(|code| format!("{code:?}") == variant).unwrap();
        let (_, message) = messages.split_once(&format!("    {id}(")).unwrap();
        let english = message.split_once('=').unwrap().1.split('"').nth(1).unwrap();
        let mut parts = english.replace("{{", "\u{1}").replace("}}", "\u{2}");
        while let Some((before, rest)) = parts.split_once('{') {
            parts = format!("{before}{GAP}{}", rest.split_once('}').unwrap().1);
        }
        let text = parts.replace('\u{1}', "{").replace('\u{2}', "}");
        said.push(format!("VitteError: {code}: {text}"));
    }
    assert!(said.len() > 10, "{said:#?}");
    let examples = Code::ALL.iter().map(|code| (code, code.explanation().example));
    for (code, example) in examples.filter(|(_, example)| example.language == Language::Javascript) {
        assert!(
            said.iter().any(|text| line_fits(text, example.printed, GAP)),
            "{code}: {}\n{said:#?}",
            example.printed
        );
    }
}

/// Whether a line is an error whose words stand in the table of messages.
fn stands_in_the_table(code: Code, line: &str) -> bool {
    let prefix = format!("error[{code}]: ");
    let said = line.strip_prefix(&prefix).unwrap_or(line);
    message::all().flat_map(|message| message.forms).any(|form| {
        let mut parts = form.split('{');
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            text += GAP;
            text += part.split_once('}').map_or(part, |(_, rest)| rest);
        }
        text != GAP && line_fits(&text, said, GAP)
    })
}

#[cfg(target_os = "linux")]
mod run {
    use super::*;
    use crate::dependencies::publish;
    use crate::install;
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::process::Command;

    /// How an example comes to be.
    enum Prepared {
        /// It is run in the sandbox.
        Run,
        /// It is run with this port in the place of 8080.
        Served(u16),
        /// It is not, for this reason.
        NotRun(&'static str),
    }

    fn shell(sandbox: &Sandbox, script: &str) -> (i32, String) {
        let programs = Path::new(env!("CARGO_BIN_EXE_vitte")).parent().unwrap();
        let output = Command::new("sh")
            .args(["-c", script])
            .current_dir(sandbox.path())
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
            .env("LC_ALL", "C.UTF-8")
            .env("VITTE_HOME", sandbox.home())
            .env("HOME", sandbox.path().join("user"))
            .output()
            .unwrap();
        let said = [output.stderr, output.stdout].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
        (output.status.code().unwrap(), said)
    }

    #[track_caller]
    fn sh(sandbox: &Sandbox, script: &str) {
        let (exit, said) = shell(sandbox, script);
        assert_eq!(exit, 0, "{script}\n{said}");
    }

    /// Writes `vitte.toml`: a whole one, or one to which these lines were done.
    fn manifest(sandbox: &Sandbox, lines: &str) {
        let mut keys: Vec<String> = [
            "name = \"demo/app\"",
            "version = \"1.0.0\"",
            "edition = \"2025\"",
            "license = \"MIT\"",
            "description = \"A test\"",
        ]
        .map(str::to_owned)
        .into();
        let key = |line: &str| line.split(' ').next().map(str::to_owned);
        let text = if lines.starts_with("[package]\n") {
            lines.to_owned()
        } else if lines.starts_with('[') {
            format!("[package]\n{}\n\n{lines}\n", keys.join("\n"))
        } else {
            for line in lines.lines() {
                match keys.iter_mut().find(|given| key(given) == key(line)) {
                    Some(given) => *given = line.to_owned(),
                    None => keys.push(line.to_owned()),
                }
            }
            format!("[package]\n{}\n", keys.join("\n"))
        };
        sandbox.write("vitte.toml", text);
    }

    /// One of the archives made for the tests of threats, under the name of a download, and its author trusted.
    fn archive(sandbox: &Sandbox, case: &str) {
        let folder = root().join("tests/cases/archives");
        std::fs::copy(folder.join(format!("{case}.vitpkg")), sandbox.path().join("hello-1.0.0.vitpkg"))
            .unwrap();
        let cases: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.join("cases.json")).unwrap()).unwrap();
        let key = cases["keys"]["release"].as_str().unwrap();
        sandbox
            .write("release.pub", format!("-----BEGIN PUBLIC KEY-----\n{key}\n-----END PUBLIC KEY-----\n"));
        sh(sandbox, "vitte package key trust release.pub --for 'demo/*'");
    }

    /// A registry `reg` with these versions of `acme/text`.
    fn registry(sandbox: &Sandbox, versions: &[&str]) {
        for version in versions {
            publish(sandbox, "reg", "acme/text", version, "");
        }
    }

    /// A registry with one release and then, the older state kept in `older`, another.
    fn registry_with_a_past(sandbox: &Sandbox) {
        registry(sandbox, &["1.0.0"]);
        sh(sandbox, "cp -r reg older");
        registry(sandbox, &["1.1.0"]);
    }

    /// A registry whose namespace has a second key, `ci`, that may release.
    fn two_keys(sandbox: &Sandbox) {
        registry(sandbox, &["1.0.0"]);
        sh(
            sandbox,
            "vitte package key generate --name ci && vitte package key export ci --out ci.pub
             vitte package namespace rotate acme --registry reg --yes --add ci.pub --role release --key default",
        );
    }

    fn locked(sandbox: &Sandbox) {
        manifest(sandbox, "[dependencies]\n\"acme/text\" = \"1\"");
        sh(sandbox, "vitte package lock --registry reg");
    }

    /// A peer that answers every request in this way: with bytes, or never.
    fn peer(answer: Option<&'static str>) -> Prepared {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let mut open = Vec::new();
            for mut stream in listener.incoming().flatten() {
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let _ = lines.map_while(Result::ok).take_while(|line| !line.is_empty()).count();
                match answer {
                    Some(answer) => _ = stream.write_all(answer.as_bytes()),
                    None => open.push(stream),
                }
            }
        });
        Prepared::Served(port)
    }

    #[allow(clippy::too_many_lines, reason = "a line a code")]
    fn prepare(code: Code, sandbox: &Sandbox) -> Prepared {
        let sh = |script: &str| sh(sandbox, script);
        let archive = |case: &str| archive(sandbox, case);
        let registry = |versions: &[&str]| registry(sandbox, versions);
        let foreign = "mkdir packed; echo text > packed/file; ln -s file packed/latest; tar -C packed -czf hello.tar.gz file latest";
        match code {
            Code::IndexVersion => {
                return Prepared::NotRun("only the holder of an index key can sign such a file");
            }
            Code::Busy => return Prepared::NotRun("it waits for a minute"),
            Code::UploadClosed | Code::Quota => {
                return Prepared::NotRun("a server says it: see the tests of `vitte-registry`");
            }
            Code::DuplicateRelease => {
                return Prepared::NotRun(
                    "see `t13_two_contents_for_one_release_are_found_by_monitor_and_lockfile`",
                );
            }
            Code::IndexBatch => return Prepared::NotRun("clients fetch the files one by one then"),
            Code::NoSpace => {
                return Prepared::NotRun("see `on_a_disk_that_is_full_at_any_moment_nothing_is_half_done`");
            }
            Code::Interrupted => return Prepared::NotRun("see `an_interrupted_build_leaves_nothing`"),
            Code::WasmLoad | Code::WasmMime | Code::JsArgument | Code::Disposed => {
                return Prepared::NotRun("see `examples_in_javascript_speak_as_the_npm_package_does`");
            }

            Code::Truncated => {
                return peer(Some(
                    "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nshort",
                ));
            }
            Code::Transport => {
                return peer(Some("HTTP/1.1 418 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
            }
            Code::Timeout => return peer(None),
            Code::RateLimited => {
                return peer(Some(
                    "HTTP/1.1 429 x\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                ));
            }
            Code::Unavailable => {
                return peer(Some("HTTP/1.1 503 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
            }
            Code::Unauthenticated => {
                return peer(Some("HTTP/1.1 401 x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
            }

            Code::ManifestTooLarge => sh("head -c 300000 /dev/zero | tr '\\0' '#' >> vitte.toml"),
            Code::EntryType | Code::ForeignArchive => sh(foreign),
            Code::ReservedName => archive("t50-git"),
            Code::Limit => archive("t48-tree-too-long"),
            Code::TreeSyntax => archive("t48-size-negative"),
            Code::FrameSyntax => archive("t47-bomb"),
            Code::UnsupportedFormat => archive("t48-major-2"),
            Code::ArchiveLength | Code::NoKey | Code::FolderExists => archive("t00-good-any-registry"),
            Code::Secret => {
                registry(&["1.0.0"]);
                sandbox.write("src/config.vit", "let token = \"ghp_0123456789abcdefABCDEF0123456789abcd\"\n");
            }

            Code::NoProject => sh("rm vitte.toml"),
            Code::NeedsAnswer | Code::NotSupported | Code::NotFound | Code::UntrustedRegistry => {
                registry(&["1.0.0"])
            }
            Code::KeyExists => sh("vitte package key generate --name laptop"),
            Code::KeySyntax => sh("echo hello > notes.txt"),

            Code::NoSolution => {
                registry(&["1.0.0", "1.1.0"]);
                publish(sandbox, "reg", "acme/json", "1.0.0", "\"acme/text\" = \"~1.1\"\n");
            }
            Code::NoMatch | Code::TooYoung => registry(&["1.0.0", "1.1.0"]),
            Code::Yanked => {
                registry(&["1.0.0"]);
                locked(sandbox);
                sh(
                    "vitte package yank acme/text@1.0.0 --registry reg --yes --code security --reason overflow",
                );
            }
            Code::Deprecated => {
                registry(&["1.0.0"]);
                locked(sandbox);
                sh(
                    "vitte package deprecate acme/text@1.0.0 --registry reg --yes --reason 'no longer maintained' --use acme/words",
                );
            }
            Code::Cycle => {
                let two = "[package]\nname = \"acme/two\"\nversion = \"1.0.0\"\nedition = \"2025\"\n";
                sandbox.write(
                    "two/vitte.toml",
                    format!("{two}\n[dependencies]\n\"demo/app\" = {{ path = \"..\" }}\n"),
                );
            }

            Code::FrameDigest => archive("t01-flipped-content"),
            Code::TreeDigest => archive("t02-flipped-tree-digest"),
            Code::TocDigest => archive("t02-flipped-toc"),
            Code::FileDigest => archive("t01-flipped-content-table-mended"),
            Code::HeaderMismatch => archive("t44-pax"),
            Code::TrailingData => archive("t04-byte-appended"),
            Code::SubjectMismatch => archive("t07-kind-changed-in-head"),
            Code::RegistryMismatch => {
                registry(&["1.0.0"]);
                publish(sandbox, "other", "acme/text", "1.0.0", "");
                locked(sandbox);
            }
            Code::ManifestMismatch => archive("t49-signed-manifest-is-another"),
            Code::Unsigned => archive("t11-signatures-stripped"),
            Code::Signature => archive("t30-malleable-s"),
            Code::WeakKey => {
                let weak = "MCowBQYDK2VwAyEAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
                sandbox.write(
                    "weak.pub",
                    format!("-----BEGIN PUBLIC KEY-----\n{weak}\n-----END PUBLIC KEY-----\n"),
                );
            }
            Code::PayloadType => archive("t31-status-record-as-release"),
            Code::Envelope => archive("t32-nan"),
            Code::Threshold => two_keys(sandbox),
            Code::KeyNotAuthorised => archive("t11-signature-by-a-stranger"),
            Code::KeyRevoked => {
                two_keys(sandbox);
                sh("cp -r source/acme-text-1.0.0 next && sed -i s/1.0.0/1.1.0/ next/vitte.toml
                    vitte package publish --manifest next --registry reg --yes --key ci
                    id=$(vitte package key show ci --json | grep -o '\"key_id\":\"[0-9a-f]*' | cut -d'\"' -f4)
                    vitte package namespace revoke acme $id --since 4 --registry reg --yes --key default");
            }
            Code::Policy => registry(&["1.0.0"]),
            Code::NsChain => {
                registry(&["1.0.0"]);
                sh(": > reg/ns/acme.jsonl");
            }
            Code::SignerChanged => {
                registry(&["1.0.0", "1.1.0"]);
                locked(sandbox);
                sh("sed -i '/^signers = /d' vitte.lock");
            }
            Code::Leaf => {
                registry(&["1.0.0"]);
                sh("sed -i 's/\"log\":1,/\"log\":2,/' reg/ns/acme.jsonl");
            }
            Code::Note => {
                registry(&["1.0.0"]);
                sh("sed -i 's/^3$/4/' reg/log/checkpoint");
            }
            Code::Origin => {
                registry(&["1.0.0"]);
                sh("sed -i '1s/log$/gol/' reg/log/checkpoint");
            }
            Code::Inclusion => {
                registry(&["1.0.0"]);
                sh("printf X | dd of=reg/log/tile/0/000.p/3 bs=1 seek=40 conv=notrunc 2>/dev/null");
            }
            Code::Consistency => {
                registry_with_a_past(sandbox);
                sh("rm -r reg && mv older reg");
            }
            Code::SplitView => {
                registry_with_a_past(sandbox);
                sh("vitte package verify acme/text --registry reg && rm -r reg && mv older reg
                    rm home/keys/registry/*/signed.json");
                registry(&["1.2.0"]);
            }
            Code::NoProof => {
                registry(&["1.0.0"]);
                sh("cp reg/p/acme/text/1.0.0/text-1.0.0.vitmod .");
            }
            Code::Index => {
                registry_with_a_past(sandbox);
                sh("cp older/index/acme/text reg/index/acme/text");
            }
            Code::IndexSignature => {
                registry(&["1.0.0"]);
                sh("sed -i 's/\"files\":2/\"files\":3/' reg/index/acme/text");
            }
            Code::IndexRollback => {
                registry_with_a_past(sandbox);
                sh(
                    "vitte package verify acme/text --registry reg && cp older/index/acme/text reg/index/acme/text",
                );
            }
            Code::IndexLineDigest => archive("t49-signed-index-line-is-another"),
            Code::Delta => archive("t00-good"),
            Code::TrustRoot => {
                registry(&["1.0.0"]);
                sh("rm -r home/trust");
            }
            Code::TrustRootRollback => {
                registry(&["1.0.0"]);
                sh("vitte package registry rotate reg --yes && vitte package registry rotate reg --yes
                    vitte package verify acme/text --registry reg");
            }
            Code::LockMismatch => {
                registry(&["1.0.0", "1.1.0"]);
                locked(sandbox);
                sh("sed -i 's/vp1-sha256:0/vp1-sha256:1/;t;s/vp1-sha256:./vp1-sha256:0/' vitte.lock");
            }
            Code::StoreTampered => {
                registry(&["1.0.0"]);
                locked(sandbox);
                sh(
                    "vitte package install --registry reg && find home/store -name vitte.toml -exec chmod 644 {} +",
                );
            }

            Code::VersionExists => {
                registry(&["1.0.0"]);
                sh("vitte package publish --registry reg --yes && echo more >> src/lib.vit");
            }
            Code::Json => {
                registry(&["1.0.0"]);
                sh("echo '{' > reg/config.json");
            }
            Code::RegistryExists => registry(&["1.0.0"]),

            Code::Forbidden => {
                registry(&["1.0.0"]);
                sh("VITTE_HOME=$PWD/new vitte package key generate");
            }
            Code::KeyPermissions => {
                archive("t00-good-any-registry");
                sh("vitte package key generate");
            }
            Code::Passphrase => {
                archive("t00-good-any-registry");
                sh("VITTE_SIGNING_KEY_PASSWORD=horse vitte package key generate --name safe --passphrase");
            }

            Code::LockOutdated => {
                registry(&["1.0.0", "1.1.0"]);
                locked(sandbox);
            }
            Code::LockSyntax => {
                registry(&["1.0.0"]);
                locked(sandbox);
            }

            Code::StoreLayout | Code::Shim => {
                let file = install::package(sandbox, "demo/hello", "1.0.0");
                std::fs::copy(file, sandbox.path().join("hello-1.0.0.vitpkg")).unwrap();
                match code {
                    Code::Shim => _ = sandbox.write("home/bin/hello", "mine"),
                    _ => sh("vitte package install hello-1.0.0.vitpkg --user"),
                }
            }
            // The others need a project and nothing else.
            _ => {}
        }
        Prepared::Run
    }

    /// What is wrong with the example of a code, if anything is; and whether it was run.
    fn fault_of(code: Code) -> (Option<String>, bool) {
        let Example { file, typed, printed, .. } = code.explanation().example;
        let sandbox = Sandbox::new();
        sandbox.write("src/lib.vit", "// a test\n");
        sandbox.write(
            ".gitignore",
            "/home/\n/user/\n/reg/\n/older/\n/source/\n/new/\n/next/\n/*.vit???\n/*.pub\n",
        );
        manifest(&sandbox, "");
        let port = match prepare(code, &sandbox) {
            Prepared::Run => 8080,
            Prepared::Served(port) => port,
            Prepared::NotRun(why) => {
                let first = printed.lines().next().unwrap();
                let good = first.starts_with("VitteError: ") || stands_in_the_table(code, first);
                return ((!good).then(|| format!("{code}, not run ({why}): nothing says {first}")), false);
            }
        };
        if let Some(file) = file {
            assert_eq!(file.name, "vitte.toml", "{code}");
            manifest(&sandbox, file.lines);
        }
        let here = |text: &str| text.replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"));
        let (exit, said) = shell(&sandbox, &here(typed));
        let kept = KEPT.iter().any(|(kept, _)| *kept == code);
        let mut lines = said.lines().map(str::trim);
        let missing = printed
            .lines()
            .map(|expected| here(expected.trim()))
            .find(|expected| !lines.any(|line| line_fits(expected, line, GAP)));
        let right = exit == if kept { 0 } else { code.exit() as i32 };
        let fault = match missing {
            None if right => None,
            missing => Some(format!("{code}: $ {typed}\nexit {exit}\n{said}--- missing: {missing:?}\n")),
        };
        (fault, true)
    }

    /// Runs the examples of some areas.
    fn examples_are_what_is_said(areas: std::ops::RangeInclusive<u16>, at_least: usize) {
        let codes: Vec<Code> =
            Code::ALL.iter().copied().filter(|code| areas.contains(&(code.number() / 100))).collect();
        let judged: Vec<_> = std::thread::scope(|scope| {
            let halves: Vec<_> = codes
                .chunks(codes.len().div_ceil(2))
                .map(|codes| scope.spawn(|| codes.iter().map(|code| fault_of(*code)).collect::<Vec<_>>()))
                .collect();
            halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
        });
        let faults: Vec<&str> = judged.iter().filter_map(|(fault, _)| fault.as_deref()).collect();
        assert!(faults.is_empty(), "{} of {}\n{}", faults.len(), judged.len(), faults.join("\n"));
        let run = judged.iter().filter(|(_, run)| *run).count();
        assert!(run >= at_least, "{run} were run");
    }

    #[test]
    fn examples_about_manifests_archives_and_usage_are_what_is_said() {
        examples_are_what_is_said(1..=3, 41);
    }

    #[test]
    fn examples_about_verification_are_what_is_said() {
        examples_are_what_is_said(5..=5, 39);
    }

    #[test]
    fn examples_about_dependencies_registries_and_disks_are_what_is_said() {
        examples_are_what_is_said(4..=4, 5);
        examples_are_what_is_said(6..=10, 24);
    }
}
