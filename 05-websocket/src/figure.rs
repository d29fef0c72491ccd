//! A frame as RFC 6455, section 5.2 draws it, with the bits of the frame at hand.
//!
//! ```
//! use websocket::figure::FrameFigure;
//!
//! let (figure, size) = FrameFigure::read(&[0x81, 0x02, b'H', b'i']).expect("the frame is whole");
//! assert_eq!(size, 4);
//! println!("{figure}");
//! ```

use std::fmt;

use crate::frame::{CONTROL_PAYLOAD_LIMIT, FrameHeader, Opcode, RSV1};
use crate::{Close, Role, Violation};

/// How many bytes of a payload are drawn.
const DRAWN: usize = 12;

/// How many bytes of a payload are quoted in words.
const QUOTED: usize = 24;

/// How many bytes of a payload are kept: a whole control frame's.
const KEPT: usize = CONTROL_PAYLOAD_LIMIT;

/// How many bits there are in a row.
const ROW: usize = 32;

/// How far the figure stands from the left.
const INDENT: &str = "  ";

/// A frame, ready to be drawn: its bytes up to the first few of the payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameFigure {
    header: FrameHeader,
    header_size: usize,
    /// As on the wire: the header and the beginning of the payload.
    wire: Vec<u8>,
    /// The beginning of the payload, unmasked.
    payload: Vec<u8>,
}

impl FrameFigure {
    /// Reads the frame at the front of `bytes`, and says how many bytes it takes in all, which may be more than there
    /// are. `None` if more bytes are needed to draw it.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<(Self, u64)> {
        let (header, header_size) = FrameHeader::decode(bytes)?;
        let kept = usize::try_from(header.length).unwrap_or(KEPT).min(KEPT);
        let wire = bytes.get(..header_size + kept)?.to_vec();
        let mut payload = wire[header_size..].to_vec();
        header.unmask(&mut payload, 0);
        let size = header.length.saturating_add(header_size as u64);
        Some((
            Self {
                header,
                header_size,
                wire,
                payload,
            },
            size,
        ))
    }

    /// What the header says.
    #[must_use]
    pub fn header(&self) -> &FrameHeader {
        &self.header
    }

    /// How many bytes the header takes.
    #[must_use]
    pub fn header_size(&self) -> usize {
        self.header_size
    }

    /// The beginning of the payload, unmasked: up to 125 bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// What the frame violates, as far as one frame can show: a mask is taken for a client's.
    #[must_use]
    pub fn violation(&self) -> Option<Violation> {
        let role = if self.header.mask.is_some() {
            Role::Client
        } else {
            Role::Server
        };
        let header = &self.header;
        let is_whole = header.fin && header.length == self.payload.len() as u64;
        match (header.check(self.header_size, role, RSV1), header.opcode) {
            (Err(violation), _) => Some(violation),
            // It is text when it is unpacked.
            (Ok(()), _) if header.is_compressed() => None,
            (Ok(()), Opcode::Close) => Close::parse(&self.payload).err(),
            (Ok(()), Opcode::Text) if is_whole => {
                str::from_utf8(&self.payload)
                    .err()
                    .map(|error| Violation::InvalidUtf8 {
                        valid: error.valid_up_to(),
                    })
            }
            _ => None,
        }
    }

    /// The fields, from the first bit to the last that is drawn.
    fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new("FIN", 1),
            Field::new("RSV1", 1),
            Field::new("RSV2", 1),
            Field::new("RSV3", 1),
            Field::new("opcode", 4),
            Field::new("MASK", 1),
            Field::new("Payload len", 7),
        ];
        let mask_bits = self.header.mask.map_or(0, |key| 8 * key.len());
        fields.push(Field::new(
            "Extended payload length",
            8 * self.header_size - 16 - mask_bits,
        ));
        fields.push(Field::new("Masking-key", mask_bits));
        fields.push(Field::new("Payload data", 8 * self.payload.len().min(DRAWN)));
        fields.retain(|field| field.bits > 0);
        fields
    }

    /// The fields, cut where a row of 32 bits ends.
    fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        let mut start = 0;
        for field in self.fields() {
            let mut left = field.bits;
            while left > 0 {
                let bits = left.min(ROW - start % ROW);
                cells.push(Cell {
                    name: field.name,
                    start,
                    bits,
                    continued: left < field.bits,
                });
                start += bits;
                left -= bits;
            }
        }
        cells
    }

    fn bit(&self, index: usize) -> bool {
        self.wire[index / 8] & (0x80 >> (index % 8)) != 0
    }

    /// What stands in a cell, in the words of the field.
    fn value(&self, cell: &Cell) -> String {
        match cell.name {
            "opcode" if self.header.opcode == Opcode::Continuation => "cont.".to_owned(),
            "opcode" => self
                .header
                .opcode
                .to_string()
                .chars()
                .take(cell.width())
                .collect(),
            "Payload len" => (self.wire[1] & 0x7F).to_string(),
            "Masking-key" | "Extended payload length" => self.bytes(cell, |_, wire| format!("{wire:02X}")),
            "Payload data" => self.bytes(cell, |index, wire| {
                let byte = self.payload[index - self.header_size];
                let shown = if byte.is_ascii_graphic() || byte == b' ' {
                    byte.into()
                } else {
                    '.'
                };
                match self.header.mask {
                    Some(_) => format!("{wire:02X} -> {byte:02X} {shown}"),
                    None => format!("{wire:02X} {shown}"),
                }
            }),
            _ => String::new(),
        }
    }

    /// A text for each byte of a cell, each in the middle of its eight bits.
    fn bytes(&self, cell: &Cell, text: impl Fn(usize, u8) -> String) -> String {
        let bytes = cell.start / 8..(cell.start + cell.bits) / 8;
        let texts: Vec<String> = bytes
            .map(|index| format!("{:^15}", text(index, self.wire[index])))
            .collect();
        texts.join(" ")
    }
}

/// A field of the figure.
struct Field {
    name: &'static str,
    bits: usize,
}

impl Field {
    fn new(name: &'static str, bits: usize) -> Self {
        Self { name, bits }
    }
}

/// The part of a field that stands in one row.
struct Cell {
    name: &'static str,
    start: usize,
    bits: usize,
    /// The field began in a row above.
    continued: bool,
}

impl Cell {
    /// In characters: each bit has one, and there is one between two bits.
    fn width(&self) -> usize {
        2 * self.bits - 1
    }

    /// The label, a line at a time; the name of a single bit runs downwards, as in the RFC.
    fn label(&self, line: usize) -> String {
        let label = match (self.bits, line) {
            (1, _) => self.name.chars().nth(line).map(String::from),
            (_, 0) if self.continued && self.name.len() + ", continued".len() <= self.width() => {
                Some(format!("{}, continued", self.name))
            }
            (_, 0) if self.continued => Some(format!("{}, cont.", self.name)),
            (_, 0) => Some(self.name.to_owned()),
            _ => None,
        };
        label.unwrap_or_default().chars().take(self.width()).collect()
    }
}

impl fmt::Display for FrameFigure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{INDENT} 0                   1                   2                   3"
        )?;
        let digits: Vec<String> = (0..ROW).map(|bit| (bit % 10).to_string()).collect();
        writeln!(f, "{INDENT} {}", digits.join(" "))?;
        for (index, row) in self
            .cells()
            .chunk_by(|a, b| a.start / ROW == b.start / ROW)
            .enumerate()
        {
            if index == 0 {
                border(f, row)?;
            }
            // Only the first row has names of single bits.
            for line in 0..if index == 0 { 4 } else { 1 } {
                cells(f, row, |cell| cell.label(line))?;
            }
            cells(f, row, |cell| {
                let bits = cell.start..cell.start + cell.bits;
                let bits: Vec<_> = bits.map(|bit| if self.bit(bit) { "1" } else { "0" }).collect();
                bits.join(" ")
            })?;
            cells(f, row, |cell| self.value(cell))?;
            border(f, row)?;
        }
        if self.header.length > DRAWN as u64 {
            writeln!(f, "{INDENT} and {} bytes more", self.header.length - DRAWN as u64)?;
        }
        self.explain(f)
    }
}

/// `+-+-------+`
fn border(f: &mut fmt::Formatter<'_>, row: &[Cell]) -> fmt::Result {
    let edges: Vec<String> = row.iter().map(|cell| "-".repeat(cell.width())).collect();
    writeln!(f, "{INDENT}+{}+", edges.join("+"))
}

/// `|1|0 0 0 1|`
fn cells(f: &mut fmt::Formatter<'_>, row: &[Cell], text: impl Fn(&Cell) -> String) -> fmt::Result {
    let texts: Vec<String> = row
        .iter()
        .map(|cell| format!("{:^width$}", text(cell), width = cell.width()))
        .collect();
    writeln!(f, "{INDENT}|{}|", texts.join("|"))
}

impl FrameFigure {
    /// The fields in words, each with its section.
    fn explain(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let header = &self.header;
        let mut line = |field: &str, says: &str| writeln!(f, "{INDENT}{field:<16}{says}");
        line(
            &format!("FIN {}", u8::from(header.fin)),
            match (header.fin, header.opcode.is_control()) {
                (true, true) => "control frames are always whole (5.5)",
                (true, false) => "the message ends with this frame (5.4)",
                (false, _) => "the message goes on in another frame (5.4)",
            },
        )?;
        let reserved = if header.is_compressed() {
            "RSV1: the message is compressed, if permessage-deflate was agreed (RFC 7692, 6)"
        } else {
            "for extensions (5.2, 9)"
        };
        line(&format!("RSV {:03b}", header.reserved), reserved)?;
        line(
            &format!("opcode {}", header.opcode.bits()),
            meaning(header.opcode),
        )?;
        match header.mask {
            Some(key) => line(
                "MASK 1",
                &format!("from a client, with the key {} (5.3)", hex(&key)),
            )?,
            None => line("MASK 0", "from a server (5.1)")?,
        }
        let length = match header.length {
            1 => "1 byte".to_owned(),
            length => format!("{length} bytes"),
        };
        let form = match self.wire[1] & 0x7F {
            126 => "126: the length is in the next 16 bits",
            127 => "127: the length is in the next 64 bits",
            _ => "the length itself",
        };
        line("Payload len", &format!("{form}: {length} (5.2)"))?;
        if let Some(text) = self.payload_in_words() {
            line("Payload data", &text)?;
        }
        if let Some(violation) = self.violation() {
            line("VIOLATION", &format!("{violation} ({})", section(&violation)))?;
            line("", &format!("answered with Close {}", violation.close_code()))?;
        }
        Ok(())
    }

    fn payload_in_words(&self) -> Option<String> {
        let quoted = &self.payload[..self.payload.len().min(QUOTED)];
        let rest = self.header.length - quoted.len() as u64;
        let more = if rest > 0 { " ..." } else { "" };
        match self.header.opcode {
            _ if quoted.is_empty() => None,
            _ if self.header.is_compressed() => Some(format!("compressed: {}{more}", hex(quoted))),
            Opcode::Close => Close::parse(&self.payload)
                .ok()
                .map(|close| format!("code {close} (5.5.1, 7.4)")),
            Opcode::Binary | Opcode::Reserved(_) => Some(format!("{}{more}", hex(quoted))),
            _ => Some(format!("{:?}{more}", String::from_utf8_lossy(quoted))),
        }
    }
}

/// `5.2`, and with the number of its RFC if that is another than this figure's.
fn section(violation: &Violation) -> String {
    match violation.rfc() {
        6455 => violation.section().to_owned(),
        rfc => format!("RFC {rfc}, {}", violation.section()),
    }
}

fn meaning(opcode: Opcode) -> &'static str {
    match opcode {
        Opcode::Continuation => "continuation: more of the message under way (5.4)",
        Opcode::Text => "text: a message in UTF-8 begins (5.6)",
        Opcode::Binary => "binary: a message of bytes begins (5.6)",
        Opcode::Close => "close: the last frame in this direction (5.5.1)",
        Opcode::Ping => "ping: are you there? (5.5.2)",
        Opcode::Pong => "pong: I am here (5.5.3)",
        Opcode::Reserved(_) => "reserved: no meaning yet (5.2)",
    }
}

/// `37 FA 21 3D`
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    bytes.join(" ")
}

/// Cuts the bytes of one direction into frames, in whatever portions they come.
#[derive(Debug, Clone, Default)]
pub struct FrameCutter {
    pending: Vec<u8>,
    /// How much of the payload of a frame that has been drawn is still to come.
    skip: u64,
}

impl FrameCutter {
    /// Takes the next bytes, and returns the frames that can be drawn by now.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<FrameFigure> {
        let mut figures = Vec::new();
        self.pending.extend_from_slice(bytes);
        let mut rest = &self.pending[..];
        loop {
            let skip = usize::try_from(self.skip).unwrap_or(usize::MAX).min(rest.len());
            rest = &rest[skip..];
            self.skip -= skip as u64;
            match FrameFigure::read(rest) {
                Some((figure, size)) if self.skip == 0 => {
                    self.skip = size;
                    figures.push(figure);
                }
                _ => break,
            }
        }
        // Once, and not for each frame: what is behind it is moved.
        self.pending.drain(..self.pending.len() - rest.len());
        figures
    }

    /// How many bytes wait for more, because no frame is whole yet.
    #[must_use]
    pub fn left_over(&self) -> usize {
        self.pending.len()
    }

    /// How many bytes of the last frame's payload have not come.
    #[must_use]
    pub fn missing(&self) -> u64 {
        self.skip
    }
}
