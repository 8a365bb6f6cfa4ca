pub struct File(String);

impl File {
    pub fn with_name(name: &str) -> Self {
        File(std::fs::read_to_string(format!("{name}.toml")).unwrap())
    }

    pub fn text(self) -> String {
        self.0
    }
}
