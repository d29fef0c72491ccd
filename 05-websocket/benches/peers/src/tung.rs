//! tungstenite: a thread a connection, and a blocking client.

use std::error::Error;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use rustls::pki_types::{CertificateDer, pem::PemObject};
use tungstenite::protocol::{CloseFrame, frame::coding::CloseCode};
use tungstenite::{Connector, Message};

pub(crate) fn serve(listener: TcpListener) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        thread::spawn(move || echo(stream));
    }
}

fn echo(stream: TcpStream) {
    let Ok(mut web_socket) = tungstenite::accept(stream) else {
        return;
    };
    while let Ok(message) = web_socket.read() {
        let is_data = message.is_text() || message.is_binary();
        if is_data && web_socket.send(message).is_err() {
            return;
        }
    }
}

/// Says messages of every length form and expects them back, then closes and expects the same code.
pub(crate) fn talk(url: &str, authority: Option<&str>) -> Result<(), Box<dyn Error>> {
    let host = url.split("://").nth(1).unwrap_or_default();
    let stream = TcpStream::connect(host.split('/').next().unwrap_or_default())?;
    let connector = authority.map(trusting).transpose()?;
    let (mut web_socket, _) = tungstenite::client_tls_with_config(url, stream, None, connector)?;
    for length in [0, 1, 125, 126, 65535, 65536, 1_000_000] {
        for message in [Message::text("x".repeat(length)), Message::binary(vec![7; length])] {
            web_socket.send(message.clone())?;
            assert_eq!(web_socket.read()?, message);
        }
    }
    web_socket.close(Some(CloseFrame { code: CloseCode::Library(4001), reason: "enough".into() }))?;
    loop {
        match web_socket.read() {
            Ok(Message::Close(Some(close))) => assert_eq!(u16::from(close.code), 4001),
            Ok(message) => return Err(format!("after the Close came {message:?}").into()),
            Err(tungstenite::Error::ConnectionClosed) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
    }
}

fn trusting(authority: &str) -> Result<Connector, Box<dyn Error>> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority)?)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Connector::Rustls(Arc::new(config)))
}
