//! The course itself: its text, the server that shows it and the runner that judges exercises.
//!
//! Every Rust sample in the text is a doctest of this crate, one module a chapter.
//!
//! | module | what it does |
//! | --- | --- |
//! | [`render`] | from the chapters to the pages, with mdBook |
//! | [`site`] | the finished pages, in memory |
//! | [`server`] | serves them, over the course's own crates |
//! | [`live`] | shows a chapter anew when it is saved |
//! | [`overview`] | what `cargo run` says |
//! | [`exercise`] | what the course knows about an exercise, and where its files lie |
//! | [`check`] | compiles an attempt, runs its check, and says what came of it |
//! | [`feedback`] | turns the output of a failed check into words for a student |
//! | [`progress`] | which exercises pass, found by running them, remembered by content |
//! | [`study`] | the commands of `cargo study` |
//! | [`language`] | what they say, in English and in Korean |
//! | [`starters`] | every exercise as it came, for `cargo study reset` |
//! | [`certificate`] | a page to print, of what passes |
//! | [`watch`] | notices saved files, also where the file system tells nobody |
//! | [`workspace`] | where the course lies, and how to call cargo there |

#![forbid(unsafe_code)]

pub mod certificate;
pub mod check;
pub mod exercise;
pub mod feedback;
pub mod language;
pub mod live;
pub mod overview;
pub mod progress;
pub mod render;
pub mod server;
pub mod site;
pub mod starters;
pub mod study;
pub mod watch;
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

#[doc = include_str!("../chapters/ten-thousand-connections.md")]
pub mod ten_thousand_connections {}

#[doc = include_str!("../chapters/05-websocket.md")]
pub mod chapter_05_websocket {}

#[doc = include_str!("../chapters/06-stomp.md")]
pub mod chapter_06_stomp {}

#[doc = include_str!("../chapters/durable-queues.md")]
pub mod durable_queues {}

#[doc = include_str!("../chapters/past-one-machine.md")]
pub mod past_one_machine {}

#[doc = include_str!("../chapters/when-it-does-not-connect.md")]
pub mod when_it_does_not_connect {}

#[doc = include_str!("../chapters/performance.md")]
pub mod performance {}

#[doc = include_str!("../chapters/teachers.md")]
pub mod teachers {}

#[doc = include_str!("../chapters/from-slide-to-section.md")]
pub mod from_slide_to_section {}

#[doc = include_str!("../chapters/errata.md")]
pub mod errata {}

#[doc = include_str!("../chapters/rfc-index.md")]
pub mod rfc_index {}

#[doc = include_str!("../chapters/glossary.md")]
pub mod glossary {}

#[doc = include_str!("../chapters/further-reading.md")]
pub mod further_reading {}
