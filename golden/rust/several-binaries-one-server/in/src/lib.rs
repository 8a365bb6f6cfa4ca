pub const DEFAULT_PORT: u16 = 6380;
