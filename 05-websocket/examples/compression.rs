//! What compression saves: the same three messages, sent in three ways.

use websocket::connection::SendError;
use websocket::deflate::Compression;
use websocket::extension::Extension;
use websocket::{Connection, Options};

/// The offers for a share, from the lowest up.
fn order_book(lowest: u32) -> String {
    let offer = |price| format!(r#"{{"side":"ask","price":{price},"amount":100}}"#);
    let offers: Vec<_> = (lowest..lowest + 800).step_by(100).map(offer).collect();
    format!("[{}]", offers.join(","))
}

fn main() -> Result<(), SendError> {
    let settings = Compression::default();
    // What a client may offer in its handshake.
    for offer in [
        "",
        "permessage-deflate; server_no_context_takeover",
        "permessage-deflate",
    ] {
        let offers = Extension::parse_list(offer).unwrap_or_default();
        let agreement = settings.answer(&offers);
        let options = Options {
            compression: Some(settings.clone()),
            ..Options::default()
        };
        let mut server = Connection::server(options).compressed(agreement.as_ref());

        let mut sizes = Vec::new();
        for lowest in [71_200, 71_300, 71_100] {
            let mut wire = Vec::new();
            server.send(order_book(lowest), &mut wire)?;
            sizes.push(wire.len());
        }
        println!("{sizes:?} bytes with {offer:?}");
    }
    Ok(())
}
