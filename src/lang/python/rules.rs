//! Python's own rules.

use crate::diagnostic::Rule;

macro_rules! rules {
    ($($id:ident = $code:literal, $name:literal, $words:literal;)*) => {
        $(pub static $id: Rule = Rule { id: $code, name: $name, words: $words };)*
        pub static ALL: &[&Rule] = &[$(&$id),*];
    };
}

rules! {
    NO_PYTHON = "RD401", "no Python for all constraints",
        "The files of a project can each ask for a Python version: .python-version, .tool-versions, runtime.txt, Pipfile, pyproject.toml, setup.cfg, the lockfile. rdock takes the newest maintained line that satisfies all of them. Here there is none: two of them contradict each other, or a range is empty or ends below the oldest line that has an image. Change the marked line, or set `version` in rdock.toml.";
    BAD_VERSION = "RD402", "Python version that cannot be read",
        "A place that names a Python version holds something else than a version or a range. rdock does not guess what was meant. For pyproject.toml the grammar is that of PEP 440 (`>=3.10,<3.14`), for Poetry's own table also `^3.11` and `~3.11`, for .python-version one version a line.";
    NO_FILE = "RD403", "requirement that is not there",
        "A requirement file includes another file, or installs a folder, that is not in the repository (or is ignored by .gitignore). The install would fail in the image.";
    NO_START = "RD404", "nothing to start",
        "rdock looks for a Procfile, a Django project, an application object of a web framework, a console script of [project.scripts], a package with __main__.py, and a script, in that order. The message says what was found. `--main FILE` or `--command` chooses.";
    NO_SERVER = "RD405", "web application without a production server",
        "The program is a web application, but none of its dependencies is a server for it, and rdock adds no dependency of its own to a project. Where the framework brings a development server that works, the image starts that and says so. Add gunicorn (Flask, Django) or uvicorn (FastAPI, Starlette) to the dependencies, and the Dockerfile uses it.";
    NO_MUSL = "RD406", "dependency without a wheel for Alpine",
        "Alpine's libc is musl: compiled wheels for manylinux do not install there, and pip would compile from source. rdock writes an Alpine image only where the lockfile lists, for every distribution, a pure wheel or one for musllinux. The message names those that have neither.";
    STALE_LOCK = "RD407", "lockfile that does not fit the manifest",
        "pyproject.toml asks for a distribution, or a version of it, that the lockfile does not have. `--locked` would stop the build; the Dockerfile installs what the lock has, and the program will miss the rest. Lock again and commit the lockfile.";
    CONDA = "RD408", "conda environment",
        "environment.yml is a conda environment. rdock builds with pip, uv, Poetry, PDM and Pipenv. List the same packages in a requirements.txt, or write the Dockerfile on an image of conda by hand.";
    MIGRATE = "RD409", "step left out of the start command",
        "The Procfile starts several programs one after the other in a shell, usually a migration and then the server. In a container every replica would run the first ones again, and the shell would hold back signals. The image starts the server alone: run the other steps as a job of their own before a release.";
    DEAD_VERSION = "RD410", "Python line without an image",
        "A version file pins a Python line that is no longer published, or pip-compile ran with one that gets no updates any more. rdock takes the oldest line that still has an image and that no range forbids. Pin a maintained line, or set `version` in rdock.toml.";
    DEBUG = "RD411", "development server with its debugger",
        "The main guard starts Flask with debug=True: the Werkzeug debugger runs any code that a visitor sends. The image starts the application through the framework's command line, without the debugger.";
    OTHER_VERSION = "RD412", "Python version outside of the project's range",
        ".tool-versions, or .python-version in a project of pip, Poetry or Pipenv, pins a Python that the project's own manifest or lockfile does not allow. asdf, mise and pyenv read these files on a workstation; the tools that install the project do not. rdock takes the newest maintained line in the project's range. Pin a version that fits, or set `version` in rdock.toml.";
    EXACT_VERSION = "RD413", "one patch of Python and no other",
        "The manifest allows exactly one patch of Python: `requires-python = \"==3.12.4\"`, Poetry's `python = \"3.12.4\"`. The tools refuse to install with another, so rdock names the image of that patch, which gets no security fixes. Allow the line (`==3.12.*`, `~3.12`), and the image follows its patches.";
    PYTHON_2 = "RD414", "Python 2",
        "The source is written for Python 2: `print \"x\"`, `except E, e:`. Python 2 has had no fixes since 2020, and its images are not maintained. Move the source to Python 3 (2to3 does most of it), or write the Dockerfile by hand.";
    UNDECLARED = "RD415", "import that no manifest brings",
        "The program imports a distribution that is not in Python's standard library and not in the repository, and the project has no manifest that would install it. In the image the import would fail. List it in a requirements.txt, in pyproject.toml, or in the script's own header (`# /// script`).";
}
