//! Repository URLs as Argo CD compares them.

/// The form of a repository URL that comparisons use: trimmed, in lower case (the path too), without one `.git`
/// at the end, scp-style `git@host:path` as `git@host/path`, without `ssh://`. What does not parse as a URL stays
/// as it is, in lower case.
pub fn normalize_git_url(url: &str) -> String {
    normal_form(url).unwrap_or_else(|text| text)
}

/// The same for a pattern: the error is one that does not parse as a URL and so is no pattern, only a text.
pub(super) fn normal_form(url: &str) -> Result<String, String> {
    let text = url.trim().to_lowercase();
    let addressed = if is_ssh(&text) && !text.starts_with("ssh://") {
        format!("ssh://{}", text.replacen(':', "/", 1))
    } else {
        text.clone()
    };
    let stripped = addressed.strip_suffix(".git").unwrap_or(&addressed);
    let printed = reprinted(stripped).ok_or(text)?;
    Ok(printed.strip_prefix("ssh://").unwrap_or(&printed).to_owned())
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

/// `user@host:path` or `ssh://user@host/path`.
fn is_ssh(url: &str) -> bool {
    let rest = url.strip_prefix("ssh://").unwrap_or(url);
    let Some((user, host)) = rest.split_once('@') else { return false };
    !user.contains(['/', ':']) && !host.is_empty() && !host.contains('@')
}

/// A URL as Go's `net/url` prints it after parsing it: a path with characters that a URL does not have is
/// escaped as a whole, so that braces in a pattern match nothing. `None` where it does not parse.
fn reprinted(url: &str) -> Option<String> {
    if url.chars().any(|c| c.is_ascii_control()) {
        return None;
    }
    let (before_query, query) = match url.find(['?', '#']) {
        Some(at) => url.split_at_checked(at)?,
        None => (url, ""),
    };
    let Some((scheme, rest)) = before_query.split_once("://") else {
        // A colon in the first segment would read as a scheme.
        let first = before_query.split('/').next().unwrap_or_default();
        return (!first.contains(':')).then(|| format!("{}{query}", printed_path(before_query)));
    };
    let authority_end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(authority_end)?;
    (is_scheme(scheme) && is_authority(authority))
        .then(|| format!("{scheme}://{authority}{}{query}", printed_path(path)))
}

fn is_scheme(scheme: &str) -> bool {
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

fn is_authority(authority: &str) -> bool {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (name, port) = match host.strip_prefix('[') {
        Some(bracketed) => match bracketed.split_once(']') {
            Some((address, rest)) => (address, rest.strip_prefix(':').unwrap_or(rest)),
            None => return false,
        },
        None => host.rsplit_once(':').unwrap_or((host, "")),
    };
    let forbidden = |c: char| matches!(c, '{' | '}' | ' ' | '|' | '\\' | '^' | '`' | '%' | '[' | ']');
    !name.contains(forbidden) && port.chars().all(|c| c.is_ascii_digit())
}

fn printed_path(path: &str) -> String {
    let is_legal = |c: char| c.is_ascii_alphanumeric() || "!$&'()*+,;=:@[]-_.~%/".contains(c);
    if path.chars().all(is_legal) {
        return path.to_owned();
    }
    let stays = |byte: u8| byte.is_ascii_alphanumeric() || b"$&+,/:;=@-_.~%".contains(&byte);
    path.bytes().fold(String::new(), |mut printed, byte| {
        if stays(byte) {
            printed.push(char::from(byte));
        } else {
            printed.push('%');
            printed.extend(
                [byte >> 4, byte & 15].into_iter().filter_map(|half| char::from_digit(half.into(), 16)),
            );
        }
        printed
    })
}
