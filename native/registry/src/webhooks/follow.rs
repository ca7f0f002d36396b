//! A delivery for each leaf that a webhook is for. It does not matter who logged the leaf; where two processes follow the
//! log, one of them changes nothing.

use super::Webhooks;
use super::event::{Event, Kind};
use crate::database::{Statement, values};
use crate::error::Result;
use crate::leaves;
use crate::ledger::unix_now;
use crate::objects::Objects;
use crate::rights::Patterns;
use crate::tasks::waiting;
use vitte_package_core::sign::RegistryId;

impl Webhooks {
    /// Takes in some leaves. Says whether there may be more.
    pub(super) async fn step(&self, files: &Objects, registry: &RegistryId) -> Result<bool> {
        let row = self.database.one("SELECT size FROM webhooks_state", values![]).await?;
        let seen = row.map_or(Ok(0), |row| row.seconds(0))?;
        let (files, id) = (files.clone(), registry.clone());
        let news = waiting(move || leaves::behind(&files, &id, seen)).await?;
        // Of an older copy of the registry, everything was told already.
        let Some(news) = news.filter(|news| news.end > seen) else { return Ok(false) };
        let sql = "SELECT id, events, packages FROM webhooks WHERE disabled IS NULL ORDER BY id";
        let mut webhooks = Vec::new();
        for row in self.database.query(sql, values![]).await? {
            let (id, kinds, packages) = (row.text(0)?, row.text(1)?, row.text(2)?);
            // One that cannot be read, of a later version, holds up no other.
            match (Kind::parse_list(&kinds), Patterns::parse(&packages)) {
                (Ok(kinds), Ok(packages)) => webhooks.push((id, kinds, packages)),
                _ => tracing::warn!(webhook = id, "webhook with events or packages that are not known"),
            }
        }
        let (mut statements, now) = (Vec::new(), unix_now());
        for (index, leaf) in &news.leaves {
            let Some(event) = Event::of(*index, leaf, registry.as_str()) else { continue };
            for (webhook, _, _) in
                webhooks.iter().filter(|(_, kinds, packages)| event.is_for(kinds, packages))
            {
                let sql = "INSERT INTO webhook_deliveries (id, webhook, log, event, body, created, attempts, due) \
                           VALUES ($1, $2, $3, $4, $5, $6, 0, $7) ON CONFLICT DO NOTHING";
                let id = format!("msg_{webhook}_{index}");
                let row = values![id, webhook, *index, &event.name, event.body(), now, now];
                statements.push(Statement::new(sql, row));
            }
        }
        let moved = "UPDATE webhooks_state SET size = $1 WHERE size = $2";
        statements.push(Statement::new(moved, values![news.end, seen]).must_change(1));
        self.database.write(statements).await?;
        Ok(true)
    }
}
