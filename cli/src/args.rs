//! The command line as it is typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The heading of the options that every command has.
const EVERYWHERE: &str = "Everywhere";

const EXAMPLES: &str = "\
Examples:
  nestkey check                                   every layout file of this folder
  nestkey describe user                           what stands below `user`
  nestkey resolve 'user(7).messages.message(42)'  root:user:7:messages:message:42
  nestkey parse root:user:1:age                   user(1).age
  nestkey plan set 'user(1).age' 30 --ttl 5m      the commands, without sending them
  nestkey --url redis://127.0.0.1 get 'user(1).age'
  nestkey clear 'user(1)' --dry-run               how many keys would go

Exit codes:
  0  fine; of verify, yes
  1  no: a wrong password, a key that does not exist, a layout with problems, a key that is not
     the layout's, files that fmt --check would change, secrets that rotate could not seal anew,
     a path that was not typed when asked for
  2  an error, of the command line or on the way, so that nobody can say
  3  missing: verify where no password is stored, get --exit-missing
  130  interrupted by Ctrl-C";

/// Check, describe and use the key layout of a Redis.
///
/// Paths carry their parameters: user(7).messages.message(42), or by name user(user_id=7). A
/// parameter with a comma, a quote, a parenthesis or = in it is quoted as in JSON. Values are read
/// and printed as JSON.
#[derive(Debug, Parser)]
#[command(name = "nestkey", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The layout file, TOML or JSON; not needed where the folder has exactly one
    /// *.layout.toml, or none and one *.layout.json
    #[arg(short = 'f', long = "file", global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// One more prefix in front of every key
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "PREFIX")]
    pub(crate) prefix: Option<String>,
    /// The server: redis://, rediss://, redis+unix:// or memory://; without it the variable
    /// REDIS_URL, or REDIS_HOST, REDIS_PORT, REDIS_USERNAME and REDIS_PASS of redisimnest
    // Not a variable to clap, whose words on usage would change with it.
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// The file with the keys of secrets; without it the variables NESTKEY_KEYRING, which is its
    /// JSON or a path, and MY_ENCRYPTION_KEY of redisimnest
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub(crate) keyring: Option<PathBuf>,
    /// Each call's commands, replies and time on standard error
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) trace: bool,
    /// JSON on standard output, and errors as JSON on standard error
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check layout files: every problem, with its line and column
    ///
    /// Without FILES: the one of -f, or every *.layout.toml and *.layout.json of this folder.
    Check {
        /// Layout files
        files: Vec<PathBuf>,
    },
    /// Give layout files their one look: spacing, indentation, quotes
    ///
    /// The language, the order and the comments of a file stay; so does what it means. Without
    /// FILES as `check`.
    Fmt {
        /// Change nothing; name the files that would change and fail if there are any
        #[arg(long)]
        check: bool,
        /// Layout files
        files: Vec<PathBuf>,
    },
    /// Print the layout as canonical JSON, which every host of nestkey reads
    Export,
    /// Write a layout file from what another tool declares
    #[command(subcommand)]
    Import(Import),
    /// Write what another tool declares from the layout
    #[command(subcommand)]
    Gen(Gen),
    /// Print the tree: templates, kinds, types, defaults, TTLs, docs
    Describe {
        /// A namespace or key by its dotted path; with parameters it shows how far they resolve it
        path: Option<String>,
    },
    /// Print the key, or the prefix, at a path
    Resolve {
        /// Such as user(7).messages.message(42)
        path: String,
    },
    /// Print the path and parameters of a key
    Parse {
        /// Such as root:user:7:age
        key: String,
    },
    /// Print the commands that a call would send, without sending them
    #[command(after_help = PLAN)]
    Plan(Plan),
    /// Print the value of a key as JSON; its default, or null, where it is missing
    Get {
        /// Such as user(1).age
        path: String,
        /// Print what a secret holds, or the hash of a password
        #[arg(long)]
        reveal: bool,
        /// Exit with 3 where the key is missing; what is printed stays the same
        #[arg(long)]
        exit_missing: bool,
    },
    /// Print whether a key is there, true or false, and exit with 0 or 1
    Exists {
        /// Such as user(1).age
        path: String,
    },
    /// Store a value
    #[command(after_help = "\
Examples:
  nestkey set 'user(1).age' 30
  nestkey set 'user(1).name' Ann --ttl 5m --if missing
  printf %s \"$NAME\" | nestkey set 'user(1).name' -
  nestkey set 'user(1).password' - < password.txt  secrets and passwords never as words")]
    Set {
        /// Such as user(1).age
        path: String,
        /// JSON; a word that is no JSON is a text where the key's type is one; - reads it from
        /// standard input, as secrets and passwords have to be
        #[arg(allow_negative_numbers = true)]
        value: String,
        #[command(flatten)]
        options: SetOptions,
    },
    /// Hold a password against its stored hash
    ///
    /// Prints yes, no or missing, and exits with 0, 1 or 3; with 2 if it cannot be told.
    Verify {
        /// Such as user(1).password
        path: String,
        /// Always -: standard input has the password, without the line break at its end; on a terminal
        /// it is asked for
        #[arg(default_value = "-")]
        password: String,
        /// Replace a hash that is weaker than the layout wants it, if the password is right
        #[arg(long)]
        upgrade: bool,
    },
    /// Print how long a key still lives: seconds, persist, or null where it is missing
    Ttl {
        /// Such as user(1).age
        path: String,
        /// In milliseconds
        #[arg(long)]
        ms: bool,
    },
    /// Remove a key
    Del {
        /// Such as user(1).age
        path: String,
        #[command(flatten)]
        consent: Consent,
    },
    /// Print the layout's own keys along a path, one a line, as they are found
    #[command(after_help = OPEN)]
    Keys {
        /// A namespace or key such as user(1), or user for every one; without it the whole layout
        path: Option<String>,
    },
    /// Count the layout's own keys along a path
    #[command(after_help = OPEN)]
    Count {
        /// A namespace or key such as user(1), or user for every one; without it the whole layout
        path: Option<String>,
    },
    /// Count the keys below a namespace that the layout does not know, by their shapes
    ///
    /// A shape is a key with what looks like a value as {int}, {uuid}, {ulid}, {hex}, {date} or
    /// {email}. The biggest comes first, each with an example. Keys that are foreign by the layout's
    /// word are no strays.
    Strays {
        /// A namespace such as user(1), or user for every one; without it the whole layout
        path: Option<String>,
    },
    /// Remove the layout's own keys along a path
    #[command(after_help = "\
Examples:
  nestkey clear 'user(1)' --dry-run
  nestkey clear 'user(1)' --yes
  nestkey clear user --where user_id=@gone.txt --yes
  nestkey clear user.messages --where user_id=1,2 --yes
  nestkey clear user.messages --dry-run           those of every user
  nestkey clear '' --yes                          the whole layout")]
    Clear {
        /// A namespace or key such as user(1), or user for every one; '' is the whole layout
        path: String,
        /// Several paths in one walk: the values of a parameter that the path leaves open, at
        /// any level, as user_id=1,2,3 or, a line each, user_id=@FILE; may be repeated
        #[arg(long = "where", value_name = "PARAM=VALUES")]
        wheres: Vec<String>,
        /// Remove as well what stands below its prefix and is not of the layout
        #[arg(long)]
        strays: bool,
        #[command(flatten)]
        consent: Consent,
    },
    /// Make and change the file with the keys of secrets; no key is ever shown
    #[command(subcommand, after_help = KEYRING)]
    Keyring(Keyring),
    /// Seal the secrets below a namespace anew that are not sealed with the primary key
    ///
    /// Readers and writers go on meanwhile, and expiries stay. Started again after it broke off, it
    /// goes on with what is left.
    #[command(after_help = "\
Examples:
  nestkey rotate --dry-run                        with which keys secrets are sealed now
  nestkey rotate 'user(1)' --keyring ring.json --yes
  nestkey rotate user --yes                       those of every user
  nestkey rotate shop.layout.toml --yes

Exits with 1 if a secret could not be sealed anew; each is named on standard error.")]
    Rotate(Rotate),
}

const OPEN: &str = "\
Parameters that a path leaves out are open, and every value of them is taken:
  user.cart              the cart of every user
  user(7).cart           that of one user
  user.box(shelf=top)    of every user the boxes of one shelf, by name
  user.age               a key of every user";

const KEYRING: &str = "\
A new key is rolled out in two phases, so that at no time a service meets a key that it has not:
  nestkey keyring add ring.json                   a key that only opens; give it to every service
  nestkey keyring promote ring.json 7f3a          from now on it seals; give that to every service
  nestkey rotate --keyring ring.json --yes        seals with it what others have sealed
  nestkey keyring disable ring.json 0badcafe      the old key opens nothing any more";

#[derive(Debug, Subcommand)]
pub(crate) enum Keyring {
    /// Make a file with one fresh key, which only its owner can read
    New {
        /// A file that is not there yet
        #[arg(value_name = "FILE")]
        ring: PathBuf,
    },
    /// Add a fresh key, which opens and does not seal before it is promoted
    Add {
        /// A keyring's file
        #[arg(value_name = "FILE")]
        ring: PathBuf,
        /// Instead add a Fernet key from standard input, MY_ENCRYPTION_KEY of redisimnest, which
        /// opens what redisimnest wrote
        #[arg(long)]
        fernet: bool,
    },
    /// Seal with this key from now on; the one before still opens
    Promote {
        /// A keyring's file
        #[arg(value_name = "FILE")]
        ring: PathBuf,
        /// A key's id, or the beginning of one
        id: String,
        /// Also if the key is disabled
        #[arg(long)]
        enable: bool,
    },
    /// Neither seal nor open with this key any more
    Disable {
        /// A keyring's file
        #[arg(value_name = "FILE")]
        ring: PathBuf,
        /// A key's id, or the beginning of one
        id: String,
    },
    /// Print each key's id, status and check value
    ///
    /// The check value tells whether two files have the same key under an id.
    Show {
        /// A keyring's file
        #[arg(value_name = "FILE")]
        ring: PathBuf,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// A layout file, as -f names it; it ends in .toml or .json
    #[arg(value_name = "FILE")]
    pub(crate) first: Option<String>,
    /// A namespace such as user(1), or user for every one; without it the whole layout
    #[arg(value_name = "PATH")]
    pub(crate) path: Option<String>,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Gen {
    /// redisimnest's classes, so that a Python service shares values, secrets and passwords
    Redisimnest {
        /// A layout file; without it the one of -f or of this folder
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// From redisimnest's classes, which Python reads and does not run
    #[command(after_help = "\
Examples:
  nestkey import redisimnest keys.py > shop.layout.toml
  nestkey import redisimnest keys.py --root RootCluster > shop.layout.toml")]
    Redisimnest {
        /// A Python file
        file: PathBuf,
        /// The class that the tree starts with, where there are several
        #[arg(long, value_name = "CLASS")]
        root: Option<String>,
    },
}

const PLAN: &str = "\
Calls: clear, count, delete, exists, expire, expire_time, expire_time_ms, get, key_id, keys, lookup,
memory_usage, persist, raw, redis_type, reveal, rotate, set, strays, touch, ttl, ttl_ms, unlink, update,
value_type, verify; as JSON get_or_set with its token, and rebind

Examples:
  nestkey plan set 'user(1).age' 30 --ttl 5m --if missing
  nestkey plan expire 'user(1).age' --ttl 1h --if gt
  nestkey plan clear 'user(1)'
  nestkey plan --json-call '{\"call\": \"get\", \"path\": \"user(1).age\"}'
  nestkey plan --json-call - < calls.json         an array of them, planned one after the other";

#[derive(Debug, Args)]
pub(crate) struct Plan {
    /// The call's name
    #[arg(required_unless_present = "json_calls")]
    pub(crate) call: Option<String>,
    /// Such as user(1).age; without it the whole layout
    pub(crate) path: Option<String>,
    /// The value to set, as in `nestkey set`; verify needs none
    #[arg(allow_negative_numbers = true)]
    pub(crate) value: Option<String>,
    /// How long: 90, 500ms, 5m, 12h, 7d, keep or persist
    #[arg(long, value_name = "TTL")]
    pub(crate) ttl: Option<String>,
    /// When it expires: a Unix time in milliseconds
    #[arg(long, value_name = "MS", conflicts_with = "ttl")]
    pub(crate) expire_at: Option<u64>,
    /// Of set: missing or exists; of expire: gt, lt, nx or xx
    #[arg(long = "if", value_name = "CONDITION")]
    pub(crate) condition: Option<String>,
    /// Of set: hand out the value before
    #[arg(long)]
    pub(crate) previous: bool,
    /// Of clear: remove strays as well
    #[arg(long)]
    pub(crate) strays: bool,
    /// Of memory_usage: how many elements to sample
    #[arg(long, value_name = "N")]
    pub(crate) samples: Option<u32>,
    /// A call, or an array of calls, as JSON instead of words and options; - reads it from standard
    /// input; may be repeated
    #[arg(
        long = "json-call",
        value_name = "JSON",
        conflicts_with_all = ["call", "path", "value", "ttl", "expire_at", "condition", "previous",
            "strays", "samples"]
    )]
    pub(crate) json_calls: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SetOptions {
    /// How long it lives: 90, 500ms, 5m, 12h, 7d, keep or persist; without it the layout says
    #[arg(long, value_name = "TTL")]
    pub(crate) ttl: Option<String>,
    /// When it expires: a Unix time in milliseconds
    #[arg(long, value_name = "MS", conflicts_with = "ttl")]
    pub(crate) expire_at: Option<u64>,
    /// Store it only if the key is missing, or exists
    #[arg(long = "if", value_name = "CONDITION", value_parser = ["missing", "exists"])]
    pub(crate) condition: Option<String>,
    /// Print the value before
    #[arg(long)]
    pub(crate) previous: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// Do not ask; needed where there is no terminal to ask on
    #[arg(long)]
    pub(crate) yes: bool,
    /// Change nothing; say what would change
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
}
