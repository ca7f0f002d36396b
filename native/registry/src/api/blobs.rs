//! Archives of an upload: received whole or in pieces, and kept when they are what was announced.

use super::body::{check_announced, next, too_large};
use super::uploads::{check_open, stored};
use crate::app::App;
use crate::error::{At as _, Result};
use crate::objects::temporary;
use crate::problem::{Refusal, made};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::upload::{OFFSET, Piece};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::digest::{Digest, Hasher};
use vitte_package_core::message::server as text;
use vitte_package_core::registry::ArchiveFacts;

/// Bytes that are written at once.
const WRITTEN: usize = 256 * 1024;

/// `HEAD /uploads/{id}/blobs/{file}`: how much of an archive has come.
pub(crate) async fn offset(
    State(app): State<Arc<App>>,
    Path((id, file)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let known = announced(&app, &id, &file, &headers).await?;
    let offset = app
        .blocking(move |app| {
            let file = known.file.to_string();
            if app.staging.has(&id, &file)? {
                return Ok(known.size);
            }
            Ok(std::fs::metadata(part(app, &id, &file)).map_or(0, |data| data.len()))
        })
        .await?;
    Ok(at(made(204, JSON, Vec::new()), offset))
}

/// `PUT /uploads/{id}/blobs/{file}`: receives an archive, or the next piece of it. It is kept only if it has the digest it
/// was announced with. What came of one that was cut is kept too, to go on from there.
pub(crate) async fn receive(
    State(app): State<Arc<App>>,
    Path((id, file)): Path<(String, String)>,
    headers: HeaderMap,
    mut body: Body,
) -> Result<Response, Refusal> {
    let known = announced(&app, &id, &file, &headers).await?;
    let expected = known.file.to_string();
    let is_whole = !headers.contains_key(header::CONTENT_RANGE);
    let whole = Piece { from: 0, to: known.size, total: known.size };
    let piece = match headers.get(header::CONTENT_RANGE) {
        None => Some(whole),
        Some(given) => given.to_str().ok().and_then(Piece::parse).filter(|piece| piece.total == known.size),
    };
    let piece = piece.ok_or_else(|| {
        let message = text::upload_piece(known.size);
        Refusal::with_status(400, Diagnostic::new(Code::Usage, message))
    })?;
    check_announced(&headers, piece.to - piece.from)?;
    let (upload, name) = (id.clone(), expected.clone());
    let started = app.blocking(move |app| Received::begin(app, &upload, &name, piece.from)).await?;
    let mut received = match started {
        Started::Here(received) => received,
        Started::Elsewhere(offset) => {
            let fault = Diagnostic::new(Code::Usage, text::upload_offset(offset));
            return Ok(at(Refusal::with_status(416, fault).into_response(), offset));
        }
    };
    let mut ended = false;
    while !ended {
        let mut bytes = Vec::new();
        let cut = loop {
            match next(&app, &mut body).await {
                Ok(Some(more)) => {
                    bytes.extend_from_slice(&more);
                    if received.len + bytes.len() as u64 > piece.to {
                        // It is none of what was announced: nothing of it is kept.
                        received.forget();
                        return Err(too_large(piece.to - piece.from));
                    }
                    if bytes.len() >= WRITTEN {
                        break None;
                    }
                }
                Ok(None) => {
                    ended = true;
                    break None;
                }
                Err(refusal) => break Some(refusal),
            }
        };
        received = app.blocking(move |_| received.take(&bytes)).await?;
        if let Some(refusal) = cut {
            return Err(refusal);
        }
    }
    if received.len < known.size && is_whole {
        // All of it was promised, and what came ended where it said: it is another file.
        let got = received.hasher.clone().finish();
        let message = text::upload_blob_digest(&known.file.to_string(), &got.to_string());
        app.blocking(move |_| {
            received.forget();
            Ok(())
        })
        .await?;
        return Err(Refusal::with_status(400, Diagnostic::new(Code::TreeDigest, message)));
    }
    if received.len < known.size {
        let offset = received.len;
        app.blocking(move |_| {
            drop(received);
            Ok(())
        })
        .await?;
        return Ok(at(made(204, JSON, Vec::new()), offset));
    }
    let kept = app.blocking(move |app| {
        let got = received.hasher.clone().finish();
        match got == known.file {
            true => received.keep(app, &id, &expected).map(Ok),
            false => {
                received.forget();
                Ok(Err(text::upload_blob_digest(&known.file.to_string(), &got.to_string())))
            }
        }
    });
    match kept.await? {
        Ok(()) => Ok(at(made(204, JSON, Vec::new()), known.size)),
        Err(message) => Err(Refusal::with_status(400, Diagnostic::new(Code::TreeDigest, message))),
    }
}

/// What was announced of an archive of an upload.
async fn announced(
    app: &Arc<App>,
    id: &str,
    file: &str,
    headers: &HeaderMap,
) -> Result<ArchiveFacts, Refusal> {
    let grant = app.authenticate(headers).await?;
    let (request, upload) = stored(app, id, &grant).await?;
    check_open(&upload)?;
    let wanted = Digest::from_hex(file).ok();
    request.archives.into_values().find(|facts| Some(facts.file) == wanted).ok_or_else(|| {
        let message = text::upload_blob_foreign(file);
        Refusal::with_status(404, Diagnostic::new(Code::NotFound, message))
    })
}

fn at(mut response: Response, offset: u64) -> Response {
    response.headers_mut().insert(OFFSET, HeaderValue::from(offset));
    response
}

/// What has come of an archive that is not whole yet.
fn part(app: &App, id: &str, file: &str) -> PathBuf {
    app.staging.folder(id).join(format!("{file}.part"))
}

/// An archive that is being received, in a file of this request's own: two requests for one archive do not meet.
#[derive(Debug)]
struct Received {
    file: File,
    path: PathBuf,
    /// Where what has come is left for the next request to go on with.
    part: PathBuf,
    hasher: Hasher,
    len: u64,
    is_kept: bool,
}

enum Started {
    Here(Received),
    /// So much has come.
    Elsewhere(u64),
}

impl Received {
    /// Begins an archive, or goes on with what has come of it.
    fn begin(app: &App, id: &str, name: &str, from: u64) -> Result<Started> {
        let folder = app.staging.make(id)?;
        let (part, (made, path)) = (part(app, id, name), temporary(&folder, Some(0o644))?);
        let mut received = Self { file: made, path, part, hasher: Hasher::new(), len: 0, is_kept: false };
        if from > 0 {
            if std::fs::rename(&received.part, &received.path).is_err() {
                received.forget();
                return Ok(Started::Elsewhere(0));
            }
            let opened = OpenOptions::new().read(true).append(true).open(&received.path);
            received.file = opened.at(&received.path)?;
            let mut bytes = vec![0; WRITTEN];
            loop {
                let read = received.file.read(&mut bytes).at(&received.path)?;
                let Some(read) = bytes.get(..read).filter(|read| !read.is_empty()) else { break };
                received.hasher.update(read);
                received.len += read.len() as u64;
            }
            if received.len != from {
                return Ok(Started::Elsewhere(received.len));
            }
        }
        Ok(Started::Here(received))
    }

    fn take(mut self, bytes: &[u8]) -> Result<Self> {
        self.file.write_all(bytes).at(&self.path)?;
        self.hasher.update(bytes);
        self.len += bytes.len() as u64;
        Ok(self)
    }

    /// Keeps an archive that is whole.
    fn keep(mut self, app: &App, id: &str, name: &str) -> Result<()> {
        self.file.sync_all().at(&self.path)?;
        app.staging.keep(&self.path, id, name)?;
        self.is_kept = true;
        let _ = std::fs::remove_file(&self.part);
        Ok(())
    }

    /// Does not keep what has come.
    fn forget(mut self) {
        let _ = std::fs::remove_file(&self.path);
        self.is_kept = true;
    }
}

/// However a request ends, what has come of its archive is left for the next, unless that has more already.
impl Drop for Received {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let there = std::fs::metadata(&self.part).map_or(0, |data| data.len());
        let _ = match self.len > there {
            true => std::fs::rename(&self.path, &self.part),
            false => std::fs::remove_file(&self.path),
        };
    }
}
