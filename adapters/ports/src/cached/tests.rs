//! The cached cluster: the contract, and what its memory does.

use std::time::Duration;

use gitops_core::diagnostic::Location;
use gitops_core::yaml;

use super::*;
use crate::cluster::WatchEvent;
use crate::embedded::{EmbeddedCluster, WallClock};

fn object(version: u64, uid: &str) -> Object {
    let text = format!(
        "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: a, namespace: dev, uid: {uid}, resourceVersion: '{version}'}}}}"
    );
    Object::new(yaml::read_one("test.yaml", &text).unwrap(), Location::default())
}

fn configs() -> GroupKind {
    GroupKind::new("", "ConfigMap")
}

fn versions(memory: &Memory) -> Vec<String> {
    let list = memory.list(&ListQuery::kind(configs(), Some("dev"))).unwrap().unwrap();
    let version = |object: &Object| object.root.str_at(&["metadata", "resourceVersion"]).unwrap().to_owned();
    list.objects.iter().map(version).collect()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn the_contract_holds() {
    runtime().block_on(async {
        let inner = EmbeddedCluster::new(WallClock);
        let text = "{apiVersion: v1, kind: Namespace, metadata: {name: contract}}";
        let namespace = Object::new(yaml::read_one("test.yaml", text).unwrap(), Location::default());
        inner.create(&namespace, &WriteOptions::new("test")).await.unwrap();
        let cached = CachedCluster::start(inner).await.unwrap();
        assert_eq!(crate::contract::cluster(&cached, "contract").await, []);
    });
}

#[test]
fn what_another_writer_does_is_seen() {
    runtime().block_on(async {
        let inner = EmbeddedCluster::new(WallClock);
        let cached = CachedCluster::start(inner.clone()).await.unwrap();
        let text = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: default}}";
        let config = Object::new(yaml::read_one("test.yaml", text).unwrap(), Location::default());
        let query = ListQuery::kind(configs(), Some("default"));
        let sees = async |count: usize| {
            while cached.list(&query).await.unwrap().objects.len() != count {
                cached.changed().await;
            }
        };
        inner.create(&config, &WriteOptions::new("another")).await.unwrap();
        tokio::time::timeout(Duration::from_secs(10), sees(1)).await.unwrap();
        inner.delete(&config.key, &DeleteOptions::default()).await.unwrap();
        tokio::time::timeout(Duration::from_secs(10), sees(0)).await.unwrap();
    });
}

#[test]
fn an_older_state_never_replaces_a_newer_one() {
    let mut memory = Memory::default();
    memory.replace(&configs(), ObjectList::default());
    assert!(memory.take_in(WatchEvent::Added(object(5, "u1"))));
    assert!(!memory.take_in(WatchEvent::Modified(object(4, "u1"))));
    assert_eq!(versions(&memory), ["5"]);
    // A list that was made before a write of ours does not take the object away.
    memory.replace(&configs(), ObjectList { objects: vec![], resource_version: "4".into() });
    assert_eq!(versions(&memory), ["5"]);
    memory.replace(&configs(), ObjectList { objects: vec![], resource_version: "6".into() });
    assert!(versions(&memory).is_empty());
}

#[test]
fn a_deleted_object_stays_away_and_its_successor_stays() {
    let mut memory = Memory::default();
    memory.replace(&configs(), ObjectList::default());
    memory.insert(object(5, "u1"));
    memory.forget(&object(5, "u1").key);
    assert!(!memory.take_in(WatchEvent::Modified(object(6, "u1"))), "a late event brought it back");
    assert!(memory.insert(object(8, "u2")));
    assert!(!memory.take_in(WatchEvent::Deleted(object(7, "u1"))));
    assert_eq!(versions(&memory), ["8"]);
}

#[test]
fn a_kind_that_is_refused_says_so_and_a_foreign_one_is_asked_for() {
    let mut memory = Memory::default();
    let error = ClusterError::Forbidden { key: ObjectKey::default(), message: "no".to_owned() };
    memory.refuse(&configs(), error.clone());
    let query = ListQuery::kind(configs(), None);
    assert_eq!(memory.list(&query).unwrap().unwrap_err(), error);
    assert!(memory.list(&ListQuery::kind(GroupKind::new("", "Event"), None)).is_none());
    assert_eq!(memory.unreadable(), [(configs(), error)]);
}
