//! What units call: hidden from people.

use clap::{Args, Subcommand};
use hostwright::value::{Iqn, ItemName, Lun, Portal, Wwn};

use crate::machine::iscsi::record::ChapFrom;

/// What units call.
#[derive(Debug, Subcommand)]
pub(crate) enum UnitCommand {
    /// Run the steps of the journal
    Execute,
    /// End an apply whose executor is gone
    Undo {
        /// Stop the executor first
        #[arg(long)]
        stop: bool,
        /// Generation that it is for: the apply of another one is left alone
        #[arg(long)]
        generation: Option<u64>,
    },
    /// End an apply that a reset tore, after libvirt has started and before any guest
    Recover,
    /// Start a guest
    StartDomain {
        /// Name of the domain
        name: String,
    },
    /// Bring about the session to an iSCSI target
    IscsiLogin(LoginArguments),
    /// End the session to an iSCSI target whose disks nobody uses
    IscsiLogout {
        /// Name of the target
        #[arg(long)]
        target: Iqn,
    },
    /// End sessions of others whose disks nobody uses, when open-iscsi.service stops
    OpenIscsiStop,
    /// Compare the name of an iSCSI disk with the spec's
    LunCheck {
        /// Target and number
        lun: Lun,
        /// Name of the target
        #[arg(long)]
        target: Iqn,
        /// Name of the disk
        #[arg(long)]
        wwn: Wwn,
    },
}

/// What a login unit knows.
#[derive(Debug, Args)]
pub(crate) struct LoginArguments {
    /// Name of the table
    pub(crate) name: ItemName,
    /// Name of the target
    #[arg(long)]
    pub(crate) target: Iqn,
    /// Portals in the order in which they are tried
    #[arg(long = "portal", required = true)]
    pub(crate) portals: Vec<Portal>,
    /// Own name
    #[arg(long)]
    pub(crate) initiator: Option<Iqn>,
    /// Credential and name, divided by `:`
    #[arg(long)]
    pub(crate) chap: Option<ChapFrom>,
    /// Credential and name of the target, divided by `:`
    #[arg(long)]
    pub(crate) mutual_chap: Option<ChapFrom>,
    /// Seconds
    #[arg(long)]
    pub(crate) replacement_timeout: u32,
    /// Seconds
    #[arg(long)]
    pub(crate) login_timeout: u32,
    /// Seconds
    #[arg(long)]
    pub(crate) noop_out_interval: u32,
    /// Seconds
    #[arg(long)]
    pub(crate) noop_out_timeout: u32,
}
