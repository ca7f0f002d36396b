//! Workflows of continuous integration: written, and read back.

mod check;
mod init;
mod yaml;

pub use check::{Checked, Finding, Rule, check};
pub use init::{InitRequest, Written, init};

use crate::env::Env;
use crate::error::Error;
use crate::message::ci as text;
use std::path::{Path, PathBuf};
use vitte_package_core::diagnostic::{Code, Diagnostic};

/// A service that runs workflows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI/CD.
    GitLab,
    /// Forgejo Actions, and Gitea's.
    Forgejo,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::GitHub, Self::GitLab, Self::Forgejo];

    /// Its name, as one writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Forgejo => "forgejo",
        }
    }

    /// Finds it by name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.name() == name)
    }

    /// Where its workflow is, in the repository.
    pub const fn path(self) -> &'static str {
        match self {
            Self::GitHub => ".github/workflows/package.yml",
            Self::GitLab => ".gitlab-ci.yml",
            Self::Forgejo => ".forgejo/workflows/package.yml",
        }
    }

    /// The one that a repository already uses, or else the one that its origin is at.
    fn of(repository: &Path) -> Option<Self> {
        let used = [(".forgejo", Self::Forgejo), (".gitlab-ci.yml", Self::GitLab), (".github", Self::GitHub)];
        if let Some((_, provider)) = used.into_iter().find(|(path, _)| repository.join(path).exists()) {
            return Some(provider);
        }
        let config = std::fs::read_to_string(repository.join(".git").join("config")).ok()?;
        let url =
            config.lines().find_map(|line| line.trim().strip_prefix("url").map(str::to_ascii_lowercase))?;
        let hosts = [("github.com", Self::GitHub), ("gitlab", Self::GitLab), ("codeberg.org", Self::Forgejo)];
        hosts.into_iter().find(|(host, _)| url.contains(host)).map(|(_, provider)| provider)
    }

    /// The one that was asked for, or that a repository uses.
    ///
    /// # Errors
    /// `usage` when neither says which.
    fn choose(given: Option<&str>, repository: &Path) -> Result<Self, Error> {
        let names = Self::ALL.map(Self::name).join(", ");
        let fault =
            |message| Error::from(Diagnostic::new(Code::Usage, message).help(text::provider_help(&names)));
        match given {
            Some(given) => Self::find(given).ok_or_else(|| fault(text::provider_unknown(given))),
            None => Self::of(repository).ok_or_else(|| fault(text::provider_unclear())),
        }
    }
}

/// The repository that the working folder is in; the folder itself where there is none.
fn repository(env: &Env) -> PathBuf {
    let found = env.cwd().ancestors().find(|folder| folder.join(".git").exists());
    found.unwrap_or(env.cwd()).to_owned()
}
