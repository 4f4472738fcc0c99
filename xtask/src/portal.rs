//! From the portal's Rust to the folder `dist`: compile, split, glue, name by content, compress, check.
//!
//! Everything happens in this process with libraries pinned in Cargo.lock: nothing to install, nothing downloaded.

mod compact;
mod css;
mod early;
mod files;
mod glue;
mod html;
mod hush;
mod order;
mod place;
mod routes;
mod split;
mod trim;
mod wasm;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Outcome, root, step, tools};
use files::Files;
pub(crate) use files::Size;
use routes::Rank;

/// How to build the portal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Small and compressed.
    Release,
    /// Quick, not compressed, and the page loads itself again after a rebuild.
    Dev,
}

/// What was built, for the budget.
#[derive(Serialize, Deserialize)]
pub(crate) struct Report {
    /// Hash of everything that went in: the same inputs need no second build.
    inputs: String,
    /// Every file of the portal, by the name that browsers ask for.
    pub(crate) sizes: BTreeMap<String, Size>,
    /// What every first view loads, the document first.
    pub(crate) always: Vec<String>,
    /// Path → what its page loads beyond that.
    pub(crate) routes: Vec<(String, Vec<String>)>,
    /// Path → what its page loads by itself as soon as it is shown.
    #[serde(default)]
    pub(crate) after: Vec<(String, Vec<String>)>,
}

/// Compiles the portal to one WASM file, with the information that splitting needs.
///
/// # Errors
/// If the versions of wasm-bindgen disagree or it does not compile.
pub(crate) fn compile(mode: Mode) -> Outcome {
    tools::c_compiler()?;
    tools::wasm_target()?;
    tools::same_wasm_bindgen()?;
    let mut command = step::cargo(["rustc", "--package", "lockbox-portal", "--lib", "--crate-type", "cdylib"]);
    command.args(["--target", tools::WASM, "--profile", profile(mode), "--", "-Clink-args=--emit-relocs"]);
    step::exec(&mut command)
}

/// Makes `dist` out of the compiled portal, unless it is already there, and returns the report.
///
/// # Errors
/// If an input is missing or wrong; the message names it.
pub(crate) fn assemble(mode: Mode) -> Outcome<Report> {
    let root = root::root();
    let compiled = root::target().join(tools::WASM).join(profile(mode)).join("lockbox_portal.wasm");
    let linked = std::fs::read(&compiled).map_err(|error| format!("{}: {error}", compiled.display()))?;
    let inputs = inputs(&root, &linked, mode)?;
    if let Some(report) = report()
        && report.inputs == inputs
        && is_complete(&report)
    {
        return Ok(report);
    }
    let mut report =
        Report { inputs, sizes: BTreeMap::new(), always: Vec::new(), routes: Vec::new(), after: Vec::new() };
    let files = gather(&root, &linked, mode, &mut report)?;

    // The folder is put in place in one go: a server that reads it never sees half of it for long.
    let work = root::target().join("portal");
    let next = work.join("dist");
    if next.exists() {
        std::fs::remove_dir_all(&next)?;
    }
    report.sizes = files.write(&next, mode == Mode::Release)?;
    let dist = root::dist();
    if dist.exists() {
        std::fs::remove_dir_all(&dist)?;
    }
    std::fs::rename(&next, &dist)?;
    std::fs::write(work.join("report.json"), serde_json::to_vec_pretty(&report)?)?;
    Ok(report)
}

/// The report of the last build, if there is one.
pub(crate) fn report() -> Option<Report> {
    let text = std::fs::read(root::target().join("portal/report.json")).ok()?;
    serde_json::from_slice(&text).ok()
}

fn profile(mode: Mode) -> &'static str {
    match mode {
        Mode::Release => "wasm-release",
        Mode::Dev => "wasm-dev",
    }
}

/// All files of the portal; fills in what the report says about them.
fn gather(root: &Path, linked: &[u8], mode: Mode, report: &mut Report) -> Outcome<Files> {
    let work = root::target().join("portal/split");
    let linked = if mode == Mode::Release { hush::hush(linked)? } else { linked.to_vec() };
    let cut = split::cut(&linked, &work)?;
    let functions: Vec<&str> = cut.needs.keys().map(String::as_str).collect();
    let routes::Preloads { pages: preloads, after } = routes::read(&root.join("preload.toml"), &functions)?;
    let first: Vec<_> = preloads.iter().filter(|page| page.rank == Rank::First).map(|page| &page.function).collect();
    let linked = early::keep_in_main(&linked, &cut.shared_by(&first)?)?;
    let split = split::glue(split::cut(&linked, &work)?)?;

    let mut files = Files::default();
    let main = files.add_hashed("portal.wasm", split.main.clone());
    let is_together =
        |function: &str| preloads.iter().any(|page| page.function == function && page.rank == Rank::Later);
    let loads = place::place(&split, |function| !is_together(function), &after, &mut files);
    let module = glue::module(&split.glue, &split.link, beside(&main), &loads, &preloads)?;
    let module = files.add_hashed("portal.js", module.into_bytes());

    let template = read(root, "index.html")?;
    let mut sheet = css::Stylesheet::read(&root.join("style"))?;
    let wanted = html::wanted_inline(&template)?;
    let inline = if wanted.is_empty() { String::new() } else { sheet.take(&wanted)? };
    let public = public_files(root)?;
    let (template, inline, rest) = name_public(public, &mut files, template, inline, sheet.rest());
    let stylesheet = (!rest.trim().is_empty()).then(|| files.add_hashed("portal.css", rest.into_bytes()));
    let dev_script = (mode == Mode::Dev).then(|| {
        files.add("reload.txt", report.inputs.clone().into_bytes());
        files.add_hashed("reload.js", include_bytes!("portal/reload.js").to_vec())
    });
    let page = html::Page {
        inline: &inline,
        stylesheet: stylesheet.as_deref(),
        module: &module,
        wasm: &main,
        dev_script: dev_script.as_deref(),
    };
    let (document, hashes) = html::fill(&template, &page)?;
    files.add("index.html", document.into_bytes());
    files.add("csp.json", serde_json::to_vec(&serde_json::json!({ "style-src": hashes, "script-src": [] }))?);

    report.always = vec!["index.html".to_owned()];
    report.always.extend(stylesheet);
    report.always.extend([module, main]);
    let files_of =
        |function: &str| loads[function].files().iter().map(|file| format!("{}/{file}", files::HASHED)).collect();
    let path_of = |function: &str| preloads.iter().find(|page| page.function == function).map(|page| page.path.clone());
    report.after = after.iter().filter_map(|(function, page)| Some((path_of(page)?, files_of(function)))).collect();
    report.routes = preloads.iter().map(|page| (page.path.clone(), files_of(&page.function))).collect();
    Ok(files)
}

/// A file below the folder of hashed names, as its neighbours call it.
fn beside(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The files of `public`, by path below it.
fn public_files(root: &Path) -> Outcome<BTreeMap<String, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.join("public")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let below = path.strip_prefix(root.join("public"))?.to_string_lossy().replace('\\', "/");
                found.insert(below, std::fs::read(&path)?);
            }
        }
    }
    Ok(found)
}

/// Adds the public files. One that the page or a stylesheet names (`"/favicon.svg"`, `url("/font.woff2")`) gets a name
/// with its hash, there too; one that is only named elsewhere keeps its name.
fn name_public(
    public: BTreeMap<String, Vec<u8>>,
    files: &mut Files,
    template: String,
    inline: String,
    rest: String,
) -> (String, String, String) {
    let mut texts = [template, inline, rest];
    for (below, content) in public {
        let forms = [format!("\"/{below}\""), format!("url(/{below})"), format!("url('/{below}')")];
        if forms.iter().any(|form| texts.iter().any(|text| text.contains(form.as_str()))) {
            let path = files.add_hashed(&below, content);
            for (form, with) in
                forms.iter().zip([format!("\"/{path}\""), format!("url(/{path})"), format!("url('/{path}')")])
            {
                texts.iter_mut().for_each(|text| *text = text.replace(form.as_str(), &with));
            }
        } else {
            files.add(&below, content);
        }
    }
    let [template, inline, rest] = texts;
    (template, inline, rest)
}

fn read(root: &Path, name: &str) -> Outcome<String> {
    Ok(std::fs::read_to_string(root.join(name)).map_err(|error| format!("{name}: {error}"))?)
}

/// A hash over everything that `dist` is made of, this program included.
fn inputs(root: &Path, linked: &[u8], mode: Mode) -> Outcome<String> {
    let mut all = linked.to_vec();
    all.extend(std::fs::read(std::env::current_exe()?)?);
    all.extend(profile(mode).bytes());
    for name in ["index.html", "preload.toml"] {
        all.extend(read(root, name)?.into_bytes());
    }
    for (path, content) in public_files(root)? {
        all.extend(path.into_bytes());
        all.extend(content);
    }
    all.extend(css::Stylesheet::read(&root.join("style"))?.rest().into_bytes());
    Ok(files::short_hash(&all))
}

/// Whether `dist` still holds what the report says.
fn is_complete(report: &Report) -> bool {
    let length = |path: String| std::fs::metadata(root::dist().join(path)).ok().map(|found| found.len());
    report.sizes.iter().all(|(path, size)| {
        length(path.clone()) == Some(size.raw as u64) || length(format!("{path}.br")) == Some(size.brotli as u64)
    })
}
