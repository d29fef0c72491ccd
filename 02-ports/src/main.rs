//! The tool of step 2.
#![forbid(unsafe_code)]
fn main() {}
