//! Tests of the security headers, of responses and of static files alike.

use std::collections::BTreeMap;

use super::*;

const STATIC: &str = include_str!("../../../public/_headers");

/// The headers of one rule of `public/_headers`, names in lower case.
fn rule(pattern: &str) -> BTreeMap<String, &'static str> {
    let lines = STATIC.lines().skip_while(|line| *line != pattern).skip(1).take_while(|line| line.starts_with(' '));
    let pairs = lines.map(|line| line.trim().split_once(": ").expect("name: value"));
    pairs.map(|(name, value)| (name.to_lowercase(), value)).collect()
}

/// A policy as its directives.
fn directives(policy: &str) -> BTreeMap<&str, &str> {
    policy.split("; ").map(|directive| directive.split_once(' ').unwrap_or((directive, ""))).collect()
}

#[test]
fn static_files_say_what_the_worker_says() {
    let files = rule("/*");
    for (name, value) in HEADERS {
        match *name {
            // Files are kept by browsers; answers never are.
            "cache-control" => assert_eq!(files.get(*name), None),
            "content-security-policy" => {}
            _ => assert_eq!(files.get(*name), Some(value), "{name}"),
        }
    }
    let known: Vec<&str> = HEADERS.iter().map(|(name, _)| *name).collect();
    for name in files.keys() {
        assert!(known.contains(&name.as_str()), "{name} is only said of files");
    }
}

#[test]
fn both_policies_allow_nothing_that_is_not_named() {
    let answers = HEADERS.iter().find(|(name, _)| *name == "content-security-policy").expect("a policy").1;
    for policy in [answers, rule("/*")["content-security-policy"]] {
        let directives = directives(policy);
        for name in ["default-src", "object-src", "base-uri", "frame-ancestors"] {
            assert_eq!(directives.get(name), Some(&"'none'"), "{name} of {policy}");
        }
        for (name, sources) in &directives {
            for source in sources.split(' ') {
                let harmless = matches!(source, "'none'" | "'self'");
                let needed = matches!((*name, source), ("script-src", "'wasm-unsafe-eval'") | ("img-src", "data:"));
                assert!(harmless || needed, "{name} {source}");
            }
        }
    }
}

#[test]
fn only_files_named_by_their_content_are_kept_for_ever() {
    let patterns = STATIC.lines().filter(|line| line.starts_with('/') && *line != "/*");
    for pattern in patterns {
        let forever = rule(pattern)["cache-control"].contains("immutable");
        assert_eq!(forever, pattern.ends_with("-*"), "{pattern}");
    }
}
