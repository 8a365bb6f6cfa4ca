pub const NAME: &str = "from above";
