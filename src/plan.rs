//! The difference between artifacts and machine, as data.

mod step;

pub use step::{Action, Effect, Step};
