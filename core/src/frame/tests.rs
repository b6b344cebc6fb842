//! Frames byte by byte, as the table at the top of the module lays them down.

use alloc::{string::ToString, vec, vec::Vec};

use super::*;
use crate::{
    call::{Cx, Outcome},
    error::{Effect, Error, ErrorKind, Result},
    layout::Layout,
    plan::{Answer, Input, Plan, Step, Turn},
    reply::Reply,
    value::Payload,
};

#[test]
fn verbs_have_the_names_of_their_numbers() {
    // Its name stands in the error of a call on the wrong thing; what stores something is `set`.
    for (number, name) in VERBS.iter().enumerate() {
        let is_walk = matches!(*name, "clear" | "count" | "keys" | "rotate" | "strays");
        let mut wrong = vec![number as u8, u8::from(is_walk), 0, 0, 0, 0, 0, 0, 0];
        wrong.extend([0; 2]);
        if *name == "set" {
            wrong.truncate(9);
            wrong.extend(bytes(&[0]));
        }
        if *name == "set_password" {
            // What is hashed already is not looked at as a password first.
            wrong.truncate(8);
            wrong.push(1);
        }
        wrong.extend([0; 32]);
        let error = first_turn(&calls("", &call(&wrong))).unwrap_err();
        let shown = if matches!(*name, "seal" | "set_password") { "set" } else { name };
        assert_eq!(error.kind(), ErrorKind::InvalidCall, "{name}");
        assert!(error.message().contains(&alloc::format!("`{shown}`")), "{name}: {error}");
    }
}

#[test]
fn a_call_is_read_with_its_parameters_by_position_and_by_name() {
    let by_position = [&level(0, 1), &[3, 7, 0, 0, 0, 0, 0, 0, 0][..]].concat();
    let by_name = [&level(1, 1), &text("user_id")[..], &[5], &text("7")].concat();
    let as_text = [&level(0, 1), &[4][..], &text("7")].concat();
    for params in [by_position, by_name, as_text] {
        assert_eq!(sent(&get_age(&params), "").unwrap(), ["GET root:user:7:age"]);
    }
    let frame = calls("dev:", &call(&get_age(&[&level(0, 1), &[5][..], &text("7")].concat())));
    assert_eq!(first_turn(&frame).unwrap(), ["GET dev:root:user:7:age"]);
}

#[test]
fn a_walk_leaves_open_what_its_levels_do_not_give() {
    let number = |name| VERBS.iter().position(|verb| *verb == name).unwrap() as u8;
    let age = |name, level: &[u8]| [&[number(name), 3, 1, 0, 0, 0][..], level].concat();
    let given = [&level(0, 1), &[3, 7, 0, 0, 0, 0, 0, 0, 0][..]].concat();
    let lines = |target: &[u8]| first_turn(&calls("", &call(target)));
    assert_eq!(
        lines(&age("count", &level(0, 0))).unwrap(),
        ["SCAN 0 MATCH root:user:*:age COUNT 1000"]
    );
    assert_eq!(lines(&age("count", &given)).unwrap(), ["EXISTS root:user:7:age"]);
    let missing = lines(&age("count", &[&level(0, 1)[..], &[0]].concat())).unwrap_err();
    assert_eq!(missing.kind(), ErrorKind::MissingParam, "what is undefined is not open");
    let error = lines(&age("get", &level(0, 0))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal, "only walks leave parameters open");
}

#[test]
fn a_parameter_that_cannot_be_one_is_refused_by_its_reason() {
    let count = |count, params: &[u8]| [&level(0, count), params].concat();
    for (params, kind) in [
        (count(0, &[]), ErrorKind::MissingParam),
        (count(1, &[0]), ErrorKind::MissingParam),
        (count(2, &[0, 1]), ErrorKind::MissingParam),
        (count(2, &[2, 2]), ErrorKind::SurplusParam),
        (count(1, &[2]), ErrorKind::WrongType),
        (count(1, &[&[4][..], &text("9".repeat(60).as_str())].concat()), ErrorKind::InvalidParam),
        (count(1, &[&[7][..], &text("-0")].concat()), ErrorKind::NotSafeInteger),
        (count(1, &[&[8][..], &text("a Date")].concat()), ErrorKind::WrongType),
        (count(2, &[&[2, 8][..], &text("a Date")].concat()), ErrorKind::SurplusParam),
        (count(1, &[9]), ErrorKind::IllFormedString),
        (count(1, &[10]), ErrorKind::ParamTooLong),
        (count(1, &[11]), ErrorKind::Internal),
        ([&level(1, 1)[..], &text("id"), &[2]].concat(), ErrorKind::UnknownParam),
    ] {
        assert_eq!(sent(&get_age(&params), "").unwrap_err().kind(), kind, "{params:?}");
    }
}

#[test]
fn the_options_of_a_set_are_read() {
    let value = bytes(Payload::from(30).as_tape());
    for (options, command) in [
        (vec![0, 0, 0], "EX 120"),
        ([&[1][..], &500_f64.to_le_bytes(), &[2, 0]].concat(), "PX 500 NX"),
        ([&[2][..], &9000_f64.to_le_bytes(), &[1, 1]].concat(), "EXAT 9 XX GET"),
        (vec![3, 0, 0], "KEEPTTL"),
        (vec![4, 0, 1], "GET"),
        ([&[5][..], &text("5m"), &[0, 0]].concat(), "EX 300"),
    ] {
        let set = [&[verb("set")][..], &age(7), &options, &value].concat();
        let wanted = ["SET root:user:7:age '{\"__type__\": \"int\", \"value\": 30}'", command];
        assert_eq!(sent(&set, "").unwrap(), [wanted.join(" ")]);
    }
    for ms in [-1.0, 0.5, f64::NAN, f64::INFINITY, 1e17] {
        let options = [&[1][..], &ms.to_le_bytes(), &[0, 0]].concat();
        let set = [&[verb("set")][..], &age(7), &options, &value].concat();
        assert_eq!(sent(&set, "").unwrap_err().kind(), ErrorKind::InvalidCall, "{ms}");
    }
}

#[test]
fn a_call_that_cannot_be_read_fails_in_its_own_place() {
    let failure =
        [&[0, ErrorKind::InvalidValue as u8, 1][..], &text("no"), &text("user.age"), &text("")]
            .concat();
    let good = get_age(&[&level(0, 1), &[3, 7, 0, 0, 0, 0, 0, 0, 0][..]].concat());
    let bad = get_age(&[&level(0, 1), &[9][..]].concat());
    let nodes = [&[2][..], &3_u32.to_le_bytes(), &call(&bad), &failure, &call(&good)].concat();
    let layout = layout();
    let frame = calls("", &nodes);
    let (mut plan, prefix) = read_calls(&frame, &layout).unwrap();
    let cx = Cx::new(&layout, prefix);
    let mut turn = Turn::default();
    assert_eq!(plan.step(&cx, Input::default(), &mut turn).unwrap(), Step::More);
    turn.clear();
    let step = plan
        .step(&cx, Input { replies: &mut [Reply::Nil], ..Input::default() }, &mut turn)
        .unwrap();
    let Step::Done(Outcome::Many(results)) = step else { panic!("{step:?}") };
    assert_eq!(results[0].as_ref().unwrap_err().kind(), ErrorKind::IllFormedString);
    assert_eq!(results[1].as_ref().unwrap_err().to_string(), "user.age: no");
    assert_eq!(results[2], Ok(Outcome::Value(Payload::from(0))));
}

#[test]
fn a_failure_of_the_host_is_read_with_what_became_of_the_operation() {
    let failure =
        [&[ErrorKind::Server as u8, 3][..], &text("not yet"), &text(""), &text("LOADING")].concat();
    let frame = [&failure[..], &1_u32.to_le_bytes(), &[3, 1]].concat();
    let (error, answers) = read_interruption(&frame).unwrap();
    assert_eq!((error.kind(), error.outcome()), (ErrorKind::Server, Effect::Rejected));
    assert_eq!((error.message(), error.server_code()), ("not yet", "LOADING"));
    assert!(error.is_retryable(), "as where a server answered it");
    assert_eq!(answers, [Answer::Verified(true)]);
    assert_eq!(read_interruption(&failure).unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(read_interruption(&[255, 0]).unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(read_interruption(&[0, 4]).unwrap_err().kind(), ErrorKind::Internal);
}

#[test]
fn groups_inside_each_other_end_somewhere() {
    let nested = |depth: usize| {
        let mut frame = text("");
        frame.extend([2, 1, 0, 0, 0].repeat(depth));
        frame.extend([2, 0, 0, 0, 0]);
        frame
    };
    assert!(matches!(read_calls(&nested(3), &layout()), Ok((Plan::Join(_), ""))));
    // The innermost is refused; what is around it is read, however deep the frame goes on.
    assert!(read_calls(&nested(100_000), &layout()).is_ok());
}

#[test]
fn replies_are_read_in_every_form() {
    let mut frame = 10_u32.to_le_bytes().to_vec();
    frame.push(0);
    frame.push(1);
    frame.extend((-5_i64).to_le_bytes());
    frame.push(2);
    frame.extend(text("OK"));
    frame.push(3);
    frame.extend(bytes(&[0xFF]));
    frame.extend([4, 1, 0, 0, 0, 0]);
    frame.push(5);
    frame.extend(text("ERR no"));
    frame.push(6);
    frame.extend(1.5_f64.to_le_bytes());
    frame.extend([7, 1, 7, 0]);
    frame.extend([8, 1, 0, 0, 0, 0, 7, 1]);
    frame.extend(0_u32.to_le_bytes());
    assert_eq!(
        read_input(&frame).unwrap().0,
        [
            Reply::Nil,
            Reply::Int(-5),
            Reply::ok(),
            Reply::Bulk(vec![0xFF]),
            Reply::Array(vec![Reply::Nil]),
            Reply::error("ERR no"),
            Reply::Double(1.5),
            Reply::Bool(true),
            Reply::Bool(false),
            Reply::Map(vec![(Reply::Nil, Reply::Bool(true))]),
        ]
    );
    let deep = [4, 1, 0, 0, 0].repeat(100_000);
    assert!(read_input(&[&1_u32.to_le_bytes()[..], &deep].concat()).is_err());
}

#[test]
fn a_frame_that_is_cut_off_is_an_error_wherever_it_is_cut() {
    let value = bytes(Payload::from(30).as_tape());
    let set = [&[verb("set")][..], &age(7), &[5][..], &text("5m"), &[0, 0], &value].concat();
    let frame = calls("dev:", &call(&set));
    assert!(read_calls(&frame, &layout()).is_ok());
    for end in 0..frame.len() {
        assert!(read_calls(&frame[..end], &layout()).is_err(), "{end}");
    }
    let replies = [&2_u32.to_le_bytes()[..], &[0, 3], &bytes(b"x"), &[0; 4]].concat();
    for end in 0..replies.len() {
        assert!(read_input(&replies[..end]).is_err(), "{end}");
    }
}

#[test]
fn a_turn_lists_its_commands_before_their_bytes() {
    let mut turn = Turn::default();
    turn.batch.open_group();
    turn.batch.command("SET", crate::command::Class::Other).key(b"k").arg("é".as_bytes());
    turn.batch.close_group();
    turn.items.push(Outcome::Missing);
    let mut out = Vec::new();
    write_turn(9, &turn, Shown::Commands, &mut out);
    let numbers =
        |words: &[u32]| -> Vec<u8> { words.iter().flat_map(|word| word.to_le_bytes()).collect() };
    // Nothing stands in for its replies.
    let mut wanted = [numbers(&[9, 3, 5, 1, 15, 1, 0, 0, 0]), vec![0]].concat();
    wanted.extend(numbers(&[1, 3, 1, 10, 6, 2, 5, 8, 0, 3]));
    wanted.extend("MULTISETkéEXEC".as_bytes());
    wanted.push(0);
    assert_eq!(out, wanted);
}

#[test]
fn jobs_are_written_with_their_places_and_their_answers_read() {
    let update = [&[verb("update")][..], &[1, 0, 0, 0, 0], &[0, 3, 0, 0, 0]].concat();
    let fill =
        [&[verb("get_or_set")][..], &age(7), &[0], &500_f64.to_le_bytes(), &[0], &[1], &[9; 16]];
    let fill = fill.concat();
    let nodes = [&[2][..], &2_u32.to_le_bytes(), &call(&update), &call(&fill)].concat();
    let (layout, frame) = (layout(), calls("", &nodes));
    let (mut plan, prefix) = read_calls(&frame, &layout).unwrap();
    let cx = Cx::new(&layout, prefix);
    let mut turn = Turn::default();
    let _ = plan.step(&cx, Input::default(), &mut turn).unwrap();
    let stored = br#"{"__type__": "int", "value": 1}"#;
    turn.clear();
    let replies = [&[2, 0, 0, 0, 3][..], &bytes(stored), &[0], &[0; 4]].concat();
    let (mut replies, mut answers) = read_input(&replies).unwrap();
    let input = Input { replies: &mut replies, answers: &mut answers };
    let _ = plan.step(&cx, input, &mut turn).unwrap();
    let sent: Vec<_> = turn.batch.commands().map(|command| command.to_string()).collect();
    let token = "09".repeat(16);
    let lease = alloc::format!("SET root:user:7:age::lease:{{root:user:7:age}} {token} PX 500 NX");
    assert_eq!(sent, [lease, "GET root:user:7:age".into()]);
    let mut out = Vec::new();
    write_turn(1, &turn, Shown::Commands, &mut out);
    let job = [&1_u32.to_le_bytes()[..], &[0; 4], &[0, 11], Payload::from(1).as_tape()].concat();
    assert!(out.ends_with(&bytes(&job)));

    let failure =
        [&[0, ErrorKind::InvalidValue as u8, 1][..], &text("no"), &text(""), &text("")].concat();
    let tape = Payload::from(2);
    let frame = [&[2, 0, 0, 0][..], &failure, &[1], &bytes(tape.as_tape())].concat();
    let failed = Error::new(ErrorKind::InvalidValue, "no");
    assert_eq!(read_answers(&frame).unwrap(), [Answer::Failed(failed), Answer::Value(tape)]);
    assert!(read_answers(&[1, 0, 0, 0, 2]).is_err());
}

#[test]
fn notes_are_written_behind_the_jobs() {
    let text_of = r#"{"keys": {"age": {"type": "int", "on_invalid": "missing"}}}"#;
    let layout = Layout::from_json(text_of).unwrap();
    let get = [verb("get"), 1, 0, 0, 0, 0];
    let frame = calls("", &call(&get));
    let (mut plan, prefix) = read_calls(&frame, &layout).unwrap();
    let cx = Cx::new(&layout, prefix);
    let mut turn = Turn::default();
    let _ = plan.step(&cx, Input::default(), &mut turn).unwrap();
    turn.clear();
    let input = Input { replies: &mut [Reply::Bulk(b"no".to_vec())], ..Input::default() };
    let Step::Done(outcome) = plan.step(&cx, input, &mut turn).unwrap() else { panic!() };
    let mut out = Vec::new();
    write_end(&turn, &outcome, &mut out);
    let (mut error, note) = (Vec::new(), &turn.notes[0]);
    write_error(&note.error, &mut error);
    assert_eq!(out, [&[0, 0, 0, 0, 1, 0, 0, 0, 0][..], &error, &[0]].concat());
}

#[test]
fn namespaces_are_walked_through_together() {
    let clear = [&[0][..], &[0; 5], &[0]].concat();
    let user = [&[0, 0, 1, 0, 0, 0][..], &level(0, 1), &[3, 7, 0, 0, 0, 0, 0, 0, 0, 0]].concat();
    let walk = |first: &[u8]| {
        let second = bytes(&user);
        calls("", &[&[4][..], &2_u32.to_le_bytes(), &bytes(first), &second].concat())
    };
    assert!(matches!(read_calls(&walk(&clear), &layout()), Ok((Plan::Scan(_), ""))));
    assert_eq!(
        read_calls(&walk(&get_age(&level(0, 0))), &layout()).unwrap_err().kind(),
        ErrorKind::MissingParam
    );
}

#[test]
fn outcomes_and_errors_are_written_in_every_form() {
    let error = Error::new(ErrorKind::Busy, "full").at_path("user.age").at_key("k");
    let outcomes = Outcome::Many(vec![
        Ok(Outcome::Bool(true)),
        Ok(Outcome::Int(-1)),
        Ok(Outcome::Text("ok".into())),
        Ok(Outcome::Value(Payload::null())),
        Err(error.effect(Effect::Rejected)),
    ]);
    let mut out = Vec::new();
    let mut turn = Turn::default();
    turn.items.push(Outcome::Unit);
    write_end(&turn, &outcomes, &mut out);
    let failure = [
        &[1, ErrorKind::Busy as u8, 3, 1][..],
        &text("full"),
        &text("user.age"),
        &text("k"),
        &text(""),
        &[0; 8],
    ];
    let wanted = [
        &[1, 0, 0, 0, 0, 0, 0, 0, 8][..],
        &[12, 5, 0, 0, 0],
        &bytes(&[0, 2]),
        &bytes(&[&[0, 3][..], &(-1_i64).to_le_bytes()].concat()),
        &bytes(&[&[0, 5][..], &text("ok")].concat()),
        &bytes(&[0, 11, 0]),
        &bytes(&failure.concat()),
    ];
    assert_eq!(out, wanted.concat());
}

fn layout() -> Layout {
    let text = r#"{"prefix": "root", "keys": {"any": {}}, "namespaces": {"user": {
        "prefix": "user:{user_id:int}", "ttl": "2m", "keys": {"age": {"type": "int", "default": 0}}
    }}}"#;
    Layout::from_json(text).unwrap()
}

/// `get` of `user.age`, which is the second entry, with a level of parameters.
fn get_age(level: &[u8]) -> Vec<u8> {
    [&[verb("get"), 1, 1, 0, 0, 0][..], level].concat()
}

/// The number of a verb.
fn verb(name: &str) -> u8 {
    VERBS.iter().position(|verb| *verb == name).unwrap() as u8
}

/// The target `user(id).age`.
fn age(id: u8) -> Vec<u8> {
    [&[1, 1, 0, 0, 0][..], &level(0, 1), &[3, id, 0, 0, 0, 0, 0, 0, 0]].concat()
}

fn level(form: u8, count: u32) -> Vec<u8> {
    [&[form][..], &count.to_le_bytes()].concat()
}

fn call(call: &[u8]) -> Vec<u8> {
    [&[1][..], &bytes(call)].concat()
}

fn calls(prefix: &str, node: &[u8]) -> Vec<u8> {
    [&text(prefix)[..], node].concat()
}

fn bytes(content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32).to_le_bytes()[..], content].concat()
}

fn text(text: &str) -> Vec<u8> {
    bytes(text.as_bytes())
}

fn sent(call_bytes: &[u8], prefix: &str) -> Result<Vec<alloc::string::String>> {
    first_turn(&calls(prefix, &call(call_bytes)))
}

fn first_turn(frame: &[u8]) -> Result<Vec<alloc::string::String>> {
    let layout = layout();
    let (mut plan, prefix) = read_calls(frame, &layout)?;
    let mut turn = Turn::default();
    let _ = plan.step(&Cx::new(&layout, prefix), Input::default(), &mut turn)?;
    Ok(turn.batch.commands().map(|command| command.to_string()).collect())
}
