//! Web frameworks by what makes their application object, servers by how they are told an
//! application and an address. Tables.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interface {
    Wsgi,
    Asgi,
    /// Started by its own command or by the script itself.
    Own,
}

pub struct Framework {
    pub name: &'static str,
    /// The distribution.
    pub dist: &'static str,
    /// Resolved callables whose result is the application.
    pub makes: &'static [&'static str],
    pub interface: Interface,
    /// What follows the object's name to get the callable: Dash's is `app.server`.
    pub attribute: &'static str,
}

const fn framework(
    name: &'static str,
    dist: &'static str,
    interface: Interface,
    makes: &'static [&'static str],
) -> Framework {
    Framework {
        name,
        dist,
        makes,
        interface,
        attribute: "",
    }
}

use Interface::{Asgi, Own, Wsgi};

/// Wrappers first: an object that holds another framework's application wins over that one.
pub const FRAMEWORKS: &[Framework] = &[
    framework(
        "Django Channels",
        "channels",
        Asgi,
        &["channels.routing.ProtocolTypeRouter"],
    ),
    framework("Socket.IO", "python-socketio", Asgi, &["socketio.ASGIApp"]),
    framework("Socket.IO", "python-socketio", Wsgi, &["socketio.WSGIApp"]),
    framework(
        "FastAPI",
        "fastapi",
        Asgi,
        &["fastapi.FastAPI", "fastapi.applications.FastAPI"],
    ),
    framework(
        "Litestar",
        "litestar",
        Asgi,
        &["litestar.Litestar", "litestar.app.Litestar", "starlite.Starlite"],
    ),
    framework(
        "FastHTML",
        "python-fasthtml",
        Asgi,
        &[
            "fasthtml.common.FastHTML",
            "fasthtml.common.fast_app",
            "fasthtml.FastHTML",
            "fasthtml.fast_app",
        ],
    ),
    framework("Quart", "quart", Asgi, &["quart.Quart"]),
    framework(
        "BlackSheep",
        "blacksheep",
        Asgi,
        &[
            "blacksheep.Application",
            "blacksheep.server.Application",
            "blacksheep.server.application.Application",
        ],
    ),
    framework(
        "Connexion",
        "connexion",
        Asgi,
        &["connexion.AsyncApp", "connexion.FlaskApp", "connexion.App"],
    ),
    framework(
        "Starlette",
        "starlette",
        Asgi,
        &["starlette.applications.Starlette"],
    ),
    framework("Falcon", "falcon", Asgi, &["falcon.asgi.App"]),
    framework(
        "Django",
        "django",
        Asgi,
        &["django.core.asgi.get_asgi_application"],
    ),
    framework("Sanic", "sanic", Own, &["sanic.Sanic"]),
    framework("aiohttp", "aiohttp", Own, &["aiohttp.web.Application"]),
    Framework {
        attribute: "server",
        ..framework("Dash", "dash", Wsgi, &["dash.Dash", "dash.app.Dash"])
    },
    framework("APIFlask", "apiflask", Wsgi, &["apiflask.APIFlask"]),
    framework(
        "Flask-OpenAPI3",
        "flask-openapi3",
        Wsgi,
        &["flask_openapi3.OpenAPI"],
    ),
    framework("Flask", "flask", Wsgi, &["flask.Flask", "flask.app.Flask"]),
    framework("Falcon", "falcon", Wsgi, &["falcon.App", "falcon.API"]),
    framework(
        "Bottle",
        "bottle",
        Wsgi,
        &["bottle.Bottle", "bottle.default_app", "bottle.app"],
    ),
    framework(
        "Django",
        "django",
        Wsgi,
        &["django.core.wsgi.get_wsgi_application"],
    ),
];

/// Programs that are started by a command of their own distribution, with one file.
pub struct Runner {
    pub name: &'static str,
    pub dist: &'static str,
    /// The module that the file imports.
    pub module: &'static str,
    /// `{file}` and `{port}` are put in.
    pub command: &'static [&'static str],
    pub port: u16,
    pub env: &'static [(&'static str, &'static str)],
    /// Names of the file, the best first.
    pub files: &'static [&'static str],
    /// The file calls one of these or imports it, where an import of the module alone may be a helper's.
    pub marks: &'static [&'static str],
    /// Folders that it makes where it is started.
    pub makes: &'static [&'static str],
    /// Files that it writes there, where they are missing.
    pub writes: &'static [&'static str],
}

pub const RUNNERS: &[Runner] = &[
    Runner {
        name: "Streamlit",
        dist: "streamlit",
        module: "streamlit",
        command: &[
            "streamlit",
            "run",
            "{file}",
            "--server.address=0.0.0.0",
            "--server.port={port}",
        ],
        port: 8501,
        env: &[
            ("STREAMLIT_SERVER_HEADLESS", "true"),
            ("STREAMLIT_BROWSER_GATHER_USAGE_STATS", "false"),
        ],
        files: &[
            "streamlit_app.py",
            "app.py",
            "main.py",
            "Home.py",
            "home.py",
            "Hello.py",
            "dashboard.py",
            "ui.py",
        ],
        marks: &[],
        makes: &[],
        writes: &[],
    },
    Runner {
        name: "Chainlit",
        dist: "chainlit",
        module: "chainlit",
        command: &[
            "chainlit",
            "run",
            "{file}",
            "--host",
            "0.0.0.0",
            "--port",
            "{port}",
            "--headless",
        ],
        port: 8000,
        env: &[],
        files: &["app.py", "main.py", "chainlit_app.py"],
        marks: &[],
        makes: &[".chainlit", ".files"],
        writes: &["chainlit.md"],
    },
    Runner {
        name: "Panel",
        dist: "panel",
        module: "panel",
        command: &[
            "panel",
            "serve",
            "{file}",
            "--address",
            "0.0.0.0",
            "--port",
            "{port}",
            "--allow-websocket-origin=*",
        ],
        port: 5006,
        env: &[],
        files: &["app.py", "main.py"],
        marks: &[],
        makes: &[],
        writes: &[],
    },
    Runner {
        name: "Gradio",
        dist: "gradio",
        module: "gradio",
        command: &["python", "{file}"],
        port: 7860,
        env: &[
            ("GRADIO_SERVER_NAME", "0.0.0.0"),
            ("GRADIO_ANALYTICS_ENABLED", "False"),
        ],
        files: &["app.py", "main.py", "demo.py", "webui.py", "gradio_app.py"],
        marks: &[".launch"],
        makes: &[],
        writes: &[],
    },
    Runner {
        name: "Shiny",
        dist: "shiny",
        module: "shiny",
        command: &["shiny", "run", "{file}", "--host", "0.0.0.0", "--port", "{port}"],
        port: 8000,
        env: &[],
        files: &["app.py", "main.py", "app-express.py", "app-core.py"],
        marks: &["shiny.App", "shiny.express"],
        makes: &[],
        writes: &[],
    },
    Runner {
        name: "marimo",
        dist: "marimo",
        module: "marimo",
        command: &[
            "marimo",
            "run",
            "{file}",
            "--host",
            "0.0.0.0",
            "--port",
            "{port}",
            "--headless",
        ],
        port: 2718,
        env: &[],
        files: &["app.py", "main.py", "notebook.py"],
        marks: &["marimo.App"],
        makes: &[],
        writes: &[],
    },
    Runner {
        name: "Solara",
        dist: "solara",
        module: "solara",
        command: &[
            "solara",
            "run",
            "{file}",
            "--host",
            "0.0.0.0",
            "--port",
            "{port}",
            "--production",
        ],
        port: 8765,
        env: &[],
        files: &["app.py", "main.py", "sol.py"],
        marks: &[],
        makes: &[],
        writes: &[],
    },
    Runner {
        name: "Bokeh",
        dist: "bokeh",
        module: "bokeh",
        command: &[
            "bokeh",
            "serve",
            "{file}",
            "--address",
            "0.0.0.0",
            "--port",
            "{port}",
            "--allow-websocket-origin=*",
        ],
        port: 5006,
        env: &[],
        files: &["app.py", "main.py"],
        marks: &["curdoc"],
        makes: &[],
        writes: &[],
    },
];

/// A server of WSGI or ASGI applications.
pub struct Server {
    pub dist: &'static str,
    pub program: &'static str,
    pub interface: Interface,
    /// What follows the program; `{app}`, `{host}` and `{port}` are put in.
    pub arguments: &'static [&'static str],
    /// How it is told that `{app}` makes the application.
    pub factory: Factory,
    /// It binds every interface at `PORT` by itself.
    pub reads_port: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Factory {
    /// `module:create_app()`
    Parentheses,
    Flag(&'static str),
    Unsupported,
}

/// For each interface the best first.
pub const SERVERS: &[Server] = &[
    Server {
        dist: "gunicorn",
        program: "gunicorn",
        interface: Wsgi,
        arguments: &["{app}"],
        factory: Factory::Parentheses,
        reads_port: true,
    },
    Server {
        dist: "waitress",
        program: "waitress-serve",
        interface: Wsgi,
        arguments: &["--listen=0.0.0.0:{port}", "{app}"],
        factory: Factory::Flag("--call"),
        reads_port: false,
    },
    Server {
        dist: "uwsgi",
        program: "uwsgi",
        interface: Wsgi,
        arguments: &[
            "--http-socket",
            "0.0.0.0:{port}",
            "--master",
            "--die-on-term",
            "--module",
            "{app}",
        ],
        factory: Factory::Parentheses,
        reads_port: false,
    },
    Server {
        dist: "uvicorn",
        program: "uvicorn",
        interface: Asgi,
        arguments: &["{app}", "--host", "0.0.0.0", "--port", "{port}"],
        factory: Factory::Flag("--factory"),
        reads_port: false,
    },
    Server {
        dist: "hypercorn",
        program: "hypercorn",
        interface: Asgi,
        arguments: &["--bind", "0.0.0.0:{port}", "{app}"],
        factory: Factory::Parentheses,
        reads_port: false,
    },
    Server {
        dist: "daphne",
        program: "daphne",
        interface: Asgi,
        arguments: &["-b", "0.0.0.0", "-p", "{port}", "{app}"],
        factory: Factory::Unsupported,
        reads_port: false,
    },
    Server {
        dist: "granian",
        program: "granian",
        interface: Asgi,
        arguments: &[
            "--interface",
            "asgi",
            "--host",
            "0.0.0.0",
            "--port",
            "{port}",
            "{app}",
        ],
        factory: Factory::Flag("--factory"),
        reads_port: false,
    },
    Server {
        dist: "granian",
        program: "granian",
        interface: Wsgi,
        arguments: &[
            "--interface",
            "wsgi",
            "--host",
            "0.0.0.0",
            "--port",
            "{port}",
            "{app}",
        ],
        factory: Factory::Flag("--factory"),
        reads_port: false,
    },
];

/// Names of functions that make an application, as Flask's own search has them and others.
pub const FACTORIES: &[&str] = &[
    "create_app",
    "make_app",
    "create_application",
    "get_application",
    "get_app",
    "build_app",
    "app_factory",
    "init_app",
];

/// Names that an application object is looked for under, the best first.
pub const APP_NAMES: &[&str] = &[
    "app",
    "application",
    "api",
    "server",
    "asgi_app",
    "wsgi_app",
    "asgi",
    "wsgi",
];

/// Files that hold an application, the best first; the last part of the path, without `.py`.
pub const APP_FILES: &[&str] = &[
    "wsgi",
    "asgi",
    "main",
    "app",
    "server",
    "application",
    "api",
    "run",
    "__init__",
    "web",
    "index",
    "service",
    "autoapp",
    "manage",
];

/// Files that are programs by their name, the best first.
pub const SCRIPTS: &[&str] = &[
    "main.py",
    "app.py",
    "server.py",
    "run.py",
    "start.py",
    "bot.py",
    "application.py",
    "index.py",
    "service.py",
    "worker.py",
    "cli.py",
    "hello.py",
    "__main__.py",
];

/// Modules whose use makes a script a command line program.
pub const CLI_MODULES: &[&str] = &["argparse", "cleo", "click", "docopt", "fire", "typer"];
