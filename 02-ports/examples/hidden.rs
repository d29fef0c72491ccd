//! Brings the port of a URL to light.

use ports::{Endpoint, EndpointError};

fn main() -> Result<(), EndpointError> {
    for url in ["http://www.lucidcore.co.kr:80", "http://www.lucidcore.co.kr"] {
        let endpoint: Endpoint = url.parse()?;
        let said = if endpoint.port_was_hidden() {
            "hidden"
        } else {
            "shown"
        };
        println!("{url} means port {}, {said}", endpoint.port());
    }
    Ok(())
}
