//! The real program against servers written by others, each installed and started by the tests: a good token delivers
//! events, a wrong one and an expired one end in the right state, a new one in the token file is taken.

mod fastapi;
mod graphql;
mod graphql_older;
mod jupyter;
#[cfg(target_os = "linux")]
mod mosquitto;
#[cfg(target_os = "linux")]
mod nats;
mod rounds;
mod socketio;
#[cfg(target_os = "linux")]
mod stomp;
