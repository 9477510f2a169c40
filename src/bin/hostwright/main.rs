//! The command line.

mod machine;

fn main() {}
