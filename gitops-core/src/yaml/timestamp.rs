//! Timestamps as go-yaml reads them and Go's JSON writes them.

use smol_str::{SmolStr, format_smolstr};

/// The RFC 3339 form of `text`, if go-yaml takes it for a timestamp: `2001-12-14T21:59:43.10-05:00`,
/// `2001-12-14 21:59:43.10` or `2001-12-14`; all but the year may have one digit for two.
pub(super) fn rfc3339(text: &str) -> Option<SmolStr> {
    let bytes = text.as_bytes();
    if !bytes.iter().take(4).all(u8::is_ascii_digit) || bytes.get(4) != Some(&b'-') {
        return None;
    }
    let mut cursor = Cursor { rest: bytes.get(5..)? };
    let year: u16 = text.get(..4)?.parse().ok()?;
    let month = cursor.number(1..=12)?;
    cursor.skip(b'-')?;
    let day = cursor.number(1..=days_in(year, month))?;
    let date = format_smolstr!("{year:04}-{month:02}-{day:02}");
    let zoned = match cursor.rest {
        [] => return Some(format_smolstr!("{date}T00:00:00Z")),
        [b'T' | b't', ..] => true,
        [b' ', ..] => false,
        _ => return None,
    };
    cursor.rest = cursor.rest.get(1..)?;
    let time = cursor.time()?;
    let zone = if zoned { cursor.zone()? } else { SmolStr::new_static("Z") };
    cursor.rest.is_empty().then(|| format_smolstr!("{date}T{time}{zone}"))
}

fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn skip(&mut self, byte: u8) -> Option<()> {
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    /// One or two digits.
    fn number(&mut self, range: std::ops::RangeInclusive<u8>) -> Option<u8> {
        let (value, rest) = match self.rest {
            [a, b, rest @ ..] if a.is_ascii_digit() && b.is_ascii_digit() => {
                ((a - b'0') * 10 + (b - b'0'), rest)
            }
            [a, rest @ ..] if a.is_ascii_digit() => (a - b'0', rest),
            _ => return None,
        };
        self.rest = rest;
        range.contains(&value).then_some(value)
    }

    /// Hour, minute, second and a fraction, which Go cuts at nine digits and prints without trailing zeros.
    fn time(&mut self) -> Option<SmolStr> {
        let hour = self.number(0..=23)?;
        self.skip(b':')?;
        let minute = self.number(0..=59)?;
        self.skip(b':')?;
        let second = self.number(0..=59)?;
        let time = format_smolstr!("{hour:02}:{minute:02}:{second:02}");
        let [b'.' | b',', fraction @ ..] = self.rest else { return Some(time) };
        let count = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return Some(time);
        }
        self.rest = fraction.get(count..)?;
        let digits = str::from_utf8(fraction.get(..count.min(9))?).ok()?.trim_end_matches('0');
        Some(if digits.is_empty() { time } else { format_smolstr!("{time}.{digits}") })
    }

    fn zone(&mut self) -> Option<SmolStr> {
        let (sign, digits) = match self.rest {
            [b'Z', rest @ ..] => {
                self.rest = rest;
                return Some(SmolStr::new_static("Z"));
            }
            [sign @ (b'+' | b'-'), a, b, b':', c, d, rest @ ..] => {
                self.rest = rest;
                (char::from(*sign), [*a, *b, *c, *d])
            }
            _ => return None,
        };
        let [a, b, c, d] = digits.map(|digit| digit.checked_sub(b'0').filter(|digit| *digit <= 9));
        let (hour, minute) = (a? * 10 + b?, c? * 10 + d?);
        match (hour, minute) {
            (0, 0) => Some(SmolStr::new_static("Z")),
            (0..=23, 0..=60) => Some(format_smolstr!("{sign}{hour:02}:{minute:02}")),
            _ => None,
        }
    }
}
