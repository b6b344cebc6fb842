//! `nestkey import`.

use std::path::Path;

use nestkey::core::layout::Layout;

use crate::{
    failure::{self, Exit, Failure, Result},
    output::{Output, say},
    redisimnest::import,
    toml,
};

/// Writes redisimnest's classes as a layout file.
pub(crate) fn redisimnest(file: &Path, root: Option<&str>, out: &mut Output) -> Result {
    let imported = import::import(file, root)?;
    let text = toml::formatted(&imported.toml);
    out.text(&text)?;
    out.flush()?;
    match imported.decisions {
        0 => {}
        1 => eprintln!("nestkey: one thing wants a decision, it is marked `decide:`"),
        several => {
            eprintln!("nestkey: {several} things want a decision, they are marked `decide:`")
        }
    }
    // What the check refuses is shown beside the layout, with its places in it.
    let Err(error) = Layout::from_toml(&text) else { return Ok(()) };
    let name = Path::new("layout.toml");
    failure::problems(name, &error).iter().for_each(say);
    Err(Failure::Said(Exit::No))
}
