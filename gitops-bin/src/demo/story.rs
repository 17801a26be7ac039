//! The chapters.

use std::time::Duration;

use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::{self, Node};
use gitops_ports::cluster::WriteOptions;
use gitops_ports::{Cluster as _, GitRepository as _};

use super::{Demo, DemoError};
use crate::driver::embedded::{World, commit_as};
use crate::driver::{ApproveCall, Driver, DriverError, Outside as _, SyncCall};
use crate::text;
use crate::view::{ApplicationView, RolloutView};

type Engine = Driver<World<gitops_ports::embedded::VirtualClock>>;

/// The tag that is good, and the one that is not.
const GOOD: &str = "a3f2c1b";
const BAD: &str = "e4d5c6f";
/// The tag that runs when the story begins.
const FIRST: &str = "9f1c2d3";
/// The person of the story.
const PERSON: &str = "operator";

const MINUTE: Duration = Duration::from_mins(1);

impl Demo {
    /// Plays every chapter.
    pub(super) fn play(&mut self) -> Result<(), DemoError> {
        self.beginning()?;
        self.a_tag_appears()?;
        self.promotion()?;
        self.approval()?;
        self.canary()?;
        self.bad_release()?;
        self.revert()?;
        self.drift()?;
        self.orphan()?;
        self.foreign_repository()
    }

    fn beginning(&mut self) -> Result<(), DemoError> {
        self.timeline.chapter("Before: three environments come up from Git");
        self.expect("dev and staging are Synced and Healthy by themselves", MINUTE * 5, |engine| {
            Ok(is(engine, "myapp-dev", "Synced", "Healthy")?
                && is(engine, "myapp-staging", "Synced", "Healthy")?)
        })?;
        self.expect("prod waits for an approval", MINUTE, |engine| {
            Ok(app(engine, "myapp-prod")?.awaiting_approval)
        })?;
        self.approve("the first deployment")?;
        self.expect("prod runs the first version", MINUTE * 10, |engine| runs(engine, "myapp-prod", FIRST))
    }

    fn a_tag_appears(&mut self) -> Result<(), DemoError> {
        self.timeline.chapter(&format!("1 · CI pushes myapp:{GOOD} to the registry"));
        self.push(GOOD, false)?;
        let update = self.wait(async |engine: &mut Engine| engine.update_images(true).await)?;
        self.timeline.show(&text::image_update(&update));
        self.expect("dev runs the new tag, committed and synced by the engine", MINUTE * 5, |engine| {
            runs(engine, "myapp-dev", GOOD)
        })
    }

    fn promotion(&mut self) -> Result<(), DemoError> {
        self.timeline.chapter("2 · Promotion: what ran healthy travels on");
        self.expect("staging follows after ten minutes of health in dev", MINUTE * 20, |engine| {
            runs(engine, "myapp-staging", GOOD)
        })?;
        self.expect("prod is OutOfSync after thirty minutes of health in staging", MINUTE * 45, |engine| {
            let app = app(engine, "myapp-prod")?;
            Ok(app.sync_status == "OutOfSync" && app.awaiting_approval)
        })?;
        let call = SyncCall {
            application: "myapp-prod".to_owned(),
            prune: true,
            desired: None,
            initiated_by: PERSON.to_owned(),
        };
        match self.wait(async |engine: &mut Engine| engine.sync(call).await) {
            Err(DemoError::Driver(DriverError::Refused { .. })) => {
                self.reached += 1;
                self.timeline.reached("a sync of prod without an approval is refused");
                Ok(())
            }
            Err(error) => Err(error),
            Ok(_) => Err(DemoError::NotReached("a sync of prod without an approval is refused".to_owned())),
        }
    }

    fn approval(&mut self) -> Result<(), DemoError> {
        self.timeline.chapter("3 · The production gate: the exact difference, a named person");
        self.approve("only the tag differs")
    }

    fn canary(&mut self) -> Result<(), DemoError> {
        self.timeline.chapter("4 · Canary: 10 % → analysis → 50 % → analysis → 100 %");
        for weight in [10, 50] {
            self.expect(&format!("{weight} % of the traffic goes to the canary"), MINUTE * 15, |engine| {
                Ok(prod(engine)?.actual_weight == weight)
            })?;
        }
        self.expect("the canary is promoted: all traffic on the new version", MINUTE * 30, |engine| {
            let rollout = prod(engine)?;
            Ok(rollout.phase == "Healthy" && runs(engine, "myapp-prod", GOOD)?)
        })
    }

    fn bad_release(&mut self) -> Result<(), DemoError> {
        self.timeline.chapter(&format!("5 · CI pushes myapp:{BAD}, which answers slowly under real traffic"));
        self.push(BAD, true)?;
        self.expect("the tag travels to prod's gate", MINUTE * 70, |engine| {
            Ok(app(engine, "myapp-prod")?.awaiting_approval)
        })?;
        self.approve("looks harmless")?;
        self.expect("10 % of the traffic goes to the canary", MINUTE * 5, |engine| {
            Ok(prod(engine)?.actual_weight == 10)
        })?;
        self.expect("the canary is aborted, and nobody had to be awake", MINUTE * 10, |engine| {
            let rollout = prod(engine)?;
            Ok(rollout.phase == "Degraded" && rollout.message.contains("RolloutAborted"))
        })?;
        self.expect("weight 0: all traffic is on the stable version", MINUTE, |engine| {
            Ok(prod(engine)?.actual_weight == 0)
        })?;
        self.expect("the alert RolloutAborted fires within a minute", MINUTE, |engine| {
            Ok(engine.events_after(0).iter().any(|event| event.reason == "AlertFiring"))
        })
    }

    fn revert(&mut self) -> Result<(), DemoError> {
        self.timeline.chapter("6 · git revert is the rollback, and the reverted tag is not taken again");
        for environment in ["dev", "prod"] {
            self.revert_tag_of(environment)?;
        }
        self.expect("dev is back on the good tag", MINUTE * 5, |engine| runs(engine, "myapp-dev", GOOD))?;
        self.approve("back to what ran before")?;
        self.expect("prod is healthy on the good tag", MINUTE * 15, |engine| {
            Ok(prod(engine)?.phase == "Healthy" && runs(engine, "myapp-prod", GOOD)?)
        })?;
        self.pass(MINUTE * 10)?;
        let update = self.wait(async |engine: &mut Engine| engine.update_images(true).await)?;
        self.timeline.show(&text::image_update(&update));
        self.expect("after ten more minutes of scans dev still runs the good tag", MINUTE, |engine| {
            runs(engine, "myapp-dev", GOOD)
        })
    }

    fn drift(&mut self) -> Result<(), DemoError> {
        self.timeline.chapter("7 · Somebody edits the Deployment in dev by hand");
        let key = ObjectKey::new("apps", "Deployment", "dev", "myapp");
        let patch = read("spec: {template: {spec: {terminationGracePeriodSeconds: 1}}}")?;
        self.wait(async |engine: &mut Engine| {
            let options = WriteOptions::new("kubectl-edit");
            Ok(engine.outside().cluster().patch(&key, &patch, &options).await.map(|_| ())?)
        })?;
        let key = ObjectKey::new("apps", "Deployment", "dev", "myapp");
        self.expect("the drift is healed", MINUTE * 10, move |engine| {
            let live = pollster(engine, &key)?;
            let seconds = live.as_ref().and_then(|live| {
                live.root.at(&["spec", "template", "spec", "terminationGracePeriodSeconds"])
            });
            Ok(seconds.and_then(Node::as_i64) == Some(45) && is(engine, "myapp-dev", "Synced", "Healthy")?)
        })
    }

    fn orphan(&mut self) -> Result<(), DemoError> {
        self.timeline.chapter("8 · Somebody creates a ConfigMap in dev by hand");
        self.create(
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: stray, namespace: dev}, data: {a: b}}",
        )?;
        self.expect("the orphan is reported, and left alone", MINUTE * 5, |engine| {
            let app = app(engine, "myapp-dev")?;
            Ok(app.conditions.iter().any(|found| {
                found.condition_type == "OrphanedResourceWarning" && found.message.contains("stray")
            }))
        })
    }

    fn foreign_repository(&mut self) -> Result<(), DemoError> {
        self.timeline.chapter("9 · An Application points at another repository");
        self.create(
            "{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: stranger, namespace: argocd}, spec: {project: gitops-demo-project, source: {repoURL: 'https://git.example.com/somebody/else.git', path: k8s, targetRevision: main}, destination: {server: 'https://kubernetes.default.svc', namespace: dev}}}",
        )?;
        self.expect("the project rejects it", MINUTE * 5, |engine| {
            let app = app(engine, "stranger")?;
            Ok(app.sync_status == "Unknown"
                && app.conditions.iter().any(|found| found.condition_type == "InvalidSpecError"))
        })
    }

    /// Shows the difference of prod and approves it, in the person's name.
    fn approve(&mut self, message: &str) -> Result<(), DemoError> {
        let diff = self.wait(async |engine: &mut Engine| engine.diff("myapp-prod").await)?;
        if diff.objects.iter().all(|object| object.change == "create") {
            self.timeline.show(&format!("{} objects are to be created", diff.objects.len()));
        } else {
            self.timeline.show(&text::diff(&diff));
        }
        let call = ApproveCall {
            desired: None,
            application: "myapp-prod".to_owned(),
            changes: diff.changes_hash,
            approver: PERSON.to_owned(),
            message: message.to_owned(),
            sync: true,
        };
        self.wait(async |engine: &mut Engine| engine.approve(call).await)?;
        self.reached += 1;
        self.timeline.reached(&format!("{PERSON} has approved exactly this"));
        Ok(())
    }

    fn push(&mut self, tag: &str, bad: bool) -> Result<(), DemoError> {
        let call = crate::driver::PushCall { tag: tag.to_owned(), bad };
        self.wait(async |engine: &mut Engine| engine.push_image(call).await)?;
        Ok(())
    }

    /// Reverts the newest commit of an environment's overlay, as a person does with `git revert`.
    fn revert_tag_of(&mut self, environment: &str) -> Result<(), DemoError> {
        let path = format!("k8s/overlays/{environment}/kustomization.yaml");
        let told = self.wait(async move |engine: &mut Engine| {
            let world = engine.outside();
            let path = gitops_core::tree::TreePath::parse(&path)
                .map_err(|error| DriverError::usage(error.to_string()))?;
            let head = world.git().resolve("refs/heads/main").await?;
            let log = world.git().log(&head, &path, 1).await?;
            let Some(newest) = log.first() else { return Err(DriverError::usage("nothing to revert")) };
            let changes = world.git().revert(&newest.id, &head).await?;
            let id =
                commit_as(world, PERSON, &newest.revert_message(), changes.into_iter().collect()).await?;
            Ok(format!(
                "$ git revert {}   # by {PERSON}: {}",
                newest.id.short(),
                id.get(..7).unwrap_or_default()
            ))
        })?;
        self.timeline.show(&told);
        Ok(())
    }

    fn create(&mut self, manifest: &str) -> Result<(), DemoError> {
        let object = Object::new(read(manifest)?, Location::default());
        self.wait(async |engine: &mut Engine| {
            let options = WriteOptions::new("kubectl-create");
            Ok(engine.outside().cluster().create(&object, &options).await.map(|_| ())?)
        })
    }
}

fn read(text: &str) -> Result<Node, DriverError> {
    yaml::read_one("demo", text).map_err(|error| DriverError::usage(error.to_string()))
}

/// Runs a future that never waits: the embedded adapters answer at once.
fn now<T>(future: impl Future<Output = T>) -> Result<T, DriverError> {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(value) => Ok(value),
        std::task::Poll::Pending => Err(DriverError::Outside("the embedded world waits".to_owned())),
    }
}

fn pollster(engine: &Engine, key: &ObjectKey) -> Result<Option<Object>, DriverError> {
    Ok(now(engine.outside().cluster().get(key))??)
}

fn app(engine: &mut Engine, name: &str) -> Result<ApplicationView, DriverError> {
    let views = now(engine.application_views())??;
    views.into_iter().find(|app| app.name == name).ok_or_else(|| DriverError::usage(format!("no `{name}`")))
}

fn is(engine: &mut Engine, name: &str, sync: &str, health: &str) -> Result<bool, DriverError> {
    let app = app(engine, name)?;
    Ok(app.sync_status == sync && app.health_status == health)
}

/// Whether an Application is Synced and Healthy and runs this tag alone.
fn runs(engine: &mut Engine, name: &str, tag: &str) -> Result<bool, DriverError> {
    let app = app(engine, name)?;
    Ok(app.sync_status == "Synced"
        && app.health_status == "Healthy"
        && app.images.iter().any(|image| image == tag))
}

fn prod(engine: &Engine) -> Result<RolloutView, DriverError> {
    now(engine.rollout_view("prod", "myapp"))?
}
