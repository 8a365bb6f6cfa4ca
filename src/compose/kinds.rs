//! The backing services that rdock knows, as data: what shows that a program needs one, the image
//! that stands in for it on a developer's machine, and how a client finds it.

/// One kind of backing service. In its texts `{user}`, `{password}`, `{database}`, `{host}` and
/// `{port}` stand for what [`super::connection`] puts there.
pub struct Kind {
    /// Name of the compose service.
    pub id: &'static str,
    pub name: &'static str,
    /// Of one group a program uses one.
    pub group: Group,
    pub image: &'static str,
    pub port: u16,
    /// Folder of the data in the container.
    pub volume: &'static str,
    pub environment: &'static [(&'static str, &'static str)],
    pub command: &'static [&'static str],
    /// `healthcheck.test`, after its first word `CMD`.
    pub health: &'static [&'static str],
    /// Variable of the host that sets another password; empty where there is none at all.
    pub password: &'static str,
    pub url: &'static str,
    /// Schemes of addresses in examples, the driver after `+` apart.
    pub schemes: &'static [&'static str],
    /// Words of a variable's name that mean this kind: `REDIS` in `REDIS_URL`.
    pub words: &'static [&'static str],
    /// The variable to set where neither the code nor an example names one.
    pub variable: &'static str,
    /// Names of packages, modules, crates and artifacts. A name covers its sub-modules (`a/b` covers
    /// `a/b/v5`); after `#` a feature or extra of the package.
    pub dependencies: &'static [&'static str],
    /// Words in an image's name, for compose files that are already there.
    pub images: &'static [&'static str],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Sql,
    KeyValue,
    Documents,
    Queue,
    Log,
    Objects,
    Search,
}

/// Sorted by what wins where nothing but the order tells.
pub static ALL: &[Kind] = &[
    Kind {
        id: "postgres",
        name: "PostgreSQL",
        group: Group::Sql,
        image: "postgres:18-trixie",
        port: 5432,
        // Since 18 the data is in a folder of its version below this one.
        volume: "/var/lib/postgresql",
        environment: &[
            ("POSTGRES_DB", "{database}"),
            ("POSTGRES_PASSWORD", "{password}"),
            ("POSTGRES_USER", "{user}"),
        ],
        command: &[],
        // Over TCP: while the first start prepares the data, the server is on its socket alone.
        health: &[
            "pg_isready",
            "-h",
            "127.0.0.1",
            "-U",
            "{user}",
            "-d",
            "{database}",
        ],
        password: "POSTGRES_PASSWORD",
        url: "postgresql://{user}:{password}@{host}:{port}/{database}",
        schemes: &["postgres", "postgresql", "pgsql", "postgis"],
        words: &["POSTGRES", "POSTGRESQL", "PSQL", "PG"],
        variable: "DATABASE_URL",
        dependencies: &[
            "aiopg",
            "asyncpg",
            "deadpool-postgres",
            "diesel#postgres",
            "diesel-async#postgres",
            "github.com/go-pg/pg",
            "github.com/jackc/pgx",
            "github.com/lib/pq",
            "github.com/uptrace/bun/driver/pgdriver",
            "gorm.io/driver/postgres",
            "pg",
            "pg-promise",
            "pg8000",
            "postgres",
            "postgresql",
            "psycopg",
            "psycopg-binary",
            "psycopg2",
            "psycopg2-binary",
            "quarkus-jdbc-postgresql",
            "quarkus-reactive-pg-client",
            "r2dbc-postgresql",
            "sea-orm#sqlx-postgres",
            "slonik",
            "sqlx#postgres",
            "tokio-postgres",
        ],
        images: &["postgres", "postgresql", "postgis", "pgvector", "timescaledb"],
    },
    Kind {
        id: "mysql",
        name: "MySQL",
        group: Group::Sql,
        image: "mysql:9.7-oraclelinux9",
        port: 3306,
        volume: "/var/lib/mysql",
        environment: &[
            ("MYSQL_DATABASE", "{database}"),
            ("MYSQL_PASSWORD", "{password}"),
            ("MYSQL_RANDOM_ROOT_PASSWORD", "yes"),
            ("MYSQL_USER", "{user}"),
        ],
        command: &[],
        health: &["mysqladmin", "ping", "-h", "127.0.0.1", "--silent"],
        password: "MYSQL_PASSWORD",
        url: "mysql://{user}:{password}@{host}:{port}/{database}",
        schemes: &["mysql", "mysql2"],
        words: &["MYSQL"],
        variable: "DATABASE_URL",
        dependencies: &[
            "aiomysql",
            "asyncmy",
            "diesel#mysql",
            "github.com/go-sql-driver/mysql",
            "gorm.io/driver/mysql",
            "mysql",
            "mysql-connector-j",
            "mysql-connector-java",
            "mysql-connector-python",
            "mysql2",
            "mysql_async",
            "mysqlclient",
            "pymysql",
            "quarkus-jdbc-mysql",
            "sea-orm#sqlx-mysql",
            "sqlx#mysql",
        ],
        images: &["mysql", "percona"],
    },
    Kind {
        id: "mariadb",
        name: "MariaDB",
        group: Group::Sql,
        image: "mariadb:12.3-noble",
        port: 3306,
        volume: "/var/lib/mysql",
        environment: &[
            ("MARIADB_DATABASE", "{database}"),
            ("MARIADB_PASSWORD", "{password}"),
            ("MARIADB_RANDOM_ROOT_PASSWORD", "yes"),
            ("MARIADB_USER", "{user}"),
        ],
        command: &[],
        health: &["healthcheck.sh", "--connect", "--innodb_initialized"],
        password: "MARIADB_PASSWORD",
        url: "mariadb://{user}:{password}@{host}:{port}/{database}",
        schemes: &["mariadb"],
        words: &["MARIADB"],
        variable: "DATABASE_URL",
        dependencies: &["mariadb", "mariadb-java-client", "quarkus-jdbc-mariadb"],
        images: &["mariadb"],
    },
    Kind {
        id: "redis",
        name: "Redis",
        group: Group::KeyValue,
        image: "redis:8-trixie",
        port: 6379,
        volume: "/data",
        environment: &[],
        command: &[],
        health: &["redis-cli", "ping"],
        password: "",
        url: "redis://{host}:{port}/0",
        schemes: &["redis"],
        words: &["REDIS", "CELERY_BROKER", "CELERY_RESULT_BACKEND"],
        variable: "REDIS_URL",
        dependencies: &[
            "@redis/client",
            "aioredis",
            "arq",
            "bb8-redis",
            "bull",
            "bullmq",
            "celery#redis",
            "channels-redis",
            "connect-redis",
            "deadpool-redis",
            "django-redis",
            "fred",
            "github.com/go-redis/redis",
            "github.com/gomodule/redigo",
            "github.com/hibiken/asynq",
            "github.com/redis/go-redis",
            "github.com/redis/rueidis",
            "ioredis",
            "jedis",
            "lettuce-core",
            "quarkus-redis-client",
            "redis",
            "redisson",
            "rq",
            "spring-boot-starter-data-redis",
            "spring-boot-starter-data-redis-reactive",
        ],
        images: &["redis", "redis-stack", "redis-stack-server", "dragonfly", "keydb"],
    },
    Kind {
        id: "valkey",
        name: "Valkey",
        group: Group::KeyValue,
        image: "valkey/valkey:9-alpine",
        port: 6379,
        volume: "/data",
        environment: &[],
        command: &[],
        health: &["valkey-cli", "ping"],
        password: "",
        url: "redis://{host}:{port}/0",
        schemes: &["valkey"],
        words: &["VALKEY"],
        variable: "VALKEY_URL",
        dependencies: &[
            "@valkey/valkey-glide",
            "github.com/valkey-io/valkey-go",
            "iovalkey",
            "valkey",
            "valkey-glide",
            "valkey-java",
        ],
        images: &["valkey"],
    },
    Kind {
        id: "mongo",
        name: "MongoDB",
        group: Group::Documents,
        image: "mongo:8.0-noble",
        port: 27017,
        volume: "/data/db",
        environment: &[
            ("MONGO_INITDB_ROOT_PASSWORD", "{password}"),
            ("MONGO_INITDB_ROOT_USERNAME", "{user}"),
        ],
        command: &[],
        health: &[
            "mongosh",
            "--quiet",
            "--eval",
            "quit(db.runCommand({ ping: 1 }).ok ? 0 : 2)",
        ],
        password: "MONGO_PASSWORD",
        url: "mongodb://{user}:{password}@{host}:{port}/{database}?authSource=admin",
        schemes: &["mongodb"],
        words: &["MONGO", "MONGODB", "MONGOOSE"],
        variable: "MONGODB_URI",
        dependencies: &[
            "beanie",
            "go.mongodb.org/mongo-driver",
            "mongodb",
            "mongodb-driver-sync",
            "mongoengine",
            "mongoose",
            "motor",
            "pymongo",
            "quarkus-mongodb-client",
            "spring-boot-starter-data-mongodb",
            "spring-boot-starter-data-mongodb-reactive",
        ],
        images: &["mongo", "mongodb", "mongodb-community-server"],
    },
    Kind {
        id: "rabbitmq",
        name: "RabbitMQ",
        group: Group::Queue,
        image: "rabbitmq:4.3-alpine",
        port: 5672,
        volume: "/var/lib/rabbitmq",
        environment: &[
            ("RABBITMQ_DEFAULT_PASS", "{password}"),
            ("RABBITMQ_DEFAULT_USER", "{user}"),
        ],
        command: &[],
        health: &["rabbitmq-diagnostics", "-q", "check_port_connectivity"],
        password: "RABBITMQ_PASSWORD",
        url: "amqp://{user}:{password}@{host}:{port}/",
        schemes: &["amqp", "pyamqp"],
        words: &["RABBITMQ", "RABBIT", "AMQP", "CLOUDAMQP"],
        variable: "RABBITMQ_URL",
        dependencies: &[
            "aio-pika",
            "amqp-client",
            "amqp-connection-manager",
            "amqplib",
            "github.com/rabbitmq/amqp091-go",
            "github.com/streadway/amqp",
            "lapin",
            "pika",
            "smallrye-reactive-messaging-rabbitmq",
            "spring-boot-starter-amqp",
        ],
        images: &["rabbitmq"],
    },
    Kind {
        id: "kafka",
        name: "Kafka",
        group: Group::Log,
        image: "apache/kafka:4.3.1",
        port: 9092,
        volume: "/var/lib/kafka/data",
        environment: &[
            ("KAFKA_ADVERTISED_LISTENERS", "PLAINTEXT://{host}:9092"),
            ("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
            ("KAFKA_CONTROLLER_QUORUM_VOTERS", "1@localhost:9093"),
            (
                "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            ),
            ("KAFKA_LISTENERS", "PLAINTEXT://:9092,CONTROLLER://:9093"),
            ("KAFKA_LOG_DIRS", "/var/lib/kafka/data"),
            ("KAFKA_NODE_ID", "1"),
            ("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", "1"),
            ("KAFKA_PROCESS_ROLES", "broker,controller"),
            ("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "1"),
            ("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", "1"),
        ],
        command: &[],
        health: &[
            "/opt/kafka/bin/kafka-topics.sh",
            "--bootstrap-server",
            "localhost:9092",
            "--list",
        ],
        password: "",
        url: "{host}:{port}",
        schemes: &["kafka"],
        words: &["KAFKA"],
        variable: "KAFKA_BOOTSTRAP_SERVERS",
        dependencies: &[
            "@confluentinc/kafka-javascript",
            "aiokafka",
            "confluent-kafka",
            "github.com/confluentinc/confluent-kafka-go",
            "github.com/ibm/sarama",
            "github.com/segmentio/kafka-go",
            "github.com/shopify/sarama",
            "github.com/twmb/franz-go",
            "kafka-clients",
            "kafka-python",
            "kafka-python-ng",
            "kafka-streams",
            "kafkajs",
            "node-rdkafka",
            "quarkus-messaging-kafka",
            "rdkafka",
            "spring-kafka",
        ],
        images: &["kafka", "cp-kafka", "redpanda", "kafka-native"],
    },
    Kind {
        id: "minio",
        name: "MinIO (S3)",
        group: Group::Objects,
        image: "minio/minio:RELEASE.2025-09-07T16-13-09Z",
        port: 9000,
        volume: "/data",
        environment: &[
            ("MINIO_ROOT_PASSWORD", "{password}"),
            ("MINIO_ROOT_USER", "{user}"),
        ],
        command: &["server", "/data"],
        health: &["mc", "ready", "local"],
        password: "MINIO_PASSWORD",
        url: "http://{host}:{port}",
        schemes: &[],
        words: &["MINIO", "S3"],
        variable: "AWS_ENDPOINT_URL_S3",
        dependencies: &[
            "@aws-sdk/client-s3",
            "aws-sdk-s3",
            "django-storages#s3",
            "github.com/aws/aws-sdk-go-v2/service/s3",
            "github.com/minio/minio-go",
            "minio",
            "rust-s3",
            "s3fs",
            "software.amazon.awssdk:s3",
        ],
        images: &["minio", "localstack", "rustfs", "seaweedfs"],
    },
    Kind {
        id: "elasticsearch",
        name: "Elasticsearch",
        group: Group::Search,
        image: "elasticsearch:9.5.2",
        port: 9200,
        volume: "/usr/share/elasticsearch/data",
        environment: &[
            ("ES_JAVA_OPTS", "-Xms512m -Xmx512m"),
            ("discovery.type", "single-node"),
            ("xpack.security.enabled", "false"),
        ],
        command: &[],
        health: &["curl", "-fsS", "http://127.0.0.1:9200/_cluster/health"],
        password: "",
        url: "http://{host}:{port}",
        schemes: &[],
        words: &["ELASTICSEARCH", "ELASTIC"],
        variable: "ELASTICSEARCH_URL",
        dependencies: &[
            "@elastic/elasticsearch",
            "elasticsearch",
            "elasticsearch-dsl",
            "elasticsearch-java",
            "elasticsearch-rest-client",
            "github.com/elastic/go-elasticsearch",
            "github.com/olivere/elastic",
            "quarkus-elasticsearch-rest-client",
            "spring-boot-starter-data-elasticsearch",
        ],
        images: &["elasticsearch"],
    },
    Kind {
        id: "opensearch",
        name: "OpenSearch",
        group: Group::Search,
        image: "opensearchproject/opensearch:3.8.0",
        port: 9200,
        volume: "/usr/share/opensearch/data",
        environment: &[
            ("DISABLE_SECURITY_PLUGIN", "true"),
            ("OPENSEARCH_JAVA_OPTS", "-Xms512m -Xmx512m"),
            ("discovery.type", "single-node"),
        ],
        command: &[],
        health: &["curl", "-fsS", "http://127.0.0.1:9200/_cluster/health"],
        password: "",
        url: "http://{host}:{port}",
        schemes: &[],
        words: &["OPENSEARCH"],
        variable: "OPENSEARCH_URL",
        dependencies: &[
            "@opensearch-project/opensearch",
            "github.com/opensearch-project/opensearch-go",
            "opensearch",
            "opensearch-java",
            "opensearch-py",
        ],
        images: &["opensearch"],
    },
];

type Framework = (
    &'static str,
    &'static [&'static str],
    &'static [(&'static str, Part)],
);

/// Variables that a framework reads by its own rules, whatever the code says: how the dependency
/// begins that shows the framework, the kinds, and the names with what they are to hold.
pub static FRAMEWORKS: &[Framework] = &[
    (
        "spring-boot",
        &["postgres", "mysql", "mariadb"],
        &[
            ("SPRING_DATASOURCE_PASSWORD", Part::Password),
            ("SPRING_DATASOURCE_URL", Part::Jdbc),
            ("SPRING_DATASOURCE_USERNAME", Part::User),
        ],
    ),
    (
        "spring-boot",
        &["redis", "valkey"],
        &[
            ("SPRING_DATA_REDIS_HOST", Part::Host),
            ("SPRING_DATA_REDIS_PORT", Part::Port),
        ],
    ),
    (
        "spring-boot",
        &["mongo"],
        // The second since Spring Boot 4.
        &[
            ("SPRING_DATA_MONGODB_URI", Part::Url),
            ("SPRING_MONGODB_URI", Part::Url),
        ],
    ),
    (
        "spring-boot",
        &["rabbitmq"],
        &[
            ("SPRING_RABBITMQ_HOST", Part::Host),
            ("SPRING_RABBITMQ_PASSWORD", Part::Password),
            ("SPRING_RABBITMQ_USERNAME", Part::User),
        ],
    ),
    (
        "spring-boot",
        &["kafka"],
        &[("SPRING_KAFKA_BOOTSTRAP_SERVERS", Part::Address)],
    ),
    (
        "spring-boot",
        &["elasticsearch"],
        &[("SPRING_ELASTICSEARCH_URIS", Part::Url)],
    ),
    (
        "quarkus",
        &["postgres", "mysql", "mariadb"],
        &[
            ("QUARKUS_DATASOURCE_JDBC_URL", Part::Jdbc),
            ("QUARKUS_DATASOURCE_PASSWORD", Part::Password),
            ("QUARKUS_DATASOURCE_USERNAME", Part::User),
        ],
    ),
    (
        "quarkus",
        &["redis", "valkey"],
        &[("QUARKUS_REDIS_HOSTS", Part::Url)],
    ),
    (
        "quarkus",
        &["mongo"],
        &[("QUARKUS_MONGODB_CONNECTION_STRING", Part::Url)],
    ),
    (
        "quarkus",
        &["kafka"],
        &[("KAFKA_BOOTSTRAP_SERVERS", Part::Address)],
    ),
    // Every client of Amazon's.
    (
        "",
        &["minio"],
        &[
            ("AWS_ACCESS_KEY_ID", Part::User),
            ("AWS_ENDPOINT_URL_S3", Part::Url),
            ("AWS_REGION", Part::Region),
            ("AWS_SECRET_ACCESS_KEY", Part::Password),
        ],
    ),
];

/// What of a connection a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Url,
    /// `jdbc:postgresql://…`, without user and password.
    Jdbc,
    /// Host and port.
    Address,
    Host,
    Port,
    User,
    Password,
    /// Or bucket.
    Database,
    Region,
}

/// Drivers that SQLAlchemy must be told of in the address: the dependency, and the scheme.
pub static SQLALCHEMY: &[(&str, &str)] = &[
    ("asyncpg", "postgresql+asyncpg"),
    ("psycopg2", "postgresql"),
    ("psycopg2-binary", "postgresql"),
    ("psycopg", "postgresql+psycopg"),
    ("pg8000", "postgresql+pg8000"),
    ("aiomysql", "mysql+aiomysql"),
    ("asyncmy", "mysql+asyncmy"),
    ("pymysql", "mysql+pymysql"),
    ("mysql-connector-python", "mysql+mysqlconnector"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_says_nothing_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for kind in ALL {
            assert!(kind.dependencies.is_sorted(), "{}", kind.id);
            assert!(kind.health.len() > 1 && kind.image.contains(':'), "{}", kind.id);
            for name in kind.dependencies {
                assert!(seen.insert(*name), "{name} shows two kinds");
                assert_eq!(*name, name.to_lowercase(), "names are compared in lower case");
            }
        }
        for (_, ids, _) in FRAMEWORKS {
            assert!(ids.iter().all(|id| ALL.iter().any(|k| k.id == *id)));
        }
    }
}
