use serde::Serialize;

/// One row of the table.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    /// Ours through theirs.
    pub(crate) ratio: Option<f64>,
    /// Theirs through theirs: how far apart two equal things are.
    pub(crate) aa: Option<f64>,
    /// The ratio that must not be passed.
    pub(crate) target: Option<f64>,
    /// The figures behind the ratio, or the figure itself.
    pub(crate) figures: String,
}

impl Row {
    pub(crate) fn print(&self) {
        println!("{}", serde_json::to_string(self).unwrap_or_default());
    }
}
