//! Runs the laws of the fuzz targets on the inputs kept in `core/fuzz/corpus`: seeds, and whatever fuzzing found.

// Files are read here, in a test, and not in core.
#![allow(clippy::disallowed_methods, clippy::unwrap_used)]

#[path = "../fuzz/laws/mod.rs"]
mod laws;

fn run(target: &str, law: fn(&[u8])) {
    let folder = format!("{}/fuzz/corpus/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        law(&std::fs::read(&path).unwrap());
        count += 1;
    }
    assert!(count > 0, "{folder} is empty");
}

#[test]
fn manifest() {
    run("manifest", laws::manifest);
}

#[test]
fn tree() {
    run("tree", laws::tree);
}

#[test]
fn head() {
    run("head", laws::head);
}

#[test]
fn archive() {
    run("archive", laws::archive);
}

#[test]
fn frame() {
    run("frame", laws::frame);
}

#[test]
fn foreign() {
    run("foreign", laws::foreign);
}

#[test]
fn dsse() {
    run("dsse", laws::dsse);
}

#[test]
fn delta() {
    run("delta", laws::delta::delta);
}

#[test]
fn columns() {
    run("columns", laws::delta::columns);
}

#[test]
fn prefix() {
    run("prefix", laws::delta::prefix);
}
