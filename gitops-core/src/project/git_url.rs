//! Repository URLs as Argo CD compares them.

/// The form of a repository URL that comparisons use: trimmed, in lower case (the path too), without one `.git`
/// at the end, scp-style `git@host:path` as `git@host/path`, without `ssh://`.
pub fn normalize_git_url(url: &str) -> String {
    let url = url.trim().to_lowercase();
    let path_style = if is_scp_style(&url) { url.replacen(':', "/", 1) } else { url };
    let stripped = path_style.strip_suffix(".git").unwrap_or(&path_style);
    stripped.strip_prefix("ssh://").unwrap_or(stripped).to_owned()
}

/// Whether two URLs name one repository.
pub fn same_git_url(a: &str, b: &str) -> bool {
    normalize_git_url(a) == normalize_git_url(b)
}

/// A URL without user and password, for messages.
pub fn sanitize_git_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(authority_end).unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    format!("{scheme}://{host}{path}")
}

/// `user@host:path`, without a scheme.
fn is_scp_style(url: &str) -> bool {
    let Some((user_and_host, _)) = url.split_once(':') else { return false };
    let is_host = |text: &str| !text.is_empty() && !text.contains('/');
    !url.contains("://")
        && user_and_host.split_once('@').is_some_and(|(user, host)| is_host(user) && is_host(host))
}
