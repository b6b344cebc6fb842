//! Programs that must not print a secret: what tests print is searched for the canaries.

use std::{
    io::{self, Read, Write},
    process::{Command, Stdio},
    thread,
};

use anyhow::{Context, Result, anyhow, bail, ensure};

use crate::process::show;

/// Runs a program with its output on this terminal, and refuses it when that shows a canary.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("    $ {}", show(command));
    watch(command, io::stdout(), io::stderr())
}

fn watch(command: &mut Command, out: impl Write, err: impl Write + Send) -> Result<()> {
    let shown = show(command);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let printed = thread::scope(|scope| {
        let stderr = scope.spawn(|| tee(stderr, err));
        let stdout = tee(stdout, out);
        let stderr = stderr.join().map_err(|_| anyhow!("the output was not read to its end"))?;
        Ok::<_, anyhow::Error>([stdout?, stderr?])
    });
    let status = child.wait()?;
    for bytes in printed? {
        search(&shown, &bytes)?;
    }
    ensure!(status.success(), "`{shown}` failed ({status})");
    Ok(())
}

/// Hands on what comes, and keeps it.
fn tee(from: Option<impl Read>, mut to: impl Write) -> Result<Vec<u8>> {
    let mut kept = Vec::new();
    let Some(mut from) = from else { return Ok(kept) };
    let mut buffer = [0; 8_192];
    loop {
        let length = match from.read(&mut buffer) {
            Ok(0) => return Ok(kept),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        kept.extend_from_slice(&buffer[..length]);
        to.write_all(&buffer[..length])?;
        to.flush()?;
    }
}

fn search(shown: &str, printed: &[u8]) -> Result<()> {
    match nestkey_canary::find(printed) {
        Some(sighting) => bail!("`{shown}` printed {sighting}"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Result<()> {
        // Not to the terminal: what this test prints is searched as well.
        let mut command = Command::new("sh");
        command.args(["-c", script]).env("CANARY", nestkey_canary::text("password"));
        watch(&mut command, io::sink(), io::sink())
    }

    #[test]
    fn a_program_that_prints_a_canary_is_refused() {
        for script in [
            "echo running 1 test; echo \"got $CANARY, wanted\"; echo test ok",
            "echo \"$CANARY\" >&2",
            "echo \"$CANARY\" | base64",
            "printf %s \"$CANARY\" | od -An -tx1",
            "echo \"$CANARY\"; exit 1",
        ] {
            let error = sh(script).unwrap_err().to_string();
            assert!(error.contains("printed the canary `password`"), "{script}: {error}");
        }
    }

    #[test]
    fn other_programs_are_run_as_they_are() {
        sh("echo fine; echo as well >&2").unwrap();
        assert!(sh("exit 3").unwrap_err().to_string().contains("exit status: 3"));
    }

    #[test]
    fn what_is_searched_is_shown() {
        let (mut terminal, printed) = (Vec::new(), &b"test ok\n"[..]);
        assert_eq!(tee(Some(printed), &mut terminal).unwrap(), printed);
        assert_eq!(terminal, printed);
    }
}
