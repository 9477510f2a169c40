//! Names of containers.

use super::{Refusal, checked_text};

/// Longest name: it becomes a part of unit names and of a host name.
const LONGEST: usize = 40;

fn machine_name(text: &str) -> Result<(), Refusal> {
    if text.is_empty() || text.chars().count() > LONGEST {
        let length = text.chars().count();
        return Err(format!("name `{text}` has {length} characters, 1 to {LONGEST} are allowed"));
    }
    if let Some(found) = text.chars().find(|it| !it.is_ascii_alphanumeric() && *it != '-') {
        return Err(format!(
            "container name `{}` has {found:?}, allowed are letters, digits and `-`",
            text.escape_debug()
        ));
    }
    if text.starts_with('-') || text.ends_with('-') {
        return Err(format!("name `{text}` begins or ends with `-`"));
    }
    Ok(())
}

checked_text!(
    /// Name of a container, its host name too: 1 to 40 letters, digits and `-`.
    MachineName, "a name, like \"ci1\"" ~ r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$", machine_name
);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn machine_names() {
        check::<MachineName>("web-01", Ok("web-01"));
        check::<MachineName>("web_01", Err("has '_'"));
        check::<MachineName>("web.", Err("has '.'"));
        check::<MachineName>("-web", Err("begins or ends"));
        check::<MachineName>("", Err("1 to 40"));
    }
}
