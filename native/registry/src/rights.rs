//! What a token allows: scopes, and patterns of packages.

use crate::error::{Error, Result};
use crate::networks::Networks;
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
    /// Read a private registry.
    Read,
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
    /// Add and remove owners of packages.
    Owners,
    /// Do for every package what its owners may.
    Admin,
}

impl Scope {
    const ALL: [Self; 8] = [
        Self::Read,
        Self::PublishNew,
        Self::PublishUpdate,
        Self::Yank,
        Self::NamespaceCreate,
        Self::NamespaceKeys,
        Self::Owners,
        Self::Admin,
    ];

    /// Its name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::PublishNew => "publish:new",
            Self::PublishUpdate => "publish:update",
            Self::Yank => "yank",
            Self::NamespaceCreate => "namespace:create",
            Self::NamespaceKeys => "namespace:keys",
            Self::Owners => "owners",
            Self::Admin => "admin",
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
                "publish" => {
                    scopes.extend([Self::Read, Self::PublishNew, Self::PublishUpdate, Self::NamespaceCreate])
                }
                "namespace" => {
                    scopes.extend([Self::Read, Self::NamespaceCreate, Self::NamespaceKeys]);
                }
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

    /// What a client that was signed in may do unless it asks for something else: all but what only admins may.
    pub(crate) fn of_a_user() -> Vec<Self> {
        Self::ALL.into_iter().filter(|scope| *scope != Self::Admin).collect()
    }

    /// Some, as they are stored.
    pub(crate) fn written(scopes: &[Self]) -> String {
        scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",")
    }
}

/// What a user is to the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Somebody whom the organisation's provider knows, and who is in none of its groups that matter.
    Guest,
    /// Somebody of the organisation.
    Member,
    /// Somebody who may do what all owners may.
    Admin,
}

impl Role {
    const ALL: [Self; 3] = [Self::Guest, Self::Member, Self::Admin];

    /// Its name.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::Member => "member",
            Self::Admin => "admin",
        }
    }

    /// Reads a name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// Whether a token of such a user may have a scope.
    pub(crate) fn may_have(self, scope: Scope) -> bool {
        scope != Scope::Admin || self == Self::Admin
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

    /// Whether they cover a package.
    pub(crate) fn cover(&self, package: &PackageName) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::All => true,
            Pattern::Namespace(namespace) => package.namespace().as_ref() == Some(namespace),
            Pattern::Package(name) => name == package,
        })
    }

    /// Whether everything that others cover is covered.
    pub(crate) fn cover_all(&self, others: &Self) -> bool {
        others.0.iter().all(|other| match other {
            Pattern::All => self.0.contains(&Pattern::All),
            Pattern::Namespace(namespace) => self.cover_namespace(namespace),
            Pattern::Package(name) => self.cover(name),
        })
    }

    /// Each as it is written.
    pub(crate) fn written(&self) -> Vec<String> {
        self.to_string().split(',').map(str::to_owned).collect()
    }

    /// The namespace that all of them are of, if they are of one.
    pub(crate) fn only_namespace(&self) -> Option<&Namespace> {
        let [Pattern::Namespace(first)] = self.0.as_slice() else { return None };
        Some(first)
    }

    /// Whether they cover every package.
    pub(crate) fn cover_everything(&self) -> bool {
        self.0.contains(&Pattern::All)
    }

    /// Whether they cover something in a namespace.
    pub(crate) fn touch(&self, namespace: &Namespace) -> bool {
        self.0.iter().any(|pattern| match pattern {
            Pattern::All => true,
            Pattern::Namespace(covered) => covered == namespace,
            Pattern::Package(name) => name.namespace().as_ref() == Some(namespace),
        })
    }

    /// Whether they cover all of a namespace.
    pub(crate) fn cover_namespace(&self, namespace: &Namespace) -> bool {
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
    /// Whose it is.
    pub(crate) user: String,
    /// What that user is.
    pub(crate) role: Role,
    /// Whether it may manage its user's tokens: a client was signed in with it.
    pub(crate) is_login: bool,
    /// Where it may be used from.
    pub(crate) networks: Networks,
    /// What it may do.
    pub(crate) scopes: BTreeSet<Scope>,
    /// To which packages.
    pub(crate) packages: Patterns,
}

impl Grant {
    /// Refuses what the token has no scope for.
    pub(crate) fn needs(&self, scope: Scope) -> Result<()> {
        if self.scopes.contains(&scope) {
            return Ok(());
        }
        let scopes: Vec<_> = self.scopes.iter().copied().chain([scope]).collect();
        let fault = Diagnostic::new(Code::Forbidden, text::token_scope(scope.as_str()));
        Err(self.with_way(fault, &Scope::written(&scopes), &self.packages.to_string()))
    }

    /// Adds how to get a token that may do more.
    fn with_way(&self, fault: Diagnostic, scopes: &str, packages: &str) -> Error {
        let create = text::token_create(scopes, packages);
        fault.help(create).help(text::token_ask(&self.user, scopes, packages)).into()
    }

    /// Refuses what the packages of the token do not cover.
    fn not_covered(&self, package: &str) -> Error {
        let scopes: Vec<_> = self.scopes.iter().copied().collect();
        let fault = Diagnostic::new(Code::Forbidden, text::token_package(package));
        self.with_way(fault, &Scope::written(&scopes), &format!("{},{package}", self.packages))
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
            self.covers_namespace(&record.namespace)?;
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

    /// Refuses a namespace that the token is not for, all of it.
    pub(crate) fn covers_namespace(&self, namespace: &Namespace) -> Result<()> {
        if self.packages.cover_namespace(namespace) {
            return Ok(());
        }
        Err(self.not_covered(&format!("{namespace}/*")))
    }

    /// Refuses a package that the token is not for.
    pub(crate) fn covers(&self, package: &PackageName) -> Result<()> {
        if self.packages.cover(package) {
            return Ok(());
        }
        Err(self.not_covered(package.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_and_patterns_are_read_as_an_operator_writes_them() {
        let scopes = Scope::parse_list("publish, yank").unwrap();
        let expected =
            [Scope::Read, Scope::PublishNew, Scope::PublishUpdate, Scope::Yank, Scope::NamespaceCreate];
        assert_eq!(scopes, expected);
        assert_eq!(Scope::parse_list("root").unwrap_err().first().code, Code::Usage);
        let patterns = Patterns::parse("acme/*, other/one").unwrap();
        assert_eq!(Patterns::parse(&patterns.to_string()), Ok(patterns.clone()));
        let covers = |name: &str| patterns.cover(&PackageName::parse(name).unwrap());
        assert_eq!((covers("acme/x"), covers("other/one"), covers("other/two")), (true, true, false));
        let whole = |name: &str| patterns.cover_namespace(&Namespace::parse(name).unwrap());
        assert_eq!((whole("acme"), whole("other")), (true, false));
        let all = |given: &str| patterns.cover_all(&Patterns::parse(given).unwrap());
        assert!(all("acme/x, acme/*, other/one") && !all("*") && !all("other/*") && !all("acme/x,third/one"));
        for bad in ["", "acme/", "a/b/c", "acme*"] {
            assert_eq!(Patterns::parse(bad).unwrap_err().first().code, Code::Usage, "{bad}");
        }
    }
}
