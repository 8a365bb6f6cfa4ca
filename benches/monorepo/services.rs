//! The groups of services that an area is made of, as tables of files.

type Files = Vec<(String, String)>;

pub struct Group {
    pub name: &'static str,
    /// Services in it.
    pub size: usize,
    /// The files for so many services, from a seed.
    pub files: fn(usize, usize) -> Files,
}

pub const GROUPS: &[Group] = &[
    Group {
        name: "go-work",
        size: 3,
        files: go_work,
    },
    Group {
        name: "npm",
        size: 4,
        files: npm,
    },
    Group {
        name: "flask",
        size: 1,
        files: flask,
    },
    Group {
        name: "uv",
        size: 2,
        files: uv,
    },
    Group {
        name: "django",
        size: 1,
        files: django,
    },
    Group {
        name: "maven",
        size: 1,
        files: maven,
    },
    Group {
        name: "reactor",
        size: 2,
        files: reactor,
    },
    Group {
        name: "cargo",
        size: 2,
        files: cargo,
    },
    Group {
        name: "go",
        size: 2,
        files: go_single,
    },
    Group {
        name: "express",
        size: 2,
        files: express,
    },
];

const WORDS: &[&str] = &[
    "order", "price", "stock", "parcel", "invoice", "route", "member", "basket", "label", "ledger", "batch",
    "quote",
];

/// Some lines of text, the same for the same seed.
pub fn words(seed: usize, lines: usize) -> String {
    let mut state = seed as u64 * 2_862_933_555_777_941_757 + 3_037_000_493;
    let mut text = String::new();
    for _ in 0..lines {
        for _ in 0..6 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            text += WORDS[(state >> 33) as usize % WORDS.len()];
            text.push(' ');
        }
        text.push('\n');
    }
    text
}

/// The text as comment lines, to fill source files to a usual size.
fn comments(mark: &str, seed: usize) -> String {
    words(seed, 24).lines().map(|l| format!("{mark} {l}\n")).collect()
}

fn sources(files: &mut Files, dir: &str, ending: &str, mark: &str, head: &str, seed: usize) {
    for (i, word) in WORDS.iter().take(8).enumerate() {
        let text = format!("{head}{}", comments(mark, seed + i));
        files.push((format!("{dir}/{word}.{ending}"), text));
    }
}

fn file(files: &mut Files, path: String, text: String) {
    files.push((path, text));
}

fn go(files: &mut Files, dir: &str, name: &str, seed: usize) {
    let main = "package main\n\nimport \"net/http\"\n\nfunc main() {\n\tif err := http.ListenAndServe(\":8080\", nil); err != nil {\n\t\tpanic(err)\n\t}\n}\n";
    file(
        files,
        format!("{dir}go.mod"),
        format!("module acme.example/{name}\n\ngo 1.26\n"),
    );
    file(files, format!("{dir}main.go"), main.into());
    sources(
        files,
        &format!("{dir}internal/store"),
        "go",
        "//",
        "package store\n\n",
        seed,
    );
}

fn go_work(size: usize, seed: usize) -> Files {
    let mut files = Files::new();
    let uses: String = (0..size).map(|i| format!("use ./svc-{i}\n")).collect();
    file(&mut files, "go.work".into(), format!("go 1.26\n\n{uses}"));
    for i in 0..size {
        go(
            &mut files,
            &format!("svc-{i}/"),
            &format!("gw{}", seed + i),
            seed + i,
        );
    }
    files
}

fn go_single(size: usize, seed: usize) -> Files {
    let mut files = Files::new();
    for i in 0..size {
        go(
            &mut files,
            &format!("svc-{i}/"),
            &format!("go{}", seed + i),
            seed + i,
        );
    }
    files
}

const EXPRESS: &str = "const express = require('express')\nconst app = express()\napp.get('/', (req, res) => res.send('ok'))\napp.listen(process.env.PORT || 3000)\n";

fn package(name: &str) -> String {
    format!(
        "{{\n  \"name\": \"{name}\",\n  \"version\": \"1.0.0\",\n  \"private\": true,\n  \"main\": \"src/index.js\",\n  \"scripts\": {{ \"start\": \"node src/index.js\" }},\n  \"engines\": {{ \"node\": \">=22\" }},\n  \"dependencies\": {{ \"express\": \"^5.0.0\" }}\n}}\n"
    )
}

fn node(files: &mut Files, dir: &str, name: &str, seed: usize) {
    file(files, format!("{dir}package.json"), package(name));
    file(files, format!("{dir}src/index.js"), EXPRESS.into());
    sources(
        files,
        &format!("{dir}src/lib"),
        "js",
        "//",
        "module.exports = 1\n",
        seed,
    );
}

/// A lockfile of a usual shape: the roots, and sixty packages.
fn package_lock(name: &str, members: &[String]) -> String {
    let mut packages = format!("    \"\": {{ \"name\": \"{name}\" }}");
    for member in members {
        packages += &format!(
            ",\n    \"{member}\": {{ \"version\": \"1.0.0\", \"dependencies\": {{ \"express\": \"^5.0.0\" }} }}"
        );
    }
    packages += ",\n    \"node_modules/express\": { \"version\": \"5.1.0\" }";
    for i in 0..60 {
        packages += &format!(
            ",\n    \"node_modules/dep-{i:02}\": {{ \"version\": \"1.{i}.0\", \"license\": \"MIT\" }}"
        );
    }
    format!(
        "{{\n  \"name\": \"{name}\",\n  \"lockfileVersion\": 3,\n  \"requires\": true,\n  \"packages\": {{\n{packages}\n  }}\n}}\n"
    )
}

fn npm(size: usize, seed: usize) -> Files {
    let mut files = Files::new();
    let members: Vec<String> = (0..size).map(|i| format!("apps/app-{i}")).collect();
    let root =
        format!("{{\n  \"name\": \"npm{seed}\",\n  \"private\": true,\n  \"workspaces\": [\"apps/*\"]\n}}\n");
    file(&mut files, "package.json".into(), root);
    file(
        &mut files,
        "package-lock.json".into(),
        package_lock(&format!("npm{seed}"), &members),
    );
    for (i, dir) in members.iter().enumerate() {
        node(
            &mut files,
            &format!("{dir}/"),
            &format!("npm{}", seed + i),
            seed + i,
        );
    }
    files
}

fn express(size: usize, seed: usize) -> Files {
    let mut files = Files::new();
    for i in 0..size {
        let name = format!("express{}", seed + i);
        node(&mut files, &format!("svc-{i}/"), &name, seed + i);
        file(
            &mut files,
            format!("svc-{i}/package-lock.json"),
            package_lock(&name, &[]),
        );
    }
    files
}

const FLASK: &str = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get(\"/\")\ndef index():\n    return \"ok\"\n";

fn flask(_: usize, seed: usize) -> Files {
    let mut files = Files::new();
    file(
        &mut files,
        "requirements.txt".into(),
        "flask==3.1.0\ngunicorn==23.0.0\n".into(),
    );
    file(&mut files, "app.py".into(), FLASK.into());
    file(&mut files, "Procfile".into(), "web: gunicorn app:app\n".into());
    sources(&mut files, "shop", "py", "#", "X = 1\n", seed);
    files
}

fn uv(size: usize, seed: usize) -> Files {
    let mut files = Files::new();
    let package = |name: &str| {
        format!(
            "[project]\nname = \"{name}\"\nversion = \"1.0.0\"\nrequires-python = \">=3.12\"\ndependencies = [\"fastapi[standard]>=0.115\"]\n"
        )
    };
    for i in 0..size {
        let name = format!("uv{}", seed + i);
        file(&mut files, format!("svc-{i}/pyproject.toml"), package(&name));
        let lock = format!(
            "version = 1\nrevision = 3\nrequires-python = \">=3.12\"\n\n[[package]]\nname = \"fastapi\"\nversion = \"0.115.0\"\n\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\nsource = {{ virtual = \".\" }}\n"
        );
        file(&mut files, format!("svc-{i}/uv.lock"), lock);
        file(
            &mut files,
            format!("svc-{i}/main.py"),
            "from fastapi import FastAPI\n\napp = FastAPI()\n".into(),
        );
        sources(
            &mut files,
            &format!("svc-{i}/shop"),
            "py",
            "#",
            "X = 1\n",
            seed + i,
        );
    }
    files
}

fn django(_: usize, seed: usize) -> Files {
    let mut files = Files::new();
    let manage = "import os\nimport sys\n\nif __name__ == \"__main__\":\n    os.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"site1.settings\")\n    from django.core.management import execute_from_command_line\n\n    execute_from_command_line(sys.argv)\n";
    file(
        &mut files,
        "requirements.txt".into(),
        "django==5.2.1\ngunicorn==23.0.0\n".into(),
    );
    file(&mut files, "manage.py".into(), manage.into());
    file(&mut files, "site1/__init__.py".into(), String::new());
    file(
        &mut files,
        "site1/settings.py".into(),
        "ROOT_URLCONF = \"site1.urls\"\nWSGI_APPLICATION = \"site1.wsgi.application\"\n".into(),
    );
    file(&mut files, "site1/urls.py".into(), "urlpatterns = []\n".into());
    file(
        &mut files,
        "site1/wsgi.py".into(),
        "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n".into(),
    );
    sources(&mut files, "shop", "py", "#", "X = 1\n", seed);
    files
}

const PARENT: &str = "  <parent>\n    <groupId>org.springframework.boot</groupId>\n    <artifactId>spring-boot-starter-parent</artifactId>\n    <version>3.5.0</version>\n  </parent>\n";
const BOOT: &str = "  <build>\n    <plugins>\n      <plugin>\n        <groupId>org.springframework.boot</groupId>\n        <artifactId>spring-boot-maven-plugin</artifactId>\n      </plugin>\n    </plugins>\n  </build>\n";

fn pom(parent: &str, group: &str, name: &str, body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <modelVersion>4.0.0</modelVersion>\n{parent}{group}  <artifactId>{name}</artifactId>\n{body}</project>\n"
    )
}

fn java(files: &mut Files, dir: &str, seed: usize) {
    let main = "package acme;\n\nimport org.springframework.boot.SpringApplication;\nimport org.springframework.boot.autoconfigure.SpringBootApplication;\n\n@SpringBootApplication\npublic class Application {\n  public static void main(String[] args) {\n    SpringApplication.run(Application.class, args);\n  }\n}\n";
    file(
        files,
        format!("{dir}src/main/java/acme/Application.java"),
        main.into(),
    );
    file(
        files,
        format!("{dir}src/main/resources/application.properties"),
        "server.port=8080\n".into(),
    );
    sources(
        files,
        &format!("{dir}src/main/java/acme/shop"),
        "java",
        "//",
        "package acme.shop;\n\n",
        seed,
    );
}

const GROUP: &str = "  <groupId>acme</groupId>\n  <version>1.0.0</version>\n";
const WEB: &str = "  <properties>\n    <java.version>21</java.version>\n  </properties>\n  <dependencies>\n    <dependency>\n      <groupId>org.springframework.boot</groupId>\n      <artifactId>spring-boot-starter-web</artifactId>\n    </dependency>\n  </dependencies>\n";

fn maven(_: usize, seed: usize) -> Files {
    let mut files = Files::new();
    file(
        &mut files,
        "pom.xml".into(),
        pom(PARENT, GROUP, &format!("maven{seed}"), &format!("{WEB}{BOOT}")),
    );
    java(&mut files, "", seed);
    files
}

fn reactor(size: usize, seed: usize) -> Files {
    let mut files = Files::new();
    let modules: String = (0..size)
        .map(|i| format!("    <module>svc-{i}</module>\n"))
        .collect();
    let body = format!("  <packaging>pom</packaging>\n  <modules>\n{modules}  </modules>\n");
    file(
        &mut files,
        "pom.xml".into(),
        pom(PARENT, GROUP, &format!("reactor{seed}"), &body),
    );
    let parent = format!(
        "  <parent>\n    <groupId>acme</groupId>\n    <artifactId>reactor{seed}</artifactId>\n    <version>1.0.0</version>\n  </parent>\n"
    );
    for i in 0..size {
        let name = format!("reactor{seed}-svc{i}");
        file(
            &mut files,
            format!("svc-{i}/pom.xml"),
            pom(&parent, "", &name, &format!("{WEB}{BOOT}")),
        );
        java(&mut files, &format!("svc-{i}/"), seed + i);
    }
    files
}

fn cargo(size: usize, seed: usize) -> Files {
    let mut files = Files::new();
    let root = "[workspace]\nmembers = [\"crates/*\"]\nresolver = \"3\"\n\n[workspace.dependencies]\naxum = \"0.8\"\n";
    file(&mut files, "Cargo.toml".into(), root.into());
    let mut lock = String::from("version = 4\n");
    let names: Vec<String> = (0..size).map(|i| format!("cargo{}", seed + i)).collect();
    for i in 0..40 {
        lock += &format!("\n[[package]]\nname = \"dep-{i:02}\"\nversion = \"1.{i}.0\"\n");
    }
    for name in &names {
        lock += &format!(
            "\n[[package]]\nname = \"{name}\"\nversion = \"1.0.0\"\ndependencies = [\n \"axum\",\n]\n"
        );
    }
    file(&mut files, "Cargo.lock".into(), lock);
    for (i, name) in names.iter().enumerate() {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\naxum = {{ workspace = true }}\n"
        );
        file(&mut files, format!("crates/{name}/Cargo.toml"), manifest);
        file(
            &mut files,
            format!("crates/{name}/src/main.rs"),
            "fn main() {\n    println!(\"ok\");\n}\n".into(),
        );
        sources(
            &mut files,
            &format!("crates/{name}/src/shop"),
            "rs",
            "//",
            "pub const X: u8 = 1;\n",
            seed + i,
        );
    }
    files
}
