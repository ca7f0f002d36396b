//! `webhook`: who is told of what is logged.

use super::DataArg;
use crate::config::ServeFlags;
use crate::error::Result;
use crate::ledger::unix_now;
use crate::message as words;
use crate::output;
use crate::rights::Patterns;
use crate::serve::runtime;
use crate::webhooks::{Kind, Target, Webhooks};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum WebhookCommand {
    /// Add one, and show the secret that its messages are signed with, once
    Add {
        /// Where messages are sent
        url: String,
        /// What it is told of, separated by commas: publish, yank, deprecate, namespace
        #[arg(long, value_name = "EVENTS", default_value = "publish,yank,deprecate,namespace")]
        events: String,
        /// The packages it is told of, separated by commas: *, namespace/*, namespace/name
        #[arg(long, value_name = "PATTERNS", default_value = "*")]
        packages: String,
        #[command(flatten)]
        data: DataArg,
    },
    /// List them, each with what its last message came to
    List {
        #[command(flatten)]
        data: DataArg,
    },
    /// Remove one, and what was to be sent to it
    Remove {
        /// Its id, as `webhook list` shows it
        id: String,
        #[command(flatten)]
        data: DataArg,
    },
    /// List the newest messages to one, and what they came to
    Deliveries {
        /// Its id, as `webhook list` shows it
        id: String,
        #[command(flatten)]
        data: DataArg,
    },
    /// Send a message again
    Redeliver {
        /// The message's id, as `webhook deliveries` shows it
        delivery: String,
        #[command(flatten)]
        data: DataArg,
    },
}

impl WebhookCommand {
    pub(super) fn run(self) -> Result<()> {
        match self {
            Self::Add { url, events, packages, data } => {
                let any = data.settings(&ServeFlags::default())?.settings.webhook_targets.any();
                let target = Target::parse(&url, any)?;
                let (events, packages) = (Kind::parse_list(&events)?, Patterns::parse(&packages)?);
                let (id, secret) = with(&data, async |webhooks| {
                    webhooks.add(&target, &events, &packages, unix_now()).await
                })?;
                output::line(&words::webhook_added(&id));
                output::line(&words::webhook_secret(&secret));
            }
            Self::List { data } => {
                for webhook in with(&data, async |webhooks| webhooks.list().await)? {
                    let last = webhook.last.unwrap_or_else(|| "-".to_owned());
                    let state = if webhook.is_disabled { words::webhook_disabled() } else { last };
                    let (id, url, events) = (webhook.id, webhook.url, webhook.events);
                    output::line(&format!("{id}  {url}  {events}  {}  {state}", webhook.packages));
                }
            }
            Self::Remove { id, data } => {
                with(&data, async |webhooks| webhooks.remove(&id).await)?;
                output::line(&words::webhook_removed(&id));
            }
            Self::Deliveries { id, data } => {
                for delivery in with(&data, async |webhooks| webhooks.deliveries(&id).await)? {
                    let state = match (delivery.is_delivered, delivery.due) {
                        (true, _) => words::delivery_taken(),
                        (false, Some(due)) => words::delivery_due(due.saturating_sub(unix_now())),
                        (false, None) => words::delivery_over(),
                    };
                    let (event, log, tries) = (delivery.event, delivery.log, delivery.attempts);
                    let result = delivery.result.unwrap_or_else(|| "-".to_owned());
                    output::line(&format!("{}  {event}  #{log}  {tries}  {result}  {state}", delivery.id));
                }
            }
            Self::Redeliver { delivery, data } => {
                with(&data, async |webhooks| webhooks.redeliver(&delivery, unix_now()).await)?;
                output::line(&words::delivery_again(&delivery));
            }
        }
        Ok(())
    }
}

fn with<T>(data: &DataArg, work: impl AsyncFnOnce(Webhooks) -> Result<T>) -> Result<T> {
    let folder = data.existing()?;
    runtime()?.block_on(async { work(Webhooks::new(folder.open_database().await?)).await })
}
