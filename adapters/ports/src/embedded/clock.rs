//! The clock of the machine, and a clock that jumps.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, SystemTime};

use gitops_core::time::Timestamp;

use super::lock;
use crate::clock::Clock;

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> Timestamp {
        Timestamp::default()
            .after(SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO))
    }

    async fn sleep_until(&self, at: Timestamp) {
        // The machine's clock may be set while we sleep: look again, at least once a minute.
        while let wait = at.since(self.now())
            && !wait.is_zero()
        {
            tokio::time::sleep(wait.min(Duration::from_mins(1))).await;
        }
    }
}

/// A clock that stands still until it is moved, and then is at once at the new time. Clones share the time.
///
/// [`VirtualClock::block_on`] runs a future on it: whenever nothing else can go on, the clock jumps to the
/// earliest sleeper. Sleepers of the same instant wake in the order in which they went to sleep.
#[derive(Clone, Debug, Default)]
pub struct VirtualClock {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    now: Timestamp,
    slept: u64,
    sleepers: BTreeMap<(Timestamp, u64), Waker>,
}

/// Nothing can go on: the future waits for something that no clock brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the run stalled at {at}: nothing sleeps and nothing can go on")]
pub struct Stalled {
    /// When.
    pub at: Timestamp,
}

impl VirtualClock {
    /// A clock that stands at `now`.
    pub fn new(now: Timestamp) -> Self {
        let clock = Self::default();
        lock(&clock.state).now = now;
        clock
    }

    /// Moves the clock to `to` and wakes who slept until then, in order. A clock that is past `to` stays.
    pub fn advance_to(&self, to: Timestamp) {
        let mut state = lock(&self.state);
        let now = state.now.max(to);
        state.now = now;
        let later = state.sleepers.split_off(&(now, u64::MAX));
        let due = std::mem::replace(&mut state.sleepers, later);
        drop(state);
        due.into_values().for_each(Waker::wake);
    }

    /// Moves the clock by `duration` and wakes who slept until then.
    pub fn advance(&self, duration: Duration) {
        let to = lock(&self.state).now.after(duration);
        self.advance_to(to);
    }

    /// Moves the clock to the earliest sleeper and wakes it; false where nobody sleeps.
    pub fn advance_to_next_sleeper(&self) -> bool {
        let next = lock(&self.state).sleepers.keys().next().map(|(at, _)| *at);
        next.inspect(|at| self.advance_to(*at)).is_some()
    }

    /// Sets the clock without waking anybody, even backwards: the fault of a clock that jumps.
    pub fn set(&self, now: Timestamp) {
        lock(&self.state).now = now;
    }

    /// Runs `future` to its end on this thread, jumping to the earliest sleeper whenever it can go no further.
    pub fn block_on<F: Future>(&self, future: F) -> Result<F::Output, Stalled> {
        let mut future = pin!(future);
        let woken = Arc::new(Woken(AtomicBool::new(true)));
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        loop {
            if woken.0.swap(false, Ordering::AcqRel) {
                if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                    return Ok(output);
                }
            } else if !self.advance_to_next_sleeper() {
                return Err(Stalled { at: self.now() });
            }
        }
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        lock(&self.state).now
    }

    fn sleep_until(&self, at: Timestamp) -> impl Future<Output = ()> + Send {
        Sleep { clock: self.clone(), at, place: None }
    }
}

struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

#[derive(Debug)]
struct Sleep {
    clock: VirtualClock,
    at: Timestamp,
    place: Option<u64>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let mut state = lock(&this.clock.state);
        if state.now >= this.at {
            return Poll::Ready(());
        }
        let place = *this.place.get_or_insert_with(|| {
            state.slept += 1;
            state.slept
        });
        state.sleepers.insert((this.at, place), context.waker().clone());
        Poll::Pending
    }
}

/// A sleeper that is no longer waited for must not hold the clock back.
impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            lock(&self.clock.state).sleepers.remove(&(self.at, place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_jumps_to_the_earliest_sleeper() {
        let clock = VirtualClock::new(Timestamp::from_seconds(100));
        let log = Mutex::new(vec![]);
        let sleeper = |name: &'static str, at: i64| {
            let (clock, log) = (clock.clone(), &log);
            async move {
                clock.sleep_until(Timestamp::from_seconds(at)).await;
                log.lock().unwrap().push((name, clock.now().as_seconds()));
            }
        };
        let run = async { tokio::join!(sleeper("late", 500), sleeper("early", 200), sleeper("past", 7)) };
        clock.block_on(run).unwrap();
        assert_eq!(*log.lock().unwrap(), [("past", 100), ("early", 200), ("late", 500)]);
    }

    #[test]
    fn a_run_that_waits_for_nothing_is_told_so() {
        let clock = VirtualClock::new(Timestamp::from_seconds(5));
        let stalled = clock.block_on(std::future::pending::<()>());
        assert_eq!(stalled, Err(Stalled { at: Timestamp::from_seconds(5) }));
    }

    #[test]
    fn an_abandoned_sleep_does_not_hold_the_clock() {
        let clock = VirtualClock::default();
        let run = async {
            tokio::select! {
                biased;
                () = clock.sleep_until(Timestamp::from_seconds(50)) => {}
                () = clock.sleep_until(Timestamp::from_seconds(10)) => {}
            }
            clock.sleep_until(Timestamp::from_seconds(60)).await;
        };
        clock.block_on(run).unwrap();
        assert_eq!(clock.now(), Timestamp::from_seconds(60));
        assert!(!clock.advance_to_next_sleeper());
    }
}
