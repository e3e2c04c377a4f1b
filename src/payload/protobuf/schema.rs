//! The type of a stream's messages, from a descriptor file.

use prost_reflect::{DescriptorPool, MessageDescriptor};

/// The type of a stream's messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    message: MessageDescriptor,
}

impl Schema {
    /// The message type of this full name in a set of descriptors (`FileDescriptorSet`, as `protoc
    /// --descriptor_set_out --include_imports` and `buf build -o` write it).
    ///
    /// # Errors
    /// In a sentence: this is no such set, or it has no such message type.
    pub fn new(descriptors: &[u8], name: &str) -> Result<Self, String> {
        let pool = DescriptorPool::decode(descriptors)
            .map_err(|error| format!("this is no set of protobuf descriptors: {error}"))?;
        match pool.get_message_by_name(name) {
            Some(message) => Ok(Self { message }),
            None => Err(unknown(&pool, name)),
        }
    }

    pub(super) const fn message(&self) -> &MessageDescriptor {
        &self.message
    }

    /// The full name of the type.
    pub fn name(&self) -> &str {
        self.message.full_name()
    }
}

fn unknown(pool: &DescriptorPool, name: &str) -> String {
    let short = name.rsplit('.').next().unwrap_or(name);
    let all = || {
        pool.all_messages()
            .filter(|message| !message.is_map_entry())
    };
    let alike = all().find(|message| message.name().eq_ignore_ascii_case(short));
    let known = alike.or_else(|| all().next());
    let known = known.map_or_else(
        || "it has none at all".into(),
        |message| format!("it has '{}' for one", message.full_name()),
    );
    format!("it has no message type '{name}'; {known}")
}
