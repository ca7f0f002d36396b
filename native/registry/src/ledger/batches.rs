//! Submissions that wait are logged together: one batch of the log, one checkpoint, and the disk is waited for once.
//!
//! Each is decided upon behind those that came before it, and is logged whole or not at all.

use super::recent::Recent;
use super::{Logged, Verified, unix_now};
use crate::accounts::Added;
use crate::data::Data;
use crate::error::{Error, Result};
use crate::metrics::{self, Gauge};
use crate::objects::{Placed, Staging};
use crate::sequencer::{Sequencer, Shared};
use std::collections::{BTreeMap, VecDeque};
use vitte_package_core::api::upload::{BlobState, Upload, UploadState, UploadedRelease};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::log::leaf::Leaf;
use vitte_package_core::message::server as text;
use vitte_package_core::registry::{Admitted, AdmittedRelease, Batch, ReleaseState, WriteError, layout};

/// Leaves of a batch, about: no submission is added behind so many.
const LEAVES: usize = 1024;

/// The one that writes.
#[derive(Debug)]
pub(super) struct Batches {
    data: Data,
    shared: Option<Shared>,
    staging: Staging,
    /// None after a failure to write: what is there is found out before anything else is decided.
    sequencer: Option<Sequencer>,
    /// What was logged since it was taken up.
    recent: Recent,
}

/// A submission, and who waits for what becomes of it.
pub(super) type Waiting<W> = (Box<Verified>, W);

impl Batches {
    /// Takes the log up.
    pub(super) fn open(data: Data, shared: Option<Shared>) -> Result<Self> {
        let mut opened =
            Self { staging: data.staging()?, data, shared, sequencer: None, recent: Recent::default() };
        let size = opened.sequencer()?.view().size();
        metrics::set(Gauge::LogSize, size);
        Ok(opened)
    }

    /// The sequencer; opened again after a failure.
    pub(super) fn sequencer(&mut self) -> Result<&mut Sequencer> {
        Self::opened(&mut self.sequencer, &mut self.recent, &self.data, self.shared.as_ref())
    }

    fn opened<'a>(
        sequencer: &'a mut Option<Sequencer>,
        recent: &mut Recent,
        data: &Data,
        shared: Option<&Shared>,
    ) -> Result<&'a mut Sequencer> {
        let opened = match sequencer.take() {
            Some(opened) => opened,
            None => {
                let mut opened = Sequencer::open(data.public()?, &data.keys(), shared.cloned())?;
                // Who wrote what is there now, and of whom, is not known.
                *recent = Recent::since(opened.view().size());
                opened
            }
        };
        Ok(sequencer.insert(opened))
    }

    /// Lets go of the log, so that it is taken up anew.
    pub(super) fn close(&mut self) {
        self.sequencer = None;
    }

    /// Forgets what was read.
    pub(super) fn forget(&mut self) {
        if let Some(sequencer) = &mut self.sequencer {
            sequencer.view().forget();
        }
    }

    /// Logs as many submissions as go into one batch. Nothing is said to any before the batch is on the disk: what one is
    /// told may follow from another.
    ///
    /// # Errors
    /// When the batch may not have been written.
    pub(super) fn log_some<W>(
        &mut self,
        submissions: &mut VecDeque<Waiting<W>>,
        mut reply: impl FnMut(W, Result<Logged>),
    ) -> Result<()> {
        let (mut batch, mut decided, now) = (Batch::new(), Vec::new(), unix_now());
        while batch.leaves().len() < LEAVES
            && let Some((verified, waits)) = submissions.pop_front()
        {
            let admitted = self.admit(&mut batch, &verified, now);
            decided.push((verified, waits, admitted));
        }
        let written = match batch.leaves() {
            [] => Ok(()),
            leaves => {
                let admitted = decided.iter().filter_map(|(verified, _, logged)| {
                    logged.as_ref().ok().map(|(admitted, _)| (&**verified, admitted))
                });
                let admitted = admitted.collect::<Vec<_>>();
                let written = self.write(leaves, &admitted);
                match (&written, &mut self.sequencer) {
                    (Ok(()), Some(sequencer)) => metrics::logged(admitted.len(), sequencer.view().size()),
                    _ => self.sequencer = None,
                }
                written
            }
        };
        for (verified, waits, admitted) in decided {
            let logged = admitted.map(|(admitted, first)| logged(&verified, &admitted, first));
            reply(waits, written.clone().and(logged));
        }
        written
    }

    /// Decides upon a submission, behind those of the batch.
    fn admit(&mut self, batch: &mut Batch, verified: &Verified, now: u64) -> Result<(Admitted, u64)> {
        let (staging, mut adds) = (&self.staging, BTreeMap::new());
        let sequencer =
            Self::opened(&mut self.sequencer, &mut self.recent, &self.data, self.shared.as_ref())?;
        let recent = &self.recent;
        let view = sequencer.view();
        view.check_clock(now)?;
        let refused = |error: Error| WriteError::Refused(error.0);
        let first = view.size() + batch.leaves().len() as u64;
        let admitted = view.decide(now, |place, snapshot| {
            batch.admit_if(&verified.admission, place, snapshot, |admitted| {
                // One that only the author described is never logged.
                for release in admitted.releases.iter().filter(|release| release.state == ReleaseState::New) {
                    let staged = verified.staged.get(&release.artifact).map(Digest::to_string);
                    let is_there = match staged {
                        Some(file) => staging.has(&verified.upload, &file).map_err(refused)?,
                        None => false,
                    };
                    if !is_there {
                        let message = text::upload_blob_missing(&release.artifact.to_string());
                        return Err(Diagnostic::new(Code::NotFound, message).into());
                    }
                }
                // What others have added since it was counted is only seen here.
                let new = verified.allowances.iter().flat_map(|one| one.new.iter().cloned()).collect();
                adds = Added::of(admitted, &verified.facts, &new);
                for allowance in &verified.allowances {
                    if let Some(added) = adds.get(&allowance.namespace) {
                        recent.check(allowance, added).map_err(refused)?;
                    }
                }
                Ok(())
            })
        })?;
        self.recent.add(adds, first + admitted.leaves.len() as u64);
        Ok((admitted, first))
    }

    /// Puts archives in their places, logs, and derives what follows from the log.
    fn write(&mut self, leaves: &[Leaf], admitted: &[(&Verified, &Admitted)]) -> Result<()> {
        let sequencer =
            Self::opened(&mut self.sequencer, &mut self.recent, &self.data, self.shared.as_ref())?;
        let mut archives = Vec::new();
        for (verified, admitted) in admitted {
            for release in admitted.releases.iter().filter(|release| release.state == ReleaseState::New) {
                if let Some(file) = verified.staged.get(&release.artifact) {
                    let (upload, file) = (verified.upload.clone(), file.to_string());
                    archives.push(Placed { upload, file, path: layout::archive(&release.artifact) });
                    sequencer.know_archive(release.artifact.clone(), release.facts.clone());
                }
            }
        }
        sequencer.append(&self.staging, &archives, leaves)?;
        sequencer.derive()
    }
}

/// What is said of a submission that is in the log.
fn logged(verified: &Verified, admitted: &Admitted, first: u64) -> Logged {
    let release = |release: &AdmittedRelease| UploadedRelease {
        artifact: release.artifact.clone(),
        file: verified.facts.get(&release.artifact).map_or(release.facts.file, |facts| facts.file),
        state: BlobState::Published,
        log: release.log,
    };
    Upload {
        id: verified.upload.clone(),
        state: UploadState::Published,
        expires_at: None,
        first,
        log_size: first + admitted.leaves.len() as u64,
        releases: admitted.releases.iter().map(release).collect(),
        new_namespaces: admitted.new_namespaces.clone(),
        problems: Vec::new(),
    }
}
