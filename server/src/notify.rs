//! E-mail: what it says, and how it leaves.
//!
//! What a mail says is made in the transaction of what it tells about ([`render_request_mail`],
//! [`render_outcome_mail`]) and stored; a worker hands it to a [`Mailer`], again and again until it is taken or refused
//! for good. A link in a mail grants nothing: it names a page, and the page asks who is there.

mod files;
mod internal;
mod layout;
mod letter;
mod mailer;
mod outcome;
mod plain;
mod request;
mod smtp;

#[cfg(test)]
mod tests;

use lockbox_api::{Time, ids::MailId};

pub use internal::render_internal_mail;
pub use mailer::{Mailer, SendError};
pub use outcome::{Outcome, render_outcome_mail};
pub use request::render_request_mail;

/// What a mail says, whoever gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Subject line: one line, at most 200 characters.
    pub subject: String,
    /// The text part, complete in itself.
    pub text: String,
    /// The HTML part, which says the same.
    pub html: String,
}

/// A mail on its way to one person. Several people get a mail each, so that one dead mailbox does not sink the rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Of the outbox: the same on every attempt, so that a duplicate can be recognised by its `Message-ID`.
    pub id: MailId,
    /// The one address.
    pub to: String,
    /// Subject line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// When it was written: its `Date`.
    pub created_at: Time,
}
