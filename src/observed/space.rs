//! Names of other network namespaces: by what an administrator knows them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Another network namespace of the host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Space {
    /// It has a name in `/run/netns`. ip-netns(8).
    Named(String),
    /// It is a container's.
    Container {
        /// Word of what runs it; absent: systemd-nspawn, or nobody knows.
        runtime: Option<String>,
        /// Its name, or as much of its number as its runtime shows.
        name: String,
    },
    /// Processes of a unit of systemd are in it.
    Unit(String),
    /// A process is in it that belongs to no unit of its own.
    Process {
        /// Number of the process; of several, the first that was found.
        pid: u32,
        /// Name of its program. `comm`, proc(5).
        command: String,
    },
    /// No process is in it: a mount keeps it.
    Mounted(String),
}

impl fmt::Display for Space {
    /// Writes it on one line: a process gives itself its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => write!(f, "the network namespace `{}`", shown(name)),
            Self::Container { runtime, name } => {
                let runtime = runtime.as_ref().map_or_else(String::new, |it| format!("{it} "));
                write!(f, "the network namespace of {}container `{}`", shown(&runtime), shown(name))
            }
            Self::Unit(name) => write!(f, "the network namespace of `{}`", shown(name)),
            Self::Process { pid, command } => {
                write!(f, "the network namespace of process {pid} (`{}`)", shown(command))
            }
            Self::Mounted(place) => {
                write!(f, "the network namespace mounted on `{}`", shown(place))
            }
        }
    }
}

/// Escapes what would break the line or command the terminal.
fn shown(text: &str) -> String {
    let escaped = |it: char| if it.is_control() { it.escape_default().to_string() } else { it.to_string() };
    text.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_cannot_break_the_line_that_names_it() {
        let space = Space::Process { pid: 7, command: "a\n\u{1b}[2Jb".to_owned() };
        assert_eq!(space.to_string(), "the network namespace of process 7 (`a\\n\\u{1b}[2Jb`)");
        let container = |runtime: Option<&str>| {
            Space::Container { runtime: runtime.map(str::to_owned), name: "web".to_owned() }.to_string()
        };
        assert_eq!(container(Some("LXC")), "the network namespace of LXC container `web`");
        assert_eq!(container(None), "the network namespace of container `web`");
    }
}
