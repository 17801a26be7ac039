//! Cron schedules of five fields, as sync windows write them.
//!
//! The dialect is that of robfig/cron: `*` and `?`, lists, ranges, steps, names of months and days; Sunday is 0
//! and there is no 7; no seconds and no `@daily`.

use crate::time::Timestamp;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// How far ahead a next start is looked for: a leap day may be eight years away, but robfig/cron gives up after
/// five.
const MOST_DAYS: i64 = 5 * 366;

/// When a window starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cron {
    minutes: Field,
    hours: Field,
    days: Field,
    months: Field,
    weekdays: Field,
}

/// The values that one field permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    bits: u64,
    /// Whether it is `*` or `?`: then the other field of days decides alone.
    star: bool,
}

const MONTHS: &[&str] =
    &["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

impl Cron {
    /// Reads five fields; `None` where they break the grammar.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        Some(Self {
            minutes: Field::parse(minutes, 0, 59, &[])?,
            hours: Field::parse(hours, 0, 23, &[])?,
            days: Field::parse(days, 1, 31, &[])?,
            months: Field::parse(months, 1, 12, MONTHS)?,
            weekdays: Field::parse(weekdays, 0, 6, WEEKDAYS)?,
        })
    }

    /// The first start after `instant`, both in the schedule's own local time; `None` where there is none within
    /// five years.
    pub(super) fn next(&self, instant: Timestamp) -> Option<Timestamp> {
        let first = instant.as_millis().checked_add(1)?.div_euclid(MINUTE_MS)
            + i64::from(instant.as_millis().checked_add(1)?.rem_euclid(MINUTE_MS) != 0);
        let minutes_a_day = DAY_MS / MINUTE_MS;
        let (first_day, first_minute) = (first.div_euclid(minutes_a_day), first.rem_euclid(minutes_a_day));
        (0..MOST_DAYS).find_map(|ahead| {
            let day = first_day.checked_add(ahead)?;
            if !self.permits_day(day) {
                return None;
            }
            let from = if ahead == 0 { first_minute } else { 0 };
            let minute = (from..minutes_a_day)
                .find(|minute| self.hours.holds(minute / 60) && self.minutes.holds(minute % 60))?;
            Some(Timestamp::from_millis(
                day.checked_mul(minutes_a_day)?.checked_add(minute)?.checked_mul(MINUTE_MS)?,
            ))
        })
    }

    fn permits_day(&self, day: i64) -> bool {
        let (_, month, day_of_month) = Timestamp::from_millis(day.saturating_mul(DAY_MS)).date();
        // The epoch was a Thursday.
        let weekday = day.saturating_add(4).rem_euclid(7);
        let by_date = self.days.holds(i64::from(day_of_month));
        let by_weekday = self.weekdays.holds(weekday);
        let permitted =
            if self.days.star || self.weekdays.star { by_date && by_weekday } else { by_date || by_weekday };
        permitted && self.months.holds(i64::from(month))
    }
}

impl Field {
    fn parse(text: &str, min: u32, max: u32, names: &[&str]) -> Option<Self> {
        let mut field = Self { bits: 0, star: false };
        for item in text.split(',').filter(|item| !item.is_empty()) {
            field.add(item, min, max, names)?;
        }
        Some(field)
    }

    fn add(&mut self, item: &str, min: u32, max: u32, names: &[&str]) -> Option<()> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(number(step)?)),
            None => (item, None),
        };
        let (low, high, star) = if matches!(range, "*" | "?") {
            (min, max, step.unwrap_or(1) <= 1)
        } else {
            match range.split_once('-') {
                Some((low, high)) => (value(low, names)?, value(high, names)?, false),
                // `5/10` starts at 5 and has no end of its own.
                None if step.is_some() => (value(range, names)?, max, false),
                None => (value(range, names)?, value(range, names)?, false),
            }
        };
        let step = step.unwrap_or(1);
        if low < min || high > max || low > high || step == 0 {
            return None;
        }
        self.star |= star;
        let mut at = low;
        while at <= high {
            self.bits |= 1 << at;
            at = at.checked_add(step)?;
        }
        Some(())
    }

    fn holds(self, value: i64) -> bool {
        u32::try_from(value).is_ok_and(|value| value < 64 && self.bits >> value & 1 == 1)
    }
}

fn value(text: &str, names: &[&str]) -> Option<u32> {
    let is_name = |name: &&str| !name.is_empty() && name.eq_ignore_ascii_case(text);
    match names.iter().position(is_name) {
        Some(at) => u32::try_from(at).ok(),
        None => number(text),
    }
}

fn number(text: &str) -> Option<u32> {
    text.parse().ok()
}
