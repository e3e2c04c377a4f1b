//! One integration binary; its modules mirror the promises.

#[cfg(test)]
mod alerts;
mod audit;
mod canary;
mod config;
#[cfg(test)]
mod demo;
mod dialects;
#[cfg(test)]
mod export;
#[cfg(test)]
mod filter;
#[cfg(test)]
mod interop;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod layers;
#[cfg(test)]
mod logged;
#[cfg(test)]
mod net;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod pty;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod screens;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod session;
#[cfg(test)]
mod signing;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod store;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tail;
#[cfg(test)]
mod token;
mod types;
