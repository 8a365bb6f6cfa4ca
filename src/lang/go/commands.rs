//! Programs of many commands: which argument makes one serve. Read from the commands that it makes of
//! [cobra](https://pkg.go.dev/github.com/spf13/cobra#Command),
//! [urfave/cli](https://pkg.go.dev/github.com/urfave/cli/v2#Command) and
//! [ffcli](https://pkg.go.dev/github.com/peterbourgon/ff/v3/ffcli#Command).

use super::module::Package;
use super::shape::{Tokens, after_value, assigned, closing, function, helps, literal, words};
use super::syntax::{self, Token};
use crate::source::{Location, Sourced};

/// A command as the source makes it.
struct Command {
    name: String,
    at: Location,
    /// Does it do anything by itself, other than to show its help?
    runs: bool,
    /// Hidden, deprecated, or of no use without arguments.
    aside: bool,
    parent: Option<usize>,
    /// The variable that holds it.
    variable: String,
    /// Has it any commands of its own, known or not?
    leads: bool,
    /// The function that makes it.
    function: String,
    package: String,
}

/// A command, or the name of what holds it.
enum Child {
    Made(usize),
    Named(String),
}

/// Names of commands that serve, best first.
const SERVING: [&[&str]; 3] = [
    &[
        "api-server",
        "apiserver",
        "http-server",
        "run-server",
        "runserver",
        "serve",
        "serve-api",
        "serve-http",
        "server",
        "start-server",
        "web-server",
        "webserver",
    ],
    &["api", "daemon", "http", "httpd", "standalone", "web"],
    &["listen", "run", "start", "up"],
];

/// Frameworks whose programs have commands of the framework's own, and the one that serves.
const FRAMEWORKS: &[(&str, &[&str])] = &[(
    "github.com/pocketbase/pocketbase",
    &["serve", "--http=0.0.0.0:8090", "--dir=/data"],
)];

/// What the packages of commands are called where they are used.
pub const LIBRARIES: &[(&str, &str)] = &[
    ("cobra", "github.com/spf13/cobra"),
    ("cli", "github.com/urfave/cli"),
    ("ffcli", "github.com/peterbourgon/ff"),
];

#[derive(Default)]
struct Commands {
    all: Vec<Command>,
    /// A `cli.App{…}`.
    made: Option<usize>,
    /// A command, by what holds it or by itself, and one of its own.
    links: Vec<(Child, Child, Scope)>,
    /// Is there a `cli.NewApp()`, and does it do anything by itself?
    app: Option<bool>,
    /// Commands in commands that are being read.
    depth: usize,
}

/// No program nests its commands deeper.
const DEPTH: usize = 16;

/// Where a name is used.
#[derive(Clone)]
struct Scope {
    package: String,
    function: String,
}

/// The one command that serves, of a program that does nothing without any; with the place of it.
/// `listens` says whether the program waits for connections at all.
pub fn serving(packages: &[&Package], listens: bool) -> Option<Sourced<Vec<String>>> {
    for import in packages.iter().flat_map(|p| &p.files).flat_map(|f| &f.imports) {
        if let Some((_, words)) = FRAMEWORKS.iter().find(|(path, _)| import.value == *path) {
            let words = words.iter().map(|w| w.to_string()).collect();
            return Some(Sourced::new(words, import.at.clone()));
        }
    }
    let mut commands = Commands::default();
    for package in packages {
        for file in &package.files {
            let mut of_file = LIBRARIES
                .iter()
                .filter(|(_, path)| {
                    file.imports
                        .iter()
                        .any(|i| crate::paths::is_under(&i.value, path))
                })
                .peekable();
            if of_file.peek().is_some() {
                let names: Vec<&str> = of_file.map(|(name, _)| *name).collect();
                let tokens = syntax::tokens(&file.source.text);
                let place = |at: usize, len: usize| Location::span(&file.source, at..at + len);
                commands.read(&names, &tokens, &package.dir, &place);
            }
        }
    }
    commands.join();
    commands.choose(listens)
}

impl Commands {
    fn read(
        &mut self,
        libraries: &[&str],
        tokens: &Tokens,
        package: &str,
        place: &dyn Fn(usize, usize) -> Location,
    ) {
        let mut scope = Scope {
            package: package.to_string(),
            function: String::new(),
        };
        let mut depth = 0usize;
        let mut i = 0;
        while i < tokens.len() {
            match &tokens[i].1 {
                Token::Punct('{') => depth += 1,
                Token::Punct('}') => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        scope.function.clear();
                    }
                }
                Token::Word("func") if depth == 0 => scope.function = function(&tokens[i..]),
                Token::Word(library) if libraries.contains(library) => {
                    if let Some(open) = literal(tokens, i) {
                        let (index, end) = self.command(tokens, open, &scope, place);
                        self.all[index].variable = assigned(tokens, i);
                        if words(tokens, i + 2, &["App"]) {
                            self.made.get_or_insert(index);
                        }
                        i = end;
                        continue;
                    }
                    if words(tokens, i + 1, &[".", "NewApp"]) {
                        self.app.get_or_insert(false);
                    }
                }
                Token::Word("AddCommand") if i >= 2 && tokens[i - 1].1 == Token::Punct('.') => {
                    if let Token::Word(holder) = tokens[i - 2].1 {
                        let (children, end) = self.children(tokens, i + 1, &scope, place);
                        for child in children {
                            let parent = Child::Named(holder.to_string());
                            self.links.push((parent, child, scope.clone()));
                        }
                        i = end;
                        continue;
                    }
                }
                // `app.Action = run`, of what `cli.NewApp()` gave.
                Token::Word("Action") if self.app.is_some() && words(tokens, i + 1, &["="]) => {
                    let end = tokens[i..].iter().position(|(_, t)| *t == Token::Punct('}'));
                    self.app = Some(!helps(&tokens[i..i + end.unwrap_or(0)]));
                }
                _ => {}
            }
            i += 1;
        }
    }

    /// The command whose literal opens at `open`, and what follows it.
    fn command(
        &mut self,
        tokens: &Tokens,
        open: usize,
        scope: &Scope,
        place: &dyn Fn(usize, usize) -> Location,
    ) -> (usize, usize) {
        let index = self.all.len();
        self.all.push(Command {
            name: String::new(),
            at: place(tokens[open].0, 1),
            runs: false,
            aside: false,
            parent: None,
            variable: String::new(),
            leads: false,
            function: scope.function.clone(),
            package: scope.package.clone(),
        });
        let end = closing(tokens, open);
        self.depth += 1;
        let mut i = open + 1;
        while i < end {
            let Token::Word(key) = tokens[i].1 else {
                i += 1;
                continue;
            };
            if !words(tokens, i + 1, &[":"]) {
                i += 1;
                continue;
            }
            let value = i + 2;
            let next = after_value(tokens, value, end);
            let words_of = &tokens[value.min(next)..next];
            match (key, words_of.first()) {
                ("Name" | "Use", Some((at, Token::Text(text)))) => {
                    self.all[index].name = text.split_whitespace().next().unwrap_or("").to_string();
                    self.all[index].at = place(*at, text.len() + 2);
                    self.all[index].aside |= text.contains('<');
                }
                ("Run" | "RunE" | "Action" | "Exec", Some((_, first))) => {
                    self.all[index].runs = *first != Token::Word("nil") && !helps(words_of);
                }
                ("Hidden", Some((_, first))) => self.all[index].aside |= *first == Token::Word("true"),
                ("Deprecated", _) => self.all[index].aside = true,
                ("Args", _) => {
                    let needs = |t: &Token| matches!(t, Token::Word("ExactArgs" | "MinimumNArgs"));
                    self.all[index].aside |= words_of.iter().any(|(_, t)| needs(t));
                }
                ("Commands" | "Subcommands", _) if self.depth < DEPTH => {
                    let list = words_of.iter().position(|(_, t)| *t == Token::Punct('{'));
                    if let Some(list) = list {
                        let (children, _) = self.children(tokens, value + list, scope, place);
                        for child in children {
                            self.links.push((Child::Made(index), child, scope.clone()));
                        }
                    }
                }
                _ => {}
            }
            i = next;
        }
        self.depth -= 1;
        (index, end + 1)
    }

    /// The commands between the bracket at `open` and its end, and what follows that.
    fn children(
        &mut self,
        tokens: &Tokens,
        open: usize,
        scope: &Scope,
        place: &dyn Fn(usize, usize) -> Location,
    ) -> (Vec<Child>, usize) {
        let end = closing(tokens, open);
        let mut found = Vec::new();
        let mut i = open + 1;
        while i < end {
            let next = after_value(tokens, i, end);
            let element = &tokens[i..next];
            let brace = element.iter().position(|(_, t)| *t == Token::Punct('{'));
            let called = element.iter().position(|(_, t)| *t == Token::Punct('('));
            match (brace, called) {
                (Some(brace), None) => {
                    let (index, _) = self.command(tokens, i + brace, scope, place);
                    found.push(Child::Made(index));
                }
                (Some(brace), Some(called)) if brace < called => {
                    let (index, _) = self.command(tokens, i + brace, scope, place);
                    found.push(Child::Made(index));
                }
                (_, called) => {
                    let name = &element[..called.unwrap_or(element.len())];
                    if let Some((_, Token::Word(name))) = name.last() {
                        found.push(Child::Named(name.to_string()));
                    }
                }
            }
            i = next + 1;
        }
        (found, end + 1)
    }

    /// Finds the commands that links name.
    fn join(&mut self) {
        for (parent, child, scope) in std::mem::take(&mut self.links) {
            let parent = self.resolve(&parent, &scope);
            let child = self.resolve(&child, &scope);
            if let Some(parent) = parent {
                self.all[parent].leads = true;
            }
            if let (Some(parent), Some(child)) = (parent, child)
                && parent != child
                && self.all[child].parent.is_none()
                && !self.ancestors(parent).any(|a| a == child)
            {
                self.all[child].parent = Some(parent);
            }
        }
    }

    /// The command that a name means there: of the function, of the package, of any other.
    fn resolve(&self, child: &Child, scope: &Scope) -> Option<usize> {
        let name = match child {
            Child::Made(index) => return Some(*index),
            Child::Named(name) => name,
        };
        let own = |c: &Command| c.package == scope.package;
        let tests: [&dyn Fn(&Command) -> bool; 4] = [
            &|c| own(c) && c.variable == *name && c.function == scope.function,
            &|c| own(c) && c.variable == *name && c.function.is_empty(),
            &|c| own(c) && c.function == *name,
            &|c| c.variable == *name && c.function.is_empty() || c.function == *name,
        ];
        tests.iter().find_map(|test| self.all.iter().position(test))
    }

    fn ancestors(&self, of: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(of), |i| self.all[*i].parent).take(self.all.len() + 1)
    }

    fn choose(&self, listens: bool) -> Option<Sourced<Vec<String>>> {
        let mut roots = (0..self.all.len()).filter(|i| match self.made {
            Some(app) => *i == app,
            None => self.all[*i].parent.is_none() && self.all[*i].leads,
        });
        // Of an application made in steps, the commands may have been handed on by any way.
        let root = match self.app {
            Some(runs) => (!runs).then_some(None)?,
            None => {
                let root = roots.next()?;
                if roots.next().is_some() || self.all[root].runs {
                    return None;
                }
                Some(root)
            }
        };
        let leaves: Vec<(usize, Vec<&str>)> = (0..self.all.len())
            .filter(|i| Some(*i) != root && self.all[*i].runs && !self.all[*i].aside)
            .map(|i| {
                let mut path: Vec<&str> = self
                    .ancestors(i)
                    .filter(|a| Some(*a) != root)
                    .map(|a| self.all[a].name.as_str())
                    .collect();
                path.reverse();
                (i, path)
            })
            .collect();
        let alone = |i: usize| {
            leaves
                .iter()
                .filter(|(l, _)| self.all[*l].parent == self.all[i].parent)
                .count()
                == 1
        };
        let ranked = leaves.iter().filter_map(|(i, path)| {
            let name = path.last()?;
            let best = path.iter().filter_map(|p| rank(p)).min()?;
            let fits = rank(name).is_some() || path.len() > 1 && alone(*i);
            // The usual words mean much else in tools.
            let sure = best == 0 && path.len() == 1 || listens;
            (fits && sure).then_some((best, path.len() > 1, *i, path))
        });
        let mut ranked: Vec<_> = ranked.collect();
        ranked.sort();
        let (best, deep, index, path) = ranked.first()?;
        if ranked
            .get(1)
            .is_some_and(|other| (other.0, other.1) == (*best, *deep))
        {
            return None;
        }
        let words = path.iter().map(|p| p.to_string()).collect();
        Some(Sourced::new(words, self.all[*index].at.clone()))
    }
}

fn rank(name: &str) -> Option<usize> {
    SERVING.iter().position(|names| names.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::super::module::Module;
    use super::*;
    use crate::tree::Tree;

    fn argument(listens: bool, files: &[(&str, &str)]) -> Option<String> {
        let mut pairs = vec![("go.mod", "module acme.dev/x\n")];
        pairs.extend(files);
        let tree = Tree::from_pairs(pairs);
        let module = Module::read(&tree, "").unwrap().unwrap();
        let packages: Vec<&Package> = module.packages.values().collect();
        serving(&packages, listens).map(|found| found.value.join(" "))
    }

    #[test]
    fn the_command_of_cobra_that_serves_is_the_argument() {
        let files = [
            (
                "main.go",
                "package main\nimport \"acme.dev/x/cmd\"\nfunc main() { cmd.Execute() }\n",
            ),
            (
                "cmd/root.go",
                "package cmd\nimport \"github.com/spf13/cobra\"\nvar rootCmd = &cobra.Command{Use: \"x\", Short: \"y\"}\n",
            ),
            (
                "cmd/serve.go",
                "package cmd\nimport \"github.com/spf13/cobra\"\nvar serveCmd = &cobra.Command{Use: \"serve [flags]\", RunE: func(c *cobra.Command, a []string) error { return run() }}\nfunc init() { rootCmd.AddCommand(serveCmd) }\n",
            ),
            (
                "cmd/list.go",
                "package cmd\nimport \"github.com/spf13/cobra\"\nfunc list() *cobra.Command { c := &cobra.Command{Use: \"list\", Run: f}; return c }\nfunc init() { rootCmd.AddCommand(list()) }\n",
            ),
        ];
        assert_eq!(argument(false, &files), Some("serve".into()));
    }

    #[test]
    fn nested_commands_of_urfave_are_given_in_full() {
        let files = [
            (
                "main.go",
                "package main\nimport (\n\"acme.dev/x/cmd\"\n\"github.com/urfave/cli/v3\"\n)\nfunc main() { c := &cli.Command{Name: \"X\", Commands: []*cli.Command{cmd.Web, cmd.Data}}; c.Run() }\n",
            ),
            (
                "cmd/web.go",
                "package cmd\nimport \"github.com/urfave/cli/v3\"\nvar Web = &cli.Command{Name: \"server\", Commands: []*cli.Command{{Name: \"run\", Action: bind(start)}}}\nvar Data = &cli.Command{Name: \"data\", Commands: []*cli.Command{{Name: \"run\", Action: a}, {Name: \"list\", Action: a}}}\n",
            ),
        ];
        assert_eq!(argument(true, &files), Some("server run".into()));
        // Nothing that listens: a tool for servers.
        assert_eq!(argument(false, &files), None);
    }

    #[test]
    fn a_program_that_does_its_work_without_a_command_gets_none() {
        let root = "package main\nimport \"github.com/spf13/cobra\"\nfunc main() { root := &cobra.Command{Use: \"x\", Run: run}; root.AddCommand(&cobra.Command{Use: \"serve\", Run: serve}); root.Execute() }\n";
        assert_eq!(argument(true, &[("main.go", root)]), None);
        let helps = root.replace("Run: run", "Run: func(c *cobra.Command, a []string) { c.Help() }");
        assert_eq!(argument(true, &[("main.go", &helps)]), Some("serve".into()));
    }

    #[test]
    fn of_two_that_serve_neither_is_chosen() {
        let source = "package main\nimport \"github.com/urfave/cli/v2\"\nfunc main() { app := &cli.App{Commands: []*cli.Command{{Name: \"api\", Action: a}, {Name: \"web\", Action: b}, {Name: \"version\", Action: c}}}; app.Run() }\n";
        assert_eq!(argument(true, &[("main.go", source)]), None);
        let one = source.replace("\"api\"", "\"sync\"");
        assert_eq!(argument(true, &[("main.go", &one)]), Some("web".into()));
        assert_eq!(argument(false, &[("main.go", &one)]), None);
    }

    #[test]
    fn commands_without_end_are_left_alone() {
        let deep = "Name: \"a\", Commands: []*cli.Command{&cli.Command{".repeat(20_000);
        let source =
            format!("package main\nimport \"github.com/urfave/cli/v2\"\nvar a = &cli.Command{{{deep}");
        assert_eq!(argument(true, &[("main.go", &source)]), None);
    }

    #[test]
    fn broken_source_ends() {
        for source in [
            "package main\nimport \"github.com/spf13/cobra\"\nvar r = &cobra.Command{Use: \"x\", Commands: []*cobra.Command{{",
            "package main\nimport \"github.com/spf13/cobra\"\nfunc a() { a.AddCommand(a, a(), &cobra.Command{",
            "package main\nimport \"github.com/urfave/cli\"\nvar a = cli.Command{a: , Name: , Commands: {,,{}}}",
        ] {
            assert_eq!(argument(true, &[("main.go", source)]), None);
        }
    }
}
