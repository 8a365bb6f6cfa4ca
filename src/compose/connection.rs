//! Which backing services a program needs, and what the variables of their connection are to say.

use super::dependencies;
use super::environment::Reads;
use super::kinds::{self, Group, Kind, Part};
use super::variables::{self, Whose};
use super::yaml::literal;
use crate::source::Sourced;

/// How a backing service is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Connection {
    pub host: String,
    pub user: String,
    /// As Compose interpolates it.
    pub password: String,
    pub database: String,
    /// Has it a health check that can be waited for?
    pub checked: bool,
}

impl Connection {
    /// Of a service that rdock writes. The password is for a developer's machine, and the host's
    /// environment may set another.
    pub fn own(kind: &Kind, database: Option<String>) -> Self {
        Self {
            host: kind.id.to_string(),
            user: "app".into(),
            password: match kind.password {
                "" => String::new(),
                name => format!("${{{name}:-local-only}}"),
            },
            database: database.unwrap_or_else(|| "app".into()),
            checked: true,
        }
    }

    /// A text of [`kinds`] with its places filled.
    pub fn fill(&self, kind: &Kind, text: &str) -> String {
        text.replace("{user}", &self.user)
            .replace("{password}", &self.password)
            .replace("{database}", &self.database)
            .replace("{host}", &self.host)
            .replace("{port}", &kind.port.to_string())
    }
}

/// A kind that a program needs, and what shows it.
#[derive(Clone)]
pub struct Need {
    pub kind: &'static Kind,
    /// `go.mod names github.com/lib/pq`.
    pub because: String,
}

/// What Prisma's schema calls a kind.
const PROVIDERS: &[(&str, &str)] = &[
    ("mongodb", "mongo"),
    ("mysql", "mysql"),
    ("postgres", "postgres"),
    ("postgresql", "postgres"),
];

/// Of each group the kind with the most evidence: an address in the example, the provider of a schema, a
/// variable's name in the example, a dependency.
pub fn needs(reads: &Reads, dependencies: &[Sourced<String>]) -> Vec<Need> {
    let mut best: Vec<(usize, Need)> = Vec::new();
    for kind in kinds::ALL {
        let scheme = reads
            .example
            .iter()
            .find(|(name, value)| variables::meaning(name).is_some() && speaks(kind, &value.value));
        let variable = reads.example.iter().find(|(name, _)| shows(kind, name));
        let dependency = dependencies.iter().find(|d| has(kind, &d.value));
        let named = |p: &&Sourced<String>| PROVIDERS.contains(&(p.value.as_str(), kind.id));
        let provider = reads.provider.as_ref().filter(named);
        let because = match (provider, dependency, variable.or(scheme)) {
            (Some(p), ..) => format!("{} has the provider {}", p.at.file(), p.value),
            (_, Some(d), _) => format!("{} names {}", d.at.file(), d.value.replace('#', " with ")),
            (_, _, Some((name, value))) => format!("{} has {name}", value.at.file()),
            _ => continue,
        };
        let score = 4 * usize::from(scheme.is_some())
            + 3 * usize::from(provider.is_some())
            + 2 * usize::from(variable.is_some())
            + usize::from(dependency.is_some());
        let need = Need { kind, because };
        match best.iter_mut().find(|(_, other)| other.kind.group == kind.group) {
            Some(other) if other.0 < score => *other = (score, need),
            Some(_) => {}
            None => best.push((score, need)),
        }
    }
    best.into_iter().map(|(_, need)| need).collect()
}

fn has(kind: &Kind, dependency: &str) -> bool {
    kind.dependencies
        .iter()
        .any(|name| dependencies::is(dependency, name))
}

/// Does the name alone show that there is such a service? Amazon's variables do not show MinIO, and
/// Celery's do not show which broker.
fn shows(kind: &Kind, name: &str) -> bool {
    let general = name.starts_with("AWS_") || name.starts_with("CELERY_");
    let address = [Part::Url, Part::Jdbc, Part::Address, Part::Host];
    !general
        && variables::meaning(name)
            .is_some_and(|(whose, part)| whose == Whose::Kind(kind.id) && address.contains(&part))
}

/// Is the value an address of this kind?
fn speaks(kind: &Kind, value: &str) -> bool {
    let value = value.strip_prefix("jdbc:").unwrap_or(value);
    value.split_once("://").is_some_and(|(scheme, _)| {
        let base = scheme.split('+').next().unwrap_or(scheme);
        kind.schemes.contains(&base) || base.strip_suffix('s').is_some_and(|b| kind.schemes.contains(&b))
    })
}

/// The name of the database in the examples of a kind.
pub fn database(reads: &Reads, kind: &Kind) -> Option<String> {
    let good = |name: &str| {
        !name.is_empty()
            && name.len() <= 40
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let names = reads.example.iter().filter_map(|(name, value)| {
        let (whose, part) = variables::meaning(name).filter(|(whose, _)| whose.is(kind))?;
        match part {
            Part::Database => Some(value.value.clone()),
            Part::Url | Part::Jdbc if whose.is(kind) && speaks(kind, &value.value) => Some(
                Address::parse(&value.value)?
                    .path
                    .trim_start_matches('/')
                    .to_string(),
            ),
            _ => None,
        }
    });
    let has_database = matches!(kind.group, Group::Sql | Group::Documents);
    names.filter(|_| has_database).find(|name| good(name))
}

/// The kind among `needs` that a variable belongs to, and its part of the connection.
pub fn belongs<'a>(name: &str, example: &str, needs: &'a [Need]) -> Option<(&'a Need, Part)> {
    let (whose, part) = variables::meaning(name)?;
    let spoken = needs.iter().find(|need| speaks(need.kind, example));
    let named = needs.iter().find(|need| whose.is(need.kind));
    let queue = needs
        .iter()
        .find(|need| name.starts_with("CELERY_BROKER") && need.kind.group == Group::Queue);
    Some((spoken.or(named).or(queue)?, part))
}

/// An address taken apart: `scheme://user:password@host:port/path?query`.
struct Address<'a> {
    scheme: &'a str,
    path: &'a str,
    /// With its `?`.
    query: &'a str,
}

impl<'a> Address<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let rest = rest.split('#').next().unwrap_or(rest);
        let (rest, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        let path = &rest[rest.find('/').unwrap_or(rest.len())..];
        Some(Self { scheme, path, query })
    }
}

/// What the variable is to say: in the form of the example where there is one.
pub fn value(
    kind: &Kind,
    part: Part,
    to: &Connection,
    example: &str,
    dependencies: &[Sourced<String>],
) -> String {
    let address = format!("{}:{}", to.host, kind.port);
    let is_host = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
    };
    match part {
        Part::Jdbc => jdbc(kind, to, example),
        Part::Url if example.starts_with("jdbc:") => jdbc(kind, to, example),
        // On a JVM an address is one for JDBC, if the example does not say otherwise.
        Part::Url
            if kind.group == Group::Sql
                && example.is_empty()
                && dependencies
                    .iter()
                    .any(|d| d.value.split_once(':').is_some_and(|(g, _)| !g.is_empty())) =>
        {
            jdbc(kind, to, example)
        }
        Part::Url if example.contains("host=") && kind.id == "postgres" => format!(
            "host={} port={} user={} password={} dbname={} sslmode=disable",
            to.host, kind.port, to.user, to.password, to.database
        ),
        Part::Url if !example.contains("://") && example.contains(':') && !example.contains('@') => address,
        Part::Url if is_host(example) && kind.group != Group::Search => to.host.clone(),
        Part::Url => url(kind, to, example, dependencies),
        Part::Host | Part::Address if example.contains("://") => url(kind, to, example, dependencies),
        Part::Host if example.contains(':') => address,
        Part::Host => to.host.clone(),
        Part::Address => address,
        Part::Port => kind.port.to_string(),
        Part::User if kind.password.is_empty() => String::new(),
        Part::User => to.user.clone(),
        Part::Password if kind.password.is_empty() => String::new(),
        Part::Password => to.password.clone(),
        Part::Database if kind.group == Group::Objects && !example.is_empty() => literal(example),
        Part::Database => to.database.clone(),
        Part::Region => "us-east-1".into(),
    }
}

fn jdbc(kind: &Kind, to: &Connection, example: &str) -> String {
    let query = Address::parse(example).map_or("", |a| a.query);
    let query = if safe(query) { query } else { "" };
    let scheme = kind.url.split("://").next().unwrap_or(kind.id);
    format!(
        "jdbc:{scheme}://{}:{}/{}{}",
        to.host,
        kind.port,
        to.database,
        literal(query)
    )
}

/// May the query of an example be repeated?
fn safe(query: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || "?&=_-.,".contains(c);
    let parts = query.trim_start_matches('?').split('&');
    let secret = parts
        .filter_map(|part| part.split_once('='))
        .any(|(name, value)| variables::is_secret(name, value));
    query.chars().all(good) && !secret
}

fn url(kind: &Kind, to: &Connection, example: &str, dependencies: &[Sourced<String>]) -> String {
    let has = |name: &str| dependencies.iter().any(|d| dependencies::is(&d.value, name));
    let example_address = Address::parse(example);
    let query = example_address.as_ref().map_or("", |a| a.query);
    let query = if safe(query) { query } else { "" };
    let go_mysql = has("github.com/go-sql-driver/mysql") || has("gorm.io/driver/mysql");
    if kind.port == 3306 && (example.contains("@tcp(") || (example.is_empty() && go_mysql)) {
        let query = example.split_once('?').map_or("parseTime=true", |(_, q)| q);
        let query = if safe(query) { query } else { "parseTime=true" };
        let (user, password, host) = (&to.user, &to.password, &to.host);
        return format!(
            "{user}:{password}@tcp({host}:{})/{}?{}",
            kind.port,
            to.database,
            literal(query)
        );
    }
    let own = to.fill(kind, kind.url);
    let Some((scheme, rest)) = own.split_once("://") else {
        return own;
    };
    let told = example_address
        .as_ref()
        .map(|a| a.scheme)
        .filter(|_| speaks(kind, example));
    let told = told.map(|scheme| match scheme {
        "rediss" => "redis",
        "amqps" => "amqp",
        "mongodb+srv" => "mongodb",
        other => other,
    });
    let sqlalchemy = ["sqlalchemy", "sqlmodel", "flask-sqlalchemy", "databases"]
        .iter()
        .any(|name| has(name));
    let driver = kinds::SQLALCHEMY
        .iter()
        .filter(|(name, with)| sqlalchemy && has(name) && with.split('+').next() == Some(scheme))
        .map(|(_, with)| *with)
        .next();
    let scheme = told.or(driver).unwrap_or(scheme);
    let (rest, own_query) = rest.split_once('?').unwrap_or((rest, ""));
    // Redis numbers its databases; elsewhere the path is the name that the service has.
    let path = example_address.as_ref().map_or("", |a| a.path);
    let number = path
        .strip_prefix('/')
        .filter(|n| !n.is_empty() && n.chars().all(|c| c.is_ascii_digit()));
    let rest = match number {
        Some(number) if kind.group == Group::KeyValue => {
            format!("{}/{number}", rest.rsplit_once('/').map_or(rest, |(r, _)| r))
        }
        _ => rest.to_string(),
    };
    let mut all: Vec<&str> = own_query
        .split('&')
        .chain(query.trim_start_matches('?').split('&'))
        .filter(|q| !q.is_empty())
        // The service of this file speaks no TLS.
        .filter(|q| {
            !["sslmode=", "ssl=", "tls=", "ssl_cert_reqs="]
                .iter()
                .any(|no| q.starts_with(no))
        })
        .collect();
    let go = dependencies.iter().any(|d| {
        kind.dependencies
            .iter()
            .any(|n| n.contains("/") && dependencies::is(&d.value, n))
    });
    if kind.id == "postgres" && (go || query.contains("sslmode=")) {
        all.push("sslmode=disable");
    }
    let query = if all.is_empty() {
        String::new()
    } else {
        format!("?{}", literal(&all.join("&")))
    };
    format!("{scheme}://{rest}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Location, Source};

    fn names(names: &[&str]) -> Vec<Sourced<String>> {
        let source = Source::new("manifest", "x");
        let at = Location::whole(&source);
        names
            .iter()
            .map(|n| Sourced::new(n.to_string(), at.clone()))
            .collect()
    }

    #[track_caller]
    fn check(id: &str, part: Part, example: &str, dependencies: &[&str], want: &str) {
        let kind = kinds::ALL.iter().find(|k| k.id == id).unwrap();
        let to = Connection {
            password: "pw".into(),
            ..Connection::own(kind, None)
        };
        assert_eq!(value(kind, part, &to, example, &names(dependencies)), want);
    }

    #[test]
    fn an_address_has_the_form_of_its_example() {
        let url = Part::Url;
        check(
            "postgres",
            url,
            "",
            &["org.postgresql:postgresql"],
            "jdbc:postgresql://postgres:5432/app",
        );
        check("postgres", url, "", &[], "postgresql://app:pw@postgres:5432/app");
        check(
            "postgres",
            url,
            "",
            &["github.com/lib/pq"],
            "postgresql://app:pw@postgres:5432/app?sslmode=disable",
        );
        check(
            "postgres",
            url,
            "postgres://a:b@localhost/shop?schema=public",
            &[],
            "postgres://app:pw@postgres:5432/app?schema=public",
        );
        check(
            "postgres",
            url,
            "postgresql+asyncpg://a:b@localhost/shop",
            &[],
            "postgresql+asyncpg://app:pw@postgres:5432/app",
        );
        check(
            "postgres",
            url,
            "",
            &["sqlalchemy", "psycopg"],
            "postgresql+psycopg://app:pw@postgres:5432/app",
        );
        check(
            "postgres",
            url,
            "host=localhost user=x",
            &[],
            "host=postgres port=5432 user=app password=pw dbname=app sslmode=disable",
        );
        check(
            "postgres",
            url,
            "postgres://h/d?sslmode=require&password=x",
            &[],
            "postgres://app:pw@postgres:5432/app",
        );
        check(
            "postgres",
            Part::Jdbc,
            "",
            &[],
            "jdbc:postgresql://postgres:5432/app",
        );
        check(
            "mysql",
            url,
            "",
            &["github.com/go-sql-driver/mysql"],
            "app:pw@tcp(mysql:3306)/app?parseTime=true",
        );
        check(
            "mysql",
            url,
            "",
            &["sqlalchemy", "pymysql"],
            "mysql+pymysql://app:pw@mysql:3306/app",
        );
        check(
            "redis",
            url,
            "redis://localhost:6379/1",
            &[],
            "redis://redis:6379/1",
        );
        check("redis", url, "localhost:6379", &[], "redis:6379");
        check("redis", Part::Password, "x", &[], "");
        check(
            "mongo",
            url,
            "mongodb+srv://a:b@c/d?retryWrites=true",
            &[],
            "mongodb://app:pw@mongo:27017/app?authSource=admin&retryWrites=true",
        );
        check("kafka", Part::Address, "localhost:9092", &[], "kafka:9092");
        check(
            "elasticsearch",
            Part::Host,
            "http://localhost:9200",
            &[],
            "http://elasticsearch:9200",
        );
        check("minio", url, "localhost:9000", &[], "minio:9000");
        check("rabbitmq", url, "", &[], "amqp://app:pw@rabbitmq:5672/");
    }
}
