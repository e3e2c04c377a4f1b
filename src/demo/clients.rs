//! Who is connected, which tokens were withdrawn, and what awaits the next upgrades: the state that scenarios change.

use std::collections::{BTreeMap, HashMap, HashSet};

use tokio::sync::mpsc;

use super::token::Bearer;
use crate::scenario::{Feed, Order, Refusal, Upgrades};

#[derive(Default)]
pub(super) struct Clients {
    live: BTreeMap<u64, Client>,
    accepted: u64,
    /// Tokens that are over before their time.
    withdrawn: HashMap<String, Refusal>,
    /// Users without a role, for as long as the scenario lasts.
    barred: HashSet<String>,
    upgrades: Option<(Feed, Upgrades)>,
}

/// A connection that was let in.
struct Client {
    feed: Feed,
    bearer: Bearer,
    orders: mpsc::UnboundedSender<Order>,
}

impl Clients {
    /// Adds a connection; its number is unique.
    pub(super) fn add(
        &mut self,
        feed: Feed,
        bearer: Bearer,
    ) -> (u64, mpsc::UnboundedReceiver<Order>) {
        let (orders, received) = mpsc::unbounded_channel();
        self.accepted += 1;
        let client = Client {
            feed,
            bearer,
            orders,
        };
        self.live.insert(self.accepted, client);
        (self.accepted, received)
    }

    /// The connection has another token now.
    pub(super) fn renew(&mut self, number: u64, bearer: &Bearer) {
        if let Some(client) = self.live.get_mut(&number) {
            client.bearer = bearer.clone();
        }
    }

    pub(super) fn remove(&mut self, number: u64) {
        self.live.remove(&number);
    }

    /// Gives an order to every connection of a feed.
    pub(super) fn order(&self, feed: Feed, order: &Order) {
        for client in self.live.values().filter(|client| client.feed == feed) {
            client.tell(order.clone());
        }
    }

    /// Whose tokens are in use on a feed.
    pub(super) fn bearers(&self, feed: Feed) -> Vec<Bearer> {
        let of_feed = self.live.values().filter(|client| client.feed == feed);
        of_feed.map(|client| client.bearer.clone()).collect()
    }

    /// Withdraws tokens, or with [`Refusal::Forbidden`] the roles of their users.
    pub(super) fn withdraw(&mut self, bearers: &[Bearer], refusal: Refusal) {
        for bearer in bearers {
            if refusal == Refusal::Forbidden {
                self.barred.insert(bearer.subject.clone());
            } else {
                self.withdrawn.insert(bearer.token.clone(), refusal);
            }
        }
    }

    /// Closes every connection whose bearer would not be let in again.
    pub(super) fn put_out(&self) {
        for client in self.live.values() {
            if let Some(refusal) = self.refusal(&client.bearer) {
                let (code, reason) = refusal.close();
                let reason = reason.to_owned();
                client.tell(Order::Close { code, reason });
            }
        }
    }

    /// Why a bearer of a valid token is not let in all the same.
    pub(super) fn refusal(&self, bearer: &Bearer) -> Option<Refusal> {
        let barred = self.barred.contains(&bearer.subject);
        let withdrawn = self.withdrawn.get(&bearer.token).copied();
        withdrawn.or_else(|| barred.then_some(Refusal::Forbidden))
    }

    /// What the next upgrades of a feed get in place of an answer at once.
    pub(super) fn expect(&mut self, feed: Feed, upgrades: Upgrades) {
        self.upgrades = Some((feed, upgrades));
    }

    /// Takes one of them.
    pub(super) fn upgrade(&mut self, feed: Feed) -> Option<Upgrades> {
        let (of_feed, upgrades) = self.upgrades.as_mut()?;
        if *of_feed != feed || upgrades.next == 0 {
            return None;
        }
        upgrades.next -= 1;
        Some(upgrades.clone())
    }

    /// Gives roles back and forgets what awaited upgrades. Withdrawn tokens stay so.
    pub(super) fn calm(&mut self) {
        self.barred.clear();
        self.upgrades = None;
    }
}

impl Client {
    /// A connection that just ended needs no orders.
    fn tell(&self, order: Order) {
        let _gone = self.orders.send(order);
    }
}
