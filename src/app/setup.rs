//! What the screen is told once, at the start.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::audit;
use crate::{
    audit::Watch,
    auth::shown,
    dialect::EventMap,
    keymap::Keymap,
    payload::protobuf::Schema,
    profile::{Alert, Clipboard, Column, Margins, Profile, Source},
    scenario::Script,
};

/// Everything the screen needs besides its inputs.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The streams, in the order of their ids.
    pub streams: Vec<StreamSetup>,
    /// What the demo offers; `None` outside it.
    pub demo: Option<Script>,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// How many bytes of events are kept.
    pub budget: usize,
    /// How many events are kept at most; `None`: as many as the budget has room for.
    pub most_events: Option<u32>,
    /// How it looks.
    pub look: Look,
    /// Whether mouse events are taken at the start.
    pub mouse: bool,
    /// How the clipboard is reached.
    pub clipboard: Clipboard,
    /// Where the program runs, to be shown.
    pub directory: String,
    /// Which key does what.
    pub keymap: Keymap,
    /// Filters by their names.
    pub filters: Vec<(String, String)>,
    /// The file of the log, if there is one.
    pub log: Option<String>,
}

/// What the screen shows of a profile; no secret and no query value is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "facts that have nothing to do with each other"
)]
pub struct StreamSetup {
    /// Its name.
    pub name: String,
    /// Scheme, host, port and path; of the query only the names.
    pub address: String,
    /// Where the token goes, in words.
    pub way: String,
    /// Where its messages hold what.
    pub event: EventMap,
    /// Messages to send by hand, by their names.
    pub messages: Vec<(String, String)>,
    /// The filter of the profile.
    pub filter: Option<String>,
    /// The alert of the profile.
    pub alert: Option<Alert>,
    /// The columns of its list, in their order; none: the usual ones.
    pub columns: Vec<Column>,
    /// The type of its binary messages, where a descriptor tells it.
    pub protobuf: Option<Schema>,
    /// Whether its dialect knows heartbeats, which are left out of the list at first.
    pub heartbeats: bool,
    /// Where the token comes from, in words; `None`: only the user can give one.
    pub source: Option<String>,
    /// Whether it wants a credential at all.
    pub authenticated: bool,
    /// Whether a new token can be accepted on the live connection.
    pub in_place: bool,
    /// What follows its authentications.
    pub audit: Watch,
    /// When the countdown changes colour.
    pub margins: Margins,
    /// Live for this long, the attempts are counted anew.
    pub stable: Duration,
    /// The name that the server's certificate must bear in place of the address's host.
    pub server_name: Option<String>,
    /// Whether it is said by whom its tokens are verified.
    pub verifies: bool,
    /// Whether any certificate is accepted.
    pub insecure: bool,
}

/// How the screen looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The colours.
    pub theme: ThemeName,
    /// Whether only ASCII is drawn besides what the payloads hold.
    pub ascii: bool,
}

/// A theme that comes with the program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeName {
    /// For dark backgrounds.
    #[default]
    Dark,
    /// For light backgrounds.
    Light,
    /// Without colour, as `NO_COLOR` wants.
    Mono,
}

impl StreamSetup {
    /// What is shown of a profile.
    pub fn of(profile: &Profile) -> Self {
        let dialect = profile.speaks();
        Self {
            name: profile.name.clone(),
            address: shown(&profile.url),
            way: profile.way_in_words(),
            heartbeats: dialect.has_heartbeats(),
            event: dialect.event.clone(),
            messages: profile.messages.clone(),
            filter: profile.filter.clone(),
            alert: profile.alert.clone(),
            columns: profile.columns.clone(),
            protobuf: profile.schema().cloned(),
            source: (profile.source != Source::Prompt).then(|| profile.source.to_string()),
            authenticated: profile.wants_credential(),
            in_place: profile.renews_in_place(),
            audit: audit::watch(profile),
            margins: profile.margins.clone(),
            stable: profile.retry.stable,
            server_name: profile.tls.server_name.as_ref().map(ToString::to_string),
            verifies: profile.verify.is_some(),
            insecure: profile.tls.insecure,
        }
    }
}
