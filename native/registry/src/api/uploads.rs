//! Publishing: a submission is judged, its archives are received and verified, then all of it is logged.

use super::body::{check_announced, next, too_large, whole};
use crate::accounts::StoredUpload;
use crate::app::App;
use crate::error::{At as _, Error, Result};
use crate::examine::{examine, expectation};
use crate::ledger::{Judged, Verified, unix_now};
use crate::objects::temporary;
use crate::problem::{Refusal, made};
use crate::rights::Grant;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::sync::Arc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::upload::{
    ARCHIVE_LEN, BlobState, Purpose, REQUEST_LEN, Upload, UploadRequest, UploadState, UploadedRelease,
};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, Hasher};
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
    check_rights(&app, &grant, &request).await?;
    let judged = app.ledger.judge(request.submission.clone(), request.archives.clone()).await?;
    if request.purpose == Purpose::DryRun {
        let upload = describe(&app, String::new(), UploadState::Acceptable, &request, &judged).await?;
        return Ok(made(200, JSON, upload.to_bytes()));
    }
    let id = app.accounts.open_upload(&grant.token, &body, unix_now()).await?;
    let upload = describe(&app, id, UploadState::Open, &request, &judged).await?;
    Ok(made(201, JSON, upload.to_bytes()))
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
    let upload = describe(&app, id, UploadState::Open, &request, &judged).await?;
    Ok(made(200, JSON, upload.to_bytes()))
}

/// `PUT /uploads/{id}/blobs/{file}`: receives an archive. It is kept only if it has the digest it was announced with.
pub(crate) async fn receive(
    State(app): State<Arc<App>>,
    Path((id, file)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let grant = app.authenticate(&headers).await?;
    let (request, _) = stored(&app, &id, &grant).await?;
    let wanted = Digest::from_hex(&file).ok();
    let known = request.archives.values().find(|facts| Some(facts.file) == wanted);
    let Some(known) = known else {
        let message = text::upload_blob_foreign(&file);
        return Err(Refusal::with_status(404, Diagnostic::new(Code::NotFound, message)));
    };
    let limit = known.size;
    check_announced(&headers, limit)?;
    let expected = known.file;
    let upload = id.clone();
    let (made_file, staged) =
        app.blocking(move |app| temporary(&app.staging.make(&upload)?, Some(0o644))).await?;
    let received = receive_into(&app, made_file, &staged, body, limit).await;
    let kept = match received {
        Ok(got) if got == expected => {
            let (staged, file) = (staged.clone(), expected.to_string());
            app.blocking(move |app| app.staging.keep(&staged, &id, &file)).await.map_err(Refusal::from)
        }
        Ok(got) => {
            let message = text::upload_blob_digest(&expected.to_string(), &got.to_string());
            Err(Refusal::with_status(400, Diagnostic::new(Code::TreeDigest, message)))
        }
        Err(refusal) => Err(refusal),
    };
    if kept.is_err() {
        let _ = app.blocking(move |_| std::fs::remove_file(&staged).at(&staged)).await;
    }
    kept.map(|()| made(204, JSON, Vec::new()))
}

/// Writes a body to a file, which is on the disk then. Gives the digest of what came.
async fn receive_into(
    app: &App,
    file: std::fs::File,
    path: &std::path::Path,
    mut body: Body,
    limit: u64,
) -> Result<Digest, Refusal> {
    let (mut file, mut hasher, mut size) = (file, Hasher::new(), 0u64);
    let gone = || Refusal::from(Error::new(Code::Unavailable, text::shutting_down()));
    while let Some(bytes) = next(app, &mut body).await? {
        size += bytes.len() as u64;
        if size > limit {
            return Err(too_large(limit));
        }
        let shown = path.to_owned();
        let written = tokio::task::spawn_blocking(move || {
            hasher.update(&bytes);
            file.write_all(&bytes).at(&shown)?;
            Ok::<_, Error>((file, hasher))
        });
        (file, hasher) = written.await.map_err(|_| gone())??;
    }
    let shown = path.to_owned();
    let synced = tokio::task::spawn_blocking(move || file.sync_all().at(&shown)).await;
    synced.map_err(|_| gone())??;
    Ok(hasher.finish())
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
    let response = logged.to_bytes();
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
async fn stored(app: &Arc<App>, id: &str, grant: &Grant) -> Result<(UploadRequest, StoredUpload), Refusal> {
    let found = app.accounts.upload(id, &grant.token, unix_now()).await?;
    let missing = || {
        let message = text::upload_missing(id);
        Refusal::with_status(404, Diagnostic::new(Code::NotFound, message))
    };
    let stored = found.ok_or_else(missing)?;
    let request = UploadRequest::parse(&stored.request).map_err(Error::from)?;
    Ok((request, stored))
}

async fn describe(
    app: &Arc<App>,
    id: String,
    state: UploadState,
    request: &UploadRequest,
    judged: &Judged,
) -> Result<Upload> {
    let new = judged.admitted.releases.iter().filter(|release| release.state == ReleaseState::New);
    let files: Vec<_> =
        new.filter_map(|release| Some(request.archives.get(&release.artifact)?.file)).collect();
    let upload = id.clone();
    let present = app.blocking(move |app| {
        let mut present = BTreeSet::new();
        for file in files {
            if !upload.is_empty() && app.staging.has(&upload, &file.to_string())? {
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
    Ok(Upload { id, state, first: judged.size, log_size: judged.size, releases, new_namespaces })
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
