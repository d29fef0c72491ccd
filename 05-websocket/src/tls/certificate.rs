//! A certificate for tests, made on the spot.
//!
//! A real certificate is signed by an authority that every machine trusts, and no authority signs one for `localhost`. So
//! this makes an authority of its own, lets it sign one certificate, and forgets the authority's key: who trusts it
//! trusts this one certificate and never another.

use std::fmt;
use std::time::{Duration, SystemTime};

use base64::prelude::{BASE64_STANDARD, Engine};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;
use crate::figure::hex;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A certificate for tests, its key, and the authority that signed it.
pub struct TestCertificate {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: PrivateKeyDer<'static>,
    pub(super) authority: CertificateDer<'static>,
}

impl TestCertificate {
    /// A certificate for these names and addresses, good for 30 days.
    ///
    /// # Errors
    ///
    /// [`TlsError::NoCertificate`] if one of them is no name.
    pub fn new(names: &[&str]) -> Result<Self, TlsError> {
        let now = SystemTime::now();
        // The clocks of two machines may differ a little.
        Self::valid(names, now - DAY, now + 30 * DAY)
    }

    /// A certificate that is good from one moment to another; both may lie in the past.
    ///
    /// # Errors
    ///
    /// As [`TestCertificate::new`].
    pub fn valid(names: &[&str], from: SystemTime, until: SystemTime) -> Result<Self, TlsError> {
        let authority_key = KeyPair::generate()?;
        let mut authority = CertificateParams::default();
        // Two authorities need two names, or a client would take one for the other.
        let number = hex(&authority.key_identifier(&authority_key));
        authority
            .distinguished_name
            .push(DnType::CommonName, format!("Test authority {number}"));
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        (authority.not_before, authority.not_after) = (from.into(), until.into());
        let authority = CertifiedIssuer::self_signed(authority, authority_key)?;

        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names)?;
        params
            .distinguished_name
            .push(DnType::CommonName, "Test certificate");
        params.use_authority_key_identifier_extension = true;
        (params.not_before, params.not_after) = (from.into(), until.into());
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &authority)?;
        Ok(Self {
            certificate: certificate.der().clone(),
            key: key.into(),
            authority: authority.der().clone(),
        })
    }

    /// The authority in PEM, for the file that a client is told to trust. It is no secret.
    #[must_use]
    pub fn authority_pem(&self) -> String {
        pem("CERTIFICATE", &self.authority)
    }

    /// The certificate in PEM.
    #[must_use]
    pub fn certificate_pem(&self) -> String {
        pem("CERTIFICATE", &self.certificate)
    }

    /// The private key in PEM: whoever has it can pretend to be this server.
    #[must_use]
    pub fn key_pem(&self) -> String {
        pem("PRIVATE KEY", self.key.secret_der())
    }
}

/// Nothing of a private key is printed.
impl fmt::Debug for TestCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TestCertificate")
    }
}

/// Bytes as text between two lines that say what they are (RFC 7468).
fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = after;
    }
    pem + &format!("-----END {label}-----\n")
}
