//! Colour for the parts of an address; on a pipe `anstream` takes it out again.

use anstyle::{AnsiColor, Style};
use ip::bits::Part;

pub(crate) const STRONG: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();

fn style(part: Part) -> Style {
    match part {
        Part::Network => AnsiColor::Cyan.on_default(),
        Part::Subnet => AnsiColor::Yellow.on_default(),
        Part::Host => AnsiColor::Green.on_default(),
    }
}

/// The text in the colour of each character's part, as the letters tell: `n`, `s`, `h`.
pub(crate) fn by_letters(text: &str, letters: &str) -> String {
    let mut painted = String::new();
    for (character, letter) in text.chars().zip(letters.chars()) {
        match [Part::Network, Part::Subnet, Part::Host]
            .into_iter()
            .find(|part| part.letter() == letter)
        {
            Some(part) => {
                let style = style(part);
                painted.push_str(&format!("{style}{character}{style:#}"));
            }
            None => painted.push(character),
        }
    }
    painted
}
