//! x
mod failure;
mod machine;
fn main() {}
