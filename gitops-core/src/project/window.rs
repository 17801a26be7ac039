//! Sync windows: when syncs may run.
//!
//! A window is open strictly between its start and its end. One window that cannot be read blocks every sync,
//! since nobody knows what it would have said.

use std::time::Duration;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use smol_str::SmolStr;

use super::cron::Cron;
use crate::api::app_project::{Destination, SyncWindow};
use crate::glob::glob_match;
use crate::time::{Timestamp, parse_duration};

/// Why a sync window is not valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WindowError {
    /// It neither allows nor denies.
    #[error("sync window kind `{0}` is neither `allow` nor `deny`")]
    Kind(SmolStr),
    /// Its schedule is no cron expression.
    #[error("sync window schedule `{0}` is not a cron expression of five fields")]
    Schedule(SmolStr),
    /// Its duration is none.
    #[error("sync window duration `{0}` is not a duration")]
    Duration(SmolStr),
    /// Its description is too long.
    #[error("sync window description has {0} characters, more than 255")]
    Description(usize),
}

impl WindowError {
    /// What the user can do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Kind(_) => "write `kind: allow` or `kind: deny`",
            Self::Schedule(_) => "minute hour day month weekday, as in `0 22 * * 1-5`; Sunday is 0",
            Self::Duration(_) => "write hours, minutes and seconds, as in `1h30m`",
            Self::Description(_) => "shorten it",
        }
    }
}

/// When the question is asked, and for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncMoment {
    /// The instant.
    pub now: Timestamp,
    /// Whether a person asks, and not the automation.
    pub manual: bool,
    /// When the operation started that asks whether it may go on.
    pub operation_start: Option<Timestamp>,
}

/// How many openings and closings are looked at to find the next permitted instant.
const MOST_EDGES: usize = 2000;

/// Checks kind, schedule, duration and description. An unknown time zone is no error: it reads as UTC.
pub fn validate_window(window: &SyncWindow) -> Result<(), WindowError> {
    if !matches!(window.kind.as_str(), "allow" | "deny") {
        return Err(WindowError::Kind(window.kind.clone()));
    }
    Opening::of(window, Timestamp::default())?;
    let length = window.description.chars().count();
    if length > 255 { Err(WindowError::Description(length)) } else { Ok(()) }
}

/// The windows that are open at `now`.
pub fn active_windows<'w>(
    windows: impl IntoIterator<Item = &'w SyncWindow>,
    now: Timestamp,
) -> Result<Vec<&'w SyncWindow>, WindowError> {
    filtered(windows, |window| Ok(Opening::of(window, now)?.is_open(now)))
}

/// The windows that would allow, but are not open at `now`.
pub fn inactive_allow_windows<'w>(
    windows: impl IntoIterator<Item = &'w SyncWindow>,
    now: Timestamp,
) -> Result<Vec<&'w SyncWindow>, WindowError> {
    filtered(windows, |window| Ok(!Opening::of(window, now)?.is_open(now) && window.kind == "allow"))
}

fn filtered<'w>(
    windows: impl IntoIterator<Item = &'w SyncWindow>,
    keep: impl Fn(&SyncWindow) -> Result<bool, WindowError>,
) -> Result<Vec<&'w SyncWindow>, WindowError> {
    let judged = windows.into_iter().map(|window| Ok((window, keep(window)?)));
    judged.filter_map(|found| found.map(|(window, kept)| kept.then_some(window)).transpose()).collect()
}

/// The windows that concern an application: one of the lists names it, or with `andOperator` every list that is
/// given does. A window without lists concerns nothing.
pub fn matching_windows<'w>(
    windows: impl IntoIterator<Item = &'w SyncWindow>,
    application: &str,
    destination: &Destination,
) -> Vec<&'w SyncWindow> {
    windows.into_iter().filter(|window| concerns(window, application, destination)).collect()
}

fn concerns(window: &SyncWindow, application: &str, destination: &Destination) -> bool {
    let matches = |pattern: &str, text: &str| pattern == "*" || glob_match(pattern, text, &[]);
    let cluster = |pattern: &SmolStr| {
        let given = [&destination.server, &destination.name];
        given.into_iter().any(|text| !text.is_empty() && matches(pattern, text))
    };
    let namespace = |pattern: &SmolStr| matches(pattern, &destination.namespace);
    let answers = [
        (&window.applications, window.applications.iter().any(|pattern| matches(pattern, application))),
        (&window.clusters, window.clusters.iter().any(cluster)),
        (&window.namespaces, window.namespaces.iter().any(namespace)),
    ];
    let mut given =
        answers.into_iter().filter(|(list, _)| !list.is_empty()).map(|(_, answer)| answer).peekable();
    if window.and_operator {
        given.peek().is_some() && given.all(|answer| answer)
    } else {
        given.any(|answer| answer)
    }
}

/// Whether a sync may start, or go on, under the windows that concern its application.
///
/// An open denial blocks; else an open allowance permits; else an allowance that is closed blocks; else nothing
/// does. A manual sync passes where every blocking window has `manualSync`; a running one where every blocking
/// window has `syncOverrun` and it was permitted at its start.
pub fn can_sync(windows: &[&SyncWindow], moment: SyncMoment) -> Result<bool, WindowError> {
    let blocking = blocking_windows(windows, moment.now)?;
    if blocking.is_empty() || (moment.manual && blocking.iter().all(|window| window.manual_sync)) {
        return Ok(true);
    }
    match moment.operation_start {
        Some(start) if blocking.iter().all(|window| window.sync_overrun) => {
            can_sync(windows, SyncMoment { now: start, operation_start: None, ..moment })
        }
        Some(_) | None => Ok(false),
    }
}

/// The windows that stand in the way at `now`.
pub fn blocking_windows<'w>(
    windows: &[&'w SyncWindow],
    now: Timestamp,
) -> Result<Vec<&'w SyncWindow>, WindowError> {
    let active = active_windows(windows.iter().copied(), now)?;
    let denials: Vec<_> = active.iter().copied().filter(|window| window.kind == "deny").collect();
    if !denials.is_empty() {
        return Ok(denials);
    }
    if active.iter().any(|window| window.kind == "allow") {
        return Ok(vec![]);
    }
    inactive_allow_windows(windows.iter().copied(), now)
}

/// The first instant from `moment` on at which a sync may start; `None` where none is near.
pub fn next_permitted(windows: &[&SyncWindow], moment: SyncMoment) -> Result<Option<Timestamp>, WindowError> {
    let mut moment = SyncMoment { operation_start: None, ..moment };
    for _ in 0..MOST_EDGES {
        if can_sync(windows, moment)? {
            return Ok(Some(moment.now));
        }
        let mut edges = vec![];
        for window in windows {
            edges.extend(Opening::of(window, moment.now)?.next_edge(moment.now));
        }
        let Some(edge) = edges.into_iter().min() else { return Ok(None) };
        moment.now = edge;
    }
    Ok(None)
}

/// The schedule of a window, with the offset of its zone.
struct Opening {
    cron: Cron,
    length_ms: i64,
    offset_ms: i64,
}

impl Opening {
    /// Reads a window. The offset is that of `now`, as in Argo CD, also for starts that lie before a change of the
    /// clock.
    fn of(window: &SyncWindow, now: Timestamp) -> Result<Self, WindowError> {
        let schedule_error = || WindowError::Schedule(window.schedule.clone());
        let (zone, fields) = zone_prefix(&window.schedule).ok_or_else(schedule_error)?;
        let cron = Cron::parse(fields).ok_or_else(schedule_error)?;
        let length_ms =
            signed_ms(&window.duration).ok_or_else(|| WindowError::Duration(window.duration.clone()))?;
        let zone = match zone {
            Some(name) => time_zone(name).ok_or_else(schedule_error)?,
            None => time_zone(&window.time_zone).unwrap_or(TimeZone::UTC),
        };
        Ok(Self { cron, length_ms, offset_ms: offset_ms(&zone, now) })
    }

    fn is_open(&self, now: Timestamp) -> bool {
        self.latest_start(now).is_some_and(|start| start < now)
    }

    /// The first start within the length of the window before `now`, or the first one after it.
    fn latest_start(&self, now: Timestamp) -> Option<Timestamp> {
        self.start_after(shifted(now, self.length_ms.saturating_neg()))
    }

    fn start_after(&self, instant: Timestamp) -> Option<Timestamp> {
        let local = self.cron.next(shifted(instant, self.offset_ms))?;
        Some(shifted(local, self.offset_ms.saturating_neg()))
    }

    /// The next instant after `now` at which the window opens or closes: just after a start, or at the end.
    fn next_edge(&self, now: Timestamp) -> Option<Timestamp> {
        let end =
            self.latest_start(now).filter(|start| *start < now).map(|start| shifted(start, self.length_ms));
        let opening = self.start_after(now).map(|start| shifted(start, 1));
        end.into_iter().chain(opening).filter(|edge| *edge > now).min()
    }
}

/// `TZ=Zone` or `CRON_TZ=Zone` in front of the fields.
fn zone_prefix(schedule: &str) -> Option<(Option<&str>, &str)> {
    let prefixed = schedule.strip_prefix("CRON_TZ=").or_else(|| schedule.strip_prefix("TZ="));
    match prefixed {
        Some(rest) => rest.split_once(' ').map(|(zone, fields)| (Some(zone), fields)),
        None => Some((None, schedule)),
    }
}

/// A zone of the tz database that is compiled in; an empty name is UTC.
fn time_zone(name: &str) -> Option<TimeZone> {
    if matches!(name, "" | "UTC") { Some(TimeZone::UTC) } else { TimeZoneDatabase::bundled().get(name).ok() }
}

fn offset_ms(zone: &TimeZone, now: Timestamp) -> i64 {
    let instant = jiff::Timestamp::from_second(now.as_seconds()).unwrap_or_default();
    i64::from(zone.to_offset(instant).seconds()).saturating_mul(1000)
}

fn shifted(instant: Timestamp, ms: i64) -> Timestamp {
    Timestamp::from_millis(instant.as_millis().saturating_add(ms))
}

/// A duration in Go's form, in milliseconds. A negative one is legal and never opens.
fn signed_ms(text: &str) -> Option<i64> {
    let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let is_signed_twice = sign < 0 && rest.starts_with('+');
    let duration: Duration = parse_duration(rest).ok().filter(|_| !is_signed_twice)?;
    Some(sign * i64::try_from(duration.as_millis()).ok()?)
}
