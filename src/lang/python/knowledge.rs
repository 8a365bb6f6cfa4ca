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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_says_nothing_twice() {
        assert!(WRITES_HOME.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
