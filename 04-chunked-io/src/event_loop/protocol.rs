//! What a server does, without the sockets: the answers to what happens on one connection.

use super::{Io, Shared};

/// One connection's side of a conversation. The loop keeps one value for each connection and calls it when
/// something has happened; whatever it says goes through the [`Io`] and leaves when the callback returns.
///
/// All calls for one connection come from the same thread, one at a time. A callback must not wait for
/// anything: while it does, all other connections of its thread wait, too.
///
/// Nothing here knows sockets, so a protocol can stand between the wire and another protocol: TLS decrypts
/// what it has received and calls the inner protocol with an [`Io`] that is a [layer](Io::layer).
pub trait Protocol: 'static {
    /// What other connections and threads may [tell](super::Handle::tell) this one; `()` if nothing.
    type Message: Send + 'static;

    /// The connection is there.
    fn opened(&mut self, io: &mut Io<'_, Self::Message>) {
        let _ = io;
    }

    /// Called in place of [`opened`](Protocol::opened) when as many connections are open as the settings allow. A
    /// last word may be said; then [close](Io::close), which is all that is done by default.
    fn refused(&mut self, io: &mut Io<'_, Self::Message>) {
        io.close();
    }

    /// One read has brought `bytes`. They are a piece of a stream: half a message, or three. They lie in a buffer
    /// that all connections share and may be changed in place; what must be kept has to be copied.
    fn received(&mut self, bytes: &mut [u8], io: &mut Io<'_, Self::Message>);

    /// Where the next read is to go, if not into the buffer that all connections share. A protocol in the middle of
    /// something large spares itself a copy, if it has room for it.
    fn room(&mut self) -> Option<&mut [u8]> {
        None
    }

    /// One read has brought `count` bytes to the front of the protocol's own [room](Protocol::room).
    fn filled(&mut self, count: usize, io: &mut Io<'_, Self::Message>) {
        let _ = (count, io);
    }

    /// The peer has sent its last byte (a FIN), but may still be reading. By default the connection closes once
    /// all answers have left.
    fn peer_finished(&mut self, io: &mut Io<'_, Self::Message>) {
        io.close();
    }

    /// Another connection or thread has sent a message.
    fn told(&mut self, message: Self::Message, io: &mut Io<'_, Self::Message>) {
        let _ = (message, io);
    }

    /// Another connection or thread sends `bytes` through this connection. By default they go to the peer as they
    /// are; TLS encrypts them first.
    fn relayed(&mut self, bytes: &Shared, io: &mut Io<'_, Self::Message>) {
        io.send_shared(bytes);
    }

    /// The time that was [set](Io::set_timer) has come. The timer is off again.
    fn timer(&mut self, io: &mut Io<'_, Self::Message>) {
        let _ = io;
    }

    /// All that was said has left, as [asked](Io::tell_when_drained): there is room for more.
    fn drained(&mut self, io: &mut Io<'_, Self::Message>) {
        let _ = io;
    }

    /// The server is about to end: say goodbye. By default the connection closes once all answers have left. A
    /// protocol with a farewell of its own says it, and closes when the peer has replied.
    fn shutdown(&mut self, io: &mut Io<'_, Self::Message>) {
        io.close();
    }

    /// The connection is gone; called exactly once. Others may be told; what is sent here reaches nobody.
    fn closed(&mut self, why: &Closed, io: &mut Io<'_, Self::Message>) {
        let _ = (why, io);
    }
}

/// Why a connection is gone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Closed {
    /// All that was said has left, and both ends have finished. No failure.
    #[error("closed in good order")]
    Done,
    /// This end [aborted](Io::abort) it.
    #[error("aborted by this end")]
    Aborted,
    /// It was closing, and the peer did not take the rest, or close its own end, in the time allowed.
    #[error(
        "still closing when its time was up, with {unsent} bytes unsent: the peer does not read or does not close"
    )]
    Late {
        /// How many bytes still waited.
        unsent: usize,
    },
    /// Its out-queue was full, and [`WhenFull`](super::WhenFull) says to disconnect.
    #[error("disconnected with {queued} bytes in the out-queue: the peer reads too slowly, or not at all")]
    TooSlow {
        /// How many bytes waited.
        queued: usize,
    },
    /// The peer did not answer the [call](super::Handle::call) in time.
    #[error("the peer did not answer in the time allowed")]
    Unanswered,
    /// A call on its socket failed: the peer reset the connection, or the network lost it.
    #[error(transparent)]
    Failed(tcp_socket::Error),
}
