//! `06-stomp serve --relay`: another broker, and who we are to it.

use ports::{Endpoint, EndpointError};
use stomp::RelayOptions;

/// Where brokers listen, by convention.
const TCP_PORT: u16 = 61613;

/// The broker that serves in place of ours.
#[derive(Debug, clap::Args)]
pub(super) struct Relay {
    /// Be no broker, but the way to one that speaks STOMP over TCP there: RabbitMQ or ActiveMQ. Each client gets a
    /// connection of its own with it
    #[arg(long, value_name = "HOST:PORT", value_parser = address, conflicts_with_all = ["users", "store"])]
    relay: Option<Endpoint>,
    /// The user's name that the broker is to see, in place of each client's own
    #[arg(long, value_name = "NAME", requires = "relay")]
    relay_login: Option<String>,
    /// The password of that user. Say it in the environment, where the list of processes does not show it
    #[arg(
        long,
        value_name = "PASSWORD",
        env = "STOMP_RELAY_PASSCODE",
        hide_env_values = true
    )]
    relay_passcode: Option<String>,
    /// The virtual host that the broker is to see, in place of each client's own; RabbitMQ's first one is /
    #[arg(long, value_name = "NAME", requires = "relay")]
    relay_host: Option<String>,
}

fn address(text: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse_or_port(text, TCP_PORT)
}

impl Relay {
    pub(super) fn options(&self) -> Option<RelayOptions> {
        let broker = self.relay.clone()?;
        Some(RelayOptions {
            login: self.relay_login.clone(),
            // The password of nobody is for nobody.
            passcode: self.relay_passcode.clone().filter(|_| self.relay_login.is_some()),
            host: self.relay_host.clone(),
            ..RelayOptions::new(broker)
        })
    }
}
