//! The rules of ARCHITECTURE.md about who may import whom, read off the sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The modules of core, lowest line first. A module imports those on the lines above it, and those
/// on its own line as long as that goes one way.
const LINES: &[&[&str]] = &[
    &["base64", "error", "glob", "index", "order", "quote", "steps", "types"],
    &["json", "key", "command", "limits", "reply"],
    &["value", "ttl"],
    &["layout", "op"],
    &["call", "script"],
    &["ops"],
    &["plan"],
    &["frame", "spell", "toml"],
];

/// Memory reads commands as a server would: it may know nothing of layouts, calls and plans.
const MEMORY_IMPORTS: &[&str] =
    &["base64", "command", "error", "glob", "json", "limits", "order", "reply", "script"];

/// The crates of this workspace that each crate may depend on, outside of tests.
const CRATES: &[(&str, &[&str])] = &[
    ("cli", &["nestkey"]),
    ("core", &[]),
    ("macros", &["nestkey-core"]),
    ("native", &["nestkey-core", "nestkey-macros"]),
    ("wasm", &["nestkey-core"]),
    ("xtask", &["nestkey-canary"]),
];

/// The commands that make up turns; `plan` may name these and no others.
const TURN_COMMANDS: &[&str] = &["EVAL", "EVALSHA", "EXEC", "MULTI", "SCAN", "UNWATCH", "WATCH"];

/// Commands on data. Those that set up a connection (AUTH, CLIENT, HELLO, PING, SELECT …) are not
/// among them.
const DATA_COMMANDS: &str = "APPEND BITCOUNT BITFIELD BITOP BITPOS BLMOVE BLMPOP BLPOP BRPOP \
    BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN COPY DBSIZE DECR DECRBY DEL DELEX DISCARD DUMP EXISTS \
    EXPIRE EXPIREAT EXPIRETIME FCALL FLUSHALL FLUSHDB GEOADD GET GETBIT GETDEL GETEX GETRANGE \
    GETSET HDEL HEXISTS HEXPIRE HGET HGETALL HGETDEL HGETEX HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET \
    HMSET HPERSIST HPEXPIRE HPTTL HRANDFIELD HSCAN HSET HSETEX HSETNX HSTRLEN HTTL HVALS INCR \
    INCRBY INCRBYFLOAT INCREX KEYS LINDEX LINSERT LLEN LMOVE LMPOP LPOP LPOS LPUSH LPUSHX LRANGE \
    LREM LSET LTRIM MEMORY MGET MOVE MSET MSETEX MSETNX OBJECT PERSIST PEXPIRE PEXPIREAT \
    PEXPIRETIME PFADD PFCOUNT PFMERGE PSETEX PSUBSCRIBE PTTL PUBLISH PUNSUBSCRIBE RANDOMKEY RENAME \
    RENAMENX RESTORE RPOP RPOPLPUSH RPUSH RPUSHX SADD SCARD SCRIPT SDIFF SDIFFSTORE SET SETBIT \
    SETEX SETNX SETRANGE SINTER SINTERCARD SINTERSTORE SISMEMBER SMEMBERS SMISMEMBER SMOVE SORT \
    SPOP SPUBLISH SRANDMEMBER SREM SSCAN SSUBSCRIBE STRLEN SUBSCRIBE SUNION SUNIONSTORE \
    SUNSUBSCRIBE TOUCH TTL TYPE UNLINK UNSUBSCRIBE XACK XADD XDEL XLEN XRANGE XREAD XREADGROUP \
    XTRIM ZADD ZCARD ZCOUNT ZDIFF ZINCRBY ZINTER ZLEXCOUNT ZMPOP ZMSCORE ZPOPMAX ZPOPMIN \
    ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANGESTORE ZRANK ZREM ZREMRANGEBYLEX \
    ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANK ZSCAN ZSCORE ZUNION ZUNIONSTORE";

const LONGEST_FILE: usize = 400;

#[test]
fn a_module_of_core_imports_only_what_stands_above_it() {
    let imports = core_imports();
    assert!(!imports.is_empty(), "no imports found: the reading of sources is broken");
    let wrong: Vec<_> = imports.iter().filter_map(|import| import.wrong(&imports)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn core_knows_no_std() {
    for source in sources("core/src", "rs") {
        for name in ["std::", "extern crate std"] {
            let found = words(&source.code, name).next();
            assert!(found.is_none(), "{} says `{name}`", source.path.display());
        }
    }
}

#[test]
fn native_and_wasm_name_no_redis_command() {
    let commands: Vec<_> =
        DATA_COMMANDS.split_whitespace().chain(TURN_COMMANDS.iter().copied()).collect();
    assert_no_literals(&["native/src", "wasm/src"], &commands);
}

#[test]
fn plans_name_only_the_commands_of_turns() {
    let commands: Vec<_> = DATA_COMMANDS.split_whitespace().collect();
    assert_no_literals(&["core/src/plan"], &commands);
}

#[test]
fn a_crate_depends_only_on_the_crates_below_it() {
    for (folder, allowed) in CRATES {
        let Ok(manifest) = fs::read_to_string(root().join(folder).join("Cargo.toml")) else {
            continue;
        };
        let sections = manifest.split("\n[").filter(|section| section.starts_with("dependencies]"));
        let names = sections.flat_map(str::lines).filter(|line| line.starts_with("nestkey"));
        for name in names.map(|line| line.split(['.', ' ', '=']).next().unwrap_or_default()) {
            assert!(allowed.contains(&name), "{folder} depends on {name}");
        }
    }
}

#[test]
fn a_file_stays_short_enough_to_be_read_at_once() {
    let too_long: Vec<_> = ["rs", "ts"]
        .iter()
        .flat_map(|extension| sources("", extension))
        .filter(|source| source.code.lines().count() > LONGEST_FILE)
        .map(|source| format!("{}: {} lines", source.path.display(), source.code.lines().count()))
        .collect();
    assert!(too_long.is_empty(), "more than {LONGEST_FILE} lines of code: {too_long:?}");
}

#[test]
fn grouped_and_nested_imports_are_read() {
    let code =
        "use crate::{error::{Error, Result}, key};\nuse crate::json;\nlet x = crate::ttl::X;";
    assert_eq!(imported(code, 1), ["error", "json", "key", "ttl"].into());
    assert_eq!(imported("use super::{param, slot};", 2), [].into());
    assert_eq!(imported("use super::super::error;\nuse super::param;", 2), ["error"].into());
    assert_eq!(imported("pub(crate) fn f() {}", 1), [].into());
}

#[test]
fn tests_and_comments_are_no_code() {
    let text =
        "//! Docs.\n\nfn a() {}\n// why\n#[cfg(test)]\nmod tests {\n    use crate::plan;\n}\n";
    assert_eq!(code_of(text, "rs"), "fn a() {}\n");
    assert_eq!(code_of("/**\n * Docs.\n */\nlet a = 1;\n", "ts"), "let a = 1;\n");
}

/// One module of core that names another.
struct Import {
    from: String,
    to: String,
    file: PathBuf,
}

impl Import {
    /// Says what is wrong with it, if anything.
    fn wrong(&self, all: &[Self]) -> Option<String> {
        let Self { from, to, file } = self;
        let complaint = if from == "memory" {
            (!MEMORY_IMPORTS.contains(&to.as_str())).then_some("which memory must not know")?
        } else {
            match (line_of(from), line_of(to)) {
                (None, _) => "but has no line of its own in the table",
                (_, None) => "which has no line in the table",
                (Some(from_line), Some(to_line)) if from_line < to_line => "which stands below it",
                (Some(from_line), Some(to_line))
                    if from_line == to_line && leads(all, to, from) =>
                {
                    "which imports it in turn"
                }
                _ => return None,
            }
        };
        Some(format!("{}: `{from}` imports `{to}`, {complaint}", file.display()))
    }
}

fn line_of(module: &str) -> Option<usize> {
    LINES.iter().position(|line| line.contains(&module))
}

/// Whether imports lead from one module to another within its line.
fn leads(all: &[Import], from: &str, to: &str) -> bool {
    let mut seen = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        let next = all.iter().filter(|i| i.from == module && line_of(&i.to) == line_of(from));
        open.extend(next.map(|i| i.to.as_str()).filter(|to| seen.insert(to)));
    }
    seen.contains(to)
}

fn core_imports() -> Vec<Import> {
    let mut imports = Vec::new();
    for source in sources("core/src", "rs") {
        let module: Vec<_> = source.module("core/src");
        let Some(from) = module.first().filter(|name| *name != "lib") else { continue };
        for to in imported(&source.code, module.len()) {
            if to != from {
                imports.push(Import {
                    from: from.clone(),
                    to: to.into(),
                    file: source.path.clone(),
                });
            }
        }
    }
    imports
}

/// The modules of the crate's root that a module at this depth names, by `crate::` or by as many
/// `super::` as lead up to the root.
fn imported(code: &str, depth: usize) -> BTreeSet<&str> {
    let to_root = "super::".repeat(depth);
    let by_name = words(code, "crate::");
    let by_steps = words(code, &to_root).filter(|rest| !rest.starts_with("super::"));
    by_name.chain(by_steps).flat_map(heads).filter(|name| starts_lowercase(name)).collect()
}

/// What follows each place where a path begins with these words.
fn words<'a>(code: &'a str, start: &str) -> impl Iterator<Item = &'a str> {
    code.match_indices(start).filter_map(move |(at, found)| {
        let before = code[..at].chars().next_back();
        let inside = before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':');
        (!inside).then_some(&code[at + found.len()..])
    })
}

/// The first names of `a::b` or of every member of `{a::{b, c}, d}`.
fn heads(path: &str) -> Vec<&str> {
    let Some(group) = path.strip_prefix('{') else { return vec![name_at(path)] };
    let (mut heads, mut depth) = (vec![name_at(group)], 1);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => heads.push(name_at(&group[at + 1..])),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

fn name_at(path: &str) -> &str {
    let path = path.trim_start();
    let end = path.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(path.len());
    &path[..end]
}

/// Modules are lowercase; types and constants re-exported at the root are not modules.
fn starts_lowercase(name: &str) -> bool {
    name.starts_with(|c: char| c.is_lowercase())
}

fn assert_no_literals(folders: &[&str], names: &[&str]) {
    for source in folders.iter().flat_map(|folder| sources(folder, "rs")) {
        for name in names {
            let found = source.code.contains(&format!("\"{name}\""));
            assert!(!found, "{} names the command {name}", source.path.display());
        }
    }
}

/// A file's code, and where it stands below the root.
struct Source {
    path: PathBuf,
    code: String,
}

impl Source {
    /// The module's path within its crate: `key/param.rs` and `key/param/mod.rs` are key, param.
    fn module(&self, src: &str) -> Vec<String> {
        let path = self.path.strip_prefix(src).unwrap_or(&self.path).with_extension("");
        let names = path.iter().map(|name| name.to_string_lossy().into_owned());
        names.filter(|name| name != "mod").collect()
    }
}

/// Every source below a folder, without what is built, fetched or a test.
fn sources(folder: &str, extension: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.extend(is_source_folder(&path).then_some(path));
            } else if path.extension().is_some_and(|e| e == extension) {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root()).unwrap().into();
                found.push(Source { path, code: code_of(&text, extension) });
            }
        }
    }
    found
}

fn is_source_folder(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let aside = ["build", "target", "node_modules", "dist", "generated", "test", "tests"];
    !name.starts_with('.') && !aside.contains(&&*name)
}

/// The lines that are neither blank nor comments, up to the tests at the end of the file.
fn code_of(text: &str, extension: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    let is_comment = |line: &str| {
        let line = line.trim_start();
        line.starts_with("//") || (extension == "ts" && line.starts_with(['/', '*']))
    };
    let lines = text[..end].lines().filter(|line| !line.trim().is_empty() && !is_comment(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
