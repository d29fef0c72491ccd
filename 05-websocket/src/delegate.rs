//! A WebSocket in the background that tells a delegate what happens: the face of SRWebSocket, the lecture's library for
//! iOS.
//!
//! | SRWebSocket | here |
//! | --- | --- |
//! | `[socket open]` | [`open`], which returns at once |
//! | `webSocketDidOpen:` | [`Delegate::did_open`] |
//! | `webSocket:didReceiveMessage:` | [`Delegate::did_receive_message`] |
//! | `webSocket:didFailWithError:` | [`Delegate::did_fail`] |
//! | `webSocket:didCloseWithCode:reason:wasClean:` | [`Delegate::did_close`]; not clean is a failure |
//! | `[socket send:]` | [`Sender::send`], from any thread |

use std::io;
use std::panic;
use std::thread::{self, JoinHandle};

use tcp_socket::Deadline;

use crate::{Close, ConnectOptions, Error, Message, Sender, WebSocket};

/// Somebody who is told what happens on a WebSocket. All calls come from its thread in the background, one at a time:
/// a program with a window passes them on to the thread of the window.
pub trait Delegate: Send + 'static {
    /// The connection is there. Keep a clone of the sender to say something later.
    fn did_open(&mut self, socket: &Sender) {
        let _ = socket;
    }

    /// The peer says something.
    fn did_receive_message(&mut self, socket: &Sender, message: Message<'_>);

    /// There is no connection, or none any more, out of order. Nothing follows.
    fn did_fail(&mut self, error: &Error) {
        let _ = error;
    }

    /// The connection has ended in good order. Nothing follows.
    fn did_close(&mut self, close: &Close) {
        let _ = close;
    }
}

/// A WebSocket in the background.
#[derive(Debug)]
pub struct Background<D> {
    thread: JoinHandle<D>,
}

/// Opens a WebSocket in the background and returns at once; `delegate` hears the rest.
///
/// # Errors
///
/// If the system gives no thread. What is wrong with the connection, the delegate hears.
pub fn open<D: Delegate>(url: &str, options: ConnectOptions, mut delegate: D) -> io::Result<Background<D>> {
    let url = url.to_owned();
    let thread = thread::Builder::new()
        .name("websocket".to_owned())
        .spawn(move || {
            match run(&url, &options, &mut delegate) {
                Ok(close) => delegate.did_close(&close),
                Err(error) => delegate.did_fail(&error),
            }
            delegate
        })?;
    Ok(Background { thread })
}

/// The whole life of a connection, as its thread sees it.
fn run(url: &str, options: &ConnectOptions, delegate: &mut impl Delegate) -> Result<Close, Error> {
    let (sender, mut receiver) = WebSocket::connect(url, options)?.split();
    delegate.did_open(&sender);
    while let Some(message) = receiver.recv(Deadline::never())? {
        delegate.did_receive_message(&sender, message);
    }
    // It was closed, or `recv` had not come to its end.
    Ok(receiver
        .closed()
        .unwrap_or_else(|| Close::new(crate::CloseCode::NO_STATUS, "")))
}

impl<D> Background<D> {
    /// Waits for the end, and gives the delegate back with all that it has heard.
    ///
    /// # Panics
    ///
    /// If the delegate did.
    pub fn wait(self) -> D {
        self.thread
            .join()
            .unwrap_or_else(|panic| panic::resume_unwind(panic))
    }
}
