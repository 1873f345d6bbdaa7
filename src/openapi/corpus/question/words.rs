//! The phrases that questions are made of.

/// What documents call a verb, and how people ask for the same: to someone ("show me …"), and about
/// themselves ("how do i see …").
pub struct Verb {
    /// In documents.
    pub documented: &'static [&'static str],
    /// To someone.
    pub asked: &'static [&'static str],
    /// About oneself.
    pub wanted: &'static [&'static str],
}

/// Verbs of operations.
pub const VERBS: &[Verb] = &[
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
        asked: &["make sure about", "look into", "have a look at"],
        wanted: &["make sure about", "look into", "confirm"],
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

/// Phrases of documents, and what people say in their place.
pub const PHRASES: &[(&str, &str)] = &[
    ("a list of", ""),
    ("the list of", ""),
    ("list of", ""),
    ("a collection of", ""),
    ("collection of", ""),
    ("a paginated", ""),
    ("paginated", ""),
    ("one or more", "some"),
    ("information about", "info on"),
    ("information on", "info on"),
    ("details about", "info on"),
    ("as well as", "and"),
    ("in order to", "to"),
    ("such as", "like"),
    ("based on", "by"),
    ("by its", "by"),
    ("with the specified", "with a"),
    ("for the specified", "for a"),
    ("of the specified", "of a"),
    ("for a given", "for a"),
    ("of a given", "of a"),
    ("associated with", "that belong to"),
    ("the details of", "the details of"),
];

/// Words that documents use and people don't.
pub const DROPPED: &[&str] = &[
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
];

/// Words that people have others for.
pub const PLAINER: &[(&str, &str)] = &[
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

/// Requests to someone.
pub const ASKED: &[&str] = &[
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

/// Wishes and questions of how to.
pub const WANTED: &[&str] = &[
    "how do i {wanted} {rest} in {api}?",
    "i want to {wanted} {rest} on {api}",
    "i need to {wanted} {rest} in {api}",
    "what's the way to {wanted} {rest} with {api}?",
    "i'd like to {wanted} {rest}, {api} that is",
    "is there a way to {wanted} {rest} in {api}?",
    "help me {wanted} {rest} in {api}",
    "{api}, i have to {wanted} {rest}",
];

/// For operations that no known verb begins.
pub const THINGS: &[&str] = &[
    "i need something in {api} about {rest}",
    "what can {api} do with {rest}?",
    "in {api} i'm after {rest}",
    "{api}, something like {rest}",
    "do this on {api} for me: {rest}",
    "i'm dealing with {api} and {rest}",
];
