//! Simulated prices: the feed that the lecture ends with, for anybody to play.
//!
//! Each price walks at random, a few *ticks* at a time, as prices on an exchange do. The steps are those of Korea's exchange:
//! the tick grows with the price, and no price leaves the 30 percent around its opening. The same seed gives the same
//! prices, on every machine.

use serde::{Deserialize, Serialize};

/// Where all prices come: one word behind it is the share.
pub const ALL: &str = "/topic/price.*";

/// How far a price may move in a day, in percent of its opening.
const DAILY_LIMIT: u64 = 30;

/// The most ticks of one step.
const MOST_TICKS: usize = 3;

/// The shares, each with a name for people and the price that it opens with, in won.
const SHARES: [(&str, &str, u64); 6] = [
    ("samsung", "Samsung Electronics", 71_300),
    ("hynix", "SK hynix", 181_500),
    ("hyundai", "Hyundai Motor", 243_500),
    ("naver", "NAVER", 188_200),
    ("kakao", "Kakao", 41_250),
    ("lg", "LG Electronics", 78_900),
];

/// A price at a moment: the body of a message, in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    /// The share, as in its destination.
    pub symbol: String,
    /// The share's name.
    pub name: String,
    /// In won.
    pub price: u64,
    /// Since the opening, in won.
    pub change: i64,
}

impl Quote {
    /// Where it is published.
    #[must_use]
    pub fn destination(&self) -> String {
        format!("/topic/price.{}", self.symbol)
    }
}

/// A day at the exchange: an iterator over prices, which never ends.
#[derive(Debug, Clone)]
pub struct Market {
    random: Random,
    prices: [u64; SHARES.len()],
}

impl Market {
    /// A day whose every price follows from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            random: Random(seed),
            prices: SHARES.map(|(_, _, opening)| opening),
        }
    }
}

impl Iterator for Market {
    type Item = Quote;

    fn next(&mut self) -> Option<Quote> {
        let share = self.random.below(SHARES.len());
        let (symbol, name, opening) = *SHARES.get(share)?;
        let price = self.prices.get_mut(share)?;
        let step = (1 + self.random.below(MOST_TICKS)) as u64 * tick(*price);
        let (lowest, highest) = (
            opening - opening * DAILY_LIMIT / 100,
            opening + opening * DAILY_LIMIT / 100,
        );
        let up = self.random.below(2) == 1;
        // At the limit the only way leads back.
        *price = match up {
            true if *price + step <= highest => *price + step,
            false if *price - step < lowest => *price + step,
            _ => *price - step,
        };
        Some(Quote {
            symbol: symbol.to_owned(),
            name: name.to_owned(),
            price: *price,
            change: price.cast_signed() - opening.cast_signed(),
        })
    }
}

/// The smallest step of a price: Korea Exchange, KOSPI market.
fn tick(price: u64) -> u64 {
    match price {
        0..2_000 => 1,
        2_000..5_000 => 5,
        5_000..20_000 => 10,
        20_000..50_000 => 50,
        50_000..200_000 => 100,
        200_000..500_000 => 500,
        _ => 1_000,
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): ten lines, the same numbers everywhere, and good for games only.
#[derive(Debug, Clone)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap_or_default()
    }
}
