struct UserId(u64);

fn main() -> nestkey::Result<()> {
    let (client, _) = nestkey::Client::memory();
    let root = client.bind(&nestkey::Layout::from_json("{}")?);
    root.namespace("user", [UserId(7)])?;
    root.namespace("user", [0.5])?;
    Ok(())
}
