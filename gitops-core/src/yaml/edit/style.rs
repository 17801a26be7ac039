//! When a scalar may stay plain, and how it is written when it may not.
//!
//! A value that any reader of YAML 1.1 or 1.2 could take for a number, a boolean, a null or a date gets quotes.
//! This is wider than any single reader on purpose: a commit SHA such as `12e4567` is a float to one reader and
//! a string to the next, and the same file is read by both.

use super::layout::Style;

/// Where a scalar stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Context {
    /// In block style.
    Block,
    /// In brackets or braces.
    Flow,
    /// In brackets or braces of a document that is JSON: everything is quoted.
    Json,
}

/// Words that YAML 1.1 or 1.2 reads as null, boolean, infinity, merge or default value.
const WORDS: &[&str] = &[
    "", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", "yes", "Yes", "YES",
    "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF", "y", "Y", "n", "N", "=", "<<", ".inf", ".Inf",
    ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN", ".NAN",
];

/// Whether every reader takes this plain scalar for a string.
pub fn can_only_be_a_string(text: &str) -> bool {
    !WORDS.contains(&text) && !is_number(text) && !is_timestamp(text)
}

/// The scalar as a new value: plain where that is safe, in double quotes where not.
pub fn render_scalar(text: &str, context: Context) -> String {
    let plain = match context {
        Context::Block => fits_plain(text, false),
        Context::Flow => fits_plain(text, true),
        Context::Json => false,
    };
    if plain && can_only_be_a_string(text) { text.to_owned() } else { double_quoted(text) }
}

/// The scalar in the style of the value that it replaces: quotes stay, a plain value stays plain where it can.
pub fn render_in_style(text: &str, style: Style, context: Context) -> String {
    match style {
        Style::Plain | Style::Block => render_scalar(text, context),
        Style::SingleQuoted if !text.contains(is_unprintable) => format!("'{}'", text.replace('\'', "''")),
        Style::SingleQuoted | Style::DoubleQuoted => double_quoted(text),
    }
}

fn double_quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if is_unprintable(other) => {
                // None of them lies outside of the basic plane.
                let code = format!("\\u{:04x}", u32::from(other));
                out.push_str(&code);
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether YAML's grammar lets this text stand without quotes.
fn fits_plain(text: &str, flow: bool) -> bool {
    let mut characters = text.chars();
    let (first, second) = (characters.next(), characters.next());
    let blank_or_bracket = |next: Option<char>| {
        next.is_none_or(|next| next == ' ' || flow && matches!(next, ',' | '[' | ']' | '{' | '}'))
    };
    let starts_well = match first {
        None => false,
        Some('-' | '?' | ':') => !blank_or_bracket(second),
        Some(first) => !matches!(
            first,
            ',' | '['
                | ']'
                | '{'
                | '}'
                | '#'
                | '&'
                | '*'
                | '!'
                | '|'
                | '>'
                | '\''
                | '"'
                | '%'
                | '@'
                | '`'
                | ' '
        ),
    };
    starts_well
        && !text.ends_with([' ', ':'])
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.contains(is_unprintable)
        && !text.contains(": ")
        && !text.contains(" #")
        && !(flow && text.contains([',', '[', ']', '{', '}']))
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    is_prefixed_integer(digits) || is_float(digits) || is_base_sixty(digits)
}

/// `0x1F`, `0o17`, `0b101`, with `_` between the digits.
fn is_prefixed_integer(text: &str) -> bool {
    let (rest, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (text.get(2..), 16),
        [b'0', b'o' | b'O', ..] => (text.get(2..), 8),
        [b'0', b'b' | b'B', ..] => (text.get(2..), 2),
        _ => return false,
    };
    rest.is_some_and(|rest| {
        rest.contains(|c: char| c.is_digit(radix)) && rest.chars().all(|c| c.is_digit(radix) || c == '_')
    })
}

/// Decimal integers and floats: `12`, `1_000`, `1.`, `.5`, `1e3`, `12e4567`.
fn is_float(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let starts = |part: &str| part.starts_with(|first: char| first.is_ascii_digit());
    let mantissa_fits =
        digits(whole) && digits(fraction) && (starts(whole) || whole.is_empty() && starts(fraction));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        starts(exponent) && digits(exponent)
    });
    mantissa_fits && exponent_fits
}

/// `190:20:30` and `190:20:30.15`, as YAML 1.1 has them.
fn is_base_sixty(text: &str) -> bool {
    let whole = match text.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') => {
            whole
        }
        Some(_) => return false,
        None => text,
    };
    let mut parts = whole.split(':');
    let first = parts.next().unwrap_or_default();
    let first_fits = first.starts_with(|c: char| c.is_ascii_digit())
        && first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let mut rest = parts.peekable();
    first_fits
        && rest.peek().is_some()
        && rest.all(|part| matches!(part.as_bytes(), [b'0'..=b'9'] | [b'0'..=b'5', b'0'..=b'9']))
}

/// `2024-01-31`, and with a time behind it.
fn is_timestamp(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(year_end) = bytes.iter().position(|byte| *byte == b'-') else { return false };
    let mut rest = match bytes.split_at_checked(year_end) {
        Some((year, rest)) if year.len() == 4 && year.iter().all(u8::is_ascii_digit) => rest,
        Some(_) | None => return false,
    };
    for _ in 0..2 {
        rest = match rest {
            [b'-', a, b, tail @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => tail,
            [b'-', a, tail @ ..] if a.is_ascii_digit() => tail,
            _ => return false,
        };
    }
    match rest {
        [] => true,
        [b't' | b'T' | b' ' | b'\t', time @ ..] => {
            time.iter().all(|byte| byte.is_ascii_digit() || b":.+-Zz \t".contains(byte))
                && time.contains(&b':')
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Context, can_only_be_a_string, render_scalar};

    #[test]
    fn what_some_reader_takes_for_something_else_is_not_a_string() {
        for text in [
            "",
            "~",
            "null",
            "y",
            "No",
            "ON",
            "off",
            "=",
            "<<",
            "12",
            "-12",
            "+1_000",
            "0123456",
            "0888888",
            "0x1F",
            "0o12345",
            "0b10101",
            "190:20:30",
            "1.20",
            "1.",
            ".5",
            "1e3",
            "12e4567",
            "00e0000",
            "1234e56",
            "-1.5E+3",
            ".inf",
            "-.Inf",
            ".NaN",
            "2024-01-31",
            "2024-1-5",
            "2024-01-31T10:00:00Z",
        ] {
            assert!(!can_only_be_a_string(text), "{text}");
        }
    }

    #[test]
    fn ordinary_tags_are_strings() {
        for text in [
            "a3f2c1b",
            "e123456",
            "123456e",
            "0b10102",
            "1.2.3",
            "v1.10",
            "1.25.3-alpine",
            "latest",
            "yEs",
            "nO",
            "2024-01-31-rc",
            "2024-01",
            "sha256:1234",
            "0x",
            "0xg",
            "1e",
            "_1",
            "12-34",
            "-",
            "e",
            "1e3e4",
        ] {
            assert!(can_only_be_a_string(text), "{text}");
        }
    }

    #[test]
    fn grammar_asks_for_quotes_too() {
        for (text, expected) in [
            ("a b", "a b"),
            ("a: b", "\"a: b\""),
            ("a:", "\"a:\""),
            ("a #b", "\"a #b\""),
            ("*a", "\"*a\""),
            ("-a", "-a"),
            ("- a", "\"- a\""),
            ("a\nb\"\\\u{7}", "\"a\\nb\\\"\\\\\\u0007\""),
            ("a,b", "a,b"),
        ] {
            assert_eq!(render_scalar(text, Context::Block), expected);
        }
        assert_eq!(render_scalar("a,b", Context::Flow), "\"a,b\"");
        assert_eq!(render_scalar("a", Context::Json), "\"a\"");
    }
}
