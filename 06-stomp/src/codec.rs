//! Between a frame and its octets.
//!
//! [`Decoder`] takes octets in pieces of any size and gives whole frames; [`encode`] writes one frame.
//! Both follow the rules of the session's [`Version`](crate::Version):
//!
//! | rule | before CONNECTED | 1.0 | 1.1 | 1.2 |
//! | --- | --- | --- | --- | --- |
//! | end of line | LF or CR LF | LF | LF | LF or CR LF |
//! | [escapes](crate::escape) | none | none | `\\ \n \c` | `\\ \n \c \r` |
//!
//! In all of them a body with `content-length` has that many octets and then a 0, and a body without
//! ends at the first 0. Nothing is trimmed, and the case of a letter matters. A colon in a value is taken
//! although 1.1 and 1.2 want it escaped: the name ends at the first colon, so there is nothing to mistake.

mod decoder;
mod encoder;
mod plain;

pub use decoder::{DecodeError, Decoder};
pub use encoder::{EncodeError, encode};
pub(crate) use encoder::{encode_body, encode_header, encode_number};
pub use plain::PlainSend;
