//! `GET /api/v1/stream`: what changed, as Server-Sent Events for the signed-in person's organisation.
//!
//! Every message is a hint to read again; the data itself always comes from the REST calls, so that a lost or
//! repeated message can't show anything wrong. The SSE `event` is always `change`, the `data` is a [`Change`], the `id`
//! is the sequence of the event: `Last-Event-ID` on reconnecting catches up, or `reset` says that everything is to be read again.
//! Who opens the stream after having read something gives the sequence of that answer (`X-Lockbox-Sequence`) as `after`, and
//! misses nothing that happened between the two.

use crate::{events::Category, ids::RequestId};

query! {
    /// Where to begin.
    pub struct StreamQuery {
        /// The sequence of an answer that was read before: what changed since is told first. `Last-Event-ID` wins over it.
        pub after: Option<u64>,
    }
}

answer! {
    /// Something changed.
    pub struct Change {
        /// Sequence of the event in the organisation's log.
        pub sequence: u64,
        /// Its category.
        pub category: Category,
        /// Its operation.
        pub operation: String,
        /// The request that it is about.
        pub request_id: Option<RequestId>,
    }
}
