//! WASM files written anew, as small as their format allows.

use std::collections::BTreeSet;

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, Instruction, TypeSection};
use wasmparser::{FunctionBody, Parser, TypeSectionReader};

use crate::Outcome;
use crate::portal::wasm;

/// The module without custom sections, without padding and types that nothing has, and with every number in as few bytes as
/// it needs: the linker leaves room for relocation in each, up to four bytes too many, and splitting keeps them; and it
/// gives every part the types of all.
///
/// # Errors
/// If the bytes are not a WASM module.
pub(crate) fn compact(module: &[u8]) -> Outcome<Vec<u8>> {
    let bare = wasm::without_custom_sections(module)?;
    let mut read = Compact { types: BTreeSet::new(), is_known: false };
    read.write(&bare)?;
    Compact { types: read.types, is_known: true }.write(&bare)
}

/// Writes a module again, without instructions that do nothing.
struct Compact {
    /// The types that something has.
    types: BTreeSet<u32>,
    /// Whether they are known; else they are being gathered.
    is_known: bool,
}

impl Compact {
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
        if !self.is_known {
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
            if !self.is_known || self.types.contains(&index) {
                self.parse_recursive_type_group(types.ty(), group)?;
            }
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
