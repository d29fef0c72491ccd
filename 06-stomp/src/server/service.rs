//! What the listeners, whatever they listen for, have behind them: the broker, or the way to another one.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use websocket::Resource;

use crate::{Fan, Output};

/// How a connection is reached from elsewhere, whatever its transport is.
pub(crate) type Waker = Box<dyn Fn() + Send + Sync>;

/// What serves everyone who calls.
pub(crate) trait Service: Send + Sync + 'static {
    /// What is kept for one connection.
    type Line: Talk;

    /// What an ordinary GET may ask for at the ports for WebSocket.
    fn resources(self: &Arc<Self>) -> Vec<Resource> {
        Vec::new()
    }

    /// Somebody is connected. Whoever calls the waker has the line [woken](Talk::woken).
    fn open(self: &Arc<Self>, waker: Waker, wire: &mut impl Wire) -> Self::Line;
}

/// One connection, as its transport sees it.
pub(crate) trait Talk: 'static {
    /// Octets have come.
    fn received(&mut self, octets: &[u8], wire: &mut impl Wire);
    /// The client will send no more.
    fn ended(&mut self, wire: &mut impl Wire);
    /// Something waits for this connection.
    fn woken(&mut self, wire: &mut impl Wire);
    /// There is room for more.
    fn drained(&mut self, wire: &mut impl Wire);
    /// Time has passed.
    fn timer(&mut self, wire: &mut impl Wire);
    /// The server is stopping.
    fn shut_down(&mut self, wire: &mut impl Wire);
    /// The connection is gone.
    fn gone(&mut self);
}

/// What carries a line: TCP or WebSocket.
pub(crate) trait Wire {
    /// Says these frames.
    fn say(&mut self, output: &Output);
    /// Says frames that others are told, too.
    fn say_shared(&mut self, fan: &Fan);
    /// Whether it brings pieces of frames, too, or whole ones only.
    fn is_stream(&self) -> bool;
    fn queued(&self) -> usize;
    fn tell_when_drained(&mut self);
    fn set_timer(&mut self, at: Option<Instant>);
    fn now(&self) -> Instant;
    /// Where the client calls from.
    fn from(&self) -> IpAddr;
    fn pause(&mut self);
    fn resume(&mut self);
    /// Closes when everything has left.
    fn close(&mut self);
}
