//! Exercise 05-4: which close code?
//!
//! A client does eight things to a server that takes no message of more than 1000 bytes. Here is what somebody
//! believes that the server's log says at the end: the code that both know, or that the server had to give. Find the fault
//! in each transcript first, with the frame's figure beside you, and predict again. Then let yourself be judged (`cargo ex 05-4`).

/// `81 05 48 65 6C 6C 6F`: the text `Hello`.
pub const HELLO: u16 = 1000;

/// `81 82 00 00 00 00 C3 28`: a text of the two bytes `C3 28`, under a mask of zeros.
pub const ODD_TEXT: u16 = 1003;

/// `82 FE 03 E9 00 00 00 00`: the header of a binary message of 1001 bytes.
pub const LONG: u16 = 1008;

/// `89 FE 00 7E 00 00 00 00`: the header of a Ping with 126 bytes.
pub const LONG_PING: u16 = 1009;

/// `88 80 00 00 00 00`: a Close, and nothing in it.
pub const EMPTY_CLOSE: u16 = 1000;

/// `88 82 00 00 00 00 03 ED`: a Close with the code 1005.
pub const CLOSE_1005: u16 = 1005;

/// `88 82 00 00 00 00 0F A0`: a Close with the code 4000, which is in no standard.
pub const CLOSE_4000: u16 = 1002;

/// `81 85 00 00 00 00 48 65`: a text of five bytes, two of them, and then the stream ends.
pub const CUT_OFF: u16 = 1001;

fn main() {
    println!("This exercise is judged by its check: cargo ex 05-4");
}

#[cfg(test)]
#[path = "../checks/05-4-which-close-code.rs"]
mod checks;
