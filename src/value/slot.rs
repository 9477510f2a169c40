//! Device names of disks in a guest.

use super::{Refusal, checked_text};

fn slot(text: &str) -> Result<(), Refusal> {
    let letters = text.strip_prefix("vd").unwrap_or("");
    let good = (1..=2).contains(&letters.len()) && letters.bytes().all(|it| it.is_ascii_lowercase());
    if good { Ok(()) } else { Err(format!("`{text}` is not a virtio disk name, `vda` to `vdzz`")) }
}

checked_text!(
    /// Name that a virtio disk has in a guest: `vda` to `vdzz`. libvirt's `target/@dev`.
    Slot, "a virtio disk name, like \"vda\"", slot
);

impl Slot {
    /// Iterates over all names in the kernel's order: `vda` … `vdz`, `vdaa` … `vdzz`.
    pub fn all() -> impl Iterator<Item = Self> {
        let one = ('a'..='z').map(|last| format!("vd{last}"));
        let two = ('a'..='z').flat_map(|first| ('a'..='z').map(move |last| format!("vd{first}{last}")));
        one.chain(two).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn slots() {
        check::<Slot>("vda", Ok("vda"));
        check::<Slot>("vdzz", Ok("vdzz"));
        check::<Slot>("sda", Err("vda"));
        check::<Slot>("vd", Err("vda"));
        assert_eq!(Slot::all().nth(26).map(|it| it.to_string()).as_deref(), Some("vdaa"));
    }
}
