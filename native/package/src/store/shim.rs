//! Shims: small programs in `bin/` that run a program of the active generation.
//!
//! A shim is the same for every version: it reads which generation is active, then which file that
//! generation runs under its name. So shims never have to be rewritten, and switching generations switches
//! all of them in one step. The program is started by its real path, with all arguments, in the same
//! process where the system can.

use super::StoreError;
use crate::error::Error;
use crate::fs::{self, Access};
use std::path::{Path, PathBuf};

/// The second line of every shim tells that it is one.
const MARK: &str = "vitte-shim 1";
/// Size limit of a shim in bytes.
const SHIM_LEN: u64 = 64 * 1024;

/// Why the command of a program does not run what is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// There is no command.
    Missing,
    /// Something else has its name.
    NotOurs,
    /// It is of another folder than this one, as after the home was moved, or was altered.
    Stale,
}

fn path(shims: &Path, program: &str) -> PathBuf {
    shims.join(if cfg!(windows) { format!("{program}.cmd") } else { program.to_owned() })
}

/// Refuses a place that is taken by something that is not a shim.
pub(super) fn check(shims: &Path, program: &str) -> Result<(), Error> {
    let path = path(shims, program);
    match is_shim(&path) {
        Some(false) => Err(StoreError::ShimTaken { path }.into()),
        Some(true) | None => Ok(()),
    }
}

/// Whether the program's command is there and is the one that [`write`] would write.
pub(super) fn state(shims: &Path, program: &str, pointer: &Path, generations: &Path) -> Result<(), Broken> {
    let path = path(shims, program);
    match is_shim(&path) {
        None => Err(Broken::Missing),
        Some(false) => Err(Broken::NotOurs),
        Some(true) if is_written(&path, &text(program, pointer, generations)) => Ok(()),
        Some(true) => Err(Broken::Stale),
    }
}

/// Whether a shim has this text and can be run.
fn is_written(path: &Path, text: &[u8]) -> bool {
    #[cfg(unix)]
    let can_run = std::fs::metadata(path)
        .is_ok_and(|data| std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o111 != 0);
    #[cfg(not(unix))]
    let can_run = true;
    can_run && std::fs::read(path).is_ok_and(|there| there == text)
}

/// Whether the file is a shim; nothing where there is no file.
fn is_shim(path: &Path) -> Option<bool> {
    std::fs::symlink_metadata(path).ok()?;
    let text = fs::read_text(path, SHIM_LEN);
    Some(text.is_ok_and(|text| text.lines().nth(1).is_some_and(|line| line.ends_with(MARK))))
}

/// Writes which file a generation runs under a program's name.
pub(super) fn write_target(folder: &Path, program: &str, target: &Path) -> Result<(), Error> {
    // In one step: a generation that is written again may be running.
    fs::write_unflushed(&folder.join(program), &target_line(target), Access::Shared)
}

/// Whether that is what a generation runs under a program's name.
pub(super) fn is_target(folder: &Path, program: &str, target: &Path) -> bool {
    std::fs::read(folder.join(program)).is_ok_and(|line| line == target_line(target))
}

fn target_line(target: &Path) -> Vec<u8> {
    let mut line = target.as_os_str().as_encoded_bytes().to_vec();
    line.push(b'\n');
    line
}

/// Writes a shim, if it is not there already.
pub(super) fn write(shims: &Path, program: &str, pointer: &Path, generations: &Path) -> Result<(), Error> {
    let path = path(shims, program);
    let text = text(program, pointer, generations);
    if is_written(&path, &text) {
        return Ok(());
    }
    fs::create_folder(shims)?;
    fs::write_atomic(&path, &text, Access::Executable)
}

/// Removes the shims of this environment whose program is gone. One that cannot be removed says, when it is
/// run, that its program is gone.
pub(super) fn remove_others(shims: &Path, pointer: &Path, keep: impl Fn(&str) -> bool) {
    let Ok(entries) = std::fs::read_dir(shims) else { return };
    let pointer = quote(pointer);
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let Some(name) = name.to_str() else { continue };
        let program = if cfg!(windows) { name.strip_suffix(".cmd").unwrap_or(name) } else { name };
        let ours =
            is_shim(&path) == Some(true) && std::fs::read(&path).is_ok_and(|text| contains(&text, &pointer));
        if ours && !keep(program) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len().max(1)).any(|window| window == part)
}

/// The path as one word of the shell, whatever it contains.
#[cfg(unix)]
fn quote(path: &Path) -> Vec<u8> {
    let mut word = vec![b'\''];
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\'' => word.extend(b"'\\''"),
            byte => word.push(*byte),
        }
    }
    word.push(b'\'');
    word
}

#[cfg(unix)]
fn text(program: &str, pointer: &Path, generations: &Path) -> Vec<u8> {
    use crate::message::store;
    // `read` is a builtin of every shell: no process is started before the program itself.
    let mut text = format!("#!/bin/sh\n# {MARK}\nIFS= read -r generation < ").into_bytes();
    text.extend(quote(pointer));
    text.extend(b" &&\nIFS= read -r program < ");
    text.extend(quote(generations));
    text.extend(format!("/\"$generation\".bin/{program} 2>/dev/null &&\nexec \"$program\" \"$@\"\n").bytes());
    text.extend(format!("echo \"vitte: {}\" >&2\nexit 127\n", store::shim_gone(program)).bytes());
    text
}

#[cfg(windows)]
fn quote(path: &Path) -> Vec<u8> {
    format!("\"{}\"", path.display()).into_bytes()
}

#[cfg(windows)]
fn text(program: &str, pointer: &Path, generations: &Path) -> Vec<u8> {
    format!(
        "@echo off\r\n@rem {MARK}\r\nset /p generation=<\"{}\"\r\nset /p program=<\"{}\\%generation%.bin\\{program}\"\r\n\"%program%\" %*\r\n",
        pointer.display(),
        generations.display(),
    )
    .into_bytes()
}
