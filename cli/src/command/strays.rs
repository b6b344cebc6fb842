//! `nestkey strays`: what the layout does not know, by its shapes.

use nestkey::core::{call::Outcome, json::Node, plan::Plan};

use crate::{
    args::Global,
    call::named,
    failure::Result,
    json::Object,
    output::Output,
    progress::Progress,
    server::Server,
    shape::{SHAPES, Shapes},
};

/// Prints how many keys of each shape there are, the biggest first, each with an example.
pub(crate) fn run(path: Option<&str>, global: &Global, out: &mut Output) -> Result {
    let server = Server::connect(global)?;
    let call = server.call(named("strays", path.unwrap_or_default()))?;
    let progress = Progress::start("found", global);
    let mut shapes = Shapes::default();
    let walked = server.drive(Plan::new(call), |turn| {
        for item in &turn.items {
            if let Outcome::Bytes(key) = item {
                shapes.add(key);
            }
        }
        progress.tell(shapes.count(), "");
        Ok(())
    });
    progress.clear();
    // What was found before a walk broke off is told as well.
    if walked.is_ok() || shapes.count() > 0 {
        print(&shapes, out)?;
    }
    walked.map(drop)
}

fn print(shapes: &Shapes, out: &mut Output) -> Result {
    let sorted = shapes.sorted();
    if out.json {
        return out.line(to_json(shapes));
    }
    let width = sorted.first().map_or(0, |(_, shape)| shape.count.to_string().len());
    let name_width = sorted.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let name_width = name_width.min(60);
    for (name, shape) in &sorted {
        let (count, example) = (shape.count, &shape.example);
        let line = match example == name {
            true => format!("{count:width$}  {name}"),
            false => format!("{count:width$}  {name:name_width$}  {example}"),
        };
        out.line(line)?;
    }
    let strays = match shapes.count() {
        1 => "1 stray".to_owned(),
        count => format!("{count} strays"),
    };
    match shapes.others {
        0 => out.line(strays),
        others => {
            out.line(format!("{strays}, {others} of them of shapes beyond the first {SHAPES}"))
        }
    }
}

/// `{"strays": 3, "shapes": [{"shape": "root:{int}", "count": 3, "example": "root:7"}]}`.
fn to_json(shapes: &Shapes) -> Node {
    let sorted = shapes.sorted().into_iter().map(|(name, shape)| {
        Object::default()
            .with("shape", Node::string(name))
            .with("count", Node::number(&shape.count))
            .with("example", Node::string(&*shape.example))
            .node()
    });
    Object::default()
        .with("strays", Node::number(&shapes.count()))
        .with("shapes", Node::array(sorted))
        .with_some("others", (shapes.others > 0).then(|| Node::number(&shapes.others)))
        .node()
}
