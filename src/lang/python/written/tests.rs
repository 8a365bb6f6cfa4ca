//! What small programs are seen to write.

use super::*;
use crate::decision::Because;
use crate::lang::python::facts;

#[track_caller]
fn check(source: &str, expected: &[Written]) {
    let tree = Tree::from_pairs([
        ("app.py", source),
        ("pyproject.toml", "[project]\nname = \"Notes\"\nversion = \"1\""),
    ]);
    let facts = facts::read(&tree, "").unwrap();
    let start = Start::new(&facts, Vec::new(), Because::rule(""));
    let found = written(&tree, &facts, &start, Source::Copied);
    let found: Vec<Written> = found.into_iter().map(|w| w.value).collect();
    assert_eq!(found, expected, "{source}");
}

#[test]
fn a_database_is_named_by_its_file_rather_than_its_engine() {
    let engine = "D = {'ENGINE': 'django.db.backends.sqlite3',";
    check(
        &format!("{engine} 'NAME': BASE / 'db.sqlite3'}}"),
        &[Written::File("db.sqlite3".into())],
    );
    check(
        &format!("{engine} 'name': join(BASE, 'data', 'x.db')}}"),
        &[Written::Folder("data".into())],
    );
}

#[test]
fn a_database_may_be_put_together_from_parts() {
    let file = [Written::File("app.db".into())];
    check(
        "basedir = os.path.abspath(os.path.dirname(__file__))\nX = os.getenv('DATABASE_URL') or 'sqlite:///' + os.path.join(basedir, 'app.db')",
        &file,
    );
    check("name = 'app.db'\nurl = f'sqlite:///{name}'", &file);
    check(
        "BASE = Path(__file__).parent\nurl = f\"sqlite:///{BASE / 'app.db'}\"",
        &file,
    );
    check("url = f'sqlite+aiosqlite:///./{os.getenv(\"NAME\")}'", &[]);
    check(
        "BASE = Path(__file__).parent\nDATA = BASE / 'data'\nurl = f'sqlite:///{DATA}/app.db'",
        &[Written::Folder("data".into())],
    );
    check("url = f\"sqlite:///{join(args.config, 'app.db')}\"", &[]);
    check("url = 'sqlite:///test.db'", &[]);
    check(
        "class C:\n    BASE = os.path.dirname(__file__)\n    URL = 'sqlite:///' + os.path.join(BASE, 'app.db')",
        &file,
    );
    check("url = 'sqlite:///' + NAME\nother = 'x.db'", &[]);
}

#[test]
fn a_database_beside_the_code_is_a_file_and_no_folder() {
    let source = "BASE = os.path.dirname(__file__)\nURL = 'sqlite:///' + os.path.join(BASE, 'app.db')";
    let tree = Tree::from_pairs([
        ("shop/config.py", source),
        ("app.py", ""),
        ("requirements.txt", "flask"),
    ]);
    let facts = facts::read(&tree, "").unwrap();
    let start = Start::new(&facts, Vec::new(), Because::rule(""));
    let found = written(&tree, &facts, &start, Source::Copied);
    assert_eq!(found[0].value, Written::File("shop/app.db".into()));
}

#[test]
fn folders_are_made_under_a_name_too() {
    let folder = [Written::Folder("uploads".into())];
    check(
        "import pathlib\npathlib.Path('uploads').mkdir(exist_ok=True)",
        &folder,
    );
    check("D = Path('uploads')\nD.mkdir()", &folder);
    check(
        "B = os.path.dirname(__file__)\nD = os.path.join(B, 'uploads')\nos.makedirs(D)",
        &folder,
    );
    check("D = os.getenv('UPLOADS', 'uploads')\nos.makedirs(D)", &folder);
    check("D = os.getenv('UPLOADS')\nos.makedirs(D)", &[]);
}

#[test]
fn an_option_names_the_folder_of_the_state() {
    check(
        "d = os.path.join(os.path.dirname(__file__), 'x', '..', 'data')\np.add_argument('-d', '--data-dir', default=d)",
        &[Written::Folder("data".into())],
    );
    check("p.add_argument('--config', default='config.toml')", &[]);
    check("p.add_argument('--name', default='data')", &[]);
}

#[test]
fn a_log_is_written_wherever_its_handler_says() {
    let log = Written::File("bot.log".into());
    check(
        "import logging\nh = logging.FileHandler(filename='bot.log')",
        std::slice::from_ref(&log),
    );
    check(
        "import logging\nlogging.basicConfig(filename='bot.log')",
        std::slice::from_ref(&log),
    );
    check("import logging\nlogging.basicConfig(level=1)", &[]);
    check(
        "h = RotatingFileHandler('logs/bot.log', maxBytes=1)",
        &[Written::Folder("logs".into())],
    );
}

#[test]
fn state_has_a_folder_outside_of_the_program() {
    check(
        "X = '/var/lib/notes/all'",
        &[Written::State("/var/lib/notes".into())],
    );
    check("X = '/var/lib/postgresql'", &[]);
    check(
        "import os\nX = os.getenv('DATA_DIR', '/data')",
        &[Written::State("/data".into())],
    );
    check("import os\nX = os.getenv('MEDIA_URL', '/media/')", &[]);
    check("import os\nX = os.getenv('CERT_FILE', '/etc/x.pem')", &[]);
}

#[test]
fn a_setting_that_names_a_folder_that_is_not_there_makes_it() {
    let here = "HERE = os.path.dirname(__file__)\n";
    for setting in [
        "CACHE_DIR = os.path.join(\n    HERE, # beside\n    'x'\n)",
        "UPLOAD_TMP = join(HERE, 'x')",
        "MEDIA_ROOT = env('MEDIA_ROOT', path.join(HERE, 'x'))",
        "class C:\n    UPLOAD_FOLDER: str = get('UPLOADS') or os.path.join(os.path.dirname(__file__), 'x')",
        "app.config['UPLOAD_FOLDER'] = 'x'",
        "SOURCE = os.path.join(HERE, 'y')\nBASE = os.path.dirname(SOURCE)\nDATA_DIR = join(BASE, 'x')",
    ] {
        check(&format!("{here}{setting}"), &[Written::Folder("x".into())]);
    }
    for setting in [
        "TEMPLATE_DIR = os.path.join(HERE, 'x')",
        "DATA_PATH = os.path.join(HERE, 'x.csv')",
        "UPLOAD_EXTENSIONS = ['.jpg', '.png']",
        "CACHE_DIR = os.environ['CACHE_DIR']",
        "LOG_DIR = os.path.join(HERE, name, 'x')",
        "DOWNLOAD_DIR = os.path.normpath('Downloads/x')",
    ] {
        check(&format!("{here}{setting}"), &[]);
    }
}

#[test]
fn a_file_that_is_opened_to_be_written_is_kept() {
    let file = [Written::File("key".into())];
    check("with open('key', 'wb') as f:\n    pass", &file);
    check(
        "open(os.path.join(os.path.dirname(__file__), 'key'), mode='w')",
        &file,
    );
    check("K = Path('key')\nK.write_text('x')", &file);
    check("Path('key').touch()", &file);
    check(
        "KEY_SECRET_FILE = os.path.join(os.path.dirname(__file__), 'key.txt')",
        &[Written::File("key.txt".into())],
    );
    check(
        "open('key')\nopen('key', 'r')\nopen(name, 'w')\nopen(join(name, 'x', y), 'w')",
        &[],
    );
    check("open('app.py', 'a')", &[]);
}

#[test]
fn a_log_may_be_named_in_a_table_of_handlers() {
    check(
        "B = Path(__file__).parent\nLOGGING = {'handlers': {'f': {\n'class': 'logging.FileHandler',\n'filename': B / 'logs' / 'x.log',\n}}}",
        &[Written::Folder("logs".into())],
    );
}

#[test]
fn a_file_that_is_no_part_of_the_program_writes_nothing() {
    let tree = Tree::from_pairs([
        (
            "app.py",
            "import own\nif __name__ == '__main__':\n    own.load('far.key')\n",
        ),
        ("own.py", "from pkg import *\nopen('a', 'w')\n"),
        ("pkg/__init__.py", "from .near import x\n"),
        ("pkg/near.py", "open('b', 'w')\n"),
        ("far.py", "open('c', 'w')\n"),
        ("other.py", "open('d', 'w')\n"),
        ("requirements.txt", "six"),
    ]);
    let facts = facts::read(&tree, "").unwrap();
    let start = crate::lang::python::start::choose(&tree, &facts, &Default::default()).unwrap();
    let files: Vec<Written> = written(&tree, &facts, &start, Source::Copied)
        .into_iter()
        .map(|w| w.value)
        .collect();
    assert_eq!(files, ["c", "a", "b"].map(|f| Written::File(f.into())));
}

#[test]
fn a_folder_that_is_committed_empty_is_filled() {
    let tree = Tree::from_pairs([
        ("app.py", ""),
        ("requirements.txt", "six"),
        ("site/uploads/.gitkeep", ""),
        ("site/data/.gitkeep", ""),
        ("site/data/x.csv", ""),
        ("tests/logs/.gitkeep", ""),
    ]);
    let facts = facts::read(&tree, "").unwrap();
    let start = Start::new(&facts, Vec::new(), Because::rule(""));
    let found: Vec<Written> = written(&tree, &facts, &start, Source::Copied)
        .into_iter()
        .map(|w| w.value)
        .collect();
    assert_eq!(found, [Written::Folder("site/uploads".into())]);
}

#[test]
fn a_database_may_be_named_by_a_file_of_settings() {
    let tree = Tree::from_pairs([
        ("app.py", "load('config.yml')"),
        ("config.yml", "db:\n  url: \"sqlite:///./shop.db\"\n"),
        ("requirements.txt", "six"),
    ]);
    let facts = facts::read(&tree, "").unwrap();
    let start = Start::new(&facts, Vec::new(), Because::rule(""));
    let found: Vec<Written> = written(&tree, &facts, &start, Source::Copied)
        .into_iter()
        .map(|w| w.value)
        .collect();
    assert_eq!(found, [Written::File("shop.db".into())]);
}

#[test]
fn a_table_of_settings_names_folders_by_its_keys() {
    let table = "app.config['HERE'] = os.getenv('HERE', os.path.dirname(os.path.abspath(__file__)))\n\
        app.config['STATE'] = os.getenv('STATE', os.path.join(app.config['HERE'], 'state'))\n";
    check(
        &format!("{table}os.makedirs(app.config['STATE'])"),
        &[Written::Folder("state".into())],
    );
    check(table, &[]);
}

#[test]
fn a_field_of_a_class_names_a_folder_where_it_is_the_only_one_of_its_name() {
    let class = "class Settings:\n    data_dir: str = Field('./data', description='x')\n";
    let makes = "os.makedirs(settings.data_dir)\n";
    check(&format!("{class}{makes}"), &[Written::Folder("data".into())]);
    check(class, &[]);
    check(
        "class S:\n    data_dir: str = load('data')\nos.makedirs(s.data_dir)\n",
        &[],
    );
}
