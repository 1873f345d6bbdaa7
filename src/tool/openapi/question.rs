//! Operations asked for as a person would: a deterministic paraphrase of what documents say.
//!
//! "Retrieves a list of all invoices" of the Acme API becomes "can you show me the invoices in acme?"
//! and the like: the verb is replaced by a synonym, words that only documents use are dropped, and
//! templates put the rest into a request. A paraphrase never holds its source whole.

use super::text::first_sentence;

/// Words of an operation that a question is made of.
const MAX_WORDS: usize = 14;

/// What documents call a verb, and how people ask for the same: to someone ("show me …"), and about
/// themselves ("how do i see …").
struct Verb {
    documented: &'static [&'static str],
    asked: &'static [&'static str],
    wanted: &'static [&'static str],
}

const VERBS: &[Verb] = &[
    Verb {
        documented: &["list", "enumerate"],
        asked: &["show me", "give me", "pull up", "tell me"],
        wanted: &["see", "look at", "get hold of", "view"],
    },
    Verb {
        documented: &["get", "retrieve", "return", "fetch", "read", "obtain", "load", "gets"],
        asked: &["show me", "look up", "find", "give me", "pull up"],
        wanted: &["look up", "see", "find", "check"],
    },
    Verb {
        documented: &[
            "describe", "show", "view", "display", "provide", "give", "lookup", "inspect",
        ],
        asked: &["tell me about", "look up", "give me", "find"],
        wanted: &["find out about", "look up", "get", "check"],
    },
    Verb {
        documented: &[
            "create", "add", "insert", "post", "register", "generate", "make", "new", "define",
        ],
        asked: &["make", "set up", "please create", "put in"],
        wanted: &["make", "set up", "put in", "start"],
    },
    Verb {
        documented: &["delete", "remove", "destroy", "erase", "purge", "deletes"],
        asked: &["get rid of", "throw away", "drop", "take away"],
        wanted: &["get rid of", "throw out", "drop", "take out"],
    },
    Verb {
        documented: &[
            "update", "modify", "edit", "patch", "change", "alter", "replace", "put", "upsert",
        ],
        asked: &["change", "adjust", "make changes to", "fix"],
        wanted: &["change", "adjust", "make changes to", "fix"],
    },
    Verb {
        documented: &["set", "configure", "specify", "assign"],
        asked: &["choose", "put in place", "adjust"],
        wanted: &["choose", "put in place", "adjust"],
    },
    Verb {
        documented: &["search", "find", "query", "filter"],
        asked: &["look for", "hunt down", "look through"],
        wanted: &["look for", "hunt down", "look through"],
    },
    Verb {
        documented: &["check", "validate", "verify", "test", "determine"],
        asked: &["make sure about", "double-check", "have a look at"],
        wanted: &["make sure about", "double-check", "confirm"],
    },
    Verb {
        documented: &["send", "submit", "publish", "dispatch"],
        asked: &["fire off", "hand in", "push out"],
        wanted: &["fire off", "hand in", "push out"],
    },
    Verb {
        documented: &[
            "start", "run", "execute", "launch", "invoke", "trigger", "begin", "initiate",
        ],
        asked: &["kick off", "get going with", "fire up"],
        wanted: &["kick off", "get going with", "fire up"],
    },
    Verb {
        documented: &["stop", "cancel", "terminate", "abort", "end"],
        asked: &["call off", "put an end to", "shut down"],
        wanted: &["call off", "put an end to", "shut down"],
    },
    Verb {
        documented: &["enable", "activate", "allow", "permit"],
        asked: &["turn on", "switch on"],
        wanted: &["turn on", "switch on"],
    },
    Verb {
        documented: &["disable", "deactivate", "block"],
        asked: &["turn off", "switch off"],
        wanted: &["turn off", "switch off"],
    },
    Verb {
        documented: &["upload", "import"],
        asked: &["bring in", "send up"],
        wanted: &["bring in", "send up"],
    },
    Verb {
        documented: &["download", "export"],
        asked: &["save a copy of", "give me a copy of"],
        wanted: &["save a copy of", "get a copy of"],
    },
    Verb {
        documented: &["count", "calculate", "compute", "estimate"],
        asked: &["work out", "figure out"],
        wanted: &["work out", "figure out"],
    },
    Verb {
        documented: &["attach", "associate", "link", "bind", "join", "connect"],
        asked: &["hook up", "tie together"],
        wanted: &["hook up", "tie together"],
    },
    Verb {
        documented: &["detach", "disassociate", "unlink", "disconnect", "revoke", "unassign"],
        asked: &["take off", "undo"],
        wanted: &["take off", "undo"],
    },
    Verb {
        documented: &["copy", "clone", "duplicate"],
        asked: &["make a second"],
        wanted: &["make a second", "have another"],
    },
    Verb {
        documented: &["move", "transfer", "migrate"],
        asked: &["shift", "bring over"],
        wanted: &["shift", "bring over"],
    },
    Verb {
        documented: &["restore", "recover", "undelete"],
        asked: &["bring back"],
        wanted: &["bring back"],
    },
];

/// Words that documents use and people don't.
const DROPPED: &[&str] = &[
    "the",
    "specified",
    "given",
    "provided",
    "existing",
    "particular",
    "certain",
    "available",
    "corresponding",
    "respective",
    "current",
    "currently",
    "resource",
    "resources",
    "object",
    "entity",
    "instance",
    "record",
    "single",
    "specific",
    "all",
    "matching",
    "requested",
    "based",
    "endpoint",
    "api",
    "operation",
    "successfully",
    "collection",
    "list",
];

/// Words that people have others for.
const PLAINER: &[(&str, &str)] = &[
    ("information", "details"),
    ("details", "info"),
    ("id", "number"),
    ("ids", "numbers"),
    ("identifier", "number"),
    ("configuration", "settings"),
    ("configurations", "settings"),
    ("associated", "linked"),
    ("multiple", "several"),
    ("via", "with"),
    ("using", "with"),
    ("user", "person"),
    ("users", "people"),
    ("metadata", "details"),
    ("retrieve", "get"),
    ("retrieves", "gets"),
    ("specifies", "says"),
    ("customer", "client"),
    ("customers", "clients"),
    ("image", "picture"),
    ("images", "pictures"),
    ("message", "note"),
    ("messages", "notes"),
    ("status", "state"),
    ("properties", "settings"),
    ("parameters", "settings"),
    ("within", "in"),
    ("default", "standard"),
    ("organization", "company"),
    ("organizations", "companies"),
    ("group", "team"),
    ("groups", "teams"),
    ("quantity", "amount"),
    ("permission", "right"),
    ("permissions", "rights"),
    ("history", "past"),
    ("statistics", "numbers"),
    ("document", "file"),
    ("documents", "files"),
    ("returns", "gives"),
    ("containing", "with"),
    ("contains", "has"),
];

const ASKED: &[&str] = &[
    "{asked} {rest} in {api}",
    "can you {asked} {rest} on {api}?",
    "{asked} {rest}, it's for {api}",
    "please {asked} {rest} in {api}",
    "could you {asked} {rest} from {api}?",
    "{api}: {asked} {rest}",
    "in {api}, {asked} {rest}",
    "hey, {asked} {rest} with {api}",
    "{asked} {rest} using {api} please",
];

const WANTED: &[&str] = &[
    "how do i {wanted} {rest} in {api}?",
    "i want to {wanted} {rest} on {api}",
    "i need to {wanted} {rest} in {api}",
    "what's the way to {wanted} {rest} with {api}?",
    "i'd like to {wanted} {rest}, {api} that is",
    "is there a way to {wanted} {rest} in {api}?",
    "help me {wanted} {rest} in {api}",
    "{api}, i have to {wanted} {rest}",
];

const THINGS: &[&str] = &[
    "i need something in {api} about {rest}",
    "what can {api} do with {rest}?",
    "in {api} i'm after {rest}",
    "{api}, something like {rest}",
    "do this on {api} for me: {rest}",
    "i'm dealing with {api} and {rest}",
];

/// A person's question for an operation with this text (a summary, or the first sentence of a
/// description), or `None` when too few words are left for one. The same `seed` gives the same question.
pub fn paraphrase(text: &str, api: &str, seed: u64) -> Option<String> {
    let mut choice = Choice(seed);
    let source = normalized(first_sentence(text));
    let mut words: Vec<&str> = source.split(' ').filter(|word| !word.is_empty()).collect();
    let verb = words.first().and_then(|first| verb(first));
    if verb.is_some() {
        words.remove(0);
    }
    let rest = plainer(&words, &mut choice);
    if rest.is_empty() {
        return None;
    }
    let api = asked_title(api);
    let template = match verb {
        Some(_) if choice.one_in(2) => choice.of(ASKED),
        Some(_) => choice.of(WANTED),
        None => choice.of(THINGS),
    };
    let mut question = template.replace("{rest}", &rest);
    if let Some(verb) = verb {
        question = question.replace("{asked}", choice.other(verb.asked, &source));
        question = question.replace("{wanted}", choice.other(verb.wanted, &source));
    }
    question = match api.as_str() {
        "" => [
            "in {api}, ",
            "{api}: ",
            "{api}, ",
            ", it's for {api}",
            ", {api} that is",
            " in {api}",
            " on {api}",
            " with {api}",
            " from {api}",
            " using {api}",
            "{api}",
        ]
        .iter()
        .fold(question, |question, part| question.replace(part, "")),
        api => question.replace("{api}", api),
    };
    let question = question.split_whitespace().collect::<Vec<_>>().join(" ");
    (!holds(&question, &source)).then_some(question)
}

/// Whether a question holds its source word for word.
pub fn holds(question: &str, source: &str) -> bool {
    let padded = |text: &str| format!(" {} ", normalized(text));
    padded(question).contains(&padded(source))
}

/// Lower-case words without punctuation.
fn normalized(text: &str) -> String {
    let word_character = |c: char| c.is_alphanumeric() || "'-_".contains(c);
    let words = text.split(|c: char| !word_character(c)).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// The verb that a text begins with: "list", "Lists", "listing".
fn verb(first: &str) -> Option<&'static Verb> {
    let forms = |verb: &&str| {
        let stem = verb.trim_end_matches('e');
        first == *verb
            || first == format!("{verb}s")
            || first == format!("{verb}es")
            || first == format!("{stem}ing")
            || verb.strip_suffix('y').is_some_and(|stem| first == format!("{stem}ies"))
    };
    VERBS.iter().find(|verb| verb.documented.iter().any(|form| forms(&form)))
}

/// Whether a text begins with a verb that there are synonyms for.
pub fn begins_with_verb(text: &str) -> bool {
    normalized(text).split(' ').next().is_some_and(|first| verb(first).is_some())
}

/// What an operation is about, in fewer and plainer words.
fn plainer(words: &[&str], choice: &mut Choice) -> String {
    let mut words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    for (index, word) in words.iter_mut().enumerate() {
        let other = PLAINER.iter().find(|(documented, _)| documented == word);
        if let Some((_, plain)) = other.filter(|_| choice.one_in(2) && index > 0) {
            *word = (*plain).to_owned();
        } else if word.contains('_') {
            *word = word.replace('_', " ");
        }
    }
    let kept: Vec<String> =
        words.iter().filter(|word| !DROPPED.contains(&word.as_str())).cloned().collect();
    let mut kept = if kept.iter().any(|word| !is_small(word)) { kept } else { words };
    kept.truncate(MAX_WORDS);
    while kept.last().is_some_and(|word| is_small(word)) {
        kept.pop();
    }
    while kept.first().is_some_and(|word| matches!(word.as_str(), "of" | "for" | "that" | "and")) {
        kept.remove(0);
    }
    kept.join(" ")
}

/// Words that can't end a question.
fn is_small(word: &str) -> bool {
    const SMALL: &[&str] = &[
        "a", "an", "the", "of", "in", "for", "to", "by", "with", "and", "or", "from", "on", "that",
        "this", "which", "your", "its", "as", "at", "is", "are", "be", "if",
    ];
    SMALL.contains(&word)
}

/// An API's title without what only documents say: "API", versions, "REST", a company's legal form.
pub fn plain_title(title: &str) -> String {
    const WORDS: &[&str] = &[
        "api",
        "apis",
        "rest",
        "restful",
        "openapi",
        "swagger",
        "specification",
        "spec",
        "documentation",
        "docs",
        "reference",
        "public",
        "web",
        "http",
        "json",
        "client",
        "the",
        "service",
        "definition",
        "inc",
        "ltd",
        "gmbh",
        "beta",
        "alpha",
        "preview",
        "-",
        "–",
        "|",
        ":",
    ];
    let is_version = |word: &str| {
        let digits = word.trim_start_matches(['v', 'V']);
        !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-')
    };
    let title = title.split(['(', '[', '{']).next().unwrap_or_default();
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let words: Vec<&str> = title
        .split_whitespace()
        .filter(|word| {
            !WORDS.contains(&bare(word).as_str()) && !is_version(word) && !bare(word).is_empty()
        })
        .take(6)
        .collect();
    if words.is_empty() { title.trim().to_owned() } else { words.join(" ") }
}

/// A title as a person writes it in a question.
fn asked_title(title: &str) -> String {
    let title = plain_title(title).replace(['|', ':', '"'], " ");
    title.to_lowercase().replace("amazon ", "aws ")
}

/// A small generator of pseudo-random numbers (SplitMix64): enough to choose among a few phrases.
pub struct Choice(pub u64);

impl Choice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// True once in `n` times.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }

    /// One of `list`.
    pub fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[(self.next() % list.len() as u64) as usize]
    }

    /// One of `list` that does not stand in `source`, if there is one.
    fn other<'a>(&mut self, list: &[&'a str], source: &str) -> &'a str {
        let others: Vec<&str> =
            list.iter().copied().filter(|phrase| !source.starts_with(phrase)).collect();
        if others.is_empty() { self.of(list) } else { self.of(&others) }
    }
}
