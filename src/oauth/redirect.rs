//! The request that a browser brings back from an authorisation server (RFC 6749 section 4.1.2).

use url::form_urlencoded;

use crate::secret::Secret;

/// What a redirect is.
#[derive(Clone, Debug, PartialEq)]
pub enum Redirect {
    /// A code to exchange.
    Code(Secret),
    /// The server, or the user, said no.
    Refused(String),
    /// It is not the answer to our request: it is left alone.
    Foreign(&'static str),
}

/// Reads the query of a redirect. Only one with our `state` counts (RFC 6749 section 10.12), and when the issuer names
/// itself there, only ours (RFC 9207 section 2.4): `issuer` is who it has to be, `named` whether it must say so.
pub fn read_redirect(query: &str, state: &Secret, issuer: Option<&str>, named: bool) -> Redirect {
    let find = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    if find("state").as_deref() != Some(state.expose()) {
        return Redirect::Foreign("this is not the answer to the sign-in that is waited for");
    }
    match (find("iss"), issuer) {
        (Some(iss), Some(issuer)) if iss != issuer => {
            return Redirect::Foreign("this is the answer of another authorisation server");
        }
        (None, Some(_)) if named => {
            return Redirect::Foreign(
                "this answer does not say which authorisation server gave it",
            );
        }
        _ => {}
    }
    if let Some(error) = find("error") {
        let words = find("error_description");
        return Redirect::Refused(
            words.map_or_else(|| error.clone(), |words| format!("{error}: {words}")),
        );
    }
    match find("code") {
        Some(code) if !code.is_empty() => Redirect::Code(Secret::new(code)),
        _ => Redirect::Foreign("this answer holds no code"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_answer_counts() {
        let state = Secret::new("s 1".into());
        let read = |query, named| read_redirect(query, &state, Some("https://id.example"), named);
        let code = Redirect::Code(Secret::new("c".into()));
        assert_eq!(read("code=c&state=s+1", false), code);
        assert_eq!(
            read("state=s%201&iss=https%3A%2F%2Fid.example&code=c", true),
            code
        );
        assert_eq!(
            read(
                "error=access_denied&error_description=not%20now&state=s+1",
                false
            ),
            Redirect::Refused("access_denied: not now".into())
        );
        for (query, named) in [
            ("code=c", false),
            ("code=c&state=other", false),
            ("error=access_denied", false),
            ("code=c&state=s+1", true),
            ("code=c&state=s+1&iss=https://evil.example", false),
            ("state=s+1&code=", false),
        ] {
            assert!(
                matches!(read(query, named), Redirect::Foreign(_)),
                "{query}"
            );
        }
    }
}
