//! Conditions of `[target.'cfg(…)']`, judged for Linux. The processor is not known while the
//! Dockerfile is written, so that a condition on it may hold.

/// May a dependency of this target be compiled for Linux?
pub fn may_hold(target: &str) -> bool {
    let target = target.trim();
    match target.strip_prefix("cfg(").and_then(|t| t.strip_suffix(')')) {
        Some(expression) => holds(expression, 0) != Some(false),
        None => target.contains("linux"),
    }
}

/// Conditions in conditions; nobody writes more.
const MAX_DEPTH: usize = 32;

fn holds(expression: &str, depth: usize) -> Option<bool> {
    let expression = expression.trim();
    if depth > MAX_DEPTH {
        return None;
    }
    let inner = |name: &str| {
        let rest = expression.strip_prefix(name)?.trim_start();
        rest.strip_prefix('(')?.strip_suffix(')')
    };
    if let Some(list) = inner("not") {
        return holds(list, depth + 1).map(|b| !b);
    }
    if let Some(list) = inner("all") {
        return fold(list, depth, false);
    }
    if let Some(list) = inner("any") {
        return fold(list, depth, true);
    }
    match expression.split_once('=') {
        Some((key, value)) => fact(key.trim(), value.trim().trim_matches('"')),
        None => match expression {
            "unix" => Some(true),
            "windows" | "test" | "doc" | "debug_assertions" => Some(false),
            _ => None,
        },
    }
}

fn fact(key: &str, value: &str) -> Option<bool> {
    match key {
        "target_os" => Some(value == "linux"),
        "target_family" => Some(value == "unix"),
        "target_vendor" => Some(value == "unknown"),
        "target_arch" if value.starts_with("wasm") => Some(false),
        _ => None,
    }
}

/// `any` is decided by a true part, `all` by a false one; an unknown part leaves it open.
fn fold(list: &str, depth: usize, decisive: bool) -> Option<bool> {
    let mut open = false;
    for part in parts(list) {
        match holds(part, depth + 1) {
            Some(b) if b == decisive => return Some(decisive),
            Some(_) => {}
            None => open = true,
        }
    }
    (!open).then_some(!decisive)
}

/// Split at the commas outside of parentheses and strings.
fn parts(list: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0i32, false, 0);
    let mut parts = Vec::new();
    for (i, b) in list.bytes().enumerate() {
        match b {
            b'"' => quoted = !quoted,
            b'(' if !quoted => depth += 1,
            b')' if !quoted => depth -= 1,
            b',' if !quoted && depth == 0 => {
                parts.push(&list[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[start..]);
    parts.retain(|p| !p.trim().is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_judged_for_linux_on_any_processor() {
        for (target, expected) in [
            ("cfg(windows)", false),
            ("cfg(unix)", true),
            ("cfg(not(windows))", true),
            ("cfg(target_os = \"macos\")", false),
            ("cfg(any(target_os = \"macos\", target_os = \"linux\"))", true),
            ("cfg(all(unix, not(target_env = \"musl\")))", true),
            ("cfg(all(unix, target_os = \"macos\"))", false),
            ("cfg(target_arch = \"aarch64\")", true),
            ("cfg(target_arch = \"wasm32\")", false),
            ("x86_64-pc-windows-msvc", false),
            ("x86_64-unknown-linux-gnu", true),
        ] {
            assert_eq!(may_hold(target), expected, "{target}");
        }
    }
}
