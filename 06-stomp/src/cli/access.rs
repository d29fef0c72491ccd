//! Which broker, as whom: what the commands that talk to one have in common.

use std::io::{self, IsTerminal};
use std::thread;
use std::time::Duration;

use stomp::{Change, Client, ClientOptions, HeartBeat, Reconnect};

use super::error::CliError;

/// The broker, and who we are to it.
#[derive(Debug, clap::Args)]
pub(super) struct Broker {
    /// The broker: stomp://HOST:PORT for TCP, ws://HOST:PORT/PATH for WebSocket; stomps:// and wss:// for TLS
    #[arg(long, default_value = "stomp://127.0.0.1:61613")]
    pub(super) url: String,
    #[command(flatten)]
    access: Access,
}

/// Who we are to a broker, and how long it is waited for.
#[derive(Debug, clap::Args)]
pub(super) struct Access {
    /// Give up when an answer takes longer than this
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    timeout: Duration,
    /// The user's name, for a broker that asks for one
    #[arg(long, value_name = "NAME", env = "STOMP_LOGIN", hide_env_values = true)]
    login: Option<String>,
    /// The user's password. Say it in the environment, where the list of processes does not show it; without one, a
    /// terminal is asked
    #[arg(long, value_name = "PASSWORD", env = "STOMP_PASSCODE", hide_env_values = true)]
    passcode: Option<String>,
    /// The virtual host to ask for [default: the host of the URL]
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// How often this program can speak and wants to hear something, in milliseconds; 0 for never
    #[arg(long, value_name = "MS,MS", default_value = "10000,10000", value_parser = heart_beat)]
    heart_beat: HeartBeat,
}

impl Access {
    /// The settings of a client.
    fn options(&self) -> Result<ClientOptions, CliError> {
        Ok(ClientOptions {
            timeout: self.timeout,
            login: self.login.clone(),
            passcode: self.passcode()?,
            host: self.host.clone(),
            heart_beat: self.heart_beat,
            ..ClientOptions::default()
        })
    }

    /// A connection to the broker at `url` that returns if that is asked for, and says so.
    pub(super) fn connect_and_stay(&self, url: &str, stay: &Stay) -> Result<Client, CliError> {
        let options = ClientOptions {
            reconnect: stay.reconnect.then(Reconnect::default),
            ..self.options()?
        };
        let client = Client::connect(url, &options)?;
        let changes = client.changes();
        thread::spawn(move || changes.for_each(|change| say(&change)));
        Ok(client)
    }

    /// The password, if there is a user: whoever sits at a terminal is asked for it.
    fn passcode(&self) -> Result<Option<String>, CliError> {
        match &self.login {
            Some(login) if self.passcode.is_none() && io::stdin().is_terminal() => Ok(Some(
                rpassword::prompt_password(format!("password of {login}: "))?,
            )),
            _ => Ok(self.passcode.clone()),
        }
    }
}

/// What to do when the connection is lost.
#[derive(Debug, clap::Args)]
pub(super) struct Stay {
    /// Call the broker again when the connection is lost, and subscribe again
    #[arg(long)]
    reconnect: bool,
}

impl Broker {
    pub(super) fn connect(&self) -> Result<Client, CliError> {
        Ok(Client::connect(&self.url, &self.access.options()?)?)
    }

    /// A connection that returns if that is asked for, and says so.
    pub(super) fn connect_and_stay(&self, stay: &Stay) -> Result<Client, CliError> {
        self.access.connect_and_stay(&self.url, stay)
    }
}

/// Tells on standard error what has become of the connection.
fn say(change: &Change) {
    match change {
        Change::Lost { cause, unconfirmed } => {
            anstream::eprintln!("connection lost ({cause})");
            if *unconfirmed > 0 {
                anstream::eprintln!("nobody knows what became of the last {unconfirmed} frames");
            }
            anstream::eprintln!(
                "calling again, and again, in pauses that grow to half a minute; Ctrl-C ends it"
            );
        }
        Change::Returned { subscriptions, .. } => {
            anstream::eprintln!("connected again, subscriptions: {subscriptions}");
        }
        // There may be hundreds.
        _ => {}
    }
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: Option<f64> = text.parse().ok().filter(|seconds| *seconds > 0.0);
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "a number of seconds over 0 is needed, such as 5 or 0.5".to_owned())
}

fn heart_beat(text: &str) -> Result<HeartBeat, String> {
    HeartBeat::parse(text).ok_or_else(|| "two numbers of milliseconds are needed, such as 10000,0".to_owned())
}
