//! The tool of step 3.
#![forbid(unsafe_code)]
fn main() {}
