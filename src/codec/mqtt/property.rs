//! Properties of MQTT 5 (section 2.2.2) by name, both ways. The names are those of `mqttjs/mqtt-packet`; which packet may
//! hold which property is not looked at.

use serde_json::{Map, Value};

use super::{
    super::value::{self, add, payload},
    make::{counted, push_varint, string},
    read::Bytes,
};

/// How a property stands on the wire.
#[derive(Clone, Copy)]
enum Form {
    Byte,
    Two,
    Four,
    Varint,
    Text,
    Binary,
    Pair,
}

impl Form {
    const fn described(self) -> &'static str {
        match self {
            Self::Byte => "a whole number from 0 to 255",
            Self::Two => "a whole number from 0 to 65535",
            Self::Four => "a whole number from 0 to 4294967295",
            Self::Varint => "a whole number from 0 to 268435455",
            Self::Text => "a text of at most 65535 bytes, without NUL",
            Self::Binary => "a text of at most 65535 bytes, or {\"base64\":\"…\"}",
            Self::Pair => "an object of texts",
        }
    }
}

use Form::{Binary, Byte, Four, Pair, Text, Two, Varint};

/// MQTT 5 table 2-4.
const PROPERTIES: [(u8, &str, Form); 27] = [
    (1, "payloadFormatIndicator", Byte),
    (2, "messageExpiryInterval", Four),
    (3, "contentType", Text),
    (8, "responseTopic", Text),
    (9, "correlationData", Binary),
    (11, "subscriptionIdentifier", Varint),
    (17, "sessionExpiryInterval", Four),
    (18, "assignedClientIdentifier", Text),
    (19, "serverKeepAlive", Two),
    (21, "authenticationMethod", Text),
    (22, "authenticationData", Binary),
    (23, "requestProblemInformation", Byte),
    (24, "willDelayInterval", Four),
    (25, "requestResponseInformation", Byte),
    (26, "responseInformation", Text),
    (28, "serverReference", Text),
    (31, "reasonString", Text),
    (33, "receiveMaximum", Two),
    (34, "topicAliasMaximum", Two),
    (35, "topicAlias", Two),
    (36, "maximumQoS", Byte),
    (37, "retainAvailable", Byte),
    (38, "userProperties", Pair),
    (39, "maximumPacketSize", Four),
    (40, "wildcardSubscriptionAvailable", Byte),
    (41, "subscriptionIdentifiersAvailable", Byte),
    (42, "sharedSubscriptionAvailable", Byte),
];

/// All properties, or none where one is not of the form. Repeated ones are an array.
pub(super) fn read(mut bytes: Bytes<'_>) -> Option<Map<String, Value>> {
    let mut properties = Map::new();
    let mut pairs = Map::new();
    while !bytes.is_empty() {
        let id = bytes.varint()?;
        let (_, name, form) = PROPERTIES
            .iter()
            .find(|(known, ..)| usize::from(*known) == id)?;
        let value = match form {
            Byte => bytes.byte()?.into(),
            Two => bytes.two()?.into(),
            Four => bytes.four()?.into(),
            Varint => bytes.varint()?.into(),
            Text => bytes.string()?.into(),
            Binary => payload(bytes.counted()?),
            Pair => {
                add(&mut pairs, bytes.string()?, bytes.string()?.into());
                continue;
            }
        };
        add(&mut properties, name, value);
    }
    if !pairs.is_empty() {
        properties.insert("userProperties".to_owned(), pairs.into());
    }
    Some(properties)
}

/// The properties with their length before them.
pub(super) fn make(properties: Option<&Map<String, Value>>) -> Result<Vec<u8>, String> {
    let mut made = Vec::new();
    for (name, value) in properties.into_iter().flatten() {
        let known = PROPERTIES.iter().find(|(_, known, _)| known == name);
        let (id, _, form) = known.ok_or_else(|| format!("MQTT has no property '{name}'"))?;
        for value in each(value) {
            // Not the value itself: it may be a secret.
            let wrong = || format!("'{name}' must be {}", form.described());
            one(*id, *form, value, &mut made).ok_or_else(wrong)?;
        }
    }
    let mut all = Vec::new();
    push_varint(made.len(), &mut all);
    all.append(&mut made);
    Ok(all)
}

/// What is not an array is repeated once; null is not there.
fn each(value: &Value) -> &[Value] {
    match value {
        Value::Null => &[],
        Value::Array(values) => values,
        one => std::slice::from_ref(one),
    }
}

fn one(id: u8, form: Form, value: &Value, made: &mut Vec<u8>) -> Option<()> {
    if matches!(form, Pair) {
        return pairs(id, value.as_object()?, made);
    }
    made.push(id);
    match form {
        Byte => made.push(value.as_u64()?.try_into().ok()?),
        Two => made.extend(u16::try_from(value.as_u64()?).ok()?.to_be_bytes()),
        Four => made.extend(u32::try_from(value.as_u64()?).ok()?.to_be_bytes()),
        Varint => {
            let value = usize::try_from(value.as_u64()?).ok()?;
            push_varint((value <= super::LARGEST).then_some(value)?, made);
        }
        Text => made.extend(string(value.as_str()?)?),
        Binary => made.extend(counted(&value::bytes(value)?)?),
        Pair => return None,
    }
    Some(())
}

fn pairs(id: u8, pairs: &Map<String, Value>, made: &mut Vec<u8>) -> Option<()> {
    for (name, values) in pairs {
        for value in each(values) {
            made.push(id);
            made.extend(string(name)?);
            made.extend(string(value.as_str()?)?);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_property_goes_both_ways() {
        for (id, name, form) in PROPERTIES {
            let value = match form {
                Byte => json!(1),
                Two => json!(65535),
                Four => json!(u32::MAX),
                Varint => json!([1, 128, super::super::LARGEST]),
                Text => json!("é"),
                Binary => json!({"base64": "/wA="}),
                Pair => json!({"a": "1", "b": ["2", "3"]}),
            };
            let properties = json!({name: value});
            let made = make(properties.as_object()).unwrap();
            assert_eq!(made[0] as usize, made.len() - 1);
            assert_eq!(made[1], id);
            assert_eq!(read(Bytes(&made[1..])).map(Value::Object), Some(properties));
            for cut in 2..made.len() {
                let whole_ones = matches!(form, Varint | Pair);
                assert!(read(Bytes(&made[1..cut])).is_none() || whole_ones, "{name}");
            }
        }
        assert_eq!(make(None), Ok(vec![0]));
    }

    #[test]
    fn what_is_no_property_is_refused() {
        let wrong = [
            (json!({"colour": 1}), "MQTT has no property 'colour'"),
            (
                json!({"receiveMaximum": 65536}),
                "'receiveMaximum' must be a whole number from 0 to 65535",
            ),
            (
                json!({"maximumQoS": -1}),
                "'maximumQoS' must be a whole number from 0 to 255",
            ),
            (
                json!({"contentType": 1}),
                "'contentType' must be a text of at most 65535 bytes, without NUL",
            ),
            (
                json!({"userProperties": {"a": 1}}),
                "'userProperties' must be an object of texts",
            ),
        ];
        for (properties, sentence) in wrong {
            assert_eq!(make(properties.as_object()), Err(sentence.to_owned()));
        }
        assert_eq!(read(Bytes(&[4, 0])), None);
        assert_eq!(read(Bytes(&[0x80, 0x80, 0x80, 0x80, 1])), None);
    }
}
