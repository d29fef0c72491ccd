//! The server's side of the opening: who calls, and whether this server grants what is asked for.

use chunked_io::send_all;
use tcp_socket::{Deadline, Stream, TcpSocket};

use crate::handshake::{Request, Response};
use crate::http::{self, HEAD_LIMIT, RequestHead};
use crate::tls::{ServerTls, TlsError};
use crate::web_socket::{LINGER, Opened, SocketOptions, Traffic, observe, part};
use crate::{Error, Refusal, Resource, Role, WebSocket, Wire};

/// What a server grants its clients.
#[derive(Debug, Clone)]
pub struct AcceptOptions {
    /// What the server speaks, its favourite first: the first that the client offers is taken.
    pub subprotocols: Vec<String>,
    /// The pages that may connect, as browsers name them: `https://chat.example`. `None` allows all. A client that
    /// is no browser sends no Origin, and is let in.
    pub origins: Option<Vec<String>>,
    /// The only path at which there is a WebSocket; `None` takes every one.
    pub path: Option<String>,
    /// A page in HTML for a browser that asks for `/` without asking for a WebSocket.
    pub page: Option<String>,
    /// What else an ordinary GET may ask for, each under a path of its own.
    pub resources: Vec<Resource>,
    /// The longest head that is read, in bytes: 16 KiB.
    pub head_limit: usize,
    /// The certificate for `wss://`; `None` is `ws://`, in plain text.
    pub tls: Option<ServerTls>,
    /// What both ends may set.
    pub socket: SocketOptions,
}

impl Default for AcceptOptions {
    fn default() -> Self {
        Self {
            subprotocols: Vec::new(),
            origins: None,
            path: None,
            page: None,
            resources: Vec::new(),
            head_limit: HEAD_LIMIT,
            tls: None,
            socket: SocketOptions::default(),
        }
    }
}

impl AcceptOptions {
    /// What is answered to a request, if it is granted.
    pub(crate) fn answer(&self, head: &RequestHead) -> Result<(Request, Response), Refusal> {
        let request = self.granted(head)?;
        let compression = self.socket.connection.compression.as_ref();
        let response = Response {
            compression: compression.and_then(|compression| compression.answer(&request.extensions)),
            ..Response::new(&request, request.choose_subprotocol(&self.subprotocols))
        };
        Ok((request, response))
    }

    /// The request, if this server grants it.
    fn granted(&self, head: &RequestHead) -> Result<Request, Refusal> {
        if let (Some(html), "GET", "/", false) = (
            &self.page,
            head.method.as_str(),
            head.target.as_str(),
            head.wants_web_socket(),
        ) {
            return Err(Refusal::Page { html: html.clone() });
        }
        let path = head.target.split('?').next().unwrap_or_default();
        if head.method == "GET"
            && !head.wants_web_socket()
            && let Some(resource) = self.resources.iter().find(|resource| resource.path() == path)
        {
            return Err(Refusal::Resource {
                content_type: resource.content_type().to_owned(),
                content: resource.content(),
            });
        }
        if self.path.as_ref().is_some_and(|only| only != path) {
            return Err(Refusal::NotFound {
                target: head.target.clone(),
            });
        }
        let request = Request::from_head(head)?;
        match (&request.origin, &self.origins) {
            (Some(origin), Some(allowed)) if !allowed.contains(origin) => Err(Refusal::Origin {
                origin: origin.clone(),
            }),
            _ => Ok(request),
        }
    }
}

impl WebSocket {
    /// Answers a caller that wants a WebSocket. Any other is sent away with an HTTP error.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] after an HTTP error, [`Error::NoRequest`] if there was nobody to answer, [`Error::Tls`] if
    /// there was no agreement on TLS.
    pub fn accept(socket: TcpSocket, options: &AcceptOptions) -> Result<Self, Error> {
        let deadline = Deadline::after(options.socket.handshake_timeout);
        let mut wire = wrap(socket, options, deadline)?;
        let mut pending = Vec::new();
        let head = http::pull_head(&mut wire, &mut pending, options.head_limit, deadline);
        match head.and_then(|head| Ok(RequestHead::parse(&head)?)) {
            Ok(head) => Self::accept_request(wire, &head, pending, options),
            Err(source) => match Refusal::for_head(&source) {
                Some(refusal) => Err(refuse(wire, refusal)),
                None => Err(Error::NoRequest {
                    peer: wire.peer(),
                    source,
                }),
            },
        }
    }

    /// As [`WebSocket::accept`], for a server that has read the head of the request itself, to choose between a page
    /// and a WebSocket. `pending` is what came after the head.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] after an HTTP error.
    pub fn accept_request(
        wire: impl Into<Wire>,
        head: &RequestHead,
        pending: Vec<u8>,
        options: &AcceptOptions,
    ) -> Result<Self, Error> {
        let mut wire = wire.into();
        observe(&options.socket, Traffic::Received(head.to_string().as_bytes()));
        let (request, response) = match options.answer(head) {
            Ok(answer) => answer,
            Err(refusal) => return Err(refuse(wire, refusal)),
        };
        let head = response.to_head().to_string();
        send_all(&mut wire, head.as_bytes(), options.socket.handshake_timeout)?;
        observe(&options.socket, Traffic::Sent(head.as_bytes()));

        let opened = Opened {
            request,
            subprotocol: response.subprotocol,
            compression: response.compression,
            pending,
        };
        Self::new(wire, Role::Server, opened, &options.socket)
    }
}

/// TLS first, if this is a server of `wss://`.
fn wrap(socket: TcpSocket, options: &AcceptOptions, deadline: Deadline) -> Result<Wire, Error> {
    // A message is sent in one piece; waiting for company would only delay it.
    socket.set_no_delay(true)?;
    let Some(tls) = &options.tls else {
        return Ok(socket.into());
    };
    let mut tls = tls.on(socket)?;
    match tls.handshake(deadline) {
        Ok(()) => Ok(Wire::Secure(Box::new(tls))),
        // Whoever speaks plain text understands plain text only.
        Err(TlsError::NotTls { .. }) => Err(refuse(tls.into_inner().into(), Refusal::TlsOnly)),
        Err(error) => Err(error.into()),
    }
}

/// Answers a request with an HTTP error, and hangs up.
fn refuse(mut wire: Wire, refusal: Refusal) -> Error {
    // If the answer does not arrive, the caller has gone, and the error says enough.
    let _ = send_all(&mut wire, &refusal.to_response(), LINGER);
    part(&mut wire, Role::Server, false);
    Error::Refused {
        peer: wire.peer(),
        refusal,
    }
}
