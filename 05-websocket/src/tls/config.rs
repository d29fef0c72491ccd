//! Whom a client trusts, and who a server is.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection};
use rustls_platform_verifier::Verifier;
use tcp_socket::Stream;

use super::{TestCertificate, Tls, TlsError};

/// A client's side: whose signature under a certificate counts. Make it once, and use it for many connections.
#[derive(Clone)]
pub struct ClientTls(Arc<ClientConfig>);

impl ClientTls {
    /// Trusts whom this machine trusts, as its browsers do: the system's own list of authorities.
    ///
    /// # Errors
    ///
    /// [`TlsError::Config`] if the system has no such list.
    pub fn system() -> Result<Self, TlsError> {
        let verifier = Verifier::new(provider())?;
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            // No danger here: the name warns of verifiers that accept everything.
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// Trusts the authorities in a PEM file, and nobody else: for a company's own authority, or a test certificate.
    ///
    /// # Errors
    ///
    /// [`TlsError::File`] if there is no certificate in it.
    pub fn trusting_file(path: &Path) -> Result<Self, TlsError> {
        Self::trusting(certificates(path)?)
    }

    /// Trusts the authority of a test certificate, and nobody else.
    ///
    /// # Errors
    ///
    /// [`TlsError::Config`] if it is no authority that rustls accepts.
    pub fn trusting_test(certificate: &TestCertificate) -> Result<Self, TlsError> {
        Self::trusting(vec![certificate.authority.clone()])
    }

    fn trusting(authorities: Vec<CertificateDer<'static>>) -> Result<Self, TlsError> {
        let mut roots = RootCertStore::empty();
        for authority in authorities {
            roots.add(authority)?;
        }
        let config = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self(Arc::new(config)))
    }

    /// TLS on `stream`, for a server that has to prove that it is `host`. [`Tls::handshake`] comes next.
    ///
    /// # Errors
    ///
    /// [`TlsError::BadName`] if no certificate could name this host.
    pub fn on<S: Stream>(&self, stream: S, host: &str) -> Result<Tls<S>, TlsError> {
        Ok(Tls::new(stream, self.session(host)?.into()))
    }

    /// A session without a stream.
    pub(super) fn session(&self, host: &str) -> Result<ClientConnection, TlsError> {
        let name = ServerName::try_from(host.to_owned()).map_err(|_| TlsError::BadName {
            host: host.to_owned(),
        })?;
        Ok(ClientConnection::new(Arc::clone(&self.0), name)?)
    }
}

/// A server's side: its certificate, and the key that proves that it is its own. Make it once, and use it for every
/// connection.
#[derive(Clone)]
pub struct ServerTls(Arc<ServerConfig>);

impl ServerTls {
    /// A certificate with those of its authorities (the chain), and its private key, each from a PEM file.
    ///
    /// # Errors
    ///
    /// [`TlsError::File`] if one cannot be read, [`TlsError::Config`] if they do not belong together.
    pub fn from_files(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let key_bytes = PrivateKeyDer::from_pem_file(key).map_err(|source| TlsError::File {
            path: key.to_owned(),
            what: "private key",
            source,
        })?;
        Self::new(certificates(certificate)?, key_bytes)
    }

    /// A certificate for tests.
    ///
    /// # Errors
    ///
    /// [`TlsError::Config`], which a fresh certificate does not meet.
    pub fn from_test(certificate: &TestCertificate) -> Result<Self, TlsError> {
        Self::new(vec![certificate.certificate.clone()], certificate.key.clone_key())
    }

    fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, TlsError> {
        let config = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        Ok(Self(Arc::new(config)))
    }

    /// TLS on the stream of a caller. [`Tls::handshake`] comes next.
    ///
    /// # Errors
    ///
    /// [`TlsError::Config`], if rustls does not like the settings.
    pub fn on<S: Stream>(&self, stream: S) -> Result<Tls<S>, TlsError> {
        Ok(Tls::new(stream, self.session()?.into()))
    }

    /// A session without a stream.
    pub(super) fn session(&self) -> Result<ServerConnection, rustls::Error> {
        ServerConnection::new(Arc::clone(&self.0))
    }
}

/// Who computes: ring, which is well kept and runs on every processor.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let unreadable = |source| TlsError::File {
        path: PathBuf::from(path),
        what: "certificate",
        source,
    };
    let found = CertificateDer::pem_file_iter(path).map_err(unreadable)?;
    let certificates = found.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
    if certificates.is_empty() {
        return Err(unreadable(rustls::pki_types::pem::Error::NoItemsFound));
    }
    Ok(certificates)
}

impl fmt::Debug for ClientTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientTls")
    }
}

/// Nothing of a private key is printed.
impl fmt::Debug for ServerTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerTls")
    }
}
