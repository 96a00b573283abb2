//! The harness: a sandbox in this process, our executables as children, a folder of their own, and ways to
//! wait for what the sandbox's journal says. Nothing here sleeps for a result.

pub mod journal;
pub mod process;
pub mod world;

pub use journal::Journal;
pub use process::Process;
pub use world::World;
