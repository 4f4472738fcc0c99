//! A letter as plain text and as HTML.
//!
//! Mail programs know little CSS and no style sheets, so the HTML carries inline styles, tables for the layout and
//! nothing that has to be loaded. This is the only place with inline styles; the portal has none.

use super::{
    letter::{Fact, Letter, Tone},
    plain::{escape, wrap},
};

const WIDTH: usize = 72;
const INDENT: &str = "  ";

/// The text part: complete, readable without any markup, the link on a line of its own.
pub(super) fn text(letter: &Letter) -> String {
    let mut lines = vec![letter.heading.clone(), String::new()];
    lines.extend(wrap(&letter.opening, WIDTH));
    for fact in &letter.facts {
        lines.push(String::new());
        lines.push(fact.label.to_owned());
        for paragraph in &fact.paragraphs {
            let width = WIDTH - INDENT.len();
            lines.extend(
                wrap(&paragraph.text, width).into_iter().map(|line| format!("{INDENT}{line}").trim_end().to_owned()),
            );
        }
    }
    lines.extend([String::new(), format!("{}:", letter.action), letter.link.clone(), String::new()]);
    lines.extend(wrap(&letter.closing, WIDTH));
    lines.push(String::new());
    lines.join("\n")
}

const FONT: &str = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
const INK: &str = "#16202a";
const FAINT: &str = "#56636f";
const HAIRLINE: &str = "#dde3e8";
const PAPER: &str = "#f5f7f8";

/// The HTML part.
pub(super) fn html(letter: &Letter) -> String {
    let (accent, mark) = match letter.tone {
        Tone::Ask => ("#8a5a00", "Action needed"),
        Tone::Tell => ("#0f6466", "Lockbox"),
        Tone::Warn => ("#a3271f", "Lockbox"),
    };
    let button = if letter.tone == Tone::Warn { "#a3271f" } else { "#0f6466" };
    let heading = escape(&letter.heading);
    let opening = escape(&letter.opening);
    let facts: String = letter.facts.iter().map(row).collect();
    let action = escape(letter.action);
    let link = escape(&letter.link);
    let closing = escape(&letter.closing);
    format!(
        "<!doctype html>\n\
<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
<meta name=\"color-scheme\" content=\"light\"><title>{heading}</title></head>\n\
<body style=\"margin:0;padding:0;background:{PAPER};color:{INK};{FONT};font-size:15px;line-height:22px\">\n\
<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" style=\"background:{PAPER}\"><tr>\
<td align=\"center\" style=\"padding:24px 12px\">\n\
<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\" \
style=\"max-width:600px;background:#ffffff;border:1px solid {HAIRLINE};border-top:4px solid {accent};border-radius:8px\">\n\
<tr><td style=\"padding:24px 24px 0;{FONT}\">\
<p style=\"margin:0 0 8px;font-size:13px;line-height:18px;font-weight:600;color:{accent}\">{mark}</p>\
<h1 style=\"margin:0 0 12px;font-size:21px;line-height:28px;font-weight:600;color:{INK}\">{heading}</h1>\
<p style=\"margin:0 0 16px;font-size:15px;line-height:22px;color:{INK}\">{opening}</p></td></tr>\n\
<tr><td style=\"padding:0 24px\">\
<table role=\"presentation\" width=\"100%\" cellpadding=\"0\" cellspacing=\"0\">\n{facts}</table></td></tr>\n\
<tr><td style=\"padding:20px 24px 8px;{FONT}\">\
<a href=\"{link}\" style=\"display:inline-block;background:{button};color:#ffffff;font-size:15px;line-height:20px;\
font-weight:600;text-decoration:none;padding:12px 20px;border-radius:8px\">{action}</a></td></tr>\n\
<tr><td style=\"padding:8px 24px 24px;font-size:13px;line-height:19px;color:{FAINT};{FONT}\">\
<p style=\"margin:0 0 8px;word-break:break-all\">{link}</p>\
<p style=\"margin:0\">{closing}</p></td></tr>\n\
</table></td></tr></table>\n</body></html>\n"
    )
}

fn row(fact: &Fact) -> String {
    let mut paragraphs = String::new();
    for paragraph in &fact.paragraphs {
        let colour = if paragraph.answers { INK } else { FAINT };
        let text = escape(&paragraph.text).replace('\n', "<br>");
        paragraphs.push_str(&format!("<p style=\"margin:0;color:{colour}\">{text}</p>"));
    }
    let cell = format!("border-top:1px solid {HAIRLINE};vertical-align:top;{FONT}");
    format!(
        "<tr><td width=\"92\" style=\"{cell};padding:10px 12px 10px 0;font-size:13px;line-height:22px;color:{FAINT}\">{}</td>\
<td style=\"{cell};padding:10px 0;font-size:15px;line-height:22px;word-break:break-word\">{paragraphs}</td></tr>\n",
        escape(fact.label)
    )
}
