//! Dependencies that a newer Node.js would break: JavaScript that relies on what was taken out of it,
//! and native modules that do not compile for it.

use crate::decision::Because;
use crate::lang::node::detect::Facts;
use crate::lang::node::manager::Id;
use crate::lang::node::workspace::Reach;
use nodejs_semver::Version;

struct Limit {
    package: &'static str,
    /// Releases before it are meant; all of them where it is empty.
    before: &'static str,
    /// The newest line of Node.js that they run on.
    node: u64,
    why: &'static str,
}

const SLOW_BUFFER: &str = "needs SlowBuffer, which Node.js 25 dropped";

const OLDER: &str = "is not made for a newer Node.js";

const NAN: &str = "nan";

/// Packages that bring nan along, and that others ask for without needing them.
const OPTIONAL: &[&str] = &["cpu-features", "dtrace-provider", "fsevents"];

const LIMITS: &[Limit] = &[
    // Under jsonwebtoken and all that signs tokens with it.
    limit("buffer-equal-constant-time", "", 24, SLOW_BUFFER),
    limit("gatsby", "", 22, OLDER),
    limit("lmdb", "3.0.0", 22, OLDER),
    // Its headers are compiled into each native module that does not use Node-API. Tried with pprof 4.0.0:
    // 2.18.0 fails on Node.js 22, 2.22.0 on 24, and 2.24.0 on 26.
    limit(NAN, "2.19.0", 20, OLDER),
    limit(NAN, "2.22.2", 22, OLDER),
    limit(NAN, "2.26.2", 24, OLDER),
    // Its server carries a copy of jsonwebtoken.
    limit("next", "15.0.0", 24, SLOW_BUFFER),
];

/// Packages that bring such a dependency, for where no lockfile tells it.
const BRINGING: &[&str] = &[
    "@nestjs/jwt",
    "@okta/okta-sdk-nodejs",
    "express-jwt",
    "firebase-admin",
    "google-auth-library",
    "googleapis",
    "jsonwebtoken",
    "jwa",
    "jws",
    "koa-jwt",
    "passport-jwt",
    "twilio",
];

const fn limit(package: &'static str, before: &'static str, node: u64, why: &'static str) -> Limit {
    Limit {
        package,
        before,
        node,
        why,
    }
}

/// The newest line of Node.js that the project's dependencies run on, and why.
pub fn newest_node(facts: &Facts) -> Option<(u64, Because)> {
    let lock = &facts.managed.lock;
    let place = facts.managed.lockfile.as_deref().unwrap_or_default();
    let packages = facts.packages(Reach::Build);
    let mut found: Vec<(u64, Because)> = Vec::new();
    for native in &facts.natives {
        if let Some(version) = &native.version
            && let Some(node) = native.native.newest_node(version)
        {
            let text = format!(
                "has {} {version}, which is not made for a newer Node.js",
                native.native.package
            );
            found.push((node, Because::at(&native.at, text)));
        }
    }
    // Other lockfiles than npm's do not say what may be missing.
    let maybe = facts.managed.manager.id != Id::Npm && OPTIONAL.iter().any(|name| lock.has(name));
    for limit in LIMITS.iter().filter(|l| l.package != NAN || !maybe) {
        let direct = packages.iter().find_map(|p| p.dependency(limit.package));
        let locked = lock
            .packages
            .get(limit.package)
            .filter(|e| e.iter().any(|e| !e.dev && !e.optional));
        let old = |version: &str| {
            let before = Version::parse(limit.before);
            before.is_err() || Version::parse(version).is_ok_and(|v| before.is_ok_and(|b| v < b))
        };
        let meant = match (locked, direct) {
            (Some(entries), _) => entries.iter().any(|e| old(&e.version)),
            (None, Some(d)) => {
                let range = nodejs_semver::Range::parse(&d.range).ok();
                let lowest = range.and_then(|r| r.min_version()).map(|v| v.to_string());
                lowest.is_some_and(|v| old(&v))
            }
            (None, None) => false,
        };
        if meant {
            let at = direct.map_or_else(|| facts.tree.place(place), |d| d.at.clone());
            let text = format!("has {}, which {}", limit.package, limit.why);
            found.push((limit.node, Because::at(&at, text)));
        }
    }
    if lock.packages.is_empty()
        && let Some(d) = BRINGING
            .iter()
            .find_map(|b| packages.iter().find_map(|p| p.dependency(b)))
    {
        let text = format!("has {}, and a package below it {SLOW_BUFFER}", d.name);
        found.push((24, Because::at(&d.at, text)));
    }
    let old = match facts.managed.manager.id {
        Id::Npm => lock.version == "1",
        Id::Pnpm => lock.version.starts_with('5'),
        _ => false,
    };
    if old {
        let text = "has a format of 2021 or before; newer Node.js dropped what dependencies of that age use";
        found.push((22, Because::at(&facts.tree.place(place), text)));
    }
    found.into_iter().min_by_key(|(node, _)| *node)
}
