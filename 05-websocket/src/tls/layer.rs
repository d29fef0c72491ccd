//! TLS on the event loop: a layer between the wire and any other protocol.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::time::Duration;

use chunked_io::event_loop::{Closed, Io, Protocol, Shared};
use rustls::Connection;

use super::{ClientTls, ServerTls, TlsError, is_record};

/// How long a caller beyond the limit may take to hear, in TLS, that there is no room for it.
const REFUSING: Duration = Duration::from_secs(2);

/// A buffer that has grown beyond this is given back, in bytes.
const MOST_KEPT: usize = 256 * 1024;

thread_local! {
    /// What the inner protocol says, before it is encrypted.
    static PLAIN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    /// What has been decrypted for it; and records on their way out.
    static CLEAR: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static RECORDS: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A protocol that can live under TLS.
pub trait OverTls: Protocol {
    /// There is no TLS with this caller. What is said here goes out in plain text; nothing else will be called but
    /// [`Protocol::closed`], if this closes.
    fn without_tls(&mut self, error: TlsError, io: &mut Io<'_, Self::Message>);
}

/// A protocol under TLS. What it says is encrypted, and what it receives was decrypted; it need not know.
pub struct TlsLayer<P> {
    /// `None` if rustls did not like the settings, or once TLS has failed.
    session: Option<Box<Connection>>,
    inner: P,
    has_begun: bool,
    /// There is no room for this caller; it is told so once there is TLS to tell it in.
    is_refused: bool,
}

impl<P: OverTls> TlsLayer<P> {
    /// TLS around `inner`, as the server.
    pub fn new(tls: &ServerTls, inner: P) -> Self {
        Self::with_session(tls.session().map(Connection::from).ok(), inner)
    }

    /// TLS around `inner`, as a client of `host`.
    pub fn client(tls: &ClientTls, host: &str, inner: P) -> Self {
        Self::with_session(tls.session(host).map(Connection::from).ok(), inner)
    }

    fn with_session(session: Option<Connection>, inner: P) -> Self {
        let session = session.map(|mut session| {
            // The loop bounds what waits; here everything passes at once.
            session.set_buffer_limit(None);
            Box::new(session)
        });
        Self {
            session,
            inner,
            has_begun: false,
            is_refused: false,
        }
    }

    /// Calls the inner protocol, and encrypts what it says.
    fn with_inner(
        &mut self,
        io: &mut Io<'_, P::Message>,
        callback: impl FnOnce(&mut P, &mut Io<'_, P::Message>),
    ) {
        let Some(session) = &mut self.session else {
            return callback(&mut self.inner, io);
        };
        PLAIN.with_borrow_mut(|plain| {
            callback(&mut self.inner, &mut io.layer(plain));
            // Into memory nothing fails; before the end of the handshake it waits there.
            let _ = session.writer().write_all(plain);
            plain.clear();
            plain.shrink_to(MOST_KEPT);
        });
        if io.is_closing() {
            session.send_close_notify();
        }
        send_records(session, io);
    }

    /// There is no TLS, or no more.
    fn fail(&mut self, error: TlsError, io: &mut Io<'_, P::Message>) {
        if let Some(mut session) = self.session.take() {
            // The alert that tells the peer why.
            if !matches!(error, TlsError::NotTls { .. }) {
                send_records(&mut session, io);
            }
        }
        self.inner.without_tls(error, io);
        io.close();
    }

    /// Decrypts a record or a few, and hands on what was in them.
    fn decrypt(&mut self, encrypted: &mut &[u8], io: &mut Io<'_, P::Message>) -> Result<(), rustls::Error> {
        let Some(session) = &mut self.session else {
            *encrypted = &[];
            return Ok(());
        };
        session
            .read_tls(encrypted)
            .map_err(|error| rustls::Error::General(error.to_string()))?;
        let state = session.process_new_packets()?;
        let count = state.plaintext_bytes_to_read();
        let has_closed = state.peer_has_closed();
        let mut clear = CLEAR.take();
        clear.resize(count, 0);
        // As much as rustls has just said that there is.
        let _ = session.reader().read_exact(&mut clear);
        send_records(session, io);
        if self.is_refused {
            if !session.is_handshaking() {
                self.with_inner(io, Protocol::refused);
            }
        } else if count > 0 {
            self.with_inner(io, |inner, io| inner.received(&mut clear, io));
        }
        CLEAR.set(clear);
        if has_closed && !io.is_closing() {
            self.with_inner(io, Protocol::peer_finished);
        }
        Ok(())
    }
}

fn send_records<M>(session: &mut Connection, io: &mut Io<'_, M>) {
    RECORDS.with_borrow_mut(|records| {
        while session.wants_write() {
            let _ = session.write_tls(records);
        }
        io.send_vec(records);
        records.shrink_to(MOST_KEPT);
    });
}

impl<P: OverTls> Protocol for TlsLayer<P> {
    type Message = P::Message;

    fn opened(&mut self, io: &mut Io<'_, P::Message>) {
        self.with_inner(io, Protocol::opened);
    }

    fn refused(&mut self, io: &mut Io<'_, P::Message>) {
        self.is_refused = true;
        io.set_timer(Some(io.now() + REFUSING));
    }

    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, P::Message>) {
        if !std::mem::replace(&mut self.has_begun, true) && !is_record(bytes[0]) {
            let error = TlsError::NotTls {
                peer: io.peer().to_string(),
                start: bytes.to_vec(),
            };
            return self.fail(error, io);
        }
        let mut encrypted = &bytes[..];
        while !encrypted.is_empty() && !io.is_closing() {
            if let Err(error) = self.decrypt(&mut encrypted, io) {
                let error = TlsError::from_rustls(error, io.peer().to_string());
                return self.fail(error, io);
            }
        }
    }

    fn peer_finished(&mut self, io: &mut Io<'_, P::Message>) {
        self.with_inner(io, Protocol::peer_finished);
    }

    fn told(&mut self, message: P::Message, io: &mut Io<'_, P::Message>) {
        self.with_inner(io, |inner, io| inner.told(message, io));
    }

    fn relayed(&mut self, bytes: &Shared, io: &mut Io<'_, P::Message>) {
        self.with_inner(io, |inner, io| inner.relayed(bytes, io));
    }

    fn timer(&mut self, io: &mut Io<'_, P::Message>) {
        if self.is_refused {
            return io.close();
        }
        self.with_inner(io, Protocol::timer);
    }

    fn drained(&mut self, io: &mut Io<'_, P::Message>) {
        self.with_inner(io, Protocol::drained);
    }

    fn shutdown(&mut self, io: &mut Io<'_, P::Message>) {
        self.with_inner(io, Protocol::shutdown);
    }

    fn closed(&mut self, why: &Closed, io: &mut Io<'_, P::Message>) {
        self.inner.closed(why, io);
    }
}
