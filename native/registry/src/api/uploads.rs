//! Publishing: a submission is judged, its archives are received and verified, then all of it is logged.

use super::body::{check_announced, too_large, whole};
use super::{held, quota};
use crate::accounts::{Allowance, StoredUpload};
use crate::app::App;
use crate::error::{Error, Result};
use crate::examine::{examine, expectation};
use crate::ledger::{Judged, Logged, Verified, is_uncounted, unix_now};
use crate::problem::{Refusal, made};
use crate::rights::Grant;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vitte_package_core::api::problem::status_of;
use vitte_package_core::api::upload::{
    ARCHIVE_LEN, BlobState, IDEMPOTENCY_KEY, Purpose, REQUEST_LEN, Upload, UploadRequest, UploadState,
    UploadedRelease, is_idempotency_key, upload_path,
};
use vitte_package_core::api::{JSON, Problem};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::message::server as text;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{Admission, Admitted, ReleaseState, layout};
use vitte_package_core::verify::Trust;

/// How often what a namespace has is counted again while others add to it.
const RECOUNTS: u32 = 3;

/// `POST /uploads`: judges a submission and, unless it is a dry run, opens an upload.
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    check_announced(&headers, REQUEST_LEN as u64)?;
    let grant = app.authenticate(&headers).await?;
    let body = whole(&app, &headers, body, REQUEST_LEN as u64).await?;
    let request = UploadRequest::parse(&body).map_err(Error::from)?;
    let large = request.archives.values().any(|facts| facts.size > ARCHIVE_LEN);
    if large {
        return Err(too_large(ARCHIVE_LEN));
    }
    let new = check_rights(&app, &grant, &request).await?;
    let judged = app.ledger.judge(request.submission.clone(), request.archives.clone()).await?;
    quota::check(&app, &request, &judged, &new).await?;
    if request.purpose == Purpose::DryRun {
        let upload = describe(&app, None, &request, &judged).await?;
        return Ok(made(200, JSON, upload.to_bytes()));
    }
    app.limits.submission(&grant.token, &request.submission, &judged.admitted, &new).await?;
    let key = headers.get(IDEMPOTENCY_KEY).map(|key| key.to_str().unwrap_or_default());
    let (stored, is_new) = match key {
        None => (app.accounts.open_upload(&grant.token, &body, unix_now()).await?, true),
        Some(key) if !is_idempotency_key(key) => {
            return Err(Refusal::with_status(400, Diagnostic::new(Code::IdempotencyKey, text::upload_key())));
        }
        Some(key) => {
            let opened = app.accounts.open_upload_once(&grant.token, &body, unix_now(), key).await;
            opened.map_err(|error| match error.first().code {
                Code::IdempotencyKey => Refusal::with_status(422, error.first()),
                _ => error.into(),
            })?
        }
    };
    if let Some(published) = stored.published {
        return Ok(made(200, JSON, published));
    }
    let upload = describe(&app, Some(&stored), &request, &judged).await?;
    let path = format!("/api/v1/{}", upload_path(&stored.id));
    let mut response = made(if is_new { 201 } else { 200 }, JSON, upload.to_bytes());
    if let Ok(path) = path.try_into() {
        response.headers_mut().insert(header::LOCATION, path);
    }
    Ok(response)
}

/// `GET /uploads/{id}`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let grant = app.authenticate(&headers).await?;
    let (request, stored) = stored(&app, &id, &grant).await?;
    if let Some(published) = stored.published {
        return Ok(made(200, JSON, published));
    }
    if stored.state.has_ended() {
        return Ok(made(200, JSON, ended(&stored).to_bytes()));
    }
    let judged = app.ledger.judge(request.submission.clone(), request.archives.clone()).await?;
    let upload = describe(&app, Some(&stored), &request, &judged).await?;
    Ok(made(200, JSON, upload.to_bytes()))
}

/// What is told of an upload that has ended without being published.
fn ended(stored: &StoredUpload) -> Upload {
    let problem = stored.problem.as_ref().and_then(|problem| Problem::parse(422, problem));
    Upload {
        id: stored.id.clone(),
        state: stored.state,
        expires_at: Some(stored.expires),
        first: 0,
        log_size: 0,
        releases: Vec::new(),
        new_namespaces: Vec::new(),
        problems: problem.map(|problem| problem.faults).unwrap_or_default(),
    }
}

/// Refuses what is sent to an upload that takes nothing more.
pub(super) fn check_open(stored: &StoredUpload) -> Result<()> {
    let id = &stored.id;
    let message = match stored.state {
        UploadState::Published => text::upload_published(id),
        UploadState::Failed => text::upload_failed(id),
        UploadState::Cancelled => text::upload_cancelled(id),
        UploadState::Expired => text::upload_expired(id),
        UploadState::Acceptable | UploadState::Open | UploadState::Processing => return Ok(()),
    };
    Err(Diagnostic::new(Code::UploadClosed, message).help(text::upload_again()).into())
}

/// `DELETE /uploads/{id}`: gives an upload up, with all that was sent for it.
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let grant = app.authenticate(&headers).await?;
    let (_, before) = stored(&app, &id, &grant).await?;
    if !before.state.has_ended() && !app.accounts.cancel_upload(&id, &grant.token, unix_now()).await? {
        let (_, after) = stored(&app, &id, &grant).await?;
        let fault = match after.state {
            UploadState::Published => Diagnostic::new(Code::VersionExists, text::upload_published(&id)),
            _ => Diagnostic::new(Code::UploadClosed, text::upload_processing(&id)),
        };
        return Err(Error::from(fault).into());
    }
    discard(&app, id).await?;
    Ok(made(204, JSON, Vec::new()))
}

/// Removes what was sent for an upload.
async fn discard(app: &Arc<App>, id: String) -> Result<()> {
    app.blocking(move |app| {
        app.staging.remove(&id);
        Ok(())
    })
    .await
}

/// `POST /uploads/{id}/commit`: verifies every archive and logs the submission, all of it or nothing.
pub(crate) async fn commit(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let grant = app.authenticate(&headers).await?;
    let (request, upload) = stored(&app, &id, &grant).await?;
    if let Some(published) = upload.published {
        return Ok(made(200, JSON, published));
    }
    check_open(&upload)?;
    if !app.accounts.begin_commit(&id, unix_now()).await? {
        let (_, now) = stored(&app, &id, &grant).await?;
        return match now.published {
            Some(published) => Ok(made(200, JSON, published)),
            None => Err(check_open(&now).err().unwrap_or_else(closing).into()),
        };
    }
    // A client that goes away does not leave it half done.
    let work = tokio::spawn(async move {
        let published = publish(&app, &grant, request, &upload).await;
        match published {
            Ok(response) => {
                app.accounts.publish_upload(&id, &response).await?;
                // Whatever is left there is not needed any more.
                discard(&app, id).await?;
                Ok(response)
            }
            Err(Refused { error, is_final: true }) => {
                // As long as it is being committed, nobody opens it again and sends what would be thrown away here.
                discard(&app, id.clone()).await?;
                app.accounts.fail_upload(&id, &Problem::new(error.0.clone()).to_bytes()).await?;
                Err(error)
            }
            Err(Refused { error, is_final: false }) => {
                app.accounts.reopen_upload(&id).await?;
                Err(error)
            }
        }
    });
    let response = match work.await {
        Ok(response) => response?,
        Err(error) => match error.try_into_panic() {
            // It is the request's fault to show, as if it had happened on its own task.
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => return Err(closing().into()),
        },
    };
    Ok(made(200, JSON, response))
}

fn closing() -> Error {
    Error::new(Code::Unavailable, text::shutting_down())
}

/// Why an upload was not published, and whether it never will be.
#[derive(Debug)]
struct Refused {
    error: Error,
    is_final: bool,
}

impl Refused {
    /// What is wrong with the upload itself does not become right; what is wrong with the server may.
    fn of(error: Error) -> Self {
        let is_final = matches!(status_of(error.first().code), 400 | 409 | 413 | 422);
        Self { error, is_final }
    }

    /// What the token lacks can be given, and what was not sent can be sent.
    fn for_now(error: Error) -> Self {
        Self { error, is_final: false }
    }
}

/// Verifies and logs an upload: the response.
async fn publish(
    app: &Arc<App>,
    grant: &Grant,
    request: UploadRequest,
    stored: &StoredUpload,
) -> Result<Vec<u8>, Refused> {
    let mut tries = RECOUNTS;
    let (logged, new) = loop {
        match log(app, grant, &request, stored).await {
            // Others add to the namespace at the same time: what it has is counted again.
            Err(refused) if tries > 0 && is_uncounted(&refused.error) => tries -= 1,
            logged => break logged?,
        }
    };
    let own = app.accounts.own_new(&grant.user, &logged.new_namespaces, new, unix_now());
    own.await.map_err(Refused::for_now)?;
    Ok(Upload { expires_at: Some(stored.expires), ..logged }.to_bytes())
}

/// Verifies and logs an upload: what is said of it, and the packages that did not exist.
async fn log(
    app: &Arc<App>,
    grant: &Grant,
    request: &UploadRequest,
    stored: &StoredUpload,
) -> Result<(Logged, BTreeSet<PackageName>), Refused> {
    // The token may have lost a right since, and the package may have come to exist.
    let new = check_rights(app, grant, request).await.map_err(Refused::for_now)?;
    let judged = app.ledger.judge(request.submission.clone(), request.archives.clone()).await;
    let judged = judged.map_err(Refused::of)?;
    let allowances = quota::check(app, request, &judged, &new).await.map_err(Refused::for_now)?;
    let upload = describe(app, Some(stored), request, &judged).await.map_err(Refused::of)?;
    if let Some(missing) = upload.releases.iter().find(|release| release.state == BlobState::Needed) {
        let message = text::upload_blob_missing(&missing.artifact.to_string());
        return Err(Refused::for_now(Error::new(Code::NotFound, message)));
    }
    let (id, request) = (stored.id.clone(), request.clone());
    let verified = app.blocking(move |app| verify(app, &id, request, judged, allowances));
    let verified = verified.await.map_err(Refused::of)?;
    let logged = app.ledger.log(verified).await.map_err(Refused::of)?;
    Ok((logged, new))
}

/// Verifies the archives of new releases, by the keys that may sign them where they would be logged.
fn verify(
    app: &App,
    id: &str,
    request: UploadRequest,
    judged: Judged,
    allowances: Vec<Allowance>,
) -> Result<Verified> {
    let (facts, mut staged) = (request.archives, BTreeMap::new());
    let Judged { admitted, mut policies, .. } = judged;
    for release in admitted.releases.iter().filter(|release| release.state == ReleaseState::New) {
        let shown = release.artifact.to_string();
        let (Some(claimed), Some(policy)) =
            (facts.get(&release.artifact), policies.remove(&release.artifact))
        else {
            continue;
        };
        let file = app.staging.open(id, &claimed.file.to_string())?;
        let file = file.ok_or_else(|| Error::new(Code::NotFound, text::upload_blob_missing(&shown)))?;
        let expected = expectation(&release.artifact, release.tree);
        let found = examine(file, &release.artifact, expected, Trust::Signatures(policy));
        // An upload may have several archives.
        let found = found.map_err(|error| error.note(&text::upload_blob_place(&shown)))?;
        if found != *claimed {
            return Err(Error::new(Code::SubjectMismatch, text::upload_blob_facts(&shown)));
        }
        staged.insert(release.artifact.clone(), found.file);
    }
    let admission = Admission::of(&request.submission, &facts)?;
    let submission = request.submission;
    Ok(Verified { admission, submission, facts, upload: id.to_owned(), staged, allowances })
}

/// Refuses what the token or its user may not do. Gives the packages that do not exist yet.
async fn check_rights(
    app: &Arc<App>,
    grant: &Grant,
    request: &UploadRequest,
) -> Result<BTreeSet<PackageName>> {
    app.accounts.check_owners(grant, &request.submission, app.settings.namespaces).await?;
    held::check(app, grant, request).await?;
    let (grant, submission) = (grant.clone(), request.submission.clone());
    app.blocking(move |app| {
        let mut new = BTreeSet::new();
        grant.check(&submission, &mut |package| {
            let is_there = app.files.find(&layout::index(package))?.is_some();
            if !is_there {
                new.insert(package.clone());
            }
            Ok(is_there)
        })?;
        Ok(new)
    })
    .await
}

/// An upload of this token, and the request that opened it.
pub(super) async fn stored(
    app: &Arc<App>,
    id: &str,
    grant: &Grant,
) -> Result<(UploadRequest, StoredUpload), Refusal> {
    let found = app.accounts.upload(id, &grant.token, unix_now()).await?;
    let missing = || {
        let message = text::upload_missing(id);
        Refusal::with_status(404, Diagnostic::new(Code::NotFound, message))
    };
    let stored = found.ok_or_else(missing)?;
    let request = UploadRequest::parse(&stored.request).map_err(Error::from)?;
    Ok((request, stored))
}

/// How far an upload is that was not published; without one, what a dry run says.
async fn describe(
    app: &Arc<App>,
    stored: Option<&StoredUpload>,
    request: &UploadRequest,
    judged: &Judged,
) -> Result<Upload> {
    let new = judged.admitted.releases.iter().filter(|release| release.state == ReleaseState::New);
    let files: Vec<_> =
        new.filter_map(|release| Some(request.archives.get(&release.artifact)?.file)).collect();
    let upload = stored.map(|stored| stored.id.clone());
    let present = app.blocking(move |app| {
        let mut present = BTreeSet::new();
        for file in files {
            if let Some(upload) = &upload
                && app.staging.has(upload, &file.to_string())?
            {
                present.insert(file);
            }
        }
        Ok(present)
    });
    let present = present.await?;
    let state_of = |file: &Digest| match present.contains(file) {
        true => BlobState::Present,
        false => BlobState::Needed,
    };
    let releases = releases(&judged.admitted, request, state_of);
    let new_namespaces = judged.admitted.new_namespaces.clone();
    Ok(Upload {
        id: stored.map(|stored| stored.id.clone()).unwrap_or_default(),
        state: stored.map_or(UploadState::Acceptable, |stored| stored.state),
        expires_at: stored.map(|stored| stored.expires),
        first: judged.size,
        log_size: judged.size,
        releases,
        new_namespaces,
        problems: Vec::new(),
    })
}

fn releases(
    admitted: &Admitted,
    request: &UploadRequest,
    state: impl Fn(&Digest) -> BlobState,
) -> Vec<UploadedRelease> {
    let release = |release: &vitte_package_core::registry::AdmittedRelease| {
        let file = request.archives.get(&release.artifact).map_or(release.facts.file, |facts| facts.file);
        UploadedRelease {
            artifact: release.artifact.clone(),
            file,
            state: match release.state {
                ReleaseState::Published => BlobState::Published,
                ReleaseState::New => state(&file),
            },
            log: release.log,
        }
    };
    admitted.releases.iter().map(release).collect()
}
