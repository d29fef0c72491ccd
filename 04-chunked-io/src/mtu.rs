//! MTU and MSS: into how many packets a number of bytes is cut, and what the headers cost.
//!
//! A link carries packets up to its *maximum transmission unit*. What is left of it when IP and TCP have written their
//! headers is the *maximum segment size*: the most of a stream that one packet can carry. Neither has to do with how
//! much one `send` takes or one `pull` brings.
//!
//! ```
//! use chunked_io::mtu::{Link, Stack};
//!
//! let stack = Stack::default(); // TCP over IPv4 with timestamps, over Ethernet
//! assert_eq!((stack.mtu(), stack.mss(), stack.payload()), (1500, 1460, 1448));
//! let cut = stack.cut(8192);
//! assert_eq!((cut.packets, cut.last), (6, 952));
//! assert_eq!(cut.on_the_wire, 8192 + 6 * (38 + 20 + 20 + 12));
//! ```

use std::fmt;

/// The largest IP packet: its length stands in a field of 16 bits (RFC 791, section 3.1; RFC 8200, section 3).
const LARGEST_PACKET: u32 = 65_535;

/// TCP's header without options, in bytes (RFC 9293, section 3.1).
const TCP_HEADER: u32 = 20;

/// The timestamps option with its padding, in bytes (RFC 7323, section 3.2). Most systems send it in every segment.
const TIMESTAMPS: u32 = 12;

/// The version of the Internet Protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IpVersion {
    /// A header of 20 bytes (RFC 791, section 3.1), and packets of at least 68 bytes everywhere (section 3.2).
    V4,
    /// A header of 40 bytes (RFC 8200, section 3), and packets of at least 1280 bytes everywhere (section 5).
    V6,
}

impl IpVersion {
    /// The header's length in bytes, without options or extensions.
    #[must_use]
    pub fn header(self) -> u32 {
        match self {
            Self::V4 => 20,
            Self::V6 => 40,
        }
    }

    /// The smallest MTU that a link may have.
    #[must_use]
    pub fn smallest_mtu(self) -> u32 {
        match self {
            Self::V4 => 68,
            Self::V6 => 1280,
        }
    }
}

impl fmt::Display for IpVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V4 => "IPv4",
            Self::V6 => "IPv6",
        })
    }
}

/// What carries the packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// A cable or what behaves like one (IEEE 802.3).
    Ethernet,
    /// No link at all: both ends are on this machine.
    Loopback,
}

impl Link {
    /// What a packet of `length` bytes takes on the link, above its own length. On Ethernet: a preamble of 8, a header of
    /// 14, a check sequence of 4 and a gap of 12, and what fills a packet up to the least of 46.
    fn overhead(self, length: u32) -> u32 {
        match self {
            Self::Ethernet => 38 + 46_u32.saturating_sub(length),
            Self::Loopback => 0,
        }
    }
}

/// A packet inside a packet: what it takes from the MTU.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tunnel {
    /// No tunnel.
    None,
    /// PPP over Ethernet, as on many DSL lines: 8 bytes (RFC 2516, section 4, and 2 of PPP).
    Pppoe,
    /// GRE over IPv4: 24 bytes (RFC 2784, section 2, and the outer IPv4 header).
    Gre,
    /// The WireGuard VPN: 80 bytes, reckoned for an outer IPv6 header, as its own tools do: 40, UDP's 8, and 32 of its own.
    WireGuard,
}

impl Tunnel {
    /// What it takes from each packet, in bytes.
    #[must_use]
    pub fn overhead(self) -> u32 {
        match self {
            Self::None => 0,
            Self::Pppoe => 8,
            Self::Gre => 24,
            Self::WireGuard => 80,
        }
    }
}

impl fmt::Display for Tunnel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "no tunnel",
            Self::Pppoe => "PPPoE",
            Self::Gre => "GRE",
            Self::WireGuard => "WireGuard",
        })
    }
}

/// An MTU that cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MtuError {
    /// Less than every link has to carry.
    #[error("an MTU of {mtu} leaves {inner} for {ip}, and {ip} needs {smallest} at least")]
    TooSmall {
        /// The MTU.
        mtu: u32,
        /// What is left of it inside a tunnel.
        inner: u32,
        /// The version of IP.
        ip: IpVersion,
        /// The least that it needs.
        smallest: u32,
    },
    /// More than a packet's length field can say.
    #[error("an MTU of {mtu} is more than a packet can have: 65535 bytes")]
    TooLarge {
        /// The MTU.
        mtu: u32,
    },
}

/// The layers that each packet of a connection passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    link: Link,
    mtu: u32,
    tunnel: Tunnel,
    ip: IpVersion,
    timestamps: bool,
}

/// What most connections on the Internet have: IPv4 with timestamps over Ethernet.
impl Default for Stack {
    fn default() -> Self {
        Self {
            link: Link::Ethernet,
            mtu: 1500,
            tunnel: Tunnel::None,
            ip: IpVersion::V4,
            timestamps: true,
        }
    }
}

impl Stack {
    /// TCP over `ip` over a link with this `mtu`.
    ///
    /// # Errors
    ///
    /// [`MtuError`] if the MTU is too small for `ip`, or larger than a packet.
    pub fn new(
        link: Link,
        mtu: u32,
        tunnel: Tunnel,
        ip: IpVersion,
        timestamps: bool,
    ) -> Result<Self, MtuError> {
        let inner = mtu.saturating_sub(tunnel.overhead());
        let smallest = ip.smallest_mtu();
        if inner < smallest {
            return Err(MtuError::TooSmall {
                mtu,
                inner,
                ip,
                smallest,
            });
        }
        // Linux gives its loopback an MTU of 65536; the packets in it stay below.
        if mtu > LARGEST_PACKET + 1 {
            return Err(MtuError::TooLarge { mtu });
        }
        let mtu = mtu.min(LARGEST_PACKET);
        Ok(Self {
            link,
            mtu,
            tunnel,
            ip,
            timestamps,
        })
    }

    /// What carries the packets.
    #[must_use]
    pub fn link(&self) -> Link {
        self.link
    }

    /// The largest packet on the link, in bytes.
    #[must_use]
    pub fn mtu(&self) -> u32 {
        self.mtu
    }

    /// The tunnel.
    #[must_use]
    pub fn tunnel(&self) -> Tunnel {
        self.tunnel
    }

    /// The version of IP.
    #[must_use]
    pub fn ip(&self) -> IpVersion {
        self.ip
    }

    /// The TCP options that each segment carries, in bytes.
    #[must_use]
    pub fn options(&self) -> u32 {
        if self.timestamps { TIMESTAMPS } else { 0 }
    }

    /// What each end announces when the connection is opened: the MTU less the headers without options
    /// (RFC 9293, section 3.7.1).
    #[must_use]
    pub fn mss(&self) -> u32 {
        self.mtu - self.tunnel.overhead() - self.ip.header() - TCP_HEADER
    }

    /// The most bytes of the stream in one packet: the MSS less the options.
    #[must_use]
    pub fn payload(&self) -> u32 {
        self.mss() - self.options()
    }

    /// The packets that carry `size` bytes one way. The acknowledgements on the way back are not counted.
    #[must_use]
    pub fn cut(&self, size: u64) -> Cut {
        let payload = u64::from(self.payload());
        let packets = size.div_ceil(payload);
        let full = packets.saturating_sub(1);
        let last = size - full * payload;
        let on_the_wire = if packets == 0 {
            0
        } else {
            full * self.frame(payload) + self.frame(last)
        };
        Cut {
            size,
            packets,
            last,
            on_the_wire,
        }
    }

    /// What a packet with `payload` bytes of the stream takes on the wire.
    fn frame(&self, payload: u64) -> u64 {
        let headers = self.tunnel.overhead() + self.ip.header() + TCP_HEADER + self.options();
        let packet = u64::from(headers) + payload;
        let length = u32::try_from(packet).unwrap_or(u32::MAX);
        packet + u64::from(self.link.overhead(length))
    }

    /// The parts of a full packet, from the outside in, each with its length in bytes; those of length 0 are left out.
    #[must_use]
    pub fn layers(&self) -> Vec<(String, u32)> {
        let layers = [
            ("Ethernet".to_owned(), self.link.overhead(self.mtu)),
            (self.tunnel.to_string(), self.tunnel.overhead()),
            (self.ip.to_string(), self.ip.header()),
            ("TCP".to_owned(), TCP_HEADER),
            ("options".to_owned(), self.options()),
            ("payload".to_owned(), self.payload()),
        ];
        layers.into_iter().filter(|(_, length)| *length > 0).collect()
    }
}

/// A number of bytes, cut into packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// The bytes of the stream.
    pub size: u64,
    /// How many packets carry them.
    pub packets: u64,
    /// The bytes of the stream in the last packet; the others are full.
    pub last: u64,
    /// All bytes on the wire, headers included.
    pub on_the_wire: u64,
}

impl Cut {
    /// The bytes that are not the stream's.
    #[must_use]
    pub fn overhead(&self) -> u64 {
        self.on_the_wire - self.size
    }

    /// The share of the stream in what is on the wire, in tenths of a percent, rounded down; 0 for nothing.
    #[must_use]
    pub fn efficiency(&self) -> u64 {
        let share = (u128::from(self.size) * 1000).checked_div(u128::from(self.on_the_wire));
        share.and_then(|share| u64::try_from(share).ok()).unwrap_or(0)
    }
}
