//! Renews src/catalog/images.toml: `cargo run --example catalog -- OFFICIAL_IMAGES ENDOFLIFE`, the
//! two folders being checkouts of docker-library/official-images and endoflife-date/endoflife.date.
//! docs/catalogue.md is the manual.

mod lists;
mod overlay;
mod renew;
mod shape;
mod support;
mod write;

use rdock::catalog::Catalog;
use std::path::{Path, PathBuf};
use std::{env, fs};

struct Checkouts {
    official_images: PathBuf,
    endoflife: PathBuf,
}

impl renew::Lists for Checkouts {
    fn library(&self, image: &str) -> Result<String, String> {
        read(&self.official_images.join("library").join(image))
    }

    fn product(&self, name: &str) -> Result<String, String> {
        read(&self.endoflife.join("products").join(format!("{name}.md")))
    }
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

fn main() -> Result<(), String> {
    let args: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let [official_images, endoflife] = <[PathBuf; 2]>::try_from(args)
        .map_err(|_| "two folders are needed: the checkouts of official-images and endoflife.date")?;
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog");
    let images = home.join("images.toml");
    let wrong = |path: &str, e: toml::de::Error| format!("{path}: {e}");
    let old: Catalog = toml::from_str(&read(&images)?).map_err(|e| wrong("images.toml", e))?;
    let overlay = toml::from_str(&read(&home.join("overlay.toml"))?).map_err(|e| wrong("overlay.toml", e))?;
    let (new, notes) = renew::renew(
        &overlay,
        &old,
        &Checkouts {
            official_images,
            endoflife,
        },
    )?;
    fs::write(&images, write::text(&new)).map_err(|e| format!("{}: {e}", images.display()))?;
    for note in notes {
        eprintln!("look at: {note}");
    }
    Ok(())
}
