//! Where the programs of a control plane are.

use std::env;
use std::path::{Path, PathBuf};

use crate::ControlPlaneError;

/// The folder of a cache directory that `e2e/controlplane/build` fills in continuous integration.
const CACHE: &str = ".cache/gitops-ci/control-plane";

/// The folders in which the programs are looked for.
#[derive(Clone, Debug)]
pub struct Programs {
    folders: Vec<PathBuf>,
}

impl Programs {
    /// The folder that `KUBEBUILDER_ASSETS` names, the cache of continuous integration, and the `PATH`.
    pub fn find() -> Self {
        let assets = env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from);
        let cache = env::home_dir().map(|home| home.join(CACHE));
        let path = env::var_os("PATH").unwrap_or_default();
        Self { folders: assets.into_iter().chain(cache).chain(env::split_paths(&path)).collect() }
    }

    /// The file of `program`.
    ///
    /// # Errors
    /// [`ControlPlaneError::Program`] where it is in no folder.
    pub fn file(&self, program: &'static str) -> Result<PathBuf, ControlPlaneError> {
        let files = self.folders.iter().map(|folder| folder.join(program));
        files.into_iter().find(|file| Path::is_file(file)).ok_or(ControlPlaneError::Program { program })
    }
}
