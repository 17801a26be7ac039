//! Which of several replicas acts: the one that holds the Lease, by the rules and times of client-go.
//!
//! Who waits never compares clocks: a Lease has run out when nobody has renewed it for its duration, as measured by who
//! waits. Who holds it stops acting before the others may think that it has run out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use gitops_core::diagnostic::Location;
use gitops_core::object::{Object, ObjectKey};
use gitops_core::time::Timestamp;
use gitops_core::yaml::Node;
use gitops_ports::cluster::{ClusterError, WriteOptions};
use gitops_ports::{Clock, Cluster};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::objects::CONTROL_NAMESPACE;

/// The name of the Lease.
const NAME: &str = "gitopsd";
/// How long a Lease holds that nobody renews, in seconds.
const DURATION: u32 = 15;
/// How long its holder acts after the last renewal.
const RENEW_DEADLINE: Duration = Duration::from_secs(10);
/// How often it is looked at, and renewed.
const PERIOD: Duration = Duration::from_secs(2);
/// How long a release may take.
const RELEASE: Duration = Duration::from_secs(3);

/// The right to act, as one replica has it or waits for it.
#[derive(Debug)]
pub(super) struct Leadership {
    until: Arc<Mutex<Option<Instant>>>,
    task: JoinHandle<()>,
}

impl Leadership {
    /// Tries to get the Lease in the name of `identity`, and to keep it, until the value is dropped. Must be called
    /// within a tokio runtime.
    pub(super) fn start<C: Cluster + 'static, T: Clock + 'static>(
        cluster: C,
        clock: T,
        identity: String,
    ) -> Self {
        let until = Arc::new(Mutex::new(None));
        let mut candidate = Candidate { cluster, clock, identity, until: Arc::clone(&until), seen: None };
        let task = tokio::spawn(async move {
            loop {
                // What fails is tried again at the next turn; until then the last renewal counts.
                let _ = candidate.look().await;
                tokio::time::sleep(PERIOD).await;
            }
        });
        Self { until, task }
    }

    /// Whether this replica may act now.
    pub(super) fn leads(&self) -> bool {
        lock(&self.until).is_some_and(|until| Instant::now() < until)
    }
}

impl Drop for Leadership {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Gives the Lease back, so that another replica need not wait until it runs out. Call it when nothing acts any more.
pub(super) async fn release<C: Cluster>(cluster: &C, identity: &str) {
    let given_back = async {
        let Some(mut lease) = cluster.get(&key()).await? else { return Ok(()) };
        if holder(&lease) != identity {
            return Ok(());
        }
        lease.root.set_at(&["spec", "holderIdentity"], Node::string(""));
        cluster.update(&lease, &WriteOptions::new(NAME)).await.map(|_| ())
    };
    let _: Result<Result<(), ClusterError>, _> = tokio::time::timeout(RELEASE, given_back).await;
}

struct Candidate<C, T> {
    cluster: C,
    clock: T,
    identity: String,
    until: Arc<Mutex<Option<Instant>>>,
    /// Who held the Lease and when it was renewed, as it was seen last, and since when that is so.
    seen: Option<((String, String), Instant)>,
}

impl<C: Cluster, T: Clock> Candidate<C, T> {
    async fn look(&mut self) -> Result<(), ClusterError> {
        let asked = Instant::now();
        let Some(lease) = self.cluster.get(&key()).await? else {
            self.cluster.create(&self.written(None), &WriteOptions::new(NAME)).await?;
            self.lead_since(asked);
            return Ok(());
        };
        if holder(&lease) == self.identity || self.has_run_out(&lease) {
            // The resource version is a precondition: of two that try, one is refused.
            self.cluster.update(&self.written(Some(&lease)), &WriteOptions::new(NAME)).await?;
            self.lead_since(asked);
        }
        Ok(())
    }

    fn lead_since(&self, asked: Instant) {
        *lock(&self.until) = Some(asked + RENEW_DEADLINE);
    }

    fn has_run_out(&mut self, lease: &Object) -> bool {
        let renewed = lease.root.str_at(&["spec", "renewTime"]).unwrap_or_default();
        let state = (holder(lease).to_owned(), renewed.to_owned());
        let since = match &self.seen {
            Some((seen, since)) if *seen == state => *since,
            Some(_) | None => Instant::now(),
        };
        let is_free = state.0.is_empty();
        self.seen = Some((state, since));
        is_free || since.elapsed() >= Duration::from_secs(DURATION.into())
    }

    /// The Lease as this replica holds it.
    fn written(&self, before: Option<&Object>) -> Object {
        let now = Node::string(micro_time(self.clock.now()));
        let mut lease = before.cloned().unwrap_or_else(|| {
            let metadata =
                Node::mapping([("name", Node::string(NAME)), ("namespace", Node::string(CONTROL_NAMESPACE))]);
            let root = Node::mapping([
                ("apiVersion", Node::string("coordination.k8s.io/v1")),
                ("kind", Node::string("Lease")),
                ("metadata", metadata),
            ]);
            Object::new(root, Location::default())
        });
        if holder(&lease) != self.identity {
            let before = lease.root.at(&["spec", "leaseTransitions"]).and_then(Node::as_i64).unwrap_or(-1);
            lease.root.set_at(&["spec", "leaseTransitions"], Node::from_json(&(before + 1).into()));
            lease.root.set_at(&["spec", "acquireTime"], now.clone());
        }
        lease.root.set_at(&["spec", "holderIdentity"], Node::string(self.identity.clone()));
        lease.root.set_at(&["spec", "leaseDurationSeconds"], Node::from_json(&DURATION.into()));
        lease.root.set_at(&["spec", "renewTime"], now);
        lease
    }
}

fn key() -> ObjectKey {
    ObjectKey::new("coordination.k8s.io", "Lease", CONTROL_NAMESPACE, NAME)
}

fn holder(lease: &Object) -> &str {
    lease.root.str_at(&["spec", "holderIdentity"]).unwrap_or_default()
}

/// A time as a `MicroTime` of Kubernetes is written.
fn micro_time(at: Timestamp) -> String {
    let seconds = Timestamp::from_seconds(at.as_seconds()).to_string();
    format!("{}.{:03}000Z", seconds.trim_end_matches('Z'), at.as_millis().rem_euclid(1000))
}

fn lock(until: &Mutex<Option<Instant>>) -> std::sync::MutexGuard<'_, Option<Instant>> {
    until.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use gitops_ports::embedded::{EmbeddedCluster, WallClock};

    use super::*;

    #[test]
    fn a_time_has_six_decimals() {
        assert_eq!(micro_time(Timestamp::from_seconds(1)), "1970-01-01T00:00:01.000000Z");
    }

    #[test]
    fn one_leads_and_the_other_takes_over_when_the_lease_is_given_back() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let cluster = EmbeddedCluster::new(WallClock);
            let namespace = "{apiVersion: v1, kind: Namespace, metadata: {name: argocd}}";
            let namespace = gitops_core::yaml::read_one("test.yaml", namespace).unwrap();
            let namespace = Object::new(namespace, Location::default());
            cluster.create(&namespace, &WriteOptions::new("test")).await.unwrap();
            let candidate = |identity: &str| Candidate {
                cluster: cluster.clone(),
                clock: WallClock,
                identity: identity.to_owned(),
                until: Arc::default(),
                seen: None,
            };
            let (mut one, mut two) = (candidate("one"), candidate("two"));
            one.look().await.unwrap();
            two.look().await.unwrap();
            two.look().await.unwrap();
            let leads = |candidate: &Candidate<_, _>| lock(&candidate.until).is_some();
            assert!(leads(&one) && !leads(&two));
            release(&cluster, "one").await;
            two.look().await.unwrap();
            assert!(leads(&two));
            let lease = cluster.get(&key()).await.unwrap().unwrap();
            assert_eq!(lease.root.at(&["spec", "leaseTransitions"]).and_then(Node::as_i64), Some(1));
        });
    }
}
