//! Disks of a SAN: by number, and by the name that the disk itself has.

use std::fmt;

use super::{AbsolutePath, ItemName, Refusal, TextValue, by_text, checked_text};

/// Largest number in the addressing that every target speaks, SAM-5 section 4.7.7.
const LARGEST: u16 = 16383;

/// A disk by its target's table and its number: `san1/3`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lun {
    /// Name of the `[iscsi.NAME]`.
    pub target: ItemName,
    /// Logical unit number.
    pub number: u16,
}

impl TextValue for Lun {
    const FORM: &'static str = "a target and a number, like \"san1/3\"";
    const PATTERN: &'static str = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}/[0-9]{1,5}$";

    fn parse(text: &str) -> Result<Self, Refusal> {
        let refusal =
            || format!("`{text}` is not a disk of an `[iscsi.NAME]`: its name and a number, like `san1/3`");
        let (target, number) = text.split_once('/').ok_or_else(refusal)?;
        let digits = number.bytes().all(|it| it.is_ascii_digit());
        let number = number.parse().ok().filter(|it| digits && *it <= LARGEST).ok_or_else(refusal)?;
        Ok(Self { target: ItemName::parse(target)?, number })
    }
}

impl fmt::Display for Lun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.target, self.number)
    }
}

by_text!(Lun);

fn wwn(text: &str) -> Result<(), Refusal> {
    let hexadecimal = |part: &str| part.bytes().all(|it| it.is_ascii_digit() || (b'a'..=b'f').contains(&it));
    let fits = match text.split_once('.') {
        Some(("naa", digits)) => matches!(digits.len(), 16 | 32) && hexadecimal(digits),
        Some(("eui", digits)) => matches!(digits.len(), 16 | 24 | 32) && hexadecimal(digits),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    Err(format!(
        "`{text}` is neither `naa.` with 16 or 32 hexadecimal digits nor `eui.` with 16, 24 or 32, in small letters"
    ))
}

checked_text!(
    /// World wide name of a disk as `/sys/block/DISK/device/wwid` shows it, SPC-4 section 7.8.6.
    Wwn, "a world wide name, like \"naa.6001405a0b1c2d3e4f5061728394a5b6\"", wwn,
    |text| Some(text.trim().to_ascii_lowercase()),
    |text| {
        let digits = text.trim().to_ascii_lowercase();
        Some(format!("naa.{}", digits.trim_start_matches("/dev/disk/by-id/").trim_start_matches("wwn-").trim_start_matches("0x")))
    }
);

impl Wwn {
    /// Returns the link that udev makes for a disk of this name.
    ///
    /// # Panics
    /// Never: a name's characters are a path's.
    #[must_use]
    pub fn device(&self) -> AbsolutePath {
        let digits = self.as_str().split_once('.').map_or(self.as_str(), |it| it.1);
        AbsolutePath::parse(&format!("/dev/disk/by-id/wwn-0x{digits}")).expect("digits make a normal path")
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn luns() {
        check::<Lun>("san1/3", Ok("san1/3"));
        check::<Lun>("san1/03", Ok("san1/3"));
        check::<Lun>("san1", Err("its name and a number"));
        check::<Lun>("san1/-1", Err("its name and a number"));
        check::<Lun>("san1/16384", Err("its name and a number"));
    }

    #[test]
    fn world_wide_names() {
        check::<Wwn>("naa.6001405a0b1c2d3e", Ok("naa.6001405a0b1c2d3e"));
        check::<Wwn>("naa.6001405A0b1c2d3e", Err("small letters"));
        check::<Wwn>("naa.6001405", Err("16 or 32"));
        check::<Wwn>("6001405a0b1c2d3e", Err("neither"));
        let name = Wwn::parse("naa.6001405a0b1c2d3e").expect("a name");
        assert_eq!(name.device().as_str(), "/dev/disk/by-id/wwn-0x6001405a0b1c2d3e");
    }
}
