//! Owners: which users may publish to a package, besides having a key of its namespace.
//!
//! Keys decide what a release is signed with, which every client checks; owners decide whose token may hand it in.
//! The user who publishes the first release of a package over HTTP owns it; the creator of a namespace owns all of it.
//! What has no owners, everything that was there before the server was, is left to the keys alone.

use super::Accounts;
use crate::config::WhoMayCreate;
use crate::database::{Statement, values};
use crate::error::{Error, Result};
use crate::rights::{Grant, Role, Scope};
use std::collections::BTreeSet;
use vitte_package_core::api::owners::Owned;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;
use vitte_package_core::name::{Namespace, PackageName};
use vitte_package_core::registry::Submission;
use vitte_package_core::sign::{NamespaceRecord, ReleaseStatement, StatusRecord};

impl Accounts {
    /// Refuses a submission about what others own, or with a namespace that the operator's policy does not allow.
    pub(crate) async fn check_owners(
        &self,
        grant: &Grant,
        submission: &Submission,
        policy: WhoMayCreate,
    ) -> Result<()> {
        let mut concerned = BTreeSet::new();
        for envelope in &submission.namespaces {
            let record = NamespaceRecord::unverified(envelope)?;
            if record.seq > 0 {
                concerned.insert(Owned::Namespace(record.namespace));
            } else if !may_create(grant.role, policy) {
                return Err(Error::new(Code::Forbidden, text::namespace_policy()));
            }
        }
        for release in &submission.releases {
            concerned.insert(Owned::Package(ReleaseStatement::unverified(&release.envelope)?.package));
        }
        for envelope in &submission.statuses {
            concerned.insert(Owned::Package(StatusRecord::unverified(envelope)?.package));
        }
        if grant.scopes.contains(&Scope::Admin) {
            return Ok(());
        }
        for owned in concerned {
            let (own, of_namespace) = self.owners(&owned).await?;
            let all = [own, of_namespace].concat();
            if !all.is_empty() && !all.contains(&grant.user) {
                return Err(Error::new(Code::Forbidden, text::owner_only(&owned.to_string())));
            }
        }
        Ok(())
    }

    /// Makes a user the owner of what has just begun to exist.
    pub(crate) async fn own_new(
        &self,
        user: &str,
        namespaces: &[Namespace],
        packages: BTreeSet<PackageName>,
        now: u64,
    ) -> Result<()> {
        let namespaces = namespaces.iter().cloned().map(Owned::Namespace);
        let all = namespaces.chain(packages.into_iter().map(Owned::Package));
        let statements: Vec<_> = all.map(|owned| add(&owned, user, now)).collect();
        if statements.is_empty() {
            return Ok(());
        }
        self.database.write(statements).await.map(drop)
    }

    /// Owners by name: its own, and, of a package, those of its namespace.
    pub(crate) async fn owners(&self, owned: &Owned) -> Result<(Vec<String>, Vec<String>)> {
        let sql = "SELECT user_name FROM owners WHERE package = $1 ORDER BY user_name";
        let names = async |owned: String| {
            let rows = self.database.query(sql, values![owned]).await?;
            rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()
        };
        let of_namespace = match owned {
            Owned::Package(name) => names(format!("{}/*", name.namespace_or_none())).await?,
            Owned::Namespace(_) => Vec::new(),
        };
        Ok((names(owned.to_string()).await?, of_namespace))
    }

    /// Adds an owner.
    pub(crate) async fn add_owner(&self, owned: &Owned, user: &str, now: u64) -> Result<()> {
        let (user, _) = self.user(Some(user)).await?;
        self.database.write(vec![add(owned, &user, now)]).await.map(drop)
    }

    /// Removes an owner, but not the last one: what nobody owns is open to all who have a key.
    pub(crate) async fn remove_owner(&self, owned: &Owned, user: &str) -> Result<()> {
        let sql = "DELETE FROM owners WHERE package = $1 AND user_name = $2 \
                   AND EXISTS (SELECT 1 FROM owners WHERE package = $1 AND user_name <> $2)";
        let remove = Statement::new(sql, values![owned.to_string(), user]).must_change(1);
        if self.database.write(vec![remove]).await?.is_some() {
            return Ok(());
        }
        match self.owners(owned).await?.0.iter().any(|owner| owner == user) {
            true => Err(Error::new(Code::Forbidden, text::owner_last(&owned.to_string()))),
            false => Err(Error::new(Code::NotFound, text::user_missing(user))),
        }
    }
}

fn add(owned: &Owned, user: &str, now: u64) -> Statement {
    let sql = "INSERT INTO owners (package, user_name, added) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    Statement::new(sql, values![owned.to_string(), user, now])
}

fn may_create(role: Role, policy: WhoMayCreate) -> bool {
    match policy {
        WhoMayCreate::Anyone => true,
        WhoMayCreate::Members => role >= Role::Member,
        WhoMayCreate::Admins => role == Role::Admin,
    }
}
