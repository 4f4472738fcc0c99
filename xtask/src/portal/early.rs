//! Code that the first page needs as well as others belongs into the main module, as plain functions of it: apart, each
//! group of it would be a module of its own, with a header, with imports, and with calls through the table.

use std::collections::BTreeSet;

use wasmparser::{Parser, Payload};

use crate::Outcome;
use crate::portal::wasm::{self, push_section, push_unsigned};

/// Begins the name of every export that is only made to place a function; [`is_mark`] tells them for taking out again.
const MARK: &str = "__early_";
const EXPORT_SECTION: u8 = 7;

/// The names of the functions that a module defines.
///
/// # Errors
/// If it can't be read.
pub(crate) fn defined(module: &[u8]) -> Outcome<BTreeSet<String>> {
    let (names, imported) = wasm::function_names(module)?;
    Ok(names.into_iter().filter(|(index, _)| *index >= imported).map(|(_, name)| name).collect())
}

/// The linked module with the functions of these names exported: what is exported, and what that needs, the splitter
/// leaves in the main module.
///
/// # Errors
/// If it is not a module as the linker writes it.
pub(crate) fn keep_in_main(linked: &[u8], wanted: &BTreeSet<String>) -> Outcome<Vec<u8>> {
    let (names, imported) = wasm::function_names(linked)?;
    let indices: Vec<u32> = names
        .into_iter()
        .filter(|(index, name)| *index >= imported && wanted.contains(name))
        .map(|(index, _)| index)
        .collect();
    let mut out = linked[..8].to_vec();
    let mut at = 8;
    let mut found = false;
    for payload in Parser::new(0).parse_all(linked) {
        let payload = payload?;
        let Some((_, range)) = payload.as_section() else { continue };
        let (start, end) = (usize::try_from(range.start)?, usize::try_from(range.end)?);
        if let Payload::ExportSection(exports) = &payload {
            found = true;
            let count = exports.count() as usize;
            let mut length = Vec::new();
            push_unsigned(&mut length, count);
            let mut content = Vec::new();
            push_unsigned(&mut content, count + indices.len());
            content.extend_from_slice(&linked[start + length.len()..end]);
            for index in &indices {
                let name = format!("{MARK}{index}");
                push_unsigned(&mut content, name.len());
                content.extend_from_slice(name.as_bytes());
                content.push(0); // a function
                push_unsigned(&mut content, *index as usize);
            }
            push_section(&mut out, EXPORT_SECTION, &content);
        } else {
            out.extend_from_slice(&linked[at..end]);
        }
        at = end;
    }
    if found { Ok(out) } else { Err("the linked WASM exports nothing".into()) }
}

/// Whether an export was made by [`keep_in_main`].
pub(crate) fn is_mark(export: &str) -> bool {
    export.starts_with(MARK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{CodeSection, ExportKind, ExportSection, Function, FunctionSection, Instruction, Module};
    use wasm_encoder::{NameMap, NameSection, TypeSection};

    fn linked() -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut functions = FunctionSection::new();
        let mut exports = ExportSection::new();
        exports.export("start", ExportKind::Func, 0);
        let mut code = CodeSection::new();
        let mut map = NameMap::new();
        for (index, name) in ["start", "shared", "own"].into_iter().enumerate() {
            functions.function(0);
            let mut function = Function::new([]);
            function.instruction(&Instruction::End);
            code.function(&function);
            map.append(index as u32, name);
        }
        let mut names = NameSection::new();
        names.functions(&map);
        module.section(&types).section(&functions).section(&exports).section(&code).section(&names);
        module.finish()
    }

    #[test]
    fn exports_what_belongs_into_the_main_module() {
        let wanted = BTreeSet::from(["shared".to_owned(), "elsewhere".to_owned()]);
        let marked = keep_in_main(&linked(), &wanted).unwrap();
        let exports = Parser::new(0).parse_all(&marked).find_map(|payload| match payload.unwrap() {
            Payload::ExportSection(exports) => Some(exports),
            _ => None,
        });
        let exports: Vec<_> = exports.unwrap().into_iter().map(|export| export.unwrap()).collect();
        let named: Vec<_> = exports.iter().map(|export| (export.name, export.index)).collect();
        assert_eq!(named, [("start", 0), ("__early_1", 1)]);
        assert!(is_mark(exports[1].name) && !is_mark(exports[0].name));
        wasmparser::validate(&marked).unwrap();
    }

    #[test]
    fn knows_what_a_module_defines() {
        assert_eq!(defined(&linked()).unwrap(), ["own", "shared", "start"].map(str::to_owned).into());
    }
}
