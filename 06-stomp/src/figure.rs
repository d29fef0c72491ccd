//! A frame drawn octet by octet, with what each of them is for.
//!
//! ```
//! use stomp::Version;
//! use stomp::figure::FrameFigure;
//!
//! let figures = FrameFigure::read(b"SEND\ndestination:/topic/price\n\n71,300\0", Version::V1_2);
//! assert_eq!(figures.len(), 1);
//! println!("{}", figures[0]);
//! ```
//!
//! What is right and what is wrong the [`Decoder`] says, which gets one octet at a time; so a figure never disagrees with
//! the broker. What only a session can know it is asked too: whether a SEND has a destination, for example.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use crate::client::{ClientSession, Event, Greeting};
use crate::codec::encode;
use crate::escape::unescape;
use crate::{
    Command, DecodeError, Decoder, Frame, HeartBeat, Limits, Output, Session, SessionOptions, Version,
};

/// How many octets stand in a row.
const ROW: usize = 16;

/// How many rows of a body are drawn.
const BODY_ROWS: usize = 4;

/// How far everything but the offsets stands from the left.
const INDENT: &str = "         ";

/// What some octets of a frame are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// Ends of line between frames, which may be heart-beats.
    Between,
    /// The first line.
    Command(Command),
    /// A line with a name and a value, both without their escapes.
    Header {
        /// The name.
        name: String,
        /// The value.
        value: String,
        /// No header of the same name stands before it.
        counts: bool,
    },
    /// The line with nothing in it, which ends the head.
    BlankLine,
    /// The body.
    Body,
    /// The octet 0.
    End,
    /// Nobody can say: something before it, or in it, is wrong.
    Unread,
}

/// Some octets of a stream, and what they are for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where they stand in the stream.
    pub place: Range<usize>,
    /// What they are for.
    pub field: Field,
}

/// What is wrong with a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where the octet at fault stands in the stream; behind the last one if something is missing there.
    pub at: usize,
    /// The rule that it breaks, in a sentence.
    pub what: String,
    /// Where the rule stands: `STOMP 1.2, "Value Encoding"`.
    pub rule: String,
}

/// A frame, ready to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameFigure {
    version: Version,
    /// Where the frame begins in the stream.
    start: usize,
    octets: Vec<u8>,
    parts: Vec<Part>,
    frame: Option<Frame>,
    flaw: Option<Flaw>,
}

impl FrameFigure {
    /// All frames of a stream, by the rules of `version`. After a flaw nothing more is read, since nobody knows where the
    /// next frame begins.
    #[must_use]
    pub fn read(octets: &[u8], version: Version) -> Vec<Self> {
        let mut decoder = Decoder::new(Limits::default());
        decoder.set_version(version);
        let (mut figures, mut start) = (Vec::new(), 0);
        for at in 0..octets.len() {
            decoder.push(&octets[at..=at]);
            match decoder.next_frame() {
                Ok(None) => {}
                Ok(Some(frame)) => {
                    figures.push(Self::whole(octets, start..at + 1, frame, version));
                    start = at + 1;
                }
                Err(error) => {
                    let flaw = flaw(&error, octets, start..at, version);
                    figures.push(Self::new(octets, start..octets.len(), version, Some(flaw)));
                    return figures;
                }
            }
        }
        if start < octets.len() {
            let flaw = decoder.is_inside_frame().then(|| Flaw {
                at: octets.len(),
                what: "the frame does not end: the octet 0 is missing, which files may write as ^@"
                    .to_owned(),
                rule: cite(version, "STOMP Frames"),
            });
            figures.push(Self::new(octets, start..octets.len(), version, flaw));
        }
        figures
    }

    fn whole(octets: &[u8], place: Range<usize>, frame: Frame, version: Version) -> Self {
        let command_at = place.start + ends_of_line(&octets[place.clone()]);
        let flaw = objection(&frame, version).map(|what| Flaw {
            at: command_at,
            what,
            rule: cite(version, section(frame.command)),
        });
        Self {
            frame: Some(frame),
            ..Self::new(octets, place, version, flaw)
        }
    }

    fn new(octets: &[u8], place: Range<usize>, version: Version, flaw: Option<Flaw>) -> Self {
        // A flaw that the session has found does not keep anybody from reading the frame.
        let head_flaw = flaw.as_ref().map(|flaw| flaw.at);
        Self {
            version,
            start: place.start,
            octets: octets[place.clone()].to_vec(),
            parts: parts(octets, place, version, head_flaw),
            frame: None,
            flaw,
        }
    }

    /// The frame, if it is whole.
    #[must_use]
    pub fn frame(&self) -> Option<&Frame> {
        self.frame.as_ref()
    }

    /// Where it stands in the stream.
    #[must_use]
    pub fn place(&self) -> Range<usize> {
        self.start..self.start + self.octets.len()
    }

    /// Its octets, each with what it is for, in order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// What is wrong with it, if anything is.
    #[must_use]
    pub fn flaw(&self) -> Option<&Flaw> {
        self.flaw.as_ref()
    }

    fn octets_of(&self, place: &Range<usize>) -> &[u8] {
        &self.octets[place.start - self.start..place.end - self.start]
    }
}

/// How many octets at the start are ends of line.
fn ends_of_line(octets: &[u8]) -> usize {
    let is_end = |octet: &&u8| matches!(octet, b'\r' | b'\n');
    octets.iter().take_while(is_end).count()
}

/// The octets in `place`, cut where one field ends and the next begins. What stands in a line with a flaw, and behind
/// it, is unread.
fn parts(octets: &[u8], place: Range<usize>, version: Version, flaw: Option<usize>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut at = place.start;
    let mut add = |at: &mut usize, end: usize, field: Field| {
        if end > *at {
            parts.push(Part {
                place: *at..end,
                field,
            });
        }
        *at = end;
    };
    let between = ends_of_line(&octets[place.clone()]);
    add(&mut at, place.start + between, Field::Between);
    let mut command = None;
    let mut names: Vec<String> = Vec::new();
    while let Some(length) = octets[at..place.end].iter().position(|octet| *octet == b'\n') {
        let end = at + length + 1;
        let line = std::str::from_utf8(&octets[at..end - 1]).unwrap_or_default();
        let line = line
            .strip_suffix('\r')
            .filter(|_| version >= Version::V1_2)
            .unwrap_or(line);
        let field = match command {
            _ if line.is_empty() && command.is_some() => Some(Field::BlankLine),
            None => Command::from_name(line)
                .inspect(|found| command = Some(*found))
                .map(Field::Command),
            Some(command) => header(line, command, version, &mut names),
        };
        let Some(field) = field else { break };
        let is_last = field == Field::BlankLine;
        add(&mut at, end, field);
        if is_last {
            let is_whole = octets[place.end - 1] == 0 && flaw.is_none_or(|flaw| flaw < at);
            let body_end = if is_whole { place.end - 1 } else { at };
            add(&mut at, body_end, Field::Body);
            add(&mut at, if is_whole { place.end } else { body_end }, Field::End);
            break;
        }
    }
    add(&mut at, place.end, Field::Unread);
    parts
}

/// A header line; `None` if it is none.
fn header(line: &str, command: Command, version: Version, names: &mut Vec<String>) -> Option<Field> {
    let (name, value) = line.split_once(':').filter(|(name, _)| !name.is_empty())?;
    let rules = if command.has_escapes() {
        version
    } else {
        Version::V1_0
    };
    let name = unescape(name, rules).ok()?.into_owned();
    let value = unescape(value, rules).ok()?.into_owned();
    let counts = !names.contains(&name);
    names.push(name.clone());
    Some(Field::Header { name, value, counts })
}

/// Where in `octets` the rule is broken. The frame begins where `read` does, and at its end the decoder noticed.
fn flaw(error: &DecodeError, octets: &[u8], read: Range<usize>, version: Version) -> Flaw {
    let noticed = read.end;
    let before = &octets[read.start..noticed];
    let line_start = read.start
        + before
            .iter()
            .rposition(|octet| *octet == b'\n')
            .map_or(0, |at| at + 1);
    let line = &octets[line_start..noticed];
    let (at, section) = match error {
        DecodeError::UnknownCommand { .. } => (line_start, "STOMP Frames"),
        DecodeError::NoName { .. } => (line_start, "Augmented BNF"),
        DecodeError::NotUtf8 { .. } => {
            let valid = std::str::from_utf8(line).map_or_else(|error| error.valid_up_to(), str::len);
            (line_start + valid, "Value Encoding")
        }
        DecodeError::BadEscape(_) => (line_start + bad_escape(line, version), "Value Encoding"),
        DecodeError::BadContentLength { .. } => {
            let colon = line.iter().position(|octet| *octet == b':').unwrap_or(0);
            (line_start + colon + 1, "Header content-length")
        }
        DecodeError::WrongContentLength { .. } => (noticed, "Header content-length"),
        DecodeError::TooManyHeaders { .. }
        | DecodeError::HeadTooLong { .. }
        | DecodeError::BodyTooLong { .. } => (noticed, "Size Limits"),
        DecodeError::NoColon { .. } | DecodeError::NulInHead { .. } => (noticed, "STOMP Frames"),
    };
    Flaw {
        at,
        what: error.to_string(),
        rule: cite(version, section),
    }
}

/// Where the first backslash stands that begins no escape.
fn bad_escape(line: &[u8], version: Version) -> usize {
    let mut at = 0;
    while at < line.len() {
        let escape = std::str::from_utf8(&line[at..line.len().min(at + 2)]).unwrap_or("\\");
        match line[at] {
            b'\\' if unescape(escape, version).is_err() => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    0
}

/// Why the other side would not take this frame, although it is one.
fn objection(frame: &Frame, version: Version) -> Option<String> {
    if frame.command.is_from_server() {
        return objection_of_a_client(frame, version);
    }
    objection_of_a_broker(frame, version)
}

/// What our own broker says of a frame, in a session in which nothing else is wrong.
fn objection_of_a_broker(frame: &Frame, version: Version) -> Option<String> {
    let now = Instant::now();
    let mut session = Session::new("figure".to_owned(), Arc::new(SessionOptions::default()), now);
    let mut octets = Vec::new();
    if !matches!(frame.command, Command::Connect | Command::Stomp) {
        let connect = Frame::new(Command::Connect)
            .with("accept-version", version.number())
            .with("host", "localhost");
        encode(&connect, version, &mut octets).ok()?;
    }
    if let (Some(name), true) = (frame.header("transaction"), frame.command != Command::Begin) {
        encode(
            &Frame::new(Command::Begin).with("transaction", name),
            version,
            &mut octets,
        )
        .ok()?;
    }
    if frame.body.is_empty() || frame.command.may_have_body() {
        encode(frame, version, &mut octets).ok()?;
    } else {
        return Some(
            crate::Fault::BodyNotAllowed {
                command: frame.command,
            }
            .to_string(),
        )
        .filter(|_| version > Version::V1_0);
    }
    session.receive(&octets, now);
    while session.next_order(now).is_some() {}
    let mut said = Output::default();
    session.take_output(&mut said, now);
    let mut decoder = Decoder::new(Limits::default());
    decoder.push(said.octets());
    while let Ok(Some(answer)) = decoder.next_frame() {
        if answer.command == Command::Error {
            return Some(answer.text().into_owned());
        }
        decoder.set_version(version);
    }
    None
}

/// What our own client says of a frame.
fn objection_of_a_client(frame: &Frame, version: Version) -> Option<String> {
    let now = Instant::now();
    let greeting = Greeting {
        host: "localhost".to_owned(),
        login: None,
        passcode: None,
        versions: Version::ALL.to_vec(),
        heart_beat: HeartBeat::NONE,
    };
    let mut session = ClientSession::new(greeting, Limits::default(), now).ok()?;
    let mut octets = Vec::new();
    if frame.command != Command::Connected {
        let connected = Frame::new(Command::Connected).with("version", version.number());
        encode(&connected, version, &mut octets).ok()?;
    }
    encode(frame, version, &mut octets).ok()?;
    session.receive(&octets, now);
    loop {
        match session.next_event(now) {
            Ok(Some(Event::Error(_)) | None) => return None,
            Ok(Some(_)) => {}
            Err(fault) => return Some(fault.to_string()),
        }
    }
}

/// Where a rule stands. The specification of 1.0 has no such sections.
fn cite(version: Version, section: &str) -> String {
    match (version, section) {
        (Version::V1_0, _) => "STOMP 1.0".to_owned(),
        (Version::V1_1, "Body") => cite(version, "STOMP Frames"),
        (version, section) => format!("STOMP {version}, {section:?}"),
    }
}

/// The section about a command.
fn section(command: Command) -> &'static str {
    match command {
        Command::Connect | Command::Stomp => "CONNECT or STOMP Frame",
        Command::Connected => "CONNECTED Frame",
        command => command.name(),
    }
}

impl fmt::Display for FrameFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match (&self.frame, &self.flaw) {
            (Some(frame), _) => frame.command.name(),
            (None, Some(_)) => "Not a frame",
            (None, None) => "Between frames",
        };
        let count = counted(self.octets.len());
        writeln!(f, "{what}: {count}, by the rules of STOMP {}", self.version)?;
        for part in &self.parts {
            writeln!(f)?;
            self.draw(f, part)?;
        }
        match &self.flaw {
            Some(flaw) if flaw.at == self.place().end => self.blame(f, flaw),
            _ => Ok(()),
        }
    }
}

impl FrameFigure {
    /// The octets of a part in rows, and a line that says what they are for.
    fn draw(&self, f: &mut fmt::Formatter<'_>, part: &Part) -> fmt::Result {
        let octets = self.octets_of(&part.place);
        // Of an unread part only what stands near the flaw matters.
        let rows = match part.field {
            Field::Body | Field::Unread => BODY_ROWS.max(self.flaw_row(part) + 1),
            _ => usize::MAX,
        };
        for (row, octets) in octets.chunks(ROW).enumerate().take(rows) {
            let start = part.place.start + row * ROW;
            let letters: Vec<String> = octets.iter().map(|octet| letter(*octet)).collect();
            let digits: Vec<String> = octets.iter().map(|octet| format!("{octet:02X}")).collect();
            writeln!(f, "{start:>7}  {}", letters.join(" "))?;
            writeln!(f, "{INDENT}{}", digits.join(" "))?;
            if let Some(flaw) = &self.flaw
                && (start..start + octets.len()).contains(&flaw.at)
            {
                writeln!(f, "{INDENT}{}^^", "   ".repeat(flaw.at - start))?;
                self.blame(f, flaw)?;
            }
        }
        let left = octets.len().saturating_sub(rows.saturating_mul(ROW));
        if left > 0 {
            writeln!(f, "{INDENT}and {} more", counted(left))?;
        }
        writeln!(f, "{INDENT}{}", self.meaning(part))
    }

    fn flaw_row(&self, part: &Part) -> usize {
        let flaw = self.flaw.as_ref().filter(|flaw| part.place.contains(&flaw.at));
        flaw.map_or(0, |flaw| (flaw.at - part.place.start) / ROW)
    }

    fn blame(&self, f: &mut fmt::Formatter<'_>, flaw: &Flaw) -> fmt::Result {
        writeln!(f, "{INDENT}WRONG, at {}: {} ({})", flaw.at, flaw.what, flaw.rule)
    }

    fn meaning(&self, part: &Part) -> String {
        let octets = self.octets_of(&part.place);
        let cite = |section| cite(self.version, section);
        match &part.field {
            Field::Between => format!(
                "between frames: ends of line, which may be heart-beats ({})",
                cite("Heart-beating")
            ),
            Field::Command(command) => {
                format!("command: {} ({})", purpose(*command), cite(section(*command)))
            }
            Field::Header { name, value, counts } => self.header_meaning(octets, name, value, *counts),
            Field::BlankLine => format!("blank line: the headers end here ({})", cite("STOMP Frames")),
            Field::Body => {
                let length = match self.frame.as_ref().and_then(|_| self.promised_length()) {
                    Some(length) => format!("content-length says {length}"),
                    None => "no content-length: it ends at the first octet 0".to_owned(),
                };
                format!("body: {}; {length} ({})", counted(octets.len()), cite("Body"))
            }
            Field::End => format!("the octet 0: the frame ends here ({})", cite("STOMP Frames")),
            Field::Unread => "not read: after a flaw nobody knows what an octet is for".to_owned(),
        }
    }

    fn promised_length(&self) -> Option<&str> {
        self.parts.iter().find_map(|part| match &part.field {
            Field::Header { name, value, .. } if name == "content-length" => Some(value.as_str()),
            _ => None,
        })
    }

    fn header_meaning(&self, octets: &[u8], name: &str, value: &str, counts: bool) -> String {
        let (purpose, section) = header_purpose(name, self.command());
        let mut text = format!(
            "header {name}: {value:?}, {purpose} ({})",
            cite(self.version, section)
        );
        if !counts {
            let rule = cite(self.version, "Repeated Header Entries");
            text = format!(
                "header {name}: {value:?}, without effect: the first one of that name counts ({rule})"
            );
        }
        let is_escaped = self.command().is_some_and(Command::has_escapes) && self.version > Version::V1_0;
        if is_escaped && octets.contains(&b'\\') {
            let rule = cite(self.version, "Value Encoding");
            text += &format!("\n{INDENT}\\\\ is a backslash, \\n a line feed, \\c a colon");
            text += if self.version >= Version::V1_2 {
                ", \\r a carriage return"
            } else {
                ""
            };
            text += &format!(" ({rule})");
        }
        text
    }

    fn command(&self) -> Option<Command> {
        self.parts.iter().find_map(|part| match part.field {
            Field::Command(command) => Some(command),
            _ => None,
        })
    }
}

fn counted(octets: usize) -> String {
    match octets {
        1 => "1 byte".to_owned(),
        many => format!("{many} bytes"),
    }
}

/// An octet in two places: as a letter if it is one.
fn letter(octet: u8) -> String {
    match octet {
        0 => "^@".to_owned(),
        b'\n' => "LF".to_owned(),
        b'\r' => "CR".to_owned(),
        b' ' => "SP".to_owned(),
        octet if octet.is_ascii_graphic() => format!(" {}", char::from(octet)),
        _ => " .".to_owned(),
    }
}

fn purpose(command: Command) -> &'static str {
    match command {
        Command::Connect => "the client opens a session",
        Command::Stomp => "the client opens a session, under a name that is not HTTP's",
        Command::Send => "the client publishes a message",
        Command::Subscribe => "the client wants the messages of a destination",
        Command::Unsubscribe => "the client wants them no longer",
        Command::Ack => "the client has dealt with a message",
        Command::Nack => "the client has not dealt with a message",
        Command::Begin => "the client starts a transaction",
        Command::Commit => "the client wants all of the transaction done",
        Command::Abort => "the client wants nothing of the transaction done",
        Command::Disconnect => "the client says goodbye",
        Command::Connected => "the server opens the session",
        Command::Message => "the server delivers a message",
        Command::Receipt => "the server has processed the frame that asked for a receipt",
        Command::Error => "the server says what is wrong, and will close the connection",
    }
}

/// What a header says, and the section that it stands in.
fn header_purpose(name: &str, command: Option<Command>) -> (&'static str, &'static str) {
    let section = command.map_or("Standard Headers", self::section);
    match (name, command) {
        ("accept-version", _) => ("the versions that the client speaks", "Protocol Negotiation"),
        ("version", _) => ("the version of the session", "Protocol Negotiation"),
        ("host", _) => ("the virtual host", "Connecting"),
        ("login", _) => ("the user's name", "Connecting"),
        ("passcode", _) => ("the user's password", "Connecting"),
        ("session", _) => ("the session's name", "Connecting"),
        ("server", _) => ("what the server is", "Connecting"),
        ("heart-beat", _) => (
            "how often it can speak, and wants to hear, in ms",
            "Heart-beating",
        ),
        ("content-length", _) => ("how long the body is, in octets", "Header content-length"),
        ("content-type", _) => ("what the body is", "Header content-type"),
        ("receipt", _) => ("asks for a RECEIPT with this name", "Header receipt"),
        ("receipt-id", _) => ("the receipt that was asked for", section),
        ("destination", _) => ("where to", section),
        ("transaction", _) => ("the transaction that it belongs to", section),
        ("message-id", _) => ("the message's name", section),
        ("subscription", _) => ("the subscription's name", section),
        ("id", Some(Command::Ack | Command::Nack)) => ("the ack header of the message", section),
        ("id", _) => ("the client's name for the subscription", "SUBSCRIBE id Header"),
        ("ack", Some(Command::Subscribe)) => ("when a message counts as received", "SUBSCRIBE ack Header"),
        ("ack", _) => ("what an ACK of this message has to say", section),
        ("message", _) => ("what is wrong, in short", section),
        (_, Some(Command::Send | Command::Message)) => ("the user's own, passed on as it is", "SEND"),
        _ => ("no standard header", "Standard Headers"),
    }
}
