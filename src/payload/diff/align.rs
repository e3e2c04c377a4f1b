//! Which items of two lists belong together. The `similar` crate finds what is the same.

use std::hash::Hash;

use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The places of items in the old and the new list that are the same or stand alone, in order.
pub(super) fn align<T: Eq + Hash>(old: &[T], new: &[T]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut steps = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        let (was, is) = (op.old_range(), op.new_range());
        if matches!(op, DiffOp::Equal { .. }) {
            steps.extend(was.map(Some).zip(is.map(Some)));
        } else {
            steps.extend(was.map(|at| (Some(at), None)));
            steps.extend(is.map(|at| (None, Some(at))));
        }
    }
    steps
}

/// The same, but what went and came at the same place belongs together too.
pub(super) fn paired<T: Eq + Hash>(old: &[T], new: &[T]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut steps = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, old, new) {
        let (mut was, mut is) = (op.old_range(), op.new_range());
        for _ in 0..was.len().max(is.len()) {
            steps.push((was.next(), is.next()));
        }
    }
    steps
}
