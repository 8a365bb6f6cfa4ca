//! What is known of frameworks, plugins and versions, as data.

/// A framework by the group of its artifacts, and how its server is told where to listen.
#[derive(Debug, PartialEq)]
pub struct Framework {
    pub name: &'static str,
    /// Groups of artifacts, with all below them.
    pub groups: &'static [&'static str],
    /// Parts of artifact names that bring an HTTP server; empty where every program has one.
    pub web: &'static [&'static str],
    /// Where it listens unless something says otherwise.
    pub port: Option<u16>,
    /// The keys of its configuration files.
    pub port_key: &'static str,
    pub host_key: &'static str,
    /// The variables that win over the files; empty where there are none.
    pub port_env: &'static str,
    pub host_env: &'static str,
    /// The path that answers when all is well, and the part of an artifact's name that brings it.
    pub health: Option<(&'static str, &'static str)>,
}

/// In order of precedence: a Spring Boot program may well use Jetty's or Vert.x's artifacts.
pub const FRAMEWORKS: &[Framework] = &[
    Framework {
        name: "Spring Boot",
        groups: &["org.springframework.boot"],
        web: &[
            "-web",
            "-webflux",
            "-webmvc",
            "-jersey",
            "-graphql",
            "-websocket",
            "-hateoas",
            "-data-rest",
            "-tomcat",
            "-jetty",
            "-undertow",
            "-reactor-netty",
            "-gateway",
            "-eureka-server",
            "-config-server",
            "-admin-starter-server",
            "-admin-server",
            "-netflix-zuul",
            "-hystrix-dashboard",
            "-turbine",
            "vaadin-spring-boot",
        ],
        port: Some(8080),
        port_key: "server.port",
        host_key: "server.address",
        port_env: "SERVER_PORT",
        host_env: "SERVER_ADDRESS",
        health: Some(("/actuator/health", "spring-boot-starter-actuator")),
    },
    Framework {
        name: "Quarkus",
        groups: &["io.quarkus"],
        web: &[
            "-rest",
            "-resteasy",
            "-vertx-http",
            "-undertow",
            "-reactive-routes",
            "-graphql",
            "-websockets",
            "-qute-web",
            "-openapi",
            "-health",
            "-oidc",
            "-grpc",
            "-spring-web",
            "-funqy-http",
            "-funqy-knative-events",
        ],
        port: Some(8080),
        port_key: "quarkus.http.port",
        host_key: "quarkus.http.host",
        port_env: "QUARKUS_HTTP_PORT",
        host_env: "QUARKUS_HTTP_HOST",
        health: Some(("/q/health", "quarkus-smallrye-health")),
    },
    Framework {
        name: "Micronaut",
        groups: &["io.micronaut"],
        web: &["-http-server", "-servlet"],
        port: Some(8080),
        port_key: "micronaut.server.port",
        host_key: "micronaut.server.host",
        port_env: "MICRONAUT_SERVER_PORT",
        host_env: "MICRONAUT_SERVER_HOST",
        health: Some(("/health", "micronaut-management")),
    },
    Framework {
        name: "Helidon",
        groups: &["io.helidon"],
        web: &["-webserver", "-microprofile"],
        port: None,
        port_key: "server.port",
        host_key: "server.host",
        port_env: "SERVER_PORT",
        host_env: "SERVER_HOST",
        health: None,
    },
    Framework {
        name: "Dropwizard",
        groups: &["io.dropwizard"],
        web: &["dropwizard-core"],
        port: Some(8080),
        port_key: "",
        host_key: "",
        port_env: "",
        host_env: "",
        health: None,
    },
    Framework {
        name: "Ktor",
        groups: &["io.ktor"],
        web: &["ktor-server"],
        port: Some(8080),
        port_key: "ktor.deployment.port",
        host_key: "ktor.deployment.host",
        port_env: "",
        host_env: "",
        health: None,
    },
    Framework {
        name: "Javalin",
        groups: &["io.javalin"],
        web: &[],
        port: Some(8080),
        port_key: "",
        host_key: "",
        port_env: "",
        host_env: "",
        health: None,
    },
    Framework {
        name: "Spark",
        groups: &["com.sparkjava"],
        web: &[],
        port: Some(4567),
        port_key: "",
        host_key: "",
        port_env: "",
        host_env: "",
        health: None,
    },
    Framework {
        name: "Vert.x",
        groups: &["io.vertx"],
        web: &["vertx-web", "vertx-core"],
        port: None,
        port_key: "",
        host_key: "",
        port_env: "",
        host_env: "",
        health: None,
    },
];

/// What the compiler plugin compiles for where nobody says it, by the plugin's version, and the
/// newest Java whose compiler still does.
pub const COMPILER_DEFAULTS: &[((u32, u32), &str, u32)] = &[
    ((3, 11), "1.8", DEFAULT_JAVA),
    ((3, 9), "1.7", 17),
    ((3, 8), "1.6", 11),
    ((0, 0), "1.5", 8),
];

/// The compiler plugin that a release of Maven takes where the pom names none.
/// <https://maven.apache.org/ref/3.9.0/maven-core/default-bindings.html> and its other releases.
pub const COMPILER_OF_MAVEN: &[OfMaven] = &[
    OfMaven {
        maven: (3, 9, 3),
        compiler: (3, 11),
    },
    OfMaven {
        maven: (3, 9, 0),
        compiler: (3, 10),
    },
    OfMaven {
        maven: (0, 0, 1),
        compiler: (3, 1),
    },
];

pub struct OfMaven {
    /// From this release on.
    pub maven: (u32, u32, u32),
    pub compiler: (u32, u32),
}

/// A plugin that stops `mvn package` in a container, or does there what nobody wants, and the
/// argument that leaves it out.
pub struct Skipped {
    pub plugin: &'static str,
    pub argument: &'static str,
    pub why: &'static str,
}

pub const SKIPPED: &[Skipped] = &[
    Skipped {
        plugin: "docker-maven-plugin",
        argument: "-Ddocker.skip",
        why: "builds an image",
    },
    Skipped {
        plugin: "dockerfile-maven-plugin",
        argument: "-Ddockerfile.skip",
        why: "builds an image",
    },
    Skipped {
        plugin: "git-commit-id-maven-plugin",
        argument: "-Dmaven.gitcommitid.skip",
        why: "needs the .git folder",
    },
    Skipped {
        plugin: "git-commit-id-plugin",
        argument: "-Dmaven.gitcommitid.skip",
        why: "needs the .git folder",
    },
    Skipped {
        plugin: "jib-maven-plugin",
        argument: "-Djib.skip",
        why: "builds an image",
    },
    Skipped {
        plugin: "maven-checkstyle-plugin",
        argument: "-Dcheckstyle.skip",
        why: "checks style",
    },
    Skipped {
        plugin: "maven-pmd-plugin",
        argument: "-Dpmd.skip",
        why: "checks style",
    },
    Skipped {
        plugin: "spotbugs-maven-plugin",
        argument: "-Dspotbugs.skip",
        why: "checks code",
    },
    Skipped {
        plugin: "spotless-maven-plugin",
        argument: "-Dspotless.check.skip",
        why: "checks style",
    },
    Skipped {
        plugin: "spring-javaformat-maven-plugin",
        argument: "-Dspring-javaformat.skip",
        why: "checks style",
    },
];

/// A plugin of Gradle that stops the build in a container, its task, and the setting that ends the trouble.
pub struct SkippedTask {
    pub plugin: &'static str,
    pub task: &'static str,
    pub unless: &'static str,
    pub why: &'static str,
}

pub const SKIPPED_TASKS: &[SkippedTask] = &[SkippedTask {
    plugin: "com.gorylenko.gradle-git-properties",
    task: "generateGitProperties",
    unless: "failOnNoGitDirectory",
    why: "needs the .git folder",
}];

/// Plugins that read files all over the module, so that all of it is copied.
pub const READS_ALL: &[&str] = &[
    "antlr4-maven-plugin",
    "exec-maven-plugin",
    "flow-maven-plugin",
    "frontend-maven-plugin",
    "maven-antrun-plugin",
    "vaadin-maven-plugin",
];

/// A parent pom that many projects have and that is not in their repository.
pub struct KnownParent {
    pub artifact: &'static str,
    /// Bound by the parent where the child declares it or not: makes a jar with everything in it.
    pub shades: bool,
    /// The main class where the child names none.
    pub main: &'static str,
    /// `finalName` where the child says none.
    pub final_name: &'static str,
}

/// The name that Maven gives an archive where no pom says another.
pub const FINAL_NAME: &str = "${project.artifactId}-${project.version}";

/// Parents that many projects have and that leave the names of archives to Maven. Any other that is not
/// in the repository may set them.
pub const NAMES_NOTHING: &[&str] = &[
    "apache",
    "commons-parent",
    "jboss-parent",
    "oss-parent",
    "spring-boot-starter-parent",
    "spring-cloud-build",
    "spring-cloud-starter-parent",
];

pub const PARENTS: &[KnownParent] = &[
    KnownParent {
        artifact: "helidon-mp",
        shades: false,
        main: "io.helidon.Main",
        final_name: "${project.artifactId}",
    },
    KnownParent {
        artifact: "helidon-se",
        shades: false,
        main: "",
        final_name: "${project.artifactId}",
    },
    KnownParent {
        artifact: "micronaut-parent",
        shades: true,
        main: "",
        final_name: FINAL_NAME,
    },
];

/// The lowest Java that each major of Spring Boot is compiled for by default.
pub const BOOT_JAVA: &[(u32, u32)] = &[(4, 17), (3, 17), (2, 8), (1, 8)];

/// The oldest Gradle that runs on a Java: docs.gradle.org, "Compatibility Matrix".
pub const GRADLE_FOR_JAVA: &[(u32, (u32, u32))] = &[
    (8, (2, 0)),
    (11, (5, 0)),
    (17, (7, 3)),
    (21, (8, 5)),
    (25, (9, 1)),
];

/// From this Gradle on the daemon needs at least this Java.
pub const JAVA_FOR_GRADLE: &[((u32, u32), u32)] = &[((9, 0), 17)];

/// The Java that is chosen where nothing in the project asks for one: the long-term line that
/// libraries and compilers of several years run on.
pub const DEFAULT_JAVA: u32 = 21;

/// A call that opens a server, up to the number of its port.
pub const LISTENS: &[&str] = &[
    ".start(",
    ".listen(",
    ".port(",
    " port(",
    "setPort(",
    "withPort(",
    "forPort(",
    "HttpPort(",
    "new Server(",
    "new ServerSocket(",
    "ServerSocket(",
    "InetSocketAddress(",
    "addHttpListener(",
    "embeddedServer(",
    "getOrDefault(\"PORT\"",
];

/// Native libraries inside of jars, by artifact, that have no build for musl or did not have one
/// for long.
pub const GLIBC_ONLY: &[&str] = &[
    "conscrypt-openjdk",
    "grpc-netty-shaded",
    "netty-tcnative",
    "onnxruntime",
    "rocksdbjni",
    "tensorflow",
];

/// Artifacts that unpack native code at run time and cannot go on without it.
pub const UNPACKS: &[&str] = &[
    "argon2-jvm",
    "duckdb_jdbc",
    "javacpp",
    "jna",
    "kafka-streams",
    "leveldbjni",
    "onnxruntime",
    "opencv",
    "rocksdbjni",
    "snappy-java",
    "sqlite-jdbc",
    "zstd-jni",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_where_order_means_nothing() {
        assert!(SKIPPED.is_sorted_by_key(|s| s.plugin));
        assert!(READS_ALL.is_sorted());
        assert!(PARENTS.is_sorted_by_key(|p| p.artifact));
        assert!(NAMES_NOTHING.is_sorted());
        assert!(GLIBC_ONLY.is_sorted());
        assert!(UNPACKS.is_sorted());
    }
}
