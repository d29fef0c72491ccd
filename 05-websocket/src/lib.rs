//! Step.
#![forbid(unsafe_code)]
