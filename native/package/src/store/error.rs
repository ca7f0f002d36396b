//! What can be wrong with the store or with what is asked of it.

use crate::message::store;
use std::path::PathBuf;
use vitte_package_core::diagnostic::{Code, Diagnose, Diagnostic};
use vitte_package_core::name::PackageName;
use vitte_package_core::version::Version;

/// A fault of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StoreError {
    /// A file of the store is not what the store writes.
    Damaged {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another package provides a program of the same name.
    ProgramTaken {
        /// The program.
        program: String,
        /// The package that provides it already.
        by: PackageName,
        /// The package that would provide it now.
        wanted: PackageName,
    },
    /// A file that is not a shim is where a shim has to be written.
    ShimTaken {
        /// The file.
        path: PathBuf,
    },
    /// The package is not installed.
    NotInstalled {
        /// The package.
        package: PackageName,
        /// The version asked for, if one was.
        version: Option<Version>,
        /// The versions that are installed.
        installed: Vec<Version>,
        /// The nearest name that is installed.
        near: Option<String>,
    },
}

impl Diagnose for StoreError {
    fn diagnostic(&self) -> Diagnostic {
        match self {
            Self::Damaged { path, reason } => {
                let path = path.display().to_string();
                let message = store::damaged(&path, reason);
                Diagnostic::new(Code::StoreLayout, message).help(store::damaged_help(&path))
            }
            Self::ProgramTaken { program, by, wanted } => {
                Diagnostic::new(Code::Shim, store::program_taken(program, by.as_str(), wanted.as_str()))
                    .help(store::uninstall_help(by.as_str()))
                    .with("program", program.as_str())
                    .with("package", by.as_str())
            }
            Self::ShimTaken { path } => {
                let path = path.display().to_string();
                Diagnostic::new(Code::Shim, store::shim_taken(&path)).help(store::shim_taken_help(&path))
            }
            Self::NotInstalled { package, version: Some(version), installed, .. }
                if !installed.is_empty() =>
            {
                let there = installed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                let message = store::version_not_installed(package.as_str(), &version.to_string());
                Diagnostic::new(Code::NotInstalled, message).help(store::versions_installed(&there))
            }
            Self::NotInstalled { package, near, .. } => {
                let fault = Diagnostic::new(Code::NotInstalled, store::not_installed(package.as_str()));
                match near {
                    Some(near) => fault.help(crate::message::usage::did_you_mean(near)),
                    None => fault.help(store::list_help()),
                }
            }
        }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.diagnostic().message)
    }
}

impl std::error::Error for StoreError {}
