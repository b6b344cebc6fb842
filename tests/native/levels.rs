//! Parameters of several levels at once.

use nestkey::{Client, ErrorKind, Result, param::named};

use crate::place::layout;

#[test]
fn a_dotted_path_takes_the_parameters_of_all_its_levels() -> Result<()> {
    let (client, _) = Client::memory();
    let root = client.bind(&layout());
    let wanted = "root:user:7:messages:message:42";
    let path = "user.messages.message";
    assert_eq!(root.entry_with(path, (7, "42"))?.key(), wanted);
    assert_eq!(root.entry_with(path, named((("message_id", 42), ("user_id", 7))))?.key(), wanted);
    assert_eq!(root.entry_with("user(7).messages.message", ["42"])?.key(), wanted);
    assert_eq!(root.at("user(7).messages.message(42)")?.key(), wanted);
    let messages = root.namespace("user.messages", named([("user_id", 7)]))?;
    assert_eq!(messages.prefix(), "root:user:7:messages");
    assert_eq!(messages.entry_with("message", [42])?.key(), wanted);
    let user = root.namespace("user", [7])?;
    assert_eq!(user.entry_with("messages.message", [42])?.key(), wanted);
    assert_eq!(user.namespace("messages", ())?.prefix(), messages.prefix());
    assert_eq!(root.namespace_at("")?.prefix(), "root");
    Ok(())
}

#[test]
fn what_is_wrong_with_the_parameters_of_a_path_is_told() {
    let (client, _) = Client::memory();
    let root = client.bind(&layout());
    let told = |error: nestkey::Error| (error.kind(), error.to_string());
    let entry = |path: &str| told(root.entry_with(path, [7]).unwrap_err());
    assert_eq!(
        entry("user.messages.message"),
        (
            ErrorKind::MissingParam,
            "user.messages.message: the parameter `message_id` is missing".to_owned()
        )
    );
    assert_eq!(
        entry("user(7).age"),
        (
            ErrorKind::SurplusParam,
            "user.age: 1 parameters are given, the path leaves 0 open".to_owned()
        )
    );
    let namespace = |path: &str, params: &[(&str, i64)]| {
        told(root.namespace(path, named(params.to_vec())).unwrap_err())
    };
    assert_eq!(
        namespace("user.messages", &[("user_id", 7), ("message_id", 42)]),
        (
            ErrorKind::UnknownParam,
            "user.messages: there is no parameter `message_id` on this path, only `user_id`"
                .to_owned()
        )
    );
    assert_eq!(
        namespace("user(7).messages", &[("user_id", 8)]),
        (
            ErrorKind::DoubledParam,
            "user.messages: the parameter `user_id` is given twice".to_owned()
        )
    );
    assert_eq!(
        namespace("user.age", &[("user_id", 7)]),
        (ErrorKind::UnknownPath, "`user.age` is an entry, a namespace was wanted".to_owned())
    );
    assert_eq!(
        entry("user.messages"),
        (ErrorKind::UnknownPath, "`user.messages` is a namespace, an entry was wanted".to_owned())
    );
}

#[test]
fn a_path_is_held_against_validators() -> Result<()> {
    let (client, _) = Client::memory();
    let even = |id: i64| if id % 2 == 0 { Ok(()) } else { Err("is odd") };
    let root = client.bind(&layout()).validate("user.user_id", even)?;
    assert_eq!(root.entry_with("user.age", [8])?.key(), "root:user:8:age");
    let error = root.entry_with("user.age", [7]).unwrap_err();
    assert_eq!(error.to_string(), "user: the parameter `user_id` is refused: is odd");
    assert_eq!(root.namespace("user.messages", [7]).unwrap_err().kind(), ErrorKind::InvalidParam);
    Ok(())
}
