//! The transcripts, played four ways: by plans alone, by the memory store, by a real server in
//! RESP2 and in RESP3. Node plays them too: `js/test/transcripts.test.mjs`.

mod pasting;

use std::{env, path::Path, process::Command};

use nestkey_conformance::{
    resp::{Connection, readable},
    server::Server,
    transcript::{End, NOW_MS, Transcript, agrees, reply},
};
use nestkey_core::{
    call::Outcome,
    command::{Batch, Class},
    error::{Error, Result},
    json::Node,
    memory::{SessionId, Store},
    plan::{Answer, Input, Note, Step, Turn},
    reply::Reply,
};

/// Nothing, or what was found and what was wanted.
type Verdict = std::result::Result<(), String>;

#[test]
fn plans_send_what_the_transcripts_say_and_come_to_their_outcomes() {
    let failures: Vec<_> = Transcript::all().iter().filter_map(|t| failure(t, play(t))).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_memory_store_answers_as_the_transcripts_say() {
    replay("memory", |transcript| {
        let mut store = Store::default();
        let mut exchange = |args: &[Vec<u8>]| {
            let mut replies = Vec::new();
            store.exchange(SessionId(1), NOW_MS, &batch(args), &mut replies);
            replies.remove(0)
        };
        compare(transcript, &mut exchange)
    });
}

#[test]
fn a_server_answers_as_the_transcripts_say() {
    let server = Server::options().clock(NOW_MS).start();
    let mut resp2 = server.connect();
    let mut resp3 = server.connect();
    resp3.hello3();
    for connection in [&mut resp2, &mut resp3] {
        replay("server", |transcript| {
            reset(connection);
            compare(transcript, &mut |args| connection.call(args))
        });
    }
}

#[test]
fn python_seals_and_hashes_as_the_transcripts_say() {
    let Ok(python) = env::var("NESTKEY_PYTHON") else {
        println!("skipped: NESTKEY_PYTHON names no Python that has `cryptography` and `bcrypt`");
        return;
    };
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("transcripts/check.py");
    let output = Command::new(python).arg(program).output().expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let checked: serde_json::Value = serde_json::from_slice(&output.stdout).expect("counts");
    assert!(checked["secret-set.json"] == 1 && checked["password-set.json"] == 1, "{checked}");
    assert_eq!(checked["update-waits-between-conflicts.json"], 2);
    assert!(checked["set-jitter.json"] == 2 && checked["get-or-set-jitter.json"] == 1, "{checked}");
}

/// Steps the plan, answers with the transcript's replies and holds what it does against the rest.
fn play(transcript: &Transcript) -> Verdict {
    let mut plan = transcript.call.plan();
    let mut turns = transcript.turns.iter();
    let mut replies: Vec<Reply> = Vec::new();
    let mut answers: Vec<Answer> = Vec::new();
    let mut failure = None;
    let (mut items, mut notes) = (Vec::new(), Vec::new());
    let mut number = 0;
    let mut turn = Turn::default();
    loop {
        let entropy =
            plan.wants_entropy(&transcript.cx()).then(|| transcript.draw(number)).flatten();
        let cx = transcript.cx();
        let cx = entropy.iter().fold(cx, |cx, entropy| cx.with_entropy(entropy));
        let step = match failure {
            None => {
                turn.clear();
                let input = Input { replies: &mut replies, answers: &mut answers };
                plan.step(&cx, input, &mut turn)
            }
            Some(kind) => {
                let error = Error::new(kind, "the turn failed");
                plan.interrupt(&cx, error, &mut answers, &mut turn)
            }
        };
        items.append(&mut turn.items);
        notes.append(&mut turn.notes);
        if let Ok(Step::More) = step {
            let exchange =
                turns.next().ok_or_else(|| format!("sent too much: {:?}", turn.batch))?;
            let sent: Vec<Vec<Vec<u8>>> = turn
                .batch
                .commands()
                .map(|command| command.args().map(|arg| arg.bytes.to_vec()).collect())
                .collect();
            equal("sent", &show(&sent), &show(&exchange.send))?;
            let jobs = turn.jobs.iter();
            let jobs = jobs.map(|(place, job)| transcript.call.spell_job(place, job, cx.layout));
            let jobs: Vec<_> = jobs.collect();
            equal("asked", &json_lines(&jobs), &json_lines(&exchange.jobs))?;
            let [waits, wanted] = [turn.wait_ms, exchange.wait_ms].map(|ms| format!("{ms:?}"));
            equal("waits", &waits, &wanted)?;
            let answered = exchange.answers(transcript);
            computes(&turn, &answered)?;
            replies = exchange.reply.iter().map(reply).collect();
            answers = answered;
            failure = exchange.failure;
            number += 1;
            continue;
        }
        equal("handed out", &spell_items(transcript, &items), &json_lines(&transcript.items))?;
        equal("let pass", &spell_notes(transcript, &notes), &json_lines(&transcript.notes))?;
        if turns.next().is_some() {
            return Err(format!("ended too early: {step:?}"));
        }
        return end(transcript, step);
    }
}

/// Whether passwords come to what the transcript says that they do, which another program computed.
fn computes(turn: &Turn, answers: &[Answer]) -> Verdict {
    let mut passwords = turn.jobs.iter().zip(answers).filter(|((_, job), _)| !job.is_closure());
    passwords.try_for_each(|((_, job), wanted)| {
        let found = job.run();
        if found == *wanted { Ok(()) } else { Err(format!("{job:?} came to another answer")) }
    })
}

fn end(transcript: &Transcript, step: Result<Step>) -> Verdict {
    match (step, &transcript.end) {
        (Ok(Step::Done(outcome)), End::Outcome(wanted)) => {
            let found = transcript.call.spell(&outcome, &transcript.layout);
            equal("came to", &canonical(&found), &canonical(wanted))
        }
        (Err(error), End::Error(code, effect)) => {
            equal("failed with", error.kind().code(), code)?;
            let found = error.outcome().code();
            equal("left", found, effect.as_deref().unwrap_or(found))
        }
        (other, wanted) => Err(format!("came to {other:?}, wanted {wanted:?}")),
    }
}

/// Plays every transcript that a backend can play and says why it leaves out others.
fn replay(backend: &str, mut run: impl FnMut(&Transcript) -> Verdict) {
    let mut failures = Vec::new();
    for transcript in &Transcript::all() {
        match transcript.skipped(backend) {
            Some(reason) => println!("skipped {}: {reason}", transcript.file),
            None => failures.extend(failure(transcript, run(transcript))),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn compare(transcript: &Transcript, exchange: &mut dyn FnMut(&[Vec<u8>]) -> Reply) -> Verdict {
    prepare(&transcript.before, exchange)?;
    for turn in &transcript.turns {
        for (command, wanted) in turn.send.iter().zip(&turn.reply) {
            let found = exchange(command);
            if !agrees(wanted, &found) {
                let command = show(std::slice::from_ref(command));
                let found = readable(&found);
                return Err(format!("{command} was answered {found}, wanted {wanted}"));
            }
        }
        prepare(&turn.meanwhile, exchange)?;
    }
    Ok(())
}

/// Makes a state by commands, none of which may fail.
fn prepare(commands: &[Vec<Vec<u8>>], exchange: &mut dyn FnMut(&[Vec<u8>]) -> Reply) -> Verdict {
    for command in commands {
        let reply = exchange(command);
        if let Reply::Error(_) = reply {
            let command = show(std::slice::from_ref(command));
            return Err(format!("{command} was answered {}", readable(&reply)));
        }
    }
    Ok(())
}

fn reset(connection: &mut Connection) {
    // A transcript that went wrong may have left its group open.
    connection.call(&["DISCARD"]);
    connection.call(&["ACL", "SETUSER", "default", "+@all"]);
    connection.call(&["CONFIG", "SET", "maxmemory", "0"]);
    connection.call(&["SCRIPT", "FLUSH"]);
    connection.call(&["FLUSHALL"]);
}

fn batch(args: &[Vec<u8>]) -> Batch {
    let mut batch = Batch::default();
    let name = std::str::from_utf8(&args[0]).expect("the name of a command");
    let writer = batch.command(name, Class::Other);
    args[1..].iter().fold(writer, |writer, arg| writer.arg(arg));
    batch
}

fn failure(transcript: &Transcript, run: Verdict) -> Option<String> {
    run.err().map(|why| format!("{}: {}: {why}", transcript.file, transcript.name))
}

fn equal(what: &str, found: &str, wanted: &str) -> Verdict {
    if found == wanted { Ok(()) } else { Err(format!("{what}\n  {found}\nwanted\n  {wanted}")) }
}

fn spell_items(transcript: &Transcript, items: &[Outcome]) -> String {
    let spelled = items.iter().filter_map(|item| match item {
        Outcome::Key(key) => Some(key.to_json(&transcript.layout).expect("a key of the layout")),
        Outcome::Bytes(stray) => Some(Node::string(String::from_utf8_lossy(stray))),
        // How far a walk is, for progress bars.
        Outcome::Cleared(_) | Outcome::Int(_) | Outcome::Rotated(_) => None,
        other => panic!("a key is handed out, not {other:?}"),
    });
    json_lines(&spelled.collect::<Vec<_>>())
}

fn spell_notes(transcript: &Transcript, notes: &[Note]) -> String {
    let spelled = notes.iter().map(|note| {
        let entry = transcript.layout.entry(note.entry).expect("the entry of a note");
        Node::object([
            ("path", Node::string(&*entry.path)),
            ("note", Node::string(note.kind.code())),
            ("error", Node::string(note.error.kind().code())),
        ])
    });
    json_lines(&spelled.collect::<Vec<_>>())
}

fn json_lines(nodes: &[Node]) -> String {
    nodes.iter().map(canonical).collect::<Vec<_>>().join("\n  ")
}

/// The same text for the same value, however its numbers are written.
fn canonical(node: &Node) -> String {
    let value: serde_json::Value = serde_json::from_str(&node.to_string()).expect("JSON");
    value.to_string()
}

fn show(commands: &[Vec<Vec<u8>>]) -> String {
    let arg = |arg: &Vec<u8>| arg.escape_ascii().to_string();
    let command = |args: &Vec<Vec<u8>>| args.iter().map(arg).collect::<Vec<_>>().join(" ");
    commands.iter().map(command).collect::<Vec<_>>().join("\n  ")
}
