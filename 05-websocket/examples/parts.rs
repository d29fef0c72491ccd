//! A message in parts: the reader hears the first before the writer knows the last.

use websocket::connection::SendError;
use websocket::{Connection, Options};

fn main() -> Result<(), SendError> {
    let mut writer = Connection::client(Options::default());
    let mut reader = Connection::server(Options {
        in_parts: true,
        ..Options::default()
    });
    let mut hear = |wire: &mut Vec<u8>| {
        let mut input = &mut wire[..];
        while let Some(event) = reader.next_event(&mut input, &mut Vec::new()) {
            println!("{event:?}");
        }
        wire.clear();
    };

    let mut wire = Vec::new();
    writer.send_part("Once upon a time ", false, &mut wire)?;
    hear(&mut wire);
    // A control frame may stand between two parts, and another message may not.
    writer.ping(b"still there?", &mut wire)?;
    if let Err(error) = writer.send("And now the weather", &mut wire) {
        println!("{error}");
    }
    hear(&mut wire);
    writer.send_part("they lived happily ever after.", true, &mut wire)?;
    hear(&mut wire);
    Ok(())
}
