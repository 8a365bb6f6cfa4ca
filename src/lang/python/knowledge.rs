//! What distributions bring along and where they write. Tables.

/// Distributions that write below HOME when they are imported or used.
pub const WRITES_HOME: &[&str] = &[
    "chainlit",
    "datasets",
    "gradio",
    "huggingface-hub",
    "kaggle",
    "langflow",
    "litellm",
    "marimo",
    "matplotlib",
    "nltk",
    "numba",
    "openai-whisper",
    "prefect",
    "sentence-transformers",
    "solara",
    "streamlit",
    "tiktoken",
    "torch",
    "transformers",
    "ultralytics",
    "yfinance",
];

/// What an extra of a distribution brings that rdock wants to know of, for files without a lock.
pub const EXTRAS: &[(&str, &[&str], &[&str])] = &[
    ("fastapi", &["all", "standard"], &["uvicorn", "fastapi-cli"]),
    ("litestar", &["full", "standard"], &["uvicorn"]),
    ("langserve", &["all", "server"], &["fastapi"]),
    ("connexion", &["uvicorn"], &["uvicorn"]),
    ("psycopg", &["binary"], &["psycopg-binary"]),
    ("psycopg", &["c"], &["psycopg-c"]),
    ("gunicorn", &["gevent"], &["gevent"]),
    ("gunicorn", &["eventlet"], &["eventlet"]),
];

/// What a distribution always brings along.
pub const BRINGS: &[(&str, &[&str])] = &[
    ("chainlit", &["uvicorn"]),
    ("django-auth-ldap", &["python-ldap"]),
    ("fastapi-cli", &["uvicorn"]),
    ("fastmcp", &["uvicorn"]),
    ("gradio", &["audioop-lts", "uvicorn"]),
    ("inboard", &["gunicorn", "uvicorn"]),
    ("mcp", &["uvicorn"]),
    ("nicegui", &["uvicorn"]),
    ("python-fasthtml", &["uvicorn"]),
    ("quart", &["hypercorn"]),
    ("reflex", &["uvicorn"]),
];

/// Modules whose distribution has another name.
pub const IMPORTS: &[(&str, &[&str])] = &[
    ("Crypto", &["pycryptodome"]),
    ("MySQLdb", &["mysqlclient"]),
    ("OpenSSL", &["pyopenssl"]),
    ("PIL", &["pillow"]),
    ("attr", &["attrs"]),
    ("bs4", &["beautifulsoup4"]),
    ("corsheaders", &["django-cors-headers"]),
    ("cv2", &["opencv-python", "opencv-python-headless"]),
    ("dateutil", &["python-dateutil"]),
    ("discord", &["discord-py", "py-cord"]),
    ("dotenv", &["python-dotenv"]),
    ("environ", &["django-environ"]),
    ("flask_security", &["flask-security-too"]),
    ("git", &["gitpython"]),
    ("grpc", &["grpcio"]),
    ("jose", &["python-jose"]),
    ("jwt", &["pyjwt"]),
    ("ldap", &["python-ldap"]),
    ("magic", &["python-magic"]),
    ("multipart", &["python-multipart"]),
    ("psycopg2", &["psycopg2-binary"]),
    ("rest_framework", &["djangorestframework"]),
    ("serial", &["pyserial"]),
    ("skimage", &["scikit-image"]),
    ("sklearn", &["scikit-learn"]),
    ("slugify", &["python-slugify"]),
    ("socketio", &["python-socketio"]),
    ("storages", &["django-storages"]),
    ("telegram", &["python-telegram-bot"]),
    ("yaml", &["pyyaml"]),
    ("zmq", &["pyzmq"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_says_nothing_twice() {
        assert!(WRITES_HOME.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(IMPORTS.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
