//! The flags of every verb that may fetch what kustomizations name elsewhere.

use std::sync::Arc;

use clap::builder::FalseyValueParser;
use gitops_git::Limits;
use gitops_git::remote::{AddressRule, Settings};

use crate::fetch::Fetcher;
use crate::helm::Helm;

/// The flags.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Fetching {
    /// Fetch nothing: what is remote has to be pinned to a commit that was fetched before
    #[arg(long, global = true, env = "GITOPS_OFFLINE", value_parser = FalseyValueParser::new())]
    offline: bool,
    /// Fetch from loopback, link-local and private addresses too, not only from the public internet
    #[arg(long, global = true, env = "GITOPS_ALLOW_PRIVATE_SOURCES", value_parser = FalseyValueParser::new())]
    allow_private_sources: bool,
}

impl Fetching {
    /// What fetches by these flags; nothing is set up before it is needed.
    pub(crate) fn fetcher(&self, most_bytes: u64) -> Arc<Fetcher> {
        self.fetcher_with(most_bytes, Helm::default())
    }

    /// The same with the program that renders charts.
    pub(super) fn fetcher_with(&self, most_bytes: u64, helm: Helm) -> Arc<Fetcher> {
        let cache = Fetcher::default_cache().unwrap_or_else(|| std::env::temp_dir().join("gitops-remote"));
        let rule = if self.allow_private_sources { AddressRule::Any } else { AddressRule::PublicOnly };
        let limits = Limits { total_size: most_bytes, ..Limits::default() };
        let settings = Settings { rule, offline: self.offline, limits, ..Settings::new(cache) };
        Arc::new(Fetcher::new(settings).with_helm(helm))
    }
}
