//! WASM files: what the browser does not need is left out.

use std::collections::BTreeMap;

use wasmparser::{KnownCustom, Name, Parser, Payload, RelocAddendKind, RelocationEntry, TypeRef};

use crate::Outcome;

/// What every module begins with: a mark and the version of the format.
const HEADER: usize = 8;

/// A module with nothing in it.
pub(crate) const EMPTY: [u8; 8] = *b"\0asm\x01\0\0\0";

/// Drops the custom sections (names, producers, features): about a fifth of a split-off file, and no browser reads them.
///
/// # Errors
/// If the bytes are not a WASM module.
pub(crate) fn without_custom_sections(module: &[u8]) -> Outcome<Vec<u8>> {
    if module.len() < HEADER || !module.starts_with(b"\0asm") {
        return Err("not a WASM module".into());
    }
    let mut kept = module[..HEADER].to_vec();
    let mut at = HEADER;
    while at < module.len() {
        let id = module[at];
        let (size, size_len) = unsigned(&module[at + 1..]).ok_or("a WASM section has no readable length")?;
        let end = at + 1 + size_len + size;
        let section = module.get(at..end).ok_or("a WASM section is longer than its file")?;
        if id != 0 {
            kept.extend_from_slice(section);
        }
        at = end;
    }
    Ok(kept)
}

/// The functions' names by index, and how many of them are imported.
///
/// # Errors
/// If the bytes are not a WASM module.
pub(crate) fn function_names(module: &[u8]) -> Outcome<(BTreeMap<u32, String>, u32)> {
    let (mut found, mut imported) = (BTreeMap::new(), 0);
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CustomSection(custom) => {
                let KnownCustom::Name(parts) = custom.as_known() else { continue };
                for part in parts {
                    let Name::Function(functions) = part? else { continue };
                    for naming in functions {
                        let naming = naming?;
                        found.insert(naming.index, naming.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok((found, imported))
}

/// The relocations in the custom section of this name.
///
/// # Errors
/// If there is none, or the bytes are not a WASM module.
pub(crate) fn relocations(module: &[u8], section: &str) -> Outcome<Vec<RelocationEntry>> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(custom) = payload?
            && custom.name() == section
            && let KnownCustom::Reloc(reader) = custom.as_known()
        {
            return Ok(reader.entries().into_iter().collect::<Result<_, _>>()?);
        }
    }
    Err(format!("the linked WASM has no {section}").into())
}

/// The module with these relocations in the custom section of this name.
///
/// # Errors
/// If there is none, or the bytes are not a WASM module.
pub(crate) fn with_relocations(module: &[u8], section: &str, entries: &[RelocationEntry]) -> Outcome<Vec<u8>> {
    let mut out = module[..HEADER].to_vec();
    let mut at = HEADER;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        let Some((_, range)) = payload.as_section() else { continue };
        let end = usize::try_from(range.end)?;
        match &payload {
            Payload::CustomSection(custom) if custom.name() == section => {
                let KnownCustom::Reloc(reader) = custom.as_known() else {
                    return Err(format!("{section} can't be read").into());
                };
                let mut content = Vec::new();
                push_unsigned(&mut content, reader.section_index() as usize);
                push_unsigned(&mut content, entries.len());
                for entry in entries {
                    content.push(entry.ty as u8);
                    push_unsigned(&mut content, entry.offset as usize);
                    push_unsigned(&mut content, entry.index as usize);
                    if entry.ty.addend_kind() != RelocAddendKind::None {
                        push_signed(&mut content, entry.addend);
                    }
                }
                push_custom_section(&mut out, section, &content);
            }
            _ => out.extend_from_slice(&module[at..end]),
        }
        at = end;
    }
    Ok(out)
}

/// Adds a custom section, which JavaScript can read from the compiled module.
pub(crate) fn push_custom_section(module: &mut Vec<u8>, name: &str, content: &[u8]) {
    let mut section = Vec::with_capacity(content.len() + name.len() + 5);
    push_unsigned(&mut section, name.len());
    section.extend_from_slice(name.as_bytes());
    section.extend_from_slice(content);
    push_section(module, 0, &section);
}

/// Adds a section of this kind.
pub(crate) fn push_section(module: &mut Vec<u8>, kind: u8, content: &[u8]) {
    module.push(kind);
    push_unsigned(module, content.len());
    module.extend_from_slice(content);
}

/// Appends an unsigned LEB128 number.
pub(crate) fn push_unsigned(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed LEB128 number.
fn push_signed(out: &mut Vec<u8>, mut value: i64) {
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if (value == 0 && byte & 0x40 == 0) || (value == -1 && byte & 0x40 != 0) {
            return out.push(byte);
        }
        out.push(byte | 0x80);
    }
}

/// An unsigned LEB128 number of up to 32 bits and how many bytes it takes.
fn unsigned(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drops_custom_sections_only() {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([1, 1, 0]); // an empty type section
        let expected = module.clone();
        module.extend([0, 0x83, 0, 1, b'n', 7]); // a custom section, length in two bytes
        assert_eq!(without_custom_sections(&module).unwrap(), expected);
    }

    #[test]
    fn appends_a_section_that_is_found_again() {
        let bare = b"\0asm\x01\0\0\0".to_vec();
        let mut module = bare.clone();
        push_custom_section(&mut module, "chunk_1", &[7; 300]);
        assert_eq!(&module[8..], [&[0, 0xb4, 2, 7][..], b"chunk_1", &[7; 300]].concat());
        assert_eq!(without_custom_sections(&module).unwrap(), bare);
    }

    #[test]
    fn refuses_what_is_cut_off() {
        assert!(without_custom_sections(b"\0asm\x01\0\0\0\x01\x05\0").is_err());
        assert!(without_custom_sections(b"<!doctype html>").is_err());
    }

    #[test]
    fn signed_numbers_as_the_format_has_them() {
        let written = |value| {
            let mut out = Vec::new();
            push_signed(&mut out, value);
            out
        };
        assert_eq!(written(0), [0]);
        assert_eq!(written(-1), [0x7f]);
        assert_eq!(written(64), [0xc0, 0]);
        assert_eq!(written(-65), [0xbf, 0x7f]);
    }
}
