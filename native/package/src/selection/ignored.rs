//! What git ignores: the rules of a repository, as far as they are the project's and not the user's own.

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder, gitconfig_excludes_path};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use vitte_package_core::manifest::FILE_NAME;

const IGNORE_FILE: &str = ".gitignore";

/// The ignore rules that count for a folder: `.gitignore` files in it and above it, up to the root of its repository or
/// of its workspace, whichever is further up, and the repository's `info/exclude`.
pub(crate) struct Ignored {
    /// The folder, without links.
    base: PathBuf,
    /// The uppermost folder whose rules count.
    top: PathBuf,
    /// Rules that come last: `info/exclude`, and the user's own where they are asked for.
    last: Vec<Gitignore>,
    read: Mutex<HashMap<PathBuf, Arc<Gitignore>>>,
    faults: Mutex<Vec<String>>,
}

impl Ignored {
    /// The rules for a folder of the workspace whose root is `workspace`. A package that the rules above it ignore as a
    /// whole has nothing to do with them, like one that somebody unpacked in a corner of another repository.
    pub(crate) fn new(folder: &Path, workspace: &Path) -> Self {
        let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let base = real(folder);
        let repository = base.ancestors().find(|at| at.join(".git").symlink_metadata().is_ok());
        let workspace = Some(real(workspace)).filter(|root| base.starts_with(root));
        let top = [repository, workspace.as_deref()]
            .into_iter()
            .flatten()
            .min_by_key(|path| path.as_os_str().len());
        let last = repository.and_then(exclude_file).map(|(root, file)| rules_of(root, &file).0);
        let mut rules = Self {
            top: top.unwrap_or(&base).to_owned(),
            last: last.into_iter().collect(),
            read: Mutex::default(),
            faults: Mutex::default(),
            base,
        };
        if rules.is_whole_ignored() {
            rules.top = rules.base.clone();
            rules.last.clear();
        }
        rules
    }

    /// With the rules that the user has for all repositories: git ignores by them, packages do not.
    #[must_use]
    pub(crate) fn with_users(mut self) -> Self {
        self.last.extend(gitconfig_excludes_path().map(|file| rules_of(&self.top, &file).0));
        self
    }

    /// Whether a file or folder is ignored, given that no folder above it is. `path` is relative to the folder.
    pub(crate) fn leaves_out(&self, path: &Path, is_folder: bool) -> bool {
        self.decides(&self.base.join(path), is_folder)
    }

    /// Whether a file or folder is ignored, by itself or with a folder above it.
    pub(crate) fn ignores(&self, path: &Path, is_folder: bool) -> bool {
        let above = path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
        self.leaves_out(path, is_folder) || above.into_iter().any(|above| self.leaves_out(above, true))
    }

    /// What could not be understood in the files that were read.
    pub(crate) fn take_faults(&self) -> Vec<String> {
        std::mem::take(&mut *self.faults.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn is_whole_ignored(&self) -> bool {
        let above =
            self.base.ancestors().take_while(|above| above.starts_with(&self.top) && **above != *self.top);
        above.into_iter().any(|above| self.decides(above, true)) || {
            let manifest = self.base.join(FILE_NAME);
            self.base != self.top && self.decides(&manifest, false)
        }
    }

    /// The nearest rules that say anything decide.
    fn decides(&self, path: &Path, is_folder: bool) -> bool {
        for folder in path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.top)) {
            match self.rules(folder).matched(path, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        self.last.iter().any(|rules| rules.matched(path, is_folder).is_ignore())
    }

    /// The rules of the `.gitignore` in a folder.
    fn rules(&self, folder: &Path) -> Arc<Gitignore> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = read.get(folder) {
            return Arc::clone(rules);
        }
        let (rules, fault) = rules_of(folder, &folder.join(IGNORE_FILE));
        let rules = Arc::new(rules);
        read.insert(folder.to_owned(), Arc::clone(&rules));
        drop(read);
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).extend(fault);
        rules
    }
}

/// The rules of a file, which count from `root`, and what could not be understood in it. No file, no rules.
fn rules_of(root: &Path, file: &Path) -> (Gitignore, Option<String>) {
    if !file.is_file() {
        return (Gitignore::empty(), None);
    }
    let mut builder = GitignoreBuilder::new(root);
    let fault = builder.add(file).map(|error| error.to_string());
    match builder.build() {
        Ok(rules) => (rules, fault),
        Err(error) => (Gitignore::empty(), Some(error.to_string())),
    }
}

/// The `info/exclude` of a repository, whose `.git` may be a file that leads to it: in a worktree or a submodule.
fn exclude_file(root: &Path) -> Option<(&Path, PathBuf)> {
    let git = root.join(".git");
    let mut folder = git.clone();
    if git.is_file() {
        let text = std::fs::read_to_string(&git).ok()?;
        folder = root.join(text.lines().next()?.strip_prefix("gitdir:")?.trim());
        if let Ok(common) = std::fs::read_to_string(folder.join("commondir")) {
            folder = folder.join(common.trim());
        }
    }
    Some((root, folder.join("info/exclude")))
}
