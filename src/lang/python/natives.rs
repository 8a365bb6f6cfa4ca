//! Distributions that need operating system packages, and the first versions that work on each line
//! of Python. Tables; the names of packages are Debian 13's and Alpine 3.24's.

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
    native("uwsgi", Always, &[], &[], None),
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

/// Libraries that GeoDjango loads.
pub const GEODJANGO: &[&str] = &["libgdal36", "libgeos-c1t64", "libproj25"];

/// Distributions that write below HOME when they are imported or used.
pub const WRITES_HOME: &[&str] = &[
    "chainlit",
    "datasets",
    "gradio",
    "huggingface-hub",
    "kaggle",
    "langflow",
    "litellm",
    "marimo",
    "matplotlib",
    "nltk",
    "numba",
    "openai-whisper",
    "prefect",
    "sentence-transformers",
    "streamlit",
    "tiktoken",
    "torch",
    "transformers",
    "ultralytics",
    "yfinance",
];

/// From which version on a distribution has wheels for, or works on, a line of Python.
pub struct Floor {
    pub name: &'static str,
    /// `(minor, first version)`; an empty version: none does.
    pub lines: &'static [(u64, &'static str)],
}

const fn floor(name: &'static str, lines: &'static [(u64, &'static str)]) -> Floor {
    Floor { name, lines }
}

/// Sorted by name. Where a version is not certain, a later one stands here: the price is a line
/// of Python that is one older and still maintained.
pub const FLOORS: &[Floor] = &[
    floor("aiogram", &[(12, "3.0")]),
    floor(
        "aiohttp",
        &[(11, "3.8.3"), (12, "3.9.0"), (13, "3.10.10"), (14, "3.13.0")],
    ),
    floor("aioredis", &[(11, "")]),
    floor("apscheduler", &[(12, "3.10.4"), (14, "3.11.0")]),
    floor(
        "asyncpg",
        &[(11, "0.27.0"), (12, "0.29.0"), (13, "0.30.0"), (14, "0.31.0")],
    ),
    floor("bottle", &[(13, "0.13.0")]),
    floor("brotli", &[(12, "1.1.0"), (14, "1.2.0")]),
    floor(
        "cffi",
        &[
            (8, "1.13.1"),
            (9, "1.14.3"),
            (11, "1.15.1"),
            (12, "1.16.0"),
            (13, "1.17.1"),
            (14, "2.0.0"),
        ],
    ),
    floor("contourpy", &[(12, "1.1.1"), (13, "1.3.0"), (14, "1.3.3")]),
    floor("discord-py", &[(13, "2.5.0")]),
    floor("django", &[(12, "4.2"), (13, "4.2.8"), (14, "5.2.8")]),
    floor("drf-yasg", &[(12, "1.21.8")]),
    floor("eventlet", &[(12, "0.34.1"), (13, "0.37.0"), (14, "0.40.3")]),
    floor("feedparser", &[(13, "6.0.11")]),
    floor("flask", &[(12, "2.0"), (14, "2.3.3")]),
    floor(
        "frozenlist",
        &[(11, "1.3.3"), (12, "1.4.1"), (13, "1.5.0"), (14, "1.8.0")],
    ),
    floor("future", &[(12, "1.0.0")]),
    floor(
        "gevent",
        &[
            (8, "20.5.0"),
            (9, "20.9.0"),
            (11, "22.10.2"),
            (12, "23.9.1"),
            (13, "24.10.1"),
            (14, "25.9.1"),
        ],
    ),
    floor("gradio", &[(13, "5.5.0"), (14, "5.49.0")]),
    floor(
        "greenlet",
        &[
            (8, "0.4.16"),
            (9, "0.4.17"),
            (11, "2.0.0"),
            (12, "3.0.0"),
            (13, "3.1.0"),
            (14, "3.2.4"),
        ],
    ),
    floor(
        "grpcio",
        &[
            (8, "1.25.0"),
            (9, "1.33.2"),
            (11, "1.49.1"),
            (12, "1.59.0"),
            (13, "1.67.0"),
            (14, "1.75.1"),
        ],
    ),
    floor(
        "grpcio-tools",
        &[(11, "1.49.1"), (12, "1.59.0"), (13, "1.67.0"), (14, "1.75.1")],
    ),
    floor("gunicorn", &[(12, "21.0.0")]),
    floor(
        "h5py",
        &[(11, "3.8.0"), (12, "3.10.0"), (13, "3.12.1"), (14, "3.15.0")],
    ),
    floor("hiredis", &[(12, "2.3.0"), (13, "3.1.0"), (14, "3.3.0")]),
    floor("httptools", &[(12, "0.6.1"), (13, "0.6.4"), (14, "0.7.1")]),
    floor("httpx", &[(13, "0.24.0")]),
    floor("jinja2", &[(10, "2.11.0")]),
    floor("jiter", &[(13, "0.6.1"), (14, "0.11.0")]),
    floor("kafka-python", &[(12, "2.0.3")]),
    floor(
        "kiwisolver",
        &[(11, "1.4.4"), (12, "1.4.5"), (13, "1.4.7"), (14, "1.4.9")],
    ),
    floor("langchain", &[(14, "1.0.0")]),
    floor("langchain-core", &[(14, "1.0.0")]),
    floor(
        "llvmlite",
        &[(11, "0.40.0"), (12, "0.42.0"), (13, "0.44.0"), (14, "0.46.0")],
    ),
    floor(
        "lxml",
        &[
            (8, "4.4.2"),
            (9, "4.6.1"),
            (11, "4.9.1"),
            (12, "4.9.3"),
            (13, "5.3.0"),
            (14, "6.0.1"),
        ],
    ),
    floor(
        "matplotlib",
        &[
            (8, "3.1.2"),
            (9, "3.3.3"),
            (11, "3.6.1"),
            (12, "3.8.0"),
            (13, "3.9.2"),
            (14, "3.10.5"),
        ],
    ),
    floor(
        "multidict",
        &[(11, "6.0.3"), (12, "6.0.5"), (13, "6.1.0"), (14, "6.6.4")],
    ),
    floor(
        "numba",
        &[(11, "0.57.0"), (12, "0.59.0"), (13, "0.61.0"), (14, "0.63.0")],
    ),
    floor(
        "numpy",
        &[
            (8, "1.17.3"),
            (9, "1.19.3"),
            (10, "1.21.3"),
            (11, "1.23.2"),
            (12, "1.26.0"),
            (13, "2.1.0"),
            (14, "2.3.2"),
        ],
    ),
    floor(
        "onnxruntime",
        &[(11, "1.15.0"), (12, "1.17.0"), (13, "1.20.0"), (14, "1.24.0")],
    ),
    floor(
        "orjson",
        &[(11, "3.8.0"), (12, "3.9.10"), (13, "3.10.10"), (14, "3.11.4")],
    ),
    floor(
        "pandas",
        &[
            (8, "0.25.3"),
            (9, "1.1.3"),
            (10, "1.3.4"),
            (11, "1.5.1"),
            (12, "2.1.1"),
            (13, "2.2.3"),
            (14, "2.3.3"),
        ],
    ),
    floor(
        "pillow",
        &[
            (8, "7.0.0"),
            (9, "8.0.0"),
            (10, "8.4.0"),
            (11, "9.3.0"),
            (12, "10.1.0"),
            (13, "10.4.0"),
            (14, "12.0.0"),
        ],
    ),
    floor(
        "psycopg-binary",
        &[(11, "3.1.4"), (12, "3.1.13"), (13, "3.2.3"), (14, "3.2.11")],
    ),
    floor(
        "psycopg2-binary",
        &[
            (8, "2.8.4"),
            (9, "2.8.6"),
            (10, "2.9.2"),
            (11, "2.9.5"),
            (12, "2.9.9"),
            (13, "2.9.10"),
            (14, "2.9.11"),
        ],
    ),
    floor(
        "pyarrow",
        &[(11, "10.0.1"), (12, "14.0.0"), (13, "18.0.0"), (14, "22.0.0")],
    ),
    floor(
        "pydantic",
        &[(11, "1.10.2"), (12, "2.5.0"), (13, "2.8.0"), (14, "2.12.0")],
    ),
    floor("pydantic-core", &[(12, "2.14.0"), (13, "2.20.0"), (14, "2.41.1")]),
    floor("pydub", &[(13, "")]),
    floor(
        "pymssql",
        &[(11, "2.2.7"), (12, "2.2.11"), (13, "2.3.2"), (14, "2.3.8")],
    ),
    floor(
        "pyproj",
        &[(11, "3.4.0"), (12, "3.6.1"), (13, "3.7.0"), (14, "3.7.2")],
    ),
    floor("python-telegram-bot", &[(13, "20.0")]),
    floor(
        "pyyaml",
        &[(11, "6.0"), (12, "6.0.1"), (13, "6.0.2"), (14, "6.0.3")],
    ),
    floor(
        "rapidfuzz",
        &[(11, "2.13.0"), (12, "3.4.0"), (13, "3.10.0"), (14, "3.14.0")],
    ),
    floor(
        "regex",
        &[
            (11, "2022.10.31"),
            (12, "2023.10.3"),
            (13, "2024.9.11"),
            (14, "2025.9.18"),
        ],
    ),
    floor("reportlab", &[(11, "3.6.12"), (12, "4.0.0")]),
    floor("rpds-py", &[(12, "0.10.3"), (13, "0.20.0"), (14, "0.28.0")]),
    floor(
        "ruamel-yaml-clib",
        &[(11, "0.2.7"), (12, "0.2.8"), (13, "0.2.12"), (14, "0.2.14")],
    ),
    floor(
        "scikit-image",
        &[(11, "0.20.0"), (12, "0.22.0"), (13, "0.25.0"), (14, "0.26.0")],
    ),
    floor(
        "scikit-learn",
        &[
            (8, "0.22.1"),
            (9, "0.24.0"),
            (10, "1.0.1"),
            (11, "1.1.3"),
            (12, "1.3.2"),
            (13, "1.5.2"),
            (14, "1.7.2"),
        ],
    ),
    floor(
        "scipy",
        &[
            (8, "1.4.0"),
            (9, "1.5.3"),
            (10, "1.7.2"),
            (11, "1.9.2"),
            (12, "1.11.3"),
            (13, "1.14.1"),
            (14, "1.16.1"),
        ],
    ),
    floor("sentencepiece", &[(12, "0.2.0"), (13, "0.2.1")]),
    floor(
        "setproctitle",
        &[(11, "1.3.2"), (12, "1.3.3"), (13, "1.3.4"), (14, "1.3.7")],
    ),
    floor(
        "shapely",
        &[(11, "1.8.5"), (12, "2.0.2"), (13, "2.0.6"), (14, "2.1.2")],
    ),
    floor("sqlalchemy", &[(13, "2.0.31"), (14, "2.0.41")]),
    floor(
        "statsmodels",
        &[(11, "0.13.5"), (12, "0.14.1"), (13, "0.14.4"), (14, "0.14.6")],
    ),
    floor("streamlit", &[(12, "1.28.0"), (13, "1.38.0"), (14, "1.51.0")]),
    floor(
        "tensorflow",
        &[(11, "2.12.0"), (12, "2.16.1"), (13, "2.20.0"), (14, "2.21.0")],
    ),
    floor(
        "tiktoken",
        &[(11, "0.3.0"), (12, "0.5.2"), (13, "0.8.0"), (14, "0.12.0")],
    ),
    floor("tokenizers", &[(12, "0.14.1"), (13, "0.20.1")]),
    floor(
        "torch",
        &[(11, "2.0.0"), (12, "2.2.0"), (13, "2.5.0"), (14, "2.9.0")],
    ),
    floor(
        "torchaudio",
        &[(11, "2.0.1"), (12, "2.2.0"), (13, "2.5.0"), (14, "2.9.0")],
    ),
    floor(
        "torchvision",
        &[(11, "0.15.1"), (12, "0.17.0"), (13, "0.20.0"), (14, "0.24.0")],
    ),
    floor("tweepy", &[(13, "4.15.0")]),
    floor(
        "ujson",
        &[(11, "5.5.0"), (12, "5.9.0"), (13, "5.10.0"), (14, "5.11.0")],
    ),
    floor(
        "uvloop",
        &[(11, "0.17.0"), (12, "0.19.0"), (13, "0.21.0"), (14, "0.22.1")],
    ),
    floor("watchfiles", &[(12, "0.20.0"), (13, "0.24.0"), (14, "1.1.1")]),
    floor("webob", &[(13, "1.8.9")]),
    floor("werkzeug", &[(12, "2.0"), (14, "3.0.0")]),
    floor(
        "yarl",
        &[(11, "1.8.2"), (12, "1.9.3"), (13, "1.15.0"), (14, "1.22.0")],
    ),
    floor("zstandard", &[(12, "0.22.0"), (13, "0.23.0"), (14, "0.25.0")]),
];

/// What an extra of a distribution brings that rdock wants to know of, for files without a lock.
pub const EXTRAS: &[(&str, &[&str], &[&str])] = &[
    ("fastapi", &["all", "standard"], &["uvicorn", "fastapi-cli"]),
    ("litestar", &["full", "standard"], &["uvicorn"]),
    ("langserve", &["all", "server"], &["fastapi"]),
    ("connexion", &["uvicorn"], &["uvicorn"]),
    ("psycopg", &["binary"], &["psycopg-binary"]),
    ("psycopg", &["c"], &["psycopg-c"]),
    ("gunicorn", &["gevent"], &["gevent"]),
    ("gunicorn", &["eventlet"], &["eventlet"]),
];

/// What a distribution always brings along.
pub const BRINGS: &[(&str, &[&str])] = &[
    ("chainlit", &["uvicorn"]),
    ("fastapi-cli", &["uvicorn"]),
    ("fastmcp", &["uvicorn"]),
    ("gradio", &["audioop-lts", "uvicorn"]),
    ("mcp", &["uvicorn"]),
    ("nicegui", &["uvicorn"]),
    ("python-fasthtml", &["uvicorn"]),
    ("quart", &["hypercorn"]),
    ("reflex", &["uvicorn"]),
];

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
        sorted(FLOORS.iter().map(|f| f.name).collect());
        sorted(OPTIONAL_C.to_vec());
        sorted(WRITES_HOME.to_vec());
        for floor in FLOORS {
            assert!(floor.lines.windows(2).all(|w| w[0].0 < w[1].0), "{}", floor.name);
        }
        let mut names: Vec<&str> = NATIVES.iter().map(|n| n.name).collect();
        names.sort_unstable();
        sorted(names);
    }
}
