//! The settings there are.

use crate::env::Variable;
use crate::error::Error;
use crate::message::maintenance;
use vitte_package_core::diagnostic::{Code, Diagnostic};

/// A setting that can stand in a configuration file. The list is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Key {
    /// The registry used when none is named: a folder or an address.
    Registry,
    /// The program that keeps tokens.
    CredentialHelper,
    /// How much is flushed to disk.
    Fsync,
    /// How old a release has to be before it is chosen.
    MinimumAge,
    /// Packages for which that does not count.
    MinimumAgeExempt,
}

impl Key {
    /// Every key.
    pub const ALL: &'static [Self] =
        &[Self::Registry, Self::CredentialHelper, Self::Fsync, Self::MinimumAge, Self::MinimumAgeExempt];

    /// Its name in configuration files, tables joined by `.`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry.default",
            Self::CredentialHelper => "registry.credential-helper",
            Self::Fsync => "store.fsync",
            Self::MinimumAge => "resolver.min-age",
            Self::MinimumAgeExempt => "resolver.min-age-exempt",
        }
    }

    /// The key of a name.
    ///
    /// # Errors
    /// `config` naming the keys there are.
    pub fn parse(name: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|key| key.name() == name).ok_or_else(|| {
            let fault = Diagnostic::new(Code::Config, maintenance::config_unknown(name));
            let names: Vec<_> = Self::ALL.iter().map(|key| key.name()).collect();
            fault.help(maintenance::config_keys(&names.join(", "))).into()
        })
    }

    /// Its one environment variable.
    pub const fn variable(self) -> Variable {
        match self {
            Self::Registry => Variable::Registry,
            Self::CredentialHelper => Variable::CredentialHelper,
            Self::Fsync => Variable::Fsync,
            Self::MinimumAge => Variable::MinimumAge,
            Self::MinimumAgeExempt => Variable::MinimumAgeExempt,
        }
    }

    /// Whether a project's file may set it.
    pub const fn project_may_set(self) -> bool {
        match self {
            Self::Registry => true,
            Self::CredentialHelper | Self::Fsync | Self::MinimumAge | Self::MinimumAgeExempt => false,
        }
    }
}
