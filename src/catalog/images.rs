//! The images of a catalogue. Those of the compiled-in text are read when they are first asked for: a run
//! asks for two or three of them, and to read them all takes longer than everything else.

use super::Image;
use serde::Deserialize;
use std::sync::OnceLock;

/// In the order of their references.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<Image>")]
pub struct Images(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    reference: String,
    text: &'static str,
    image: OnceLock<Image>,
}

#[derive(Deserialize)]
struct One {
    image: [Image; 1],
}

const HEADER: &str = "[[image]]\n";

impl Images {
    /// What stands before the images of a catalogue's text, and the images.
    pub(super) fn of(text: &'static str) -> (&'static str, Self) {
        let starts: Vec<usize> = text.match_indices(HEADER).map(|(at, _)| at).collect();
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let entry = |(start, end): (&usize, usize)| {
            let text = &text[*start..end];
            let reference = text[HEADER.len()..].strip_prefix("reference = \"");
            let reference = reference.and_then(|r| r.split_once('"')).map_or("", |r| r.0);
            Entry {
                reference: reference.into(),
                text,
                image: OnceLock::new(),
            }
        };
        let entries = starts.iter().zip(ends).map(entry).collect();
        (
            &text[..starts.first().copied().unwrap_or(text.len())],
            Self(entries),
        )
    }

    pub fn get(&self, reference: &str) -> Option<&Image> {
        self.0.iter().find(|e| e.reference == reference).map(Entry::image)
    }

    pub fn iter(&self) -> impl Iterator<Item = &Image> {
        self.0.iter().map(Entry::image)
    }
}

impl Entry {
    fn image(&self) -> &Image {
        self.image.get_or_init(|| {
            let one: One = toml::from_str(self.text).expect("tests read the catalogue");
            let [image] = one.image;
            image
        })
    }
}

impl From<Vec<Image>> for Images {
    fn from(images: Vec<Image>) -> Self {
        images.into_iter().collect()
    }
}

impl FromIterator<Image> for Images {
    fn from_iter<T: IntoIterator<Item = Image>>(images: T) -> Self {
        let read = |image: Image| Entry {
            reference: image.reference.clone(),
            text: "",
            image: image.into(),
        };
        Self(images.into_iter().map(read).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Catalog, TEXT, catalog};

    #[test]
    fn images_read_one_by_one_are_those_of_the_whole_text() {
        let whole: Catalog = toml::from_str(TEXT).unwrap();
        assert!(whole.images.iter().eq(catalog().images.iter()));
        assert_eq!(whole.systems, catalog().systems);
        for image in whole.images.iter() {
            assert_eq!(catalog().image(&image.reference), Some(image));
        }
    }
}
