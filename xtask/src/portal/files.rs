//! The files of the built portal: names with a hash of the content, compressed copies, sizes.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::Outcome;

/// Everything under this folder is named by its content: servers may let browsers keep it for ever.
pub(crate) const HASHED: &str = "assets";

/// The built portal in memory: path below `dist` → content.
#[derive(Default)]
pub(crate) struct Files(BTreeMap<String, Vec<u8>>);

/// One file's size in bytes, plain and as brotli sends it.
#[derive(Clone, Copy, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Size {
    pub(crate) raw: usize,
    pub(crate) brotli: usize,
}

impl Files {
    /// Adds a file under its own name.
    pub(crate) fn add(&mut self, path: &str, content: Vec<u8>) {
        self.0.insert(path.to_owned(), content);
    }

    /// Adds a file under a name that carries the hash of its content; returns the path below `dist`.
    pub(crate) fn add_hashed(&mut self, name: &str, content: Vec<u8>) -> String {
        let file = Path::new(name).file_name().map_or(name.into(), |file| file.to_string_lossy());
        let (stem, extension) = file.rsplit_once('.').unwrap_or((&file, "bin"));
        let path = format!("{HASHED}/{stem}-{}.{extension}", short_hash(&content));
        self.0.insert(path.clone(), content);
        path
    }

    /// Every path with its content, in order of the path.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(path, content)| (path.as_str(), content.as_slice()))
    }

    /// Writes everything below `dir`, and returns the sizes. With `compress`, what shrinks is written as `.br` and `.gz` and
    /// not plain: the binary that carries it need not carry it three times, and the server unpacks it for the rare caller
    /// who takes neither.
    ///
    /// # Errors
    /// If a file can't be written.
    pub(crate) fn write(&self, dir: &Path, compress: bool) -> Outcome<BTreeMap<String, Size>> {
        let jobs: Vec<(&str, &[u8])> = self.iter().collect();
        let next = std::sync::atomic::AtomicUsize::new(0);
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let work = || -> Outcome<Vec<(String, Size)>> {
            let mut sizes = Vec::new();
            while let Some((path, content)) = jobs.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                sizes.push(((*path).to_owned(), write_one(dir, path, content, compress)?));
            }
            Ok(sizes)
        };
        let results: Vec<_> = std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            handles.into_iter().map(|handle| handle.join()).collect()
        });
        let mut sizes = BTreeMap::new();
        for result in results {
            sizes.extend(result.map_err(|_| "compressing a file failed")??);
        }
        Ok(sizes)
    }
}

fn write_one(dir: &Path, path: &str, content: &[u8], compress: bool) -> Outcome<Size> {
    let target = dir.join(path);
    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if !(compress && is_compressible(path)) {
        std::fs::write(&target, content)?;
        return Ok(Size { raw: content.len(), brotli: content.len() });
    }
    let brotli = brotli_best(content)?;
    let size = Size { raw: content.len(), brotli: brotli.len() };
    std::fs::write(dir.join(format!("{path}.br")), brotli)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(content)?;
    std::fs::write(dir.join(format!("{path}.gz")), gzip.finish()?)?;
    Ok(size)
}

/// Whether a file shrinks when compressed; pictures and fonts already are.
fn is_compressible(path: &str) -> bool {
    const EXTENSIONS: [&str; 9] = ["html", "css", "js", "wasm", "bin", "svg", "json", "txt", "webmanifest"];
    path.rsplit_once('.').is_some_and(|(_, extension)| EXTENSIONS.contains(&extension))
}

fn brotli_best(content: &[u8]) -> Outcome<Vec<u8>> {
    let params =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, size_hint: content.len(), ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut out, &params)?;
    Ok(out)
}

/// The first 16 hexadecimal digits of the SHA-256 of `content`.
pub(crate) fn short_hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_follow_the_content() {
        let mut files = Files::default();
        let one = files.add_hashed("portal.css", b"a".to_vec());
        let two = files.add_hashed("portal.css", b"b".to_vec());
        assert!(one.starts_with("assets/portal-") && one.ends_with(".css"), "{one}");
        assert_ne!(one, two);
    }

    #[test]
    fn brotli_comes_back() {
        let text = b"request, decide, end. ".repeat(50);
        let packed = brotli_best(&text).unwrap();
        assert!(packed.len() < text.len() / 4);
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &packed[..], &mut back).unwrap();
        assert_eq!(back, text);
    }
}
