//! What the whole portal shares: who is signed in, the server's clock, the theme, messages, what changed, drafts.

pub mod address;
pub mod clock;
pub mod draft;
pub mod form;
pub mod keys;
pub mod live;
pub mod paged;
pub mod pending;
pub mod remote;
pub mod session;
pub mod storage;
pub mod theme;
pub mod toasts;

pub use clock::{Clock, use_clock};
pub use form::Form;
pub use live::{Live, use_live};
pub use paged::Paged;
pub use remote::{Remote, show};
pub use session::{SessionContext, use_session};
pub use toasts::use_toasts;
