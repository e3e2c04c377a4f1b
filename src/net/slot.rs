//! A link of a driver's by its number: first a dial under way, then the link itself.

use futures_util::future::BoxFuture;

use super::link::Link;
use crate::{cause::Cause, event::OpenFacts, session::LinkId};

/// A link by its number.
pub(super) struct Slot {
    pub(super) id: LinkId,
    pub(super) state: SlotState,
}

/// How far it is.
pub(super) enum SlotState {
    Opening(BoxFuture<'static, Result<(Link, OpenFacts), Cause>>),
    Open(Box<Link>),
}

impl Slot {
    pub(super) fn opened(
        &mut self,
        result: Result<(Link, OpenFacts), Cause>,
    ) -> Result<OpenFacts, Cause> {
        let (link, facts) = result?;
        self.state = SlotState::Open(Box::new(link));
        Ok(facts)
    }

    pub(super) const fn open_id(&self) -> Option<LinkId> {
        match self.state {
            SlotState::Open(_) => Some(self.id),
            SlotState::Opening(_) => None,
        }
    }

    pub(super) const fn is_behind(&self) -> bool {
        matches!(&self.state, SlotState::Open(link) if link.is_behind())
    }

    pub(super) fn bytes_in(&self) -> u64 {
        match &self.state {
            SlotState::Open(link) => link.bytes_in(),
            SlotState::Opening(_) => 0,
        }
    }
}
