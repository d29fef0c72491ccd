//! The tool of step 5.
#![forbid(unsafe_code)]
fn main() {}
