//! Framing by chunk: HTTP's chunked transfer coding (RFC 9112, section 7.1).
//!
//! ```text
//! 5\r\n HELLO\r\n 6\r\n  WORLD\r\n 0\r\n \r\n        HELLO WORLD in two chunks, and the end
//! ```
//!
//! A server that makes its answer as it goes cannot say beforehand how long it will be. So it says it piece by piece:
//! each chunk has its length in hexadecimal digits, and a chunk of length 0 ends the message. Lines may follow
//! that were not known at the beginning, the trailer.
//!
//! ```
//! use chunked_io::framing::chunked::{ChunkedDecoder, Part, encode_chunk, encode_end};
//!
//! let body = [encode_chunk(b"HELLO"), encode_chunk(b" WORLD"), encode_end()].concat();
//! assert_eq!(body, b"5\r\nHELLO\r\n6\r\n WORLD\r\n0\r\n\r\n");
//!
//! let mut decoder = ChunkedDecoder::new(1000);
//! decoder.feed(b"5\r\nHEL");
//! assert_eq!(decoder.next_part()?, Some(Part::Data(b"HEL".to_vec())));
//! assert_eq!(decoder.next_part()?, None);
//! decoder.feed(b"LO\r\n0\r\n\r\n");
//! assert_eq!(decoder.next_part()?, Some(Part::Data(b"LO".to_vec())));
//! assert_eq!(decoder.next_part()?, Some(Part::End));
//! # Ok::<(), chunked_io::framing::FramingError>(())
//! ```

use super::FramingError;
use super::pending::Pending;

/// The longest line that is taken, its end included: a size with its extensions, or one line of the trailer.
const LINE_LIMIT: usize = 8 * 1024;

/// The most lines that a trailer may have.
const TRAILER_LIMIT: usize = 100;

/// One chunk. No data gives no chunk, because a chunk of length 0 would be the end.
#[must_use]
pub fn encode_chunk(data: &[u8]) -> Vec<u8> {
    if data.is_empty() {
        return Vec::new();
    }
    let size = format!("{:X}\r\n", data.len());
    [size.as_bytes(), data, b"\r\n"].concat()
}

/// The end of the message, without a trailer.
#[must_use]
pub fn encode_end() -> Vec<u8> {
    b"0\r\n\r\n".to_vec()
}

/// What a decoder finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Bytes of the message, as they come: a chunk that arrives in pieces is not waited for.
    Data(Vec<u8>),
    /// A line of the trailer, without its end.
    Trailer(Vec<u8>),
    /// The message is over. What follows on the stream is another's.
    End,
}

/// What is expected next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Size,
    Data { left: usize },
    DataEnd,
    Trailer { lines: usize },
    Nothing,
}

/// Takes the chunks apart, in bytes that come in pieces of any size.
#[derive(Debug, Clone)]
pub struct ChunkedDecoder {
    pending: Pending,
    expect: Expect,
    /// The sum of all sizes so far.
    announced: usize,
    limit: usize,
}

impl ChunkedDecoder {
    /// A decoder at the beginning of a message, which may have `limit` bytes in all its chunks.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            pending: Pending::default(),
            expect: Expect::Size,
            announced: 0,
            limit,
        }
    }

    /// Takes the next bytes of the stream. Ask for the parts in them before feeding more.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.pending.feed(bytes);
    }

    /// The next part, or `None` until more bytes come (and after the end).
    ///
    /// # Errors
    ///
    /// [`FramingError::TooLong`] as soon as a chunk announces more than is left of the limit;
    /// [`FramingError::Malformed`]. The stream is of no use after that: nobody knows where the message ends, and
    /// guessing is how requests are smuggled (RFC 9112, section 11.2).
    pub fn next_part(&mut self) -> Result<Option<Part>, FramingError> {
        loop {
            match self.expect {
                Expect::Size => {
                    let Some(line) = self.line()? else { return Ok(None) };
                    self.expect = self.announced(chunk_size(&line)?)?;
                }
                Expect::Data { left } => return Ok(self.data(left)),
                Expect::DataEnd => match self.pending.bytes() {
                    [] | [b'\r'] => return Ok(None),
                    [b'\r', b'\n', ..] => {
                        self.pending.consume(2);
                        self.expect = Expect::Size;
                    }
                    _ => return Err(malformed("a chunk ends in CR LF, right behind its last byte")),
                },
                Expect::Trailer { lines } => {
                    let Some(line) = self.line()? else { return Ok(None) };
                    return self.trailer(line, lines).map(Some);
                }
                Expect::Nothing => return Ok(None),
            }
        }
    }

    /// What has come behind the end: the beginning of what the peer says next.
    #[must_use]
    pub fn into_rest(self) -> Vec<u8> {
        self.pending.bytes().to_vec()
    }

    /// To be called when the stream ends: is that the end of the message too?
    ///
    /// # Errors
    ///
    /// [`FramingError::Unfinished`] if the end of the message has not come.
    pub fn finish(&self) -> Result<(), FramingError> {
        let missing = match self.expect {
            Expect::Nothing => return Ok(()),
            Expect::Data { left } => left,
            _ => 0,
        };
        Err(FramingError::Unfinished {
            pending: self.announced - missing + self.pending.bytes().len(),
        })
    }

    /// What follows a size line.
    fn announced(&mut self, size: u64) -> Result<Expect, FramingError> {
        if size == 0 {
            return Ok(Expect::Trailer { lines: 0 });
        }
        match usize::try_from(size) {
            Ok(left) if left <= self.limit - self.announced => {
                self.announced += left;
                Ok(Expect::Data { left })
            }
            _ => Err(FramingError::TooLong {
                length: size.saturating_add(self.announced as u64),
                limit: self.limit,
            }),
        }
    }

    /// As much of the chunk as there is.
    fn data(&mut self, left: usize) -> Option<Part> {
        let bytes = self.pending.bytes();
        let data = bytes[..left.min(bytes.len())].to_vec();
        if data.is_empty() {
            return None;
        }
        self.pending.consume(data.len());
        self.expect = match left - data.len() {
            0 => Expect::DataEnd,
            left => Expect::Data { left },
        };
        Some(Part::Data(data))
    }

    /// A line behind the last chunk; an empty one is the end.
    fn trailer(&mut self, line: Vec<u8>, lines: usize) -> Result<Part, FramingError> {
        if line.is_empty() {
            self.expect = Expect::Nothing;
            return Ok(Part::End);
        }
        if lines == TRAILER_LIMIT {
            return Err(malformed("a trailer has at most 100 lines here"));
        }
        self.expect = Expect::Trailer { lines: lines + 1 };
        Ok(Part::Trailer(line))
    }

    /// The next line without its CR LF, if it has come.
    fn line(&mut self) -> Result<Option<Vec<u8>>, FramingError> {
        let too_long = malformed("a line with a size, or of the trailer, has at most 8 KiB here");
        let Some(end) = self.pending.find(b"\r\n") else {
            return if self.pending.bytes().len() < LINE_LIMIT {
                Ok(None)
            } else {
                Err(too_long)
            };
        };
        if end > LINE_LIMIT {
            return Err(too_long);
        }
        let line = self.pending.bytes()[..end - 2].to_vec();
        self.pending.consume(end);
        // A line feed of its own ends a line for some readers and not for others.
        if line.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
            return Err(malformed("a line ends in CR LF, and holds neither of the two"));
        }
        Ok(Some(line))
    }
}

/// The size in a line, up to its extensions, which nobody has to understand (RFC 9112, section 7.1.1).
/// `+5`, `0x5` and `5 5` are numbers for careless parsers, and must not be here.
fn chunk_size(line: &[u8]) -> Result<u64, FramingError> {
    let no_size = || malformed("a chunk begins with its size in hexadecimal digits, and nothing else");
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (size, rest) = line.split_at(digits);
    let extension = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t'));
    if size.is_empty() || !(rest.is_empty() || extension == Some(&b';')) {
        return Err(no_size());
    }
    let size = str::from_utf8(size).map_err(|_| no_size())?;
    u64::from_str_radix(size, 16).map_err(|_| malformed("the size of a chunk fits into 64 bits"))
}

fn malformed(rule: &'static str) -> FramingError {
    let section = "RFC 9112, section 7.1";
    FramingError::Malformed { rule, section }
}
