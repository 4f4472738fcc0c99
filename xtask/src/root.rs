//! Where things are.

use std::path::PathBuf;

/// The root of the repository. Cargo names the folder of this crate at run time; a copy of the work tree that brings
/// its target folder along must not build the original.
pub(crate) fn root() -> PathBuf {
    let crate_dir =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    crate_dir.parent().map_or(crate_dir.clone(), PathBuf::from)
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The built portal, as the server serves it.
pub(crate) fn dist() -> PathBuf {
    root().join("dist")
}

/// The browser tests.
pub(crate) fn e2e() -> PathBuf {
    root().join("tests/e2e")
}

/// The server binary of a cargo profile.
pub(crate) fn server_binary(profile: &str) -> PathBuf {
    target().join(profile).join(format!("lockbox{}", std::env::consts::EXE_SUFFIX))
}
