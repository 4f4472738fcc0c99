//! What all tests share.

pub mod actors;
pub mod answer;
pub mod app;
pub mod certificates;
pub mod database;
pub mod download;
pub mod events;
pub mod faults;
pub mod operations;
pub mod process;
pub mod schema;
pub mod world;

pub use actors::{Anonymous, Caller, Key, Person, Token};
pub use answer::Answer;
pub use app::TestApp;
