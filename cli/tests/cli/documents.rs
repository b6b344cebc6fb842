//! The documents: their sessions are typed into a shell and print what they show, their layouts
//! are fine.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use nestkey_conformance::server::Server;

use crate::run::{examples, folder, nestkey_in};

/// Each block begins in a folder with the example layout and these, on a server of its page.
const FILES: [(&str, &str); 2] = [
    ("gone.txt", "1\n2\n"),
    ("keys.py", "class RootCluster(BaseCluster):\n    __prefix__ = 'root'\n    age = Key(f())\n"),
];

const VARIABLES: [(&str, &str); 4] = [
    ("KEY", "sk_live"),
    ("NAME", "Ada"),
    ("NESTKEY_KEYRING", KEYRING),
    ("PASSWORD", "correct horse"),
];

const KEYRING: &str = r#"{"nestkey_keyring": 1, "keys": [{"id": "7f3a0102",
    "status": "primary", "material": "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"}]}"#;

#[test]
fn sessions_of_the_documents_print_what_they_show() {
    let mut typed_in = 0;
    for page in pages() {
        let server = Server::start();
        let text = fs::read_to_string(&page).unwrap();
        for session in blocks(&text, "console") {
            let folder = folder(FILES);
            fs::copy(examples().join("shop.layout.toml"), folder.join("shop.layout.toml")).unwrap();
            for (command, shown) in commands(session) {
                let printed = typed(&folder, &server, command);
                assert_eq!(printed.trim_end(), shown.trim_end(), "{}: $ {command}", page.display());
                typed_in += 1;
            }
        }
    }
    assert_ne!(typed_in, 0);
}

#[test]
fn layouts_of_the_documents_are_fine() {
    let mut checked = 0;
    for page in pages() {
        for layout in blocks(&fs::read_to_string(page).unwrap(), "toml") {
            nestkey_in(&folder([("shown.layout.toml", layout)]), &["check"], "").fine();
            checked += 1;
        }
    }
    assert_ne!(checked, 0);
}

fn pages() -> Vec<PathBuf> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let docs = fs::read_dir(project.join("docs")).unwrap().map(|page| page.unwrap().path());
    docs.chain([project.join("README.md")]).collect()
}

/// What stands in fences with exactly this word: `console skip` is no `console`.
fn blocks<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let fence = format!("\n```{word}\n");
    text.split(&fence[..]).skip(1).map(|rest| rest.split_once("```").unwrap().0).collect()
}

/// Each command of a session, and what is shown below it.
fn commands(session: &str) -> impl Iterator<Item = (&str, &str)> {
    let session = session.strip_prefix("$ ").unwrap();
    session.split("\n$ ").map(|command| command.split_once('\n').unwrap_or((command, "")))
}

/// What a terminal would show.
fn typed(folder: &Path, server: &Server, command: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_nestkey")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(folder)
        .env_remove("MY_ENCRYPTION_KEY")
        .envs(VARIABLES)
        .env("REDIS_URL", server.url())
        .env("PATH", path)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}
