//! Workers of queues, spiders and load tests, which a distribution of their own starts.

use super::facts::Facts;
use super::modules;
use super::source::Module;
use super::start::Start;
use crate::decision::{Because, Chosen};
use crate::paths;
use crate::tree::Tree;

/// A Celery worker, where there is no web application.
pub fn worker(tree: &Tree, facts: &Facts) -> Option<Start> {
    let manager = facts.manager.as_ref()?;
    if manager.dist("celery").is_some() {
        let found = facts.modules.iter().find_map(|m| {
            let value = m.values.iter().find(|v| {
                matches!(
                    v.callee.as_deref(),
                    Some("celery.Celery" | "celery.app.Celery" | "celery.app.base.Celery")
                )
            })?;
            Some((m, value))
        });
        let (module, value) = found?;
        let import = modules::import_of(tree, &facts.dir, module);
        let target = format!("{}:{}", import.name, value.name);
        let words = ["celery", "--app", &target, "worker", "--loglevel=INFO"]
            .map(String::from)
            .to_vec();
        let mut start = Start::new(facts, words, Because::at(&value.at, "has the Celery application"));
        start.entry = target;
        start.framework = "Celery";
        if import.root != facts.dir {
            start.import_root = Some(import.root);
        }
        return Some(start);
    }
    None
}

/// Where no file is a program: a worker of RQ, or Locust with its file.
pub fn runner_of_files(tree: &Tree, facts: &Facts) -> Option<Start> {
    let manager = facts.manager.as_ref()?;
    let works = |m: &Module| {
        m.guard.is_some()
            || m.calls
                .iter()
                .any(|c| c.callee.rsplit('.').next() == Some("work"))
    };
    if facts.modules.iter().any(works) {
        return None;
    }
    if let Some(dist) = manager.dist("rq").filter(|d| d.direct) {
        let queue = facts
            .modules
            .iter()
            .flat_map(|m| &m.calls)
            .filter(|c| matches!(c.callee.as_str(), "rq.Queue" | "rq.queue.Queue"))
            .find_map(|c| c.positional(0).filter(|a| a.is_string)?.value.clone());
        let mut words = vec!["rq".to_string(), "worker".into()];
        words.extend(queue);
        let because = Because::at(
            &dist.at,
            "asks for RQ, and no file starts a worker; RQ_REDIS_URL says where Redis is",
        );
        let mut start = Start::new(facts, words, because);
        start.framework = "RQ";
        return Some(start);
    }
    if let Some(start) = spider(tree, facts) {
        return Some(start);
    }
    let usual = super::facts::in_dir(&facts.dir, LOCUST_FILE);
    let file = || {
        let mut users = facts.modules.iter().filter(|m| m.imports("locust"));
        let only = users.next().filter(|_| users.next().is_none());
        only.map(|m| m.path.clone())
    };
    let file = Some(usual.clone()).filter(|f| tree.has(f)).or_else(file);
    if let (Some(_), Some(file)) = (manager.dist("locust"), file) {
        let because = Because::at(&tree.place(&file), "is what Locust runs");
        let mut words = vec!["locust".to_string()];
        if file != usual {
            words.extend(["-f".into(), paths::relative(&file, &facts.dir).to_string()]);
        }
        let mut start = Start::new(facts, words, because);
        start.framework = "Locust";
        start.port = Some(Chosen::new(
            8089,
            Because::rule("the usual one of Locust's web interface"),
        ));
        return Some(start);
    }
    None
}

/// The only spider of a Scrapy project, or the command that takes the name of one.
fn spider(tree: &Tree, facts: &Facts) -> Option<Start> {
    facts.manager.as_ref()?.dist("scrapy").filter(|d| d.direct)?;
    let cfg = tree
        .under(&facts.dir)
        .filter(|p| paths::base(p) == "scrapy.cfg")
        .min_by_key(|p| (p.matches('/').count(), *p))?;
    let spiders: Vec<String> = facts
        .modules
        .iter()
        .filter(|m| paths::base(paths::parent(&m.path)) == "spiders" && m.imports("scrapy"))
        .filter_map(|m| spider_name(&m.source.text))
        .collect();
    let mut words = vec!["scrapy".to_string(), "crawl".into()];
    let because = Because::at(&tree.place(cfg), "makes it a project of Scrapy");
    if let [one] = &spiders[..] {
        words.push(one.clone());
    }
    let mut start = Start::new(facts, words, because);
    start.command_line = spiders.len() != 1;
    start.framework = "Scrapy";
    start.workdir = paths::parent(cfg).to_string();
    Some(start)
}

/// `name = "quotes"` in the class of a spider.
fn spider_name(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|l| l.starts_with("name = "))?;
    let name = line["name = ".len()..].trim_matches(['"', '\'']);
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    (!name.is_empty() && name.chars().all(plain)).then(|| name.to_string())
}

/// What Locust takes without a word.
pub const LOCUST_FILE: &str = "locustfile.py";
