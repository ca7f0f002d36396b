//! Plain `http` through an HTTP proxy: the request goes to the proxy and names the whole address (RFC 9112, section
//! 3.2.2). `ureq` would open a tunnel by `CONNECT`, which proxies grant for port 443 only.

use super::names::Names;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport,
};

/// Looks up the proxy, whatever host is asked for: names of the other side may be known to the proxy alone.
#[derive(Debug)]
pub(super) struct ProxyAddress {
    pub(super) proxy: Uri,
    pub(super) names: Names,
}

impl Resolver for ProxyAddress {
    fn resolve(
        &self,
        _: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        self.names.resolve(&self.proxy, config, timeout)
    }
}

/// Connects to the proxy and asks it in absolute form.
pub(super) struct ForwardProxy {
    pub(super) proxy: Uri,
    pub(super) inner: DefaultConnector,
}

/// Without the proxy: its address may hold a password.
impl std::fmt::Debug for ForwardProxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ForwardProxy")
    }
}

impl Connector for ForwardProxy {
    type Out = AbsoluteForm;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        _: Option<()>,
    ) -> Result<Option<Self::Out>, ureq::Error> {
        let to_proxy = ConnectionDetails {
            uri: &self.proxy,
            addrs: details.addrs.clone(),
            config: details.config,
            request_level: details.request_level,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        let inner = self.inner.connect(&to_proxy, None)?;
        let origin = format!(
            "{}://{}",
            details.uri.scheme_str().unwrap_or("http"),
            details.uri.authority().map_or("", |authority| authority.as_str())
        );
        Ok(inner.map(|inner| AbsoluteForm { inner, origin, at_start: true }))
    }
}

/// A connection on which each request line is given the origin before its path.
pub(super) struct AbsoluteForm {
    inner: Box<dyn Transport>,
    origin: String,
    /// Whether what is sent next begins a request.
    at_start: bool,
}

impl std::fmt::Debug for AbsoluteForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AbsoluteForm({})", self.origin)
    }
}

impl Transport for AbsoluteForm {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), ureq::Error> {
        if !std::mem::take(&mut self.at_start) {
            return self.inner.transmit_output(amount, timeout);
        }
        let whole = insert_origin(self.inner.buffers().output(), amount, self.origin.as_bytes());
        let too_long = || ureq::Error::Io(std::io::ErrorKind::InvalidInput.into());
        self.inner.transmit_output(whole.ok_or_else(too_long)?, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, ureq::Error> {
        self.at_start = true;
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

/// Puts `origin` before the path of the request line that the first `amount` bytes of `output` begin with, and gives
/// how many there are then. `None` when there is no request line, or no room.
fn insert_origin(output: &mut [u8], amount: usize, origin: &[u8]) -> Option<usize> {
    let path = output.get(..amount)?.iter().position(|byte| *byte == b' ')?.checked_add(1)?;
    let moved = path.checked_add(origin.len())?;
    let whole = amount.checked_add(origin.len()).filter(|whole| *whole <= output.len())?;
    output.copy_within(path..amount, moved);
    output.get_mut(path..moved)?.copy_from_slice(origin);
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_line_gets_the_origin() {
        let mut output = [0; 64];
        let head = b"GET /reg/a?b=c d HTTP/1.1\r\n";
        output[..head.len()].copy_from_slice(head);
        let whole = insert_origin(&mut output, head.len(), b"http://r.test:81").unwrap();
        assert_eq!(&output[..whole], b"GET http://r.test:81/reg/a?b=c d HTTP/1.1\r\n");
        assert_eq!(insert_origin(&mut output, 3, b"x"), None, "no path yet");
        assert_eq!(insert_origin(&mut output, 60, b"12345"), None, "no room");
        assert_eq!(insert_origin(&mut output, 65, b""), None);
    }
}
