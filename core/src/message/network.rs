//! Words about addresses and transfers.

crate::messages! { "network";
    address(address: &str, reason: &str) = "the address `{address}` is refused: {reason}";
    address_downgrade(from: &str, to: &str) = "{from} leads to {to}: what began over TLS is not gone on with in the clear";
    no_location(from: &str) = "{from} redirects without saying where to";
    address_scheme() = "it does not begin with `https://` or `http://`";
    address_userinfo() = "it has a user name in it";
    address_query() = "it has a query in it";
    address_fragment() = "it has a `#` in it";
    address_host() = "its host or port is malformed";
    address_path() = "its path has an empty segment, `.`, `..`, or an encoded slash";
    address_bytes() = "it has bytes that do not belong in an address";
    address_long() = "it is longer than 8 KiB";

    batch_request(reason: &str) = "the question about several index files is malformed: {reason}";
    batch_limit(what: &str, limit: u64) = "there are more than {limit} {what} in one batch of index files";
    batch_line(file: u64) = "the line before file {file} of the batch of index files is malformed";
    batch_truncated() = "the batch of index files ends too early";
    batch_trailing() = "there is something behind the end of the batch of index files";
}
