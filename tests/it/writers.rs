//! The ways of writing to a registry. The suites about what is written (acceptance, threats, kills) get their registry
//! here; they run with the row that `VITTE_TEST_WRITER` names, without it with the first.

use crate::sandbox::Sandbox;

/// A way of writing. Whichever it is, the registry's files are in `reg` of the sandbox, where clients read them.
pub(crate) struct Writer {
    /// Its name in `VITTE_TEST_WRITER`.
    name: &'static str,
    /// Begins a registry in a sandbox that has the key `default`.
    pub(crate) begin: fn(&Sandbox),
    /// What a command that writes is given as `--registry`.
    pub(crate) registry: fn(&Sandbox) -> String,
    /// What a command that writes is given in `VITTE_TOKEN`; empty means nothing.
    pub(crate) token: fn(&Sandbox) -> String,
}

const WRITERS: &[Writer] = &[
    Writer {
        name: "directory",
        begin: |sandbox| _ = sandbox.run("registry init reg").ends(0),
        registry: |_| "reg".to_owned(),
        token: |_| String::new(),
    },
    #[cfg(unix)]
    Writer {
        name: "server",
        begin: crate::served::begin,
        registry: |sandbox| std::fs::read_to_string(sandbox.path().join("server-url")).unwrap(),
        token: |sandbox| std::fs::read_to_string(sandbox.path().join("server-token")).unwrap(),
    },
];

/// The way of writing that is tested.
pub(crate) fn writer() -> &'static Writer {
    let wanted = std::env::var("VITTE_TEST_WRITER").unwrap_or_else(|_| WRITERS[0].name.to_owned());
    let known = WRITERS.iter().map(|writer| writer.name).collect::<Vec<_>>().join(", ");
    let found = WRITERS.iter().find(|writer| writer.name == wanted);
    found.unwrap_or_else(|| panic!("VITTE_TEST_WRITER is `{wanted}`; there are: {known}"))
}
