//! Python requirements as PEP 508 writes them: `name[extra]>=1,<2; python_version < "3.9"`.

/// One requirement, its name normalised.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requirement {
    pub name: String,
    pub extras: Vec<String>,
    /// `>=1,<2`, without parentheses; empty for any version.
    pub spec: String,
    pub marker: String,
    /// What follows `@`: a URL or a path.
    pub url: Option<String>,
}

/// `Foo._Bar` and `foo-bar` are one distribution.
pub fn normalize(name: &str) -> String {
    let mut out = String::new();
    for c in name.trim().chars() {
        match c {
            '-' | '_' | '.' if out.ends_with('-') => {}
            '-' | '_' | '.' => out.push('-'),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// `None` for what does not begin with a name.
pub fn parse(text: &str) -> Option<Requirement> {
    let text = text.trim();
    let end = text
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(text.len());
    let (name, mut rest) = (&text[..end], text[end..].trim_start());
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let mut extras = Vec::new();
    if let Some(inner) = rest.strip_prefix('[') {
        let (list, after) = inner.split_once(']')?;
        extras = list.split(',').map(normalize).filter(|e| !e.is_empty()).collect();
        rest = after.trim_start();
    }
    let (rest, url) = match rest.strip_prefix('@') {
        Some(after) => {
            let after = after.trim_start();
            // In a URL only ` ;` begins a marker.
            let (url, marker) = after.split_once(" ;").unwrap_or((after, ""));
            (format!(";{marker}"), Some(url.trim().to_string()))
        }
        None => (rest.to_string(), None),
    };
    let (spec, marker) = rest.split_once(';').unwrap_or((&rest, ""));
    let spec = spec.trim().trim_start_matches('(').trim_end_matches(')').trim();
    if !spec.is_empty() && !spec.starts_with(['=', '<', '>', '!', '~']) {
        return None;
    }
    Some(Requirement {
        name: normalize(name),
        extras,
        spec: spec.replace(' ', ""),
        marker: marker.trim().to_string(),
        url,
    })
}

impl Requirement {
    /// The one version that `==` allows.
    pub fn pin(&self) -> Option<&str> {
        let version = self.spec.strip_prefix("===").or(self.spec.strip_prefix("=="))?;
        let version = version.trim();
        (!version.contains([',', '*', ' '])).then_some(version)
    }

    /// Can the marker hold on Linux? What is not understood can.
    pub fn on_linux(&self) -> bool {
        self.marker
            .split(" or ")
            .any(|all| all.split(" and ").all(clause_on_linux))
    }
}

fn clause_on_linux(clause: &str) -> bool {
    let clause = clause.replace(['(', ')', '"', '\''], " ");
    let words: Vec<&str> = clause.split_whitespace().collect();
    let [name, operator, value] = words[..] else {
        return true;
    };
    let real = match name {
        "sys_platform" => "linux",
        "platform_system" => "Linux",
        "os_name" => "posix",
        "platform_python_implementation" => "CPython",
        "implementation_name" => "cpython",
        // Extras are asked for by name elsewhere.
        "extra" => return false,
        _ => return true,
    };
    match operator {
        "==" => real == value,
        "!=" => real != value,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_requirement_is_found() {
        let r = parse("Uvicorn[Standard, x] >=0.30,<1 ; python_version < '3.14'").unwrap();
        assert_eq!(r.name, "uvicorn");
        assert_eq!(r.extras, ["standard", "x"]);
        assert_eq!(r.spec, ">=0.30,<1");
        assert_eq!(r.marker, "python_version < '3.14'");
        let r = parse("lib @ git+https://host/x;y.git ; os_name == 'nt'").unwrap();
        assert_eq!(r.url.as_deref(), Some("git+https://host/x;y.git"));
        assert!(!r.on_linux());
        assert_eq!(parse("a (== 1.0)").unwrap().pin(), Some("1.0"));
        assert_eq!(parse("a==1.*").unwrap().pin(), None);
        assert_eq!(parse("./lib"), None);
        assert_eq!(parse("<<<<<<< HEAD"), None);
        assert_eq!(parse("two words"), None);
    }

    #[test]
    fn a_requirement_for_another_system_is_told() {
        assert!(!parse("pywin32; sys_platform == 'win32'").unwrap().on_linux());
        assert!(
            parse("a; sys_platform == 'win32' or sys_platform == 'linux'")
                .unwrap()
                .on_linux()
        );
        assert!(parse("a; python_version >= '3.9'").unwrap().on_linux());
    }
}
