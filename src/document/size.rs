//! Sizes in bytes as text.

/// Reads a size such as `64KiB`, `16MiB` or `1GiB`. A bare number is refused: the unit is part of the value.
///
/// # Errors
/// A sentence that says what is wrong and shows a right form.
pub fn parse_size(text: &str) -> Result<usize, String> {
    let wrong =
        || format!("'{text}' is not a size; write a number and a unit, as in '64KiB' or '16MiB'");
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: usize = text[..text.len() - unit.len()]
        .parse()
        .map_err(|_| wrong())?;
    let bytes: usize = match unit.trim_start() {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return Err(wrong()),
    };
    number.checked_mul(bytes).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units() {
        assert_eq!(parse_size("16MiB"), Ok(16 << 20));
        assert_eq!(parse_size("1 KiB"), Ok(1024));
        for wrong in ["", "16", "MiB", "16MB", "-1B", "1.5MiB", "99999999999GiB"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
