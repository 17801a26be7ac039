//! The driver with the embedded adapters on a virtual clock, on a repository of its own.

use std::time::Duration;

use gitops_bin::driver::embedded::{self, World};
use gitops_bin::driver::{ApproveCall, Driver, DriverError, Outside as _, PushCall, Settings};
use gitops_bin::view::{ApplicationView, DiffView, RolloutView};
use gitops_core::object::{Object, ObjectKey};
use gitops_ports::embedded::VirtualClock;
use gitops_ports::{Clock as _, Cluster as _};

use crate::repository;

pub(crate) const MINUTE: Duration = Duration::from_mins(1);

/// The driver of these tests.
pub(crate) type Engine = Driver<World<VirtualClock>>;

/// A world and its driver.
pub(crate) struct Simulation {
    pub(crate) clock: VirtualClock,
    /// Always there, but while the driver is restarted.
    engine: Option<Engine>,
    /// What earlier drivers said.
    past: String,
    _folder: tempfile::TempDir,
}

impl Simulation {
    /// The world of the example, before its first cycle.
    pub(crate) fn new(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("repository.git");
        repository::make(&path);
        let clock = VirtualClock::new(repository::BEGINNING);
        let world = World::in_memory(clock.clone(), &path).unwrap();
        let engine = clock.block_on(embedded::start(world, settings)).unwrap().unwrap();
        Self { clock, engine: Some(engine), past: String::new(), _folder: folder }
    }

    /// The driver.
    pub(crate) fn engine(&mut self) -> &mut Engine {
        self.engine.as_mut().unwrap()
    }

    /// The outside of the driver.
    pub(crate) fn world(&self) -> &World<VirtualClock> {
        self.engine.as_ref().unwrap().outside()
    }

    /// Lets the driver forget everything that it does not keep outside of itself.
    pub(crate) fn crash(&mut self) {
        self.past = self.log() + "the driver crashed\n";
        self.engine = self.engine.take().map(Engine::restarted);
    }

    /// One cycle, and the time until the next one; what failed is tried again after a second.
    pub(crate) fn cycle(&mut self) -> Result<(), DriverError> {
        let clock = self.clock.clone();
        let outcome = clock.block_on(self.engine().cycle()).unwrap();
        let soon = clock.now().after(Duration::from_secs(1));
        clock.advance_to(
            outcome.as_ref().map_or(soon, |next| (*next).max(clock.now().after(Duration::from_millis(100)))),
        );
        outcome.map(|_| ())
    }

    /// Lets the driver work for `duration`.
    pub(crate) fn pass(&mut self, duration: Duration) {
        let end = self.clock.now().after(duration);
        while self.clock.now() < end {
            self.cycle().unwrap();
        }
    }

    /// Lets the driver work until `reached`, for `limit` at most.
    pub(crate) fn until(&mut self, what: &str, limit: Duration, reached: impl Fn(&mut Self) -> bool) {
        let end = self.clock.now().after(limit);
        while !reached(self) {
            assert!(self.clock.now() < end, "not reached: {what}\n{}", self.log());
            self.cycle().unwrap();
        }
    }

    /// Waits for a call of the driver.
    pub(crate) fn call<T>(
        &mut self,
        call: impl AsyncFnOnce(&mut Engine) -> Result<T, DriverError>,
    ) -> Result<T, DriverError> {
        let clock = self.clock.clone();
        clock.block_on(call(self.engine())).unwrap()
    }

    /// An Application.
    pub(crate) fn app(&mut self, name: &str) -> ApplicationView {
        let apps = self.call(async |engine| engine.application_views().await).unwrap();
        apps.into_iter().find(|app| app.name == name).unwrap()
    }

    /// Whether an Application is Synced and Healthy and runs `tag` alone.
    pub(crate) fn runs(&mut self, name: &str, tag: &str) -> bool {
        let app = self.app(name);
        app.sync_status == "Synced" && app.health_status == "Healthy" && app.images == [tag]
    }

    /// The Rollout of prod.
    pub(crate) fn rollout(&mut self) -> RolloutView {
        self.call(async |engine| engine.rollout_view("prod", "myapp").await).unwrap()
    }

    /// What a sync would change.
    pub(crate) fn diff(&mut self, name: &str) -> DiffView {
        self.call(async |engine| engine.diff(name).await).unwrap()
    }

    /// Approves prod as it stands, and starts the sync.
    pub(crate) fn approve(&mut self) -> Result<(), DriverError> {
        self.call(async |engine| {
            let changes = engine.diff("myapp-prod").await?.changes_hash;
            let call = ApproveCall {
                desired: None,
                application: "myapp-prod".to_owned(),
                changes,
                approver: "operator".to_owned(),
                message: String::new(),
                sync: true,
            };
            engine.approve(call).await.map(|_| ())
        })
    }

    /// Pushes a tag to the registry.
    pub(crate) fn push(&mut self, tag: &str) -> Result<(), DriverError> {
        let call = PushCall { tag: tag.to_owned(), bad: false };
        self.call(async |engine| engine.push_image(call).await.map(|_| ()))
    }

    /// Replaces a text in a file of the repository, as a person who pushes.
    pub(crate) fn edit(&mut self, path: &str, change: (&str, &str)) {
        repository::replace(self.world().git(), path, change, self.clock.now());
    }

    /// A live object.
    pub(crate) fn live(&self, key: &ObjectKey) -> Option<Object> {
        self.clock.block_on(self.world().cluster().get(key)).unwrap().unwrap()
    }

    /// Everything that the driver said, a line an event.
    pub(crate) fn log(&self) -> String {
        let events = self.engine.as_ref().unwrap().events_after(0);
        let lines = events
            .iter()
            .map(|event| format!("{} {} {} {}\n", event.time, event.object, event.reason, event.message));
        self.past.clone() + &lines.collect::<String>()
    }
}
