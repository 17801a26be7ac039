//! Where an upstream is.

use std::path::PathBuf;

use gitops_ports::git::GitError;

/// Schemes that a path does not have.
const SCHEMES: &[&str] = &["http", "https", "ssh", "git", "git+ssh", "ftp", "ftps", "s3", "codecommit"];

/// The directory that a path or a `file://` URL names; other transports are refused, in words that hold no
/// credentials.
pub(crate) fn local_path(url: &str) -> Result<PathBuf, GitError> {
    if let Some(path) = url.strip_prefix("file://") {
        // `file://localhost/path` is the same as `file:///path`.
        let path = path.strip_prefix("localhost").unwrap_or(path);
        return Ok(PathBuf::from(path));
    }
    let refused = |scheme: &str| GitError::UnsupportedTransport {
        url: without_credentials(url),
        scheme: scheme.to_owned(),
    };
    if let Some((scheme, _)) = url.split_once("://") {
        return Err(refused(scheme));
    }
    if let Some((scheme, _)) = url.split_once(':')
        && SCHEMES.contains(&scheme)
    {
        return Err(refused(scheme));
    }
    // `git@host:path` is how Git abbreviates SSH: a colon before the first slash.
    match url.split_once(':') {
        Some((host, _)) if !host.contains('/') && host.len() > 1 => Err(refused("ssh")),
        Some(_) | None => Ok(PathBuf::from(url)),
    }
}

/// The URL without user and password.
pub(crate) fn without_credentials(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.split_once('@').map_or(url, |(_, rest)| rest).to_owned();
    };
    let (host, path) = rest.split_once('/').map_or((rest, None), |(host, path)| (host, Some(path)));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    path.map_or_else(|| format!("{scheme}://{host}"), |path| format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_upstreams_are_served() {
        for (url, path) in
            [("/srv/a.git", "/srv/a.git"), ("file:///srv/a.git", "/srv/a.git"), ("a.git", "a.git")]
        {
            assert_eq!(local_path(url).unwrap(), PathBuf::from(path));
        }
        let cases = [
            ("https://user:secret@example.com/a.git", "https", "https://example.com/a.git"),
            ("git@example.com:team/a.git", "ssh", "example.com:team/a.git"),
            ("ssh://git@example.com/a.git", "ssh", "ssh://example.com/a.git"),
        ];
        for (url, scheme, shown) in cases {
            let expected =
                GitError::UnsupportedTransport { url: shown.to_owned(), scheme: scheme.to_owned() };
            assert_eq!(local_path(url).unwrap_err(), expected);
        }
    }
}
