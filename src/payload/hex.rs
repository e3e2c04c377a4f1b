//! Bytes as hexadecimal.

/// Two digits a byte, without spaces.
pub fn digits(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves
        .map(|half| char::from(DIGITS[usize::from(half)]))
        .collect()
}

/// Rows of so many bytes, at least one: offset, hexadecimal, and what is printable of them.
pub fn rows(bytes: &[u8], per_row: usize) -> impl Iterator<Item = String> + '_ {
    let per_row = per_row.max(1);
    let digits_width = per_row * 3 - 1;
    bytes.chunks(per_row).enumerate().map(move |(row, chunk)| {
        let digits: Vec<String> = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
        let shown: String = chunk.iter().copied().map(printable).collect();
        let digits = digits.join(" ");
        format!("{:06x}  {digits:<digits_width$}  {shown}", row * per_row)
    })
}

fn printable(byte: u8) -> char {
    if byte.is_ascii_graphic() {
        char::from(byte)
    } else {
        '.'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_safely() {
        assert_eq!(digits(b"\0\xffA"), "00ff41");
        let wanted = "000000  00 ff 41                                         ..A";
        assert_eq!(rows(b"\0\xffA", 16).collect::<Vec<_>>(), [wanted]);
        let wanted = ["000000  1b 5b  .[", "000002  32     2"];
        assert_eq!(rows(b"\x1b[2", 2).collect::<Vec<_>>(), wanted);
    }
}
