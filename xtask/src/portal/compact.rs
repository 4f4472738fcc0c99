//! WASM files written anew, as small as their format allows and in the order that compresses best.

use std::collections::BTreeSet;

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Instruction, TypeSection};
use wasmparser::{CodeSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeSectionReader};

use crate::Outcome;
use crate::portal::{order, wasm};

/// The module without custom sections, without padding and types that nothing has, and with every number in as few bytes as
/// it needs: the linker leaves room for relocation in each, up to four bytes too many, and splitting keeps them; and it
/// gives every part the types of all.
///
/// # Errors
/// If the bytes are not a WASM module.
pub(crate) fn compact(module: &[u8]) -> Outcome<Vec<u8>> {
    let bare = wasm::without_custom_sections(module)?;
    let mut compact = Compact { types: BTreeSet::new(), imported: 0, order: None };
    let compacted = compact.write(&bare)?;
    // Numbers are short only now, and are what makes functions alike.
    let (_, imported) = wasm::function_names(&compacted)?;
    let order = Order::new(order::similar_together(&bodies(&compacted)?));
    Compact { imported, order: Some(order), ..compact }.write(&bare)
}

fn bodies(module: &[u8]) -> Outcome<Vec<&[u8]>> {
    let mut bodies = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CodeSectionEntry(body) = payload? {
            bodies.push(&module[usize::try_from(body.range().start)?..usize::try_from(body.range().end)?]);
        }
    }
    Ok(bodies)
}

/// Writes a module again, without instructions that do nothing.
struct Compact {
    /// The types that something has, gathered while there is no order yet.
    types: BTreeSet<u32>,
    /// How many functions come before the module's own.
    imported: u32,
    order: Option<Order>,
}

/// How the module's own functions follow one another.
struct Order {
    /// Their places before.
    functions: Vec<usize>,
    /// The place of each now, by that before.
    places: Vec<u32>,
}

impl Order {
    fn new(functions: Vec<usize>) -> Self {
        let mut places = vec![0; functions.len()];
        for (place, before) in (0..).zip(&functions) {
            places[*before] = place;
        }
        Self { functions, places }
    }
}

impl Compact {
    /// The places before of `count` functions, in the order in which they are written.
    fn order(&self, count: usize) -> Vec<usize> {
        self.order.as_ref().map_or_else(|| (0..count).collect(), |order| order.functions.clone())
    }

    fn write(&mut self, module: &[u8]) -> Outcome<Vec<u8>> {
        let mut written = wasm_encoder::Module::new();
        self.parse_core_module(&mut written, Parser::new(0), module)
            .map_err(|error| format!("a WASM module can't be written anew: {error}"))?;
        Ok(written.finish())
    }
}

impl Reencode for Compact {
    type Error = &'static str;

    fn type_index(&mut self, index: u32) -> Result<u32, Error<&'static str>> {
        if self.order.is_none() {
            self.types.insert(index);
            return Ok(index);
        }
        // There are fewer types than 2^32, as their indices are in the module.
        Ok(self.types.range(..index).count() as u32)
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: TypeSectionReader<'_>,
    ) -> Result<(), Error<&'static str>> {
        for (index, group) in (0_u32..).zip(section) {
            // A group of several types counts for each of them; the compiler makes none.
            let group = group?;
            if group.types().len() > 1 {
                return Err(Error::UserError("it has types that refer to each other"));
            }
            if self.order.is_none() || self.types.contains(&index) {
                self.parse_recursive_type_group(types.ty(), group)?;
            }
        }
        Ok(())
    }

    fn function_index(&mut self, index: u32) -> Result<u32, Error<&'static str>> {
        let (Some(own), Some(order)) = (index.checked_sub(self.imported), &self.order) else { return Ok(index) };
        let place = order.places.get(own as usize).ok_or(Error::UserError("it names a function that it lacks"))?;
        Ok(self.imported + place)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error<&'static str>> {
        let types = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for before in self.order(types.len()) {
            functions.function(self.type_index(types[before])?);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error<&'static str>> {
        let bodies = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for before in self.order(bodies.len()) {
            self.parse_function_body(code, bodies[before].clone())?;
        }
        Ok(())
    }

    fn parse_function_body(
        &mut self,
        code: &mut CodeSection,
        body: FunctionBody<'_>,
    ) -> Result<(), Error<&'static str>> {
        let mut function = self.new_function_with_parsed_locals(&body)?;
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            match self.parse_instruction(&mut operators)? {
                Instruction::Nop => {}
                instruction => {
                    function.instruction(&instruction);
                }
            }
        }
        code.function(&function);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compacts_padded_numbers() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([1, 8, 2, 0x60, 1, 0x7f, 0, 0x60, 0, 0]); // two types, the second without parameters
        module.extend([3, 2, 1, 1]); // a function of the second
        module.extend([10, 12, 1, 10, 0, 0x10, 0x80, 0x80, 0x80, 0x80, 0, 1, 1, 0x0b]); // call 0 (five bytes), nop, nop
        module.extend([0, 2, 1, b'n']); // a custom section
        let mut expected = b"\0asm\x01\0\0\0".to_vec();
        expected.extend([1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0x10, 0, 0x0b]);
        assert_eq!(compact(&module).unwrap(), expected);
    }
}
