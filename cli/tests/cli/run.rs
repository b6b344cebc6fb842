//! Running the binary.

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// What a run printed, and its exit code.
#[derive(Debug, PartialEq)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Standard output of a run that must have gone well and quietly.
    #[track_caller]
    pub(crate) fn fine(self) -> String {
        assert_eq!((self.code, &self.err[..]), (Some(0), ""), "{}", self.out);
        self.out
    }

    /// Standard error of a run that must have failed, printing nothing else.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!((self.code, &self.out[..]), (Some(code), ""), "{}", self.err);
        self.err
    }
}

/// The folder of the example layout.
pub(crate) fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples")
}

/// Runs it where the example layout is, without `REDIS_URL`.
pub(crate) fn nestkey<const N: usize>(args: [&str; N]) -> Ran {
    nestkey_in(&examples(), &args, "")
}

/// Runs it in a folder, with something on standard input.
pub(crate) fn nestkey_in(folder: &Path, args: &[&str], input: &str) -> Ran {
    nestkey_with::<&str>(folder, args, input, &[])
}

/// Runs it with variables of its own as well.
pub(crate) fn nestkey_with<V: AsRef<OsStr>>(
    folder: &Path,
    args: &[&str],
    input: &str,
    variables: &[(&str, V)],
) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_nestkey"))
        .args(args)
        .current_dir(folder)
        .env_remove("REDIS_URL")
        .env_remove("REDIS_HOST")
        .env_remove("REDIS_PORT")
        .env_remove("REDIS_USERNAME")
        .env_remove("REDIS_PASS")
        .env_remove("NESTKEY_KEYRING")
        .env_remove("MY_ENCRYPTION_KEY")
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that fails early does not read its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder of its own with some files in it.
pub(crate) fn folder<const N: usize>(files: [(&str, &str); N]) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        fs::write(folder.join(name), text).unwrap();
    }
    folder
}
