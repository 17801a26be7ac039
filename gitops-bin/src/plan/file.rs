//! A plan in a file, and the hash in it that an approval or a sync binds.

use std::io;
use std::path::Path;

use crate::view::PlanView;

/// The most bytes of a plan that is read.
const MOST_BYTES: u64 = 256 << 20;

/// Writes a plan. A file of that name is replaced as a whole, or left as it was.
pub fn write(plan: &PlanView, file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let new = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer_pretty(&new, plan)?;
    new.persist(file)?;
    Ok(())
}

/// Reads a plan.
pub fn read(file: &Path) -> io::Result<PlanView> {
    if std::fs::metadata(file)?.len() > MOST_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too large to be a plan"));
    }
    let plan: PlanView = serde_json::from_slice(&std::fs::read(file)?)?;
    if plan.kind != "Plan" || plan.api_version != crate::view::API_VERSION {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no plan of this version"));
    }
    Ok(plan)
}

/// SHA-256 of what a sync of `application` wants by this plan; why there is none where there is none.
pub fn desired_hash(plan: &PlanView, application: &str) -> Result<String, String> {
    let mut items = plan.items.iter().filter(|item| item.kind == "Application" && item.name == application);
    let item =
        items.next().ok_or_else(|| format!("the plan does not change the Application `{application}`"))?;
    if items.next().is_some() {
        return Err(format!("the plan has several Applications of the name `{application}`"));
    }
    item.desired_hash.clone().ok_or_else(|| {
        format!("the plan does not render all of the Application `{application}`, so that nothing can be bound to it")
    })
}
