//! Words about addresses and transfers.

crate::message::messages! { "network";
    address(address: &str, reason: &str) = "the address `{address}` is refused: {reason}";
    address_downgrade(from: &str, to: &str) = "{from} leads to {to}: what began over TLS is not gone on with in the clear";
    address_scheme() = "it does not begin with `https://` or `http://`";
    address_userinfo() = "it has a user name in it";
    address_query() = "it has a query in it";
    address_fragment() = "it has a `#` in it";
    address_host() = "its host or port is malformed";
    address_path() = "its path has an empty segment, `.`, `..`, or an encoded slash";
    address_bytes() = "it has bytes that do not belong in an address";
    address_long() = "it is longer than 8 KiB";

    connect(origin: &str, reason: &str) = "{origin} cannot be reached: {reason}";
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
    unauthenticated(url: &str) = "{url} wants a token";
    forbidden(url: &str) = "{url} may not be read";
    redirects(url: &str, limit: u64) = "{url} redirects more than {limit} times";
    too_large(url: &str, limit: u64) = "{url} is larger than {limit} bytes";
    encoding(url: &str, encoding: &str) = "{url} came with the content encoding `{encoding}`, which it must not have";
    inflate(url: &str, reason: &str) = "{url}: its gzip data is damaged: {reason}";
    range(url: &str, got: &str, expected: &str) = "{url}: asked for bytes {expected}, got `{got}`";
    batch_request(reason: &str) = "the question about several index files is malformed: {reason}";
    batch_limit(what: &str, limit: u64) = "there are more than {limit} {what} in one batch of index files";
    batch_line(file: u64) = "the line before file {file} of the batch of index files is malformed";
    batch_truncated() = "the batch of index files ends too early";
    batch_trailing() = "there is something behind the end of the batch of index files";
    proxy(variable: &str) = "{variable} does not name a proxy";
    ca_file(path: &str, reason: &str) = "the certificates in {path} cannot be used: {reason}";
    keeps_changing() = "it is another file each time it is asked for";
    ca_file_empty() = "there is no certificate in it";
    connections(value: &str) = "{value} is not a number of connections from 1 to 32";
    silence(value: &str) = "{value} is not a number of seconds from 1 to 3600";

    serving(folder: &str, url: &str) = "{folder} at {url}";
    serving_stop() = "stop with Ctrl-C";
    listen(address: &str, reason: &str) = "cannot listen on {address}: {reason}";
}
