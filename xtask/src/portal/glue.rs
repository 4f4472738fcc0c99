//! One JavaScript module out of three: wasm-bindgen's glue, the loaders of the lazy parts, and `boot.js`.
//!
//! As generated, glue and loaders import each other by URL. Put into one module they cost one request, need no names
//! that agree, and can't be instantiated twice. Every change made to generated text is checked: a new version of a
//! tool that writes something else stops the build instead of breaking the portal.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::Outcome;
use crate::portal::place::Load;
use crate::portal::routes::Preload;
use crate::portal::split::LINK;

/// Puts the module together. `main` and the files of `loads` are file names beside the module.
///
/// # Errors
/// If the generated text is not what this was written for.
pub(crate) fn module(
    glue: &str,
    link: &str,
    main: &str,
    loads: &BTreeMap<String, Load>,
    routes: &[Preload],
) -> Outcome<String> {
    let (glue, imports) = plain_glue(glue)?;
    let runtime = runtime(link, loads)?;
    let mut table = String::from("{");
    for (function, Load { own, carrier, parts }) in loads {
        write!(table, "{function}: {}, ", serde_json::to_string(&(own, carrier, parts))?)?;
    }
    let loads = table + "}";
    let mut table = String::from("[");
    for route in routes {
        write!(table, "[/{}/, LOADS.{}], ", route.regex(), route.function)?;
    }
    let routes = table + "]";
    let boot = include_str!("boot.js");
    let boot = replace_once(boot, "__MAIN__", &serde_json::to_string(main)?)?;
    let boot = replace_once(&boot, "__LOADS__", &loads)?;
    let boot = replace_once(&boot, "__ROUTES__", &routes)?;
    let boot = replace_once(&boot, "// __RUNTIME__", &runtime)?;
    let mut module = glue + &boot;
    for import in imports {
        writeln!(module, "const {import} = loaders;")?;
    }
    Ok(bare(&module))
}

/// The module without indentation, comments that have lines of their own, and empty lines: a sixth of what it weighs.
fn bare(module: &str) -> String {
    let mut bare = String::with_capacity(module.len());
    let mut is_comment = false;
    for line in module.lines().map(str::trim) {
        is_comment |= line.starts_with("/*");
        if !is_comment && !line.is_empty() && !line.starts_with("//") {
            bare.push_str(line);
            bare.push('\n');
        }
        is_comment &= !line.ends_with("*/");
    }
    bare
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

/// What the loaders have in common: `makeLoad` and `wrapAsyncCb`. The loaders themselves `boot.js` makes from its table.
fn runtime(link: &str, loads: &BTreeMap<String, Load>) -> Outcome<String> {
    let link = replace_once(link, "import { initSync } from \"./portal.js\";\n", "")?;
    let end = ["\n/* ", "\nconst __chunk_", "\nexport const "].iter().filter_map(|first| link.find(first)).min();
    let (runtime, loaders) = link.split_at(end.ok_or("the link module has no loaders")?);
    let named: Vec<_> =
        loaders.lines().filter_map(|line| line.strip_prefix("export const __wasm_split_load_")).collect();
    if named.len() != loads.len()
        || !named
            .iter()
            .all(|line| line.split_once(" = wrapAsyncCb(makeLoad(").is_some_and(|(name, _)| loads.contains_key(name)))
    {
        return Err("the loaders of the lazy parts are not what is expected".into());
    }
    if ["function wrapAsyncCb(callee) {", "function makeLoad(fetcher, deps) {"]
        .iter()
        .any(|head| !runtime.contains(head))
        || ["fetch(", "import("].iter().any(|call| runtime.contains(call))
    {
        return Err("a lazy part is loaded in an unexpected way".into());
    }
    Ok(runtime.trim().to_owned())
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
    const LINK_MODULE: &str = "import { initSync } from \"./portal.js\";\n\nfunction wrapAsyncCb(callee) {\n}\nfunction makeLoad(fetcher, deps) {\n}\n/* a, b */\nconst __chunk_3 = makeLoad(() => {\n const src = fetch(new URL(\"./chunk_3.wasm\", import.meta.url));\n}\n, []);\nexport const __wasm_split_load_a = wrapAsyncCb(makeLoad(() => {\n const src = fetch(new URL(\"./split_a.wasm\", import.meta.url));\n}, [__chunk_3]));\n";

    fn loads(function: &str) -> BTreeMap<String, Load> {
        let load =
            Load { own: "a-1.wasm".into(), carrier: Some("shared-1.wasm".into()), parts: vec!["chunk_3".into()] };
        BTreeMap::from([(function.to_owned(), load)])
    }

    #[test]
    fn makes_one_module_without_imports_and_exports() {
        let module = module(GLUE, LINK_MODULE, "main-1.wasm", &loads("a"), &[]).unwrap();
        assert!(!module.lines().any(|line| line.starts_with("import ") || line.starts_with("export ")), "{module}");
        assert!(module.contains("function makeLoad(") && module.contains("const import1 = loaders;"), "{module}");
        assert!(module.contains("{a: [\"a-1.wasm\",\"shared-1.wasm\",[\"chunk_3\"]], }"), "{module}");
    }

    #[test]
    fn leaves_out_what_no_browser_needs() {
        let text = "/**\n * Starts.\n */\nfunction a() {\n    // why\n    return \"//\"; // because\n}\n\n/* one line */\nb();\n";
        assert_eq!(bare(text), "function a() {\nreturn \"//\"; // because\n}\nb();\n");
    }

    #[test]
    fn stops_at_text_it_does_not_know() {
        assert!(module(&GLUE.replace("__wasm_split.js", "other.js"), LINK_MODULE, "m", &loads("a"), &[]).is_err());
        assert!(
            module(GLUE, &LINK_MODULE.replace("makeLoad(fetcher, deps)", "load(f)"), "m", &loads("a"), &[]).is_err()
        );
        assert!(module(GLUE, LINK_MODULE, "m", &loads("b"), &[]).is_err(), "another function");
        assert!(module(GLUE, LINK_MODULE, "m", &BTreeMap::new(), &[]).is_err());
    }
}
