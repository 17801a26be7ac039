//! A cluster that is read once and then watched: the lists of a driver that looks often cost no request.
//!
//! Every kind that can be watched is listed and watched by a task of its own, as an informer of client-go does. A
//! list is answered from memory; a single object is asked of the cluster, and every answer to a write is taken in at
//! once, so that who writes reads what it wrote. Kinds that change by the second and that no manifest holds are
//! left out, as Argo CD leaves them out; a query that names one of them goes to the cluster.

mod informer;
mod memory;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use gitops_core::object::{Object, ObjectKey};
use gitops_core::yaml::Node;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use crate::cluster::{
    ApplyOptions, Cluster, ClusterError, DeleteOptions, Discovery, GroupKind, ListQuery, ObjectList,
    ServedKind, WriteOptions,
};
use informer::Informers;
use memory::Memory;

/// Kinds that are not kept: Argo CD's default `resource.exclusions`, as far as they are kinds of Kubernetes itself.
const EXCLUDED: &[(&str, &str)] = &[
    ("", "Endpoints"),
    ("", "Event"),
    ("authentication.k8s.io", "SelfSubjectReview"),
    ("authentication.k8s.io", "TokenReview"),
    ("authorization.k8s.io", "LocalSubjectAccessReview"),
    ("authorization.k8s.io", "SelfSubjectAccessReview"),
    ("authorization.k8s.io", "SelfSubjectRulesReview"),
    ("authorization.k8s.io", "SubjectAccessReview"),
    ("certificates.k8s.io", "CertificateSigningRequest"),
    ("coordination.k8s.io", "Lease"),
    ("discovery.k8s.io", "EndpointSlice"),
    ("events.k8s.io", "Event"),
    ("metrics.k8s.io", "NodeMetrics"),
    ("metrics.k8s.io", "PodMetrics"),
];

/// How long changes are gathered before [`CachedCluster::changed`] tells of them.
const GATHER: Duration = Duration::from_millis(100);

/// A cluster whose objects are kept in memory.
#[derive(Debug)]
pub struct CachedCluster<C> {
    inner: C,
    shared: Arc<Shared>,
    informers: JoinHandle<()>,
}

/// What the tasks and the callers share.
#[derive(Debug, Default)]
struct Shared {
    memory: Mutex<Memory>,
    changed: Notify,
    /// Asked for by who met a kind that nobody knows.
    discover: Notify,
}

impl<C: Cluster + Clone + 'static> CachedCluster<C> {
    /// Discovers the kinds of `inner`, reads their objects and goes on watching them, until the value is dropped.
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// What the discovery or a first list answered; a kind that may not be listed is no error, see
    /// [`CachedCluster::unreadable`].
    pub async fn start(inner: C) -> Result<Self, ClusterError> {
        let shared = Arc::new(Shared::default());
        let mut informers = Informers::new(inner.clone(), Arc::clone(&shared));
        informers.discover().await?;
        Ok(Self { inner, shared, informers: tokio::spawn(informers.run()) })
    }
}

impl<C> CachedCluster<C> {
    /// Waits until an object has changed.
    pub async fn changed(&self) {
        self.shared.changed.notified().await;
        tokio::time::sleep(GATHER).await;
    }

    /// The kinds that cannot be read, with what the cluster said.
    pub fn unreadable(&self) -> Vec<(GroupKind, ClusterError)> {
        lock(&self.shared.memory).unreadable()
    }

    /// The cluster itself.
    pub fn inner(&self) -> &C {
        &self.inner
    }

    fn take_in(&self, object: &Object) {
        lock(&self.shared.memory).insert(object.clone());
    }
}

impl<C> Drop for CachedCluster<C> {
    fn drop(&mut self) {
        self.informers.abort();
    }
}

fn lock(memory: &Mutex<Memory>) -> std::sync::MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn is_kept(kind: &ServedKind) -> bool {
    !EXCLUDED.contains(&(kind.group.as_str(), kind.kind.as_str()))
}

impl<C: Cluster + Clone + 'static> Cluster for CachedCluster<C> {
    type Watch = C::Watch;

    async fn discover(&self) -> Result<Discovery, ClusterError> {
        self.inner.discover().await
    }

    async fn list(&self, query: &ListQuery) -> Result<ObjectList, ClusterError> {
        let answer = lock(&self.shared.memory).list(query);
        match answer {
            Some(answer) => answer,
            None => {
                self.shared.discover.notify_one();
                self.inner.list(query).await
            }
        }
    }

    async fn get(&self, key: &ObjectKey) -> Result<Option<Object>, ClusterError> {
        self.inner.get(key).await
    }

    async fn apply(&self, object: &Object, options: &ApplyOptions) -> Result<Object, ClusterError> {
        let answer = self.inner.apply(object, options).await?;
        if !options.dry_run {
            self.take_in(&answer);
        }
        Ok(answer)
    }

    async fn create(&self, object: &Object, options: &WriteOptions) -> Result<Object, ClusterError> {
        let answer = self.inner.create(object, options).await?;
        if !options.dry_run {
            self.take_in(&answer);
        }
        Ok(answer)
    }

    async fn update(&self, object: &Object, options: &WriteOptions) -> Result<Object, ClusterError> {
        let answer = self.inner.update(object, options).await?;
        if !options.dry_run {
            self.take_in(&answer);
        }
        Ok(answer)
    }

    async fn update_status(&self, object: &Object, options: &WriteOptions) -> Result<Object, ClusterError> {
        let answer = self.inner.update_status(object, options).await?;
        if !options.dry_run {
            self.take_in(&answer);
        }
        Ok(answer)
    }

    async fn patch(
        &self,
        key: &ObjectKey,
        patch: &Node,
        options: &WriteOptions,
    ) -> Result<Object, ClusterError> {
        let answer = self.inner.patch(key, patch, options).await?;
        if !options.dry_run {
            // A patch that takes the last finalizer away from a deleted object answers with what is gone already.
            self.refresh(key).await?;
        }
        Ok(answer)
    }

    async fn delete(&self, key: &ObjectKey, options: &DeleteOptions) -> Result<(), ClusterError> {
        self.inner.delete(key, options).await?;
        if !options.dry_run {
            self.refresh(key).await?;
        }
        Ok(())
    }

    async fn watch(&self, query: &ListQuery, resource_version: &str) -> Result<Self::Watch, ClusterError> {
        self.inner.watch(query, resource_version).await
    }
}

impl<C: Cluster> CachedCluster<C> {
    /// Takes in what stands at `key` now.
    async fn refresh(&self, key: &ObjectKey) -> Result<(), ClusterError> {
        match self.inner.get(key).await? {
            Some(object) => self.take_in(&object),
            None => lock(&self.shared.memory).forget(key),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
