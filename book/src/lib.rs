//! The course itself: its text, the server that shows it and the runner that judges exercises.
//!
//! Every Rust sample in the text is a doctest of this crate, one module a chapter.

#![forbid(unsafe_code)]

pub mod workspace;

#[doc = include_str!("../chapters/introduction.md")]
pub mod introduction {}

#[doc = include_str!("../chapters/01-ip.md")]
pub mod chapter_01_ip {}

#[doc = include_str!("../chapters/02-ports.md")]
pub mod chapter_02_ports {}

#[doc = include_str!("../chapters/03-tcp-socket.md")]
pub mod chapter_03_tcp_socket {}

#[doc = include_str!("../chapters/04-chunked-io.md")]
pub mod chapter_04_chunked_io {}

#[doc = include_str!("../chapters/05-websocket.md")]
pub mod chapter_05_websocket {}

#[doc = include_str!("../chapters/06-stomp.md")]
pub mod chapter_06_stomp {}
