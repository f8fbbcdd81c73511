//! URLs of nodes, which may hold secrets: paths, queries and user parts are keys of paid nodes.

use base64::Engine;

/// A node's URL in parts.
#[derive(PartialEq, Eq)]
pub(super) struct Parts {
    /// The URL without user and password.
    pub(super) clean: String,
    /// The header for user and password.
    pub(super) authorization: Option<String>,
    /// Scheme and host: all that may be shown.
    pub(super) shown: String,
}

/// Splits a URL; `None` where it is no URL of a node.
pub(super) fn parts(url: &str) -> Option<Parts> {
    let (scheme, rest) = url.split_once("://")?;
    if !matches!(scheme, "http" | "https") {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (user, host) = authority.rsplit_once('@').map_or((None, authority), |(user, host)| (Some(user), host));
    let clean = format!("{scheme}://{host}{path}");
    clean.parse::<ureq::http::Uri>().ok().filter(|uri| uri.host().is_some_and(|host| !host.is_empty()))?;
    let authorization =
        user.map(|user| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(percent_decoded(user))));
    let hidden = if path.is_empty() || path == "/" { "" } else { "/…" };
    Some(Parts { clean, authorization, shown: format!("{scheme}://{host}{hidden}") })
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    out
}

/// What may be shown of a node's URL.
pub fn endpoint(url: &str) -> String {
    parts(url).map_or_else(|| "the URL".to_owned(), |parts| parts.shown)
}

/// Whether the node is on this machine.
pub fn is_loopback(url: &str) -> bool {
    let host = parts(url).and_then(|parts| Some(parts.clean.parse::<ureq::http::Uri>().ok()?.host()?.to_owned()));
    host.is_some_and(|host| {
        let host = host.trim_matches(['[', ']']);
        host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_url_only_scheme_and_host_are_shown() {
        for (url, clean, authorization, shown) in [
            ("http://localhost:8545", "http://localhost:8545", None, "http://localhost:8545"),
            ("https://a.example/", "https://a.example/", None, "https://a.example"),
            ("https://a.example/v3/key", "https://a.example/v3/key", None, "https://a.example/…"),
            ("https://a.example?key=1", "https://a.example?key=1", None, "https://a.example/…"),
            ("https://u:p%40w@a.example/k", "https://a.example/k", Some("Basic dTpwQHc="), "https://a.example/…"),
        ] {
            let got = parts(url).unwrap();
            assert_eq!((&*got.clean, got.authorization.as_deref(), &*got.shown), (clean, authorization, shown));
        }
        for wrong in ["", "localhost:8545", "ftp://a.example", "http://", "http:///key", "file:///etc/passwd"] {
            assert!(parts(wrong).is_none(), "{wrong}");
            assert_eq!(endpoint(wrong), "the URL");
        }
        assert!(
            is_loopback("http://localhost:1") && is_loopback("http://127.0.0.1") && is_loopback("http://[::1]:1/k")
        );
        assert!(!is_loopback("http://localhost.example") && !is_loopback("http://10.0.0.1"));
    }
}
