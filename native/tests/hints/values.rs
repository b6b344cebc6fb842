struct Session;

fn main() -> nestkey::Result<()> {
    let (client, _) = nestkey::Client::memory();
    let root = client.bind(&nestkey::Layout::from_json("{}")?);
    let age = root.entry("age")?;
    drop(age.update_with(|_: i64| Session));
    drop(root.secret("token")?.set(5));
    drop(root.secret("token")?.get::<i64>());
    drop(client.bind("layout.toml"));
    Ok(())
}
