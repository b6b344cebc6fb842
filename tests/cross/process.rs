use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::Value;

use crate::Peer;

/// A program that answers lines of JSON; it is stopped when it is dropped.
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(name: &'static str, program: &str, file: &Path, port: u16) -> Self {
        Self::start_with(name, program, file, port, &[])
    }

    /// The same with variables in its environment.
    pub(crate) fn start_with(
        name: &'static str,
        program: &str,
        file: &Path,
        port: u16,
        variables: &[(&str, String)],
    ) -> Self {
        let mut child = Command::new(program)
            .arg(file)
            .arg(port.to_string())
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // redisimnest prints every call.
            .stderr(if name == "redisimnest" { Stdio::null() } else { Stdio::inherit() })
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start `{program}` for {name}: {error}"));
        let requests = child.stdin.take().expect("its input is a pipe");
        let answers = BufReader::new(child.stdout.take().expect("its output is a pipe"));
        Self { name, child, requests, answers }
    }
}

impl Peer for Process {
    fn name(&self) -> &'static str {
        self.name
    }

    fn answer(&mut self, request: &Value) -> Value {
        writeln!(self.requests, "{request}").expect("the peer takes requests");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("the peer answers");
        serde_json::from_str(&line).unwrap_or_else(|_| {
            panic!("{} answered {line:?} to {request}", self.name);
        })
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Whatever fails here must not hide why a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
