//! Dependencies with a part outside of JavaScript, as data: what they need to be built and to run,
//! and where they cannot.

use crate::manifest::node_lock::Lock;
use nodejs_semver::Version;

pub struct Native {
    pub package: &'static str,
    /// A compiler may be needed: no prebuilt file for every release of Node.js, or none at all.
    pub compiles: bool,
    /// Debian packages of the builder beside the full image's compilers.
    pub build: &'static [&'static str],
    /// Debian packages of the runtime.
    pub runtime: &'static [&'static str],
    /// Alpine's names of the same.
    pub apk_build: &'static [&'static str],
    pub apk_runtime: &'static [&'static str],
    /// Why it cannot run on musl.
    pub no_musl: Option<&'static str>,
    /// ENV for the install, where it is a development dependency alone.
    pub skip: &'static [(&'static str, &'static str)],
    /// ENV for the install and the runtime, where it is a production dependency.
    pub env: &'static [(&'static str, &'static str)],
    /// It starts processes of its own, so that something must reap them.
    pub init: bool,
    /// It works through the install script, so that the script must be approved.
    pub script: bool,
    /// Below which version it cannot be compiled for which Node.js: `("12.0.0", 24)` reads "before
    /// 12.0.0 at most on Node.js 24". Sorted by version.
    pub until: &'static [(&'static str, u64)],
}

const PLAIN: Native = Native {
    package: "",
    compiles: false,
    build: &[],
    runtime: &[],
    apk_build: &[],
    apk_runtime: &[],
    no_musl: None,
    skip: &[],
    env: &[],
    init: false,
    script: false,
    until: &[],
};

const COMPILED: Native = Native {
    compiles: true,
    script: true,
    ..PLAIN
};

pub static ALL: &[Native] = &[
    Native {
        package: "@tensorflow/tfjs-node",
        no_musl: Some("its library is built for glibc"),
        until: &[("99.0.0", 22)],
        ..COMPILED
    },
    Native {
        package: "argon2",
        ..COMPILED
    },
    Native {
        package: "bcrypt",
        until: &[("5.0.0", 20)],
        ..COMPILED
    },
    Native {
        package: "better-sqlite3",
        until: &[("9.0.0", 20), ("11.0.0", 22), ("12.0.0", 24)],
        ..COMPILED
    },
    Native {
        package: "bufferutil",
        ..PLAIN
    },
    Native {
        package: "canvas",
        build: &[
            "libcairo2-dev",
            "libgif-dev",
            "libjpeg-dev",
            "libpango1.0-dev",
            "librsvg2-dev",
        ],
        runtime: &[
            "libcairo2",
            "libgif7",
            "libjpeg62-turbo",
            "libpango-1.0-0",
            "libpangocairo-1.0-0",
            "librsvg2-2",
        ],
        apk_build: &["cairo-dev", "giflib-dev", "jpeg-dev", "librsvg-dev", "pango-dev"],
        apk_runtime: &["cairo", "giflib", "jpeg", "librsvg", "pango"],
        until: &[("3.0.0", 22)],
        ..COMPILED
    },
    Native {
        package: "cpu-features",
        compiles: true,
        ..PLAIN
    },
    Native {
        package: "cypress",
        skip: &[("CYPRESS_INSTALL_BINARY", "0")],
        ..PLAIN
    },
    Native {
        package: "deasync",
        ..COMPILED
    },
    Native {
        package: "electron",
        skip: &[("ELECTRON_SKIP_BINARY_DOWNLOAD", "1")],
        ..PLAIN
    },
    Native {
        package: "fluent-ffmpeg",
        runtime: &["ffmpeg"],
        apk_runtime: &["ffmpeg"],
        init: true,
        ..PLAIN
    },
    Native {
        package: "gl",
        no_musl: Some("its prebuilt library is for glibc"),
        ..COMPILED
    },
    Native {
        package: "ibm_db",
        no_musl: Some("IBM's client library is built for glibc"),
        ..COMPILED
    },
    Native {
        package: "isolated-vm",
        until: &[("5.0.0", 20), ("6.0.0", 22)],
        ..COMPILED
    },
    Native {
        package: "kerberos",
        build: &["libkrb5-dev"],
        runtime: &["libgssapi-krb5-2"],
        apk_build: &["krb5-dev"],
        apk_runtime: &["krb5-libs"],
        ..COMPILED
    },
    Native {
        package: "libpq",
        build: &["libpq-dev"],
        runtime: &["libpq5"],
        apk_build: &["libpq-dev"],
        apk_runtime: &["libpq"],
        ..COMPILED
    },
    Native {
        package: "lmdb",
        ..PLAIN
    },
    Native {
        package: "msgpackr-extract",
        ..PLAIN
    },
    Native {
        package: "node-pty",
        ..COMPILED
    },
    Native {
        package: "node-sass",
        until: &[("6.0.0", 14), ("8.0.0", 16), ("9.0.0", 18), ("99.0.0", 20)],
        ..COMPILED
    },
    Native {
        package: "onnxruntime-node",
        no_musl: Some("its library is built for glibc"),
        script: true,
        ..PLAIN
    },
    Native {
        package: "oracledb",
        no_musl: Some("Oracle's client library is built for glibc"),
        ..PLAIN
    },
    Native {
        package: "pg-native",
        build: &["libpq-dev"],
        runtime: &["libpq5"],
        apk_build: &["libpq-dev"],
        apk_runtime: &["libpq"],
        ..COMPILED
    },
    Native {
        package: "playwright",
        no_musl: Some("its browsers are built for glibc"),
        skip: &[("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")],
        init: true,
        ..PLAIN
    },
    Native {
        package: "puppeteer",
        runtime: &["chromium", "fonts-liberation"],
        apk_runtime: &["chromium", "freetype", "harfbuzz", "nss", "ttf-freefont"],
        skip: &[("PUPPETEER_SKIP_DOWNLOAD", "true")],
        env: &[
            ("PUPPETEER_EXECUTABLE_PATH", "/usr/bin/chromium"),
            ("PUPPETEER_SKIP_DOWNLOAD", "true"),
        ],
        init: true,
        ..PLAIN
    },
    Native {
        package: "puppeteer-core",
        runtime: &["chromium", "fonts-liberation"],
        apk_runtime: &["chromium", "freetype", "harfbuzz", "nss", "ttf-freefont"],
        env: &[("PUPPETEER_EXECUTABLE_PATH", "/usr/bin/chromium")],
        init: true,
        ..PLAIN
    },
    Native {
        package: "re2",
        ..COMPILED
    },
    Native {
        package: "serialport",
        runtime: &["libudev1"],
        ..PLAIN
    },
    Native {
        package: "sharp",
        until: &[("0.30.0", 20)],
        ..PLAIN
    },
    Native {
        package: "sqlite3",
        ..COMPILED
    },
    Native {
        package: "usb",
        build: &["libudev-dev", "libusb-1.0-0-dev"],
        runtime: &["libudev1", "libusb-1.0-0"],
        ..COMPILED
    },
    Native {
        package: "utf-8-validate",
        ..PLAIN
    },
    Native {
        package: "zeromq",
        build: &["cmake"],
        apk_build: &["cmake"],
        ..COMPILED
    },
];

/// Packages that are there to compile others; one in the lockfile says that something may have to be.
const COMPILERS: &[&str] = &[
    "nan",
    "prebuild-install",
    "node-pre-gyp",
    "@mapbox/node-pre-gyp",
    "node-gyp",
];

/// A package of the lockfile that hints at a compiler without being in the table.
pub fn compiler_hint(lock: &Lock) -> Option<&'static str> {
    // The tracer of files brings an installer of native modules along, and needs nothing built.
    let tracer = lock.has("@vercel/nft");
    COMPILERS
        .iter()
        .copied()
        .filter(|name| !tracer || !name.ends_with("node-pre-gyp"))
        .find(|name| {
            lock.packages
                .get(*name)
                .is_some_and(|entries| entries.iter().any(|e| !e.dev))
        })
}

impl Native {
    /// The newest Node.js that a version of the package works on.
    pub fn newest_node(&self, version: &str) -> Option<u64> {
        let version = Version::parse(version).ok()?;
        let below = |limit: &str| Version::parse(limit).is_ok_and(|l| version < l);
        self.until
            .iter()
            .find(|(limit, _)| below(limit))
            .map(|(_, node)| *node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_its_versions_are_too() {
        assert!(ALL.is_sorted_by_key(|n| n.package));
        for native in ALL {
            let parse = |v: &str| Version::parse(v).unwrap();
            assert!(
                native.until.is_sorted_by_key(|(v, _)| parse(v)),
                "{}",
                native.package
            );
        }
    }
}
