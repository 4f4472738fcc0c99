//! The demo's mailbox: what would have been sent, for everybody at the machine to read. Never outside the demo.

use chrono::{DateTime, Utc};

use crate::ids::MailId;

answer! {
    /// A mail in the demo's mailbox.
    pub struct DemoMail {
        /// Stable id.
        pub id: MailId,
        /// When it was written.
        pub at: DateTime<Utc>,
        /// To whom.
        pub to: String,
        /// Subject line.
        pub subject: String,
        /// The text part, whole.
        pub text: String,
        /// The link that the mail carries.
        pub link: Option<String>,
    }

    /// The mailbox, newest first, at most 100.
    pub struct DemoMailbox {
        /// The mails.
        pub items: Vec<DemoMail>,
    }
}
