//! What stands behind a backslash in double quotes.

/// What an escape stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// This character.
    Character(char),
    /// The character with the number that follows, in so many hexadecimal digits.
    Code { digits: usize },
}

/// The escape with this letter behind its backslash; none where there is no such escape. A line break is not here.
pub(super) fn escape(letter: char) -> Option<Escape> {
    Some(Escape::Character(match letter {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        ' ' | '"' | '\'' | '\\' => letter,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' => return Some(Escape::Code { digits: 2 }),
        'u' => return Some(Escape::Code { digits: 4 }),
        'U' => return Some(Escape::Code { digits: 8 }),
        _ => return None,
    }))
}

impl Escape {
    /// The character with a hexadecimal number.
    pub(super) fn decode(digits: &str) -> Option<char> {
        let hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| hexadecimal)?)
    }
}
