//! Distributions that need operating system packages. A table; the names of packages are Debian 13's and
//! Alpine 3.24's.

/// What a distribution needs of the system.
pub struct Native {
    pub name: &'static str,
    /// To compile it, in addition to a compiler.
    pub build: &'static [&'static str],
    /// To import or use it.
    pub run: &'static [&'static str],
    /// The same on Alpine; `None` where nobody has tried.
    pub alpine: Option<&'static [&'static str]>,
    pub compiled: Compiled,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Compiled {
    /// No wheel for Linux was ever published.
    Always,
    /// Where a lock lists no wheel that fits.
    WithoutWheel,
    /// Nothing to compile.
    Never,
}

use Compiled::{Always, Never, WithoutWheel};

const fn native(
    name: &'static str,
    compiled: Compiled,
    build: &'static [&'static str],
    run: &'static [&'static str],
    alpine: Option<&'static [&'static str]>,
) -> Native {
    Native {
        name,
        build,
        run,
        alpine,
        compiled,
    }
}

/// Sorted by name.
pub const NATIVES: &[Native] = &[
    native("annoy", Always, &["g++"], &[], None),
    native("cairocffi", Never, &[], &["libcairo2"], Some(&["cairo"])),
    native("cairosvg", Never, &[], &["libcairo2"], Some(&["cairo"])),
    native("cartopy", WithoutWheel, &["g++", "libgeos-dev"], &[], None),
    native("cffi", WithoutWheel, &["libffi-dev"], &[], Some(&[])),
    native(
        "dbus-python",
        Always,
        &["libdbus-1-dev", "libglib2.0-dev", "pkg-config"],
        &["libdbus-1-3", "libglib2.0-0"],
        None,
    ),
    native("dlib", Always, &["cmake", "g++", "make"], &[], None),
    native("evdev", Always, &[], &[], None),
    native("fasttext", Always, &["g++"], &[], None),
    native("ffmpeg-python", Never, &[], &["ffmpeg"], Some(&["ffmpeg"])),
    native(
        "fiona",
        WithoutWheel,
        &["g++", "libgdal-dev"],
        &["libgdal36"],
        None,
    ),
    native("gdal", Always, &["g++", "libgdal-dev"], &["libgdal36"], None),
    native("gitpython", Never, &[], &["git"], Some(&["git"])),
    native("graphviz", Never, &[], &["graphviz"], Some(&["graphviz"])),
    native("gssapi", Always, &["libkrb5-dev"], &["libgssapi-krb5-2"], None),
    native("hdbscan", WithoutWheel, &["g++"], &[], None),
    native("hnswlib", Always, &["g++"], &[], None),
    native("kerberos", Always, &["libkrb5-dev"], &["libgssapi-krb5-2"], None),
    native("lightgbm", Never, &[], &["libgomp1"], None),
    native(
        "llama-cpp-python",
        Always,
        &["cmake", "g++", "ninja-build"],
        &["libgomp1"],
        None,
    ),
    native(
        "lxml",
        WithoutWheel,
        &["libxml2-dev", "libxslt1-dev"],
        &["libxml2", "libxslt1.1"],
        Some(&[]),
    ),
    native("m2crypto", Always, &["libssl-dev", "swig"], &[], None),
    native("misaka", Always, &[], &[], None),
    native(
        "mysqlclient",
        Always,
        &["default-libmysqlclient-dev", "pkg-config"],
        &["libmariadb3"],
        None,
    ),
    native("netifaces", Always, &[], &[], None),
    native(
        "opencv-contrib-python",
        Never,
        &[],
        &["libgl1", "libglib2.0-0"],
        None,
    ),
    native("opencv-python", Never, &[], &["libgl1", "libglib2.0-0"], None),
    native("openai-whisper", Never, &[], &["ffmpeg"], None),
    native(
        "pdf2image",
        Never,
        &[],
        &["poppler-utils"],
        Some(&["poppler-utils"]),
    ),
    native(
        "pillow",
        WithoutWheel,
        &["libfreetype-dev", "libjpeg-dev", "zlib1g-dev"],
        &["libfreetype6", "libjpeg62-turbo"],
        Some(&[]),
    ),
    native(
        "pillow-simd",
        Always,
        &["libfreetype-dev", "libjpeg-dev", "zlib1g-dev"],
        &["libfreetype6", "libjpeg62-turbo"],
        None,
    ),
    native("psycopg", Never, &[], &["libpq5"], Some(&["libpq"])),
    native("psycopg-c", Always, &["libpq-dev"], &["libpq5"], None),
    native("psycopg2", Always, &["libpq-dev"], &["libpq5"], None),
    native(
        "psycopg2-binary",
        WithoutWheel,
        &["libpq-dev"],
        &["libpq5"],
        Some(&[]),
    ),
    native("pyaudio", Always, &["portaudio19-dev"], &["libportaudio2"], None),
    native("pycups", Always, &["libcups2-dev"], &["libcups2t64"], None),
    native(
        "pycairo",
        Always,
        &["libcairo2-dev", "pkg-config"],
        &["libcairo2"],
        None,
    ),
    native(
        "pycurl",
        WithoutWheel,
        &["libcurl4-openssl-dev", "libssl-dev"],
        &["libcurl4"],
        Some(&[]),
    ),
    native("pydot", Never, &[], &["graphviz"], Some(&["graphviz"])),
    native("pydub", Never, &[], &["ffmpeg"], Some(&["ffmpeg"])),
    native("pyenchant", Never, &[], &["libenchant-2-2"], None),
    native(
        "pygobject",
        Always,
        &[
            "gobject-introspection",
            "libcairo2-dev",
            "libgirepository-2.0-dev",
            "pkg-config",
        ],
        &["gir1.2-glib-2.0", "libgirepository-2.0-0"],
        None,
    ),
    native("pyfarmhash", Always, &["g++"], &[], None),
    native("pygraphviz", Always, &["libgraphviz-dev"], &["graphviz"], None),
    native(
        "pyicu",
        Always,
        &["g++", "libicu-dev", "pkg-config"],
        &["libicu76"],
        None,
    ),
    native(
        "pykerberos",
        Always,
        &["libkrb5-dev"],
        &["libgssapi-krb5-2"],
        None,
    ),
    native(
        "pylibmc",
        WithoutWheel,
        &["libmemcached-dev", "zlib1g-dev"],
        &["libmemcached11t64"],
        None,
    ),
    native(
        "pymssql",
        WithoutWheel,
        &["freetds-dev"],
        &["libsybdb5"],
        Some(&[]),
    ),
    native(
        "pyodbc",
        WithoutWheel,
        &["g++", "unixodbc-dev"],
        &["unixodbc"],
        None,
    ),
    native("pysaml2", Never, &[], &["xmlsec1"], Some(&["xmlsec"])),
    native(
        "pytesseract",
        Never,
        &[],
        &["tesseract-ocr"],
        Some(&["tesseract-ocr"]),
    ),
    native(
        "python-ldap",
        Always,
        &["libldap2-dev", "libsasl2-dev"],
        &["libldap2", "libsasl2-2"],
        None,
    ),
    native("python-magic", Never, &[], &["libmagic1"], Some(&["libmagic"])),
    native(
        "python-snappy",
        WithoutWheel,
        &["g++", "libsnappy-dev"],
        &["libsnappy1v5"],
        None,
    ),
    native("python-prctl", Always, &["libcap-dev"], &["libcap2"], None),
    native("pyvips", Never, &[], &["libvips42"], None),
    native("pysha3", Always, &[], &[], None),
    native("pyzbar", Never, &[], &["libzbar0"], None),
    native(
        "rasterio",
        WithoutWheel,
        &["g++", "libgdal-dev"],
        &["libgdal36"],
        None,
    ),
    native("rpi-gpio", Always, &[], &[], None),
    native("sasl", Always, &["g++", "libsasl2-dev"], &["libsasl2-2"], None),
    native(
        "systemd-python",
        Always,
        &["libsystemd-dev", "pkg-config"],
        &["libsystemd0"],
        None,
    ),
    native("uwsgi", Always, &["libcrypt-dev"], &[], None),
    native("webrtcvad", Always, &[], &[], None),
    native("wand", Never, &[], &["libmagickwand-7.q16-10"], None),
    native(
        "weasyprint",
        Never,
        &[],
        &[
            "fonts-dejavu-core",
            "libharfbuzz-subset0",
            "libpango-1.0-0",
            "libpangoft2-1.0-0",
        ],
        Some(&["font-dejavu", "pango"]),
    ),
    native(
        "xmlsec",
        WithoutWheel,
        &["libxml2-dev", "libxmlsec1-dev", "pkg-config"],
        &["libxmlsec1-openssl"],
        None,
    ),
];

/// The compiler that every build from source with C in it needs.
pub const COMPILER: &[&str] = &["gcc", "libc6-dev"];

/// Distributions with C in them that install without a compiler too, only slower.
pub const OPTIONAL_C: &[&str] = &[
    "coverage",
    "markupsafe",
    "msgpack",
    "pymongo",
    "pyrsistent",
    "simplejson",
    "sqlalchemy",
    "tornado",
    "websockets",
    "wrapt",
    "zope-interface",
];

/// Distributions that many others bring along (Streamlit, Gradio, MLflow) and use without their program,
/// with the module by which a source of its own uses them.
pub const STARTED_BY_SOURCE: &[(&str, &str)] = &[
    ("gitpython", "git"),
    ("graphviz", "graphviz"),
    ("pydot", "pydot"),
    ("pydub", "pydub"),
];

/// Libraries that GeoDjango loads.
pub const GEODJANGO: &[&str] = &["libgdal36", "libgeos-c1t64", "libproj25"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_say_nothing_twice() {
        let sorted = |names: Vec<&str>| {
            for pair in names.windows(2) {
                assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
            }
        };
        sorted(OPTIONAL_C.to_vec());
        let mut names: Vec<&str> = NATIVES.iter().map(|n| n.name).collect();
        names.sort_unstable();
        sorted(names);
    }
}
