//! The provider's two data files: the service catalog and the JIT rules. Both are built in; both can be replaced.
//! [`Book`] holds the two that are in force.
//!
//! What is wrong with a file is said in one line that names the file, the line and the field, because whoever starts
//! the server has that one line only.

mod book;
mod files;

pub use book::{Book, Refresh};
pub(crate) use files::File;
use files::{CATALOG, RULES, catalog_of, rules_of};
pub use files::{Wrong, load_catalog, load_rules};

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
