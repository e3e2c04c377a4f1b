//! Sixty-four bytes of JSON at once: where a string could end, and whether anything but printable ASCII is among them.
//! A step that waits for the step before is what costs in a scan; here no byte waits for another.

/// What a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// A bit for each quote, backslash and control, the first byte in the lowest; all set behind the end.
    pub(super) stops: u64,
    /// Whether there is a DEL or anything but ASCII.
    pub(super) odd: bool,
}

/// Looks at the block that starts here, as far as there is one.
#[inline(never)]
pub(super) fn look(bytes: &[u8], start: usize) -> Block {
    let rest = bytes.get(start..).unwrap_or_default();
    if let Some(block) = rest.first_chunk() {
        return classify(block);
    }
    let behind = u64::MAX << rest.len();
    let Some(block) = bytes.last_chunk() else {
        let mut padded = [b' '; 64];
        padded[..rest.len()].copy_from_slice(rest);
        let Block { stops, odd } = classify(&padded);
        let stops = stops | behind;
        return Block { stops, odd };
    };
    // The same bytes further up, with some before them; the shift is in two steps as it may be 64.
    let Block { stops, odd } = classify(block);
    let stops = stops >> (63 - rest.len()) >> 1 | behind;
    Block { stops, odd }
}

/// Written so that the compiler takes many bytes at a time: no branch, no early end.
#[inline]
fn classify(block: &[u8; 64]) -> Block {
    let (mut bits, mut odd) = ([0; 64], 0);
    for ((bit, byte), row) in bits.iter_mut().zip(block).zip(&ROWS) {
        let stop = matches!(*byte, 0..0x20 | b'"' | b'\\');
        *bit = if stop { *row } else { 0 };
        odd |= *byte | byte.wrapping_add(1);
    }
    let eights = bits.as_chunks().0.iter();
    let columns = eights.fold(0, |all, eight| all | u64::from_le_bytes(*eight));
    Block {
        stops: transposed(columns),
        odd: odd >= 0x80,
    }
}

/// A bit for each eight bytes.
const ROWS: [u8; 64] = {
    let mut rows = [0; 64];
    let mut place = 0;
    while place < 64 {
        rows[place] = 1 << (place / 8);
        place += 1;
    }
    rows
};

/// Eight bytes of eight bits with rows and columns exchanged (Hacker's Delight, section 7-3).
const fn transposed(bits: u64) -> u64 {
    let swap = (bits ^ (bits >> 7)) & 0x00aa_00aa_00aa_00aa;
    let bits = bits ^ swap ^ (swap << 7);
    let swap = (bits ^ (bits >> 14)) & 0x0000_cccc_0000_cccc;
    let bits = bits ^ swap ^ (swap << 14);
    let swap = (bits ^ (bits >> 28)) & 0x0000_0000_f0f0_f0f0;
    bits ^ swap ^ (swap << 28)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plainly(bytes: &[u8]) -> Block {
        let is_stop = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
        let bit = |place| u64::from(bytes.get(place).is_none_or(is_stop)) << place;
        Block {
            stops: (0..64).map(bit).sum(),
            odd: bytes.iter().any(|byte| *byte >= 0x7f),
        }
    }

    #[test]
    fn every_byte_is_told_apart_everywhere() {
        for byte in 0..=u8::MAX {
            for place in 0..64 {
                let mut block = [b'a'; 64];
                block[place] = byte;
                assert_eq!(look(&block, 0), plainly(&block), "{byte} at {place}");
            }
        }
    }

    proptest! {
        #[test]
        fn neighbours_do_not_matter(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for start in (0..=bytes.len()).step_by(64) {
                let block = &bytes[start..bytes.len().min(start + 64)];
                let found = look(&bytes, start);
                prop_assert_eq!(found.stops, plainly(block).stops);
                prop_assert!(found.odd || !plainly(block).odd);
            }
        }
    }
}
