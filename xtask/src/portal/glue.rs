//! One JavaScript module out of three: wasm-bindgen's glue, the loaders of the lazy parts, and `boot.js`.
//!
//! As generated, glue and loaders import each other by URL. Put into one module they cost one request, need no names
//! that agree, and can't be instantiated twice. Every change made to generated text is checked: a new version of a
//! tool that writes something else stops the build instead of breaking the portal.

use std::fmt::Write;

use crate::Outcome;
use crate::portal::routes::Preload;
use crate::portal::split::LINK;

/// Where a lazily loaded part is.
pub(crate) struct Place {
    /// Name by which the loaders ask for the part.
    pub(crate) part: String,
    /// File name beside the module; none is the main WASM.
    pub(crate) file: Option<String>,
    /// Whether it is a custom section of that file, named as the part, and not the file itself.
    pub(crate) is_section: bool,
}

/// Puts the module together. `main` and the files of `places` and `routes` are file names beside the module.
///
/// # Errors
/// If the generated text is not what this was written for.
pub(crate) fn module(glue: &str, link: &str, main: &str, places: &[Place], routes: &[Preload]) -> Outcome<String> {
    let (glue, imports) = plain_glue(glue)?;
    let (link, loaders) = plain_link(link, places)?;
    let mut module = glue;
    write!(module, "const __split = (() => {{\n{link}return {{ {} }};\n}})();\n", loaders.join(", "))?;
    for import in imports {
        writeln!(module, "const {import} = __split;")?;
    }
    let mut parts = serde_json::Map::new();
    for place in places {
        let file = place.file.clone();
        parts.insert(place.part.clone(), if place.is_section { serde_json::json!([file]) } else { file.into() });
    }
    let mut table = String::from("[");
    for route in routes {
        write!(table, "[/{}/, {}], ", route.regex(), serde_json::to_string(&route.files)?)?;
    }
    table.push(']');
    let boot = include_str!("boot.js");
    let boot = replace_once(boot, "__MAIN__", &serde_json::to_string(main)?)?;
    let boot = replace_once(&boot, "__PARTS__", &serde_json::to_string(&parts)?)?;
    let boot = replace_once(&boot, "__ROUTES__", &table)?;
    module.push_str(&boot);
    Ok(module)
}

/// The glue without imports and exports, and the names under which it imported the loaders.
fn plain_glue(glue: &str) -> Outcome<(String, Vec<String>)> {
    let mut plain = String::with_capacity(glue.len());
    let mut imports = Vec::new();
    let mut ended = false;
    for line in glue.lines() {
        if let Some(import) = line.strip_prefix("import ") {
            let name = import.strip_prefix("* as ").and_then(|rest| rest.strip_suffix(&format!(" from \"{LINK}\"")));
            imports.push(name.ok_or_else(|| format!("the glue imports something unexpected: {line}"))?.to_owned());
        } else if line == "export { initSync, __wbg_init as default };" {
            ended = true;
        } else {
            let line = line.strip_prefix("export ").unwrap_or(line);
            plain.push_str(line);
            plain.push('\n');
        }
    }
    if !glue.contains("wasmModule = module;") {
        return Err("the glue does not keep the compiled module as expected".into());
    }
    if !ended {
        return Err("the glue does not export initSync and __wbg_init as expected".into());
    }
    Ok((plain, imports))
}

/// The loaders without import and exports, fetching through `boot.js`, and their names.
fn plain_link(link: &str, places: &[Place]) -> Outcome<(String, Vec<String>)> {
    let mut plain = replace_once(link, "import { initSync } from \"./portal.js\";\n", "")?;
    for place in places {
        let fetch = format!("fetch(new URL(\"./{}.wasm\", import.meta.url))", place.part);
        plain = replace_once(&plain, &fetch, &format!("part(\"{}\")", place.part))?;
    }
    plain = plain.replace("WebAssembly.instantiateStreaming(src, imports)", "instantiate(src, imports)");
    if plain.contains("fetch(") || plain.contains("instantiateStreaming") {
        return Err("a lazy part is loaded in an unexpected way".into());
    }
    let mut loaders = Vec::new();
    for line in plain.lines() {
        if let Some(rest) = line.strip_prefix("export const ") {
            loaders.push(rest.split(' ').next().unwrap_or_default().to_owned());
        }
    }
    Ok((plain.replace("\nexport const ", "\nconst "), loaders))
}

fn replace_once(text: &str, what: &str, with: &str) -> Outcome<String> {
    match text.matches(what).count() {
        1 => Ok(text.replacen(what, with, 1)),
        count => Err(format!("expected once in the generated JavaScript, found {count} times: {what}").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "import * as import1 from \"./__wasm_split.js\"\nexport function start() {}\nfunction initSync() {}\nasync function __wbg_init() { wasmModule = module; }\nexport { initSync, __wbg_init as default };\n";
    const LINK_MODULE: &str = "import { initSync } from \"./portal.js\";\n\nexport const __wasm_split_load_a = wrapAsyncCb(makeLoad(() => {\n const src = fetch(new URL(\"./split_a.wasm\", import.meta.url));\n return async (imports) => (WebAssembly.instantiateStreaming(src, imports));\n}, []));\n";

    fn place() -> Vec<Place> {
        vec![Place { part: "split_a".into(), file: Some("a-1.wasm".into()), is_section: false }]
    }

    #[test]
    fn makes_one_module_without_imports_and_exports() {
        let module = module(GLUE, LINK_MODULE, "main-1.wasm", &place(), &[]).unwrap();
        assert!(!module.lines().any(|line| line.starts_with("import ") || line.starts_with("export ")), "{module}");
        assert!(module.contains("return { __wasm_split_load_a };") && module.contains("const import1 = __split;"));
        assert!(module.contains("part(\"split_a\")") && module.contains("{\"split_a\":\"a-1.wasm\"}"));
    }

    #[test]
    fn stops_at_text_it_does_not_know() {
        assert!(module(&GLUE.replace("__wasm_split.js", "other.js"), LINK_MODULE, "m", &place(), &[]).is_err());
        assert!(module(GLUE, &LINK_MODULE.replace("fetch(", "load("), "m", &place(), &[]).is_err());
        assert!(module(GLUE, LINK_MODULE, "m", &[], &[]).is_err());
    }
}
