//! Room 3. A name has several addresses, of two families. The wrong version takes the first of the family that its author
//! knows, as `gethostbyname` did, and gives up when that one fails.

use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tcp_socket::{Listener, TcpSocket};

use crate::exhibit;

const TIMEOUT: Duration = Duration::from_secs(5);

fn wrong(addresses: &[SocketAddr]) -> Result<TcpSocket, String> {
    let first = addresses.iter().find(|address| address.is_ipv4());
    let first = *first.ok_or("no such host")?;
    TcpSocket::connect_address(first, TIMEOUT).map_err(|error| error.short().to_owned())
}

fn right(addresses: &[SocketAddr]) -> Result<TcpSocket, String> {
    TcpSocket::connect_any(addresses, TIMEOUT).map_err(|error| error.short().to_owned())
}

pub(crate) fn show() -> Result<(), Box<dyn Error>> {
    let server = Listener::bind_address((Ipv6Addr::LOCALHOST, 0).into())?;
    let ipv6 = server.local_address();
    let ipv4 = SocketAddr::from((Ipv4Addr::LOCALHOST, ipv6.port()));
    for (what, addresses) in [
        (
            "a name with both, of a server that has only IPv6",
            &[ipv4, ipv6][..],
        ),
        ("a name that has only IPv6", &[ipv6]),
    ] {
        let said =
            |result: Result<TcpSocket, String>| result.map_or_else(|error| error, |_| "connected".to_owned());
        exhibit(what, said(wrong(addresses)), said(right(addresses)));
    }
    Ok(())
}
