//! The `nestkey` command.

mod args;
mod call;
mod choice;
mod command;
mod confirm;
mod failure;
mod file;
mod interrupt;
mod json;
mod keyring;
mod output;
mod path;
mod pretty;
mod progress;
mod prompt;
mod redisimnest;
mod replace;
mod rotation;
mod server;
mod shape;
mod toml;
mod trace;

use std::{borrow::Cow, env, process::ExitCode};

use clap::Parser;
use nestkey::core::json::visible;

use crate::{
    args::{Cli, Command, Gen, Import},
    failure::{Failure, Result},
    output::Output,
};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    let json = cli.global.json;
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.report(json);
            failure.exit_code()
        }
    }
}

/// Prints help where it was asked for, else what is wrong with the command line.
fn refuse(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && env::args_os().any(|arg| arg == "--json") {
        let failure = Failure::usage(first_sentence(&words_of(error)));
        failure.report(true);
        return failure.exit_code();
    }
    if error.use_stderr() {
        failure::without_passwords(&words_of(error)).lines().for_each(output::say);
        return failure::Exit::Error.into();
    }
    // A closed pipe is no error.
    let _ = error.print();
    ExitCode::SUCCESS
}

/// What clap says on several lines, in which no argument that it quotes breaks one.
fn words_of(error: &clap::Error) -> String {
    let mut said = error.render().to_string();
    for arg in env::args_os().filter_map(|arg| arg.into_string().ok()) {
        if let Cow::Owned(shown) = visible(&arg) {
            said = said.replace(&arg, &shown);
        }
    }
    said
}

/// What clap says before its words on usage, on one line.
fn first_sentence(text: &str) -> String {
    let text = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<_> = text.trim_start_matches("error:").split_whitespace().collect();
    words.join(" ")
}

fn run(cli: &Cli) -> Result {
    let Cli { global, command } = cli;
    let mut out = Output::new(global.json);
    let result = match command {
        Command::Check { files } => command::check::run(files, global, &mut out),
        Command::Fmt { check, files } => command::fmt::run(files, *check, global, &mut out),
        Command::Export => command::export::run(global, &mut out),
        Command::Import(Import::Redisimnest { file, root }) => {
            command::import::redisimnest(file, root.as_deref(), &mut out)
        }
        Command::Gen(Gen::Redisimnest { file }) => {
            command::generate::redisimnest(file.as_ref(), global, &mut out)
        }
        Command::Describe { path } => command::describe::run(path.as_deref(), global, &mut out),
        Command::Resolve { path } => command::resolve::run(path, global, &mut out),
        Command::Parse { key } => command::parse::run(key, global, &mut out),
        Command::Plan(plan) => command::plan::run(plan, global, &mut out),
        Command::Get { path, reveal, exit_missing } => {
            command::value::get(path, *reveal, *exit_missing, global, &mut out)
        }
        Command::Exists { path } => command::value::exists(path, global, &mut out),
        Command::Set { path, value, options } => {
            command::value::set(path, value, options, global, &mut out)
        }
        Command::Verify { path, password, upgrade } => {
            command::value::verify(path, password, *upgrade, global, &mut out)
        }
        Command::Ttl { path, ms } => command::value::ttl(path, *ms, global, &mut out),
        Command::Del { path, consent } => command::value::del(path, consent, global, &mut out),
        Command::Keys { path } => command::keys::keys(path.as_deref(), global, &mut out),
        Command::Count { path } => command::keys::count(path.as_deref(), global, &mut out),
        Command::Strays { path } => command::strays::run(path.as_deref(), global, &mut out),
        Command::Clear { path, wheres, strays, consent } => {
            command::clear::run(path, wheres, *strays, consent, global, &mut out)
        }
        Command::Keyring(keyring) => command::keyring::run(keyring, &mut out),
        Command::Rotate(rotate) => command::rotate::run(rotate, global, &mut out),
    };
    // What was printed before a failure is shown before it.
    out.flush().and(result)
}
