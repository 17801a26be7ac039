//! `gitops sync`, `gitops approve`, `gitops history`, `gitops rollback`: moving one Application.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::client::Client;
use super::format::{FormatArgument, print_list};
use super::get::short;
use super::table::Table;
use super::{Exit, Failure, Global, output};
use crate::text;
use crate::view::{ApprovalView, DiffView, HistoryView, ListView, OperationView};

/// Sync an Application to the revision that its source names
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gitops sync myapp-dev\n  gitops sync myapp-prod --dry-run\n  gitops sync myapp-prod --as operator"
)]
pub(super) struct SyncArguments {
    /// The Application
    application: String,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Delete what is no longer in Git, also where the Application does not say so
    #[arg(long)]
    prune: bool,
    /// A plan of `gitops plan --out`; the sync is refused when it would apply something else
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Who asks for it; recorded as unverified
    #[arg(long = "as", value_name = "NAME")]
    person: Option<String>,
}

/// Approve the exact changes that a sync of an Application would make
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  gitops approve myapp-prod --as operator --sync\n  gitops approve myapp-prod --changes 3f9a…\n  gitops approve myapp-prod --plan plan.json --sync"
)]
pub(super) struct ApproveArguments {
    /// The Application
    application: String,
    /// The hash of the changes as `gitops diff` shows it; the approval is refused when they are others by now
    #[arg(long, value_name = "SHA256")]
    changes: Option<String>,
    /// A plan of `gitops plan --out`; the approval is refused when a sync would apply something else
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// Who approves; recorded as unverified
    #[arg(long = "as", value_name = "NAME")]
    person: Option<String>,
    /// Why
    #[arg(short, long, default_value = "")]
    message: String,
    /// Sync at once
    #[arg(long)]
    sync: bool,
}

/// Show what was synced, when and by whom
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  gitops history myapp-prod\n  gitops history myapp-prod -o json")]
pub(super) struct HistoryArguments {
    /// The Application
    application: String,
    #[command(flatten)]
    output: FormatArgument,
}

/// Sync an Application to an earlier revision of its history
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  gitops rollback myapp-prod\n  gitops rollback myapp-prod 3")]
pub(super) struct RollbackArguments {
    /// The Application
    application: String,
    /// The entry of the history; the one before the newest when left out
    id: Option<i64>,
    /// Who asks for it; recorded as unverified
    #[arg(long = "as", value_name = "NAME")]
    person: Option<String>,
}

pub(super) fn sync(global: &Global, arguments: &SyncArguments) -> Result<Exit, Failure> {
    let desired = bound(arguments.plan.as_deref(), &arguments.application)?;
    let client = Client::connect(global)?;
    if arguments.dry_run {
        let diff: DiffView = client.get(&format!("applications/{}/diff", arguments.application))?;
        output::print(&text::diff(&diff))?;
        return Ok(Exit::Success);
    }
    let body = json!({
        "prune": arguments.prune,
        "desired": desired,
        "initiatedBy": person(arguments.person.as_ref())?,
    });
    let operation: OperationView =
        client.post(&format!("applications/{}/sync", arguments.application), &body)?;
    report(&arguments.application, &operation)
}

/// The hash that binds the Application to a plan, where one is given.
fn bound(plan: Option<&Path>, application: &str) -> Result<Option<String>, Failure> {
    plan.map(|file| super::plan::bound(file, application)).transpose()
}

pub(super) fn approve(global: &Global, arguments: &ApproveArguments) -> Result<Exit, Failure> {
    let desired = bound(arguments.plan.as_deref(), &arguments.application)?;
    let client = Client::connect(global)?;
    let approver = person(arguments.person.as_ref())?;
    let changes = match &arguments.changes {
        Some(changes) => changes.clone(),
        None => {
            let diff: DiffView = client.get(&format!("applications/{}/diff", arguments.application))?;
            output::note(text::diff(&diff).trim_end());
            diff.changes_hash
        }
    };
    let body = json!({
        "approver": approver,
        "changes": changes,
        "desired": desired,
        "message": arguments.message,
        "sync": arguments.sync,
    });
    let approval: ApprovalView =
        client.post(&format!("applications/{}/approve", arguments.application), &body)?;
    output::print(&format!(
        "{} approved {} at revision {} (changes {}){}\n",
        approval.approver,
        arguments.application,
        short(&approval.revision),
        short(&approval.changes_hash),
        if approval.verified { "" } else { ", name not verified" },
    ))?;
    Ok(Exit::Success)
}

pub(super) fn history(global: &Global, arguments: &HistoryArguments) -> Result<Exit, Failure> {
    let path = format!("applications/{}/history", arguments.application);
    let list: ListView<HistoryView> = Client::connect(global)?.get(&path)?;
    print_list(
        arguments.output.format,
        &list,
        |entry| entry.id.to_string(),
        |items| {
            let mut table = Table::new(&["ID", "DATE", "REVISION", "INITIATED BY", "APPROVED BY"]);
            for entry in items {
                let approver = entry.approval.as_ref().map(|approval| approval.approver.clone());
                table.row([
                    entry.id.to_string(),
                    entry.deployed_at.clone(),
                    short(&entry.revision),
                    entry.initiated_by.clone(),
                    approver.unwrap_or_default(),
                ]);
            }
            table
        },
    )?;
    Ok(Exit::Success)
}

pub(super) fn rollback(global: &Global, arguments: &RollbackArguments) -> Result<Exit, Failure> {
    let client = Client::connect(global)?;
    let body = json!({ "id": arguments.id, "initiatedBy": person(arguments.person.as_ref())? });
    let operation: OperationView =
        client.post(&format!("applications/{}/rollback", arguments.application), &body)?;
    report(&arguments.application, &operation)
}

fn report(application: &str, operation: &OperationView) -> Result<Exit, Failure> {
    output::print(&format!("{application}: {} {}\n", operation.phase, text::printable(&operation.message)))?;
    Ok(match operation.phase.as_str() {
        "Failed" | "Error" => Exit::Finding,
        _ => Exit::Success,
    })
}

/// Who acts: the flag, else the name of the login. The daemon records it as unverified.
pub(super) fn person(flag: Option<&String>) -> Result<String, Failure> {
    let login = || std::env::var("USER").ok().or_else(|| std::env::var("LOGNAME").ok());
    flag.cloned()
        .or_else(login)
        .filter(|name| !name.trim().is_empty())
        .ok_or_else(|| Failure::usage("nobody is named").hint(Some("say who acts with `--as NAME`")))
}
