//! A dialect: how a kind of service logs in, keeps alive, renews and means its close codes. Data, described in
//! `docs/dialects.md`.

pub mod codec;
