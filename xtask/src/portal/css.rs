//! One stylesheet out of the folder `style`.
//!
//! `style/main.css` declares the order of the cascade layers (`@layer reset, tokens, base, …;`). Every other file belongs
//! to the layer that its place names: `style/base.css` to `base`, `style/components/dialog.css` to `components`. Files
//! are put together in layer order and wrapped in `@layer`, unless a file says `@layer` itself.

use std::path::Path;

use crate::Outcome;

/// The parts of the stylesheet in the order of their layers.
pub(crate) struct Stylesheet {
    order: String,
    parts: Vec<Part>,
}

struct Part {
    /// Path below `style`, with `/`.
    path: String,
    text: String,
}

impl Stylesheet {
    /// Reads the folder; a folder that is not there is an empty stylesheet.
    ///
    /// # Errors
    /// If a file can't be read, `main.css` is missing or a file belongs to no layer.
    pub(crate) fn read(style: &Path) -> Outcome<Self> {
        let mut found = Vec::new();
        if style.is_dir() {
            collect(style, style, &mut found)?;
        }
        if found.is_empty() {
            return Ok(Self { order: String::new(), parts: Vec::new() });
        }
        let main = found.iter().position(|part| part.path == "main.css").ok_or("style/main.css is missing")?;
        let order = strip(&found.swap_remove(main).text);
        let layers = layers(&order)?;
        let mut ranked = Vec::new();
        for part in found {
            let layer = part.path.split('/').next().unwrap_or_default().trim_end_matches(".css").to_owned();
            let rank = layers
                .iter()
                .position(|name| *name == layer)
                .ok_or_else(|| format!("style/{} belongs to no layer of style/main.css", part.path))?;
            let text = strip(&part.text);
            let text = if text.contains("@layer") { text } else { format!("@layer {layer}{{\n{text}}}\n") };
            ranked.push((rank, Part { path: part.path, text }));
        }
        ranked.sort_by(|(a, left), (b, right)| (a, &left.path).cmp(&(b, &right.path)));
        Ok(Self { order, parts: ranked.into_iter().map(|(_, part)| part).collect() })
    }

    /// Takes the named files (paths below the root, as `style/tokens.css`) out and returns them as one text, the layer
    /// order first: the critical part that `index.html` carries itself.
    ///
    /// # Errors
    /// If a name is not a file of the stylesheet.
    pub(crate) fn take(&mut self, names: &[&str]) -> Outcome<String> {
        let mut taken = self.order.clone();
        for name in names {
            let short = name.strip_prefix("style/").unwrap_or(name);
            let at =
                self.parts.iter().position(|part| part.path == short).ok_or_else(|| {
                    format!("index.html wants {name} inline, which is not a stylesheet (or named twice)")
                })?;
            taken.push_str(&self.parts.remove(at).text);
        }
        Ok(taken)
    }

    /// Whatever was not taken, as one text.
    pub(crate) fn rest(&self) -> String {
        let mut text = self.order.clone();
        self.parts.iter().for_each(|part| text.push_str(&part.text));
        text
    }
}

fn collect(style: &Path, dir: &Path, found: &mut Vec<Part>) -> Outcome {
    for entry in std::fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(style, &path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "css") {
            let below = path.strip_prefix(style)?.to_string_lossy().replace('\\', "/");
            found.push(Part { path: below, text: std::fs::read_to_string(&path)? });
        }
    }
    Ok(())
}

fn layers(order: &str) -> Outcome<Vec<String>> {
    let names = order.split("@layer").nth(1).and_then(|rest| rest.split(';').next());
    let names = names.ok_or("style/main.css must declare the order of the layers: `@layer reset, tokens, …;`")?;
    Ok(names.split(',').map(|name| name.trim().to_owned()).collect())
}

/// Without comments, indentation and empty lines. Nothing cleverer: compression does the rest, and this can't be wrong
/// about a selector. Strings keep what looks like a comment in them.
fn strip(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut chars = css.chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match quote {
            Some(end) => {
                out.push(c);
                if c == '\\' {
                    out.extend(chars.next());
                } else if c == end {
                    quote = None;
                }
            }
            None if c == '/' && chars.peek() == Some(&'*') => {
                chars.next();
                let mut previous = ' ';
                for inner in chars.by_ref() {
                    if previous == '*' && inner == '/' {
                        break;
                    }
                    previous = inner;
                }
            }
            None => {
                if c == '"' || c == '\'' {
                    quote = Some(c);
                }
                out.push(c);
            }
        }
    }
    let mut text = String::with_capacity(out.len());
    for line in out.lines().map(str::trim).filter(|line| !line.is_empty()) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_comments_but_not_strings() {
        let css = "/* why */\n  a::before { content: \"/* kept */\"; }\n\n/* two\nlines */ b { color: red }\n";
        assert_eq!(strip(css), "a::before { content: \"/* kept */\"; }\nb { color: red }\n");
    }

    #[test]
    fn follows_the_order_of_the_layers() {
        let dir = std::env::temp_dir().join(format!("lockbox-css-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("components")).unwrap();
        std::fs::write(dir.join("main.css"), "@layer tokens, base, components;").unwrap();
        std::fs::write(dir.join("base.css"), "b{}").unwrap();
        std::fs::write(dir.join("tokens.css"), "t{}").unwrap();
        std::fs::write(dir.join("components/dialog.css"), "d{}").unwrap();
        let mut sheet = Stylesheet::read(&dir).unwrap();
        let inline = sheet.take(&["style/tokens.css"]).unwrap();
        assert!(
            inline.starts_with("@layer tokens, base, components;") && inline.contains("@layer tokens{"),
            "{inline}"
        );
        let rest = sheet.rest();
        assert!(rest.find("b{}").unwrap() < rest.find("d{}").unwrap() && !rest.contains("t{}"), "{rest}");
        std::fs::write(dir.join("stray.css"), "s{}").unwrap();
        assert!(Stylesheet::read(&dir).is_err());
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
