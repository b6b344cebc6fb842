//! Calls and handles in the hands of a service: spawned, mapped, collected, kept.

use std::{
    io,
    pin::{Pin, pin},
    task::{Context, Waker},
    time::{Duration, SystemTime},
};

use nestkey::{Effect, Entry, ErrorKind, Namespace, Root, call::Call};

use crate::place::everywhere;

fn age(root: &Root) -> Entry<'_> {
    root.namespace("user", [1]).unwrap().entry("age").unwrap()
}

const fn can_be_kept<T: Send + Sync + 'static>() {}
const fn can_be_spawned<T: Future + Send + Unpin + 'static>() {}

const _: () = {
    can_be_kept::<Entry<'static>>();
    can_be_kept::<nestkey::SecretEntry<'static>>();
    can_be_kept::<Namespace<'static>>();
    can_be_spawned::<Call<i64>>();
    can_be_spawned::<nestkey::pipeline::Pipeline<Vec<Call<i64>>>>();
    can_be_spawned::<nestkey::pipeline::Settled<(Call<i64>, Call<bool>)>>();
};

#[tokio::test]
async fn calls_and_pipelines_are_spawned_as_they_are() {
    everywhere(|root| async move {
        let age = age(&root);
        assert!(tokio::spawn(age.set(30).if_missing()).await.unwrap().unwrap());
        assert_eq!(tokio::spawn(age.get::<i64>()).await.unwrap(), Ok(30));
        let read = tokio::spawn(root.pipeline([age.get::<i64>(), age.get()]));
        assert_eq!(read.await.unwrap().unwrap(), [30, 30]);
        let (read, settled) = tokio::join!(
            age.get::<i64>(),
            root.pipeline((age.set("no"), age.get::<i64>())).settled()
        );
        assert_eq!((read, settled.unwrap().1), (Ok(30), Ok(30)));
    })
    .await;
}

#[tokio::test]
async fn a_call_is_made_once() {
    everywhere(|root| async move {
        let age = age(&root);
        let mut call = age.set(1);
        assert!((&mut call).await.unwrap());
        let error = (&mut call).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (ErrorKind::InvalidCall, Effect::Ambiguous));
        assert_eq!(
            call.ttl(Duration::from_secs(1)).await.unwrap_err().kind(),
            ErrorKind::InvalidCall
        );
        let mut call = age.get::<i64>();
        (&mut call).await.unwrap();
        let [late] = root.pipeline([call]).settled().await.unwrap();
        assert_eq!(late.unwrap_err().kind(), ErrorKind::InvalidCall);
        let mut pipeline = pin!(root.pipeline(vec![age.get::<i64>()]));
        assert_eq!(pipeline.as_mut().await.unwrap(), [1]);
        assert_eq!(pipeline.await.unwrap_err().error.kind(), ErrorKind::InvalidCall);
    })
    .await;
}

#[tokio::test]
async fn calls_of_several_kinds_stand_in_one_vec() {
    everywhere(|root| async move {
        let age = age(&root);
        let calls = vec![
            age.set(30).if_missing().plain(),
            age.expire(Duration::from_secs(60)).nx().plain(),
            age.exists(),
            age.delete(),
        ];
        assert_eq!(root.pipeline(calls).await.unwrap(), [true, false, true, true]);
        let done: Vec<Call<()>> = vec![
            age.set(1).map(drop),
            age.update_with(|age: i64| age + 1).map(drop),
            age.expire_at(SystemTime::now() + Duration::from_secs(60)).map(drop),
        ];
        root.atomic(vec![age.set(5).map(drop), age.persist().map(drop)]).await.unwrap();
        root.pipeline(done).await.unwrap();
        assert_eq!(age.lookup::<i64>().map(|found| found.value()).await.unwrap(), Some(2));
    })
    .await;
}

#[tokio::test]
async fn what_a_call_gives_is_mapped_and_what_it_fails_with_is_not() {
    everywhere(|root| async move {
        let age = age(&root);
        age.set(30).await.unwrap();
        let name = String::from("age");
        let shown = age.get::<i64>().map(move |age| format!("{name} {age}"));
        assert_eq!(shown.await.unwrap(), "age 30");
        let call = age.get::<String>().map(|text| text.len()).deadline(Duration::from_secs(5));
        let error = call.await.unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::TypeMismatch, "user.age"));
        let mut begun = age.update(|age: i64| async move {
            tokio::task::yield_now().await;
            age + 1
        });
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut begun).poll(&mut cx).is_pending());
        assert_eq!(begun.map(|age| age * 2).await.unwrap(), 62);
    })
    .await;
}

#[tokio::test]
async fn handles_of_their_own_outlive_the_root_they_come_from() {
    everywhere(|root| async move {
        let (user, motto) = (
            root.namespace("user", [7]).unwrap().into_owned(),
            root.entry("motto").unwrap().into_owned(),
        );
        drop(root);
        let stored = tokio::spawn(async move {
            user.entry("age")?.set(30).await?;
            let age = user.entry("age")?;
            let next: i64 = tokio::spawn(async move { age.update_with(|age: i64| age + 1).await })
                .await
                .unwrap()?;
            nestkey::Result::Ok((next, user.count().await?, user.prefix().to_owned()))
        });
        assert_eq!(stored.await.unwrap().unwrap(), (31, 1, String::from("root:user:7")));
        motto.set("kept").await.unwrap();
        assert_eq!(motto.clone().get::<String>().await.unwrap(), "kept");
    })
    .await;
}

#[tokio::test]
async fn functions_that_answer_at_once_compute_as_those_that_wait() {
    everywhere(|root| async move {
        let (age, motto) = (age(&root), root.entry("motto").unwrap());
        assert_eq!(age.update_with(|age: i64| age + 1).await.unwrap(), 1);
        assert_eq!(age.update_with(|age: Option<i64>| age.map_or(7, |age| age + 1)).wait(), Ok(2));
        assert_eq!(motto.get_or_set_with(|| String::from("first")).await.unwrap(), "first");
        assert_eq!(motto.get_or_set_with(|| String::from("second")).await.unwrap(), "first");
        let failing = age.update_with(|_: i64| Err::<i64, _>(io::Error::other("no")));
        assert_eq!(failing.await.unwrap_err().kind(), ErrorKind::ComputeFailed);
        assert_eq!(age.get::<i64>().await.unwrap(), 2);
    })
    .await;
}
