//! Modules that need C: what their build and their program need from the operating system.

/// A module that does not work without cgo.
pub struct CgoModule {
    /// Import path; packages below it count too.
    pub path: &'static str,
    /// Debian packages of the builder. `golang:*-trixie` has gcc, g++, make and pkg-config.
    pub build: &'static [&'static str],
    /// Debian packages of the runtime. None means that libc is enough.
    pub run: &'static [&'static str],
    /// Does the program need libstdc++?
    pub cpp: bool,
}

const fn plain(path: &'static str) -> CgoModule {
    CgoModule {
        path,
        build: &[],
        run: &[],
        cpp: false,
    }
}

const fn cpp(path: &'static str) -> CgoModule {
    CgoModule {
        path,
        build: &[],
        run: &[],
        cpp: true,
    }
}

const fn library(
    path: &'static str,
    build: &'static [&'static str],
    run: &'static [&'static str],
) -> CgoModule {
    CgoModule {
        path,
        build,
        run,
        cpp: false,
    }
}

/// Sorted by path. Drivers that wrap such a module count as one, since go.mod alone does not tell
/// which of its requirements a program links.
pub const MODULES: &[CgoModule] = &[
    plain("crawshaw.io/sqlite"),
    library("github.com/DataDog/zstd", &[], &[]),
    plain("github.com/chai2010/webp"),
    cpp("github.com/confluentinc/confluent-kafka-go"),
    library(
        "github.com/coreos/go-systemd/v22/sdjournal",
        &["libsystemd-dev"],
        &["libsystemd0"],
    ),
    library(
        "github.com/davidbyttow/govips",
        &["libvips-dev"],
        &["libvips42t64"],
    ),
    cpp("github.com/duckdb/duckdb-go"),
    plain("github.com/gofiber/storage/sqlite3"),
    plain("github.com/golang-migrate/migrate/v4/database/sqlite3"),
    library(
        "github.com/google/gopacket/pcap",
        &["libpcap-dev"],
        &["libpcap0.8t64"],
    ),
    library(
        "github.com/gopacket/gopacket/pcap",
        &["libpcap-dev"],
        &["libpcap0.8t64"],
    ),
    library("github.com/h2non/bimg", &["libvips-dev"], &["libvips42t64"]),
    plain("github.com/jinzhu/gorm/dialects/sqlite"),
    cpp("github.com/linxGnu/grocksdb"),
    cpp("github.com/marcboeker/go-duckdb"),
    plain("github.com/mattn/go-sqlite3"),
    library("github.com/miekg/pkcs11", &[], &[]),
    plain("github.com/mutecomm/go-sqlcipher"),
    library(
        "github.com/otiai10/gosseract",
        &["libtesseract-dev", "libleptonica-dev"],
        &["libtesseract5", "tesseract-ocr-eng"],
    ),
    library("github.com/pebbe/zmq4", &["libzmq3-dev"], &["libzmq5"]),
    cpp("github.com/smacker/go-tree-sitter"),
    plain("github.com/tree-sitter/go-tree-sitter"),
    plain("github.com/uber/h3-go"),
    cpp("github.com/yalue/onnxruntime_go"),
    library(
        "gopkg.in/gographics/imagick.v3",
        &["libmagickwand-dev"],
        &["libmagickwand-7.q16-10"],
    ),
    plain("gorm.io/driver/sqlite"),
];

/// `pkg-config` names and `-l` libraries in `#cgo` lines: builder and runtime packages in Debian 13.
/// Sorted by name.
pub const LIBRARIES: &[(&str, &[&str], &[&str])] = &[
    ("curl", &["libcurl4-openssl-dev"], &["libcurl4t64"]),
    ("gobject-2.0", &["libglib2.0-dev"], &["libglib2.0-0t64"]),
    ("libavcodec", &["libavcodec-dev"], &["libavcodec61"]),
    ("libavformat", &["libavformat-dev"], &["libavformat61"]),
    ("libcurl", &["libcurl4-openssl-dev"], &["libcurl4t64"]),
    ("libpcap", &["libpcap-dev"], &["libpcap0.8t64"]),
    ("libpq", &["libpq-dev"], &["libpq5"]),
    ("libsodium", &["libsodium-dev"], &["libsodium23"]),
    ("libxml-2.0", &["libxml2-dev"], &["libxml2"]),
    ("libzmq", &["libzmq3-dev"], &["libzmq5"]),
    ("opus", &["libopus-dev"], &["libopus0"]),
    ("pcap", &["libpcap-dev"], &["libpcap0.8t64"]),
    ("portaudio-2.0", &["portaudio19-dev"], &["libportaudio2"]),
    ("sodium", &["libsodium-dev"], &["libsodium23"]),
    ("sqlite3", &["libsqlite3-dev"], &["libsqlite3-0"]),
    ("vips", &["libvips-dev"], &["libvips42t64"]),
    ("z", &["zlib1g-dev"], &["zlib1g"]),
    ("zlib", &["zlib1g-dev"], &["zlib1g"]),
];

/// SQLite drivers, with or without C: programs that have one keep a database file, which must stay
/// writable on a read-only root.
pub const SQLITE: &[&str] = &[
    "crawshaw.io/sqlite",
    "github.com/glebarez/go-sqlite",
    "github.com/glebarez/sqlite",
    "github.com/gofiber/storage/sqlite3",
    "github.com/jinzhu/gorm/dialects/sqlite",
    "github.com/mattn/go-sqlite3",
    "github.com/ncruces/go-sqlite3",
    "gorm.io/driver/sqlite",
    "modernc.org/sqlite",
    "zombiezen.com/go/sqlite",
];

/// Those of them that are Go alone.
pub const PURE_SQLITE: &[&str] = &[
    "github.com/glebarez/go-sqlite",
    "github.com/glebarez/sqlite",
    "github.com/ncruces/go-sqlite3",
    "modernc.org/sqlite",
    "zombiezen.com/go/sqlite",
];

/// Other databases in files beside the program.
pub const EMBEDDED: &[&str] = &[
    "github.com/asdine/storm",
    "github.com/boltdb/bolt",
    "github.com/nutsdb/nutsdb",
    "github.com/timshannon/bolthold",
    "go.etcd.io/bbolt",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_without_doubles() {
        assert!(MODULES.windows(2).all(|w| w[0].path < w[1].path));
        assert!(LIBRARIES.windows(2).all(|w| w[0].0 < w[1].0));
        assert!(SQLITE.windows(2).all(|w| w[0] < w[1]));
    }
}
