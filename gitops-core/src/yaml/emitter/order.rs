//! The order in which go-yaml prints the keys of a mapping ("natural": `a2` before `a10`).

use std::cmp::Ordering;

use crate::yaml::node::Entry;

/// The entries of a mapping in printing order, or the key that is there twice.
///
/// Go-yaml's relation is not transitive (`1a` < `2` < `10` < `1a`), so its own result depends on a random map
/// order in such cases; here it depends on the keys alone.
pub(super) fn sorted(entries: &[Entry]) -> Result<Vec<&Entry>, &str> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    if !increases(&sorted, str::cmp) {
        sorted.sort_unstable_by(|a, b| a.key.text().cmp(b.key.text()));
        if let Some([first, _]) = sorted.array_windows().find(|[a, b]| a.key.text() == b.key.text()) {
            return Err(first.key.text());
        }
    }
    if !increases(&sorted, natural) {
        merge_sort(&mut sorted);
    }
    Ok(sorted)
}

fn increases(entries: &[&Entry], compare: impl Fn(&str, &str) -> Ordering) -> bool {
    entries.array_windows().all(|[a, b]| compare(a.key.text(), b.key.text()) == Ordering::Less)
}

/// Sorts by [`natural`]. The standard library's sorts may panic on a relation that is not an order.
fn merge_sort(entries: &mut Vec<&Entry>) {
    if entries.len() < 2 {
        return;
    }
    let mut right = entries.split_off(entries.len() / 2);
    merge_sort(entries);
    merge_sort(&mut right);
    let left = std::mem::take(entries);
    entries.reserve(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let next =
            if natural(b.key.text(), a.key.text()) == Ordering::Less { right.next() } else { left.next() };
        entries.extend(next);
    }
    entries.extend(left);
    entries.extend(right);
}

/// Go-yaml's order of two keys: at the first difference, letters stand after everything else, letters go by
/// code point, and a run of digits goes by its value.
fn natural(a: &str, b: &str) -> Ordering {
    let mut same = 0;
    let mut rest = (a.chars(), b.chars());
    let (x, y) = loop {
        let (before_a, before_b) = rest.clone();
        match (rest.0.next(), rest.1.next()) {
            (Some(x), Some(y)) if x == y => same += x.len_utf8(),
            (Some(x), Some(y)) => {
                rest = (before_a, before_b);
                break (x, y);
            }
            (Some(_), None) => return Ordering::Greater,
            (None, Some(_)) => return Ordering::Less,
            (None, None) => return Ordering::Equal,
        }
    };
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => x.cmp(&y),
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let start =
                i64::from((x == '0' || y == '0') && ends_in_a_number(a.get(..same).unwrap_or_default()));
            let (first, second) = (digits(rest.0.as_str(), start), digits(rest.1.as_str(), start));
            first.cmp(&second).then(x.cmp(&y))
        }
    }
}

/// Whether a run of digits that is not all zeros stands at the end.
fn ends_in_a_number(text: &str) -> bool {
    text.bytes().rev().take_while(u8::is_ascii_digit).any(|digit| digit != b'0')
}

/// The value of the digits at the start of `text` (it wraps, as in Go) after a leading `start`, and their count.
fn digits(text: &str, start: i64) -> (i64, usize) {
    text.bytes().take_while(u8::is_ascii_digit).fold((start, 0), |(value, count), digit| {
        (value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0')), count + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::Node;

    #[test]
    fn keys_are_printed_in_natural_order() {
        let wanted = ["_u", "9", "10", "B", "a", "a1", "a2", "a10", "ab"];
        let mut mixed = wanted;
        mixed.sort_unstable();
        mixed.rotate_left(4);
        let mapping = Node::mapping(mixed.map(|key| (key, Node::null())));
        let keys: Vec<&str> =
            sorted(mapping.entries()).expect("no duplicates").iter().map(|entry| entry.key.text()).collect();
        assert_eq!(keys, wanted);
    }
}
