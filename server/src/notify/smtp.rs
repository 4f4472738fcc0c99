//! Mail by SMTP.

use std::{path::Path, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};

use super::mailer::SendError;
use crate::config::{ConfigError, Smtp, SmtpTls};

/// How long the server may take for one mail. The library's own limit covers the connecting alone.
const PATIENCE: Duration = Duration::from_secs(30);

/// Answers that say: this mailbox or this mail, never. Everything else may be the server's own trouble (an
/// authentication that it refuses, a policy, a greeting): such mail is kept and tried again, or a wrong password in the
/// settings would lose every mail until somebody notices.
const NEVER: [&str; 5] = ["550", "551", "552", "553", "556"];

/// A mail server.
pub(super) struct Server(AsyncSmtpTransport<Tokio1Executor>);

impl Server {
    pub(super) fn new(smtp: &Smtp) -> Result<Self, ConfigError> {
        let tls = match smtp.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::StartTls => Tls::Required(parameters(smtp)?),
            SmtpTls::Tls => Tls::Wrapper(parameters(smtp)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)
            .port(smtp.port)
            .tls(tls)
            .timeout(Some(PATIENCE));
        if let Some((user, password)) = &smtp.credentials {
            builder = builder.credentials(Credentials::new(user.clone(), password.expose().to_owned()));
        }
        Ok(Self(builder.build()))
    }

    pub(super) async fn send(&self, message: Message) -> Result<(), SendError> {
        match tokio::time::timeout(PATIENCE, self.0.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(classify(&error)),
            Err(_) => Err(SendError::unreachable("the mail server took too long")),
        }
    }
}

fn parameters(smtp: &Smtp) -> Result<TlsParameters, ConfigError> {
    let mut builder = TlsParameters::builder(smtp.host.clone());
    if let Some(file) = &smtp.ca_file {
        builder = builder.add_root_certificate(authority(file)?);
    }
    builder.build().map_err(|error| ConfigError::new("smtp.tls", format!("TLS can't be set up: {error}")))
}

fn authority(file: &Path) -> Result<Certificate, ConfigError> {
    let wrong = |what: String| ConfigError::new("smtp.ca_file", format!("{} {what}", file.display()));
    let pem = std::fs::read(file).map_err(|error| wrong(format!("can't be read: {error}")))?;
    let certificate = Certificate::from_pem(&pem).map_err(|_| wrong("holds no certificate in PEM form".to_owned()))?;
    // An empty file is valid PEM without anything in it; trusting nothing is not what was meant.
    if pem.windows(10).any(|window| window == b"-----BEGIN") {
        Ok(certificate)
    } else {
        Err(wrong("holds no certificate in PEM form".to_owned()))
    }
}

fn classify(error: &Error) -> SendError {
    match error.status().map(|code| code.to_string()) {
        Some(code) if NEVER.contains(&code.as_str()) => SendError::never(format!("the mail server said {code}")),
        Some(code) => SendError::later(format!("the mail server said {code}")),
        None if error.is_timeout() => SendError::unreachable("the mail server took too long"),
        None if error.is_tls() => SendError::unreachable("no protected connection to the mail server"),
        None if error.is_response() => SendError::unreachable("the mail server gave an answer that is none"),
        None if error.is_client() => SendError::later("the mail server does not offer what is needed"),
        None => SendError::unreachable("no connection to the mail server, or its certificate is not trusted"),
    }
}
