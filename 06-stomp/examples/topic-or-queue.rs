//! Two readers of a topic, and two readers of a queue: who gets what?

use std::time::Duration;

use stomp::{Client, ClientOptions, Error, Server, ServerOptions, Subscription};

fn main() -> Result<(), Error> {
    let broker = Server::start_on_loopback(ServerOptions::default())?;

    let alice = Client::connect(&broker.tcp, &ClientOptions::default())?;
    let bob = Client::connect(&broker.tcp, &ClientOptions::default())?;
    for destination in ["/topic/news", "/queue/work"] {
        let for_alice = alice.subscribe(destination)?;
        let for_bob = bob.subscribe(destination)?;
        for text in ["one", "two", "three", "four"] {
            alice.send_with_receipt(destination, text)?;
        }
        println!("{destination}");
        println!("  alice: {}", all(&for_alice)?);
        println!("  bob:   {}", all(&for_bob)?);
    }
    Ok(())
}

/// Everything that comes until nothing has come for a moment.
fn all(subscription: &Subscription) -> Result<String, Error> {
    let mut texts = Vec::new();
    loop {
        match subscription.next_within(Duration::from_millis(100)) {
            Ok(message) => texts.push(message.text().into_owned()),
            Err(Error::TimedOut { .. }) => return Ok(texts.join(", ")),
            Err(error) => return Err(error),
        }
    }
}
