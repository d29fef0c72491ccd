//! The tool of step 6.
#![forbid(unsafe_code)]
fn main() {}
