//! The sizes in which a stream really arrives: one entry for each pull.
//!
//! Nothing is repeated until complete here, because the single calls are what is looked at.

use std::time::Duration;

use tcp_socket::{Deadline, Stream};

use crate::Error;

/// What one pull brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// How many bytes.
    pub bytes: usize,
    /// When it was there, counted from the first call.
    pub at: Duration,
}

/// Pulls into `buffer` until `most` bytes have come or the peer closes, and notes what each call brought.
///
/// # Errors
///
/// [`Error::Stopped`] if a call fails. What came before it is in `arrivals`.
pub fn pull_and_note(
    stream: &mut impl Stream,
    buffer: &mut [u8],
    most: usize,
    deadline: impl Into<Deadline>,
    arrivals: &mut Vec<Arrival>,
) -> Result<(), Error> {
    let deadline = deadline.into();
    let mut moved = 0;
    while moved < most {
        let room = buffer.len().min(most - moved);
        let bytes = stream
            .pull(&mut buffer[..room], deadline)
            .map_err(|source| Error::Stopped { moved, source })?;
        if bytes == 0 {
            break;
        }
        moved += bytes;
        let at = deadline.elapsed();
        arrivals.push(Arrival { bytes, at });
    }
    Ok(())
}

/// Many arrivals in a few numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// All bytes.
    pub bytes: usize,
    /// The fewest bytes that one pull brought.
    pub smallest: usize,
    /// Half of the pulls brought no more than this.
    pub median: usize,
    /// The most bytes that one pull brought.
    pub largest: usize,
    /// How many pulls brought 1 byte, 2 to 3, 4 to 7, and so on: the first size of each class, and the count.
    pub classes: Vec<(usize, usize)>,
}

impl Summary {
    /// Sums up; `None` if nothing arrived.
    #[must_use]
    pub fn of(arrivals: &[Arrival]) -> Option<Self> {
        let mut sizes: Vec<usize> = arrivals.iter().map(|arrival| arrival.bytes).collect();
        sizes.sort_unstable();
        let (smallest, largest) = (*sizes.first()?, *sizes.last()?);
        let mut classes: Vec<(usize, usize)> = Vec::new();
        for size in &sizes {
            // The largest power of two that is not over the size. An arrival has at least one byte.
            let first = 1 << size.ilog2();
            match classes.last_mut() {
                Some((class, count)) if *class == first => *count += 1,
                _ => classes.push((first, 1)),
            }
        }
        Some(Self {
            bytes: sizes.iter().sum(),
            smallest,
            median: sizes[(sizes.len() - 1) / 2],
            largest,
            classes,
        })
    }
}
