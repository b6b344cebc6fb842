//! redisimnest's classes as layouts and back.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::run::{folder, nestkey_in, nestkey_with};

/// The example of redisimnest's README.
const README: &str = r#"
from asyncio import run
from redisimnest import BaseCluster, Key
from redisimnest.utils import RedisManager

# Define structured key clusters with dynamic TTL and parameterized keys
class App:
    __prefix__ = 'app'
    __ttl__ = 80  # TTL for keys within this cluster
    tokens = Key('tokens', default=[])
    pending_users = Key('pending_users')

class User:
    __prefix__ = 'user:{user_id}'  # Parameterized prefix for user-specific keys
    __ttl__ = 120  # TTL for user keys
    age = Key('age', 0)
    name = Key('name', "Unknown")

    password = Key('password', 'simple_pass', is_password=True)
    sensitive_data = Key('sensitive_data', None, is_secret=True)


class RootCluster(BaseCluster):
    __prefix__ = 'root'
    app = App
    user = User
    project_name = Key('project_name')

redis = RedisManager.get_client()
root = RootCluster(redis_client=redis)
"#;

/// The tree of redisimnest's own tests.
const TREE: &str = r#"
from redisimnest import BaseCluster, Key

class MessageCluster:
    __prefix__ = 'messages'
    __ttl__ = 50
    message = Key('message:{message_id}', "Unknown Message", ttl=50)
    complex_data = Key('complex_data', {})

class App:
    __prefix__ = 'app'
    __ttl__ = 80
    pending_users = Key('pending_users')
    tokens = Key('tokens', [])

class User:
    __prefix__ = 'user:{user_id}'
    __ttl__ = 120
    messages = MessageCluster
    fist_name = Key('firt_name')
    age = Key('age', 0)
    password = Key('password', 'simple_pass', is_password=True)
    sensitive_data = Key('sensitive_data', None, is_secret=True)

class Admin:
    __prefix__ = 'admin:{admin_id}'
    messages = MessageCluster
    fist_name = Key('firt_name')

class RootCluster(BaseCluster):
    __prefix__ = 'root'
    app = App
    user = User
    admin = Admin
    project_name = Key('project_name')
    date = Key('the_date', "Unkown date")
"#;

#[test]
fn the_example_of_its_readme_becomes_a_layout() {
    let folder = folder([("keys.py", README)]);
    let ran = nestkey_in(&folder, &["import", "redisimnest", "keys.py"], "");
    assert_eq!(ran.err, "nestkey: one thing wants a decision, it is marked `decide:`\n");
    assert_eq!(ran.code, Some(0));
    assert_eq!(
        ran.out,
        r#"nestkey = 1
name = "root_cluster"
prefix = "root"

[keys]
project_name = { type = "any" }

[namespaces.app]
prefix = "app"
ttl = 80
keys.tokens = { type = "any", default = [] }
keys.pending_users = { type = "any" }

[namespaces.user]
prefix = "user:{user_id}"
params.user_id = { encoding = "verbatim" }
ttl = 120
keys.age = { type = "any", default = 0 }
keys.name = { type = "any", default = "Unknown" }
# decide: a secret or password has no default, the one that it had is dropped
keys.password = { kind = "password" }
keys.sensitive_data = { kind = "secret", legacy = "fernet" }
"#
    );
}

/// The folder with the layout that a module becomes.
fn imported(module: &str) -> PathBuf {
    let folder = folder([("keys.py", module)]);
    let ran = nestkey_in(&folder, &["import", "redisimnest", "keys.py"], "");
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    fs::write(folder.join("keys.layout.toml"), ran.out).unwrap();
    folder
}

fn resolved(folder: &Path, path: &str) -> String {
    nestkey_in(folder, &["resolve", path], "").fine().trim_end().to_owned()
}

#[test]
fn every_key_of_its_own_tests_is_found_where_it_is() {
    let folder = imported(TREE);
    nestkey_in(&folder, &["check"], "").fine();
    nestkey_in(&folder, &["fmt", "--check"], "").fine();
    for (path, key) in [
        ("admin(123)", "root:admin:123"),
        ("admin(123).messages", "root:admin:123:messages"),
        ("admin(123).messages.message(123)", "root:admin:123:messages:message:123"),
        ("user(a@b).messages.complex_data", "root:user:a@b:messages:complex_data"),
        ("user(Jane Doe).age", "root:user:Jane Doe:age"),
        ("admin(7).fist_name", "root:admin:7:firt_name"),
        ("date", "root:the_date"),
    ] {
        assert_eq!(resolved(&folder, path), key);
    }
    let plan = |call: &str, path: &str, value: &[&str]| {
        let args = [&["plan", call, path], value].concat();
        nestkey_in(&folder, &args, "").fine()
    };
    assert_eq!(
        plan("set", "user(5).messages.message(99)", &["\"hi\""]),
        "SET root:user:5:messages:message:99 '{\"__type__\": \"str\", \"value\": \"hi\"}' EX 50\n"
    );
    assert_eq!(
        plan("set", "admin(1).fist_name", &["7"]),
        "SET root:admin:1:firt_name '{\"__type__\": \"int\", \"value\": 7}'\n"
    );
}

#[test]
fn a_name_that_is_repeated_down_the_tree_gets_one_of_its_own() {
    let folder = imported(
        "from redisimnest import BaseCluster, Key\n\
         class Root(BaseCluster):\n    __prefix__ = 'r'\n\
         \x20   class user:\n        __prefix__ = 'user:{id}'\n        pin = Key('pin:{id}')\n\
         \x20       class again:\n            __prefix__ = 'again:{id}'\n            k = Key('k:{a}:{a}')\n",
    );
    assert_eq!(resolved(&folder, "user(1).again(2).k(3, 4)"), "r:user:1:again:2:k:3:4");
    assert_eq!(resolved(&folder, "user(id=1).pin(pin_id=2)"), "r:user:1:pin:2");
    let layout = fs::read_to_string(folder.join("keys.layout.toml")).unwrap();
    assert_eq!(layout.matches("# decide: `id` stands above already").count(), 2, "{layout}");
}

#[test]
fn nothing_of_the_module_is_run() {
    let folder = imported(
        "import os, not_installed\nraise SystemExit('run')\n\
         from redisimnest import BaseCluster, Key as K\nopen('ran', 'w')\n\
         TTL = 60 * 60\n\
         class Root(BaseCluster):\n    '''All of it.'''\n    __prefix__ = 'r'\n    __ttl__ = TTL\n\
         \x20   a = K('a', os.environ['HOME'], ttl=int('5'))\n    b: K = K(prefix_template='b', default_value=-1.5)\n\
         \x20   c = make('c')\n    d = K('d', ttl_auto_renew=True)\n    LIMIT = 3\n    def method(self): ...\n",
    );
    assert!(!folder.join("ran").exists());
    assert_eq!(
        fs::read_to_string(folder.join("keys.layout.toml")).unwrap(),
        r#"nestkey = 1
name = "root"
doc = "All of it."
prefix = "r"
ttl = 3600

[keys]
# decide: the default is not known before it runs: os.environ['HOME']
# decide: `ttl` is not known before it runs: int('5')
a = { type = "any" }
b = { type = "any", default = -1.5 }
# decide: `c` (line 12) is left out: make('c') is no `Key(…)` to read
d = { type = "any", renew = "access" }
"#
    );
}

#[test]
fn names_and_templates_that_a_layout_cannot_have_are_said() {
    let folder = imported(
        "from redisimnest import BaseCluster, Key\n\
         class Root(BaseCluster):\n    __prefix__ = 't:{x}'\n    userName = Key('userName')\n\
         \x20   padded = Key('n:{n:05d}')\n    both = Key('{a}-{b}')\n    self = Key('s')\n\
         \x20   class Helper:\n        x = 1\n    class Open:\n        __prefix__ = '{y}'\n",
    );
    assert_eq!(resolved(&folder, "root(5).user_name"), "t:5:userName");
    assert_eq!(resolved(&folder, "root(5).self_"), "t:5:s");
    let layout = fs::read_to_string(folder.join("keys.layout.toml")).unwrap();
    for said in [
        "# `userName` in Python\n",
        "# decide: `padded` (line 5) is left out: the placeholder `{n:05d}`, which is more than a name\n",
        "# decide: `both` (line 6) is left out: template `{a}-{b}` has two parameters in one segment\n",
        "# decide: `Helper` (line 8) is left out: it has no `__prefix__`, which redisimnest refuses as well\n",
        "# decide: `Open` (line 10) is left out: `{y}` starts with a parameter\n",
    ] {
        assert!(layout.contains(said), "{said}{layout}");
    }
}

#[test]
fn secrets_and_passwords_keep_their_kind_and_lose_their_default() {
    let folder = imported(
        "import os\nfrom redisimnest import BaseCluster, Key\n\
         class Root(BaseCluster):\n    __prefix__ = 'r'\n\
         \x20   a = Key('a', is_secret=True)\n    b = Key('b', None, is_password=True)\n\
         \x20   c = Key('c', 'hunter2', is_secret=True, ttl=5)\n\
         \x20   d = Key('d', 'hunter2' + os.sep, is_password=True)\n\
         \x20   e = Key('e', is_secret=os.sep)\n    f = Key('f', is_secret=True, is_password=True)\n",
    );
    let dropped = "# decide: a secret or password has no default, the one that it had is dropped";
    let layout = fs::read_to_string(folder.join("keys.layout.toml")).unwrap();
    assert_eq!(
        layout.split_once("[keys]\n").unwrap().1,
        format!(
            "a = {{ kind = \"secret\", legacy = \"fernet\" }}\n\
             b = {{ kind = \"password\" }}\n\
             {dropped}\n\
             c = {{ kind = \"secret\", legacy = \"fernet\", ttl = 5 }}\n\
             {dropped}\n\
             d = {{ kind = \"password\" }}\n\
             # decide: `e` (line 9) is left out: whether it is secret is not known before it runs\n\
             # decide: `f` (line 10) is left out: it is a secret and a password at once\n"
        )
    );
    let classes = nestkey_in(&folder, &["gen", "redisimnest"], "").fine();
    for line in [
        "a = Key(\"a\", is_secret=True)  # redisimnest cannot open what nestkey has sealed\n",
        "b = Key(\"b\", is_password=True)\n",
        "c = Key(\"c\", ttl=5, is_secret=True)  # ",
        "d = Key(\"d\", is_password=True)\n",
    ] {
        assert!(classes.contains(line), "{line}{classes}");
    }
}

#[test]
fn what_a_layout_cannot_be_is_written_and_refused() {
    let folder = folder([(
        "keys.py",
        "class Root(BaseCluster):\n    __prefix__ = 'r'\n    a = Key('a')\n    any = Key('{x}')\n",
    )]);
    let ran = nestkey_in(&folder, &["import", "redisimnest", "keys.py"], "");
    assert_eq!(ran.code, Some(1));
    assert!(ran.out.contains("template = \"{x}\""), "{}", ran.out);
    assert!(ran.err.starts_with("layout.toml:"), "{}", ran.err);
}

#[test]
fn what_cannot_be_imported_is_one_sentence() {
    let folder = folder([
        ("bad.py", "class A:\n    x = = 1\n"),
        ("none.py", "class A:\n    __prefix__ = 'a'\n"),
        ("two.py", "class A(BaseCluster): ...\nclass B(BaseCluster): ...\n"),
    ]);
    let import =
        |args: &[&str]| nestkey_in(&folder, &[&["import", "redisimnest"], args].concat(), "");
    assert_eq!(
        import(&["bad.py"]).failed(2),
        "bad.py:2:9: invalid syntax\nnestkey: bad.py has a problem\n"
    );
    assert_eq!(
        import(&["none.py"]).failed(2),
        "nestkey: the file has no class that derives from BaseCluster, say where the tree starts \
         with --root\n"
    );
    assert_eq!(
        import(&["two.py"]).failed(2),
        "nestkey: the file has 2 trees, say which with --root: A, B\n"
    );
    assert_eq!(
        import(&["two.py", "--root", "C"]).failed(2),
        "nestkey: the file has no class `C`\n"
    );
    assert!(import(&["two.py", "--root", "B"]).fine().contains("prefix = \"base\""));
    import(&["missing.py"]).failed(2);
    let args = ["import", "redisimnest", "two.py"];
    assert_eq!(
        nestkey_with(&folder, &args, "", &[("PATH", "")]).failed(2),
        "nestkey: importing reads classes with Python, and there is no python3 on PATH\n"
    );
}

/// `tests/cross` runs redisimnest with these two.
#[test]
fn classes_are_written_as_the_cross_tests_have_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for (layout, classes) in [
        ("examples/shop.layout.toml", "tests/cross/shop_keys.py"),
        ("tests/cross/types.layout.json", "tests/cross/types_keys.py"),
    ] {
        let written = nestkey_in(&root, &["gen", "redisimnest", layout], "").fine();
        assert_eq!(written, fs::read_to_string(root.join(classes)).unwrap(), "{classes}");
    }
}

#[test]
fn what_redisimnest_cannot_share_is_left_out_by_name() {
    let layout = r#"
        prefix = ""
        keys.lonely = { type = "int" }
        [namespaces.user]
        prefix = "user:{#id:uuid}"
        ttl = "1500ms"
        params.id = { none_of = ["00000000-0000-0000-0000-000000000000"] }
        keys.clear = { type = "datetime", default = "2020-01-02T03:04:05+00:00", ttl = "persist" }
        keys.class = { type = "any", renew = "access", doc = "Of all." }
        keys.tags = { kind = "set", type = "string" }
        keys.plain = { type = "string", codec = "bare" }
        keys.raw = { type = "bytes" }
        keys.blob = { kind = "secret", type = "bytes" }
        keys.pin = { kind = "secret" }
        keys.password = { kind = "password", cost = 13 }
        keys.open = { template = "{slot:int}", type = "int" }
        keys.level = { template = "level:{level:int}", type = "float", default = 1, params.level = { max = 9 } }
    "#;
    let folder = folder([("some.layout.toml", layout)]);
    let written = nestkey_in(&folder, &["--prefix", "staging", "gen", "redisimnest"], "").fine();
    let classes = written.split("\n\n\n").skip(3).collect::<Vec<_>>().join("\n\n\n");
    assert_eq!(
        classes,
        r#"class User:
    __prefix__ = "user:{{{id}}}"
    __validators__ = {"id": param(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", none_of=["00000000-0000-0000-0000-000000000000"])}
    # `clear` in the layout
    clear_ = Key("clear", datetime.fromisoformat("2020-01-02T03:04:05+00:00"))  # datetime
    # `class` in the layout
    class_ = Key("class", ttl=2, ttl_auto_renew=True)  # any; redisimnest has whole seconds; Of all.
    # left out: tags, redisimnest has no kind set
    # left out: plain, redisimnest stores envelopes, not bare values
    # left out: raw, redisimnest has no bytes
    # left out: blob, redisimnest has no bytes
    pin = Key("pin", ttl=2, is_secret=True)  # redisimnest has whole seconds; redisimnest cannot open what nestkey has sealed
    password = Key("password", ttl=2, is_password=True)  # redisimnest has whole seconds
    # left out: open, redisimnest wants a literal before the first parameter
    level = CheckedKey("level:{level}", 1.0, ttl=2, validators={"level": param(r"0|-?[1-9][0-9]*", -9223372036854775808, 9)})  # float; redisimnest has whole seconds


class Root(BaseCluster):
    __prefix__ = "staging"
    user = User  # by name: user(id=…)
    lonely = Key("lonely")  # int
"#
    );
    let bare = nestkey_in(&folder, &["gen", "redisimnest"], "").fine();
    assert!(
        bare.contains("    # left out: lonely, redisimnest puts `:` in front of a key without")
    );
}
