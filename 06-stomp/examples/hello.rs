//! The smallest publisher and the smallest subscriber, with a broker between them.

use stomp::{Client, ClientOptions, Error, Server, ServerOptions};

fn main() -> Result<(), Error> {
    let broker = Server::start_on_loopback(ServerOptions::default())?;

    let client = Client::connect(&broker.tcp, &ClientOptions::default())?;
    let prices = client.subscribe("/topic/price")?;
    client.send("/topic/price", "Samsung 71,300")?;
    client.send("/topic/price", "Samsung 71,400")?;
    for message in prices.take(2) {
        println!("{}", message?.text());
    }
    client.disconnect()
}
