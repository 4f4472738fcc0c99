//! Passwords of local accounts: argon2id, off the async threads, a few at a time.

use std::{num::NonZero, sync::Arc, thread::available_parallelism, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, time::timeout};

use crate::secret::Secret;

/// Longest password, bytes. Hashing an endless one would be a way to keep the server busy.
pub const PASSWORD_MAX_BYTES: usize = 1024;

/// OWASP's first choice of minimum: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// What an unknown account's password is compared with, so that its answer takes as long as a known one's. It has
/// the same parameters as real hashes and matches no password.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5cyBzYWx0IQ$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// How long a sign-in waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a password could not be hashed or checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// Too many others are being checked.
    #[error("too many passwords are being checked right now")]
    Busy,
    /// More than [`PASSWORD_MAX_BYTES`].
    #[error("a password may have at most {PASSWORD_MAX_BYTES} bytes")]
    TooLong,
    /// The library refused, or the stored hash is damaged.
    #[error("the password hash could not be computed")]
    Failed,
}

/// Hashes and checks passwords. Cheap to clone; all clones share one limit, so that a storm of sign-ins takes neither
/// all memory (19 MiB each) nor all processors.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let processors = available_parallelism().map_or(1, NonZero::get);
        Self { turns: Arc::new(Semaphore::new(processors.clamp(1, 4))) }
    }
}

impl Passwords {
    /// The hash of a password with a new salt, as a PHC string.
    ///
    /// # Errors
    /// [`PasswordError`]
    pub async fn hash(&self, password: Secret) -> Result<String, PasswordError> {
        self.off_thread(password, hash).await
    }

    /// Whether the password fits the stored hash. Without one (no such account) it answers no, in the same time.
    ///
    /// # Errors
    /// [`PasswordError`]; a password that is too long simply does not fit.
    pub async fn verify(&self, password: Secret, stored: Option<String>) -> Result<bool, PasswordError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| NOBODY.to_owned());
        match self.off_thread(password, move |password| verify(password, &stored)).await {
            Ok(fits) => Ok(fits && known),
            Err(PasswordError::TooLong) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        password: Secret,
        work: impl FnOnce(&[u8]) -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        if password.expose().len() > PASSWORD_MAX_BYTES {
            return Err(PasswordError::TooLong);
        }
        let turn = timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(PasswordError::Busy)?;
        let result = tokio::task::spawn_blocking(move || {
            // The turn lasts as long as the work, also when the caller has hung up meanwhile.
            let _turn = turn;
            work(password.expose().as_bytes())
        });
        result.await.map_err(|_| PasswordError::Failed)?
    }
}

fn argon2id() -> Result<Argon2<'static>, PasswordError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| PasswordError::Failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8]) -> Result<String, PasswordError> {
    Ok(argon2id()?.hash_password(password).map_err(|_| PasswordError::Failed)?.to_string())
}

fn verify(password: &[u8], stored: &str) -> Result<bool, PasswordError> {
    let stored = PasswordHash::new(stored).map_err(|_| PasswordError::Failed)?;
    match argon2id()?.verify_password(password, &stored) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(_) => Err(PasswordError::Failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::default();
        let one = passwords.hash(Secret::new("correct horse")).await.unwrap();
        let other = passwords.hash(Secret::new("correct horse")).await.unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other, "the salt differs");
        assert_eq!(passwords.verify(Secret::new("correct horse"), Some(one.clone())).await, Ok(true));
        assert_eq!(passwords.verify(Secret::new("correct horse "), Some(one.clone())).await, Ok(false));
        assert_eq!(passwords.verify(Secret::new(""), Some(one)).await, Ok(false));
        assert_eq!(passwords.verify(Secret::new("x"), Some("damaged".to_owned())).await, Err(PasswordError::Failed));
    }

    #[tokio::test]
    async fn an_unknown_account_takes_as_long_as_a_known_one() {
        let passwords = Passwords::default();
        let stored = passwords.hash(Secret::new("correct horse")).await.unwrap();
        let mut times = [Duration::MAX; 2];
        for _ in 0..5 {
            for (time, stored) in times.iter_mut().zip([Some(stored.clone()), None]) {
                let begin = Instant::now();
                assert_eq!(passwords.verify(Secret::new("wrong"), stored).await, Ok(false));
                *time = begin.elapsed().min(*time);
            }
        }
        let [known, unknown] = times.map(|time| time.as_secs_f64());
        assert!(unknown > known * 0.5 && unknown < known * 2.0, "{known} s against {unknown} s");
    }

    #[tokio::test]
    async fn endless_passwords_are_not_hashed() {
        let passwords = Passwords::default();
        let long = Secret::new("x".repeat(PASSWORD_MAX_BYTES + 1));
        assert_eq!(passwords.hash(long.clone()).await, Err(PasswordError::TooLong));
        assert_eq!(passwords.verify(long, None).await, Ok(false));
        passwords.hash(Secret::new("x".repeat(PASSWORD_MAX_BYTES))).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_for_a_turn_has_an_end() {
        let passwords = Passwords { turns: Arc::new(Semaphore::new(0)) };
        assert_eq!(passwords.verify(Secret::new("x"), None).await, Err(PasswordError::Busy));
    }
}
