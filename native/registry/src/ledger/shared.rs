//! A replica: it judges by what is published, and hands what it verified over to the one replica that sequences.
//!
//! Submissions go through a table, the outbox, in the order they came. Every replica that has the keys tries to become
//! the sequencer; the one that is answers in the table. When it is lost another one takes over: what it had not answered
//! is decided upon again, and what it had logged is found to be logged.

use super::batches::Batches;
use super::judge::{judge, status_records};
use super::{Facts, Judged, Logged, Verified, Writes, unix_now};
use crate::accounts::Allowance;
use crate::data::Data;
use crate::database::{Database, Row, Statement, values};
use crate::error::{Error, Result};
use crate::objects::Objects;
use crate::sequencer::{LogView, Shared, silent_for};
use crate::tasks::{self, waiting};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;
use vitte_package_core::api::problem::Problem;
use vitte_package_core::api::status::StatusRecords;
use vitte_package_core::api::upload::{Purpose, Upload, UploadRequest};
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{Admission, Submission};
use vitte_package_core::version::Version;

/// How often the outbox is looked at while submissions come.
const TICK: Duration = Duration::from_millis(20);
/// How often when none has come for a while.
const IDLE: Duration = Duration::from_millis(100);
/// How many looks in vain are a while.
const WHILE: u32 = 50;
/// How often a replica tries to become the sequencer.
const TAKE_OVER: Duration = Duration::from_millis(500);
/// For how many times its patience with the sequencer a replica is ready without one: the next one has taken over by
/// then, or none will.
const GRACE: u32 = 2;
/// How long a client waits for the sequencer. It is told to come back then; what becomes of it is not lost.
const PATIENCE: Duration = Duration::from_secs(20);
/// Submissions that are taken at once.
const TOGETHER: u64 = 256;
/// How long a response is kept that nobody asked for, in seconds.
const KEPT: u64 = 60 * 60;
/// The status of a response that says what was logged.
const LOGGED: u64 = 200;

/// How often a submission is tried alone that cannot be logged, before those behind it are.
const TRIES: u32 = 3;

/// Submissions, of which one may have something in its way, and how often each was tried alone.
type Suspects = HashMap<String, u32>;

/// What a replica has of the ledger.
#[derive(Debug)]
pub(crate) struct Replica {
    /// What it is called in the outbox.
    id: String,
    files: Objects,
    database: Database,
    waiting: Mutex<HashMap<String, oneshot::Sender<Result<Logged>>>>,
    /// Whether it neither sequences nor tries to any more.
    ended: Arc<AtomicBool>,
    /// Whether it may sequence, and whether it does.
    has_keys: bool,
    sequences: Arc<AtomicBool>,
    /// Since when it is there, and how long nobody may have sequenced before it is not ready.
    started: Instant,
    grace: Duration,
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Release);
    }
}

fn draw() -> Result<String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| Error::storage("the system's randomness", &error))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl Replica {
    /// Starts what brings responses, and, where the keys are, what sequences.
    pub(super) fn start(data: Data, shared: Shared) -> Result<(Arc<Self>, Option<JoinHandle<()>>)> {
        let (ended, sequences) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
        let has_keys = data.keys().is_dir();
        let replica = Arc::new(Self {
            id: draw()?,
            files: data.public()?,
            database: shared.database.clone(),
            waiting: Mutex::default(),
            ended: Arc::clone(&ended),
            has_keys,
            sequences: Arc::clone(&sequences),
            started: Instant::now(),
            grace: GRACE * shared.silence,
        });
        let brought = Arc::downgrade(&replica);
        tasks::keep(&shared.runtime, move || bring_responses(Weak::clone(&brought)));
        if !has_keys {
            return Ok((replica, None));
        }
        let thread = std::thread::Builder::new().name("ledger".to_owned());
        let thread = thread.spawn(move || {
            let mut suspects = Suspects::new();
            while !ended.load(Ordering::Acquire) {
                let sequenced =
                    AssertUnwindSafe(|| sequence(&data, &shared, &ended, &sequences, &mut suspects));
                let sequenced = catch_unwind(sequenced).unwrap_or_else(|_| Err(Error::fault()));
                let was_one = sequences.swap(false, Ordering::AcqRel);
                if let Err(error) = sequenced {
                    let fault = error.first();
                    match fault.code {
                        Code::Busy if was_one => {
                            tracing::warn!(
                                reason = fault.message,
                                "this replica has lost the right to write to the log"
                            );
                        }
                        // Another one sequences.
                        Code::Busy => tracing::debug!(reason = fault.message, "not the sequencer"),
                        code => tracing::warn!(code = %code, reason = fault.message, "sequencer stopped"),
                    }
                }
                pause(TAKE_OVER, &ended);
            }
        });
        Ok((replica, Some(thread.map_err(|error| Error::storage("its threads", &error))?)))
    }

    async fn by_view<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut LogView) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let files = self.files.clone();
        waiting(move || work(&mut LogView::published(files)?)).await
    }

    /// What tells the thread to end.
    pub(super) fn ending(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.ended)
    }

    pub(super) async fn judge(&self, submission: Submission, facts: Facts) -> Result<Judged> {
        self.by_view(move |view| judge(view, &submission, &facts)).await
    }

    pub(super) async fn status_records(
        &self,
        package: PackageName,
        version: Version,
    ) -> Result<StatusRecords> {
        self.by_view(move |view| status_records(view, &package, &version)).await
    }

    pub(super) async fn ready(&self) -> Result<Writes> {
        let silent = silent_for(&self.database).await?.map(Duration::from_secs);
        // One that begins does not know yet whether somebody sequences.
        let silent = silent.unwrap_or(Duration::MAX).min(self.started.elapsed());
        if silent > self.grace {
            return Err(Error::new(Code::Unavailable, text::sequencer_absent(silent.as_secs())));
        }
        self.by_view(|view| view.check_clock(unix_now())).await?;
        Ok(match (self.sequences.load(Ordering::Acquire), self.has_keys) {
            (true, _) => Writes::Here,
            (false, true) => Writes::Elsewhere,
            (false, false) => Writes::NeverHere,
        })
    }

    pub(super) async fn log(&self, verified: Verified) -> Result<Logged> {
        let (id, (sender, receiver)) = (draw()?, oneshot::channel());
        self.waiting().insert(id.clone(), sender);
        let handed = self.hand_over(&id, verified).await;
        let logged = match handed {
            Ok(()) => tokio::time::timeout(PATIENCE, receiver).await,
            Err(error) => Ok(Ok(Err(error))),
        };
        self.waiting().remove(&id);
        let late = |_| Error::new(Code::Unavailable, text::sequencer_silent());
        logged.map_err(late)?.unwrap_or_else(|_| Err(Error::new(Code::Unavailable, text::shutting_down())))
    }

    async fn hand_over(&self, id: &str, verified: Verified) -> Result<()> {
        let Verified { submission, facts, upload, staged, allowances, .. } = verified;
        let digests = staged.values().map(|digest| format!("{digest}\n")).collect::<String>();
        let request = UploadRequest { purpose: Purpose::Publish, submission, archives: facts };
        let insert = "INSERT INTO outbox (id, replica, upload, request, verified, queued, allowances) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let allowances = Allowance::written(&allowances);
        let values = values![id, &self.id, upload, request.to_bytes(), digests, unix_now(), allowances];
        self.database.write(vec![Statement::new(insert, values)]).await?;
        Ok(())
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<Result<Logged>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives the responses that are there to who waits for them.
    async fn bring(&self) -> Result<()> {
        let sql = "SELECT id, status, response FROM outbox WHERE replica = $1 AND status IS NOT NULL";
        let mut taken = Vec::new();
        for row in self.database.query(sql, values![&self.id]).await? {
            let (id, response) = (row.text(0)?, response(&row));
            if let Some(waiting) = self.waiting().remove(&id) {
                _ = waiting.send(response);
            }
            taken.push(Statement::new("DELETE FROM outbox WHERE id = $1", values![id]));
        }
        if !taken.is_empty() {
            self.database.write(taken).await?;
        }
        Ok(())
    }
}

/// Looks for responses while somebody waits for one, as long as the replica lives.
async fn bring_responses(replica: Weak<Replica>) {
    while let Some(replica) = replica.upgrade() {
        if !replica.waiting().is_empty() {
            // When the database does not respond, clients that wait get a response in time.
            let _ = replica.bring().await;
        }
        drop(replica);
        tokio::time::sleep(TICK).await;
    }
}

fn response(row: &Row) -> Result<Logged> {
    let (status, bytes) = (row.seconds(1)?, row.blob(2)?);
    if status == LOGGED {
        return Ok(Upload::parse(&bytes)?);
    }
    let unknown = || Error::new(Code::Unavailable, text::sequencer_silent());
    let problem = Problem::parse(u16::try_from(status).unwrap_or(503), &bytes).ok_or_else(unknown)?;
    Err(Error(problem.faults))
}

fn pause(length: Duration, ended: &AtomicBool) {
    let mut left = length;
    while !left.is_zero() && !ended.load(Ordering::Acquire) {
        std::thread::sleep(left.min(TICK));
        left = left.saturating_sub(TICK);
    }
}

/// Sequences until the replica ends, or something fails: then nothing is known of the log any more.
///
/// A fault of the program, or an error, where several submissions were decided upon together, may be that of one of them:
/// they are decided upon one by one then, and the one at which it happens again gets it as its response: a fault at once, an
/// error, which may be that of a store, after a few tries. Else it would be met for ever.
fn sequence(
    data: &Data,
    shared: &Shared,
    ended: &AtomicBool,
    sequences: &AtomicBool,
    suspects: &mut Suspects,
) -> Result<()> {
    let mut batches = Batches::open(data.clone(), Some(shared.clone()))?;
    sequences.store(true, Ordering::Release);
    tracing::info!("this replica writes to the log");
    let (database, runtime) = (&shared.database, &shared.runtime);
    let old = "DELETE FROM outbox WHERE status IS NOT NULL AND queued < $1";
    let old = Statement::new(old, values![unix_now().saturating_sub(KEPT)]);
    runtime.block_on(database.write(vec![old]))?;
    let (mut quiet, mut beaten) = (0u32, Instant::now());
    while !ended.load(Ordering::Acquire) {
        let sql = "SELECT id, upload, request, verified, allowances FROM outbox WHERE status IS NULL \
                   ORDER BY number LIMIT $1";
        if beaten.elapsed() >= shared.silence / 4 {
            batches.sequencer()?.check_right()?;
            batches.sequencer()?.beat()?;
            beaten = Instant::now();
        }
        let together = if suspects.is_empty() { TOGETHER } else { 1 };
        let rows = runtime.block_on(database.query(sql, values![together]))?;
        if rows.is_empty() {
            suspects.clear();
            quiet = quiet.saturating_add(1);
            pause(if quiet > WHILE { IDLE } else { TICK }, ended);
            continue;
        }
        quiet = 0;
        let ids = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
        let logged = catch_unwind(AssertUnwindSafe(|| log(&mut batches, shared, &rows)));
        let (error, is_fault) = match logged {
            Ok(Ok(())) => {
                ids.iter().for_each(|id| _ = suspects.remove(id));
                continue;
            }
            // It is no submission's fault that another replica sequences.
            Ok(Err(error)) if error.first().code == Code::Busy => return Err(error),
            Ok(Err(error)) => (error, false),
            Err(_) => (Error::fault(), true),
        };
        // What is in memory may be half changed: the log is taken up anew.
        drop(batches);
        if let [id] = &*ids {
            let tries = suspects.entry(id.clone()).or_default();
            *tries += 1;
            if is_fault || *tries >= TRIES {
                suspects.remove(id);
                respond(shared, vec![(id.clone(), Err(error.clone()))])?;
            }
        } else {
            suspects.extend(ids.into_iter().map(|id| (id, 0)));
        }
        return Err(error);
    }
    Ok(())
}

/// Decides upon submissions, and responds to them.
fn log(batches: &mut Batches, shared: &Shared, rows: &[Row]) -> Result<()> {
    let mut submissions = VecDeque::new();
    let mut responses = Vec::new();
    for row in rows {
        let id = row.text(0)?;
        #[cfg(test)]
        match &*id {
            "fault" => panic!("canary"),
            "broken" => return Err(Error::storage("its files", &"canary")),
            _ => {}
        }
        match verified(row) {
            Ok(verified) => submissions.push_back((Box::new(verified), id)),
            Err(error) => responses.push((id, Err(error))),
        }
    }
    while !submissions.is_empty() {
        batches.sequencer()?.check_right()?;
        let mut decided = Vec::new();
        // Nothing is said of a batch that may not have been written: the next sequencer finds out.
        batches.log_some(&mut submissions, |id, logged| decided.push((id, logged)))?;
        responses.extend(decided);
        respond(shared, std::mem::take(&mut responses))?;
    }
    respond(shared, responses)?;
    batches.forget();
    Ok(())
}

/// A submission, as the replica that verified it handed it over.
fn verified(row: &Row) -> Result<Verified> {
    let request = UploadRequest::parse(&row.blob(2)?)?;
    let digests = row.text(3)?;
    let is_verified = |digest: &str| digests.lines().any(|line| line == digest);
    let staged = request.archives.iter().map(|(artifact, facts)| (artifact.clone(), facts.file));
    let staged: BTreeMap<_, _> = staged.filter(|(_, file)| is_verified(&file.to_string())).collect();
    let admission = Admission::of(&request.submission, &request.archives)?;
    let UploadRequest { submission, archives: facts, .. } = request;
    // A replica of an earlier version says nothing of them.
    let allowances = row.maybe_text(4)?.map_or(Ok(Vec::new()), |text| Allowance::parse(&text))?;
    Ok(Verified { admission, submission, facts, upload: row.text(1)?, staged, allowances })
}

fn respond(shared: &Shared, responses: Vec<(String, Result<Logged>)>) -> Result<()> {
    if responses.is_empty() {
        return Ok(());
    }
    let sql = "UPDATE outbox SET status = $1, response = $2 WHERE id = $3 AND status IS NULL";
    let statement = |(id, logged): (String, Result<Logged>)| {
        let (status, bytes) = match logged {
            Ok(logged) => (LOGGED, logged.to_bytes()),
            Err(Error(faults)) => {
                let problem = Problem::new(faults);
                (u64::from(problem.status), problem.to_bytes())
            }
        };
        Statement::new(sql, values![status, bytes, id])
    };
    let written = shared.database.write(responses.into_iter().map(statement).collect());
    shared.runtime.block_on(written).map(|_| ())
}

#[cfg(all(test, feature = "postgres"))]
mod tests {
    use super::*;
    use crate::data::Places;
    use tokio::runtime::Runtime;

    #[test]
    fn a_submission_that_always_fails_is_answered_and_does_not_hold_up_others() {
        let Ok(address) = std::env::var("VITTE_TEST_POSTGRES") else { return };
        let _alone = crate::database::ONE_SEQUENCER.blocking_lock();
        let folder = std::env::temp_dir().join(format!("vitte-registry-suspects-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let places = Places {
            database: Some(address),
            patience: Duration::from_secs(10),
            silence: Duration::from_secs(15),
            ..Places::default()
        };
        let data = Data::new(folder.clone(), places);
        let runtime = Runtime::new().unwrap();
        let shared = data.share(&runtime).unwrap().unwrap();
        let database = shared.database.clone();
        let write = |sql, values| {
            runtime.block_on(database.write(vec![Statement::new(sql, values)])).unwrap();
        };
        // No other test has these.
        write("DELETE FROM outbox", values![]);
        write("DELETE FROM log_head", values![]);
        data.init("registry.example/", unix_now(), Some(shared.clone())).unwrap();
        for id in ["first", "fault", "broken", "last"] {
            let insert = "INSERT INTO outbox (id, replica, upload, request, verified, queued) \
                          VALUES ($1, 'none', 'none', $2, '', $3)";
            write(insert, values![id, b"no request".to_vec(), unix_now()]);
        }
        let (replica, thread) = Replica::start(data, shared).unwrap();
        let all = || {
            let found = database.query("SELECT status FROM outbox ORDER BY number", values![]);
            let rows = runtime.block_on(found).unwrap();
            rows.iter().map(|row| row.maybe_integer(0).unwrap()).collect::<Vec<_>>()
        };
        let answered = (0..600).any(|_| {
            std::thread::sleep(Duration::from_millis(50));
            all().iter().all(Option::is_some)
        });
        assert!(answered, "{:?}", all());
        assert_eq!(all(), [Some(400), Some(500), Some(503), Some(400)]);
        replica.ended.store(true, Ordering::Release);
        thread.unwrap().join().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
