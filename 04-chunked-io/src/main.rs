//! The tool of step 4.
#![forbid(unsafe_code)]
fn main() {}
