//! Publishing: a submission is judged, its archives are received and verified, then all of it is logged.

use super::body::{check_announced, too_large, whole};
use super::held;
use crate::accounts::StoredUpload;
use crate::app::App;
use crate::error::{Error, Result};
use crate::examine::{examine, expectation};
use crate::ledger::{Judged, Verified, unix_now};
use crate::problem::{Refusal, made};
use crate::rights::Grant;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::upload::{
    ARCHIVE_LEN, BlobState, IDEMPOTENCY_KEY, Purpose, REQUEST_LEN, Upload, UploadRequest, UploadState,
    UploadedRelease, is_idempotency_key, upload_path,
};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::Digest;
use vitte_package_core::message::server as text;
use vitte_package_core::name::PackageName;
use vitte_package_core::registry::{Admission, Admitted, ReleaseState, layout};
use vitte_package_core::verify::Trust;

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
    if request.purpose == Purpose::DryRun {
        let upload = describe(&app, None, &request, &judged).await?;
        return Ok(made(200, JSON, upload.to_bytes()));
    }
    app.limits.submission(&grant.token, &request.submission, &judged.admitted, &new)?;
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
    let judged = app.ledger.judge(request.submission.clone(), request.archives.clone()).await?;
    let upload = describe(&app, Some(&stored), &request, &judged).await?;
    Ok(made(200, JSON, upload.to_bytes()))
}

/// `DELETE /uploads/{id}`: gives an upload up, with all that was sent for it.
pub(crate) async fn cancel(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let grant = app.authenticate(&headers).await?;
    let (_, stored) = stored(&app, &id, &grant).await?;
    if stored.published.is_some() || !app.accounts.cancel_upload(&id, &grant.token).await? {
        return Err(Error::new(Code::VersionExists, text::upload_published(&id)).into());
    }
    app.blocking(move |app| {
        app.staging.remove(&id);
        Ok(())
    })
    .await?;
    Ok(made(204, JSON, Vec::new()))
}

/// `POST /uploads/{id}/commit`: verifies every archive and logs the submission, all of it or nothing.
pub(crate) async fn commit(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let grant = app.authenticate(&headers).await?;
    let (request, stored) = stored(&app, &id, &grant).await?;
    if let Some(published) = stored.published {
        return Ok(made(200, JSON, published));
    }
    // The token may have lost a right since, and the package may have come to exist.
    let new = check_rights(&app, &grant, &request).await?;
    let judged = app.ledger.judge(request.submission.clone(), request.archives.clone()).await?;
    let verified = {
        let (request, id) = (request.clone(), id.clone());
        app.blocking(move |app| verify(app, &id, request, judged)).await?
    };
    let logged = app.ledger.log(verified).await?;
    app.accounts.own_new(&grant.user, &logged.new_namespaces, new, unix_now()).await?;
    let response = Upload { expires_at: Some(stored.expires), ..logged }.to_bytes();
    app.accounts.publish_upload(&id, &response).await?;
    app.blocking(move |app| {
        // Whatever is left there is not needed any more.
        app.staging.remove(&id);
        Ok(())
    })
    .await?;
    Ok(made(200, JSON, response))
}

/// Verifies the archives of new releases, by the keys that may sign them where they would be logged.
fn verify(app: &App, id: &str, request: UploadRequest, judged: Judged) -> Result<Verified> {
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
        let found = examine(file, &release.artifact, expected, Trust::Signatures(policy))?;
        if found != *claimed {
            return Err(Error::new(Code::SubjectMismatch, text::upload_blob_facts(&shown)));
        }
        staged.insert(release.artifact.clone(), found.file);
    }
    let admission = Admission::of(&request.submission, &facts)?;
    let submission = request.submission;
    Ok(Verified { admission, submission, facts, upload: id.to_owned(), staged })
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
        state: if stored.is_some() { UploadState::Open } else { UploadState::Acceptable },
        expires_at: stored.map(|stored| stored.expires),
        first: judged.size,
        log_size: judged.size,
        releases,
        new_namespaces,
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
