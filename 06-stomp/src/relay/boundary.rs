//! Where the frames of a stream end, without a look at what they say.
//!
//! A relay passes octets on as they come: half a frame, or three. But two things have to be known: whether the stream
//! is between two frames, because only there can anything else be said; and whether a certain frame went by.

use crate::Command;

/// What of a line is kept: enough for a command, or for `content-length:` and its digits.
const ENOUGH: usize = 40;

/// Follows a stream of frames, however it is cut.
#[derive(Debug, Clone, Default)]
pub struct Boundaries {
    place: Place,
    /// The beginning of the present line of the head.
    line: Vec<u8>,
    command: Option<Command>,
    /// The first `content-length` of the frame.
    length: Option<u64>,
}

/// Where in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Place {
    /// Between two frames. Ends of line may stand there: heart-beats.
    #[default]
    Between,
    /// In the first line of a frame.
    Command,
    /// In another line of its head.
    Headers,
    /// In a body of which so much is still to come.
    Body(u64),
    /// Before the octet 0 that ends the frame, however far away it is.
    ToTheEnd,
}

impl Boundaries {
    /// Follows the stream on. For each frame that ends in `octets`, says where (behind its octet 0), and its command if it
    /// is one of STOMP's.
    pub fn follow(&mut self, octets: &[u8], mut ended: impl FnMut(usize, Option<Command>)) {
        let mut at = 0;
        while at < octets.len() {
            let rest = &octets[at..];
            at += match self.place {
                Place::Between => self.between(rest),
                Place::Command | Place::Headers => self.head(rest),
                Place::Body(left) => self.body(rest, left),
                Place::ToTheEnd => self.last_octet(rest),
            };
            // A frame ends in a Between that an octet 0 stands before.
            if self.place == Place::Between && octets[at - 1] == 0 {
                ended(at, self.command.take());
            }
        }
    }

    /// Whether the stream is between two frames.
    #[must_use]
    pub fn is_between(&self) -> bool {
        self.place == Place::Between
    }

    fn between(&mut self, octets: &[u8]) -> usize {
        let skipped = octets.iter().take_while(|octet| matches!(octet, b'\n' | b'\r'));
        let skipped = skipped.count();
        if skipped < octets.len() {
            self.place = Place::Command;
            self.line.clear();
            (self.command, self.length) = (None, None);
        }
        skipped
    }

    /// A line of the head, or as much of it as has come.
    fn head(&mut self, octets: &[u8]) -> usize {
        let end = memchr::memchr2(b'\n', 0, octets);
        let line = &octets[..end.unwrap_or(octets.len())];
        let room = ENOUGH - self.line.len().min(ENOUGH);
        self.line.extend_from_slice(&line[..line.len().min(room)]);
        let Some(end) = end else {
            return octets.len();
        };
        if octets[end] == 0 {
            // Against the rules; whoever reads the frame will say so. It ends here all the same.
            self.place = Place::Between;
        } else {
            self.line_is_whole();
        }
        end + 1
    }

    fn line_is_whole(&mut self) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        if self.place == Place::Command {
            self.command = std::str::from_utf8(line).ok().and_then(Command::from_name);
            self.place = Place::Headers;
        } else if line.is_empty() {
            self.place = self.length.map_or(Place::ToTheEnd, Place::Body);
        } else if let Some(digits) = line.strip_prefix(b"content-length:") {
            let digits = std::str::from_utf8(digits).ok();
            let length = digits.and_then(|digits| digits.parse().ok());
            // The first of repeated headers counts.
            self.length = self.length.or(length);
        }
        self.line.clear();
    }

    fn body(&mut self, octets: &[u8], left: u64) -> usize {
        let step = usize::try_from(left).map_or(octets.len(), |left| left.min(octets.len()));
        let left = left.saturating_sub(step as u64);
        self.place = if left == 0 {
            Place::ToTheEnd
        } else {
            Place::Body(left)
        };
        step
    }

    fn last_octet(&mut self, octets: &[u8]) -> usize {
        let Some(end) = memchr::memchr(0, octets) else {
            return octets.len();
        };
        self.place = Place::Between;
        end + 1
    }
}
