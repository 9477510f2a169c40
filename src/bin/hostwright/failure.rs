//! What a port could not do, and why.

use std::fmt;

/// An attempt and the cause that ended it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    what: String,
    cause: String,
}

impl Failure {
    /// Names an attempt and its cause.
    pub(crate) fn new(what: impl Into<String>, cause: impl fmt::Display) -> Self {
        let cause = cause.to_string();
        // The number says nothing that the words before it do not.
        let words = cause.rfind(" (os error ").map_or(cause.as_str(), |at| &cause[..at]);
        Self { what: what.into(), cause: words.to_owned() }
    }

    /// Says it as what ended something bigger; an attempt of the same name is said once.
    pub(crate) fn ending(&self, whole: impl fmt::Display) -> String {
        let whole = whole.to_string();
        if self.what == whole { self.to_string() } else { format!("{whole}: {self}") }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.cause)
    }
}

impl std::error::Error for Failure {}

/// Turns errors of others into failures.
pub(crate) trait During<T> {
    /// Names what was attempted when the error came.
    ///
    /// # Errors
    /// The error it was called on, with the attempt.
    fn during(self, what: impl FnOnce() -> String) -> Result<T, Failure>;
}

impl<T, E: fmt::Display> During<T> for Result<T, E> {
    fn during(self, what: impl FnOnce() -> String) -> Result<T, Failure> {
        self.map_err(|cause| Failure::new(what(), cause))
    }
}

#[cfg(test)]
mod tests {
    use super::Failure;

    #[test]
    fn the_number_of_an_error_is_left_out() {
        let failure = Failure::new("read a", std::io::Error::from_raw_os_error(2));
        assert_eq!(failure.to_string(), "read a: No such file or directory");
    }

    #[test]
    fn an_attempt_is_said_once() {
        let failure = Failure::new("start a.mount", "busy");
        assert_eq!(failure.ending("start a.mount"), "start a.mount: busy");
        assert_eq!(failure.ending("load units"), "load units: start a.mount: busy");
    }
}
