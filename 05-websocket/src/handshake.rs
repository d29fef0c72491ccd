//! The opening handshake: an HTTP request that asks to leave HTTP, and the answer (RFC 6455, section 4).
//!
//! ```
//! // The lecture's own example (on its slide, the letter O is printed as a zero).
//! assert_eq!(websocket::accept_key("x3JJHMbDL1EzLkh9GBhXDw=="), "HSmrc0sMlYUkAGmm5OPpG2HaGWk=");
//! ```

use base64::prelude::{BASE64_STANDARD, Engine};
use ports::Endpoint;
use sha1::{Digest, Sha1};

use crate::deflate::{self, Agreement};
use crate::extension::Extension;
use crate::http::{Headers, RequestHead, ResponseHead};
use crate::{CloseCode, Refusal};

/// The version of the protocol: the only one that was ever final.
pub const VERSION: &str = "13";

/// Known to nobody but WebSocket servers: whoever appends it has understood the request (section 1.3).
pub const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// How many bytes of randomness are in a key.
const KEY_LENGTH: usize = 16;

/// The answer to a key: the SHA-1 of key and [`GUID`], in base64.
///
/// It proves that the server read the request as WebSocket, and is no HTTP server that was fooled, nor a cache. It
/// proves nothing about who the server is.
#[must_use]
pub fn accept_key(key: &str) -> String {
    BASE64_STANDARD.encode(accept_digest(key))
}

/// The 20 bytes that [`accept_key`] puts into base64.
#[must_use]
pub fn accept_digest(key: &str) -> [u8; 20] {
    Sha1::new().chain_update(key).chain_update(GUID).finalize().into()
}

/// What a client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Path and query: `/chat`.
    pub target: String,
    /// The name under which the client knows the server.
    pub host: String,
    /// 16 random bytes in base64.
    pub key: String,
    /// The page that a browser does this for.
    pub origin: Option<String>,
    /// What could be spoken over the connection, the client's favourite first.
    pub subprotocols: Vec<String>,
    /// What the client would like to add to the protocol, its favourite first.
    pub extensions: Vec<Extension>,
}

impl Request {
    /// A request for `endpoint` with a fresh key, for no page and no subprotocol.
    ///
    /// # Errors
    ///
    /// If the system has no random numbers to give.
    pub fn new(endpoint: &Endpoint) -> Result<Self, getrandom::Error> {
        let mut key = [0; KEY_LENGTH];
        getrandom::fill(&mut key)?;
        Ok(Self {
            target: endpoint.request_target().to_owned(),
            host: endpoint.short_authority(),
            key: BASE64_STANDARD.encode(key),
            origin: None,
            subprotocols: Vec::new(),
            extensions: Vec::new(),
        })
    }

    /// The request as the head of an HTTP message (section 4.1).
    #[must_use]
    pub fn to_head(&self) -> RequestHead {
        let mut headers = Headers::default();
        headers.push("Host", &self.host);
        headers.push("Upgrade", "websocket");
        headers.push("Connection", "Upgrade");
        headers.push("Sec-WebSocket-Key", &self.key);
        if !self.subprotocols.is_empty() {
            headers.push("Sec-WebSocket-Protocol", &self.subprotocols.join(", "));
        }
        if !self.extensions.is_empty() {
            let offers: Vec<String> = self.extensions.iter().map(ToString::to_string).collect();
            headers.push("Sec-WebSocket-Extensions", &offers.join(", "));
        }
        headers.push("Sec-WebSocket-Version", VERSION);
        if let Some(origin) = &self.origin {
            headers.push("Origin", origin);
        }
        RequestHead {
            method: "GET".to_owned(),
            target: self.target.clone(),
            minor_version: 1,
            headers,
        }
    }

    /// Reads what a client asks for (section 4.2.1).
    ///
    /// # Errors
    ///
    /// The [`Refusal`] that answers it.
    pub fn from_head(head: &RequestHead) -> Result<Self, Refusal> {
        let headers = &head.headers;
        if head.method != "GET" {
            return Err(Refusal::Method {
                method: head.method.clone(),
            });
        }
        if !head.wants_web_socket() {
            return Err(Refusal::NotAnUpgrade);
        }
        if head.minor_version < 1 {
            return Err(Refusal::bad(
                "the request is HTTP/1.0, and only HTTP/1.1 can be upgraded",
            ));
        }
        if !headers.list_has("Connection", "upgrade") {
            return Err(Refusal::bad("the Connection header does not say Upgrade"));
        }
        let host = the_one(headers, "Host")?.to_owned();
        let version = the_one(headers, "Sec-WebSocket-Version")?;
        if version != VERSION {
            return Err(Refusal::Version {
                version: version.to_owned(),
            });
        }
        let key = the_one(headers, "Sec-WebSocket-Key")?.to_owned();
        if !BASE64_STANDARD
            .decode(&key)
            .is_ok_and(|bytes| bytes.len() == KEY_LENGTH)
        {
            return Err(Refusal::bad("the Sec-WebSocket-Key is not 16 bytes in base64"));
        }
        Ok(Self {
            target: head.target.clone(),
            host,
            key,
            origin: headers.get("Origin").map(str::to_owned),
            subprotocols: offered_subprotocols(headers)?,
            extensions: extensions(headers).ok_or_else(|| {
                Refusal::bad("the Sec-WebSocket-Extensions header does not follow its grammar (section 9.1)")
            })?,
        })
    }

    /// The first of the server's subprotocols that the client offers: the server's order decides.
    #[must_use]
    pub fn choose_subprotocol(&self, preferred: &[String]) -> Option<String> {
        preferred
            .iter()
            .find(|name| self.subprotocols.contains(name))
            .cloned()
    }
}

/// The extensions of all lines, which count as one list (section 9.1); `None` if one breaks the grammar.
fn extensions(headers: &Headers) -> Option<Vec<Extension>> {
    let lines = headers.get_all("Sec-WebSocket-Extensions");
    let lists: Option<Vec<_>> = lines.map(Extension::parse_list).collect();
    lists.map(|lists| lists.concat())
}

/// The value of a header that has to stand there exactly once.
fn the_one<'a>(headers: &'a Headers, name: &str) -> Result<&'a str, Refusal> {
    let mut values = headers.get_all(name);
    match (values.next(), values.next()) {
        (Some(value), None) => Ok(value),
        (None, _) => Err(Refusal::bad(&format!("the {name} header is missing"))),
        _ => Err(Refusal::bad(&format!("the {name} header came more than once"))),
    }
}

/// The subprotocols of a request: tokens, none of them twice (section 4.1, point 10).
fn offered_subprotocols(headers: &Headers) -> Result<Vec<String>, Refusal> {
    let mut names: Vec<String> = Vec::new();
    for name in headers.list("Sec-WebSocket-Protocol") {
        if !is_token(name) || names.iter().any(|known| known == name) {
            return Err(Refusal::bad(
                "the Sec-WebSocket-Protocol header has a name twice, or one that is no token",
            ));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// Whether a text is a token, the usual word of HTTP (RFC 9110, section 5.6.2).
#[must_use]
pub fn is_token(text: &str) -> bool {
    let is_token_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// What a server grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The answer to the client's key.
    pub accept: String,
    /// The one subprotocol that will be spoken, if any.
    pub subprotocol: Option<String>,
    /// How messages may be compressed, if at all.
    pub compression: Option<Agreement>,
}

impl Response {
    /// The answer to `request`, with a subprotocol that the client offered, or none, and without compression.
    #[must_use]
    pub fn new(request: &Request, subprotocol: Option<String>) -> Self {
        Self {
            accept: accept_key(&request.key),
            subprotocol,
            compression: None,
        }
    }

    /// The answer as the head of an HTTP message (section 4.2.2).
    #[must_use]
    pub fn to_head(&self) -> ResponseHead {
        let head = ResponseHead::new(101)
            .with("Upgrade", "websocket")
            .with("Connection", "Upgrade")
            .with("Sec-WebSocket-Accept", &self.accept);
        let head = match &self.subprotocol {
            Some(name) => head.with("Sec-WebSocket-Protocol", name),
            None => head,
        };
        match &self.compression {
            Some(agreement) => head.with("Sec-WebSocket-Extensions", &agreement.to_extension().to_string()),
            None => head,
        }
    }

    /// Reads the answer to `request`, and trusts nothing in it (section 4.1, the list after "Once the client's opening
    /// handshake has been sent").
    ///
    /// # Errors
    ///
    /// [`ResponseError`] names the first thing that is wrong.
    pub fn from_head(head: &ResponseHead, request: &Request) -> Result<Self, ResponseError> {
        let headers = &head.headers;
        if head.status != 101 {
            return Err(ResponseError::Status {
                status: head.status,
                reason: head.reason.clone(),
            });
        }
        if !headers
            .get("Upgrade")
            .is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
        {
            return Err(ResponseError::NoUpgrade {
                header: "Upgrade: websocket",
            });
        }
        if !headers.list_has("Connection", "upgrade") {
            return Err(ResponseError::NoUpgrade {
                header: "Connection: Upgrade",
            });
        }
        // These may stand once in an answer (section 11.3).
        for name in [
            "Sec-WebSocket-Accept",
            "Sec-WebSocket-Protocol",
            "Sec-WebSocket-Extensions",
        ] {
            if headers.get_all(name).nth(1).is_some() {
                return Err(ResponseError::Repeated { header: name });
            }
        }
        let expected = accept_key(&request.key);
        let accept = headers.get("Sec-WebSocket-Accept").unwrap_or_default().to_owned();
        if accept != expected {
            return Err(ResponseError::WrongAccept { accept, expected });
        }
        let compression = granted_compression(headers, request)?;
        let subprotocol = headers.get("Sec-WebSocket-Protocol").map(str::to_owned);
        match subprotocol {
            Some(name) if !request.subprotocols.contains(&name) => {
                Err(ResponseError::UnaskedSubprotocol { name })
            }
            subprotocol => Ok(Self {
                accept,
                subprotocol,
                compression,
            }),
        }
    }
}

/// What the server grants of the extensions that were offered: compression, once, or nothing (RFC 6455, section 9.1, and
/// RFC 7692, section 5.1).
fn granted_compression(headers: &Headers, request: &Request) -> Result<Option<Agreement>, ResponseError> {
    let text = || {
        let lines: Vec<_> = headers.get_all("Sec-WebSocket-Extensions").collect();
        lines.join(", ")
    };
    let granted = extensions(headers).ok_or_else(|| ResponseError::BadExtension { extension: text() })?;
    let mut agreement = None;
    for extension in &granted {
        if !request
            .extensions
            .iter()
            .any(|offer| offer.name == extension.name)
        {
            return Err(ResponseError::UnaskedExtension {
                extension: extension.to_string(),
            });
        }
        let read = (extension.name == deflate::NAME && agreement.is_none())
            .then(|| Agreement::read(extension, &request.extensions))
            .flatten();
        match read {
            Some(read) => agreement = Some(read),
            None => return Err(ResponseError::BadExtension { extension: text() }),
        }
    }
    Ok(agreement)
}

/// Why a client does not take an answer for a WebSocket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ResponseError {
    /// The server answered, and said no.
    #[error("the server answered {status} {reason}: {}", advice(*status))]
    Status {
        /// The HTTP status.
        status: u16,
        /// Its reason, in the server's words.
        reason: String,
    },
    /// The server says 101 and does not say to what it switches.
    #[error("the answer lacks {header:?}: this is not a WebSocket server (RFC 6455, section 4.1)")]
    NoUpgrade {
        /// What should have been there.
        header: &'static str,
    },
    /// The server says two things at once.
    #[error("the answer has the {header} header more than once (RFC 6455, section 11.3)")]
    Repeated {
        /// Its name.
        header: &'static str,
    },
    /// The server has not understood the key.
    #[error(
        "the answer's Sec-WebSocket-Accept is {accept:?} and should be {expected:?}: this is not a WebSocket server, or an old answer from a cache (RFC 6455, section 4.1)"
    )]
    WrongAccept {
        /// What came.
        accept: String,
        /// What the key asked for.
        expected: String,
    },
    /// The server chose a subprotocol that was not offered.
    #[error("the server chose the subprotocol {name:?}, which was not offered (RFC 6455, section 4.1)")]
    UnaskedSubprotocol {
        /// Its choice.
        name: String,
    },
    /// The server turned on an extension that was not offered.
    #[error(
        "the server turned on the extension {extension:?}, which was not offered (RFC 6455, section 4.1)"
    )]
    UnaskedExtension {
        /// Its choice.
        extension: String,
    },
    /// The server turned on an extension in a way that no offer allows.
    #[error("the server's extensions {extension:?} fit no offer (RFC 7692, section 7.1)")]
    BadExtension {
        /// What it said.
        extension: String,
    },
    /// Compression was needed, and the server does not do it.
    #[error(
        "the server did not turn on permessage-deflate, and this client needs it (RFC 6455, section 7.4.1)"
    )]
    NoCompression,
}

impl ResponseError {
    /// The code of the Close that tells the server, which believes that the connection is open. It is not sent to a
    /// server that said no, or that is none.
    #[must_use]
    pub fn close_code(&self) -> Option<CloseCode> {
        match self {
            Self::UnaskedExtension { .. } | Self::BadExtension { .. } | Self::NoCompression => {
                Some(CloseCode::MANDATORY_EXTENSION)
            }
            _ => None,
        }
    }
}

/// What to do about a status that is not 101.
fn advice(status: u16) -> &'static str {
    match status {
        200 => "this is a web page, not a WebSocket: check the path",
        301..=399 => "it has moved: look where Location leads",
        401 | 407 => "it asks for a login",
        403 => "it does not allow this Origin",
        404 => "there is no WebSocket under this path: check the URL",
        500..=599 => "the server is in trouble: look at its log",
        _ => "it does not take this request for a WebSocket",
    }
}
