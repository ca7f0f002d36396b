//! A lockfile is never replaced by a guess: one that cannot be read is refused and left as it is, and an unfinished merge
//! keeps what both sides agree on.

use crate::dependencies::{on_app, project, publish, read};
use crate::sandbox::Sandbox;

/// Two packages locked to their first versions, of which newer ones are published.
fn locked() -> (Sandbox, String) {
    let sandbox = Sandbox::new();
    for name in ["acme/json", "acme/text"] {
        publish(&sandbox, "reg", name, "1.0.0", "");
    }
    project(&sandbox, "\"acme/json\" = \"1\"\n\"acme/text\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    for version in ["1.1.0", "1.2.0"] {
        publish(&sandbox, "reg", "acme/text", version, "");
    }
    publish(&sandbox, "reg", "acme/json", "1.1.0", "");
    let lockfile = read(&sandbox, "app/vitte.lock");
    (sandbox, lockfile)
}

fn versions(lockfile: &str) -> Vec<&str> {
    let lines: Vec<&str> = lockfile.lines().collect();
    let acme = lines.windows(2).filter(|pair| pair[0].starts_with("name = \"acme/"));
    acme.filter_map(|pair| pair[1].split('"').nth(1)).collect()
}

#[test]
fn a_lockfile_that_cannot_be_read_is_refused_and_left_as_it_is() {
    let (sandbox, good) = locked();
    let changed = |from: &str, to: &str| good.replacen(from, to, 1).into_bytes();
    let cases: [(&str, Vec<u8>, &str); 10] = [
        ("another version", changed("version = 1\n", "version = 2\n"), "format version 2"),
        ("an unknown key", changed("kind = ", "size = 4\nkind = "), "`size`"),
        ("a comment", changed("[[package]]\n", "# mine\n[[package]]\n"), "not valid in a lockfile"),
        ("a comment at the end", [good.as_bytes(), b"# mine\n"].concat(), "not valid in a lockfile"),
        ("a value", changed("log-index = ", "log-index = x"), "log-index"),
        ("JSON", br#"{"lockfileVersion": 1, "packages": {}}"#.to_vec(), "JSON document"),
        ("JSON with a mark", "\u{feff}{ }".into(), "JSON document"),
        ("nothing", Vec::new(), "the lockfile is empty"),
        ("something else", b"requests==2.0\n".to_vec(), "does not begin"),
        ("bytes", b"\xff\xfe\x00".to_vec(), "not UTF-8 text"),
    ];
    for (what, content, expected) in cases {
        sandbox.write("app/vitte.lock", &content);
        let manifest = read(&sandbox, "app/vitte.toml");
        let commands =
            ["lock", "update", "update acme/text", "install", "add acme/text@1.1", "remove acme/json"];
        for command in commands.into_iter().chain(["tree", "vendor", "fetch", "install --locked"]) {
            let registry = if command == "tree" { "" } else { " --registry reg" };
            let ran = on_app(&sandbox, &format!("{command}{registry}")).ends(3);
            assert!(
                ran.stderr.contains("VP0802") && ran.stderr.contains(expected),
                "{what}, {command}: {ran}"
            );
            assert!(ran.stderr.contains("= help: "), "{what}, {command}: {ran}");
            let now = std::fs::read(sandbox.path().join("app/vitte.lock")).unwrap();
            assert!(now == content, "{what}, {command}");
            assert_eq!(read(&sandbox, "app/vitte.toml"), manifest, "{what}, {command}");
        }
    }
    let json = on_app(&sandbox, "lock --registry reg").stderr;
    assert!(json.contains("git checkout -- vitte.lock"), "{json}");
}

/// A lockfile with a conflict between two versions of a package, as git writes it.
fn conflict(lockfile: &str, name: &str, theirs: &str) -> String {
    let table = |lockfile: &str| {
        let at = lockfile.find(&format!("name = \"{name}\"\n")).unwrap();
        let start = at + lockfile[at..].find('\n').unwrap() + 1;
        let end = lockfile[start..].find("[[package]]").map_or(lockfile.len(), |end| start + end);
        (start, end)
    };
    let ((start, end), (from, to)) = (table(lockfile), table(theirs));
    format!(
        "{}<<<<<<< HEAD\n{}=======\n{}>>>>>>> topic\n{}",
        &lockfile[..start],
        &lockfile[start..end],
        &theirs[from..to],
        &lockfile[end..]
    )
}

#[test]
fn an_unfinished_merge_keeps_what_both_sides_agree_on() {
    let (sandbox, ours) = locked();
    on_app(&sandbox, "update acme/text --precise 1.1.0 --registry reg").ends(0);
    let theirs = read(&sandbox, "app/vitte.lock");
    assert_eq!(versions(&theirs), ["1.0.0", "1.1.0"]);
    let merged = conflict(&ours, "acme/text", &theirs);
    sandbox.write("app/vitte.lock", &merged);
    // Nothing is decided where the lockfile may not change.
    let locked = on_app(&sandbox, "install --locked --registry reg").ends(3);
    assert!(locked.stderr.contains("unfinished merge"), "{locked}");
    assert!(
        locked.stderr.contains("= help: to write it again and keep its versions: vitte package lock"),
        "{locked}"
    );
    assert_eq!(read(&sandbox, "app/vitte.lock"), merged);
    // The one that differs moves to the newer of the two, not to the newest there is; the other stays.
    let ran = on_app(&sandbox, "lock --registry reg").ends(0);
    assert_eq!(ran.stdout, "acme/text 1.0.0 → 1.1.0\n", "{ran}");
    assert!(ran.stderr.contains("unfinished merge"), "{ran}");
    assert_eq!(read(&sandbox, "app/vitte.lock"), theirs);
    // With the base between the marks, and with line ends of Windows.
    let diff3 = merged.replace("=======\n", "||||||| 1234567\nversion = \"0.9.0\"\n=======\n");
    sandbox.write("app/vitte.lock", diff3.replace('\n', "\r\n"));
    on_app(&sandbox, "lock --registry reg").ends(0);
    assert_eq!(read(&sandbox, "app/vitte.lock"), theirs.replace('\n', "\r\n"));
    // Marks that do not pair up, or a side that holds something else: nothing is guessed.
    for broken in [merged.replace(">>>>>>> topic\n", ""), merged.replace("=======\n", "=======\n# mine\n")] {
        sandbox.write("app/vitte.lock", &broken);
        on_app(&sandbox, "lock --registry reg").ends(3);
        assert_eq!(read(&sandbox, "app/vitte.lock"), broken);
    }
}

#[test]
fn a_side_of_a_merge_cannot_change_the_content_of_a_release() {
    let (sandbox, ours) = locked();
    let at = ours.rfind("vp1-sha256:").unwrap() + 11;
    let mut theirs = ours.clone();
    theirs.replace_range(at..=at, if &ours[at..=at] == "0" { "1" } else { "0" });
    let merged = conflict(&ours, "acme/text", &theirs);
    sandbox.write("app/vitte.lock", &merged);
    let ran = on_app(&sandbox, "lock --registry reg").ends(5);
    assert!(ran.stderr.contains("VP0539"), "{ran}");
    assert_eq!(read(&sandbox, "app/vitte.lock"), merged);
}

#[test]
fn what_a_merge_left_without_marks_keeps_its_versions() {
    let (sandbox, good) = locked();
    // Two branches each took one dependency away: its table is needed by nobody now.
    sandbox.write("app/vitte.lock", good.replacen("    \"acme/json\",\n", "", 1));
    on_app(&sandbox, "install --locked --registry reg").ends(3);
    let ran = on_app(&sandbox, "lock --registry reg").ends(0);
    assert_eq!(ran.stdout, "", "{ran}");
    assert_eq!(read(&sandbox, "app/vitte.lock"), good);
}

#[test]
fn line_ends_of_windows_are_no_change() {
    let (sandbox, good) = locked();
    let crlf = good.replace('\n', "\r\n");
    sandbox.write("app/vitte.lock", &crlf);
    let in_ci = |command: &str| {
        sandbox
            .run_with(&format!("{command} --manifest app/vitte.toml --registry reg"), |command| {
                command.env("CI", "true");
            })
            .ends(0)
    };
    in_ci("install");
    let again = in_ci("install --no-locked");
    assert!(again.stderr.contains("2 packages, all already in the store"), "{again}");
    let current = on_app(&sandbox, "lock --registry reg").ends(0);
    assert!(current.stderr.contains("up to date"), "{current}");
    assert_eq!(read(&sandbox, "app/vitte.lock"), crlf);
    let idle = on_app(&sandbox, "install --registry reg").ends(0);
    assert!(idle.stderr.contains("nothing to do"), "{idle}");
    // What changes keeps the line ends that the file has.
    on_app(&sandbox, "update acme/text --registry reg").ends(0);
    let updated = read(&sandbox, "app/vitte.lock");
    assert_eq!(versions(&updated.replace("\r\n", "\n")), ["1.0.0", "1.2.0"]);
    assert_eq!(updated.matches('\n').count(), updated.matches("\r\n").count());
}
