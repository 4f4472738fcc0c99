//! Mail as `.eml` files: without a mail server, and in the demo.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use lockbox_api::ids::MailId;

use super::mailer::SendError;
use crate::config::ConfigError;

/// A folder of mails, one file each, named by the mail's id.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: &Path) -> Result<Self, ConfigError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| ConfigError::new("data_dir", format!("{} can't be made: {error}", path.display())))?;
        Ok(Self(path.to_owned()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes the mail, whole or not at all. The same mail again replaces its file.
    pub(super) async fn write(&self, id: &MailId, content: Vec<u8>) -> Result<(), SendError> {
        let name: String = id.as_str().chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let folder = self.0.clone();
        let written = tokio::task::spawn_blocking(move || write(&folder, &name, &content)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(SendError::later(format!("the file can't be written: {}", error.kind()))),
            Err(_) => Err(SendError::later("writing the file failed")),
        }
    }
}

fn write(folder: &Path, name: &str, content: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!("{name}.part"));
    // It names people, tickets and reasons: whoever else has an account on the machine does not read them.
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(format!("{name}.eml")))?;
    // Without this the name may be gone after a power cut, although the content is there.
    File::open(folder)?.sync_all()
}
