//! `gitops demo`: the whole story by itself, on a virtual clock, in seconds.
//!
//! The engine is the real one: driver, core, Git and the embedded adapters. The demo only plays the people and the
//! CI pipeline around it, prints what the engine says, and checks that each expected state is reached.

mod repository;
mod story;
mod timeline;

use std::time::Duration;

use gitops_core::time::Timestamp;
use gitops_ports::embedded::VirtualClock;

use crate::driver::embedded::{self, World};
use crate::driver::{Driver, DriverError, Settings};
use timeline::Timeline;

/// When the story begins.
const BEGINNING: Timestamp = Timestamp::from_seconds(1_772_442_000);

/// Why the demo ended early.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The engine failed.
    #[error(transparent)]
    Driver(#[from] DriverError),
    /// The temporary repository cannot be made.
    #[error("cannot make a temporary directory: {0}")]
    Directory(#[from] std::io::Error),
    /// Something waits for ever.
    #[error("the engine waits for something that never comes")]
    Stalled,
    /// An expected state was not reached.
    #[error("expected: {0}")]
    NotReached(String),
}

/// The actors of the story.
struct Demo {
    clock: VirtualClock,
    driver: Driver<World<VirtualClock>>,
    timeline: Timeline,
    reached: usize,
    _folder: tempfile::TempDir,
}

/// Plays the story; `print` receives it piece by piece. Returns how many expected states were reached, which is all
/// of them.
pub fn run(print: impl Fn(&str) + 'static) -> Result<usize, DemoError> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("repository.git");
    let clock = VirtualClock::new(BEGINNING);
    repository::make(&path, BEGINNING)?;
    let world = World::in_memory(clock.clone(), &path)?;
    let starting = embedded::start(world, Settings::default());
    let driver = clock.block_on(starting).map_err(|_| DemoError::Stalled)??;
    let mut demo =
        Demo { clock, driver, timeline: Timeline::new(Box::new(print)), reached: 0, _folder: folder };
    demo.play()?;
    Ok(demo.reached)
}

impl Demo {
    /// Lets the engine work for `duration` of its time.
    fn pass(&mut self, duration: Duration) -> Result<(), DemoError> {
        let end = gitops_ports::Clock::now(&self.clock).after(duration);
        self.until(end, |_| Ok(false)).map(|_| ())
    }

    /// Lets the engine work until `reached`, for `limit` of its time at most; `what` is the expected state.
    fn expect(
        &mut self,
        what: &str,
        limit: Duration,
        reached: impl Fn(&mut Driver<World<VirtualClock>>) -> Result<bool, DriverError>,
    ) -> Result<(), DemoError> {
        let end = gitops_ports::Clock::now(&self.clock).after(limit);
        if !self.until(end, reached)? {
            let views = self.wait(async |driver| driver.application_views().await)?;
            let states: Vec<String> = views
                .iter()
                .map(|app| {
                    format!(
                        "{} is {} and {} ({})",
                        app.name, app.sync_status, app.health_status, app.health_message
                    )
                })
                .collect();
            return Err(DemoError::NotReached(format!("{what}; {}", states.join("; "))));
        }
        self.reached += 1;
        self.timeline.reached(what);
        Ok(())
    }

    fn until(
        &mut self,
        end: Timestamp,
        reached: impl Fn(&mut Driver<World<VirtualClock>>) -> Result<bool, DriverError>,
    ) -> Result<bool, DemoError> {
        loop {
            let next = self.clock.block_on(self.driver.cycle()).map_err(|_| DemoError::Stalled)??;
            self.timeline.events(&self.driver);
            if reached(&mut self.driver)? {
                return Ok(true);
            }
            let now = gitops_ports::Clock::now(&self.clock);
            if now >= end {
                return Ok(false);
            }
            // A cycle that asks to be called at once again still lets a moment pass.
            let next = next.max(now.after(Duration::from_millis(100)));
            self.clock.advance_to(next.min(end));
        }
    }

    /// Waits for a call of the driver, on the virtual clock.
    fn wait<T>(
        &mut self,
        call: impl AsyncFnOnce(&mut Driver<World<VirtualClock>>) -> Result<T, DriverError>,
    ) -> Result<T, DemoError> {
        let result = self.clock.block_on(call(&mut self.driver)).map_err(|_| DemoError::Stalled)?;
        self.timeline.events(&self.driver);
        Ok(result?)
    }
}
