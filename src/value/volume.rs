//! LVM volumes.

use super::{AbsolutePath, Refusal, TextValue, checked_text};

fn volume(text: &str) -> Result<(), Refusal> {
    let word = |part: &str| {
        part.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '_')
            && part.chars().all(|it| it.is_ascii_alphanumeric() || "_.+-".contains(it))
    };
    match text.split_once('/') {
        Some((group, name)) if word(group) && word(name) => Ok(()),
        _ => Err(format!("`{text}` is not an LVM volume: its group and its name, like `vg_san/web1`")),
    }
}

checked_text!(
    /// Logical volume as `group/volume`, lvm(8).
    Volume, "an LVM volume, like \"vg_san/web1\"" ~ r"^[A-Za-z0-9_][A-Za-z0-9_.+-]*/[A-Za-z0-9_][A-Za-z0-9_.+-]*$", volume,
    |text| {
        let name = text.trim().strip_prefix("/dev/")?;
        let of_others = ["mapper/", "md/", "disk/"].iter().any(|it| name.starts_with(it));
        (!of_others).then(|| name.to_owned())
    }
);

impl Volume {
    /// Returns the volume group.
    #[must_use]
    pub fn group(&self) -> &str {
        self.as_str().split('/').next().unwrap_or_default()
    }

    /// Returns the device path: `/dev/group/volume`.
    ///
    /// # Panics
    /// Never: a volume's words are a path's.
    #[must_use]
    pub fn device(&self) -> AbsolutePath {
        AbsolutePath::parse(&format!("/dev/{self}")).expect("a volume's words make a normal path")
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn volumes() {
        check::<Volume>("vg_san/ct_web-01", Ok("vg_san/ct_web-01"));
        check::<Volume>("vg_san", Err("is not an LVM volume"));
        check::<Volume>("a/b/c", Err("is not an LVM volume"));
        check::<Volume>("../b", Err("is not an LVM volume"));
    }
}
