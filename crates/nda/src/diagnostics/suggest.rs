//! "Did you mean": the nearest known name by edit distance.

/// Names longer than this get no suggestion, which bounds the work.
const LONGEST: usize = 32;

/// The candidate nearest to `name`, if one is near enough to be a slip of the pen: a third of its letters.
pub(crate) fn nearest<'c>(name: &str, candidates: &mut dyn Iterator<Item = &'c str>) -> Option<&'c str> {
    let allowed = (name.len() / 3).max(1);
    candidates
        .filter(|candidate| candidate.len().abs_diff(name.len()) <= allowed)
        .filter_map(|candidate| Some((distance(name.as_bytes(), candidate.as_bytes())?, candidate)))
        .filter(|&(distance, _)| distance > 0 && distance <= allowed)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Edits (insert, delete, replace, swap of neighbours) from `a` to `b`: the restricted Damerau-Levenshtein distance.
/// `None` for long names.
fn distance(a: &[u8], b: &[u8]) -> Option<usize> {
    if a.len() > LONGEST || b.len() > LONGEST {
        return None;
    }
    // Rows of the edit matrix: the one before the last, the last, and the one being filled.
    let mut rows = [[0; LONGEST + 1]; 3];
    rows[1] = core::array::from_fn(|column| column);
    for (i, &from) in a.iter().enumerate() {
        rows[2][0] = i + 1;
        for (j, &to) in b.iter().enumerate() {
            let replace = rows[1][j] + usize::from(from != to);
            let mut best = replace.min(rows[1][j + 1] + 1).min(rows[2][j] + 1);
            if i > 0 && j > 0 && from == b[j - 1] && a[i - 1] == to {
                best = best.min(rows[0][j - 1] + 1);
            }
            rows[2][j + 1] = best;
        }
        rows.rotate_left(1);
    }
    Some(rows[1][b.len()])
}
