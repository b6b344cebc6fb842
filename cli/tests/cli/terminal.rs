//! What a person sees on a terminal: secrets that are typed do not show.

use std::process::Command;

use nestkey_conformance::server::Server;

use crate::run::examples;

/// Runs a command on a terminal of its own, types a line at each question, and gives the exit code
/// and everything that the terminal shows.
fn on_terminal(url: &str, args: &[&str], typed: &[&str]) -> (i32, String) {
    let output = Command::new("python3")
        .args(["-c", TERMINAL, env!("CARGO_BIN_EXE_nestkey"), &typed.join("\n"), "--url", url])
        .args(args)
        .current_dir(examples())
        .env_remove("NESTKEY_KEYRING")
        .output()
        .expect("python3, which has a terminal for tests");
    let shown = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    (output.status.code().unwrap_or(-1), shown)
}

/// Types the next line when a question is complete.
const TERMINAL: &str = r#"
import os, pty, sys, time
program, typed, args = sys.argv[1], sys.argv[2].split("\n"), sys.argv[3:]
pid, fd = pty.fork()
if pid == 0:
    os.execv(program, [program, *args])
shown, answered = b"", 0
while True:
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    if not data:
        break
    shown += data
    if typed and shown[answered:].endswith(b": "):
        answered = len(shown)
        # What is typed before the terminal hides it is dropped.
        time.sleep(0.5)
        os.write(fd, typed.pop(0).encode() + b"\n")
os.write(1, shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"#;

#[test]
fn a_password_that_is_typed_does_not_show_and_is_asked_for_twice() {
    let server = Server::start();
    let url = server.url();
    let path = "user(1).password";
    let (code, shown) = on_terminal(&url, &["set", path, "-"], &["hunter2", "hunter3"]);
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("the two are not the same, so nothing was stored"), "{shown}");
    assert!(!shown.contains("hunter"), "{shown}");
    let (code, shown) = on_terminal(&url, &["set", path, "-"], &["hunter2", "hunter2"]);
    assert_eq!(
        (code, &shown[..]),
        (0, "The password for user.password: \nThe same again: \ntrue\n")
    );
    let (code, shown) = on_terminal(&url, &["verify", path], &["hunter2"]);
    assert_eq!((code, &shown[..]), (0, "The password of user.password: \nyes\n"));
    let (code, shown) = on_terminal(&url, &["verify", path], &["hunter3"]);
    assert_eq!((code, &shown[..]), (1, "The password of user.password: \nno\n"));
    let (code, shown) = on_terminal(&url, &["verify", path], &[""]);
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("nothing was typed"), "{shown}");
}

#[test]
fn a_clear_names_the_number_of_keys_before_it_asks() {
    let server = Server::start();
    let url = server.url();
    for user in 1..=3 {
        let key = format!("root:user:{user}:messages:message:a");
        server.connect().call(&["SET", &key, "x"]);
    }
    let question = "This removes the layout's 3 keys below user.messages, of every user_id. \
                    Type user.messages to go on: ";
    let (code, shown) = on_terminal(&url, &["clear", "user.messages"], &["yes"]);
    assert!(code == 1 && shown.contains(question), "{shown}");
    let (code, shown) = on_terminal(&url, &["clear", "user.messages"], &["user.messages"]);
    assert!(code == 0 && shown.contains(question) && shown.contains("3 keys removed"), "{shown}");
}
