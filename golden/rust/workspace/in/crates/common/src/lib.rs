pub const GREETING: &str = "hello from the workspace";
