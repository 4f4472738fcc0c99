//! `cargo xtask tidy`: the rules of the house that rustfmt and clippy do not know.

use std::path::Path;

use crate::{Outcome, root};

/// Longer files say why at their head, in a line that starts with [`LENGTH_REASON`].
const MOST_LINES: usize = 400;
const LENGTH_REASON: &str = "//! Length:";

/// Our crates, and which of ours each may depend on. What must not exist: the portal knowing the server, the rules
/// knowing either, the wire types knowing anything.
const MAY_DEPEND: [(&str, &str, &[&str]); 7] = [
    ("api", "lockbox-api", &[]),
    ("rules", "lockbox-rules", &["lockbox-api"]),
    ("client", "lockbox-client", &["lockbox-api"]),
    ("server", "lockbox-server", &["lockbox-api", "lockbox-client", "lockbox-rules"]),
    (".", "lockbox-portal", &["lockbox-api", "lockbox-rules"]),
    ("bench", "lockbox-bench", &["lockbox-api", "lockbox-server"]),
    ("xtask", "xtask", &[]),
];

/// Prints every fault and fails if there is one.
///
/// # Errors
/// If a rule is broken or a file can't be read.
pub(crate) fn tidy() -> Outcome {
    let root = root::root();
    let mut faults = Vec::new();
    let mut sources = Vec::new();
    for folder in ["src", "api", "rules", "client", "server", "bench", "xtask", "fuzz", "tests", "examples", "style"] {
        collect(&root, &root.join(folder), &mut sources)?;
    }
    for (path, text) in &sources {
        check_source(path, text, &mut faults);
    }
    let documented = std::fs::read_to_string(root.join("docs/dependencies.md"))?;
    check_members(&std::fs::read_to_string(root.join("Cargo.toml"))?, &mut faults)?;
    for (folder, name, allowed) in MAY_DEPEND {
        let manifest = std::fs::read_to_string(root.join(folder).join("Cargo.toml"))?;
        check_manifest(name, &manifest, allowed, &documented, &mut faults)?;
    }
    let fuzz: toml::Table = toml::from_str(&std::fs::read_to_string(root.join("fuzz/Cargo.toml"))?)?;
    check_dependencies("lockbox-fuzz", &fuzz, &["lockbox-api", "lockbox-rules"], &documented, &mut faults);
    let package: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(root::e2e().join("package.json"))?)?;
    for name in package["devDependencies"].as_object().into_iter().flat_map(serde_json::Map::keys) {
        check_documented(name, &documented, &mut faults);
    }
    if faults.is_empty() {
        println!("tidy: {} files, nothing to complain about", sources.len());
        return Ok(());
    }
    faults.iter().for_each(|fault| println!("tidy: {fault}"));
    Err(format!("{} things to tidy up", faults.len()).into())
}

/// Everything that people write, by path below the root.
fn collect(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) -> Outcome {
    const SKIP: [&str; 6] = ["target", "node_modules", "results", "report", "shots", ".auth"];
    const KINDS: [&str; 8] = ["rs", "ts", "mts", "js", "css", "sql", "py", "sh"];
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            if !SKIP.contains(&name.as_str()) {
                collect(root, &path, found)?;
            }
        } else if path.extension().is_some_and(|kind| KINDS.iter().any(|known| kind == *known)) {
            let below = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            found.push((below, std::fs::read_to_string(&path)?));
        }
    }
    Ok(())
}

fn check_source(path: &str, text: &str, faults: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > MOST_LINES && !text.lines().take(30).any(|line| line.contains(LENGTH_REASON)) {
        faults.push(format!(
            "{path} has {lines} lines: split it, or say why not in a line `{LENGTH_REASON} …` at its head"
        ));
    }
    for (index, line) in text.lines().enumerate() {
        let mut fault = |what: &str| faults.push(format!("{path}:{}: {what}", index + 1));
        if is_left_over(line) {
            fault("finish it or say it in an issue, not in a comment");
        }
        if path.starts_with("src/") && (line.contains("inner_html") || line.contains("innerHTML")) {
            fault("the portal never writes HTML text into the page: anything in it could become code");
        }
        // What the demo's engineers are said to have run is told, not run.
        let told = path.starts_with("server/src/demo/story/");
        if path.starts_with("server/src/") && !path.starts_with("server/src/store") && !told && has_sql(line) {
            fault("SQL stands in server/src/store alone");
        }
        if line.trim_start().starts_with("#[ignore") || is_skipped(line) {
            fault("no test is skipped");
        }
    }
}

/// A browser test, or a group of them, that is left out or leaves out all others.
fn is_skipped(line: &str) -> bool {
    const WAYS: [&str; 4] = ["skip", "only", "fixme", "fail"];
    let parts: Vec<&str> = line.split('.').collect();
    parts.windows(2).any(|pair| {
        let of = pair[0].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        let way = pair[1].split('(').next().unwrap_or_default();
        ["test", "describe", "it"].contains(&of) && WAYS.contains(&way)
    })
}

/// The usual marks of something unfinished. Written in halves here, or this file would find itself.
fn is_left_over(line: &str) -> bool {
    const MARKS: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| MARKS.contains(&word))
}

/// A string that starts like a statement. Words in prose do not: a statement is written in capitals.
fn has_sql(line: &str) -> bool {
    const STARTS: [&str; 9] = [
        "SELECT ",
        "INSERT INTO ",
        "INSERT OR ",
        "UPDATE ",
        "DELETE FROM ",
        "CREATE TABLE ",
        "CREATE INDEX ",
        "PRAGMA ",
        "ALTER TABLE ",
    ];
    let code = line.trim_start();
    !code.starts_with("//")
        && code.split('"').skip(1).any(|text| STARTS.iter().any(|start| text.trim_start().starts_with(start)))
}

/// A crate that is not in the table would depend on what it likes.
fn check_members(manifest: &str, faults: &mut Vec<String>) -> Outcome {
    let manifest: toml::Table = toml::from_str(manifest).map_err(|error| format!("Cargo.toml: {error}"))?;
    let members = manifest["workspace"].get("members").and_then(toml::Value::as_array);
    for member in members.into_iter().flatten().filter_map(toml::Value::as_str) {
        if !MAY_DEPEND.iter().any(|(folder, ..)| *folder == member) {
            faults.push(format!("{member} is missing in tidy's table of what each crate may depend on"));
        }
    }
    Ok(())
}

/// Dependencies in the right direction, each with its reason written down; and the lints that all crates share.
fn check_manifest(name: &str, manifest: &str, allowed: &[&str], documented: &str, faults: &mut Vec<String>) -> Outcome {
    let manifest: toml::Table = toml::from_str(manifest).map_err(|error| format!("Cargo.toml of {name}: {error}"))?;
    let lints = manifest.get("lints").and_then(|lints| lints.get("workspace"));
    if lints.and_then(toml::Value::as_bool) != Some(true) {
        faults.push(format!("{name} must have the lints of the workspace"));
    }
    check_dependencies(name, &manifest, allowed, documented, faults);
    Ok(())
}

fn check_dependencies(
    name: &str,
    manifest: &toml::Table,
    allowed: &[&str],
    documented: &str,
    faults: &mut Vec<String>,
) {
    for table in ["dependencies", "dev-dependencies", "build-dependencies"] {
        let Some(dependencies) = manifest.get(table).and_then(toml::Value::as_table) else { continue };
        for dependency in dependencies.keys() {
            if !dependency.starts_with("lockbox-") {
                check_documented(dependency, documented, faults);
            } else if !allowed.contains(&dependency.as_str()) {
                faults.push(format!("{name} must not depend on {dependency}"));
            }
        }
    }
}

fn check_documented(dependency: &str, documented: &str, faults: &mut Vec<String>) {
    if !documented.contains(&format!("| `{dependency}` |")) {
        faults.push(format!("docs/dependencies.md does not say why {dependency} is there"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(path: &str, text: &str) -> usize {
        let mut found = Vec::new();
        check_source(path, text, &mut found);
        found.len()
    }

    #[test]
    fn finds_what_it_is_there_for() {
        assert_eq!(faults("src/a.rs", concat!("// TO", "DO: more")), 1);
        assert_eq!(faults("src/a.rs", "view! { <p inner_html=text/> }"), 1);
        assert_eq!(faults("server/src/app/a.rs", "let sql = \"SELECT 1\";"), 1);
        assert_eq!(faults("server/src/a.rs", "    #[ignore]"), 1);
        for way in ["skip", "only", "fixme", "fail"] {
            for of in ["test", "test.describe", "describe", "it"] {
                assert_eq!(
                    faults("tests/e2e/a.spec.ts", &format!("    {of}.{way}('later', async () => {{")),
                    1,
                    "{of}.{way}"
                );
            }
        }
        assert_eq!(faults("tests/e2e/a.spec.ts", concat!("test.describe.sk", "ip.parallel('x')")), 1);
        assert_eq!(faults("rules/src/a.rs", &"line\n".repeat(401)), 1);
    }

    #[test]
    fn lets_the_rest_pass() {
        assert_eq!(faults("server/src/store/a.rs", "let sql = \"SELECT 1\";"), 0);
        assert_eq!(faults("server/src/a.rs", "// \"SELECT 1\" is what the store says"), 0);
        assert_eq!(faults("server/src/a.rs", "say(\"Select an environment\")"), 0);
        assert_eq!(
            faults("rules/src/a.rs", "    let rest = list.iter().skip(1); request.fail(failure); latest.only()"),
            0
        );
        assert_eq!(faults("rules/src/a.rs", &format!("{LENGTH_REASON} one table\n{}", "line\n".repeat(401))), 0);
    }

    #[test]
    fn keeps_the_direction_of_dependencies() {
        let mut found = Vec::new();
        let manifest = "[dependencies]\nlockbox-server = \"1\"\nserde = \"1\"\nleftpad = \"1\"\n";
        check_manifest("lockbox-rules", manifest, &["lockbox-api"], "| `serde` | why |", &mut found).unwrap();
        assert_eq!(found.len(), 3, "{found:?}");
        found.clear();
        let manifest = "[dependencies]\nlockbox-api = \"1\"\n[lints]\nworkspace = true\n";
        check_manifest("lockbox-rules", manifest, &["lockbox-api"], "", &mut found).unwrap();
        check_members("[workspace]\nmembers = [\"api\", \"bench\"]", &mut found).unwrap();
        assert!(found.is_empty(), "{found:?}");
        check_members("[workspace]\nmembers = [\"api\", \"ledger\"]", &mut found).unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
    }
}
