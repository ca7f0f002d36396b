//! Whether a file is executable in the package: archive format document, section 5, rule 7.

use super::patterns::Patterns;
use crate::error::{Error, IoAction, IoContext};
use std::path::Path;
use vitte_package_core::manifest::Manifest;
use vitte_package_core::tree::Mode;

/// The mode of a file: with `exec` patterns exactly these are executable; else the bit that Unix keeps; elsewhere
/// what is declared as a program or begins as one.
pub(super) fn of(
    path: &str,
    file: &Path,
    exec: Option<&Patterns>,
    manifest: &Manifest,
) -> Result<Mode, Error> {
    let executable = match exec {
        Some(patterns) => patterns.matches(path),
        None => by_host(path, file, manifest)?,
    };
    Ok(if executable { Mode::Executable } else { Mode::Regular })
}

#[cfg(unix)]
fn by_host(_: &str, file: &Path, _: &Manifest) -> Result<bool, Error> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = std::fs::metadata(file).on(IoAction::Read, file)?;
    Ok(metadata.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn by_host(path: &str, file: &Path, manifest: &Manifest) -> Result<bool, Error> {
    let program = path.strip_prefix("bin/").map(|name| name.strip_suffix(".exe").unwrap_or(name));
    if program.is_some_and(|name| manifest.bins().iter().any(|bin| bin.name() == name)) {
        return Ok(true);
    }
    let mut first = Vec::new();
    let opened = std::fs::File::open(file).on(IoAction::Read, file)?;
    std::io::Read::read_to_end(&mut std::io::Read::take(opened, 4), &mut first).on(IoAction::Read, file)?;
    Ok(is_program(&first))
}

/// Whether a file that begins so is a program: ELF, Mach-O (thin, of both word sizes and byte orders, or fat), or
/// a script with `#!`.
#[cfg_attr(unix, allow(dead_code, reason = "Unix keeps a bit; the rule is tested everywhere"))]
fn is_program(first: &[u8]) -> bool {
    const MAGIC: [&[u8]; 6] = [
        b"\x7fELF",
        b"\xfe\xed\xfa\xce",
        b"\xfe\xed\xfa\xcf",
        b"\xce\xfa\xed\xfe",
        b"\xcf\xfa\xed\xfe",
        b"\xca\xfe\xba\xbe",
    ];
    first.starts_with(b"#!") || MAGIC.iter().any(|magic| first.starts_with(magic))
}

#[cfg(test)]
mod tests {
    #[test]
    fn programs_are_told_by_their_first_bytes() {
        for program in [&b"#!/bin/sh\n"[..], b"\x7fELF\x02", b"\xcf\xfa\xed\xfe"] {
            assert!(super::is_program(program), "{program:?}");
        }
        for other in [&b""[..], b"#", b"\x7fEL", b"MZ\x90\0", b"# title"] {
            assert!(!super::is_program(other), "{other:?}");
        }
    }
}
