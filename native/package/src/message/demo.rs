//! Words of the demo.

vitte_package_core::messages! { "demo";
    registry() = "registry";
    build() = "build";
    publish() = "sign+publish";
    install() = "install";
    log() = "log";
    attack() = "attack";
    split() = "split view";
    look() = "look";
    registry_outcome(id: &str, key: &str) = "{id}, log key {key}";
    build_outcome(name: &str, files: u64, content: &str, stored: &str) = "{name}  {files} files, {content} → {stored}, reproducible ✔";
    publish_outcome(count: u64, entries: &str) = [count: "log entry {entries}", "log entries {entries}"];
    install_outcome(program: &str, said: &str) = "verified before unpack ✔  {program} fr: {said}";
    install_tree_outcome(tree: &str) = "verified before unpack ✔  {tree}";
    log_outcome(log: u64, size: u64, root: &str) = "signature, key, log entry #{log}, inclusion in the {size} entries with root {root} ✔";
    split_command(command: &str) = "the registry's own key signs another log, for somebody who has seen the first: {command}";
    split_refused(evidence: u64) = "refused: nothing of the other log is believed, and the {evidence} checkpoints that prove the lie are kept";
    split_missed(status: i32) = "NOT refused: the command ended with the status {status}";
    attack_command(offset: u64, path: &str) = "one bit of byte {offset} of {path} is flipped; somebody else installs";
    attack_caught(status: u8) = "caught: exit status {status}, nothing was unpacked, the installed version is untouched";
    attack_missed(status: i32) = "NOT caught: the install ended with the status {status}";
    mended() = "the byte was put back: the same install succeeds";
    look_page(page: &str, archive: &str) = "open file://{page} and drop {archive} on it: your browser checks it too";
    look_command(archive: &str) = "vitte package verify {archive}";
    go_on(folder: &str, home: &str) = "to go on by yourself: cd {folder} && export VITTE_HOME={home}";
    folder_taken(path: &str) = "{path} is not empty and was not made by the demo";
    folder_taken_help() = "vitte package demo --dir another-folder";
    no_program() = "the program vitte-package is neither here nor on PATH";
    command_failed(command: &str, said: &str) = "`{command}` failed: {said}";
    no_archive() = "the registry does not hold the archive that was installed";
    good() = "the package was installed, the attack was caught, the second log was refused";
    bad() = "the demo did not go as it should";
}
