//! How commands print, and when they colour.

use std::io::IsTerminal;

use clap::ValueEnum;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One line a finding
    Short,
    /// For programs; has a `format-version`
    Json,
    /// For graphviz: `graph` alone, whose text it is
    Dot,
    /// For Mermaid: `graph` alone
    Mermaid,
}

impl Format {
    /// Says whether only a graph is printed so.
    pub(crate) const fn is_of_graphs(self) -> bool {
        matches!(self, Self::Dot | Self::Mermaid)
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Colour {
    /// Says whether standard error, where diagnostics go, is coloured.
    pub(crate) fn is_on(self) -> bool {
        self.is_on_at(|| std::io::stderr().is_terminal())
    }

    /// Says whether standard output is coloured.
    pub(crate) fn is_on_output(self) -> bool {
        self.is_on_at(|| std::io::stdout().is_terminal())
    }

    fn is_on_at(self, is_terminal: impl Fn() -> bool) -> bool {
        match self {
            Self::Auto => is_terminal() && std::env::var_os("NO_COLOR").is_none(),
            Self::Always => true,
            Self::Never => false,
        }
    }
}
