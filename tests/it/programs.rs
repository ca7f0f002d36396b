//! Where the programs are that tests run: those of all packages lie beside each other.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The client's program: the one that `VITTE_TEST_CLIENT` names, or else that of this build. Where tests are another
/// package's, it is built if it is not up to date.
pub(crate) fn client() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        match (std::env::var_os("VITTE_TEST_CLIENT"), option_env!("CARGO_BIN_EXE_vitte-package")) {
            (Some(given), _) => given.into(),
            (None, Some(own)) => own.into(),
            (None, None) => other("vitte-package"),
        }
    })
}

/// The dispatcher, `vitte`, which runs the client's program.
pub(crate) fn dispatcher() -> PathBuf {
    option_env!("CARGO_BIN_EXE_vitte").map_or_else(|| client().with_file_name("vitte"), PathBuf::from)
}

/// The server's program: the one that `VITTE_TEST_REGISTRY` names, or else that of this build.
pub(crate) fn server() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        match (std::env::var_os("VITTE_TEST_REGISTRY"), option_env!("CARGO_BIN_EXE_vitte-registry")) {
            (Some(given), _) => given.into(),
            (None, Some(own)) => own.into(),
            (None, None) => other("vitte-registry"),
        }
    })
}

/// A program of another package: Cargo names only those of the package whose tests it runs.
fn other(name: &str) -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // What this test's own cargo says of the package under test would make build scripts, and all above them, run again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "NEXTEST"]
            .iter()
            .any(|own| text.starts_with(own))
        {
            build.env_remove(&name);
        }
    }
    // Both at once, with the features they have together: built alone, either would be built anew each time.
    build.args(["build", "--locked", "--quiet", "-p", "vitte-package", "-p", "vitte-registry", "--bins"]);
    build.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    assert!(build.status().unwrap().success(), "{name} cannot be built");
    let tests = std::env::current_exe().unwrap();
    tests.parent().and_then(Path::parent).expect("tests are run from target/PROFILE/deps").join(name)
}
