//! JSON pointers (RFC 6901) into messages, and two things more that services need: a pointer goes on through a text that
//! holds JSON, and `-1` is the last item of a list.

use std::borrow::Cow;

use serde_json::Value;

/// What a pointer points to.
pub fn pointed<'v>(value: &'v Value, pointer: &str) -> Option<Cow<'v, Value>> {
    // Nearly always it is an ordinary one.
    if let Some(found) = value.pointer(pointer) {
        return Some(Cow::Borrowed(found));
    }
    let mut steps = pointer.split('/');
    steps.next().filter(|before| before.is_empty())?;
    steps.try_fold(Cow::Borrowed(value), |value, step| {
        let name = step.replace("~1", "/").replace("~0", "~");
        match value {
            Cow::Borrowed(value) => below(value, &name),
            Cow::Owned(value) => below(&value, &name).map(|found| Cow::Owned(found.into_owned())),
        }
    })
}

fn below<'v>(value: &'v Value, name: &str) -> Option<Cow<'v, Value>> {
    match value {
        Value::Object(members) => members.get(name).map(Cow::Borrowed),
        Value::Array(items) if name == "-1" => items.last().map(Cow::Borrowed),
        Value::Array(items) => items.get(index(name)?).map(Cow::Borrowed),
        Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
            let inner: Value = serde_json::from_str(text).ok()?;
            below(&inner, name).map(|found| Cow::Owned(found.into_owned()))
        }
        _ => None,
    }
}

/// An index as RFC 6901 section 4 writes it: without a sign or leading zeros.
fn index(name: &str) -> Option<usize> {
    let plain = name == "0" || name.starts_with(|c: char| ('1'..='9').contains(&c));
    plain.then(|| name.parse().ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pointers_go_through_texts_and_to_the_last_item() {
        let message = json!({
            "data": "{\"socket_id\":\"1.2\",\"list\":[1,{\"a/b\":2}],\"again\":\"[7]\"}",
            "list": ["x", 1, "last"],
            "-1": "a member",
            "text": "{not JSON",
            "none": [],
        });
        let at = |pointer| pointed(&message, pointer).map(Cow::into_owned);
        assert_eq!(at(""), Some(message.clone()));
        assert_eq!(at("/data/socket_id"), Some(json!("1.2")));
        assert_eq!(at("/data/list/1/a~1b"), Some(json!(2)));
        assert_eq!(at("/data/list/-1/a~1b"), Some(json!(2)));
        assert_eq!(at("/data/again/0"), Some(json!(7)));
        assert_eq!(at("/list/-1"), Some(json!("last")));
        assert_eq!(at("/list/1"), Some(json!(1)));
        assert_eq!(at("/-1"), Some(json!("a member")));
        for nothing in [
            "/data/x",
            "/text/a",
            "/none/-1",
            "/list/01",
            "/list/+1",
            "/list/-2",
            "/list/-1/0",
            "data",
            "/x/y",
        ] {
            assert_eq!(at(nothing), None, "{nothing}");
        }
    }
}
