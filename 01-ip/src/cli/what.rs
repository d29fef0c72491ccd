//! `01-ip WHAT…`: everything about each of them.

use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use ip::{IpNet, Subject, resolve};

use super::{Failure, facts, json, stream};

#[derive(clap::Args)]
pub(crate) struct What {
    /// Addresses (10.1.2.3, 2001:db8::1, fe80::1%eth0), with a prefix (192.168.0.10/24), or names (localhost);
    /// - reads addresses from standard input, one a line
    what: Vec<String>,

    /// How many seconds to wait for a name
    #[arg(long, default_value_t = 5, value_name = "SECONDS")]
    timeout: u64,
}

impl What {
    pub(crate) fn is_empty(&self) -> bool {
        self.what.is_empty()
    }
}

/// One address to tell about, and how the user came to it.
pub(crate) struct Found<'a> {
    /// What the user wrote.
    pub(crate) input: &'a str,
    pub(crate) address: IpAddr,
    pub(crate) zone: Option<String>,
    /// The address with its prefix, if one was given.
    pub(crate) net: Option<IpNet>,
}

/// Tells all that can be told; the exit code is that of the worst failure.
pub(crate) fn run(out: &mut impl Write, what: &What, as_json: bool) -> u8 {
    let mut code = 0;
    for (index, text) in what.what.iter().enumerate() {
        let told = match text.as_str() {
            "-" => stream::run(as_json),
            text => tell(out, what, text, as_json, index > 0),
        };
        match told {
            Ok(()) => {}
            Err(failure @ Failure::Output(_)) => return failure.tell(),
            Err(failure) => code = code.max(failure.tell()),
        }
    }
    code
}

fn tell(
    out: &mut impl Write,
    what: &What,
    text: &str,
    as_json: bool,
    mut apart: bool,
) -> Result<(), Failure> {
    for found in find(text, Duration::from_secs(what.timeout))? {
        if as_json {
            json::write(out, &found)?;
            continue;
        }
        if apart {
            writeln!(out)?;
        }
        facts::write(out, &found)?;
        apart = true;
    }
    Ok(())
}

fn find(input: &str, timeout: Duration) -> Result<Vec<Found<'_>>, Failure> {
    let found = |address, zone, net| Found {
        input,
        address,
        zone,
        net,
    };
    match input.parse().map_err(Failure::bad_input)? {
        Subject::Address { address, zone } => Ok(vec![found(address, zone, None)]),
        Subject::Subnet { net, zone } => Ok(vec![found(net.addr(), zone, Some(net))]),
        Subject::Name(name) => {
            let addresses = resolve(&name, 0, timeout).map_err(Failure::failed)?;
            Ok(addresses
                .iter()
                .map(|address| found(address.ip(), zone(address), None))
                .collect())
        }
    }
}

/// The system tells the zone of a link-local address as a number.
fn zone(address: &SocketAddr) -> Option<String> {
    match address {
        SocketAddr::V6(address) if address.scope_id() != 0 => Some(address.scope_id().to_string()),
        _ => None,
    }
}
