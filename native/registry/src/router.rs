//! The routes: the registry's files, and the API.

use crate::api;
use crate::app::App;
use crate::gate::gate;
use crate::ledger::{Writes, unix_now};
use crate::metrics;
use crate::observe::observe;
use crate::openapi::{Operation, Routes, bytes_of, delete, get, head, json_of, post, put};
use crate::pages;
use crate::problem::{Refusal, made, with_head};
use crate::reads::unreadable;
use crate::site;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing;
use serde_json::json;
use std::sync::Arc;
use vitte_package_core::api::files::{RequestHead, respond};
use vitte_package_core::api::search::{DEFAULT_ITEMS, MOST_ITEMS};
use vitte_package_core::api::{batch, form};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;

const TEXT: &str = "text/plain; charset=utf-8";

/// The routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    let (api, others) = described();
    let api = api.describe(&others).router();
    let api = api.method_not_allowed_fallback(refuse_method).fallback(refuse_path);
    let all = others.router().merge(pages::routes()).merge(site::routes()).nest("/api/v1", api);
    let gated = all.layer(from_fn_with_state(Arc::clone(&app), gate));
    let gated =
        gated.with_state(Arc::clone(&app)).layer(from_fn_with_state(Arc::clone(&app), site::sign_in_page));
    gated.layer(from_fn_with_state(app, observe))
}

/// What is served at the address of the metrics.
pub(crate) fn metrics_router(app: Arc<App>) -> Router {
    Router::new().route("/metrics", routing::get(figures)).with_state(app)
}

async fn figures(State(app): State<Arc<App>>) -> Response {
    let uploads = app.accounts.open_uploads(unix_now()).await.ok();
    made(200, metrics::MEDIA_TYPE, metrics::text(uploads).into_bytes())
}

/// The routes of the API and those beside it, each with its description.
pub(crate) fn described() -> (Routes, Routes) {
    let api = Routes::below("/api/v1")
        .add(
            post("/index/batch", "Many index files in one response")
                .takes(json_of("BatchRequest"))
                .gives(200, bytes_of(batch::MEDIA_TYPE)),
            api::batch::respond,
        )
        .add(
            post("/uploads", "Judge what is to be published, and open an upload unless it is a dry run")
                .with_token()
                .takes(json_of("UploadRequest"))
                .gives(200, json_of("Upload"))
                .gives(201, json_of("Upload"))
                .refuses(&[409, 422]),
            api::uploads::open,
        )
        .add(
            get("/uploads/{id}", "How far an upload is")
                .with_token()
                .gives(200, json_of("Upload"))
                .refuses(&[409, 413, 422]),
            api::uploads::show,
        )
        .add(
            put("/uploads/{id}/blobs/{file}", "Send an archive of an upload")
                .with_token()
                .takes(bytes_of("application/octet-stream"))
                .gives(204, None)
                .refuses(&[409, 416]),
            api::blobs::receive,
        )
        .add(
            head("/uploads/{id}/blobs/{file}", "How much of an archive has come: `Upload-Offset`")
                .with_token()
                .gives(204, None)
                .refuses(&[409]),
            api::blobs::offset,
        )
        .add(
            delete("/uploads/{id}", "Give an upload up").with_token().gives(204, None).refuses(&[409]),
            api::uploads::cancel,
        )
        .add(
            post("/uploads/{id}/commit", "Publish an upload, all of it or nothing")
                .with_token()
                .gives(200, json_of("Upload"))
                .refuses(&[409, 413, 422]),
            api::uploads::commit,
        )
        .add(
            get(
                "/packages/{namespace}/{name}/{version}/status",
                "What the next status record of a version continues",
            )
            .gives(200, json_of("StatusRecords")),
            api::status::records,
        )
        .add(
            post("/device", "Begin to sign a client in from a browser (RFC 8628)")
                .takes(bytes_of(form::MEDIA_TYPE))
                .gives(200, json_of("DeviceCodes"))
                .refuses(&[422]),
            api::device::begin,
        )
        .add(
            post("/device/token", "The token of a client whose user has approved")
                .takes(bytes_of(form::MEDIA_TYPE))
                .gives(200, json_of("DeviceToken")),
            api::device::finish,
        )
        .add(
            get(
                "/packages/{namespace}/{name}/owners",
                "Who may publish to a package, or to a namespace as `*`",
            )
            .gives(200, json_of("Owners")),
            api::owners::show,
        )
        .add(
            put("/packages/{namespace}/{name}/owners/{user}", "Add an owner")
                .with_token()
                .gives(200, json_of("Owners")),
            api::owners::add,
        )
        .add(
            delete("/packages/{namespace}/{name}/owners/{user}", "Remove an owner")
                .with_token()
                .gives(200, json_of("Owners")),
            api::owners::remove,
        )
        .add(get("/me", "Who the caller is").with_token().gives(200, json_of("Me")), api::me::show)
        .add(
            get("/tokens", "The tokens of the user who is signed in")
                .with_token()
                .gives(200, json_of("TokenList")),
            api::tokens::list,
        )
        .add(
            post("/tokens", "Create a token, which is shown this once")
                .with_token()
                .takes(json_of("TokenRequest"))
                .gives(201, json_of("CreatedToken"))
                .refuses(&[422]),
            api::tokens::create,
        )
        .add(
            delete("/tokens/{id}", "Make a token worthless").with_token().gives(204, None),
            api::tokens::revoke,
        );
    let api = packages(api);
    let others = Routes::below("")
        .add(get("/healthz", "Whether the server runs").gives(200, bytes_of(TEXT)), healthy)
        .add(get("/readyz", "Whether something could be published").gives(200, bytes_of(TEXT)), ready);
    (api, others)
}

/// What is said about packages, for display.
fn packages(api: Routes) -> Routes {
    let limit =
        || json!({ "type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": DEFAULT_ITEMS });
    let paged = |operation: Operation| {
        let operation = operation.query("limit", "How many items a page has at most", limit());
        operation.query("cursor", "What an earlier page gave as `next`", json!({ "type": "string" }))
    };
    let kind = || json!({ "$ref": "#/components/schemas/Kind" });
    api.add(
        paged(get("/search", "Packages whose name, keywords or description match"))
            .query("q", "Words; without any, every package", json!({ "type": "string", "maxLength": 256 }))
            .query("namespace", "Only of this namespace", json!({ "$ref": "#/components/schemas/Namespace" }))
            .query("kind", "Only with an artifact of this kind", kind())
            .gives(200, json_of("SearchResults")),
        api::search::search,
    )
    .add(
        paged(get("/packages/{namespace}/{name}", "A package and a page of its versions"))
            .gives(200, json_of("PackagePage")),
        api::packages::package,
    )
    .add(
        paged(get("/packages/{namespace}/{name}/dependents", "Packages that depend on one"))
            .gives(200, json_of("DependentsPage")),
        api::packages::dependents,
    )
    .add(
        get("/packages/{namespace}/{name}/{version}", "A version, its dependencies and artifacts")
            .gives(200, json_of("ReleasePage")),
        api::packages::release,
    )
    .add(
        paged(get("/packages/{namespace}/{name}/{version}/files", "The files of an artifact"))
            .query("kind", "Of the artifact of this kind", kind())
            .query(
                "target",
                "Of the artifact for this target",
                json!({ "$ref": "#/components/schemas/Target" }),
            )
            .gives(200, json_of("FilesPage")),
        api::packages::files,
    )
}

async fn healthy() -> &'static str {
    "ok\n"
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    match app.ready().await {
        Ok(writes) => made(200, TEXT, format!("ready\n{}\n", who_writes(writes)).into_bytes()),
        // Which of its stores does not respond is no secret; what a file or a folder is called stays here.
        Err(error) => match error.first() {
            fault if fault.code == Code::Unavailable => Refusal::with_status(503, fault).into_response(),
            _ => unreadable(error).into_response(),
        },
    }
}

/// What a server that is ready can do of publishing.
const fn who_writes(writes: Writes) -> &'static str {
    match writes {
        Writes::Here => "takes uploads and writes to the log",
        Writes::Elsewhere => "takes uploads; another replica writes to the log, and this one can take over",
        Writes::NeverHere => "takes uploads; another replica writes to the log: this one has no signing keys",
    }
}

async fn refuse_method(method: Method, uri: Uri) -> Response {
    // A script of another origin may read here as it may read files.
    if method == Method::OPTIONS {
        let request = RequestHead::new(method.as_str(), uri.path(), Vec::new());
        return with_head(&respond(Some(&request), None), Body::empty());
    }
    let message = text::api_method(method.as_str(), uri.path());
    Refusal::with_status(405, Diagnostic::new(Code::NotSupported, message)).into_response()
}

async fn refuse_path(uri: Uri) -> Refusal {
    Refusal::with_status(404, Diagnostic::new(Code::NotFound, text::api_missing(uri.path())))
}
