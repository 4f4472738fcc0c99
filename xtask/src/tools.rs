//! What the machine must provide: the WASM target, Chromium, Python for the mail server of the tests.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::{Outcome, root, step};

/// The target that browsers run.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The mail server of the browser tests. Pinned: tests must not change because a package did.
const MAIL_SERVER: &str = "aiosmtpd==1.4.6";
/// Readers of Parquet, so that ours is not the only word on what is in an export.
const READERS: [&str; 2] = ["duckdb==2.0.0", "pyarrow==26.0.1"];

/// Makes up calls to the provider API; pinned, with what makes them up, for the same reason.
const SCHEMATHESIS: [&str; 2] = ["schemathesis==4.32.5", "hypothesis==6.170.15"];

/// Adds the WASM target with rustup if it is missing.
///
/// # Errors
/// If it is missing and rustup can't add it.
pub(crate) fn wasm_target() -> Outcome {
    let libs = Command::new("rustc")
        .current_dir(root::root())
        .args(["--print", "target-libdir", "--target", WASM])
        .output()
        .map_err(|error| format!("could not start rustc: {error}"))?;
    let folder = PathBuf::from(String::from_utf8_lossy(&libs.stdout).trim().to_owned());
    if libs.status.success() && folder.is_dir() {
        return Ok(());
    }
    println!("Adding the {WASM} target with rustup …");
    step::exec(&mut step::program("rustup", &root::root(), ["target", "add", WASM]))
}

/// A C compiler: SQLite, zstd and the cryptography are C, and without one the build ends after minutes in words that name none.
///
/// # Errors
/// If there is none, or it can't make a program; the message says what to install.
pub(crate) fn c_compiler() -> Outcome {
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let works = Command::new(&compiler).arg("--version").output().is_ok_and(|output| output.status.success());
    if works {
        return Ok(());
    }
    let name = compiler.to_string_lossy();
    Err(format!("Lockbox is compiled with a C compiler, too, and `{name}` does not start. Debian and Ubuntu: apt-get install build-essential; Fedora: dnf install gcc; macOS: xcode-select --install").into())
}

/// The library in the portal and the tool in this program must be equal to the last digit, or the glue does not fit.
///
/// # Errors
/// If Cargo.lock holds two versions.
pub(crate) fn same_wasm_bindgen() -> Outcome {
    let lock = std::fs::read_to_string(root::root().join("Cargo.lock"))?;
    let lock: toml::Table = toml::from_str(&lock)?;
    let versions = |wanted: &str| -> Vec<String> {
        let packages = lock.get("package").and_then(toml::Value::as_array).into_iter().flatten();
        let text = |package: &toml::Value, key: &str| package.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        packages
            .filter(|package| text(package, "name").as_deref() == Some(wanted))
            .filter_map(|package| text(package, "version"))
            .collect()
    };
    let (library, tool) = (versions("wasm-bindgen"), versions("wasm-bindgen-cli-support"));
    if library.len() == 1 && library == tool {
        return Ok(());
    }
    Err(format!("Cargo.lock has wasm-bindgen {library:?} and wasm-bindgen-cli-support {tool:?}: they must be one and the same version").into())
}

/// A Chromium for the browser tests: `CHROMIUM`, or one on the path, or, as root on Debian, installed with apt.
///
/// # Errors
/// If there is none and none can be installed; the message says what to do.
pub(crate) fn chromium() -> Outcome<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM").map(PathBuf::from) {
        return if named.is_file() {
            Ok(named)
        } else {
            Err(format!("CHROMIUM names {}, which is not a file", named.display()).into())
        };
    }
    if let Some(found) = chromium_on_path() {
        return Ok(found);
    }
    if is_root() && on_path("apt-get").is_some() {
        println!("No Chromium on this machine; installing it with apt-get …");
        let root = root::root();
        step::exec(&mut step::program("apt-get", &root, ["update"]))?;
        let mut install = step::program("apt-get", &root, ["install", "--yes", "--no-install-recommends", "chromium"]);
        step::exec(install.env("DEBIAN_FRONTEND", "noninteractive"))?;
        if let Some(found) = chromium_on_path() {
            return Ok(found);
        }
    }
    Err("the browser tests need Chromium: install it (`apt-get install chromium`) or name one in CHROMIUM".into())
}

/// A Python that has the mail server of the tests, in an environment of its own under `target`.
///
/// # Errors
/// If there is no python3, or the package can't be installed; the message says what to do.
pub(crate) fn mail_server_python() -> Outcome<PathBuf> {
    let home = root::target().join("mail-server");
    let python = home.join("bin/python");
    if step::works(Command::new(&python).args(["-c", "import aiosmtpd, duckdb, pyarrow"])) {
        return Ok(python);
    }
    let mut packages = vec![MAIL_SERVER];
    packages.extend(READERS);
    install_python(&home, &packages, "target/mail-server")?;
    Ok(python)
}

/// Schemathesis, which holds the provider API to its description, in an environment of its own under `target`.
///
/// # Errors
/// If there is no python3, or the package can't be installed; the message says what to do.
pub(crate) fn schemathesis() -> Outcome<PathBuf> {
    let home = root::target().join("schemathesis");
    let program = home.join("bin/schemathesis");
    if step::works(Command::new(&program).arg("--version")) {
        return Ok(program);
    }
    install_python(&home, &SCHEMATHESIS, "target/schemathesis")?;
    Ok(program)
}

/// A Python environment with these packages.
fn install_python(home: &Path, packages: &[&str], told: &str) -> Outcome {
    let root = root::root();
    let python = home.join("bin/python");
    println!("Installing {} for the tests into {told} …", packages.join(", "));
    let system = on_path("python3").ok_or("the tests need python3: install python3")?;
    let environment = |extra: &[&str]| {
        let mut command = step::program(&system.to_string_lossy(), &root, ["-m", "venv"]);
        command.args(extra).arg(home);
        command
    };
    // Debian splits pip's bootstrap off into python3-venv; an environment without it can use the system's pip.
    if !step::works(&mut environment(&["--clear"])) {
        step::exec(&mut environment(&["--clear", "--without-pip"]))?;
    }
    let own_pip = step::works(Command::new(&python).args(["-m", "pip", "--version"]));
    let mut install = if own_pip {
        step::program(&python.to_string_lossy(), &root, ["-m", "pip", "install"])
    } else {
        let mut command = step::program(&system.to_string_lossy(), &root, ["-m", "pip", "--python"]);
        command.arg(&python).arg("install");
        command
    };
    step::exec(install.args(["--quiet", "--disable-pip-version-check"]).args(packages)).map_err(|failure| {
        format!("{failure}; the tests need python3 with pip (Debian: `apt-get install python3-venv`)").into()
    })
}

/// The npm packages of the browser tests, exactly those of the lock file; installed once in a run.
///
/// # Errors
/// If there is no npm, or they can't be installed.
pub(crate) fn browser_test_packages() -> Outcome {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if on_path("npm").is_none() {
        return Err("the tests need Node.js 20 or newer with npm: install it".into());
    }
    if !INSTALLED.swap(true, Ordering::SeqCst) {
        step::exec(&mut step::program("npm", &root::e2e(), ["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
            .inspect_err(|_| INSTALLED.store(false, Ordering::SeqCst))?;
    }
    Ok(())
}

/// Whether a program is on the path, and where.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| is_program(file))
}

fn is_program(file: &Path) -> bool {
    file.is_file()
}

fn chromium_on_path() -> Option<PathBuf> {
    ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(on_path)
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
