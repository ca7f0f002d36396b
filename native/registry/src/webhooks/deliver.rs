//! What is due is sent, and again with growing pauses until it was taken. A process says that it sends a message before it
//! does: another one sends it only if this one ended meanwhile.

use super::Webhooks;
use super::sign::Secret;
use super::target::Target;
use crate::database::{Row, Statement, values};
use crate::error::Result;
use crate::ledger::unix_now;
use crate::networks::Public;
use crate::objects::Objects;
use std::collections::HashMap;
use std::time::Duration;
use tokio::task::{Id, JoinSet};
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use vitte_package_core::sign::RegistryId;

/// How long nothing is looked for where there was nothing to do.
const PAUSE: Duration = Duration::from_millis(500);
/// How long nothing is tried after the database or the files failed.
const LONG_PAUSE: Duration = Duration::from_secs(5);
/// How long a target may take, all in all.
const PATIENCE: Duration = Duration::from_secs(15);
/// For how long a message counts as being sent.
const LEASE: u64 = 60;
/// Pauses in seconds before each further attempt; behind the last, a message is given up.
const PAUSES: [u64; 9] = [5, 5 * 60, 30 * 60, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
/// How long deliveries are remembered that are over.
const MEMORY: u64 = 30 * 24 * 60 * 60;

/// A message that is due.
struct Message {
    id: String,
    webhook: String,
    url: String,
    secret: Secret,
    body: String,
    attempts: u64,
    due: u64,
}

impl Message {
    fn of(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.text(0)?,
            webhook: row.text(1)?,
            url: row.text(2)?,
            secret: Secret::stored(row.text(3)?),
            body: row.text(4)?,
            attempts: row.seconds(5)?,
            due: row.seconds(6)?,
        })
    }
}

/// What an attempt came to.
enum Sent {
    /// It was taken.
    Taken(u16),
    /// Its target is gone for good.
    Gone,
    /// It was not taken, in the words of a log.
    Not(String),
}

/// Messages that are being sent, and to which webhook each is.
#[derive(Default)]
struct Underway {
    sending: JoinSet<(Message, Sent)>,
    webhooks: HashMap<Id, String>,
}

impl Webhooks {
    /// Follows the log and delivers, for as long as the server runs. With `any`, messages also go by http and into the
    /// operator's own network.
    ///
    /// Each webhook is sent one message at a time, and all webhooks at once: one whose target hangs, or whose messages are
    /// all refused, holds up no other.
    pub(crate) async fn run(self, files: Objects, registry: RegistryId, any: bool) {
        let mut underway = Underway::default();
        loop {
            // What is due is sent while the log cannot be read.
            let stepped = self.step(&files, &registry).await;
            let started = self.begin(&mut underway, any).await;
            let pause = match (&stepped, &started) {
                (Ok(true), Ok(())) => Duration::ZERO,
                (Ok(false), Ok(())) => PAUSE,
                _ => LONG_PAUSE,
            };
            tokio::select! {
                Some(done) = underway.sending.join_next_with_id() => {
                    let (id, sent) = match done {
                        Ok((id, sent)) => (id, Some(sent)),
                        // A fault of the program: the message is tried again once its lease is over.
                        Err(error) => (error.id(), None),
                    };
                    underway.webhooks.remove(&id);
                    if let Some((message, sent)) = sent {
                        // Where it cannot be stored, it is sent again.
                        let _ = self.note(&message, sent).await;
                    }
                }
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Begins to send to each webhook what is due for it and nothing is being sent to.
    async fn begin(&self, underway: &mut Underway, any: bool) -> Result<()> {
        let sql = "SELECT id, (SELECT webhook_deliveries.id FROM webhook_deliveries \
                   WHERE webhook = webhooks.id AND due <= $1 ORDER BY due, webhook_deliveries.id LIMIT 1) \
                   FROM webhooks WHERE disabled IS NULL";
        let now = unix_now();
        for row in self.database.query(sql, values![now]).await? {
            let (webhook, Some(delivery)) = (row.text(0)?, row.maybe_text(1)?) else { continue };
            if underway.webhooks.values().any(|busy| *busy == webhook) {
                continue;
            }
            let sql = "SELECT webhook_deliveries.id, webhook, url, secret, body, attempts, due FROM webhook_deliveries \
                       JOIN webhooks ON webhooks.id = webhook WHERE webhook_deliveries.id = $1 AND due <= $2";
            let Some(row) = self.database.one(sql, values![delivery, now]).await? else { continue };
            let message = Message::of(&row)?;
            let claim = "UPDATE webhook_deliveries SET due = $1, attempts = $2 \
                         WHERE id = $3 AND attempts = $4 AND due = $5";
            let next = now + LEASE;
            let values = values![next, message.attempts + 1, &message.id, message.attempts, message.due];
            if self.database.write(vec![Statement::new(claim, values).must_change(1)]).await?.is_none() {
                continue;
            }
            let task = underway.sending.spawn_blocking(move || {
                let sent = send(&message, any);
                (message, sent)
            });
            underway.webhooks.insert(task.id(), webhook);
        }
        if underway.webhooks.is_empty() {
            let old = now.saturating_sub(MEMORY);
            let forget = "DELETE FROM webhook_deliveries WHERE due IS NULL AND created < $1";
            let any = "SELECT 1 FROM webhook_deliveries WHERE due IS NULL AND created < $1 LIMIT 1";
            if self.database.one(any, values![old]).await?.is_some() {
                self.database.write(vec![Statement::new(forget, values![old])]).await?;
            }
        }
        Ok(())
    }

    /// Stores what became of a message.
    async fn note(&self, message: &Message, sent: Sent) -> Result<()> {
        let now = unix_now();
        let attempt = usize::try_from(message.attempts).unwrap_or(usize::MAX);
        let (due, result, delivered) = match &sent {
            Sent::Taken(status) => (None, status.to_string(), Some(now)),
            Sent::Gone => (None, "410".to_owned(), None),
            Sent::Not(why) => (PAUSES.get(attempt).map(|pause| now + pause), why.clone(), None),
        };
        tracing::info!(webhook = message.webhook, delivery = message.id, result, "webhook");
        let sql = "UPDATE webhook_deliveries SET due = $1, result = $2, delivered = $3 WHERE id = $4 AND attempts = $5";
        let values = values![due, result, delivered, &message.id, message.attempts + 1];
        let mut statements = vec![Statement::new(sql, values)];
        if matches!(sent, Sent::Gone) {
            let disable = "UPDATE webhooks SET disabled = $1 WHERE id = $2";
            statements.push(Statement::new(disable, values![now, &message.webhook]));
        }
        self.database.write(statements).await?;
        Ok(())
    }
}

/// Sends a message, on a thread that may wait.
fn send(message: &Message, any: bool) -> Sent {
    // What is allowed may have changed since it was added.
    let Ok(target) = Target::parse(&message.url, any) else {
        return Sent::Not("the operator does not allow this address".to_owned());
    };
    let time = unix_now();
    let Some(signature) = message.secret.sign(&message.id, time, &message.body) else {
        return Sent::Not("its secret was removed".to_owned());
    };
    let config = Agent::config_builder()
        .http_status_as_error(false)
        // A redirect could lead anywhere.
        .max_redirects(0)
        .proxy(None)
        .user_agent(concat!("vitte-registry/", env!("CARGO_PKG_VERSION"), " webhook"))
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .timeout_global(Some(PATIENCE))
        .build();
    let agent = match any {
        true => config.new_agent(),
        false => Agent::with_parts(config, DefaultConnector::default(), Public::default()),
    };
    let request = agent
        .post(target.as_str())
        .header("content-type", "application/json")
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", time.to_string())
        .header("webhook-signature", signature);
    match request.send(&message.body) {
        Ok(response) => match response.status().as_u16() {
            status @ 200..=299 => Sent::Taken(status),
            410 => Sent::Gone,
            status => Sent::Not(status.to_string()),
        },
        Err(ureq::Error::HostNotFound) => Sent::Not("no public address".to_owned()),
        Err(ureq::Error::Timeout(_)) => Sent::Not("no response in time".to_owned()),
        Err(_) => Sent::Not("no connection".to_owned()),
    }
}
