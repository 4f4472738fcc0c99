//! The frames that pages stand in.

pub mod connection;
pub mod navigation;
pub mod person;
pub mod shell;

pub use shell::Shell;
