//! Keys of `[iscsi.NAME]`.

use crate::keys;
use crate::value::{CredentialName, Iqn, Portal, TimeSpan, UserName};

keys! {
    /// `[iscsi.NAME]`: an iSCSI target with one session, over the first portal that answers.
    pub struct IscsiSpec {
        /// Name of the target. `node.name` of open-iscsi.
        #[also("iqn", "target-name")]
        required target: Iqn,
        /// Portals of the target, in the order in which they are tried. `node.conn[0].address` of open-iscsi.
        #[also("portal", "address", "addresses")]
        list portals: Portal,
        /// How the initiator proves who it is. `node.session.auth.username` of open-iscsi.
        ///
        /// Absent: the target asks nobody.
        #[may_hold(secret)]
        optional chap: ChapSpec,
        /// How the target proves who it is. `node.session.auth.username_in` of open-iscsi.
        ///
        /// Absent: it is believed. Needs `chap`.
        #[may_hold(secret)]
        optional mutual_chap: ChapSpec,
        /// How long commands wait for a lost session before they fail. `replacement_timeout` of open-iscsi.
        ///
        /// Guests see an error of their disk afterwards, and most make their file systems read-only. A longer time
        /// keeps them waiting, and whoever shuts the host down, too.
        default replacement_timeout: TimeSpan = "\"2min\"",
        /// How long a login may take. `login_timeout` of open-iscsi.
        default login_timeout: TimeSpan = "\"15s\"",
        /// How often an idle session is tried; `0s`: never. `noop_out_interval` of open-iscsi.
        default noop_out_interval: TimeSpan = "\"5s\"",
        /// How long the answer to such a trial may take. `noop_out_timeout` of open-iscsi.
        default noop_out_timeout: TimeSpan = "\"5s\"",
    }
}

keys! {
    /// A name and where its secret is. The secret itself is never in a spec.
    pub struct ChapSpec {
        /// Name that is shown.
        #[also("username")]
        required user: UserName,
        /// Credential with the secret: `hostwright secret set NAME` stores it in `/etc/credstore.encrypted`.
        /// `LoadCredentialEncrypted=`, systemd.exec(5).
        #[unlike(
            "password" => "no secret stands in a spec: `hostwright secret set NAME` stores one, `credential` names it",
            "secret" => "no secret stands in a spec: `hostwright secret set NAME` stores one, `credential` names it"
        )]
        #[may_hold(secret)]
        required credential: CredentialName,
    }
}
