//! A certificate for tests, and the file that a client is told to trust.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;

use websocket::tls::TestCertificate;

use super::failure::Failure;

/// A test certificate, whose authority lies in a file for as long as this lives.
pub(super) struct CertificateOnDisk {
    pub(super) certificate: TestCertificate,
    pub(super) authority_file: PathBuf,
}

impl CertificateOnDisk {
    /// A certificate for `host` and for this machine's names for itself.
    pub(super) fn make(host: &str) -> Result<Self, Failure> {
        let mut names = vec!["localhost", "127.0.0.1", "::1"];
        if !names.contains(&host) {
            names.push(host);
        }
        let certificate = TestCertificate::new(&names).map_err(websocket::Error::from)?;
        let name = format!("05-websocket-authority-{}.pem", std::process::id());
        let authority_file = std::env::temp_dir().join(name);
        // A new file, and no link that somebody has put there.
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&authority_file)?;
        file.write_all(certificate.authority_pem().as_bytes())?;
        Ok(Self {
            certificate,
            authority_file,
        })
    }
}

impl Drop for CertificateOnDisk {
    fn drop(&mut self) {
        // The certificate ends with the server; a file that stays does no harm.
        let _ = fs::remove_file(&self.authority_file);
    }
}
