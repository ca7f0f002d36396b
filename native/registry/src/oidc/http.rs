//! Requests to the provider: few, small, and over TLS unless it is on this machine.

use crate::error::{Error, Result};
use std::time::Duration;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig};
use vitte_package_core::api::form;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::index::Address;
use vitte_package_core::index::address::Scheme;
use vitte_package_core::message::server as text;

/// How long a request may take, all of it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of a response at most.
const RESPONSE_LEN: u64 = 1024 * 1024;

/// Whether something may be sent to an address: over TLS, or to this machine.
pub(super) fn is_safe(address: &Address) -> bool {
    address.scheme() == Scheme::Https || address.is_loopback()
}

/// What asks the provider.
pub(super) fn agent(provider: &Address) -> Agent {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("vitte-registry/", env!("CARGO_PKG_VERSION")))
        .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build())
        .timeout_global(Some(PATIENCE));
    // Sent through a proxy, a request to this machine would not arrive.
    let config = if provider.is_loopback() { config.proxy(None) } else { config };
    config.build().new_agent()
}

/// Fetches a document.
pub(super) fn get(agent: &Agent, address: &Address) -> Result<Vec<u8>> {
    body(agent.get(address.to_string()).header("Accept", "application/json").call())
}

/// Posts a form.
pub(super) fn post(
    agent: &Agent,
    address: &Address,
    form: &str,
    authorization: Option<&str>,
) -> Result<Vec<u8>> {
    let request = agent.post(address.to_string()).header("Accept", "application/json");
    let request = match authorization {
        Some(value) => request.header("Authorization", value),
        None => request,
    };
    body(request.header("Content-Type", form::MEDIA_TYPE).send(form))
}

/// What went wrong is for the log: it may hold what was sent.
fn body(response: std::result::Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Vec<u8>> {
    let failed = || Error::new(Code::Unavailable, text::provider_failed());
    let mut response = response.map_err(|_| failed())?;
    if response.status().as_u16() != 200 {
        return Err(failed());
    }
    response.body_mut().with_config().limit(RESPONSE_LEN).read_to_vec().map_err(|_| failed())
}
