//! What became of a service, and what to use in its place.
//!
//! The lecture names five: FTP (21), SSH (22), Telnet (23), Web (80) and SSL (443). A registry keeps a
//! number for ever; it does not say that two of the five are dead, and why.

/// What a registry does not tell about a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Story {
    /// What happened to it.
    pub text: &'static str,
    /// Whether the protocol, as it was made, sends passwords that anybody on the path can read; if so, what to
    /// use in its place.
    pub in_the_clear: Option<&'static str>,
}

impl Story {
    /// What there is to tell about the service `name` on `port`.
    #[must_use]
    pub fn of(name: &str, port: u16) -> Option<Self> {
        STORIES
            .iter()
            .find(|(a_name, a_port, ..)| *a_name == name && *a_port == port)
            .map(|&(_, _, text, in_the_clear)| Self { text, in_the_clear })
    }
}

type Row = (&'static str, u16, &'static str, Option<&'static str>);

const STORIES: &[Row] = &[
    // The lecture's five.
    (
        "ftp",
        21,
        "the lecture's FTP: browsers dropped ftp:// in 2021; each file travels over another port",
        Some("sftp, which is a part of ssh (22)"),
    ),
    (
        "ssh",
        22,
        "the lecture's SSH: took the place of telnet, rlogin and ftp, and encrypts (RFC 4251)",
        None,
    ),
    (
        "telnet",
        23,
        "the lecture's Telnet: still open on old switches and cameras, and what worms look for first",
        Some("ssh (22)"),
    ),
    (
        "http",
        80,
        "the lecture's Web: today it mostly answers \"go to https\"; new browsers try 443 first",
        Some("https (443)"),
    ),
    (
        "https",
        443,
        "the lecture's SSL: TLS since 1999 (RFC 2246), and SSL is forbidden (RFC 7568); over udp, HTTP/3",
        None,
    ),
    // Others that send a password as it is.
    (
        "smtp",
        25,
        "mail between servers",
        Some("submissions (465) for people"),
    ),
    (
        "poppassd",
        106,
        "changes a mail password",
        Some("a web page over https (443)"),
    ),
    ("pop3", 110, "fetches mail", Some("pop3s (995)")),
    ("imap2", 143, "reads mail on the server", Some("imaps (993)")),
    (
        "snmp",
        161,
        "asks a device how it is; versions 1 and 2c have a password called community",
        Some("SNMPv3"),
    ),
    (
        "ldap",
        389,
        "asks a directory; a simple bind carries the password",
        Some("ldaps (636)"),
    ),
    ("exec", 512, "runs a command on another machine", Some("ssh (22)")),
    (
        "login",
        513,
        "Berkeley's rlogin: trusts the port number of its client",
        Some("ssh (22)"),
    ),
    (
        "shell",
        514,
        "Berkeley's rsh: trusts the port number of its client",
        Some("ssh (22)"),
    ),
    (
        "mqtt",
        1883,
        "publish and subscribe for small devices",
        Some("secure-mqtt (8883)"),
    ),
    (
        "amqp",
        5672,
        "what RabbitMQ speaks by birth",
        Some("amqps (5671)"),
    ),
    (
        "redis",
        6379,
        "a store in memory; should never be open to the Internet",
        Some("TLS, or a loopback address"),
    ),
    ("ircd", 6667, "Internet Relay Chat", Some("ircs-u (6697)")),
    (
        "http-alt",
        8080,
        "where web servers go that may not have 80; a proxy's old place",
        Some("https (443)"),
    ),
    (
        "stomp",
        61613,
        "where brokers listen since ActiveMQ did; in the dynamic range, a client may take it first",
        Some("STOMP over TLS or wss (443)"),
    ),
    (
        "stomp-ws",
        61614,
        "STOMP over WebSocket, again by ActiveMQ's example",
        Some("wss (443)"),
    ),
    // One port, two names.
    (
        "XmlIpcRegSvc",
        9092,
        "what the registry says; what you will meet here is Kafka",
        None,
    ),
    (
        "pcsync-https",
        8443,
        "what the registry says; what you will meet here is a second https",
        None,
    ),
    (
        "irdmi",
        8000,
        "what the registry says; what you will meet here is somebody's web server",
        None,
    ),
    (
        "hbci",
        3000,
        "what the registry says; what you will meet here is somebody's web server",
        None,
    ),
];

// A story about a service that is not in the list would never be told, and nobody would see it.
#[cfg(test)]
mod tests {
    use super::STORIES;
    use crate::Registry;

    #[test]
    fn every_story_is_about_a_service_of_the_list() {
        let registry = Registry::built_in();
        for (name, port, ..) in STORIES {
            let known = registry.by_port(*port).any(|service| service.name == *name);
            assert!(known, "{name} on {port}");
        }
    }
}
