//! Commands as they are shown, typed into a real `redis-cli`.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    thread,
};

use nestkey_conformance::transcript::Transcript;

use crate::batch;

type Args = Vec<Vec<u8>>;

#[test]
fn commands_as_they_are_shown_can_be_pasted_into_redis_cli() {
    let transcripts = Transcript::all();
    let turns = transcripts.iter().flat_map(|transcript| &transcript.turns);
    let mut commands: Vec<Args> = turns.flat_map(|turn| turn.send.clone()).collect();
    for odd in
        ["", " ", "it's", "a\\", "\\'", "a\"b'c\\", "\u{0}\n\r\t\u{7f}", "Zoë 😀", "\u{202e}x", "#"]
    {
        commands.push(vec![b"ECHO".to_vec(), odd.into()]);
    }
    commands.push(vec![b"ECHO".to_vec(), (0..=255).collect()]);
    let lines: String = commands
        .iter()
        .map(|args| format!("{}\n", batch(args).commands().next().expect("a command")))
        .collect();
    let sent = typed(&lines);
    // It asks for words of help first.
    let own = sent.len().checked_sub(commands.len()).expect("every line is a command");
    for (sent, wanted) in sent[own..].iter().zip(&commands) {
        assert_eq!(sent, wanted, "{}", batch(wanted).commands().next().expect("a command"));
    }
}

/// What `redis-cli` sends for lines that somebody types.
fn typed(lines: &str) -> Vec<Args> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free loopback port");
    let port = listener.local_addr().expect("its address").port();
    let mut cli = Command::new("redis-cli")
        .args(["-h", "127.0.0.1", "-p", &port.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("redis-cli, which comes with redis-server");
    let serving = thread::spawn(move || {
        let (stream, _) = listener.accept().expect("a connection of redis-cli");
        serve(stream)
    });
    let mut input = cli.stdin.take().expect("its standard input");
    input.write_all(lines.as_bytes()).expect("lines are typed");
    drop(input);
    cli.wait().expect("redis-cli ends");
    serving.join().expect("what was sent")
}

/// Answers every command with OK, and gives them in the end.
fn serve(stream: TcpStream) -> Vec<Args> {
    let mut answers = stream.try_clone().expect("a second handle");
    let mut reader = BufReader::new(stream);
    let mut commands = Vec::new();
    while let Some(args) = read(&mut reader) {
        commands.push(args);
        if answers.write_all(b"+OK\r\n").is_err() {
            break;
        }
    }
    commands
}

fn read(reader: &mut impl BufRead) -> Option<Args> {
    let count = number(reader, '*')?;
    let arg = |_| {
        let mut bytes = vec![0; number(reader, '$')? + 2];
        reader.read_exact(&mut bytes).ok()?;
        bytes.truncate(bytes.len() - 2);
        Some(bytes)
    };
    (0..count).map(arg).collect()
}

fn number(reader: &mut impl BufRead, mark: char) -> Option<usize> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    line.trim_end().strip_prefix(mark)?.parse().ok()
}
