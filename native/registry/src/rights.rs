//! What a token allows: scopes, and patterns of packages.

use crate::error::{Error, Result};
use std::collections::BTreeSet;
use std::fmt;
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::Submission;
use vitte_package_core::sign::{NamespaceRecord, ReleaseStatement, StatusRecord};

/// One thing that a token may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Publish the first release of a package.
    PublishNew,
    /// Publish further releases.
    PublishUpdate,
    /// Change the status of a release.
    Yank,
    /// Create a namespace.
    NamespaceCreate,
    /// Change the keys of a namespace.
    NamespaceKeys,
}

impl Scope {
    const ALL: [Self; 5] =
        [Self::PublishNew, Self::PublishUpdate, Self::Yank, Self::NamespaceCreate, Self::NamespaceKeys];

    /// Its name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::PublishNew => "publish:new",
            Self::PublishUpdate => "publish:update",
            Self::Yank => "yank",
            Self::NamespaceCreate => "namespace:create",
            Self::NamespaceKeys => "namespace:keys",
        }
    }

    /// Reads a name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    /// Reads what an operator writes: names, and the two words for what usually goes together.
    pub(crate) fn parse_list(given: &str) -> Result<Vec<Self>> {
        let mut scopes = BTreeSet::new();
        for word in given.split(',').map(str::trim) {
            match word {
                "publish" => scopes.extend([Self::PublishNew, Self::PublishUpdate, Self::NamespaceCreate]),
                "namespace" => scopes.extend([Self::NamespaceCreate, Self::NamespaceKeys]),
                word => {
                    let known = Self::ALL.map(Self::as_str).join(", ");
                    let fault = || {
                        Diagnostic::new(Code::Usage, text::scope_unknown(word))
                            .help(format!("publish, {known}"))
                    };
                    scopes.insert(Self::parse(word).ok_or_else(fault)?);
                }
            }
        }
        Ok(scopes.into_iter().collect())
    }
}

/// Which packages a token is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Patterns(Vec<Pattern>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Pattern {
    All,
    Namespace(Namespace),
    Package(PackageName),
}

impl Patterns {
    /// Reads patterns, separated by commas: `*`, `namespace/*`, `namespace/name`.
    pub(crate) fn parse(given: &str) -> Result<Self> {
        let pattern = |word: &str| {
            let read = match word.strip_suffix("/*") {
                _ if word == "*" => Some(Pattern::All),
                Some(namespace) => Namespace::parse(namespace).ok().map(Pattern::Namespace),
                None => PackageName::parse(word).ok().map(Pattern::Package),
            };
            read.ok_or_else(|| Error::new(Code::Usage, text::pattern_malformed(word)))
        };
        Ok(Self(given.split(',').map(str::trim).map(pattern).collect::<Result<_>>()?))
    }

    fn cover(&self, package: &PackageName) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::All => true,
            Pattern::Namespace(namespace) => package.namespace().as_ref() == Some(namespace),
            Pattern::Package(name) => name == package,
        })
    }

    /// Whether they cover all of a namespace.
    fn cover_namespace(&self, namespace: &Namespace) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::All => true,
            Pattern::Namespace(covered) => covered == namespace,
            Pattern::Package(_) => false,
        })
    }
}

impl fmt::Display for Patterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = self.0.iter().map(|pattern| match pattern {
            Pattern::All => "*".to_owned(),
            Pattern::Namespace(namespace) => format!("{namespace}/*"),
            Pattern::Package(name) => name.to_string(),
        });
        f.write_str(&words.collect::<Vec<_>>().join(","))
    }
}

/// A token that was authenticated.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// Its id.
    pub(crate) token: String,
    /// What it may do.
    pub(crate) scopes: BTreeSet<Scope>,
    /// To which packages.
    pub(crate) packages: Patterns,
}

impl Grant {
    fn needs(&self, scope: Scope) -> Result<()> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        Err(Error::new(Code::Forbidden, text::token_scope(scope.as_str())))
    }

    /// Whether everything in a submission may be done with this token. `exists` says whether the registry has a package.
    pub(crate) fn check(
        &self,
        submission: &Submission,
        exists: &mut dyn FnMut(&PackageName) -> Result<bool>,
    ) -> Result<()> {
        if submission.trust_root.is_some() {
            return Err(Error::new(Code::Forbidden, text::trust_root_by_api()));
        }
        for envelope in &submission.namespaces {
            let record = NamespaceRecord::unverified(envelope)?;
            let is_first = record.seq == 0;
            if is_first && record.namespace.as_str() == Namespace::NONE {
                return Err(Error::new(Code::Name, text::name_bare()));
            }
            self.needs(if is_first { Scope::NamespaceCreate } else { Scope::NamespaceKeys })?;
            if !self.packages.cover_namespace(&record.namespace) {
                let message = text::token_package(&format!("{}/*", record.namespace));
                return Err(Error::new(Code::Forbidden, message));
            }
        }
        for release in &submission.releases {
            let package = ReleaseStatement::unverified(&release.envelope)?.package;
            self.needs(if exists(&package)? { Scope::PublishUpdate } else { Scope::PublishNew })?;
            self.covers(&package)?;
        }
        for envelope in &submission.statuses {
            self.needs(Scope::Yank)?;
            self.covers(&StatusRecord::unverified(envelope)?.package)?;
        }
        Ok(())
    }

    fn covers(&self, package: &PackageName) -> Result<()> {
        if self.packages.cover(package) {
            return Ok(());
        }
        Err(Error::new(Code::Forbidden, text::token_package(package.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_and_patterns_are_read_as_an_operator_writes_them() {
        let scopes = Scope::parse_list("publish, yank").unwrap();
        let expected = [Scope::PublishNew, Scope::PublishUpdate, Scope::Yank, Scope::NamespaceCreate];
        assert_eq!(scopes, expected);
        assert_eq!(Scope::parse_list("admin").unwrap_err().first().code, Code::Usage);
        let patterns = Patterns::parse("acme/*, other/one").unwrap();
        assert_eq!(Patterns::parse(&patterns.to_string()), Ok(patterns.clone()));
        let covers = |name: &str| patterns.cover(&PackageName::parse(name).unwrap());
        assert_eq!((covers("acme/x"), covers("other/one"), covers("other/two")), (true, true, false));
        let whole = |name: &str| patterns.cover_namespace(&Namespace::parse(name).unwrap());
        assert_eq!((whole("acme"), whole("other")), (true, false));
        for bad in ["", "acme/", "a/b/c", "acme*"] {
            assert_eq!(Patterns::parse(bad).unwrap_err().first().code, Code::Usage, "{bad}");
        }
    }
}
