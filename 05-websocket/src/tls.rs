//! TLS (RFC 8446): the same stream of bytes, but only the two ends can read it, and the client knows to whom it talks.
//!
//! TLS is below WebSocket, not in it: `wss://` is `ws://` on a [`Tls`] stream. [`Tls`] has step 3's [`Stream`] face with
//! its deadlines, so every loop of the steps before works on it unchanged. The cryptography is rustls's work.
//!
//! ```text
//! send(plain text) -> rustls: records -> TCP ... TCP -> rustls: records -> pull(plain text)
//! ```

mod certificate;
mod config;
mod error;
mod layer;

use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chunked_io::send_all;
use tcp_socket::{Call, Deadline, Error, Stream, TcpSocket};

pub use certificate::TestCertificate;
pub use config::{ClientTls, ServerTls};
pub use error::TlsError;
pub use layer::{OverTls, TlsLayer};

/// How much is pulled in one call, in bytes: a record of the greatest length, and a little more
/// (RFC 8446, section 5.2).
const PULL: usize = 18 * 1024;

/// How much plain text one call of `send` takes, in bytes: four records.
const MOST_SENT: usize = 64 * 1024;

/// The first byte of a handshake record (RFC 8446, section 5.1). No text begins with it.
pub const HANDSHAKE_RECORD: u8 = 22;

/// The first byte of an alert record: what a TLS server says to somebody who does not speak TLS.
pub const ALERT_RECORD: u8 = 21;

/// One end of a TLS session on a stream.
///
/// Make it with [`ClientTls::on`] or [`ServerTls::on`], then call [`Tls::handshake`].
#[derive(Debug)]
pub struct Tls<S> {
    stream: S,
    session: Arc<Session>,
    /// What was pulled, and the part of it that is still to be decrypted.
    pulled: Vec<u8>,
    encrypted: Range<usize>,
}

/// What both handles of a connection share.
struct Session {
    connection: Mutex<rustls::Connection>,
    /// Whoever holds this encrypts and sends, so that the records leave in the order of their numbers.
    outgoing: Mutex<Outgoing>,
}

/// Records on their way out.
#[derive(Default)]
struct Outgoing {
    records: Vec<u8>,
    /// How much plain text they hold that no call has reported as sent: the call ran out of time in the middle of a
    /// record. The next one, which offers the same bytes again, finishes and reports them.
    unreported: usize,
}

impl<S: Stream> Tls<S> {
    fn new(stream: S, connection: rustls::Connection) -> Self {
        let session = Session {
            connection: Mutex::new(connection),
            outgoing: Mutex::default(),
        };
        Self {
            stream,
            session: Arc::new(session),
            pulled: Vec::new(),
            encrypted: 0..0,
        }
    }

    /// The stream underneath: to answer in plain text, say, whoever has spoken in plain text.
    pub fn into_inner(self) -> S {
        self.stream
    }

    /// Agrees on keys, and as a client looks at the server's certificate.
    ///
    /// # Errors
    ///
    /// [`TlsError`] tells whether it was the certificate, or somebody who does not speak TLS, or the network.
    pub fn handshake(&mut self, deadline: impl Into<Deadline>) -> Result<(), TlsError> {
        let deadline = deadline.into();
        loop {
            self.session.send_records(&mut self.stream, deadline)?;
            if !self.session.connection().is_handshaking() {
                return Ok(());
            }
            let first = self.encrypted.is_empty() && self.pulled.is_empty();
            if self.encrypted.is_empty() && self.pull_records(deadline)? == 0 {
                return Err(TlsError::Ended {
                    peer: self.stream.peer(),
                });
            }
            if first && !is_record(self.pulled[0]) {
                return Err(TlsError::NotTls {
                    peer: self.stream.peer(),
                    start: self.pulled[self.encrypted.clone()].to_vec(),
                });
            }
            if let Err(error) = self.decrypt() {
                // rustls has an alert ready that tells the peer. If it cannot be sent, the error says enough.
                let _ = self.session.send_records(&mut self.stream, deadline);
                return Err(TlsError::from_rustls(error, self.stream.peer()));
            }
        }
    }

    /// Takes the plain text that is at hand: `None` if more records have to come first.
    fn read_plain(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<Option<usize>, Error> {
        match self.session.connection().reader().read(buffer) {
            Ok(count) => Ok(Some(count)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(_) => {
                let cut_off = TlsError::CutOff {
                    peer: self.stream.peer(),
                };
                Err(self.failed(Call::Pull, deadline, cut_off))
            }
        }
    }

    /// One pull of what is encrypted; 0 is the end of TCP's stream.
    fn pull_records(&mut self, deadline: Deadline) -> Result<usize, Error> {
        self.pulled.resize(PULL, 0);
        let count = self.stream.pull(&mut self.pulled, deadline)?;
        self.encrypted = 0..count;
        Ok(count)
    }

    /// Gives rustls what it has room for. It takes a record at a time, once the plain text before it is read.
    fn decrypt(&mut self) -> Result<(), rustls::Error> {
        let mut connection = self.session.connection();
        let mut encrypted = &self.pulled[self.encrypted.clone()];
        // From memory nothing can fail but for want of room: a handshake without an end.
        let taken = connection
            .read_tls(&mut encrypted)
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        self.encrypted.start += taken;
        connection.process_new_packets().map(drop)
    }

    fn failed(&self, call: Call, deadline: Deadline, error: TlsError) -> Error {
        let source = io::Error::new(ErrorKind::InvalidData, error);
        Error::from_io(call, self.stream.peer(), deadline.elapsed(), source)
    }
}

/// Whether a peer's first byte is that of a TLS record: a handshake, or an alert that says why there is none.
fn is_record(first: u8) -> bool {
    first == HANDSHAKE_RECORD || first == ALERT_RECORD
}

impl<S: Stream> Stream for Tls<S> {
    /// Encrypts from the front of `bytes` and sends it. Two handles take turns.
    fn send(&mut self, bytes: &[u8], deadline: Deadline) -> Result<usize, Error> {
        let mut outgoing = lock(&self.session.outgoing);
        if outgoing.unreported == 0 {
            let plain = &bytes[..bytes.len().min(MOST_SENT)];
            let written = self.session.connection().writer().write(plain);
            outgoing.unreported = written.map_err(|source| {
                Error::from_io(Call::Send, self.stream.peer(), deadline.elapsed(), source)
            })?;
        }
        outgoing.send(&self.session, &mut self.stream, deadline)?;
        Ok(std::mem::take(&mut outgoing.unreported))
    }

    /// Brings plain text. 0 is the peer's orderly end, with TLS's own sign of it (`close_notify`); an end without it is an
    /// error, because anybody on the way could have made it (RFC 8446, section 6.1).
    fn pull(&mut self, buffer: &mut [u8], deadline: Deadline) -> Result<usize, Error> {
        loop {
            if let Some(count) = self.read_plain(buffer, deadline)? {
                return Ok(count);
            }
            if self.encrypted.is_empty() {
                self.pull_records(deadline)?;
            }
            if let Err(error) = self.decrypt() {
                let _ = self.session.send_records(&mut self.stream, deadline);
                let error = TlsError::from_rustls(error, self.stream.peer());
                return Err(self.failed(Call::Pull, deadline, error));
            }
        }
    }

    fn peer(&self) -> String {
        self.stream.peer()
    }
}

impl Tls<TcpSocket> {
    /// A second handle on the same session, so that one thread may send while another pulls, as
    /// [`TcpSocket::try_clone`] has it. Only one of them may pull.
    ///
    /// # Errors
    ///
    /// As [`TcpSocket::try_clone`].
    pub fn try_clone(&self) -> Result<Self, Error> {
        Ok(Self {
            stream: self.stream.try_clone()?,
            session: Arc::clone(&self.session),
            pulled: Vec::new(),
            encrypted: 0..0,
        })
    }

    /// The socket underneath.
    #[must_use]
    pub fn socket(&self) -> &TcpSocket {
        &self.stream
    }

    /// Closes one direction, or both, and says so in TLS before it says so in TCP.
    ///
    /// # Errors
    ///
    /// As [`TcpSocket::shutdown`].
    pub fn shutdown(&mut self, half: Shutdown, deadline: impl Into<Deadline>) -> Result<(), Error> {
        if half != Shutdown::Read {
            self.session.connection().send_close_notify();
            // A peer that is gone, or does not read, needs no goodbye.
            let _ = self.session.send_records(&mut self.stream, deadline.into());
        }
        self.stream.shutdown(half)
    }
}

impl Session {
    fn connection(&self) -> MutexGuard<'_, rustls::Connection> {
        lock(&self.connection)
    }

    /// Sends what rustls has to say of its own accord: handshake, alerts.
    fn send_records(&self, stream: &mut impl Stream, deadline: Deadline) -> Result<(), Error> {
        lock(&self.outgoing).send(self, stream, deadline)
    }
}

impl Outgoing {
    /// Sends every record that is due. Those that find no time stay in front of the line.
    fn send(&mut self, session: &Session, stream: &mut impl Stream, deadline: Deadline) -> Result<(), Error> {
        let mut connection = session.connection();
        while connection.wants_write() {
            // Into memory nothing can fail.
            let _ = connection.write_tls(&mut self.records);
        }
        drop(connection);
        match send_all(stream, &self.records, deadline) {
            Ok(()) => {
                self.records.clear();
                Ok(())
            }
            Err(chunked_io::Error::Stopped { moved, source }) => {
                self.records.drain(..moved);
                Err(source)
            }
            // It only sends, and so it only stops.
            Err(error) => Err(Error::from_io(
                Call::Send,
                stream.peer(),
                deadline.elapsed(),
                io::Error::other(error),
            )),
        }
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Neither rustls nor the records are left half-changed by a panic elsewhere.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
