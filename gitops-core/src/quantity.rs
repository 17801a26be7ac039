//! Kubernetes quantities: `500m`, `2`, `1.5Gi`, `1e3`, and the one way in which each value is written.
//!
//! Matches `k8s.io/apimachinery/pkg/api/resource`: values are kept to the nano and rounded up.

use std::fmt::{self, Write as _};
use std::str::FromStr;

/// A quantity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quantity {
    nanos: i128,
    format: Format,
}

/// How a quantity is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Format {
    /// `k`, `M`, `m`: powers of 1000.
    Decimal,
    /// `Ki`, `Mi`: powers of 1024.
    Binary,
    /// `e3`: powers of ten.
    Exponent,
}

/// Why a text is not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a quantity such as `500m` or `1.5Gi`")]
pub struct QuantityError {
    /// What was read.
    pub text: String,
}

/// Suffixes of powers of 1024.
const BINARY: [(&str, u32); 6] = [("Ki", 1), ("Mi", 2), ("Gi", 3), ("Ti", 4), ("Pi", 5), ("Ei", 6)];

/// Suffixes of powers of ten, largest first.
const DECIMAL: [(&str, i32); 10] =
    [("E", 18), ("P", 15), ("T", 12), ("G", 9), ("M", 6), ("k", 3), ("", 0), ("m", -3), ("u", -6), ("n", -9)];

const NANOS: i128 = 1_000_000_000;

impl Quantity {
    /// A whole number.
    pub fn integer(number: i64) -> Self {
        Self { nanos: i128::from(number) * NANOS, format: Format::Decimal }
    }

    /// The value in units of 10⁻⁹.
    pub fn as_nanos(self) -> i128 {
        self.nanos
    }

    /// The value, rounded up to a whole number; `None` outside `i64`.
    pub fn as_integer(self) -> Option<i64> {
        i64::try_from(divide_up(self.nanos, NANOS)).ok()
    }

    /// The value in thousandths, rounded up; `None` outside `i64`.
    pub fn as_milli(self) -> Option<i64> {
        i64::try_from(divide_up(self.nanos, NANOS / 1000)).ok()
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        // Two ways to write one value are neither less nor greater, and not equal either.
        (self.nanos != other.nanos || self == other).then(|| self.nanos.cmp(&other.nanos))
    }
}

/// The canonical text of a quantity; the text itself where it is none.
pub fn canonical(text: &str) -> String {
    text.parse().map_or_else(|_| text.to_owned(), |quantity: Quantity| quantity.to_string())
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| QuantityError { text: text.chars().take(64).collect() })
    }
}

fn parse(text: &str) -> Option<Quantity> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at_checked(end)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let digits = format!("{whole}{fraction}").trim_start_matches('0').to_owned();
    let digits: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
    let places = i32::try_from(fraction.len()).ok()?;
    let (nanos, format) = if let Some((_, power)) = BINARY.iter().find(|(name, _)| *name == suffix) {
        let scaled = digits.checked_mul(1024_i128.checked_pow(*power)?)?;
        (scale(scaled, 9 - places)?, Format::Binary)
    } else if let Some((_, power)) = DECIMAL.iter().find(|(name, _)| *name == suffix) {
        (scale(digits, power + 9 - places)?, Format::Decimal)
    } else {
        let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
        (scale(digits, exponent.checked_add(9 - places)?)?, Format::Exponent)
    };
    Some(Quantity { nanos: if negative { -nanos } else { nanos }, format })
}

/// `number` times ten to the `power`, rounded up.
fn scale(number: i128, power: i32) -> Option<i128> {
    let factor = 10_i128.checked_pow(power.unsigned_abs());
    if power >= 0 {
        return if number == 0 { Some(0) } else { number.checked_mul(factor?) };
    }
    Some(match factor {
        Some(factor) => divide_up(number, factor),
        None => i128::from(number > 0),
    })
}

/// Division that rounds away from zero.
fn divide_up(number: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (number / divisor, number % divisor);
    quotient + if rest == 0 { 0 } else { rest.signum() }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.nanos == 0 {
            return f.write_char('0');
        }
        match self.format {
            // Below 1024 there is no binary suffix to write.
            Format::Binary if self.nanos.abs() >= 1024 * NANOS => {
                write_binary(f, divide_up(self.nanos, NANOS))
            }
            Format::Binary | Format::Decimal => write_decimal(f, self.nanos),
            Format::Exponent => write_exponent(f, self.nanos),
        }
    }
}

fn write_binary(f: &mut fmt::Formatter<'_>, mut number: i128) -> fmt::Result {
    let mut suffix = "";
    for (name, _) in BINARY {
        if number % 1024 != 0 {
            break;
        }
        (number, suffix) = (number / 1024, name);
    }
    write!(f, "{number}{suffix}")
}

fn write_decimal(f: &mut fmt::Formatter<'_>, nanos: i128) -> fmt::Result {
    let fits = |power: i32| scale(1, power + 9).filter(|unit| nanos % unit == 0);
    match DECIMAL.iter().find_map(|(name, power)| fits(*power).map(|unit| (name, unit))) {
        Some((name, unit)) => write!(f, "{}{name}", nanos / unit),
        None => write!(f, "{nanos}n"),
    }
}

fn write_exponent(f: &mut fmt::Formatter<'_>, mut nanos: i128) -> fmt::Result {
    let mut power = -9;
    while nanos % 1000 == 0 {
        nanos /= 1000;
        power += 3;
    }
    match power {
        0 => write!(f, "{nanos}"),
        power => write!(f, "{nanos}e{power}"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantities_are_written_as_kubernetes_writes_them() {
        let cases = [
            ("2000m", "2"),
            ("0.2", "200m"),
            ("1.5Gi", "1536Mi"),
            ("1024Ki", "1Mi"),
            ("0.5Ki", "512"),
            ("1000", "1k"),
            ("1500", "1500"),
            ("1e3", "1e3"),
            ("12345e-2", "123450e-3"),
            ("0", "0"),
            ("0Gi", "0"),
            ("-1", "-1"),
            ("100000000n", "100m"),
            ("0.0000000001", "1n"),
            ("1E", "1E"),
            ("+5", "5"),
        ];
        for (text, printed) in cases {
            assert_eq!(text.parse::<Quantity>().unwrap().to_string(), printed, "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity_is_refused() {
        for text in ["", "invalid", "m", "1.2.3", "1 Gi", "1gi", "1e", "--1", ".", "9e99999999999"] {
            assert!(text.parse::<Quantity>().is_err(), "{text}");
            assert_eq!(canonical(text), text);
        }
    }

    proptest! {
        #[test]
        fn the_canonical_text_is_a_fixed_point(
            number in 0_u32..5_000_000, places in 0_usize..4,
            suffix in prop::sample::select(vec!["", "m", "k", "M", "Ki", "Mi", "Gi", "e3", "u"]),
        ) {
            let digits = format!("{number:08}");
            let (whole, fraction) = digits.split_at(8 - places);
            let text = format!("{whole}.{fraction}{suffix}");
            let quantity: Quantity = text.parse().unwrap();
            let again: Quantity = quantity.to_string().parse().unwrap();
            prop_assert_eq!(again.to_string(), quantity.to_string());
            // Whole numbers are written without loss; a binary fraction below one is written as it is.
            if !suffix.ends_with('i') {
                prop_assert_eq!(again.as_nanos(), quantity.as_nanos());
            }
        }
    }
}
