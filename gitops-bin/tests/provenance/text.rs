//! Whether a text holds the value of a scalar at a byte, by the letters alone and without a reader of YAML.

/// Whether what is written at `offset` reads `value`, white space aside.
pub(crate) fn reads(text: &str, offset: usize, value: &str) -> bool {
    let Some(mut rest) = text.get(offset..) else { return false };
    // Anchors and tags stand before the value.
    while rest.starts_with(['&', '!']) {
        let Some((_, after)) = rest.split_once(char::is_whitespace) else { return value.is_empty() };
        rest = after.trim_start();
    }
    match rest.chars().next() {
        Some('|' | '>') => {
            let (_, lines) = rest.split_once('\n').unwrap_or_default();
            starts_with(lines.chars(), value)
        }
        Some('\'') => starts_with(rest.replacen('\'', "", 1).replace("''", "'").chars(), value),
        Some('"') if starts_with(unescape(rest.get(1..).unwrap_or_default()).chars(), value) => true,
        _ => starts_with(rest.chars(), value) || same_number(rest, value) || is_null(rest, value),
    }
}

fn starts_with(written: impl Iterator<Item = char>, value: &str) -> bool {
    let mut written = written.filter(|c| !c.is_whitespace());
    value.chars().filter(|c| !c.is_whitespace()).all(|c| written.next() == Some(c))
}

/// A number may be spelt anew: `1e3`, `0x10`.
fn same_number(rest: &str, value: &str) -> bool {
    let word = rest.split([' ', '\n', '\r', ',', ']', '}']).next().unwrap_or_default();
    let number = |text: &str| match text.strip_prefix('0').filter(|rest| !rest.is_empty()) {
        // As in YAML 1.1, a leading zero is octal.
        Some(octal) if octal.bytes().all(|byte| byte.is_ascii_digit()) => {
            u32::from_str_radix(octal, 8).ok().map(f64::from)
        }
        Some(_) | None => text.replace('_', "").parse().ok(),
    };
    number(word).is_some() && number(word) == number(value)
}

fn is_null(rest: &str, value: &str) -> bool {
    let is_blank = rest.is_empty() || rest.starts_with(char::is_whitespace);
    value == "null" && (is_blank || rest.starts_with(['~', '"']))
}

/// What stands between double quotes, up to the closing one.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => {
                let code = |characters: &mut std::str::Chars<'_>, digits| {
                    let digits: String = characters.take(digits).collect();
                    u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32)
                };
                match characters.next() {
                    Some('n' | 't' | 'r' | 'N' | '_' | 'L' | 'P' | 'v' | 'f') | None => {}
                    Some('x') => out.extend(code(&mut characters, 2)),
                    Some('u') => out.extend(code(&mut characters, 4)),
                    Some('U') => out.extend(code(&mut characters, 8)),
                    Some('0') => out.push('\0'),
                    Some('a') => out.push('\u{7}'),
                    Some('b') => out.push('\u{8}'),
                    Some('e') => out.push('\u{1b}'),
                    Some(other) => out.push(other),
                }
            }
            other => out.push(other),
        }
    }
    out
}

#[test]
fn what_is_written_is_compared_by_its_letters() {
    for (text, value) in [
        ("a b # c", "a b"),
        ("'it''s'", "it's"),
        (r#""a\n\"b\u0041""#, "a\n\"bA"),
        ("|-\n    x: 1\n    y\n", "x: 1\ny"),
        ("&a !!str x", "x"),
        ("1e3,", "1000"),
        ("0755", "493"),
        ("~", "null"),
    ] {
        assert!(reads(text, 0, value), "{text}");
    }
    for (text, value) in [("a", "b"), ("'a'", "ab"), ("|\n  x", "xy"), ("7", "8")] {
        assert!(!reads(text, 0, value), "{text}");
    }
}
