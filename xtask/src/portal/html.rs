//! `index.html`: placeholders are filled in, and nothing is left that the content security policy would refuse.
//!
//! Placeholders are comments: `<!-- build:inline style/tokens.css … -->` carries those stylesheets in the page itself,
//! `<!-- build:preload -->` (in the head) names what is needed at once, `<!-- build:styles -->` links the stylesheet
//! (after the shell of the page, so that the shell need not wait for it), `<!-- build:script -->` starts the portal.

use sha2::{Digest, Sha256};

use crate::Outcome;

/// What goes into the page.
pub(crate) struct Page<'a> {
    /// Text for the inline style; empty if nothing is inlined.
    pub(crate) inline: &'a str,
    /// URL of the stylesheet, if something is left for it.
    pub(crate) stylesheet: Option<&'a str>,
    /// URLs of the module and of the WASM that is always loaded.
    pub(crate) module: &'a str,
    pub(crate) wasm: &'a str,
    /// URL of a script only for development.
    pub(crate) dev_script: Option<&'a str>,
}

/// The stylesheets that the page wants to carry itself.
///
/// # Errors
/// If the placeholder is there twice.
pub(crate) fn wanted_inline(template: &str) -> Outcome<Vec<&str>> {
    let mut found = template.split("<!-- build:inline ").skip(1);
    let Some(rest) = found.next() else { return Ok(Vec::new()) };
    if found.next().is_some() {
        return Err("index.html has two build:inline placeholders".into());
    }
    Ok(rest.split("-->").next().unwrap_or_default().split_whitespace().collect())
}

/// The finished page and the hashes of its inline styles, as the content security policy writes them.
///
/// # Errors
/// If a placeholder is missing or something inline is left that the policy would refuse.
pub(crate) fn fill(template: &str, page: &Page) -> Outcome<(String, Vec<String>)> {
    if page.inline.contains("</") {
        return Err("the inline stylesheet contains `</`, which would end it early".into());
    }
    let mut preload = format!(
        "<link rel=\"modulepreload\" href=\"/{}\"><link rel=\"preload\" as=\"fetch\" href=\"/{}\" crossorigin>",
        page.module, page.wasm
    );
    let mut styles = String::new();
    if let Some(stylesheet) = page.stylesheet {
        preload.push_str(&format!("<link rel=\"preload\" as=\"style\" href=\"/{stylesheet}\">"));
        styles = format!("<link rel=\"stylesheet\" href=\"/{stylesheet}\">");
    }
    let mut script = format!("<script type=\"module\" src=\"/{}\"></script>", page.module);
    if let Some(dev) = page.dev_script {
        script.push_str(&format!("<script type=\"module\" src=\"/{dev}\"></script>"));
    }
    let mut html = String::with_capacity(template.len());
    let mut hashes = Vec::new();
    let mut seen = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("<!--") {
        let (comment, after) = after.split_once("-->").ok_or("index.html has a comment without end")?;
        html.push_str(before);
        if let Some(placeholder) = comment.trim().strip_prefix("build:") {
            let name = placeholder.split_whitespace().next().unwrap_or_default();
            match name {
                "inline" if page.inline.is_empty() => {}
                "inline" => {
                    html.push_str(&format!("<style>{}</style>", page.inline));
                    hashes.push(format!("'sha256-{}'", base64(&Sha256::digest(page.inline))));
                }
                "preload" => html.push_str(&preload),
                "styles" => html.push_str(&styles),
                "script" => html.push_str(&script),
                other => return Err(format!("index.html has an unknown placeholder build:{other}").into()),
            }
            seen.push(name);
        }
        rest = after;
    }
    html.push_str(rest);
    for name in ["preload", "styles", "script"] {
        if seen.iter().filter(|seen| **seen == name).count() != 1 {
            return Err(format!("index.html must have <!-- build:{name} --> once").into());
        }
    }
    refuse_inline(&html, hashes.len())?;
    Ok((html, hashes))
}

/// Whatever would need `unsafe-inline`.
fn refuse_inline(html: &str, styles: usize) -> Outcome {
    let tags = html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default());
    let mut found = 0;
    for tag in tags {
        if tag.starts_with("style") {
            found += 1;
        }
        let refused = (tag.starts_with("script") && !tag.contains(" src="))
            || tag.contains(" style=")
            || tag.split_whitespace().skip(1).any(|word| word.starts_with("on") && word.contains('='));
        if refused {
            return Err(format!("index.html: the content security policy refuses <{tag}>").into());
        }
    }
    if found == styles { Ok(()) } else { Err("index.html: use build:inline for inline styles".into()) }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let six = (bits >> (18 - 6 * digit)) as usize & 63;
            text.push(if digit <= chunk.len() { char::from(DIGITS[six]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "<head><!-- why --><!-- build:inline style/tokens.css --><!-- build:preload --></head><body><!-- build:styles --><!-- build:script --></body>";

    fn page() -> Page<'static> {
        Page {
            inline: "a{}",
            stylesheet: Some("assets/p.css"),
            module: "assets/p.js",
            wasm: "assets/p.wasm",
            dev_script: None,
        }
    }

    #[test]
    fn fills_in_every_placeholder() {
        let (html, hashes) = fill(TEMPLATE, &page()).unwrap();
        assert!(!html.contains("<!--") && html.contains("<style>a{}</style>"), "{html}");
        assert_eq!(hashes.len(), 1);
        assert_eq!(wanted_inline(TEMPLATE).unwrap(), ["style/tokens.css"]);
    }

    #[test]
    fn refuses_what_the_policy_refuses() {
        for bad in ["<script>1</script>", "<p style=\"color:red\">", "<p onclick=\"x()\">", "<style>b{}</style>"] {
            assert!(fill(&format!("{TEMPLATE}{bad}"), &page()).is_err(), "{bad}");
        }
        assert!(fill("<head></head>", &page()).is_err(), "without placeholders");
    }

    #[test]
    fn base64_of_known_texts() {
        assert_eq!(
            [base64(b""), base64(b"f"), base64(b"fo"), base64(b"foo"), base64(b"foob")],
            ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg=="]
        );
    }
}
