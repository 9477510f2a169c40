//! What a step does not do though it was planned: somebody came to use it since.

use hostwright::observed::UnitState;
use hostwright::value::{InterfaceName, UnitName};

use super::real::Real;
use crate::failure::Failure;

impl Real {
    /// Refuses to delete a link on which somebody else built one, which would go along and which nothing brings back.
    pub(super) fn refuse_to_take_along(&self, name: &InterfaceName) -> Result<(), Failure> {
        let mut built = self.ports.netlink.going_along(name)?;
        let ours = |name: &str| {
            [&self.former, &self.new].iter().any(|it| it.links().any(|it| it.name.as_str() == name))
        };
        built.retain(|it| !ours(it));
        if built.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("delete link {name}"), format!("{} is built on it", built.join(", "))))
    }

    /// Refuses to stop an automount whose file system is mounted: systemd would detach it under its users.
    pub(super) fn refuse_to_detach(&self, name: &UnitName) -> Result<(), Failure> {
        let Some(mount) = name.triggered_mount() else { return Ok(()) };
        let states = self.ports.systemd.states(std::slice::from_ref(&mount))?;
        match states.get(&mount) {
            Some(UnitState::Active | UnitState::Changing) => {
                Err(Failure::new(format!("stop {name}"), "its file system is mounted"))
            }
            _ => Ok(()),
        }
    }

    /// Refuses to stop the login of a target whose disks somebody uses: the session would stay, and nobody would know.
    pub(super) fn refuse_to_log_out(&self, name: &UnitName) -> Result<(), Failure> {
        let targets = self.former.targets().chain(self.new.targets());
        let Some(target) = targets.into_iter().find(|it| it.unit == *name) else { return Ok(()) };
        let users = crate::machine::iscsi::logout::users_of(&target.iqn)?;
        if users.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("stop {name}"), format!("its disks are in use: {}", users.join("; "))))
    }
}
