//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use hostwright::artifact::SHORTEST_WATCH;
use hostwright::plan::{Deferral, Terms};
use hostwright::value::{CredentialName, Harm, ItemName, TimeSpan};

mod format;
mod unit;
mod version;

pub(crate) use format::{Colour, Format};
pub(crate) use unit::{LoginArguments, UnitCommand};
pub(crate) use version::Version;

/// One TOML file for a hypervisor host: compiled, planned, applied without breaking a BGP session.
#[derive(Debug, Parser)]
#[command(name = "hostwright", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Work on a directory tree instead of the machine: kernel and daemons are left alone
    #[arg(long, global = true, value_name = "DIR", default_value = "/")]
    pub(crate) root: PathBuf,
    /// How to print
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
    /// When to colour
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto)]
    pub(crate) color: Colour,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look at the host and write a spec that says the same
    Init {
        /// File to write, `-` for standard output [default: /etc/hostwright/host.toml below the root]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Say everything that is wrong with a spec
    Check {
        #[command(flatten)]
        spec: SpecArgument,
        /// Check every host of a directory, its files `*.toml`, and compare the hosts
        #[arg(long, value_name = "DIR", conflicts_with_all = ["spec", "fix"])]
        fleet: Option<PathBuf>,
        /// Write what is certainly meant into the files; of `-` the text goes to standard output
        #[arg(long)]
        fix: bool,
    },
    /// Write a spec and the files it includes as usual: keys in order, spacing alike, comments kept and in columns
    ///
    /// Tables stay in the order in which they stand: who grouped them by topic finds them so. A table inside of another,
    /// like `[domain.web1.disk.root]`, is put behind it. Keys on both sides of an empty line keep their order, too.
    Fmt {
        #[command(flatten)]
        spec: SpecArgument,
        /// Put tables in the order of the language, too: host, safety, links, storage, guests. Not where comments that
        /// stand alone divide the text
        #[arg(long)]
        by_kind: bool,
        /// Write nothing, show what would change and exit with 3
        #[arg(long)]
        check: bool,
    },
    /// Write every artifact of a spec below a directory, and remove what an earlier build wrote there and this one does not
    Build {
        #[command(flatten)]
        spec: SpecArgument,
        /// Build every host of a directory, its files `*.toml`, each below a directory of the file's name
        #[arg(long, value_name = "DIR", conflicts_with = "spec")]
        fleet: Option<PathBuf>,
        /// Directory to write; made where it is missing, else empty or written by a build
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Say what an apply would do, and what it would disturb
    Plan {
        #[command(flatten)]
        spec: SpecArgument,
        /// Store the plan for `apply --plan`
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// Exit with 3 when there are changes
        #[arg(long)]
        exit_code: bool,
        #[command(flatten)]
        acceptance: Acceptance,
    },
    /// Bring the host to what a spec says, or take everything back
    Apply {
        #[command(flatten)]
        spec: SpecArgument,
        /// Apply this stored plan; refused when spec or machine have changed since
        #[arg(long, value_name = "FILE")]
        plan: Option<PathBuf>,
        #[command(flatten)]
        consent: Consent,
    },
    /// Keep the change that waits for it, said over a new connection
    Confirm {
        /// Take this connection, which may be older than the change
        #[arg(long)]
        same_connection: bool,
    },
    /// Return to a generation, or to the one before
    Rollback {
        /// Number of a generation, as `history` lists it [default: the one applied before the present one]
        generation: Option<u64>,
        #[command(flatten)]
        consent: Consent,
    },
    /// Mark a link, network or guest that was there before as hostwright's, and change nothing else
    Adopt {
        /// `vlan.storage`, `network.guests`, `domain.web1`
        #[arg(value_name = "KIND.NAME")]
        thing: String,
        #[command(flatten)]
        spec: SpecArgument,
    },
    /// Say what the host runs, what waits for a boot, and how the last apply ended
    Status,
    /// List the generations, or say everything of one
    History {
        /// Number of a generation
        generation: Option<u64>,
    },
    /// Compare two specs, or one with what is applied: their texts, every artifact, and what would happen
    Diff {
        /// The older one: number of a generation, or a file
        from: Version,
        /// The newer one [default: what is applied]
        to: Option<Version>,
        /// Exit with 3 when they do not make the same
        #[arg(long)]
        exit_code: bool,
    },
    /// Draw a host: links, sessions, targets, disks, mounts, networks, guests, containers, and what comes after what
    Graph(SpecArgument),
    /// Say whose a process is: which container or domain, and where the spec describes it
    Who {
        /// Process; without one, all containers and domains with CPU, memory and IO of one second
        pid: Option<u32>,
    },
    /// Explain a key, a kind or the code of an error
    Explain {
        /// `domain.disk.cache`, `vlan`, `vlan-id`
        #[arg(required_unless_present = "list", value_name = "KEY|CODE")]
        word: Option<String>,
        /// Print all keys, one a line
        #[arg(long, conflicts_with = "word")]
        list: bool,
    },
    /// Print a page on every key as Markdown
    Reference {
        /// Specs to take examples from
        #[arg(value_name = "SPEC")]
        specs: Vec<PathBuf>,
    },
    /// Print a JSON Schema of the spec, for editors
    Schema,
    /// Do to networkd what systemd refuses to do here
    #[command(subcommand)]
    Networkd(NetworkdCommand),
    /// Look at iSCSI targets
    #[command(subcommand)]
    Iscsi(IscsiCommand),
    /// Keep secrets where only units read them
    #[command(subcommand)]
    Secret(SecretCommand),
    /// Put hostwright's units and generator in place, for a host without a package
    Install,
    /// Print a script for the shell's completion
    Completions {
        /// Shell to complete for
        shell: clap_complete::Shell,
    },
    /// What units call
    #[command(hide = true, subcommand)]
    Unit(UnitCommand),
}

/// The spec to read.
#[derive(Debug, Clone, Args)]
pub(crate) struct SpecArgument {
    /// Spec, `-` for standard input [default: /etc/hostwright/host.toml below the root]
    pub(crate) spec: Option<PathBuf>,
}

/// How much is agreed to.
#[derive(Debug, Clone, Args)]
pub(crate) struct Consent {
    /// Do not ask; needed where no terminal can be asked
    #[arg(long)]
    pub(crate) yes: bool,
    /// Take everything back unless `hostwright confirm` comes in this time, like `5min`
    #[arg(long, value_name = "TIME", value_parser = confirm_time)]
    pub(crate) confirm: Option<TimeSpan>,
    /// Why, for the history
    #[arg(short, long, value_name = "TEXT", value_parser = line)]
    pub(crate) message: Option<String>,
    #[command(flatten)]
    pub(crate) acceptance: Acceptance,
}

/// What becomes of what has no harmless way.
#[derive(Debug, Clone, Args)]
pub(crate) struct Acceptance {
    /// Accept what has no harmless way for the next boot
    #[arg(long)]
    pub(crate) at_boot: bool,
    /// Take over links that files in /etc/systemd/network configure, and change nothing
    #[arg(long, conflicts_with = "at_boot")]
    pub(crate) take_over: bool,
    /// What may be disturbed beside what the spec allows: links, routes, sessions, storage, containers, guests
    #[arg(long, value_name = "HARM", value_delimiter = ',')]
    pub(crate) allow: Vec<Harm>,
}

impl Acceptance {
    /// Returns what was agreed to.
    pub(crate) fn terms(&self) -> Terms {
        let deferral = match self {
            Self { take_over: true, .. } => Deferral::TakeOver,
            Self { at_boot: true, .. } => Deferral::AtBoot,
            _ => Deferral::Stop,
        };
        Terms { deferral, allow: self.allow.iter().copied().collect() }
    }
}

/// What to do with networkd.
#[derive(Debug, Subcommand)]
pub(crate) enum NetworkdCommand {
    /// Restart it where that disturbs no more than is allowed, and say what was lost
    Restart {
        /// What may be disturbed beside what the spec allows
        #[arg(long, value_name = "HARM", value_delimiter = ',')]
        allow: Vec<Harm>,
    },
}

/// What to do with iSCSI targets.
#[derive(Debug, Subcommand)]
pub(crate) enum IscsiCommand {
    /// Say which sessions there are, and which disks they bring
    Status {
        /// Name of an `[iscsi.NAME]` [default: all]
        name: Option<ItemName>,
    },
    /// Have the kernel ask a target for its disks
    Rescan {
        /// Name of an `[iscsi.NAME]`
        name: ItemName,
    },
}

/// What to do with secrets.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Store a secret from the terminal or standard input as an encrypted credential
    Set {
        /// Name of the credential, as the spec has it
        name: CredentialName,
    },
}

/// Reads a line of the history.
fn line(text: &str) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err("it is one line of the history, without control characters".to_owned());
    }
    Ok(text.to_owned())
}

/// Reads the time of a confirm window.
fn confirm_time(text: &str) -> Result<TimeSpan, String> {
    let time: TimeSpan = text.parse()?;
    if time.seconds() < SHORTEST_WATCH {
        return Err(format!("{time} is too short to look at anything: at least {SHORTEST_WATCH} s"));
    }
    Ok(time)
}
