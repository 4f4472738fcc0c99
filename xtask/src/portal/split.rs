//! From the linked WASM to what a browser loads: the pages split off into files of their own, then the JavaScript glue.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::Outcome;
use crate::portal::compact::compact;
use crate::portal::{early, trim};

/// The name by which the WASM imports the loaders of its split-off parts. Only ever seen inside the build.
pub(crate) const LINK: &str = "./__wasm_split.js";

/// What splitting and wasm-bindgen made.
pub(crate) struct Split {
    /// The module that is always loaded.
    pub(crate) main: Vec<u8>,
    /// wasm-bindgen's glue, an ES module that imports [`LINK`].
    pub(crate) glue: String,
    /// The loaders, an ES module that imports the glue.
    pub(crate) link: String,
    /// The split-off modules by the name the loaders use, without `.wasm`.
    pub(crate) parts: BTreeMap<String, Vec<u8>>,
    /// For each lazily loaded function, the parts it needs, its own last.
    pub(crate) needs: BTreeMap<String, Vec<String>>,
}

/// What splitting made, before wasm-bindgen.
pub(crate) struct Cut {
    main: Vec<u8>,
    link: String,
    parts: BTreeMap<String, Vec<u8>>,
    /// For each lazily loaded function, the parts it needs, its own last.
    pub(crate) needs: BTreeMap<String, Vec<String>>,
}

impl Cut {
    /// The names of the functions that are in the parts which `functions` share with others.
    ///
    /// # Errors
    /// If a part can't be read.
    pub(crate) fn shared_by(&self, functions: &[&String]) -> Outcome<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        for part in functions.iter().flat_map(|function| &self.needs[*function]) {
            if !is_own(part) {
                names.append(&mut early::defined(&self.parts[part])?);
            }
        }
        Ok(names)
    }
}

/// Whether a part is what only one lazily loaded function needs.
pub(crate) fn is_own(part: &str) -> bool {
    part.starts_with("split_")
}

/// Splits `linked`; `work` is a folder for what comes in between.
///
/// # Errors
/// If the module was linked without `--emit-relocs`.
pub(crate) fn cut(linked: &[u8], work: &Path) -> Outcome<Cut> {
    if work.exists() {
        std::fs::remove_dir_all(work)?;
    }
    let main_path = work.join("main.wasm");
    let mut options = wasm_split_cli_support::Options::new(linked);
    options.output_dir = work;
    options.main_out_path = &main_path;
    options.link_name = LINK;
    options.main_module = "./portal.js";
    let made = wasm_split_cli_support::transform(options)?;
    let mut parts = BTreeMap::new();
    for path in &made.split_modules {
        let name = path.file_stem().ok_or("a split-off module has no name")?.to_string_lossy().into_owned();
        parts.insert(name, std::fs::read(path)?);
    }
    Ok(Cut {
        main: std::fs::read(&main_path)?,
        link: std::fs::read_to_string(work.join(LINK))?,
        parts,
        needs: made.prefetch_map.into_iter().collect(),
    })
}

/// Makes the glue.
///
/// # Errors
/// If the versions of wasm-bindgen disagree.
pub(crate) fn glue(cut: Cut) -> Outcome<Split> {
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.web(true)?.typescript(false).keep_lld_exports(true).demangle(false).omit_default_module_path(true);
    bindgen.remove_name_section(true).remove_producers_section(true);
    let mut output = bindgen.input_bytes("portal", cut.main).generate_output()?;
    if output.snippets().values().any(|inline| !inline.is_empty()) || !output.local_modules().is_empty() {
        return Err("a dependency of the portal brings JavaScript of its own; the glue does not carry it yet".into());
    }
    let js = output.js().to_owned();
    let glue = trim::drop_classes(output.wasm_mut(), &js)?;
    trim::drop_marks(output.wasm_mut());
    let glue = trim::shorten_imports(output.wasm_mut(), &glue)?;
    let mut parts = BTreeMap::new();
    for (name, part) in cut.parts {
        parts.insert(name, compact(&part)?);
    }
    Ok(Split { main: compact(&output.wasm_mut().emit_wasm())?, glue, link: cut.link, parts, needs: cut.needs })
}
