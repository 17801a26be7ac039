//! What holds for every registry.

use super::{Checked, Failure, check, same, that};
use crate::registry::{Registry, RegistryError, RegistryImage};

/// Checks a registry that holds exactly `expected` in `repository`, in any order, and nothing in
/// `missing_repository`.
pub async fn registry<R: Registry>(
    registry: &R,
    repository: &str,
    expected: &[RegistryImage],
    missing_repository: &str,
) -> Vec<Failure> {
    let mut failures = vec![];
    check(&mut failures, "a repository lists its images", lists(registry, repository, expected)).await;
    check(&mut failures, "a list has an order", is_ordered(registry, repository)).await;
    check(&mut failures, "a missing repository is called so", misses(registry, missing_repository)).await;
    failures
}

async fn lists<R: Registry>(registry: &R, repository: &str, expected: &[RegistryImage]) -> Checked {
    let mut found = registry.images(repository).await.map_err(said)?;
    let mut expected = expected.to_vec();
    for images in [&mut found, &mut expected] {
        images.sort_by(|a, b| a.digest.cmp(&b.digest));
    }
    same("the list", found, expected)
}

async fn is_ordered<R: Registry>(registry: &R, repository: &str) -> Checked {
    let found = registry.images(repository).await.map_err(said)?;
    let place = |image: &RegistryImage| (image.pushed_at, image.digest.clone());
    that(found.is_sorted_by_key(place), "the images are not in the order of their pushes")?;
    that(found.iter().all(|image| image.tags.is_sorted()), "the tags of an image are not in byte order")?;
    same("a second list", registry.images(repository).await.map_err(said)?, found)
}

async fn misses<R: Registry>(registry: &R, repository: &str) -> Checked {
    let answer = registry.images(repository).await;
    that(matches!(answer, Err(RegistryError::NotFound { .. })), &format!("the answer is {answer:?}"))
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where `map_err` hands the error over")]
fn said(error: RegistryError) -> String {
    error.to_string()
}
