//! The tool of step 1.
#![forbid(unsafe_code)]
fn main() {}
