//! What makes the tables, in order. A database says itself how many of these it was given.

use super::Dialect;

/// One step, in both dialects.
pub(crate) struct Migration {
    sqlite: &'static str,
    postgres: &'static str,
}

impl Migration {
    /// Its statements.
    pub(crate) fn sql(&self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Sqlite => self.sqlite,
            Dialect::Postgres => self.postgres,
        }
    }
}

macro_rules! migrations {
    ($($name:literal),+ $(,)?) => {
        /// All steps. One that was released is never changed; new ones come last.
        pub(crate) const MIGRATIONS: &[Migration] = &[$(Migration {
            sqlite: include_str!(concat!("../../migrations/sqlite/", $name, ".sql")),
            postgres: include_str!(concat!("../../migrations/postgres/", $name, ".sql")),
        }),+];
    };
}

migrations![
    "0001-accounts",
    "0002-sign-in",
    "0003-sequencer",
    "0004-packages",
    "0005-idempotency",
    "0006-namespaces",
    "0007-webhooks",
    "0008-search",
    "0011-upload-states",
    "0012-quotas",
    "0013-buckets",
    "0016-allowances",
    "0017-beat",
    "0018-next-deliveries",
];
