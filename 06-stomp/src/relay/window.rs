//! Back-pressure between two connections: whoever does not read makes the other one wait, and nothing piles up.
//!
//! Each side may have so much on its way through the other side, and no more. The other says what has left; until then
//! nothing more is read, and TCP's own flow control tells whoever sends.

/// How much may be on its way from one side to the other, in bytes.
pub(super) const WINDOW: usize = 256 * 1024;

/// So much is worth a word, in bytes: to say it of every piece would be many words.
const WORTH_A_WORD: usize = WINDOW / 4;

/// What this side has given to the other, and has not heard of again.
#[derive(Debug, Default)]
pub(super) struct UnderWay(usize);

impl UnderWay {
    pub(super) fn gave(&mut self, bytes: usize) {
        self.0 += bytes;
    }

    pub(super) fn taken(&mut self, bytes: usize) {
        self.0 = self.0.saturating_sub(bytes);
    }

    /// Whether nothing more may be read for now.
    pub(super) fn is_full(&self) -> bool {
        self.0 >= WINDOW
    }
}

/// What the other side has given to this one, and has not been told that it left.
#[derive(Debug, Default)]
pub(super) struct Owed(usize);

/// What to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// Tell the other side that so much has left.
    Taken(usize),
    /// Ask to be told when what waits has left.
    Wait,
    /// Nothing, so far.
    None,
}

impl Owed {
    pub(super) fn got(&mut self, bytes: usize) {
        self.0 += bytes;
    }

    /// What is to be said, while so much waits in the socket's queue.
    pub(super) fn word(&mut self, queued: usize) -> Word {
        match (self.0 >= WORTH_A_WORD, queued >= WORTH_A_WORD) {
            (true, true) => Word::Wait,
            (true, false) => Word::Taken(std::mem::take(&mut self.0)),
            (false, _) => Word::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_gives_too_much_waits_until_it_has_left() {
        let (mut under_way, mut owed) = (UnderWay::default(), Owed::default());
        under_way.gave(WINDOW);
        owed.got(WINDOW);
        assert!(under_way.is_full());
        assert_eq!(owed.word(WINDOW), Word::Wait);
        let Word::Taken(taken) = owed.word(0) else {
            unreachable!("all of it has left");
        };
        under_way.taken(taken);
        assert!(!under_way.is_full());
        owed.got(1);
        assert_eq!(owed.word(0), Word::None);
    }
}
