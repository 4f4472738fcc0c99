//! The demo's mailbox.

use super::{Failure, client};
use lockbox_api::mail::DemoMailbox;

/// What would have been sent, newest first.
pub async fn read_demo_mailbox() -> Result<DemoMailbox, Failure> {
    client::get("/api/v1/demo/mail".to_owned()).await
}
