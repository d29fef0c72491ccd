//! A frame: the one unit that both sides of STOMP speak in.
//!
//! ```text
//! SEND                       the command
//! destination:/topic/price   headers, one a line
//!                            a blank line
//! 71,300                     the body
//! ^@                         the octet 0
//! ```
//!
//! A [`Frame`] is what the text means, not how it is written: its headers are unescaped, and
//! `content-length` is not among them, because the body knows its own length. Writing and reading are the
//! business of the [codec](crate::codec).

use std::fmt;

/// The first line of a frame. Commands are case sensitive (STOMP 1.2, "STOMP Frames").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Client: open a session.
    Connect,
    /// Client: open a session, under a name that cannot be taken for HTTP's CONNECT.
    Stomp,
    /// Client: publish a message.
    Send,
    /// Client: receive the messages of a destination from now on.
    Subscribe,
    /// Client: receive them no longer.
    Unsubscribe,
    /// Client: this message has been dealt with.
    Ack,
    /// Client: this message has not been dealt with.
    Nack,
    /// Client: start a transaction.
    Begin,
    /// Client: do everything in the transaction.
    Commit,
    /// Client: do nothing of it.
    Abort,
    /// Client: say goodbye.
    Disconnect,
    /// Server: the session is open.
    Connected,
    /// Server: a message of a subscription.
    Message,
    /// Server: the frame that asked for a receipt has been processed.
    Receipt,
    /// Server: something is wrong, and the connection will be closed.
    Error,
}

impl Command {
    /// All commands of STOMP 1.0 to 1.2.
    pub const ALL: [Self; 15] = [
        Self::Connect,
        Self::Stomp,
        Self::Send,
        Self::Subscribe,
        Self::Unsubscribe,
        Self::Ack,
        Self::Nack,
        Self::Begin,
        Self::Commit,
        Self::Abort,
        Self::Disconnect,
        Self::Connected,
        Self::Message,
        Self::Receipt,
        Self::Error,
    ];

    /// The word on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "CONNECT",
            Self::Stomp => "STOMP",
            Self::Send => "SEND",
            Self::Subscribe => "SUBSCRIBE",
            Self::Unsubscribe => "UNSUBSCRIBE",
            Self::Ack => "ACK",
            Self::Nack => "NACK",
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
            Self::Abort => "ABORT",
            Self::Disconnect => "DISCONNECT",
            Self::Connected => "CONNECTED",
            Self::Message => "MESSAGE",
            Self::Receipt => "RECEIPT",
            Self::Error => "ERROR",
        }
    }

    /// The command of this name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.name() == name)
    }

    /// Whether the frame may carry a body: only SEND, MESSAGE and ERROR (STOMP 1.2, "Body").
    #[must_use]
    pub fn may_have_body(self) -> bool {
        matches!(self, Self::Send | Self::Message | Self::Error)
    }

    /// Whether the headers are escaped. The frames that open a session are not, because the version is
    /// agreed on only by them, and STOMP 1.0 knows no escapes (STOMP 1.2, "Value Encoding").
    #[must_use]
    pub fn has_escapes(self) -> bool {
        !matches!(self, Self::Connect | Self::Stomp | Self::Connected)
    }

    /// Whether it is the server that says this.
    #[must_use]
    pub fn is_from_server(self) -> bool {
        matches!(
            self,
            Self::Connected | Self::Message | Self::Receipt | Self::Error
        )
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The headers of a frame, in their order.
///
/// A name may stand there more than once; then the first one counts, and the others are the history
/// of a message that came through several servers (STOMP 1.2, "Repeated Header Entries").
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Headers {
    /// All names and values in one piece: a frame with ten headers is not twenty allocations.
    text: String,
    /// Where each name and each value ends in it.
    ends: Vec<(usize, usize)>,
}

impl Headers {
    /// No headers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The first value under `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    /// Adds a header at the end. It counts only if no other of its name stands before it.
    pub fn push(&mut self, name: &str, value: &str) {
        self.text.push_str(name);
        let name_end = self.text.len();
        self.text.push_str(value);
        self.ends.push((name_end, self.text.len()));
    }

    /// All headers, in order, repeated ones too.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut start = 0;
        self.ends.iter().map(move |&(name_end, value_end)| {
            let header = (&self.text[start..name_end], &self.text[name_end..value_end]);
            start = value_end;
            header
        })
    }

    /// How many headers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// How much memory the texts take, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// Later headers of the same name come after earlier ones, as in a frame.
impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        let mut collected = Self::new();
        for (name, value) in headers {
            collected.push(name.as_ref(), value.as_ref());
        }
        collected
    }
}

/// A command, its headers and a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What is to be done, or what has happened.
    pub command: Command,
    /// With whom, under which name; without `content-length`.
    pub headers: Headers,
    /// Any bytes, text or not. Empty for most commands.
    pub body: Vec<u8>,
}

impl Frame {
    /// A frame without headers and body.
    #[must_use]
    pub fn new(command: Command) -> Self {
        Self {
            command,
            headers: Headers::new(),
            body: Vec::new(),
        }
    }

    /// The same frame with one more header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push(name, value);
        self
    }

    /// The same frame with this body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The first value under `name`.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)
    }

    /// The body as text; what is not UTF-8 shows as `�`.
    #[must_use]
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// The frame as the specifications print it, with `^@` for the octet 0.
impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.command)?;
        for (name, value) in self.headers.iter() {
            writeln!(f, "{name}:{value}")?;
        }
        write!(f, "\n{}^@", self.text())
    }
}
