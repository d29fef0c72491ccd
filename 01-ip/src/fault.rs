//! What is wrong with a text that means to be an address.

use std::fmt;
use std::net::Ipv4Addr;

/// What is wrong with the text of an IPv4 address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ipv4Fault {
    /// An octet holds 0 to 255.
    TooLarge {
        /// The octet as written.
        octet: String,
    },
    /// Some systems read a leading zero as octal.
    LeadingZero {
        /// The octet as written.
        octet: String,
        /// What a system that knows octal makes of the whole.
        old: Option<Ipv4Addr>,
    },
    /// There are four octets, no fewer and no more.
    Count {
        /// How many there are.
        count: usize,
        /// What the oldest readers make of fewer.
        old: Option<Ipv4Addr>,
    },
    /// Hexadecimal is for the oldest readers only.
    Hexadecimal {
        /// What they make of it.
        old: Option<Ipv4Addr>,
    },
    /// Two dots in a row, or one at an end.
    EmptyOctet,
    /// A character that is no digit.
    NotADigit {
        /// The octet as written.
        octet: String,
    },
}

impl Ipv4Fault {
    pub(crate) fn of(text: &str) -> Self {
        let old = as_the_oldest_readers_do(text);
        let octets: Vec<&str> = text.split('.').collect();
        if octets.iter().any(|octet| octet.is_empty()) {
            return Self::EmptyOctet;
        }
        if octets
            .iter()
            .any(|octet| octet.starts_with("0x") || octet.starts_with("0X"))
        {
            return Self::Hexadecimal { old };
        }
        if let Some(octet) = first(&octets, |octet| !octet.bytes().all(|byte| byte.is_ascii_digit())) {
            return Self::NotADigit { octet };
        }
        if octets.len() != 4 {
            let count = octets.len();
            return Self::Count { count, old };
        }
        match first(&octets, |octet| octet.len() > 1 && octet.starts_with('0')) {
            Some(octet) => Self::LeadingZero { octet, old },
            None => Self::TooLarge {
                octet: first(&octets, |octet| octet.parse::<u8>().is_err()).unwrap_or_default(),
            },
        }
    }
}

fn first(octets: &[&str], is_bad: impl Fn(&str) -> bool) -> Option<String> {
    octets
        .iter()
        .find(|octet| is_bad(octet))
        .map(|&octet| octet.to_owned())
}

/// The reading of C's `inet_aton`: one to four numbers, decimal, octal (0…) or hexadecimal (0x…), the last of
/// which fills all the octets that remain.
fn as_the_oldest_readers_do(text: &str) -> Option<Ipv4Addr> {
    let numbers = text.split('.').map(c_number).collect::<Option<Vec<u32>>>()?;
    let (&last, firsts) = numbers.split_last()?;
    let free_bits = 32_usize.checked_sub(8 * firsts.len()).filter(|&bits| bits > 0)?;
    if firsts.iter().any(|&number| number > 255) || u64::from(last) >= 1 << free_bits {
        return None;
    }
    let high = firsts
        .iter()
        .fold(0, |high, &number| high << 8 | u64::from(number));
    u32::try_from(high << free_bits | u64::from(last))
        .ok()
        .map(Ipv4Addr::from_bits)
}

fn c_number(text: &str) -> Option<u32> {
    if let Some(digits) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u32::from_str_radix(digits, 16).ok();
    }
    match text.strip_prefix('0') {
        Some(digits) if !digits.is_empty() => u32::from_str_radix(digits, 8).ok(),
        _ => text.parse().ok(),
    }
}

impl fmt::Display for Ipv4Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { octet } => write!(out, "its octet {octet} is larger than 255"),
            Self::LeadingZero {
                octet,
                old: Some(old),
            } => write!(
                out,
                "its octet {octet} begins with a zero, and some systems read that as octal, which makes {old}; \
                 write it without the zero"
            ),
            Self::LeadingZero { octet, old: None } => {
                write!(
                    out,
                    "its octet {octet} begins with a zero, which some systems read as octal; write it without"
                )
            }
            Self::Count { count, old } => {
                let octets = if *count == 1 { "octet" } else { "octets" };
                write!(out, "it has {count} {octets} and needs four")?;
                reading(out, *old)
            }
            Self::Hexadecimal { old } => {
                write!(
                    out,
                    "it is written in hexadecimal and should be four decimal octets"
                )?;
                reading(out, *old)
            }
            Self::EmptyOctet => write!(out, "a number is missing beside a dot"),
            Self::NotADigit { octet } => write!(out, "{octet:?} is not a decimal number from 0 to 255"),
        }
    }
}

fn reading(out: &mut fmt::Formatter<'_>, old: Option<Ipv4Addr>) -> fmt::Result {
    match old {
        Some(old) => write!(
            out,
            "; some systems read it as {old}, so write that if you mean it"
        ),
        None => Ok(()),
    }
}

/// What is wrong with the text of an IPv6 address.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ipv6Fault {
    /// There are eight hextets, or fewer and `::`.
    Count {
        /// How many there are.
        count: usize,
        /// Whether `::` stands for some.
        compressed: bool,
    },
    /// `::` may stand for zeros once; twice would leave open how many each stands for.
    TwoGaps,
    /// A hextet has at most four hexadecimal digits.
    Hextet {
        /// The hextet as written.
        hextet: String,
    },
    /// A single colon at an end.
    LooseColon,
    /// The IPv4 address at the end is wrong.
    Tail(Ipv4Fault),
    /// `%` without a zone after it, or after an IPv4 address.
    Zone,
}

impl Ipv6Fault {
    pub(crate) fn of(text: &str) -> Self {
        if text.matches("::").count() > 1 || text.contains(":::") {
            return Self::TwoGaps;
        }
        let compressed = text.contains("::");
        let pieces: Vec<&str> = text.split(':').filter(|piece| !piece.is_empty()).collect();
        let loose = |ends: bool, doubled: bool| ends && !doubled;
        if loose(text.starts_with(':'), text.starts_with("::"))
            || loose(text.ends_with(':'), text.ends_with("::"))
        {
            return Self::LooseColon;
        }
        let (tail, hextets) = match pieces.split_last() {
            Some((tail, hextets)) if tail.contains('.') => (Some(*tail), hextets),
            _ => (None, pieces.as_slice()),
        };
        let is_bad = |piece: &str| piece.len() > 4 || !piece.bytes().all(|byte| byte.is_ascii_hexdigit());
        if let Some(hextet) = first(hextets, is_bad) {
            return Self::Hextet { hextet };
        }
        match tail {
            Some(tail) if tail.parse::<Ipv4Addr>().is_err() => Self::Tail(Ipv4Fault::of(tail)),
            _ => Self::Count {
                count: hextets.len() + if tail.is_some() { 2 } else { 0 },
                compressed,
            },
        }
    }
}

impl fmt::Display for Ipv6Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count {
                count,
                compressed: true,
            } => {
                write!(
                    out,
                    "it has {count} hextets, and :: needs room for one more within eight"
                )
            }
            Self::Count { count: 1, .. } => {
                write!(out, "it has 1 hextet and needs eight, or :: for zeros left out")
            }
            Self::Count { count, .. } => {
                write!(
                    out,
                    "it has {count} hextets and needs eight, or fewer and :: for zeros left out"
                )
            }
            Self::TwoGaps => write!(
                out,
                ":: may stand in it once, or nobody knows how many zeros each one means"
            ),
            Self::Hextet { hextet } => write!(out, "{hextet:?} is not one to four hexadecimal digits"),
            Self::LooseColon => write!(out, "it begins or ends with a single colon"),
            Self::Tail(fault) => write!(out, "in its IPv4 part, {fault}"),
            Self::Zone => write!(
                out,
                "after % comes the zone of an IPv6 address, as in fe80::1%eth0"
            ),
        }
    }
}

/// What is wrong with the text after the slash.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PrefixFault {
    /// Longer than the address.
    TooLong {
        /// The longest prefix: 32 or 128.
        longest: u8,
    },
    /// Not a number of bits.
    NotANumber {
        /// What stands there.
        text: String,
    },
    /// `/08`.
    LeadingZero,
    /// A wildcard where a mask belongs.
    Wildcard {
        /// The mask that this is the wildcard of.
        mask: Ipv4Addr,
    },
    /// A mask with zeros among its ones.
    Holes {
        /// The mask.
        mask: Ipv4Addr,
    },
}

impl PrefixFault {
    pub(crate) fn not_a_number(text: &str) -> Self {
        Self::NotANumber {
            text: text.to_owned(),
        }
    }
}

impl fmt::Display for PrefixFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { longest } => {
                let version = if *longest == 32 { 4 } else { 6 };
                write!(out, "an IPv{version} prefix is 0 to {longest} bits long")
            }
            Self::NotANumber { text } if text.is_empty() => {
                write!(out, "a number of bits must follow the slash")
            }
            Self::NotANumber { text } => write!(out, "{text:?} is neither a number of bits nor a mask"),
            Self::LeadingZero => write!(out, "write it without the leading zero"),
            Self::Wildcard { mask } => write!(
                out,
                "that is a wildcard, the mask upside down; the mask is {mask}"
            ),
            Self::Holes { mask } => write!(out, "{mask} is not a mask: a mask is ones and then zeros"),
        }
    }
}
