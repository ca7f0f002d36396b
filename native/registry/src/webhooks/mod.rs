//! Webhooks: others are told what was logged, at least once, signed as Standard Webhooks says
//! (standard-webhooks, specification 1.0).
//!
//! `follow` makes a delivery for each leaf that a webhook is for; `deliver` sends what is due, and again until it was
//! taken; `target` keeps it from reaching into the operator's own network.

mod deliver;
mod event;
mod follow;
mod sign;
mod target;

pub(crate) use event::Kind;
pub(crate) use target::Target;

use crate::database::{Database, Row, Statement, values};
use crate::error::{Error, Result};
use crate::message as words;
use crate::rights::Patterns;
use std::collections::BTreeSet;
use vitte_package_core::diagnostic::Code;

/// Webhooks at most: each leaf is held against all of them.
const LIMIT: u64 = 100;

/// The tables.
#[derive(Clone, Debug)]
pub(crate) struct Webhooks {
    database: Database,
}

/// A webhook as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) url: String,
    pub(crate) events: String,
    pub(crate) packages: String,
    pub(crate) is_disabled: bool,
    /// What the last attempt of its newest delivery came to.
    pub(crate) last: Option<String>,
}

/// A delivery as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) id: String,
    pub(crate) log: u64,
    pub(crate) event: String,
    pub(crate) attempts: u64,
    pub(crate) due: Option<u64>,
    pub(crate) result: Option<String>,
    pub(crate) is_delivered: bool,
}

impl Webhooks {
    /// Those in a database.
    pub(crate) fn new(database: Database) -> Self {
        Self { database }
    }

    /// Adds one. Gives its id, and the secret that its messages are signed with, which is not shown again.
    pub(crate) async fn add(
        &self,
        target: &Target,
        events: &BTreeSet<Kind>,
        packages: &Patterns,
        now: u64,
    ) -> Result<(String, String)> {
        let count = self.database.one("SELECT count(*) FROM webhooks", values![]).await?;
        if count.map_or(Ok(0), |row| row.seconds(0))? >= LIMIT {
            return Err(Error::new(Code::Limit, words::webhook_limit(LIMIT)));
        }
        let (id, secret) = (sign::id()?, sign::Secret::draw()?);
        let events = events.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(",");
        let sql = "INSERT INTO webhooks (id, url, secret, events, packages, created) VALUES ($1, $2, $3, $4, $5, $6)";
        let row = values![&id, target.as_str(), secret.reveal(), events, packages.to_string(), now];
        self.database.write(vec![Statement::new(sql, row)]).await?;
        Ok((id, secret.reveal().to_owned()))
    }

    /// Removes one, and what was to be delivered to it.
    pub(crate) async fn remove(&self, id: &str) -> Result<()> {
        let deliveries = Statement::new("DELETE FROM webhook_deliveries WHERE webhook = $1", values![id]);
        let webhook = Statement::new("DELETE FROM webhooks WHERE id = $1", values![id]).must_change(1);
        match self.database.write(vec![deliveries, webhook]).await? {
            None => Err(Error::new(Code::NotFound, words::webhook_missing(id))),
            Some(_) => Ok(()),
        }
    }

    /// All of them, the oldest first.
    pub(crate) async fn list(&self) -> Result<Vec<Listed>> {
        let sql = "SELECT id, url, events, packages, disabled, \
                   (SELECT result FROM webhook_deliveries WHERE webhook = webhooks.id AND result IS NOT NULL \
                   ORDER BY log DESC LIMIT 1) FROM webhooks ORDER BY created, id";
        let listed = |row: &Row| {
            Ok(Listed {
                id: row.text(0)?,
                url: row.text(1)?,
                events: row.text(2)?,
                packages: row.text(3)?,
                is_disabled: row.maybe_integer(4)?.is_some(),
                last: row.maybe_text(5)?,
            })
        };
        self.database.query(sql, values![]).await?.iter().map(listed).collect()
    }

    /// The newest deliveries of one, the newest first.
    pub(crate) async fn deliveries(&self, id: &str) -> Result<Vec<Delivery>> {
        if self.database.one("SELECT 1 FROM webhooks WHERE id = $1", values![id]).await?.is_none() {
            return Err(Error::new(Code::NotFound, words::webhook_missing(id)));
        }
        let sql = "SELECT id, log, event, attempts, due, result, delivered FROM webhook_deliveries \
                   WHERE webhook = $1 ORDER BY log DESC, id LIMIT 100";
        let delivery = |row: &Row| {
            Ok(Delivery {
                id: row.text(0)?,
                log: row.seconds(1)?,
                event: row.text(2)?,
                attempts: row.seconds(3)?,
                due: row.maybe_integer(4)?.map(i64::unsigned_abs),
                result: row.maybe_text(5)?,
                is_delivered: row.maybe_integer(6)?.is_some(),
            })
        };
        self.database.query(sql, values![id]).await?.iter().map(delivery).collect()
    }

    /// Has a delivery sent again, with all its attempts before it.
    pub(crate) async fn redeliver(&self, delivery: &str, now: u64) -> Result<()> {
        let again = "UPDATE webhook_deliveries SET due = $1, attempts = 0, delivered = NULL WHERE id = $2";
        let enable = "UPDATE webhooks SET disabled = NULL \
                      WHERE id = (SELECT webhook FROM webhook_deliveries WHERE id = $1)";
        let statements = vec![
            Statement::new(again, values![now, delivery]).must_change(1),
            Statement::new(enable, values![delivery]),
        ];
        match self.database.write(statements).await? {
            None => Err(Error::new(Code::NotFound, words::delivery_missing(delivery))),
            Some(_) => Ok(()),
        }
    }
}
