//! A WebSocket with four callbacks: the face of Java's `WebSocketClient`, the lecture's library for Android.
//!
//! ```no_run
//! use websocket::callbacks::WebSocketClient;
//!
//! let client = WebSocketClient::new("ws://127.0.0.1:8080/")
//!     .on_open(|client| drop(client.send("hello")))
//!     .on_message(|_, message| println!("{message:?}"))
//!     .on_close(|code, reason| println!("closed: {code} {reason}"))
//!     .on_error(|error| eprintln!("{error}"))
//!     .connect()?;
//! client.wait();
//! # Ok::<(), std::io::Error>(())
//! ```

use std::io;

use crate::delegate::{self, Background, Delegate};
use crate::{Close, CloseCode, ConnectOptions, Error, Message, Sender};

type OnOpen = Box<dyn FnMut(&Sender) + Send>;
type OnMessage = Box<dyn FnMut(&Sender, Message<'_>) + Send>;
type OnClose = Box<dyn FnMut(CloseCode, &str) + Send>;
type OnError = Box<dyn FnMut(&Error) + Send>;

/// A client that is not connected yet. Who says nothing about an event does not hear of it.
pub struct WebSocketClient {
    url: String,
    options: ConnectOptions,
    callbacks: Callbacks,
}

/// What is called when. It is a delegate like any other.
struct Callbacks {
    open: OnOpen,
    message: OnMessage,
    close: OnClose,
    error: OnError,
}

impl WebSocketClient {
    /// A client for the server at `url`.
    #[must_use]
    pub fn new(url: &str) -> Self {
        let callbacks = Callbacks {
            open: Box::new(|_| {}),
            message: Box::new(|_, _| {}),
            close: Box::new(|_, _| {}),
            error: Box::new(|_| {}),
        };
        Self {
            url: url.to_owned(),
            options: ConnectOptions::default(),
            callbacks,
        }
    }

    /// What is asked of the connection: subprotocols, headers, TLS.
    #[must_use]
    pub fn options(mut self, options: ConnectOptions) -> Self {
        self.options = options;
        self
    }

    /// `onOpen`: the connection is there.
    #[must_use]
    pub fn on_open(mut self, callback: impl FnMut(&Sender) + Send + 'static) -> Self {
        self.callbacks.open = Box::new(callback);
        self
    }

    /// `onMessage`: the peer says something.
    #[must_use]
    pub fn on_message(mut self, callback: impl FnMut(&Sender, Message<'_>) + Send + 'static) -> Self {
        self.callbacks.message = Box::new(callback);
        self
    }

    /// `onClose`: it is over, and this always comes last: with code 1006 if there was no Close.
    #[must_use]
    pub fn on_close(mut self, callback: impl FnMut(CloseCode, &str) + Send + 'static) -> Self {
        self.callbacks.close = Box::new(callback);
        self
    }

    /// `onError`: something is wrong; `onClose` follows.
    #[must_use]
    pub fn on_error(mut self, callback: impl FnMut(&Error) + Send + 'static) -> Self {
        self.callbacks.error = Box::new(callback);
        self
    }

    /// `connect`: begins in the background, and returns at once.
    ///
    /// # Errors
    ///
    /// If the system gives no thread.
    pub fn connect(self) -> io::Result<Running> {
        delegate::open(&self.url, self.options, self.callbacks).map(Running)
    }
}

/// A client whose thread runs.
pub struct Running(Background<Callbacks>);

impl Running {
    /// Waits for the end.
    ///
    /// # Panics
    ///
    /// If a callback did.
    pub fn wait(self) {
        self.0.wait();
    }
}

impl Delegate for Callbacks {
    fn did_open(&mut self, socket: &Sender) {
        (self.open)(socket);
    }

    fn did_receive_message(&mut self, socket: &Sender, message: Message<'_>) {
        (self.message)(socket, message);
    }

    fn did_fail(&mut self, error: &Error) {
        (self.error)(error);
        (self.close)(CloseCode::ABNORMAL, "");
    }

    fn did_close(&mut self, close: &Close) {
        (self.close)(close.code, &close.reason);
    }
}
