fn main() -> nestkey::Result<()> {
    let (client, _) = nestkey::Client::memory();
    let root = client.bind(&nestkey::Layout::from_json("{}")?);
    root.namespace("user", 7)?;
    Ok(())
}
