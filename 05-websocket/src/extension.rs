//! The list of extensions in a handshake: `permessage-deflate; client_max_window_bits, other` (RFC 6455, section 9.1).
//!
//! ```
//! use websocket::extension::Extension;
//!
//! let offers = Extension::parse_list("permessage-deflate; server_max_window_bits=10, other").expect("it is a list");
//! assert_eq!(offers[0].name, "permessage-deflate");
//! assert_eq!(offers[0].parameters[0], ("server_max_window_bits".to_owned(), Some("10".to_owned())));
//! assert_eq!(offers[1].to_string(), "other");
//! ```

use std::fmt;

use crate::handshake::is_token;

/// One extension, offered or granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// A registered token: `permessage-deflate`.
    pub name: String,
    /// Names, and values where there are any, in their order.
    pub parameters: Vec<(String, Option<String>)>,
}

impl Extension {
    /// An extension with no parameters yet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            parameters: Vec::new(),
        }
    }

    /// The same extension with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<String>) -> Self {
        self.parameters.push((name.to_owned(), value));
        self
    }

    /// Reads the value of a `Sec-WebSocket-Extensions` header; `None` if it breaks the grammar, and then the
    /// connection has to be failed.
    #[must_use]
    pub fn parse_list(text: &str) -> Option<Vec<Self>> {
        // Even a value in quotes has to be a token, so that a comma or semicolon always separates.
        let members = text.split(',').map(str::trim).filter(|member| !member.is_empty());
        members.map(Self::parse).collect()
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(';').map(str::trim);
        let name = words.next().filter(|name| is_token(name))?;
        let mut extension = Self::new(name);
        for word in words {
            let (name, value) = match word.split_once('=') {
                Some((name, value)) => (name.trim_end(), Some(unquoted(value.trim_start())?)),
                None => (word, None),
            };
            if !is_token(name) {
                return None;
            }
            extension = extension.with(name, value);
        }
        Some(extension)
    }
}

/// A token, or a token in quotes, without them.
fn unquoted(value: &str) -> Option<String> {
    let value = match value.strip_prefix('"') {
        Some(value) => value.strip_suffix('"')?.replace('\\', ""),
        None => value.to_owned(),
    };
    is_token(&value).then_some(value)
}

impl fmt::Display for Extension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (name, value) in &self.parameters {
            match value {
                Some(value) => write!(f, "; {name}={value}")?,
                None => write!(f, "; {name}")?,
            }
        }
        Ok(())
    }
}
