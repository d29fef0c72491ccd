//! Why there is no TLS, and what to do.

use std::path::PathBuf;

use rustls::{CertificateError, InvalidMessage};

/// What can go wrong with TLS, told apart.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A socket call failed during the handshake.
    #[error(transparent)]
    Socket(#[from] tcp_socket::Error),
    /// Nobody whom this end trusts has signed the certificate.
    #[error(
        "nobody trusted here has signed the certificate of {peer}: if it is a test certificate or your company's own, \
         trust its authority (--ca FILE); otherwise somebody may be pretending to be that server"
    )]
    UnknownIssuer {
        /// The server.
        peer: String,
    },
    /// The certificate is somebody else's.
    #[error(
        "the certificate of {peer} is for {presented}, not for {host}: use a name that it has, or get one for this name"
    )]
    WrongName {
        /// The server.
        peer: String,
        /// The name that the client asked for.
        host: String,
        /// The names in the certificate.
        presented: String,
    },
    /// The certificate was good once.
    #[error("the certificate of {peer} has expired{ago}: its owner has to renew it (or your clock is wrong)")]
    Expired {
        /// The server.
        peer: String,
        /// Since when, if that is known: ` 3 days ago`.
        ago: String,
    },
    /// The certificate is not good yet.
    #[error("the certificate of {peer} is not valid yet: is your clock right?")]
    NotValidYet {
        /// The server.
        peer: String,
    },
    /// The certificate has another fault.
    #[error("the certificate of {peer} is no good: {problem}")]
    BadCertificate {
        /// The server.
        peer: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The peer speaks, but not TLS.
    #[error(
        "{peer} does not speak TLS, it said \"{}\": for a plain connection write ws:// instead of wss://, or find the port for TLS",
        start[..start.len().min(16)].escape_ascii()
    )]
    NotTls {
        /// The other end.
        peer: String,
        /// The beginning of what it said.
        start: Vec<u8>,
    },
    /// The peer hung up during the handshake.
    #[error(
        "{peer} hung up during the TLS handshake: perhaps it speaks no TLS on this port (then write ws:// instead of wss://)"
    )]
    Ended {
        /// The other end.
        peer: String,
    },
    /// The peer did not like this end, and said why.
    #[error("{peer} ended the TLS session with the alert {alert:?}{advice}")]
    Alert {
        /// The other end.
        peer: String,
        /// Its reason (RFC 8446, section 6.2).
        alert: String,
        /// What it means, if that helps.
        advice: &'static str,
    },
    /// TCP's stream ended without TLS's own sign of an end.
    #[error(
        "{peer} was lost: TCP ended without TLS's close_notify, so something may be missing (RFC 8446, section 6.1)"
    )]
    CutOff {
        /// The other end.
        peer: String,
    },
    /// The peer broke TLS's rules.
    #[error("TLS with {peer} failed: {problem}")]
    Protocol {
        /// The other end.
        peer: String,
        /// Which one.
        problem: String,
    },
    /// No certificate can name this host.
    #[error("{host:?} is no name that a certificate could have")]
    BadName {
        /// What was given.
        host: String,
    },
    /// A file does not hold what it should.
    #[error("there is no {what} to be had from {}: {source}; a file in PEM is needed (\"-----BEGIN ...\")", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
        /// Why it is not there.
        source: rustls::pki_types::pem::Error,
    },
    /// These settings cannot be used.
    #[error("TLS cannot be set up: {0}")]
    Config(#[from] rustls::Error),
    /// No test certificate could be made.
    #[error("no test certificate can be made: {0}")]
    NoCertificate(#[from] rcgen::Error),
}

impl TlsError {
    /// What rustls says about `peer`, with what to do about it.
    pub(super) fn from_rustls(error: rustls::Error, peer: String) -> Self {
        match error {
            rustls::Error::InvalidCertificate(error) => Self::from_certificate(error, peer),
            rustls::Error::AlertReceived(alert) => Self::Alert {
                peer,
                alert: format!("{alert:?}"),
                advice: advice(alert),
            },
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => Self::Protocol {
                peer,
                problem: "what came is no TLS record".to_owned(),
            },
            error => Self::Protocol {
                peer,
                problem: error.to_string(),
            },
        }
    }

    fn from_certificate(error: CertificateError, peer: String) -> Self {
        match error {
            // An authority of the right name and the wrong key is another one.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => Self::UnknownIssuer { peer },
            CertificateError::NotValidForNameContext { expected, presented } => Self::WrongName {
                peer,
                host: expected.to_str().into_owned(),
                presented: or(presented.iter().map(|name| plain_name(name)).collect()),
            },
            CertificateError::ExpiredContext { time, not_after } => {
                let days = time.as_secs().saturating_sub(not_after.as_secs()) / (24 * 60 * 60);
                let ago = match days {
                    0 => " today".to_owned(),
                    1 => " a day ago".to_owned(),
                    _ => format!(" {days} days ago"),
                };
                Self::Expired { peer, ago }
            }
            CertificateError::Expired => Self::Expired {
                peer,
                ago: String::new(),
            },
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::NotValidYet { peer }
            }
            error => Self::BadCertificate {
                peer,
                problem: error.to_string(),
            },
        }
    }
}

/// rustls gives a name as `DnsName("localhost")`.
fn plain_name(name: &str) -> String {
    name.split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'))
        .unwrap_or(name)
        .trim_matches('"')
        .to_owned()
}

fn or(names: Vec<String>) -> String {
    if names.is_empty() {
        "no name at all".to_owned()
    } else {
        names.join(", ")
    }
}

/// What a peer means by an alert.
fn advice(alert: rustls::AlertDescription) -> &'static str {
    use rustls::AlertDescription as Alert;
    match alert {
        Alert::UnknownCA | Alert::BadCertificate | Alert::CertificateUnknown => {
            ": it does not trust the certificate; give it the authority"
        }
        Alert::CertificateExpired => ": for it, the certificate has expired",
        Alert::HandshakeFailure | Alert::ProtocolVersion => {
            ": it wants a version or cipher of TLS that is not spoken here (TLS 1.2 and 1.3 are)"
        }
        _ => "",
    }
}
