//! What there is to see of a thing.

use std::{cell::Cell, error::Error as _, fmt, hint, panic, sync::Once};

use nestkey::{Error, core::error::Issue};
use nestkey_canary::assert_none;

/// Looks at the debug output of a thing.
#[track_caller]
pub(crate) fn debug(what: &str, thing: &dyn fmt::Debug) {
    assert_none(&format!("the debug output of {what}"), &format!("{thing:?}"));
    assert_none(&format!("the indented debug output of {what}"), &format!("{thing:#?}"));
}

/// Looks at all of an error, and at the panic that it makes of whoever unwraps it.
#[track_caller]
pub(crate) fn error(what: &str, error: &Error) {
    let mut all = format!(
        "{error} {error:?} {error:#?} {} {} {}",
        error.message(),
        error.path(),
        error.key()
    );
    all.push_str(error.server_code());
    for Issue { path, message, .. } in error.issues() {
        all.push_str(&format!("{path} {message}"));
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        all.push_str(&format!("{error} {error:?}"));
        cause = error.source();
    }
    assert_none(what, &all);
    let cloned = error.clone();
    let failed: nestkey::Result<()> = hint::black_box(Err(cloned));
    let panicked = quietly(move || failed.unwrap());
    let message = panicked.downcast_ref::<String>().expect("a message");
    assert_none(&format!("{what}, in a panic,"), message);
}

/// Looks at the error that something has to be.
#[track_caller]
pub(crate) fn failure<T>(what: &str, result: nestkey::Result<T>) {
    match result {
        Ok(_) => panic!("{what} is no error"),
        Err(found) => error(what, &found),
    }
}

/// The panic of something, which is told nobody else: there are thousands.
fn quietly(act: impl FnOnce() + panic::UnwindSafe) -> Box<dyn std::any::Any + Send> {
    thread_local!(static IS_QUIET: Cell<bool> = const { Cell::new(false) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let loud = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_QUIET.get() {
                loud(info);
            }
        }));
    });
    IS_QUIET.set(true);
    let panicked = panic::catch_unwind(act);
    IS_QUIET.set(false);
    panicked.expect_err("a panic")
}
