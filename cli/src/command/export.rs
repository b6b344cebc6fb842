//! `nestkey export`.

use nestkey::core::layout;

use crate::{args::Global, failure::Result, file::LayoutFile, output::Output, pretty};

/// Prints the canonical JSON of a layout that is checked first.
pub(crate) fn run(global: &Global, out: &mut Output) -> Result {
    let file = LayoutFile::named(global)?;
    file.layout()?;
    out.text(&pretty::pretty(&layout::canonical(&file.tree)))
}
