//! Words of the terminal itself: places, progress, questions, sizes.

vitte_package_core::messages! { "ui";
    at_frame(frame: u64, frames: u64) = "frame {frame} of {frames}";
    at_frame_files(frame: u64, frames: u64, count: usize, first: &str, last: &str) = [count:
        "frame {frame} of {frames} ({count} file, {first})",
        "frame {frame} of {frames} ({count} files, {first} … {last})"];
    at_offset(offset: u64) = "byte {offset}";
    at_line(line: u64) = "line {line}";
    at_file(path: &str) = "file {path} in the package";
    expected(value: &str) = "expected {value}";
    got(value: &str) = "got      {value}";
    exit_status(status: u8) = "a command that ends with it has the exit status {status}";
    explain_causes() = "usual causes:";
    explain_mend() = "how to mend it:";
    explain_example() = "an example:";
    explain_file(name: &str) = "in {name}:";
    explain_exit() = "exit status:";
    explain(code: &str) = "vitte package explain {code}";
    more_faults(count: usize) = [count: "{count} more fault", "{count} more faults"];
    declined() = "nothing was done";
    confirm(question: &str) = "{question} [y/N]";
    task_select() = "choosing files";
    task_build() = "running the build command";
    task_compress() = "compressing";
    task_download() = "downloading";
    task_verify() = "verifying";
    task_unpack() = "unpacking";
    task_publish() = "publishing";
    task_link() = "linking";
    task_wait() = "waiting for another vitte package";
    still_running(task: &str, done: &str) = "still {task}: {done}";
    still_running_of(task: &str, done: &str, total: &str) = "still {task}: {done} of {total}";
    interrupted() = "interrupted; nothing was left half done";
    dispatcher_about() = "runs `vitte-X …` for `vitte X …`, found beside this program or on PATH";
    dispatcher_usage() = "usage: vitte COMMAND [ARGUMENTS]";
    dispatcher_commands() = "commands found:";
    dispatcher_none() = "no vitte-* program was found beside this one or on PATH";
    dispatcher_run(program: &str, reason: &str) = "{program} cannot be run: {reason}";
    dispatcher_help() = "vitte --help";
    nothing_installed() = "nothing is installed";
    uninstalled(package: &str, version: &str) = "uninstalled {package} {version}";
    runs_now(package: &str, version: &str) = "shims run {package} {version} now";
    cached(kind: &str, count: usize, size: &str) = [count: "{kind}: {count} file, {size}", "{kind}: {count} files, {size}"];
    cache_clean_question(count: usize, size: &str) = [count: "delete {count} file, {size}?", "delete {count} files, {size}?"];
    cache_cleaned(count: usize, size: &str) = [count: "deleted {count} file, {size}", "deleted {count} files, {size}"];
    nothing_deleted() = "nothing was deleted";
    installed(package: &str, version: &str, place: &str) = "installed {package} {version} into the user store ({place}), verified before it was unpacked";
    installed_already(package: &str, version: &str) = "{package} {version} is in the user store already; its signatures and its place in the log were checked again";
    installed_programs(programs: &str) = "programs: {programs}";
    restored(count: usize, programs: &str) = [count: "Restored the command {programs}", "Restored the commands {programs}"];
    path_hint(folder: &str) = "to run them by name: export PATH=\"{folder}:$PATH\"";
    meet_registry(name: &str, id: &str, digest: &str) = "{name} was never used here. Its id is {id}, the digest of its trust root is sha256:{digest}. Believe it from now on?";
    list_command() = "vitte package list";
}
