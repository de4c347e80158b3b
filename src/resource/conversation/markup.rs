//! The markup in texts of bots: lines for images, frames, and buttons.

use serde_json::{Value, json};

use crate::value::{JsonObject, Text};

/// Types of messages by the tag with which a line begins.
const MEDIA: [(&str, &str); 2] = [("tdImage", "image"), ("tdFrame", "frame")];

/// Default width and height of an image or frame.
const SIZE: [u32; 2] = [200, 200];

/// A text and its parsed markup.
pub(crate) struct Markup {
    /// The lines without markup.
    pub(crate) text: Text,
    /// The first image or frame: the type of the message and its metadata.
    pub(crate) medium: Option<(Text, JsonObject)>,
    pub(crate) buttons: Vec<Value>,
}

impl Markup {
    pub(crate) fn read(text: &str) -> Self {
        let (mut plain, mut medium, mut buttons) = (Vec::new(), None, Vec::new());
        for line in text.lines() {
            let found = if medium.is_none() { read_medium(line) } else { None };
            if found.is_some() {
                medium = found;
            } else if let Some(label) = line.strip_prefix("* ") {
                buttons.push(button(label.trim()));
            } else {
                plain.push(line);
            }
        }
        let has_markup = medium.is_some() || !buttons.is_empty();
        let text = if has_markup { plain.join("\n").trim().into() } else { text.into() };
        Self { text, medium, buttons }
    }
}

/// Parses `tdImage:URL` or `tdImage,w100 h50:URL`, and `tdFrame` likewise.
fn read_medium(line: &str) -> Option<(Text, JsonObject)> {
    let (tag, kind) = MEDIA.into_iter().find(|(tag, _)| line.starts_with(tag))?;
    let (size, address) = line[tag.len()..].split_once(':')?;
    let [width, height] = match size.strip_prefix(',') {
        Some(size) => {
            let (width, height) = size.split_once(' ')?;
            [width.trim().strip_prefix('w')?.parse().ok()?, height.trim().strip_prefix('h')?.parse().ok()?]
        }
        None if size.is_empty() => SIZE,
        None => return None,
    };
    let metadata = json!({"src": address.trim(), "width": width, "height": height});
    Some((kind.into(), metadata.as_object().cloned().map(JsonObject)?))
}

/// A button that sends its text as the visitor, or opens the URL at the end of its text.
fn button(label: &str) -> Value {
    match label.rsplit_once(char::is_whitespace) {
        Some((text, link)) if link.starts_with("https://") || link.starts_with("http://") => {
            json!({"type": "url", "value": text.trim(), "link": link, "target": "blank"})
        }
        _ => json!({"type": "text", "value": label}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tagged_lines_are_media() {
        for (text, plain, kind, metadata) in [
            ("Look\ntdImage:https://a.b/c.png", "Look", "image", json!(["https://a.b/c.png", 200, 200])),
            ("tdImage,w100 h50:https://a.b/c.png\nLook", "Look", "image", json!(["https://a.b/c.png", 100, 50])),
            ("tdFrame:http://localhost:8080/", "", "frame", json!(["http://localhost:8080/", 200, 200])),
            ("tdImage:x\ntdFrame:y", "tdFrame:y", "image", json!(["x", 200, 200])),
        ] {
            let read = Markup::read(text);
            let (found, JsonObject(object)) = read.medium.expect("the text has an image or frame");
            assert_eq!((&*read.text, &*found), (plain, kind), "{text}");
            assert_eq!(json!([object["src"], object["width"], object["height"]]), metadata, "{text}");
        }
    }

    #[test]
    fn bulleted_lines_are_buttons() {
        let read = Markup::read("Choose\n* Yes\n* Our site https://a.b\n*bold*");
        let site = json!({"type": "url", "value": "Our site", "link": "https://a.b", "target": "blank"});
        assert_eq!(&*read.text, "Choose\n*bold*");
        assert_eq!(read.buttons, [json!({"type": "text", "value": "Yes"}), site]);
    }

    #[test]
    fn texts_without_markup_stay_unchanged() {
        for text in [" a\r\n b ", "see tdImage:x", "tdImage", "tdImages:x", "tdImage,w1:x", "-- * x"] {
            let read = Markup::read(text);
            assert_eq!((&*read.text, read.medium.is_some(), read.buttons.len()), (text, false, 0));
        }
    }
}
