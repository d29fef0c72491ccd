//! permessage-deflate: messages are compressed, each for itself or with those before it in mind (RFC 7692).
//!
//! Both ends agree on it in the handshake. Four parameters say what each side's compressor may remember, because
//! what it remembers the other side has to hold in memory:
//!
//! ```
//! use websocket::deflate::Compression;
//! use websocket::extension::Extension;
//!
//! let offers = Extension::parse_list("permessage-deflate; server_max_window_bits=10; client_max_window_bits")
//!     .expect("it is a list");
//! let agreement = Compression::default().answer(&offers).expect("nothing speaks against it");
//! assert_eq!(agreement.to_extension().to_string(), "permessage-deflate; server_max_window_bits=10");
//! ```

mod codec;

use crate::extension::Extension;

pub(crate) use codec::{Codec, SMALLEST_WINDOW};

/// The extension's registered name (section 11.1).
pub const NAME: &str = "permessage-deflate";

const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// The largest window of DEFLATE: 2^15 bytes.
const LARGEST_WINDOW: u8 = 15;

/// What one end wants of compression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compression {
    /// How hard to try, from 1 (fast) to 9 (small): 1.
    pub level: u8,
    /// Messages with fewer bytes are sent as they are: 256. There is little to gain from them.
    pub threshold: usize,
    /// The server forgets each message that it has compressed: no. It saves memory at both ends, and costs bytes.
    pub server_no_context_takeover: bool,
    /// The client forgets each message that it has compressed: no.
    pub client_no_context_takeover: bool,
    /// How far back the server may refer, as a power of two from 8 to 15: 15.
    ///
    /// With 8, this crate agrees and sends everything uncompressed, which is always allowed: its zlib has no such small
    /// window.
    pub server_max_window_bits: u8,
    /// How far back the client may refer, as a power of two from 8 to 15: 15.
    pub client_max_window_bits: u8,
    /// A client that gets no compression hangs up, with code 1010: no.
    pub required: bool,
}

impl Default for Compression {
    fn default() -> Self {
        Self {
            level: 1,
            threshold: 256,
            server_no_context_takeover: false,
            client_no_context_takeover: false,
            server_max_window_bits: LARGEST_WINDOW,
            client_max_window_bits: LARGEST_WINDOW,
            required: false,
        }
    }
}

/// What both ends have agreed on: the parameters of the server's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// The server forgets each message that it has compressed (section 7.1.1.1).
    pub server_no_context_takeover: bool,
    /// The client forgets each message that it has compressed (section 7.1.1.2).
    pub client_no_context_takeover: bool,
    /// The window of the server's compressor, as a power of two; 15 if nothing is said (section 7.1.2.1).
    pub server_max_window_bits: Option<u8>,
    /// The window of the client's compressor, as a power of two; 15 if nothing is said (section 7.1.2.2).
    pub client_max_window_bits: Option<u8>,
}

/// The parameters of an offer or an answer. Only a client's `client_max_window_bits` may stand without a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Parameters {
    server_no_context_takeover: bool,
    client_no_context_takeover: bool,
    server_max_window_bits: Option<u8>,
    client_max_window_bits: Option<Option<u8>>,
}

impl Parameters {
    /// `None` for an unknown parameter, one that comes twice, or one with a bad value (section 7.1).
    fn read(extension: &Extension) -> Option<Self> {
        let mut all = Self::default();
        for (name, value) in &extension.parameters {
            let value = value.as_deref();
            let is_first = match name.as_str() {
                SERVER_NO_CONTEXT_TAKEOVER if value.is_none() => {
                    !std::mem::replace(&mut all.server_no_context_takeover, true)
                }
                CLIENT_NO_CONTEXT_TAKEOVER if value.is_none() => {
                    !std::mem::replace(&mut all.client_no_context_takeover, true)
                }
                SERVER_MAX_WINDOW_BITS => all.server_max_window_bits.replace(window_bits(value?)?).is_none(),
                CLIENT_MAX_WINDOW_BITS => {
                    let bits = match value {
                        Some(value) => Some(window_bits(value)?),
                        None => None,
                    };
                    all.client_max_window_bits.replace(bits).is_none()
                }
                _ => false,
            };
            if !is_first {
                return None;
            }
        }
        Some(all)
    }
}

/// A decimal number from 8 to 15 without leading zeros (section 7.1.2).
fn window_bits(text: &str) -> Option<u8> {
    let number = text
        .parse()
        .ok()
        .filter(|bits| (8..=LARGEST_WINDOW).contains(bits))?;
    (number.to_string() == text).then_some(number)
}

impl Compression {
    /// What a client offers, its favourite first: what it wants, and if that limits the server, any compression at all
    /// as a second choice (section 5.2).
    #[must_use]
    pub fn offers(&self) -> Vec<Extension> {
        let mut offer = Extension::new(NAME);
        if self.server_no_context_takeover {
            offer = offer.with(SERVER_NO_CONTEXT_TAKEOVER, None);
        }
        if self.server_max_window_bits < LARGEST_WINDOW {
            offer = offer.with(
                SERVER_MAX_WINDOW_BITS,
                Some(self.server_max_window_bits.to_string()),
            );
        }
        let limits_server = !offer.parameters.is_empty();
        let favourite = self.with_client_parameters(offer);
        if limits_server {
            vec![favourite, self.with_client_parameters(Extension::new(NAME))]
        } else {
            vec![favourite]
        }
    }

    fn with_client_parameters(&self, mut offer: Extension) -> Extension {
        if self.client_no_context_takeover {
            offer = offer.with(CLIENT_NO_CONTEXT_TAKEOVER, None);
        }
        let bits = self.client_max_window_bits;
        offer.with(
            CLIENT_MAX_WINDOW_BITS,
            (bits < LARGEST_WINDOW).then(|| bits.to_string()),
        )
    }

    /// What a server grants: the first offer of this extension that is well-formed. A bad one is declined by ignoring it
    /// (section 7.1).
    #[must_use]
    pub fn answer(&self, offers: &[Extension]) -> Option<Agreement> {
        let mut offers = offers.iter().filter(|offer| offer.name == NAME);
        let offer = offers.find_map(Parameters::read)?;
        let server_bits = offer.server_max_window_bits.unwrap_or(LARGEST_WINDOW);
        let server_bits = server_bits.min(self.server_max_window_bits);
        let server_is_limited = offer.server_max_window_bits.is_some() || server_bits < LARGEST_WINDOW;
        // The client may be limited only if it says that it knows how.
        let client_bits = offer
            .client_max_window_bits
            .map(|bits| bits.unwrap_or(LARGEST_WINDOW));
        let client_bits = client_bits.map(|bits| bits.min(self.client_max_window_bits));
        Some(Agreement {
            server_no_context_takeover: offer.server_no_context_takeover || self.server_no_context_takeover,
            client_no_context_takeover: offer.client_no_context_takeover || self.client_no_context_takeover,
            server_max_window_bits: server_is_limited.then_some(server_bits),
            client_max_window_bits: client_bits.filter(|bits| *bits < LARGEST_WINDOW),
        })
    }
}

impl Agreement {
    /// Reads a server's answer, which has to fit one of the `offers` (section 7.1). `None` if it does not.
    #[must_use]
    pub fn read(answer: &Extension, offers: &[Extension]) -> Option<Self> {
        let granted = Parameters::read(answer)?;
        let client_max_window_bits = match granted.client_max_window_bits {
            // In an answer it has to have a value.
            Some(None) => return None,
            Some(bits) => bits,
            None => None,
        };
        let mut offers = offers.iter().filter(|offer| offer.name == NAME);
        offers.find(|offer| Parameters::read(offer).is_some_and(|offer| granted.fits(&offer)))?;
        Some(Self {
            server_no_context_takeover: granted.server_no_context_takeover,
            client_no_context_takeover: granted.client_no_context_takeover,
            server_max_window_bits: granted.server_max_window_bits,
            client_max_window_bits,
        })
    }

    /// The answer as it stands in the handshake.
    #[must_use]
    pub fn to_extension(&self) -> Extension {
        let flags = [
            (SERVER_NO_CONTEXT_TAKEOVER, self.server_no_context_takeover),
            (CLIENT_NO_CONTEXT_TAKEOVER, self.client_no_context_takeover),
        ];
        let windows = [
            (SERVER_MAX_WINDOW_BITS, self.server_max_window_bits),
            (CLIENT_MAX_WINDOW_BITS, self.client_max_window_bits),
        ];
        let mut answer = Extension::new(NAME);
        for (name, _) in flags.iter().filter(|(_, is_set)| *is_set) {
            answer = answer.with(name, None);
        }
        for (name, bits) in windows {
            if let Some(bits) = bits {
                answer = answer.with(name, Some(bits.to_string()));
            }
        }
        answer
    }
}

impl Parameters {
    /// Whether an answer with these parameters accepts `offer`: the server has to take on what it was asked to, and may
    /// limit the client's window only if that was offered. More than that it may take on of its own accord.
    fn fits(&self, offer: &Self) -> bool {
        let server_forgets = self.server_no_context_takeover || !offer.server_no_context_takeover;
        let server_window = match (self.server_max_window_bits, offer.server_max_window_bits) {
            (Some(granted), Some(asked)) => granted <= asked,
            (None, Some(_)) => false,
            (_, None) => true,
        };
        let client_window = self.client_max_window_bits.is_none() || offer.client_max_window_bits.is_some();
        server_forgets && server_window && client_window
    }
}
