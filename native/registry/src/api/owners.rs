//! Owners of packages and namespaces.

use crate::app::App;
use crate::caller::Caller;
use crate::error::Error;
use crate::ledger::unix_now;
use crate::problem::{Refusal, made};
use crate::rights::{Role, Scope};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use std::sync::Arc;
use vitte_package_core::api::JSON;
use vitte_package_core::api::owners::{Owned, Owners};
use vitte_package_core::diagnostic::{Code, Diagnostic};
use vitte_package_core::message::server as text;
use vitte_package_core::name::Namespace;
use vitte_package_core::registry::layout;

/// `GET /packages/{namespace}/{name}/owners`
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    Path((namespace, name)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let owned = find(&app, &namespace, &name).await?;
    respond(&app, &owned).await
}

/// `PUT /packages/{namespace}/{name}/owners/{user}`
pub(crate) async fn add(
    State(app): State<Arc<App>>,
    Path((namespace, name, user)): Path<(String, String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let caller = app.caller(&method, &headers).await?;
    let owned = find(&app, &namespace, &name).await?;
    check(&app, &caller, &owned).await?;
    app.accounts.add_owner(&owned, &user, unix_now()).await.map_err(absent)?;
    respond(&app, &owned).await
}

/// `DELETE /packages/{namespace}/{name}/owners/{user}`
pub(crate) async fn remove(
    State(app): State<Arc<App>>,
    Path((namespace, name, user)): Path<(String, String, String)>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let caller = app.caller(&method, &headers).await?;
    let owned = find(&app, &namespace, &name).await?;
    check(&app, &caller, &owned).await?;
    app.accounts.remove_owner(&owned, &user).await.map_err(absent)?;
    respond(&app, &owned).await
}

async fn respond(app: &Arc<App>, owned: &Owned) -> Result<Response, Refusal> {
    let (owners, namespace_owners) = app.accounts.owners(owned).await?;
    let owners = Owners { package: owned.to_string(), owners, namespace_owners };
    Ok(made(200, JSON, owners.to_bytes()))
}

/// What a path names, if the registry has it.
async fn find(app: &Arc<App>, namespace: &str, name: &str) -> Result<Owned, Refusal> {
    let full = format!("{namespace}/{name}");
    let missing = || {
        let message = text::owned_missing(&full);
        Refusal::with_status(404, Diagnostic::new(Code::NotFound, message))
    };
    let owned = Owned::parse(&full).filter(|_| namespace != Namespace::NONE).ok_or_else(missing)?;
    let path = match &owned {
        Owned::Package(name) => layout::index(name),
        Owned::Namespace(namespace) => layout::namespace(namespace),
    };
    let is_there = app.blocking(move |app| Ok(app.files.find(&path)?.is_some())).await?;
    if is_there { Ok(owned) } else { Err(missing()) }
}

/// Refuses callers who may not change the owners: all but owners and admins.
async fn check(app: &App, caller: &Caller, owned: &Owned) -> Result<(), Error> {
    let is_admin = match caller {
        Caller::Session(session) => session.role == Role::Admin,
        Caller::Token(grant) => {
            grant.needs(Scope::Owners)?;
            match owned {
                Owned::Package(name) => grant.covers(name)?,
                Owned::Namespace(namespace) => grant.covers_namespace(namespace)?,
            }
            grant.scopes.contains(&Scope::Admin)
        }
    };
    let (own, of_namespace) = app.accounts.owners(owned).await?;
    let is_owner = own.iter().chain(&of_namespace).any(|owner| owner == caller.user());
    if is_owner || is_admin {
        return Ok(());
    }
    Err(Error::new(Code::Forbidden, text::owner_only(&owned.to_string())))
}

fn absent(error: Error) -> Refusal {
    match error.first().code {
        Code::NotFound => Refusal::with_status(404, error.first()),
        _ => error.into(),
    }
}
