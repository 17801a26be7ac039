//! RolloutAborted: raised at the transition, ended when the Rollout leaves the state.
//!
//! The rule of `k8s/monitoring` fires on the exported `rollout_info{phase="Abort"}` within a minute; the event here
//! is the same fact without the wait.

use gitops_core::api::rollout::Rollout;
use gitops_core::decision::Event;
use gitops_ports::Clock as _;

use super::objects::list;
use super::{Driver, DriverError, Outside};

impl<O: Outside> Driver<O> {
    /// Notes Rollouts that became aborted, and those that no longer are.
    pub(super) async fn alert(&mut self) -> Result<(), DriverError> {
        let now = self.outside.clock().now();
        for object in list(self.outside.cluster(), ("argoproj.io", "Rollout"), None).await? {
            let aborted = Rollout::of(&object).is_ok_and(|rollout| rollout.status.control.abort);
            let known = self.alerts.contains(&object.key);
            if aborted && !known {
                self.alerts.insert(object.key.clone());
                let name = &object.key.name;
                let message = format!(
                    "alert RolloutAborted fires: rollout_info{{name=\"{name}\",phase=\"Abort\"}} is 1"
                );
                self.events.note(Event::warning(object.key, "AlertFiring", message), now);
            } else if !aborted && known {
                self.alerts.remove(&object.key);
                self.events.note(
                    Event::normal(object.key, "AlertResolved", "alert RolloutAborted is resolved"),
                    now,
                );
            }
        }
        Ok(())
    }
}
