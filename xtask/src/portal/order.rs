//! In which order a module's functions compress best: each beside the one that it has most in common with. Instances of
//! the same generic function stand together so, and brotli names what repeats by a short distance. No instruction
//! depends on the order.

use std::collections::BTreeMap;

/// How many bytes in a row count as something in common.
const ROW: usize = 4;
/// Rows that more functions than this have say nothing about any two of them.
const COMMON: usize = 400;

/// The order, as indices of `bodies`: from the largest on, always to the most similar of those left.
pub(crate) fn similar_together(bodies: &[&[u8]]) -> Vec<usize> {
    let rows: Vec<Vec<&[u8]>> = bodies
        .iter()
        .map(|body| {
            let mut rows: Vec<_> = body.windows(ROW).collect();
            rows.sort_unstable();
            rows.dedup();
            rows
        })
        .collect();
    let mut having: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (index, rows) in rows.iter().enumerate() {
        for row in rows {
            having.entry(row).or_default().push(index);
        }
    }
    having.retain(|_, functions| (2..=COMMON).contains(&functions.len()));

    let mut by_size: Vec<usize> = (0..bodies.len()).collect();
    by_size.sort_by_key(|index| std::cmp::Reverse(bodies[*index].len()));
    let mut by_size = by_size.into_iter();
    let mut is_left = vec![true; bodies.len()];
    let mut in_common = vec![0_usize; bodies.len()];
    let mut order: Vec<usize> = Vec::with_capacity(bodies.len());
    let mut next = by_size.next();
    while let Some(current) = next {
        is_left[current] = false;
        order.push(current);
        let mut touched = Vec::new();
        for function in rows[current].iter().filter_map(|row| having.get(row)).flatten() {
            if is_left[*function] {
                if in_common[*function] == 0 {
                    touched.push(*function);
                }
                in_common[*function] += 1;
            }
        }
        // Shares are compared as fractions; of equals the first wins, so that every build is the same.
        let share = |function: usize| (in_common[function], rows[current].len() + rows[function].len());
        let best = touched.iter().copied().max_by(|one, other| {
            let ((a, of_a), (b, of_b)) = (share(*one), share(*other));
            (a * of_b).cmp(&(b * of_a)).then(one.cmp(other))
        });
        touched.into_iter().for_each(|function| in_common[function] = 0);
        next = best.or_else(|| by_size.find(|index| is_left[*index]));
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_alike_beside_alike() {
        let bodies: [&[u8]; 5] = [b"abcdefgh-12345", b"zyxwvuts", b"", b"_abcdefgh-1234", b"zyxwvuts!"];
        assert_eq!(similar_together(&bodies), [0, 3, 4, 1, 2]);
        assert_eq!(similar_together(&[]), [0_usize; 0]);
    }
}
