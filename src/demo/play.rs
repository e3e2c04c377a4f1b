//! Plays a scenario: its steps, one after the other.

use std::sync::Arc;

use tokio::time::sleep;

use super::{server::Shared, token::Bearer};
use crate::scenario::{Refusal, Scenario, Step};

/// Plays one scenario to its end. What the one before it left is undone first.
pub(super) async fn play(shared: Arc<Shared>, scenario: &'static Scenario) {
    shared.clients().calm();
    let feed = scenario.feed;
    let bearers = shared.clients().bearers(feed);
    for step in &scenario.steps {
        match step {
            Step::Wait(span) => sleep(*span).await,
            Step::Each(order) => shared.clients().order(feed, order),
            Step::Tokens(refusal) => withdraw(&shared, &bearers, *refusal),
            Step::Upgrades(upgrades) => shared.clients().expect(feed, upgrades.clone()),
        }
    }
}

/// Fresh token files come first: whoever is put out and reads its file again must not find the withdrawn token.
fn withdraw(shared: &Shared, bearers: &[Bearer], refusal: Refusal) {
    shared.clients().withdraw(bearers, refusal);
    shared.write_token_files();
    shared.clients().put_out();
}
