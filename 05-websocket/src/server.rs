//! A thread a connection: the simplest server there is, and good for hundreds of clients.

use std::thread;
use std::time::Duration;

use tcp_socket::Listener;

use crate::{AcceptOptions, Error, WebSocket};

/// How long to wait after a failed `accept`. When the process is out of descriptors, only a connection that ends
/// can help, and asking again without a pause would keep a core busy.
const PAUSE: Duration = Duration::from_millis(50);

/// Takes callers for ever, and runs `handler` in a thread of its own for each, with the open WebSocket or with the
/// reason why there is none. The handshake happens in that thread too, so a slow caller delays nobody else.
pub fn serve(
    listener: &Listener,
    options: &AcceptOptions,
    handler: impl Fn(Result<WebSocket, Error>) + Sync,
) -> ! {
    let handler = &handler;
    thread::scope(|scope| {
        loop {
            let socket = match listener.accept() {
                Ok(socket) => socket,
                Err(error) => {
                    handler(Err(error.into()));
                    thread::sleep(PAUSE);
                    continue;
                }
            };
            let serve_one = move || handler(WebSocket::accept(socket, options));
            if let Err(source) = thread::Builder::new().spawn_scoped(scope, serve_one) {
                // The socket went with the closure: the caller is hung up on.
                handler(Err(Error::NoThread(source)));
                thread::sleep(PAUSE);
            }
        }
    })
}
