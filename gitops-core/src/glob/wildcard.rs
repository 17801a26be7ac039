//! Globs of names: `*` and `?`, which cross every character.

/// Whether the whole of `text` matches `pattern`: `*` stands for any run of characters, `?` for one.
///
/// Runs in time proportional to the product of both lengths at worst.
pub fn wildcard_match(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut from) = (0, 0);
    // What an earlier `*` takes cannot matter: only the last one is ever tried again.
    let mut star: Option<(usize, usize)> = None;
    while let Some(character) = text.get(at) {
        match pattern.get(from) {
            Some('*') => {
                star = Some((from, at));
                from += 1;
            }
            Some(wanted) if *wanted == '?' || wanted == character => (at, from) = (at + 1, from + 1),
            Some(_) | None => match star {
                Some((star_at, matched)) => {
                    star = Some((star_at, matched + 1));
                    (at, from) = (matched + 1, star_at + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(from).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_cross_everything() {
        let cases = [
            ("*", "a/b.c", true),
            ("argo*", "argoproj.io", true),
            ("*.io", "argoproj.io", true),
            ("a*b*c", "a-b-b-c", true),
            ("a?c", "a/c", true),
            ("", "", true),
            ("", "apps", false),
            ("a*b", "a-c", false),
            ("a?", "a", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(wildcard_match(pattern, text), expected, "{pattern} {text}");
        }
    }
}
