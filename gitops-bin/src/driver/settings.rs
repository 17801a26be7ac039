//! What a driver is told once.

use std::sync::Arc;
use std::time::Duration;

use crate::fetch::Fetcher;

/// The settings of a driver.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The URLs of the repository that the Git port serves, as Applications write them.
    pub repository_urls: Vec<String>,
    /// How often the registry is scanned.
    pub scan_interval: Duration,
    /// How often Git and the cluster are looked at when nothing else is due.
    pub poll_interval: Duration,
    /// What fetches the bases and files that lie elsewhere, where a project permits their source. It waits on the
    /// thread of the driver, which then must be one of several. Without it nothing is fetched.
    pub fetcher: Option<Arc<Fetcher>>,
    /// How long a sync may take before it is terminated; for ever where there is none.
    pub sync_timeout: Option<Duration>,
}

impl Default for Settings {
    /// Two minutes between scans, as Argo CD Image Updater; ten seconds between polls; an hour for a sync.
    fn default() -> Self {
        Self {
            repository_urls: vec![],
            scan_interval: Duration::from_mins(2),
            poll_interval: Duration::from_secs(10),
            fetcher: None,
            sync_timeout: Some(Duration::from_hours(1)),
        }
    }
}

impl Settings {
    /// Whether the Git port serves the repository at `url`.
    pub fn serves(&self, url: &str) -> bool {
        let normal = gitops_core::project::normalize_git_url(url);
        self.repository_urls.iter().any(|own| gitops_core::project::normalize_git_url(own) == normal)
    }
}
