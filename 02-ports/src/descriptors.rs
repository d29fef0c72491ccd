//! Descriptors: each open socket costs a process one of these, and the system gives out only so many.

/// How many descriptors this process may have open, after raising its own limit as far as the system lets it.
///
/// A shell usually starts programs with a low limit (256 on macOS, 1024 on Linux) that they may raise themselves.
pub fn raise_limit() -> usize {
    // A program that cannot raise its limit has to live with the smallest usual one.
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or(256);
    usize::try_from(limit).unwrap_or(usize::MAX)
}
