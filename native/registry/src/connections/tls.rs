//! Certificate and key, which can be changed without a connection being lost.

use crate::error::{Error, Result};
use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use vitte_package_core::diagnostic::Code;
use vitte_package_core::message::server as text;

/// Bytes of a file of certificates or of a key at most.
const FILE_LEN: u64 = 1024 * 1024;

/// What connections are encrypted by.
#[derive(Debug)]
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    config: RwLock<Arc<ServerConfig>>,
}

impl Tls {
    /// Reads a chain of certificates and the key of the first.
    ///
    /// # Errors
    /// `config` when a file is not what it should be, or the two do not belong together.
    pub(crate) fn read(certificate: &Path, key: &Path) -> Result<Self> {
        let config = RwLock::new(config(certificate, key)?);
        Ok(Self { certificate: certificate.to_owned(), key: key.to_owned(), config })
    }

    /// Reads both again, for connections from now on. What is not right changes nothing.
    pub(crate) fn reload(&self) -> Result<()> {
        let read = config(&self.certificate, &self.key)?;
        *self.config.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let config = Arc::clone(&self.config.read().unwrap_or_else(PoisonError::into_inner));
        TlsAcceptor::from(config).accept(stream).await
    }
}

fn config(certificate: &Path, key: &Path) -> Result<Arc<ServerConfig>> {
    let refused = |path: &Path, reason: &dyn std::fmt::Display| {
        Error::new(Code::Config, text::storage(&path.display().to_string(), &reason.to_string()))
    };
    let read = |path: &Path| {
        let len = std::fs::metadata(path).map_err(|error| refused(path, &error))?.len();
        match len {
            0..=FILE_LEN => std::fs::read(path).map_err(|error| refused(path, &error)),
            _ => Err(refused(path, &"too long")),
        }
    };
    let chain = CertificateDer::pem_slice_iter(&read(certificate)?).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|error| refused(certificate, &error))?;
    // What is wrong with a key is not said in the words of its parser, which may quote it.
    let secret =
        PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| refused(key, &"no private key in PEM"))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(certificate, &error))?
        .with_no_client_auth();
    let mut config = builder.with_single_cert(chain, secret).map_err(|error| refused(certificate, &error))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
