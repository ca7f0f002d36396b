//! Who asks: the address at the other end of a connection, or the one that a trusted proxy asks for.

use crate::networks::Networks;
use axum::http::{HeaderMap, HeaderValue};
use std::net::{IpAddr, Ipv6Addr};

/// The header that says where a request comes from. Connections set it; what a client sends under this name is dropped.
const PEER: &str = "vitte-peer-address";
/// What proxies add the address of their client to.
const FORWARDED: &str = "x-forwarded-for";

/// Notes where a request comes from.
pub(super) fn set(headers: &mut HeaderMap, client: IpAddr) {
    match HeaderValue::from_str(&client.to_string()) {
        Ok(value) => headers.insert(PEER, value),
        Err(_) => headers.remove(PEER),
    };
}

/// The address a request comes from.
pub(crate) fn peer(headers: &HeaderMap) -> IpAddr {
    let address = headers.get(PEER).and_then(|value| value.to_str().ok()?.parse().ok());
    address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED))
}

/// The last address in the header that is no trusted proxy's. What stands before it, its client may have made up.
pub(super) fn client(headers: &HeaderMap, from: IpAddr, proxies: Option<&Networks>) -> IpAddr {
    let from = from.to_canonical();
    let Some(proxies) = proxies else { return from };
    let lines: Vec<_> = headers.get_all(FORWARDED).iter().map(|line| line.to_str().unwrap_or("?")).collect();
    let mut client = from;
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !proxies.contain(client) {
            break;
        }
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_proxies_are_believed() {
        let proxies = Networks::parse("10.0.0.0/8,::1").unwrap();
        for (from, forwarded, proxies, client) in [
            ("192.0.2.1", &["203.0.113.9"][..], Some(&proxies), "192.0.2.1"),
            ("10.0.0.1", &["203.0.113.9"], None, "10.0.0.1"),
            ("10.0.0.1", &[], Some(&proxies), "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.9"], Some(&proxies), "203.0.113.9"),
            ("::ffff:10.0.0.1", &["203.0.113.9"], Some(&proxies), "203.0.113.9"),
            // What a client made up stands in front of what the proxies added.
            ("10.0.0.1", &["127.0.0.1, 203.0.113.9, 10.0.0.2"], Some(&proxies), "203.0.113.9"),
            ("10.0.0.1", &["127.0.0.1", "203.0.113.9,10.0.0.2"], Some(&proxies), "203.0.113.9"),
            ("10.0.0.1", &["203.0.113.9, nonsense"], Some(&proxies), "10.0.0.1"),
            ("10.0.0.1", &["2001:db8::7"], Some(&proxies), "2001:db8::7"),
        ] {
            let mut headers = HeaderMap::new();
            for line in forwarded {
                headers.append(FORWARDED, line.parse().unwrap());
            }
            headers.insert(PEER, "198.51.100.1".parse().unwrap());
            let found = super::client(&headers, from.parse().unwrap(), proxies);
            set(&mut headers, found);
            assert_eq!(peer(&headers), client.parse::<IpAddr>().unwrap(), "{from} {forwarded:?}");
        }
    }
}
