//! Commands that work on several packages of a workspace at once.

use crate::dependencies::read;
use crate::sandbox::Sandbox;

/// `acme/app` needs `acme/mid`, which needs `acme/base`; `acme/alone` needs nothing.
fn workspace() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.run("key generate").ends(0);
    sandbox.run("registry init reg").ends(0);
    sandbox.write("ws/vitte.toml", "[workspace]\nmembers = [\"*\"]\n");
    for (name, needs) in [("alone", ""), ("app", "mid"), ("base", ""), ("mid", "base")] {
        let needs = match needs {
            "" => String::new(),
            needs => format!("\"acme/{needs}\" = {{ version = \"1\", path = \"../{needs}\" }}\n"),
        };
        sandbox.write(&format!("ws/{name}/src/lib.vit"), format!("// {name}\n"));
        sandbox.write(
            &format!("ws/{name}/vitte.toml"),
            format!(
                "[package]\nname = \"acme/{name}\"\nversion = \"1.0.0\"\nedition = \"2025\"\nlicense = \"MIT\"\ndescription = \"A test\"\ninclude = [\"src/\"]\n\n[lib]\npath = \"src/lib.vit\"\n\n[dependencies]\n{needs}"
            ),
        );
    }
    sandbox
}

#[test]
fn a_workspace_is_published_in_one_batch_in_the_order_of_its_dependencies() {
    let sandbox = workspace();
    // One that cannot be published stops all, and nothing is logged.
    let good = read(&sandbox, "ws/mid/vitte.toml");
    sandbox.write("ws/mid/vitte.toml", good.replace("license = \"MIT\"\n", ""));
    let refused = sandbox.run("publish --workspace --manifest ws --registry reg --yes").ends(3);
    assert!(refused.stderr.contains("ws/mid/vitte.toml"), "{refused}");
    sandbox.write("ws/mid/vitte.toml", good);
    let answer = sandbox.run("publish --workspace --manifest ws --registry reg --yes --json").ends(0).json();
    let artifacts = answer["result"]["artifacts"].as_array().unwrap();
    let mut order: Vec<(u64, &str)> = artifacts
        .iter()
        .map(|artifact| (artifact["log"].as_u64().unwrap(), artifact["package"].as_str().unwrap()))
        .collect();
    order.sort();
    let names: Vec<&str> = order.iter().map(|(_, name)| *name).collect();
    let place = |name: &str| names.iter().position(|other| *other == name).unwrap();
    assert_eq!(names.len(), 4, "{answer}");
    assert!(place("acme/base") < place("acme/mid") && place("acme/mid") < place("acme/app"), "{names:?}");
    // The registry alone gives what was a path here.
    sandbox.write(
        "other/vitte.toml",
        "[package]\nname = \"demo/other\"\nversion = \"0.1.0\"\n\n[dependencies]\n\"acme/app\" = \"1\"\n",
    );
    sandbox.run("install --manifest other/vitte.toml --registry reg").ends(0);
    assert_eq!(read(&sandbox, "other/vitte.lock").matches("tree = ").count(), 3);
    sandbox.run("registry verify reg").ends(0);
}

#[test]
fn packages_of_a_workspace_are_chosen_by_name() {
    let sandbox = workspace();
    let built = |line: &str| {
        let ran = sandbox.run(line).ends(0);
        ran.stdout.lines().map(|line| line.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(built("build -p acme/mid --manifest ws"), ["mid-1.0.0.vitmod"]);
    assert_eq!(
        built("build -p acme/app -p acme/base --manifest ws/mid/vitte.toml"),
        ["base-1.0.0.vitmod", "app-1.0.0.vitmod"]
    );
    assert_eq!(built("build --workspace --manifest ws --out out --check").len(), 4);
    let wrong = sandbox.run("build -p acme/bse --manifest ws").ends(9);
    assert!(wrong.stderr.contains("did you mean `acme/base`?"), "{wrong}");
    sandbox.run("build -p acme/mid --workspace --manifest ws").ends(2);
    let listed = sandbox.run("build --workspace --list --manifest ws --json").ends(0).json();
    assert_eq!(listed["result"]["artifacts"].as_array().unwrap().len(), 4);
    sandbox.run("publish -p acme/base --manifest ws --registry reg --yes").ends(0);
    // At a root that is no package, the name says where a dependency goes.
    let ran = sandbox.run("add acme/base -p acme/alone --path ../base --manifest ws").ends(0);
    assert!(ran.stdout.contains("\"acme/base\" = { version = \"1.0.0\", path = \"../base\" }"), "{ran}");
    assert!(read(&sandbox, "ws/alone/vitte.toml").contains("path = \"../base\""));
    sandbox.run("build --workspace --manifest ws").ends(0);
}

#[test]
fn two_packages_of_one_name_do_not_take_one_place() {
    let sandbox = workspace();
    let text = read(&sandbox, "ws/alone/vitte.toml").replace("acme/alone", "other/base");
    sandbox.write("ws/alone/vitte.toml", text);
    let ran = sandbox.run("build --workspace --manifest ws --out out").ends(2);
    assert!(ran.stderr.contains("would both be written to"), "{ran}");
    sandbox.run("build --workspace --manifest ws").ends(0);
    sandbox.run("publish --workspace --manifest ws --registry reg --yes").ends(0);
}

#[test]
fn a_line_that_would_be_wrong_is_not_taken_for_one_of_the_file() {
    let sandbox = workspace();
    sandbox.write(
        "ws/vitte.toml",
        "[workspace]\nmembers = [\"*\"]\n\n[workspace.dependencies]\n\"acme/base\" = { version = \"1\", path = \"base\" }\n",
    );
    let text = read(&sandbox, "ws/alone/vitte.toml");
    let text = format!("{text}\"acme/base\" = {{ workspace = true }}\n");
    sandbox.write("ws/alone/vitte.toml", &text);
    let ran = sandbox.run("add acme/base@2 --manifest ws/alone/vitte.toml --registry reg").ends(3);
    assert!(
        ran.stderr.contains("= help: nothing was written: the lines shown are those that this command would"),
        "{ran}"
    );
    assert_eq!(read(&sandbox, "ws/alone/vitte.toml"), text);
}

/// A member is written as `publish` wants it: its version for others, its path for this workspace.
#[test]
fn a_member_of_the_workspace_is_added_with_version_and_path() {
    let sandbox = workspace();
    let ran = sandbox.run("add acme/base --workspace --manifest ws/alone/vitte.toml").ends(0);
    assert!(ran.stdout.contains("\"acme/base\" = { version = \"1.0.0\", path = \"../base\" }"), "{ran}");
    sandbox.run("add acme/mid@^1 --workspace -p acme/alone --manifest ws").ends(0);
    sandbox.run("add acme/app --dev --workspace -p acme/alone --manifest ws").ends(0);
    let written = read(&sandbox, "ws/alone/vitte.toml");
    assert!(written.contains("\"acme/mid\" = { version = \"^1\", path = \"../mid\" }"), "{written}");
    assert!(written.contains("[dev-dependencies]\n\"acme/app\" = { path = \"../app\" }"), "{written}");
    let wrong = sandbox.run("add acme/bse --workspace -p acme/alone --manifest ws").ends(9);
    assert!(wrong.stderr.contains("did you mean `acme/base`?"), "{wrong}");
    let own = sandbox.run("add acme/alone --workspace -p acme/alone --manifest ws").ends(2);
    assert!(own.stderr.contains("acme/alone cannot depend on itself"), "{own}");
    sandbox.run("add acme/base --workspace --path ../base --manifest ws/alone/vitte.toml").ends(2);
    assert_eq!(read(&sandbox, "ws/alone/vitte.toml"), written);
    sandbox.run("publish --workspace --manifest ws --registry reg --yes").ends(0);
    let manifest = "[package]\nname = \"demo/other\"\nversion = \"0.1.0\"\n";
    sandbox.write("other/vitte.toml", manifest);
    let ran = sandbox.run("add acme/base --workspace --manifest other/vitte.toml").ends(2);
    assert!(ran.stderr.contains("does not belong to a workspace"), "{ran}");
    assert_eq!(read(&sandbox, "other/vitte.toml"), manifest);
}
