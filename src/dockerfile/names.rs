//! A Dockerfile's text in words: its instructions and the images that it names, each as a place in
//! the text. For changes of a finished file; it judges nothing.

use std::ops::Range;

/// Where a Dockerfile names an image of a registry, in its order. A stage's name, its number,
/// `scratch` and what a variable decides are none.
pub fn images(dockerfile: &str) -> Vec<Range<usize>> {
    let mut stages: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for words in instructions(dockerfile) {
        let word = |range: &Range<usize>| &dockerfile[range.clone()];
        let Some((name, rest)) = words.split_first() else {
            continue;
        };
        let flags = rest.iter().take_while(|r| word(r).starts_with("--"));
        let mut stage = None;
        let candidates: Vec<Range<usize>> = match word(name).to_uppercase().as_str() {
            "FROM" => {
                let own = &rest[flags.count()..];
                if let [_, r#as, name] = own
                    && word(r#as).eq_ignore_ascii_case("as")
                {
                    stage = Some(word(name).to_lowercase());
                }
                own.iter().take(1).cloned().collect()
            }
            "COPY" | "ADD" => flags.filter_map(|r| field(dockerfile, r, "--from=")).collect(),
            "RUN" => flags
                .filter(|r| word(r).starts_with("--mount="))
                .filter_map(|r| field(dockerfile, r, "from="))
                .collect(),
            _ => Vec::new(),
        };
        found.extend(candidates.into_iter().filter(|place| {
            let image = &dockerfile[place.clone()];
            !image.is_empty()
                && image != "scratch"
                && !image.contains(['$', '"', '\''])
                && !image.bytes().all(|b| b.is_ascii_digit())
                && !stages.contains(&image.to_lowercase())
        }));
        stages.extend(stage);
    }
    found
}

/// The value after `key` among the comma-separated fields of a word.
fn field(text: &str, word: &Range<usize>, key: &str) -> Option<Range<usize>> {
    let mut start = word.start;
    for part in text[word.clone()].split(',') {
        let bare = part.strip_prefix("--mount=").unwrap_or(part);
        if let Some(value) = bare.strip_prefix(key) {
            let from = start + part.len() - value.len();
            return Some(from..from + value.len());
        }
        start += part.len() + 1;
    }
    None
}

/// The words of each instruction. Comments, continuations and here-documents as BuildKit reads them;
/// the escape character is the backslash, as in everything that rdock writes.
pub fn instructions(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut all = Vec::new();
    let mut words: Vec<Range<usize>> = Vec::new();
    let mut until: Vec<(String, bool)> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        if let Some((end, tabs)) = until.first() {
            let line = line.trim_end_matches(['\n', '\r']);
            let line = if *tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if line == end {
                until.remove(0);
            }
            continue;
        }
        if line.trim_start().starts_with('#') {
            continue;
        }
        let body = line.trim_end();
        let goes_on = body.ends_with('\\') && !words_in(body, at).is_empty();
        words.extend(words_in(body.strip_suffix('\\').unwrap_or(body), at));
        if goes_on || (body.trim().is_empty() && !words.is_empty()) {
            continue;
        }
        if let Some(name) = words.first() {
            let name = text[name.clone()].to_uppercase();
            if matches!(name.as_str(), "RUN" | "COPY" | "ADD") {
                until = words.iter().filter_map(|r| heredoc(&text[r.clone()])).collect();
            }
            all.push(std::mem::take(&mut words));
        }
    }
    if !words.is_empty() {
        all.push(words);
    }
    all
}

fn words_in(line: &str, at: usize) -> Vec<Range<usize>> {
    let base = line.as_ptr() as usize;
    line.split_whitespace()
        .map(|word| {
            let start = at + word.as_ptr() as usize - base;
            start..start + word.len()
        })
        .collect()
}

/// `<<EOF`, `<<-"EOF"`: the end mark, and whether tabs before it count.
pub fn heredoc(word: &str) -> Option<(String, bool)> {
    let mark = &word[word.find("<<")? + 2..];
    let tabs = mark.starts_with('-');
    let mark = mark.trim_start_matches('-').trim_matches(['"', '\'']);
    let good = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!mark.is_empty() && mark.chars().all(good)).then(|| (mark.to_string(), tabs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(dockerfile: &str, names: &[&str]) {
        let found: Vec<&str> = images(dockerfile).into_iter().map(|r| &dockerfile[r]).collect();
        assert_eq!(found, names, "{dockerfile}");
    }

    #[test]
    fn every_place_that_names_an_image_is_found() {
        check(
            "FROM a:1 AS build\nCOPY --link --from=b:2 /x /y\n",
            &["a:1", "b:2"],
        );
        check("from --platform=$BUILDPLATFORM a:1 as b\nFROM b\n", &["a:1"]);
        check(
            "FROM a:1\nRUN --mount=type=cache,target=/c \\\n    --mount=type=bind,from=b:2,target=/x \\\n    make from=c\n",
            &["a:1", "b:2"],
        );
    }

    #[test]
    fn a_stage_a_number_scratch_and_a_variable_are_no_images() {
        check(
            "FROM a:1 AS Build\nFROM build AS next\nCOPY --from=0 /x /y\nCOPY --from=Build /x /y\nFROM scratch\nFROM $BASE\n",
            &["a:1"],
        );
    }

    #[test]
    fn text_that_only_looks_like_an_instruction_is_left_alone() {
        check(
            "FROM a:1\nRUN <<EOF\nFROM b:2\nEOF\n# FROM c:3\nRUN x \\\n# FROM d:4\n    FROM e:5\nFROM g:7\n",
            &["a:1", "g:7"],
        );
    }
}
