//! What wasm-bindgen writes for others to call and read, and nobody here does: classes that the portal never makes, and
//! the long names by which WASM and glue know each other.

use crate::Outcome;
use crate::portal::early;
use crate::portal::split::LINK;

/// `wasm-streams` exports these classes wherever it is linked in (leptos brings it); only a Rust stream that is handed to
/// JavaScript makes one, and the portal has none.
const NEVER_MADE: [&str; 3] = ["IntoUnderlyingByteSource", "IntoUnderlyingSink", "IntoUnderlyingSource"];

/// Whether a function is a method of a class that is never made.
pub(crate) fn is_of_class_never_made(function: &str) -> bool {
    let name = function.strip_prefix("__wbg_").unwrap_or(function);
    NEVER_MADE
        .iter()
        .any(|class| name.strip_prefix(class.to_lowercase().as_str()).is_some_and(|rest| rest.starts_with('_')))
}

/// Takes the classes that are never made out of the WASM and out of its glue.
///
/// # Errors
/// If the glue does not have them as expected.
pub(crate) fn drop_classes(module: &mut walrus::Module, glue: &str) -> Outcome<String> {
    let exports: Vec<_> =
        module.exports.iter().filter(|export| is_of_class_never_made(&export.name)).map(|export| export.id()).collect();
    if exports.is_empty() {
        return Ok(glue.to_owned());
    }
    for export in exports {
        module.exports.delete(export);
    }
    walrus::passes::gc::run(module);
    let mut kept = glue.to_owned();
    for class in NEVER_MADE {
        let last = format!("{class}.prototype[Symbol.dispose] = {class}.prototype.free;\n");
        let head = if kept.contains(&format!("export class {class} {{")) { "export class" } else { "class" };
        cut(&mut kept, &format!("{head} {class} {{"), &last)?;
        cut(&mut kept, &format!("const {class}Finalization = "), ");\n")?;
        if kept.contains(class) {
            return Err(format!("the glue uses {class}, which is expected to be used by nobody").into());
        }
    }
    Ok(kept)
}

/// Takes out the exports that only told the splitter what to leave in the main module.
pub(crate) fn drop_marks(module: &mut walrus::Module) {
    let marks: Vec<_> =
        module.exports.iter().filter(|export| early::is_mark(&export.name)).map(|export| export.id()).collect();
    for mark in marks {
        module.exports.delete(mark);
    }
}

/// Takes out everything from `first` to `last`, both included.
fn cut(text: &mut String, first: &str, last: &str) -> Outcome {
    let start = text.find(first).ok_or_else(|| format!("the glue lacks {first}"))?;
    let length = text[start..].find(last).ok_or_else(|| format!("the glue lacks the end of {first}"))? + last.len();
    text.replace_range(start..start + length, "");
    Ok(())
}

/// Gives what the WASM imports from the glue short names: the long ones carry hashes, which no compression shortens.
///
/// # Errors
/// If the glue does not define an import once.
pub(crate) fn shorten_imports(module: &mut walrus::Module, glue: &str) -> Outcome<String> {
    let mut lines: Vec<String> = glue.lines().map(str::to_owned).collect();
    for (number, import) in module.imports.iter_mut().filter(|import| import.module != LINK).enumerate() {
        let short = format!("i{number}");
        let key = format!("{}: ", import.name);
        let mut defining = lines.iter_mut().filter(|line| line.trim_start().starts_with(&key));
        let (Some(line), None) = (defining.next(), defining.next()) else {
            return Err(format!("the glue does not define {} once", import.name).into());
        };
        *line = line.replacen(&import.name, &short, 1);
        import.name = short;
    }
    Ok(lines.join("\n") + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shortens_names_on_both_sides() {
        let mut module = walrus::Module::default();
        let ty = module.types.add(&[], &[]);
        module.add_import_func("./portal_bg.js", "__wbg_blur_c2856e0bcfec2cc0", ty);
        module.add_import_func(LINK, "__wasm_split_load_a", ty);
        let glue = "const import0 = {\n  __wbg_blur_c2856e0bcfec2cc0: function(a) {\na.blur();\n},\n};\n";
        let short = shorten_imports(&mut module, glue).unwrap();
        assert_eq!(short, "const import0 = {\n  i0: function(a) {\na.blur();\n},\n};\n");
        let names: Vec<_> = module.imports.iter().map(|import| import.name.as_str()).collect();
        assert_eq!(names, ["i0", "__wasm_split_load_a"]);
        assert!(shorten_imports(&mut module, "const import0 = {};\n").is_err(), "an import that the glue lacks");
    }

    #[test]
    fn cuts_from_first_to_last() {
        let mut text = "a class X { b }\nend\nc".to_owned();
        cut(&mut text, "class X {", "end\n").unwrap();
        assert_eq!(text, "a c");
        assert!(cut(&mut text, "class X {", "end\n").is_err());
    }
}
