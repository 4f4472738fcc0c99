//! Handing a mail over: building the message, and the two ways it can go.

use std::{path::Path, time::SystemTime};

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
};

use super::{Mail, files::Folder, plain, smtp::Server};
use crate::config::{Config, ConfigError, PublicUrl};

/// Why a mail did not go. The text is for the log: it names no person and repeats nothing that the server said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct SendError {
    /// Whether trying again is useless.
    pub permanent: bool,
    /// Whether the mail server was not reached at all, or went silent: then it is so for every other mail, too.
    pub unreachable: bool,
    /// What happened, in short.
    pub reason: String,
}

impl SendError {
    pub(super) fn later(reason: impl Into<String>) -> Self {
        Self { permanent: false, unreachable: false, reason: reason.into() }
    }

    pub(super) fn unreachable(reason: impl Into<String>) -> Self {
        Self { permanent: false, unreachable: true, reason: reason.into() }
    }

    pub(super) fn never(reason: impl Into<String>) -> Self {
        Self { permanent: true, unreachable: false, reason: reason.into() }
    }
}

/// Sends mails, by SMTP or into files.
pub struct Mailer {
    from: Mailbox,
    /// Right half of every `Message-ID`.
    host: String,
    way: Way,
}

enum Way {
    Smtp(Box<Server>),
    Files(Folder),
}

impl Mailer {
    /// The way that the settings name: the mail server, or `.eml` files in `mail` below the data folder.
    ///
    /// # Errors
    /// If the file of certificate authorities can't be used, or the folder can't be made.
    pub fn new(config: &Config, public_url: &PublicUrl) -> Result<Self, ConfigError> {
        let way = match &config.smtp {
            Some(smtp) => Way::Smtp(Box::new(Server::new(smtp)?)),
            None => Way::Files(Folder::new(&config.data_dir.join("mail"))?),
        };
        Ok(Self { from: config.mail_from(public_url), host: public_url.host().to_owned(), way })
    }

    /// The folder of `.eml` files, where mail goes there.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        match &self.way {
            Way::Smtp(_) => None,
            Way::Files(folder) => Some(folder.path()),
        }
    }

    /// Hands one mail over. `Ok` means that the mail server has taken it, or that the file is on the disk.
    ///
    /// # Errors
    /// [`SendError`]: whatever is not certainly in vain is to be tried again.
    pub async fn send(&self, mail: &Mail) -> Result<(), SendError> {
        let message = self.message(mail)?;
        match &self.way {
            Way::Smtp(server) => server.send(message).await,
            Way::Files(folder) => folder.write(&mail.id, message.formatted()).await,
        }
    }

    /// The message with its headers. No text of others gets a line break into one.
    pub(super) fn message(&self, mail: &Mail) -> Result<Message, SendError> {
        let to: Address = mail.to.parse().map_err(|_| SendError::never("the address is not an e-mail address"))?;
        let id: String = mail.id.as_str().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(plain::subject(&mail.subject))
            .date(SystemTime::from(mail.created_at))
            .message_id(Some(format!("<{id}@{}>", self.host)))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|_| SendError::never("the message could not be built"))
    }
}
