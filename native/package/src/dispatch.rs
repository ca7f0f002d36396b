//! The dispatcher behind `vitte X …`: programs named `vitte-X`, next to this one or on `PATH`.

use crate::env::Env;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const PREFIX: &str = "vitte-";

/// The program that does the command `name`, if there is one: first next to this program, then on `PATH`.
/// A name with anything but letters, digits, `-` and `_` is never looked for.
pub fn find(env: &Env, name: &str) -> Option<PathBuf> {
    if !is_command(name) {
        return None;
    }
    let file = format!("{PREFIX}{name}{}", std::env::consts::EXE_SUFFIX);
    folders(env).map(|folder| folder.join(&file)).find(|path| is_program(path))
}

/// Whether a command can have the name.
fn is_command(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// Every command there is a program for, by name, each with the program that would run. What [`find`] would not look
/// for is left out.
pub fn list(env: &Env) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    for folder in folders(env) {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let file = entry.file_name();
            let name = file.to_str().and_then(|file| file.strip_prefix(PREFIX));
            let name = name.and_then(|name| name.strip_suffix(std::env::consts::EXE_SUFFIX));
            if let Some(name) = name.filter(|name| is_command(name))
                && is_program(&entry.path())
            {
                found.entry(name.to_owned()).or_insert_with(|| entry.path());
            }
        }
    }
    found
}

fn folders(env: &Env) -> impl Iterator<Item = PathBuf> {
    let own_folder = env.program().and_then(Path::parent).map(Path::to_path_buf);
    // An empty entry of PATH would mean the current folder, which is somebody else's.
    own_folder.into_iter().chain(env.path_folders().into_iter().filter(|folder| folder.is_absolute()))
}

/// The program of this name on `PATH`, elsewhere than in the folder `except`; on Windows with any of the usual ends.
pub fn find_elsewhere(env: &Env, name: &str, except: &Path) -> Option<PathBuf> {
    let ends: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat", ".com"] } else { &[""] };
    let folders = env.path_folders().into_iter().filter(|folder| folder.is_absolute() && folder != except);
    folders
        .flat_map(|folder| ends.iter().map(move |end| folder.join(format!("{name}{end}"))))
        .find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    let Ok(data) = std::fs::metadata(path) else { return false };
    #[cfg(unix)]
    let runs = std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let runs = true;
    data.is_file() && runs
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::env::Variable;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn the_first_program_on_the_path_wins_and_other_files_do_not_count() {
        let folder = tempfile::tempdir().unwrap();
        let make = |name: &str, mode| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, "").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            path
        };
        let (one, _) = (make("a/vitte-build", 0o755), make("b/vitte-build", 0o755));
        make("b/vitte-notes", 0o644);
        make("b/vitte-\u{1b}[2Jx", 0o755);
        make("b/vitte-a b", 0o755);
        make("b/vitte-", 0o755);
        let path =
            std::env::join_paths([folder.path().join("a"), "".into(), folder.path().join("b")]).unwrap();
        let env = Env::new(folder.path(), "home").with(Variable::Path, path);
        assert_eq!(find(&env, "build"), Some(one.clone()));
        assert_eq!(list(&env), BTreeMap::from([("build".to_owned(), one)]));
        for name in ["notes", "none", "", "../b/vitte-build", "build "] {
            assert_eq!(find(&env, name), None, "{name:?}");
        }
    }
}
