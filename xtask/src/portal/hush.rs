//! Code that is there and never runs, or whose work nobody sees, is left out. Foremost what the portal would say when it panics: a browser shows it nowhere (the standard library has no stderr
//! there, and the portal sets no hook), so the words, their formatting and every place's file and line are dead weight.
//! A panic stays what it is, a trap that stops the portal.
//!
//! Works on the module as linked, before it is split, and changes no offset: what is cut becomes one `unreachable` and
//! padding, which [`super::compact`] takes out; the relocations inside are dropped, so that splitting, which
//! follows them, leaves out whatever was only used to word a panic.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use wasmparser::{Operator, Parser, Payload, RelocationEntry};

use crate::Outcome;
use crate::portal::trim;
use crate::portal::wasm;
use crate::step;

const UNREACHABLE: u8 = 0x00;
/// The padding.
const NOP: u8 = 0x01;

/// The module with every panic cut down to the trap at its end.
///
/// # Errors
/// If it is not a module as the linker writes it, with names and relocations.
pub(crate) fn hush(linked: &[u8]) -> Outcome<Vec<u8>> {
    let functions = read(linked)?;
    let ends = without_return(&functions);
    let mut hushed = linked.to_vec();
    let mut cuts: Vec<Range<usize>> = Vec::new();
    for (index, function) in (functions.imported..).zip(&functions.bodies) {
        if let [first, .., end] = &function[..]
            && functions.names.get(&index).is_some_and(|name| never_runs(name))
        {
            cuts.push(first.bytes.start..end.bytes.start);
            continue;
        }
        for (index, step) in function.iter().enumerate() {
            let Some(next) = function.get(index + 1) else { continue };
            if !step.calls.is_some_and(|callee| ends.contains(&callee)) || !next.is_trap {
                continue;
            }
            // What only prepares the message goes with it: memory and locals are not looked at again after a trap.
            let first = function[..index].iter().rposition(|step| !step.is_plain).map_or(0, |before| before + 1);
            cuts.push(function[first].bytes.start..next.bytes.end);
        }
    }
    for cut in &cuts {
        hushed[cut.clone()].fill(NOP);
        hushed[cut.start] = UNREACHABLE;
    }
    forget_places(linked, &mut hushed)?;
    let is_cut = |entry: &RelocationEntry| {
        let at = functions.code_start + entry.offset as usize;
        cuts.binary_search_by(|cut| match () {
            () if cut.end <= at => Ordering::Less,
            () if cut.start > at => Ordering::Greater,
            () => Ordering::Equal,
        })
        .is_ok()
    };
    let mut relocations = wasm::relocations(linked, "reloc.CODE")?;
    relocations.retain(|entry| !is_cut(entry));
    wasm::with_relocations(&hushed, "reloc.CODE", &relocations)
}

/// Wipes the names of source files of other crates, which only stand in places of panics: nobody reads those any more, and
/// where this was built is nobody's business.
fn forget_places(linked: &[u8], hushed: &mut [u8]) -> Outcome {
    for payload in Parser::new(0).parse_all(linked) {
        if let Payload::DataSection(section) = payload? {
            let range = section.range();
            let data = &mut hushed[range.start as usize..range.end as usize];
            for place in places(data) {
                data[place].fill(0);
            }
        }
    }
    Ok(())
}

/// Where names of source files stand: absolute paths below a registry of crates, or of the standard library.
fn places(data: &[u8]) -> Vec<Range<usize>> {
    const REGISTRY: &[u8] = b"/registry/src/";
    const LIBRARY: &[u8] = b"/rustc/";
    let registry = step::cargo_home().map(|home| [home.to_string_lossy().as_bytes(), REGISTRY].concat());
    let starts = [Some(LIBRARY.to_vec()), registry];
    let mut found = Vec::new();
    for start in starts.into_iter().flatten() {
        for (at, window) in data.windows(start.len()).enumerate() {
            if window == start
                && let Some(length) = data[at..].windows(3).position(|end| end == b".rs")
                && data[at..at + length].iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+".contains(byte))
            {
                found.push(at..at + length + 3);
            }
        }
    }
    found
}

/// Functions that something refers to and nothing calls: those of classes that JavaScript is never given, and the list
/// of routes that a server that renders pages asks the router for.
fn never_runs(name: &str) -> bool {
    trim::is_of_class_never_made(name) || name.contains("generate_routes")
}

/// One instruction.
struct Step {
    /// Where it is in the file.
    bytes: Range<usize>,
    /// It computes, reads or writes memory, and goes on with the next.
    is_plain: bool,
    is_trap: bool,
    /// The function that it calls.
    calls: Option<u32>,
}

struct Functions {
    names: BTreeMap<u32, String>,
    imported: u32,
    bodies: Vec<Vec<Step>>,
    /// Where the contents of the code section begin: relocations count from there.
    code_start: usize,
}

fn read(module: &[u8]) -> Outcome<Functions> {
    let (names, imported) = wasm::function_names(module)?;
    let mut functions = Functions { names, imported, bodies: Vec::new(), code_start: 0 };
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::CodeSectionStart { range, .. } => functions.code_start = usize::try_from(range.start)?,
            Payload::CodeSectionEntry(body) => {
                let mut steps: Vec<Step> = Vec::new();
                let mut operators = body.get_operators_reader()?;
                while !operators.eof() {
                    let (operator, start) = operators.read_with_offset()?;
                    let bytes = usize::try_from(start)?..usize::try_from(operators.original_position())?;
                    steps.push(Step {
                        is_plain: is_plain(&module[bytes.clone()]),
                        is_trap: matches!(operator, Operator::Unreachable),
                        calls: if let Operator::Call { function_index } = operator {
                            Some(function_index)
                        } else {
                            None
                        },
                        bytes,
                    });
                }
                functions.bodies.push(steps);
            }
            _ => {}
        }
    }
    if functions.bodies.is_empty() || functions.names.is_empty() {
        return Err("the linked WASM has no functions or no names".into());
    }
    Ok(functions)
}

/// By its opcode: no control flow, no call, no growing of memory or tables.
fn is_plain(instruction: &[u8]) -> bool {
    match instruction {
        [0xfc, sub, ..] => matches!(sub, 0..=7 | 10 | 11),
        [opcode, ..] => matches!(opcode, 0x01 | 0x1a | 0x1b | 0x20..=0x24 | 0x28..=0x3f | 0x41..=0xc4),
        [] => false,
    }
}

/// The functions that only ever panic: the compiler put a trap behind a call, so it knows that none comes back. What
/// throws into JavaScript instead is not among them: the browser shows that, and a caller may catch it.
fn without_return(functions: &Functions) -> BTreeSet<u32> {
    let calls = functions.bodies.iter().flat_map(|steps| steps.iter().zip(steps.iter().skip(1)));
    let ending = calls.filter(|(_, next)| next.is_trap).filter_map(|(step, _)| step.calls);
    let throws = |callee: &u32| functions.names.get(callee).is_none_or(|name| name.contains("wasm_bindgen"));
    ending.filter(|callee| *callee >= functions.imported && !throws(callee)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portal::compact::compact;
    use crate::portal::wasm::{push_custom_section, push_unsigned};
    use wasm_encoder::{
        CodeSection, Function, FunctionSection, Instruction, MemArg, Module, NameMap, NameSection, TypeSection, ValType,
    };

    /// Two functions: `panic`, and one that stores twice and panics in between if its parameter says so.
    fn linked(panic_name: &str) -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], []);
        module.section(&types);
        let mut functions = FunctionSection::new();
        functions.function(0);
        functions.function(0);
        module.section(&functions);
        let mut code = CodeSection::new();
        let mut panic = Function::new([]);
        panic.instruction(&Instruction::Unreachable).instruction(&Instruction::End);
        code.function(&panic);
        let store = Instruction::I32Store(MemArg { offset: 0, align: 2, memory_index: 0 });
        let mut maybe = Function::new([]);
        let mut push = |instruction: &Instruction<'_>| {
            maybe.instruction(instruction);
        };
        [Instruction::LocalGet(0), Instruction::I32Const(1), store.clone()].iter().for_each(&mut push);
        [Instruction::LocalGet(0), Instruction::If(wasm_encoder::BlockType::Empty)].iter().for_each(&mut push);
        [Instruction::LocalGet(0), Instruction::I32Const(2), store.clone()].iter().for_each(&mut push);
        [Instruction::I32Const(300), Instruction::Call(0), Instruction::Unreachable].iter().for_each(&mut push);
        [Instruction::End, Instruction::LocalGet(0), Instruction::I32Const(4), store].iter().for_each(&mut push);
        push(&Instruction::End);
        code.function(&maybe);
        module.section(&code);
        let mut names = NameSection::new();
        let mut map = NameMap::new();
        map.append(0, panic_name);
        map.append(1, "maybe");
        names.functions(&map);
        module.section(&names);
        let mut module = module.finish();

        // The linker would have one for the call and one for the first constant.
        let read = read(&module).unwrap();
        let at = |index: usize| read.bodies[1][index].bytes.start + 1 - read.code_start;
        let mut relocations = vec![2, 2];
        for offset in [at(1), at(9)] {
            relocations.push(wasmparser::RelocationType::FunctionIndexLeb as u8);
            push_unsigned(&mut relocations, offset);
            relocations.push(0);
        }
        push_custom_section(&mut module, "reloc.CODE", &relocations);
        module
    }

    #[test]
    fn forgets_where_other_crates_lay_and_nothing_else() {
        let home = step::cargo_home().unwrap();
        let place = format!("{}/registry/src/index-1/chrono-0.4.45/src/lib.rs", home.display());
        let text = format!("/api/v1{place}/requests and src/app.rs/rustc/0af/library/core/src/cell.rsBack/rustc/ x.rs");
        let mut data = text.clone().into_bytes();
        for place in places(&data) {
            data[place].fill(b'.');
        }
        let dots = |length: usize| ".".repeat(length);
        let expected = format!(
            "/api/v1{}/requests and src/app.rs{}Back/rustc/ x.rs",
            dots(place.len()),
            dots("/rustc/0af/library/core/src/cell.rs".len())
        );
        assert_eq!(String::from_utf8(data).unwrap(), expected);
    }

    fn relocations(module: &[u8]) -> usize {
        wasm::relocations(module, "reloc.CODE").unwrap().len()
    }

    #[test]
    fn a_panic_keeps_its_trap_and_loses_its_words() {
        let module = linked("_ZN4core9panicking5panic17h0E");
        let hushed = hush(&module).unwrap();
        assert_eq!(relocations(&module), 2);
        assert_eq!(relocations(&hushed), 1, "the one of the call is gone");
        assert!(compact(&hushed).unwrap().len() < compact(&module).unwrap().len());
        let after = &read(&hushed).unwrap().bodies[1];
        let traps = after.iter().filter(|step| step.is_trap).count();
        assert_eq!((traps, after.iter().filter(|step| step.calls.is_some()).count()), (1, 0));
        // Both stores outside the branch are still there: local.get, const, store each.
        let kept: Vec<u8> = after.iter().map(|step| hushed[step.bytes.start]).filter(|opcode| *opcode != NOP).collect();
        assert_eq!(kept, [0x20, 0x41, 0x36, 0x20, 0x04, UNREACHABLE, 0x0b, 0x20, 0x41, 0x36, 0x0b]);
    }

    #[test]
    fn what_throws_into_javascript_stays() {
        let module = linked("_ZN12wasm_bindgen9throw_str17h0E");
        let hushed = hush(&module).unwrap();
        assert_eq!(relocations(&hushed), 2);
        assert_eq!(hushed, module);
    }
}
