fn main() -> nestkey::Result<()> {
    let (client, _) = nestkey::Client::memory();
    let root = client.bind(&nestkey::Layout::from_json("{}")?);
    let age = root.entry("age")?;
    drop(root.pipeline(age.get::<i64>()));
    drop(root.pipeline((age.set(1), 2)));
    drop(root.pipeline([age.get::<i64>()].into_iter()));
    Ok(())
}
