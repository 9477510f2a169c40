//! Names of tables that are not interfaces.

use super::{Refusal, checked_text};

/// Longest name: it becomes a part of unit names and of libvirt's socket paths.
const LONGEST: usize = 40;

fn item_name(text: &str) -> Result<(), Refusal> {
    let allowed = |it: char| it.is_ascii_alphanumeric() || "._-".contains(it);
    if text.is_empty() || text.chars().count() > LONGEST {
        let length = text.chars().count();
        return Err(format!("name `{text}` has {length} characters, 1 to {LONGEST} are allowed"));
    }
    if let Some(found) = text.chars().find(|it| !allowed(*it)) {
        return Err(format!(
            "name `{}` has {found:?}, allowed are letters, digits and `._-`",
            text.escape_debug()
        ));
    }
    if !text.starts_with(|it: char| it.is_ascii_alphanumeric()) {
        return Err(format!("name `{text}` does not begin with a letter or digit"));
    }
    Ok(())
}

checked_text!(
    /// Name of a domain, network, mount, disk …: 1 to 40 letters, digits and `._-`.
    ItemName, "a name, like \"web1\"" ~ r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", item_name
);

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    #[test]
    fn item_names() {
        check::<ItemName>("web1", Ok("web1"));
        check::<ItemName>("a b", Err("has ' '"));
        check::<ItemName>("..", Err("does not begin"));
        check::<ItemName>("", Err("1 to 40"));
    }
}
