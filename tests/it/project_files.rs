//! A project's own files: commands at the same time, an editor that saves meanwhile, links, line ends.

use crate::batch::{chain, counting};
use crate::dependencies::{on_app, project, publish, read};
use crate::http::as_stranger;
use crate::sandbox::{Ran, Sandbox};
use std::os::unix::fs::symlink;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn ten_commands_at_once_lose_no_edit() {
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..12).map(|number| format!("acme/p{number}x")).collect();
    for name in &names {
        publish(&sandbox, "reg", name, "1.0.0", "");
    }
    project(
        &sandbox,
        "\"acme/p10x\" = \"1\"\n\"acme/p11x\" = \"1\"\n\n[registries]\nreg = { directory = \"../reg\", namespaces = [\"acme\"] }\n",
    );
    on_app(&sandbox, "lock").ends(0);
    let commands: Vec<String> = (0..10)
        .map(|number| match number {
            0 => "remove --manifest app/vitte.toml acme/p10x".to_owned(),
            1 | 2 => format!("install --manifest app/vitte.toml acme/p{number}x"),
            3 => "update --manifest app/vitte.toml".to_owned(),
            4 => "lock --manifest app/vitte.toml".to_owned(),
            _ => format!("add --manifest app/vitte.toml acme/p{number}x"),
        })
        .collect();
    std::thread::scope(|scope| {
        let running: Vec<_> =
            commands.iter().map(|command| scope.spawn(|| sandbox.run(command).ends(0))).collect();
        running.into_iter().for_each(|ran| drop(ran.join().unwrap()));
    });
    let (manifest, lockfile) = (read(&sandbox, "app/vitte.toml"), read(&sandbox, "app/vitte.lock"));
    for number in [1, 2, 5, 6, 7, 8, 9, 11] {
        assert!(manifest.contains(&format!("\"acme/p{number}x\" = \"1")), "{number}: {manifest}");
        assert!(lockfile.contains(&format!("name = \"acme/p{number}x\"")), "{number}: {lockfile}");
    }
    assert!(!manifest.contains("p10x") && !lockfile.contains("p10x"), "{manifest}{lockfile}");
    on_app(&sandbox, "install --locked").ends(0);
    // The lock is of this machine only.
    assert!(read(&sandbox, "app/.vitte/.gitignore").lines().any(|line| line == "/lock"));
}

/// Runs a command in a project of three packages; each time that the registry is asked, something happens first.
fn while_asked(
    command: &str,
    then: impl Fn(&std::path::Path, usize) + Send + Sync + 'static,
) -> (Sandbox, Ran) {
    let sandbox = chain(3);
    let (app, count) = (sandbox.path().join("app"), AtomicUsize::new(0));
    let (url, _) = counting(
        sandbox.path().join("reg"),
        Some(Arc::new(move |truth| {
            then(&app, count.fetch_add(1, Ordering::SeqCst));
            truth
        })),
    );
    as_stranger(&sandbox, &url);
    let ran = sandbox.run(&format!("{command} --manifest app/vitte.toml --registry {url}"));
    (sandbox, ran)
}

#[test]
fn what_an_editor_saves_meanwhile_is_not_overwritten() {
    let (sandbox, ran) = while_asked("add demo/p2x demo/p1x", |app, count| {
        if count == 0 {
            let path = app.join("vitte.toml");
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(path, format!("# saved meanwhile\n{text}")).unwrap();
        }
    });
    let ran = ran.ends(0);
    let manifest = read(&sandbox, "app/vitte.toml");
    assert!(manifest.starts_with("# saved meanwhile\n"), "{ran}{manifest}");
    assert!(manifest.contains("\"demo/p2x\" = \"1.0.0\""), "{ran}{manifest}");
}

#[test]
fn a_lockfile_that_is_changed_meanwhile_is_left_as_it_is() {
    let (sandbox, ran) = while_asked("lock", |app, _| {
        std::fs::write(app.join("vitte.lock"), "# from another branch\n").unwrap();
    });
    let ran = ran.ends(6);
    assert!(ran.stderr.contains("VP0611") && ran.stderr.contains("changed by another program"), "{ran}");
    assert_eq!(read(&sandbox, "app/vitte.lock"), "# from another branch\n");
}

/// A project with a locked dependency that another can be added to.
fn linked() -> Sandbox {
    let sandbox = Sandbox::new();
    publish(&sandbox, "reg", "acme/a", "1.0.0", "");
    publish(&sandbox, "reg", "acme/b", "1.0.0", "");
    project(&sandbox, "\"acme/a\" = \"1\"\n");
    on_app(&sandbox, "lock --registry reg").ends(0);
    sandbox
}

#[test]
fn links_to_manifest_and_lockfile_stay_links() {
    let sandbox = linked();
    let app = sandbox.path().join("app");
    std::fs::create_dir(app.join("files")).unwrap();
    for file in ["vitte.toml", "vitte.lock"] {
        std::fs::rename(app.join(file), app.join("files").join(file)).unwrap();
        symlink(format!("files/{file}"), app.join(file)).unwrap();
    }
    on_app(&sandbox, "add acme/b --registry reg").ends(0);
    for file in ["vitte.toml", "vitte.lock"] {
        assert!(app.join(file).symlink_metadata().unwrap().is_symlink(), "{file}");
        assert!(read(&sandbox, &format!("app/files/{file}")).contains("acme/b"), "{file}");
    }
}

/// T84.
#[test]
fn nothing_is_written_through_a_link_out_of_the_project() {
    for name in [".vitte", "vitte_modules", "vendor", "vitte.lock", "vitte.toml", ".vitte/lock", "target"] {
        let sandbox = linked();
        let (app, elsewhere) = (sandbox.path().join("app"), sandbox.path().join("elsewhere"));
        std::fs::create_dir(&elsewhere).unwrap();
        let is_file = name.starts_with("vitte.") || name == ".vitte/lock";
        let place = match is_file {
            true => elsewhere.join("file"),
            false => elsewhere.clone(),
        };
        if is_file {
            std::fs::create_dir_all(app.join(".vitte")).unwrap();
            std::fs::copy(app.join(if name == "vitte.toml" { name } else { "vitte.lock" }), &place).unwrap();
        }
        let before = is_file.then(|| std::fs::read(&place).unwrap());
        let _ = std::fs::remove_file(app.join(name));
        let _ = std::fs::remove_dir_all(app.join(name));
        symlink(&place, app.join(name)).unwrap();
        let (command, exit) = match name {
            "vitte_modules" => ("install --links", 10),
            "vendor" => ("vendor", 10),
            "target" => ("build", 7),
            _ => ("add acme/b", 7),
        };
        let registry = if name == "target" { "" } else { " --registry reg" };
        let manifest = read(&sandbox, "app/vitte.toml");
        let ran = on_app(&sandbox, &format!("{command}{registry}")).ends(exit);
        assert!(ran.stderr.contains("link") || ran.stderr.contains(name), "{name}: {ran}");
        assert_eq!(is_file.then(|| std::fs::read(&place).unwrap()), before, "{name}");
        let names: Vec<_> =
            std::fs::read_dir(&elsewhere).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), usize::from(is_file), "{name}: {names:?}");
        assert!(app.join(name).symlink_metadata().unwrap().is_symlink(), "{name}");
        assert_eq!(read(&sandbox, "app/vitte.toml"), manifest, "{name}");
    }
}

/// T84.
#[test]
fn a_project_cannot_name_a_registry_by_plain_http() {
    let sandbox = Sandbox::new();
    let path = project(&sandbox, "");
    let plain = std::fs::read_to_string(&path).unwrap();
    let refused = |address: &str| {
        let ran = on_app(&sandbox, "lock");
        assert!(ran.stderr.contains("VP0704") && ran.stderr.contains("https://"), "{address}: {ran}");
        ran.ends(7)
    };
    for address in ["http://registry.example/", "HTTP://registry.example/", "http://127.0.0.1.example/"] {
        sandbox
            .write("app/vitte.toml", format!("{plain}\n[tool.package]\nregistry.default = \"{address}\"\n"));
        let ran = refused(address);
        assert!(ran.stderr.contains("vitte.toml:"), "{ran}");
        sandbox.write("app/vitte.toml", &plain);
        sandbox.write("app/.vitte/config.toml", format!("registry.default = \"{address}\"\n"));
        let ran = refused(address);
        assert!(ran.stderr.contains("config.toml:1:"), "{ran}");
        std::fs::remove_file(sandbox.path().join("app/.vitte/config.toml")).unwrap();
    }
    // On this machine it may, as under [registries].
    sandbox.write("app/.vitte/config.toml", "registry.default = \"http://127.0.0.1:9/\"\n");
    assert!(!on_app(&sandbox, "lock").stderr.contains("VP0704"));
}

#[test]
fn a_manifest_keeps_its_line_ends_and_its_byte_order_mark() {
    let sandbox = linked();
    let text = read(&sandbox, "app/vitte.toml").replace('\n', "\r\n");
    sandbox.write("app/vitte.toml", format!("\u{feff}{text}"));
    on_app(&sandbox, "add acme/b --registry reg").ends(0);
    let added = read(&sandbox, "app/vitte.toml");
    assert!(
        added.starts_with("\u{feff}# mine\r\n") && added.contains("\r\n\"acme/b\" = \"1.0.0\"\r\n"),
        "{added:?}"
    );
    assert_eq!(added.matches('\n').count(), added.matches("\r\n").count(), "{added:?}");
    on_app(&sandbox, "remove acme/b").ends(0);
    assert_eq!(
        read(&sandbox, "app/vitte.toml").replace("\"acme/b\"", ""),
        added.replace("\"acme/b\" = \"1.0.0\"\r\n", "")
    );
}

#[test]
fn an_unfinished_merge_of_a_manifest_is_one_fault() {
    let sandbox = Sandbox::new();
    let path =
        project(&sandbox, "<<<<<<< HEAD\n\"acme/a\" = \"1\"\n=======\n\"acme/a\" = \"2\"\n>>>>>>> topic\n");
    let before = std::fs::read(&path).unwrap();
    for command in ["lock", "add acme/b", "build"] {
        let ran = on_app(&sandbox, command).ends(3);
        assert_eq!(ran.stderr.matches("error[").count(), 1, "{command}: {ran}");
        assert!(
            ran.stderr.contains("error[VP0101]: the manifest holds the marks of an unfinished merge"),
            "{ran}"
        );
        assert!(ran.stderr.contains("vitte.toml:8:1"), "{command}: {ran}");
    }
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_wrong_with_the_patterns_of_a_workspace_is_shown_in_its_file() {
    let sandbox = Sandbox::new();
    sandbox.write("ws/a/vitte.toml", "[package]\nname = \"demo/a\"\nversion = \"0.1.0\"\n");
    sandbox.write("ws/file", "");
    for (line, exit, expected, column) in [
        ("members = [\"a\", \"b[\"]", 3, "error[VP0108]: the pattern `b[`", 17),
        ("members = [\"a\", \"b[/*\"]", 3, "error[VP0108]: the pattern `b[`", 17),
        ("members = [\"a\"]\nexclude = ['x[']", 3, "error[VP0108]: the pattern `x[`", 12),
        (
            "members = [\"a\", \"nosuch/*\"]",
            2,
            "error[VP0302]: the member pattern `nosuch/*` matches no folder",
            17,
        ),
        (
            "members = [\"a\", \"file/*\"]",
            2,
            "error[VP0302]: the member pattern `file/*` matches no folder",
            17,
        ),
        (
            "members = [\"a\", \"nosuch\"]",
            2,
            "error[VP0302]: the member pattern `nosuch` matches no folder",
            17,
        ),
    ] {
        sandbox.write("ws/vitte.toml", format!("[workspace]\n{line}\n"));
        let row = 1 + line.lines().count();
        let ran = sandbox.run("lock --manifest ws/vitte.toml").ends(exit);
        assert!(ran.stderr.contains(expected), "{line}: {ran}");
        assert!(ran.stderr.contains(&format!("ws/vitte.toml:{row}:{column}")), "{line}: {ran}");
        assert!(ran.stderr.contains("= help: write folders relative to this file"), "{line}: {ran}");
    }
}

#[test]
fn what_stands_in_one_table_can_be_added_for_a_target() {
    let sandbox = linked();
    let target = "x86_64-unknown-linux-gnu";
    let ran = on_app(&sandbox, &format!("add acme/a --target {target} --registry reg")).ends(0);
    assert!(ran.stdout.contains(&format!("[target.{target}.dependencies] \"acme/a\" = \"1.0.0\"")), "{ran}");
    let manifest = read(&sandbox, "app/vitte.toml");
    assert!(manifest.contains("[dependencies]\n\"acme/a\" = \"1\"\n"), "{manifest}");
}

#[test]
fn a_registry_whose_line_ends_were_changed_is_told_as_that() {
    let sandbox = linked();
    assert_eq!(read(&sandbox, "reg/.gitattributes"), "* -text\n");
    for file in ["config.json", "log/checkpoint", "trust/1.json", "index/acme/a"] {
        let path = sandbox.path().join("reg").join(file);
        let good = std::fs::read(&path).unwrap();
        let text = String::from_utf8(good.clone()).unwrap();
        if !text.contains('\n') {
            continue;
        }
        std::fs::write(&path, text.replace('\n', "\r\n")).unwrap();
        let ran = on_app(&sandbox, "update --registry reg").ends(3);
        assert!(ran.stderr.contains(&format!("VP0610]: the line ends of {file}")), "{file}: {ran}");
        assert!(
            ran.stderr.contains("core.autocrlf false") && ran.stderr.contains("'* -text'"),
            "{file}: {ran}"
        );
        std::fs::write(&path, good).unwrap();
    }
    on_app(&sandbox, "update --registry reg").ends(0);
    // The same behind an address.
    let (url, _) = counting(sandbox.path().join("reg"), None);
    as_stranger(&sandbox, &url);
    let path = sandbox.path().join("reg/log/checkpoint");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace('\n', "\r\n")).unwrap();
    let ran = on_app(&sandbox, &format!("update --registry {url}")).ends(3);
    assert!(ran.stderr.contains("VP0610]") && ran.stderr.contains("log/checkpoint"), "{ran}");
    assert!(ran.stderr.contains("the line ends of") && ran.stderr.contains("'* -text'"), "{ran}");
}

#[test]
fn a_registry_can_begin_in_an_empty_repository() {
    let sandbox = Sandbox::new();
    sandbox.write("repo/.git/HEAD", "ref: refs/heads/main\n");
    sandbox.run("registry init repo").ends(0);
    sandbox.run("registry verify repo").ends(0);
    sandbox.write("full/.git/HEAD", "");
    sandbox.write("full/notes", "");
    sandbox.run("registry init full").ends(10);
}

#[test]
fn a_manifest_stays_as_private_as_it_was() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = linked();
    let path = sandbox.path().join("app/vitte.toml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    on_app(&sandbox, "add acme/b --registry reg").ends(0);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn settings_changed_at_once_are_all_kept_and_a_link_to_them_stays() {
    let sandbox = Sandbox::new();
    let settings =
        [("registry.default", "https://r.example/"), ("store.fsync", "off"), ("resolver.min-age", "24h")];
    for round in 0..4 {
        let real = sandbox.write("dotfiles/vitte.toml", "# mine\r\n");
        let link = sandbox.home().join("config.toml");
        let _ = std::fs::remove_file(&link);
        std::fs::create_dir_all(sandbox.home()).unwrap();
        symlink(&real, &link).unwrap();
        std::thread::scope(|scope| {
            for (key, value) in settings {
                let sandbox = &sandbox;
                scope.spawn(move || sandbox.run(&format!("config set {key} {value}")).ends(0));
            }
        });
        let text = read(&sandbox, "dotfiles/vitte.toml");
        for (_, value) in settings {
            assert!(text.contains(value), "{round}: {text}");
        }
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert!(text.starts_with("# mine\r\n"), "{text:?}");
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
    }
}
