//! The client's side of the opening: who is called, how, and what is asked for.

use base64::prelude::{BASE64_STANDARD, Engine};
use chunked_io::{pull_exact, send_all};
use percent_encoding::percent_decode_str;
use ports::Endpoint;
use tcp_socket::tunnel::{TunnelError, connect_through_with};
use tcp_socket::{Deadline, TcpSocket};

use crate::handshake::{Request, Response, ResponseError, is_token};
use crate::http::{self, HEAD_LIMIT, ResponseHead};
use crate::tls::ClientTls;
use crate::url::{self, is_secure};
use crate::web_socket::{LINGER, Opened, SocketOptions, Traffic, observe, part};
use crate::{Connection, Error, Options, Role, WebSocket, Wire};

/// How much of a refusal's own words is read, in bytes.
const MOST_WORDS: usize = 1024;

/// What a client wants of a connection.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// What could be spoken over the connection, the favourite first.
    pub subprotocols: Vec<String>,
    /// The page on whose behalf this is done: browsers say it, others need not.
    pub origin: Option<String>,
    /// More header lines for the request.
    pub headers: Vec<(String, String)>,
    /// Names and values that the server gave before, on an earlier visit.
    pub cookies: Vec<(String, String)>,
    /// Who is calling. Without it the URL's own `user:password@` counts, if it has one.
    pub login: Option<Login>,
    /// Whom to trust with `wss://`; `None` is whom this machine trusts.
    pub tls: Option<ClientTls>,
    /// An HTTP proxy, which is asked for a tunnel (CONNECT). `http://user:password@host:port` logs in there (Basic).
    pub proxy: Option<Endpoint>,
    /// How often the server may send the client elsewhere: 5 times.
    pub redirects: usize,
    /// What both ends may set.
    pub socket: SocketOptions,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            subprotocols: Vec::new(),
            origin: None,
            headers: Vec::new(),
            cookies: Vec::new(),
            login: None,
            tls: None,
            proxy: None,
            redirects: 5,
            socket: SocketOptions::default(),
        }
    }
}

/// A name and a password, for HTTP's Basic scheme (RFC 7617). Over `ws://` everybody on the way can read them.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The name; it has no colon in it.
    pub user: String,
    /// The password.
    pub password: String,
}

impl Login {
    /// What stands before the `@` of a URL: both parts percent-encoded.
    fn from_user_info(user_info: &str) -> Self {
        let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
        let decoded = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
        Self {
            user: decoded(user),
            password: decoded(password),
        }
    }

    fn to_header(&self) -> String {
        let pair = format!("{}:{}", self.user, self.password);
        format!("Basic {}", BASE64_STANDARD.encode(pair))
    }
}

/// No password in a log.
impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Login({:?})", self.user)
    }
}

/// What a server said to the opening handshake.
enum Answer {
    Open(WebSocket),
    /// Look here instead.
    Moved(String),
}

impl WebSocket {
    /// Connects to a `ws://` or `wss://` URL.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] if it is none, [`Error::Socket`] if nobody answers, [`Error::Tls`] if the server cannot prove who
    /// it is, [`Error::NoAnswer`] or [`Error::NotWebSocket`] if somebody else answers.
    pub fn connect(url: &str, options: &ConnectOptions) -> Result<Self, Error> {
        Self::connect_endpoint(&url::parse(url)?, options)
    }

    /// Connects to an endpoint: with TLS if its scheme is `wss`, and in plain text otherwise.
    ///
    /// # Errors
    ///
    /// As [`WebSocket::connect`].
    pub fn connect_endpoint(endpoint: &Endpoint, options: &ConnectOptions) -> Result<Self, Error> {
        let deadline = Deadline::after(options.socket.handshake_timeout);
        let (mut endpoint, mut options) = (endpoint.clone(), options.clone());
        options.login = options
            .login
            .or_else(|| endpoint.user_info().map(Login::from_user_info));
        for _ in 0..=options.redirects {
            match knock(&endpoint, &options, deadline)? {
                Answer::Open(web_socket) => return Ok(web_socket),
                Answer::Moved(location) => {
                    let next = url::redirected(&endpoint, &location)?;
                    if !next.is_same_place(&endpoint) {
                        options.forget_secrets();
                    }
                    endpoint = next;
                }
            }
        }
        Err(Error::TooManyRedirects {
            url: endpoint.to_string(),
            redirects: options.redirects,
        })
    }
}

impl ConnectOptions {
    /// What was meant for one server is none of another's business.
    fn forget_secrets(&mut self) {
        self.login = None;
        self.cookies.clear();
        let is_secret =
            |name: &str| ["authorization", "cookie"].contains(&name.to_ascii_lowercase().as_str());
        self.headers.retain(|(name, _)| !is_secret(name));
    }
}

/// One try: connects, asks, and hears what the server says.
fn knock(endpoint: &Endpoint, options: &ConnectOptions, deadline: Deadline) -> Result<Answer, Error> {
    let url = || endpoint.to_string();
    let (request, head) = client_request(endpoint, options)?;
    let mut wire = reach(endpoint, options, deadline)?;
    send_all(&mut wire, head.as_bytes(), deadline)?;
    observe(&options.socket, Traffic::Sent(head.as_bytes()));

    let mut pending = Vec::new();
    let head = http::pull_head(&mut wire, &mut pending, HEAD_LIMIT, deadline)
        .and_then(|head| Ok(ResponseHead::parse(&head)?))
        .map_err(|source| Error::NoAnswer { url: url(), source })?;
    observe(&options.socket, Traffic::Received(head.to_string().as_bytes()));
    if let (301 | 302 | 303 | 307 | 308, Some(location)) = (head.status, head.headers.get("Location")) {
        return Ok(Answer::Moved(location.to_owned()));
    }
    let response = match granted(&head, &request, &options.socket.connection) {
        Ok(response) => response,
        Err(source) => {
            let words = own_words(&source, &mut wire, &head, pending, deadline);
            turn_away(&mut wire, &source);
            let url = url();
            return Err(Error::NotWebSocket { url, words, source });
        }
    };
    let opened = Opened {
        request,
        subprotocol: response.subprotocol,
        compression: response.compression,
        pending,
    };
    WebSocket::new(wire, Role::Client, opened, &options.socket).map(Answer::Open)
}

/// The way to the server: through a proxy or not, in TLS or not.
fn reach(endpoint: &Endpoint, options: &ConnectOptions, deadline: Deadline) -> Result<Wire, Error> {
    let socket = match &options.proxy {
        Some(proxy) => tunnel(proxy, endpoint, deadline)?,
        None => TcpSocket::connect(endpoint, deadline)?,
    };
    // A message is sent in one piece; waiting for company would only delay it.
    socket.set_no_delay(true)?;
    if !is_secure(endpoint) {
        return Ok(socket.into());
    }
    let tls = match &options.tls {
        Some(tls) => tls.clone(),
        None => ClientTls::system()?,
    };
    let mut tls = tls.on(socket, endpoint.host())?;
    tls.handshake(deadline)?;
    Ok(Wire::Secure(Box::new(tls)))
}

/// Through the proxy; what its URL says before the `@` is its own login, and no business of the server's.
fn tunnel(proxy: &Endpoint, endpoint: &Endpoint, deadline: Deadline) -> Result<TcpSocket, TunnelError> {
    let login = proxy
        .user_info()
        .map(|info| Login::from_user_info(info).to_header());
    let headers = login.as_deref().map(|login| ("Proxy-Authorization", login));
    connect_through_with(proxy, endpoint, headers.as_slice(), deadline)
}

/// The server's answer, if it is one that this client can live with.
fn granted(head: &ResponseHead, request: &Request, options: &Options) -> Result<Response, ResponseError> {
    let response = Response::from_head(head, request)?;
    let compression = options.compression.as_ref();
    if compression.is_some_and(|compression| compression.required) && response.compression.is_none() {
        return Err(ResponseError::NoCompression);
    }
    Ok(response)
}

/// Tells a server that believes the connection to be open why it is not.
fn turn_away(wire: &mut Wire, error: &ResponseError) {
    if let Some(code) = error.close_code() {
        let mut output = Vec::new();
        let _ = Connection::client(Options::default()).close(code, &error.to_string(), &mut output);
        // If it does not arrive, the server has gone as well.
        let _ = send_all(wire, &output, LINGER);
        part(wire, Role::Client, false);
    }
}

/// Why the server says no, in its own words: the first line of its answer's body, if that is short plain text.
fn own_words(
    error: &ResponseError,
    wire: &mut Wire,
    head: &ResponseHead,
    mut body: Vec<u8>,
    deadline: Deadline,
) -> String {
    let is_text = head
        .headers
        .get("Content-Type")
        .is_some_and(|kind| kind.starts_with("text/plain"));
    let length = head
        .headers
        .get("Content-Length")
        .and_then(|length| length.parse().ok());
    let (ResponseError::Status { .. }, true, Some(length @ 1..=MOST_WORDS)) = (error, is_text, length) else {
        return String::new();
    };
    let have = body.len().min(length);
    body.resize(length, 0);
    // Half an explanation is none.
    if pull_exact(wire, &mut body[have..], deadline).is_err() {
        return String::new();
    }
    let text = String::from_utf8_lossy(&body);
    let line = text.lines().next().unwrap_or_default();
    format!(" (\"{}\")", line.escape_debug())
}

/// The request of a client, as values and as text.
fn client_request(endpoint: &Endpoint, options: &ConnectOptions) -> Result<(Request, String), Error> {
    let mut request = Request::new(endpoint)?;
    request.origin.clone_from(&options.origin);
    request.subprotocols.clone_from(&options.subprotocols);
    if let Some(compression) = &options.socket.connection.compression {
        request.extensions = compression.offers();
    }
    let mut head = request.to_head();
    if let Some(login) = &options.login {
        head.headers.push("Authorization", &login.to_header());
    }
    if !options.cookies.is_empty() {
        let pairs: Vec<_> = options
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        head.headers.push("Cookie", &pairs.join("; "));
    }
    for (name, value) in &options.headers {
        head.headers.push(name, value);
    }
    for name in &options.subprotocols {
        if !is_token(name) {
            return Err(bad_option(
                "Sec-WebSocket-Protocol",
                name,
                "a subprotocol is a word without spaces",
            ));
        }
    }
    for (name, value) in head.headers.iter() {
        if !is_token(name) {
            return Err(bad_option(
                name,
                value,
                "the name of a header is a word without spaces",
            ));
        }
        if value.contains(|c: char| c.is_ascii_control()) {
            return Err(bad_option(name, value, "a header is one line"));
        }
    }
    let text = head.to_string();
    Ok((request, text))
}

fn bad_option(header: &str, value: &str, problem: &'static str) -> Error {
    Error::BadOption {
        header: header.to_owned(),
        value: value.to_owned(),
        problem,
    }
}
