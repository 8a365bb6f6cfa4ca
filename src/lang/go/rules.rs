//! Rules that only Go has.

use crate::diagnostic::Rule;

pub static UNKNOWN_LIBRARY: Rule = Rule {
    id: "RD201",
    name: "C library without a known package",
    words: "A `#cgo` line links a library of the system whose Debian packages rdock does not know. The build needs its development package and the program its library; both can be named in rdock.toml.",
};

pub static LOW_PORT: Rule = Rule {
    id: "RD202",
    name: "port below 1024",
    words: "The program runs as a user without privileges. Docker sets net.ipv4.ip_unprivileged_port_start to 0, so it may bind the port there; Kubernetes and others may refuse it.",
};

pub static ALL: &[&Rule] = &[&UNKNOWN_LIBRARY, &LOW_PORT];
