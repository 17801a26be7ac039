//! Numbers as Go reads and writes them.

use smol_str::{SmolStr, format_smolstr};

/// Reads an integer as go-yaml does: decimal, `0x`, `0b`, `0o`, a leading zero as octal, `_` anywhere.
/// Nothing outside `i64` and `u64` is an integer.
pub(super) fn parse_integer(text: &str) -> Option<i128> {
    let plain = without_underscores(text);
    let plain: &str = &plain;
    let (negative, digits) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain.strip_prefix('+').unwrap_or(plain)),
    };
    let magnitude = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => unsigned(digits.get(2..)?, 16),
        [b'0', b'b' | b'B', ..] => unsigned(digits.get(2..)?, 2),
        [b'0', b'o' | b'O', ..] => unsigned(digits.get(2..)?, 8),
        [b'0', _, ..] => unsigned(digits.get(1..)?, 8),
        _ => unsigned(digits, 10),
    };
    match magnitude {
        // A plus sign is taken only where the number fits `i64`.
        Some(number) if !negative && plain.starts_with('+') => i64::try_from(number).ok().map(i128::from),
        Some(number) if !negative => Some(number.into()),
        Some(number) => i64::try_from(-i128::from(number)).ok().map(i128::from),
        None => signed_after_prefix(plain),
    }
}

/// Go-yaml strips `0b` and `0o` itself and so lets a sign stand behind them: `0b-11` is -3.
fn signed_after_prefix(plain: &str) -> Option<i128> {
    let (negative, rest) = match plain.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, plain),
    };
    let (radix, rest) =
        rest.strip_prefix("0b").map(|rest| (2, rest)).or_else(|| Some((8, rest.strip_prefix("0o")?)))?;
    match rest.strip_prefix('-') {
        Some(digits) if !negative => unsigned(digits, radix).map(|number| -i128::from(number)),
        Some(_) => None,
        None if negative => None,
        None => rest.strip_prefix('+').and_then(|digits| unsigned(digits, radix)).map(i128::from),
    }
    .filter(|number| i64::try_from(*number).is_ok())
}

fn unsigned(digits: &str, radix: u32) -> Option<u64> {
    // `from_str_radix` would take a sign.
    digits
        .starts_with(|first: char| first.is_ascii_hexdigit())
        .then(|| u64::from_str_radix(digits, radix).ok())?
}

/// Reads a float as go-yaml does; the infinities and NaN have names, and what overflows is no number.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    match text {
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        _ => {}
    }
    if text.starts_with('.') && !underscores_stand_between_digits(text) {
        return None;
    }
    let plain = without_underscores(text);
    if !is_float(plain.as_bytes()) {
        return None;
    }
    plain.parse().ok().filter(|number: &f64| number.is_finite())
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-")).unwrap_or(text);
    let (whole, rest) = split_digits(text);
    let (fraction, rest) = match rest.strip_prefix(b".") {
        Some(rest) => split_digits(rest),
        None => (0, rest),
    };
    if whole + fraction == 0 {
        return false;
    }
    match rest {
        [] => true,
        [b'e' | b'E', exponent @ ..] => {
            let digits =
                exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
            !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

fn split_digits(text: &[u8]) -> (usize, &[u8]) {
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count, text.get(count..).unwrap_or_default())
}

fn underscores_stand_between_digits(text: &str) -> bool {
    let digit =
        |piece: &str, at: fn(&[u8]) -> Option<&u8>| at(piece.as_bytes()).is_some_and(u8::is_ascii_digit);
    let mut pieces = text.split('_');
    let mut before = pieces.next().unwrap_or_default();
    pieces.all(|piece| {
        let fine = digit(before, <[u8]>::last) && digit(piece, <[u8]>::first);
        before = piece;
        fine
    })
}

fn without_underscores(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains('_') { text.replace('_', "").into() } else { text.into() }
}

/// A float as it comes out of kustomize: through JSON, where a whole number below 1e21 is written in digits,
/// and back, where digits that fit 64 bits are an integer. The float must be finite.
pub(super) fn format_float(number: f64) -> SmolStr {
    if number == 0.0 {
        return SmolStr::new_static("0");
    }
    if number.fract() == 0.0 && number.abs() < 1e21 {
        let digits = format_smolstr!("{number}");
        if digits.parse::<i64>().is_ok() || digits.parse::<u64>().is_ok() {
            return digits;
        }
    }
    format_general(number)
}

/// Go's shortest `%g`: with an exponent where that is below -4 or above 5.
pub(super) fn format_general(number: f64) -> SmolStr {
    format_scientific(&format_smolstr!("{number:e}"), || format_smolstr!("{number}"))
}

fn format_scientific(scientific: &str, in_digits: impl Fn() -> SmolStr) -> SmolStr {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => with_exponent(mantissa, exponent),
        Ok(_) | Err(_) => in_digits(),
    }
}

fn with_exponent(mantissa: &str, exponent: i32) -> SmolStr {
    format_smolstr!("{mantissa}e{exponent:+03}")
}

/// A finite float as Go writes it in JSON: an exponent of one digit has no leading zero, and only numbers below
/// 1e-6 or from 1e21 on have one.
pub(super) fn format_json(number: f64) -> SmolStr {
    if number == 0.0 || (1e-6..1e21).contains(&number.abs()) {
        return format_smolstr!("{number}");
    }
    let scientific = format_smolstr!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let sign = if exponent.starts_with('-') { "" } else { "+" };
    format_smolstr!("{mantissa}e{sign}{exponent}")
}

/// Go's shortest `%g` of a 32-bit float: `sigs.k8s.io/yaml` writes keys so.
pub(super) fn format_general_32(number: f64) -> SmolStr {
    let scientific = format_smolstr!("{number:e}");
    match scientific.parse::<f32>() {
        Ok(number) => format_scientific(&format_smolstr!("{number:e}"), || format_smolstr!("{number}")),
        Err(_) => scientific,
    }
}
