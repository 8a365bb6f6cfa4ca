//! What the name of an environment variable means: which backing service, and what of its connection;
//! and which names and values look secret.

use super::kinds::{ALL, Group, Kind, Part};

/// Names that mean the database, whichever it is.
const ANY_SQL: &[&str] = &[
    "DATABASE",
    "DB",
    "SQL",
    "DATASOURCE",
    "SQLALCHEMY_DATABASE",
    "DBHOST",
];

/// What a name ends with, after the word for the service.
const PARTS: &[(&[&str], Part)] = &[
    (
        &[
            "URL",
            "URI",
            "DSN",
            "CONNECTION_STRING",
            "CONNECTION_URL",
            "CONNECTION_URI",
            "CONNSTRING",
            "CONN_STRING",
            "CONN_STR",
            "SERVER_URL",
            "NODE",
            "NODES",
            "ENDPOINT_URL",
            "ENDPOINT",
            "URIS",
            "URLS",
        ],
        Part::Url,
    ),
    (
        &[
            "ADDR",
            "ADDRESS",
            "BROKERS",
            "BROKER",
            "BROKER_LIST",
            "BOOTSTRAP",
            "BOOTSTRAP_SERVER",
            "BOOTSTRAP_SERVERS",
            "SERVERS",
        ],
        Part::Address,
    ),
    (&["HOST", "HOSTNAME", "HOSTS", "SERVER"], Part::Host),
    (&["PORT"], Part::Port),
    (
        &[
            "USER",
            "USERNAME",
            "ACCESS_KEY",
            "ACCESS_KEY_ID",
            "ROOT_USER",
            "DEFAULT_USER",
        ],
        Part::User,
    ),
    (
        &[
            "PASSWORD",
            "PASS",
            "PASSWD",
            "PWD",
            "SECRET_KEY",
            "SECRET_ACCESS_KEY",
            "ROOT_PASSWORD",
            "DEFAULT_PASS",
        ],
        Part::Password,
    ),
    (
        &[
            "NAME",
            "DB",
            "DATABASE",
            "DBNAME",
            "DB_NAME",
            "BUCKET",
            "BUCKET_NAME",
        ],
        Part::Database,
    ),
    (&["REGION"], Part::Region),
    (&["JDBC_URL"], Part::Jdbc),
];

/// The variables of libpq and of Amazon's clients, which have no word apart.
const EXACT: &[(&str, &str, Part)] = &[
    ("PGHOST", "postgres", Part::Host),
    ("PGPORT", "postgres", Part::Port),
    ("PGUSER", "postgres", Part::User),
    ("PGPASSWORD", "postgres", Part::Password),
    ("PGDATABASE", "postgres", Part::Database),
    ("AWS_ENDPOINT_URL", "minio", Part::Url),
    ("AWS_ENDPOINT_URL_S3", "minio", Part::Url),
    ("AWS_ACCESS_KEY_ID", "minio", Part::User),
    ("AWS_SECRET_ACCESS_KEY", "minio", Part::Password),
    ("AWS_REGION", "minio", Part::Region),
    ("AWS_DEFAULT_REGION", "minio", Part::Region),
    ("CELERY_RESULT_BACKEND", "redis", Part::Url),
];

/// Whose connection a variable is part of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    Kind(&'static str),
    AnySql,
}

impl Whose {
    pub fn is(self, kind: &Kind) -> bool {
        match self {
            Whose::Kind(id) => id == kind.id || (alias(id) == Some(kind.id)),
            Whose::AnySql => kind.group == Group::Sql,
        }
    }
}

/// Clients of the compatible servers read the same names.
fn alias(id: &str) -> Option<&'static str> {
    match id {
        "redis" => Some("valkey"),
        "mysql" => Some("mariadb"),
        _ => None,
    }
}

/// `APP_REDIS_URL` is the address of Redis; `REDIS_TTL` is nothing.
pub fn meaning(name: &str) -> Option<(Whose, Part)> {
    if let Some((_, id, part)) = EXACT.iter().find(|(exact, ..)| *exact == name) {
        return Some((Whose::Kind(id), *part));
    }
    let words: Vec<&str> = name.split('_').collect();
    if words.contains(&"TEST") {
        return None;
    }
    let kinds = ALL
        .iter()
        .flat_map(|kind| kind.words.iter().map(|word| (*word, Whose::Kind(kind.id))));
    let all = kinds.chain(ANY_SQL.iter().map(|word| (*word, Whose::AnySql)));
    all.filter_map(|(word, whose)| {
        let start = (0..words.len()).find(|i| {
            let rest = words[*i..].join("_");
            rest.strip_prefix(word).is_some_and(|r| r.starts_with('_'))
        })?;
        let rest = &words[start..].join("_")[word.len() + 1..];
        let (_, part) = PARTS.iter().find(|(ends, _)| ends.contains(&rest))?;
        let part = match part {
            Part::Url if words.contains(&"JDBC") || name.starts_with("SPRING_DATASOURCE") => Part::Jdbc,
            part => *part,
        };
        Some((whose, part))
    })
    // `POSTGRES_DB_HOST`: the word that says more comes first.
    .min_by_key(|(whose, _)| *whose == Whose::AnySql)
}

/// Words in the name of what nobody should see.
const SECRET_WORDS: &[&str] = &[
    "APIKEY",
    "AUTH",
    "CERT",
    "CERTIFICATE",
    "CREDENTIAL",
    "CREDENTIALS",
    "DSN",
    "HMAC",
    "JWT",
    "KEY",
    "KEYS",
    "LICENSE",
    "PASS",
    "PASSPHRASE",
    "PASSWD",
    "PASSWORD",
    "PEPPER",
    "PRIVATE",
    "PWD",
    "SALT",
    "SECRET",
    "SECRETS",
    "SIGNING",
    "TOKEN",
    "TOKENS",
    "WEBHOOK",
];

/// How keys and tokens of well-known services begin.
const SECRET_STARTS: &[&str] = &[
    "-----BEGIN",
    "AIza",
    "AKIA",
    "ASIA",
    "SG.",
    "eyJ",
    "ghp_",
    "gho_",
    "github_pat_",
    "glpat-",
    "hf_",
    "npm_",
    "pk_",
    "rk_",
    "sk-",
    "sk_",
    "whsec_",
    "xox",
];

/// Does the name or the value of a variable look secret?
pub fn is_secret(name: &str, value: &str) -> bool {
    let upper = name.to_uppercase();
    let named = upper.split('_').any(|word| {
        SECRET_WORDS.contains(&word) || ["PASSWORD", "SECRET", "TOKEN"].iter().any(|w| word.ends_with(w))
    });
    named
        || SECRET_STARTS.iter().any(|start| value.starts_with(start))
        || has_login(value)
        || is_random(value)
}

/// `scheme://user:password@host`.
fn has_login(value: &str) -> bool {
    let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or(rest);
    authority
        .rsplit_once('@')
        .is_some_and(|(login, _)| login.contains(':'))
}

/// Long, of letters and digits mixed, without the marks of an address or a path.
fn is_random(value: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || "+/=_-".contains(c);
    let count = |f: fn(&char) -> bool| value.chars().filter(f).count();
    value.len() >= 20
        && value.chars().all(good)
        && count(char::is_ascii_digit) >= 3
        && count(char::is_ascii_alphabetic) >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, want: Option<(Whose, Part)>) {
        assert_eq!(meaning(name), want, "{name}");
    }

    #[test]
    fn a_name_tells_the_service_and_the_part() {
        check("DATABASE_URL", Some((Whose::AnySql, Part::Url)));
        check("SHOP_DB_HOST", Some((Whose::AnySql, Part::Host)));
        check("POSTGRES_DB", Some((Whose::Kind("postgres"), Part::Database)));
        check("PGPASSWORD", Some((Whose::Kind("postgres"), Part::Password)));
        check("REDIS_ADDR", Some((Whose::Kind("redis"), Part::Address)));
        check("CELERY_BROKER_URL", Some((Whose::Kind("redis"), Part::Url)));
        check("MONGODB_URI", Some((Whose::Kind("mongo"), Part::Url)));
        check("KAFKA_BROKERS", Some((Whose::Kind("kafka"), Part::Address)));
        check("S3_BUCKET", Some((Whose::Kind("minio"), Part::Database)));
        check("SPRING_DATASOURCE_URL", Some((Whose::AnySql, Part::Jdbc)));
        check("DB_JDBC_URL", Some((Whose::AnySql, Part::Jdbc)));
        check("REDIS_TTL", None);
        check("TEST_DATABASE_URL", None);
        check("URL", None);
        check("", None);
    }

    #[test]
    fn what_looks_secret_is_told_by_name_or_value() {
        for (name, value) in [
            ("SECRET_KEY", "x"),
            ("STRIPE_API_KEY", ""),
            ("DBPASSWORD", "x"),
            ("SENTRY_DSN", "x"),
            ("SEARCH", "ghp_abcdef"),
            ("UPSTREAM", "https://me:pw@example.com"),
            ("ID", "3f1c9a7be2d84f60a1b2c3d4"),
        ] {
            assert!(is_secret(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("LOG_LEVEL", "info"),
            ("KEYBOARD", "us"),
            ("API_URL", "http://localhost:3000/v1"),
            ("MONKEY", "business-as-usual-every-day"),
        ] {
            assert!(!is_secret(name, value), "{name}={value}");
        }
    }
}
