//! Words about addresses and transfers.

pub use vitte_package_core::message::network::*;

vitte_package_core::messages! { "network";
    redirected(to: &str, from: &str) = "{to} (redirected from {from})";

    connect(name: &str, reason: &str) = "{name} cannot be reached: {reason}";
    timeout(url: &str, seconds: u64) = "{url}: nothing was received for {seconds} s";
    slow(url: &str, bytes: u64, seconds: u64) = "{url}: only {bytes} bytes were received in {seconds} s";
    transport(url: &str, reason: &str) = "{url}: {reason}";
    arrives_no_more(end: u64) = "the download ended before byte {end} came";
    truncated(url: &str, got: u64, expected: u64) = "{url} ended after {got} of {expected} bytes";
    cut(url: &str) = "{url}: the connection ended too early";
    status(url: &str, status: u16) = "{url} answered {status}";
    unavailable(url: &str, status: u16) = "{url} answered {status}: the registry is not available now";
    rate_limited(url: &str) = "{url}: too many requests";
    retry_after(seconds: u64) = "wait {seconds} s, then try again";
    waiting(host: &str, seconds: u64) = "{host} asked to be tried again in {seconds} s; waiting (Ctrl-C stops)";
    through_proxy(reason: &str, proxy: &str) = "{reason} (through the proxy {proxy})";
    proxy_status(proxy: &str, status: &str) = "the proxy {proxy} answered {status}";
    proxy_unauthenticated(proxy: &str) = "the proxy {proxy} requires a user name and a password";
    proxy_unauthenticated_help(variable: &str) = "set {variable}=http://USER:PASSWORD@HOST:PORT";
    tls(url: &str, reason: &str) = "{url}: no secure connection: {reason}";
    tls_unknown_issuer() = "the certificate was issued by an authority that is not trusted here";
    tls_unknown_issuer_help() = "if the authority is your company's or your own, set VITTE_CA_FILE to a PEM file with its certificate";
    tls_ca_file_help(variable: &str, path: &str) = "{variable} replaces the system's certificates: add the authority's certificate to {path}";
    tls_expired() = "the certificate has expired";
    tls_expired_on(day: &str) = "the certificate expired on {day}";
    tls_not_yet() = "the certificate is not valid yet";
    tls_not_before(day: &str) = "the certificate is valid only from {day} on";
    tls_clock_help(now: &str) = "check this machine's clock, which says {now}; if it is right, the server's operator must replace the certificate";
    tls_name() = "the certificate is for another host";
    tls_names(names: &str) = "the certificate is for another host: {names}";
    tls_name_help() = "use the host name that the certificate is for, or ask the server's operator for one with this name";
    tls_revoked() = "the certificate was revoked";
    tls_authority() = "the server uses an authority's certificate as its own";
    tls_authority_help() = "give the server a certificate that its authority has issued, and set VITTE_CA_FILE to the authority's";
    tls_certificate(reason: &str) = "the certificate cannot be used: {reason}";
    tls_no_tls() = "the server does not speak TLS on this port";
    tls_no_tls_help() = "check host and port; for a server without TLS the address begins with http://";
    tls_alert(alert: &str) = "the server ended the handshake: {alert}";
    tls_versions() = "the server offers neither TLS 1.2 nor TLS 1.3 with a cipher accepted here";
    unauthenticated(url: &str) = "{url} wants a token";
    forbidden(url: &str) = "{url} may not be read";
    redirects(url: &str, limit: u64) = "{url} redirects more than {limit} times";
    too_large(url: &str, limit: u64) = "{url} is larger than {limit} bytes";
    encoding(url: &str, encoding: &str) = "{url} came with the content encoding `{encoding}`, which it must not have";
    inflate(url: &str, reason: &str) = "{url}: its gzip data is damaged: {reason}";
    range(url: &str, got: &str, expected: &str) = "{url}: asked for bytes {expected}, got `{got}`";
    range_tag(url: &str, got: &str, expected: &str) = "{url}: the rest is of another file: its tag is {got}, not {expected}";
    web_page(url: &str) = "{url} answered with a web page instead of the file";
    web_page_help(host: &str) = "open {host} in a browser: this network may ask to sign in first, or the server answers every address with its own page";
    proxy(variable: &str) = "{variable} does not name a proxy";
    ca_file(variable: &str, path: &str, reason: &str) = "{variable}={path}: the certificates cannot be used: {reason}";
    keeps_changing() = "it is another file each time it is asked for";
    ca_file_empty() = "there is no certificate in it";
    connections(value: &str) = "{value} is not a number of connections from 1 to 32";
    silence(value: &str) = "{value} is not a number of seconds from 1 to 3600";

    serving(folder: &str, url: &str) = "{folder} at {url}";
    serving_stop() = "stop with Ctrl-C";
    listen(address: &str, reason: &str) = "cannot listen on {address}: {reason}";
}
