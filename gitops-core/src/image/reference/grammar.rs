//! The grammar of a reference, read from its end: digest, tag, then registry and repository.

/// The parts of a reference.
pub(super) struct Parts<'t> {
    pub(super) domain: &'t str,
    pub(super) path: &'t str,
    pub(super) tag: Option<&'t str>,
    pub(super) digest: Option<&'t str>,
}

/// The parts of `text`, if it keeps the grammar.
pub(super) fn split(text: &str) -> Option<Parts<'_>> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) if is_digest(digest) => (rest, Some(digest)),
        Some(_) => return None,
        None => (text, None),
    };
    // A tag holds no slash, so a colon after the last slash begins one, and no other does.
    let after_slash = rest.rfind('/').map_or(0, |slash| slash + 1);
    let last = rest.get(after_slash..)?;
    let (name, tag) = match last.split_once(':') {
        Some((_, tag)) if super::super::edit::is_valid_tag(tag) => {
            (rest.get(..rest.len() - tag.len() - 1)?, Some(tag))
        }
        Some(_) => return None,
        None => (rest, None),
    };
    let (domain, path) = split_name(name)?;
    Some(Parts { domain, path, tag, digest })
}

/// Registry and repository: the first part is a registry wherever it can be one.
fn split_name(name: &str) -> Option<(&str, &str)> {
    if let Some((domain, path)) = name.split_once('/')
        && is_domain(domain)
        && is_path(path)
    {
        return Some((domain, path));
    }
    is_path(name).then_some(("", name))
}

fn is_domain(text: &str) -> bool {
    let digits = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        let hexadecimal = |byte: u8| byte.is_ascii_hexdigit() || byte == b':';
        let address_fits = !address.is_empty() && address.bytes().all(hexadecimal);
        return address_fits && (port.is_empty() || port.strip_prefix(':').is_some_and(digits));
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    port.is_none_or(digits) && host.split('.').all(is_host_part)
}

fn is_host_part(part: &str) -> bool {
    !part.is_empty()
        && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !part.starts_with('-')
        && !part.ends_with('-')
}

fn is_path(path: &str) -> bool {
    path.split('/').all(is_path_component)
}

/// Lower-case letters and digits, in groups held together by `.`, `_`, `__` or any number of `-`.
fn is_path_component(component: &str) -> bool {
    let alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let mut rest = component;
    loop {
        let after_group = rest.trim_start_matches(alphanumeric);
        if after_group.len() == rest.len() {
            return false;
        }
        if after_group.is_empty() {
            return true;
        }
        let dashes = after_group.trim_start_matches('-');
        rest = if dashes.len() < after_group.len() {
            dashes
        } else if let Some(rest) =
            ["__", "_", "."].iter().find_map(|separator| after_group.strip_prefix(separator))
        {
            rest
        } else {
            return false;
        };
    }
}

/// `algorithm:hex`, the algorithm in groups held together by `+`, `.`, `-` or `_`.
fn is_digest(text: &str) -> bool {
    let Some((algorithm, encoded)) = text.split_once(':') else { return false };
    let group = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    algorithm.split(['+', '.', '-', '_']).all(group)
        && encoded.len() >= 32
        && encoded.bytes().all(|byte| byte.is_ascii_hexdigit())
}
