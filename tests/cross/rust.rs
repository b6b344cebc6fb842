use std::fs;

use nestkey::{Client, Layout, Root, Value as Stored};
use serde_json::{Value, json};

use crate::Peer;

/// nestkey in Rust, over the same server.
pub(crate) struct Rust {
    shop: Root,
    types: Root,
}

impl Rust {
    pub(crate) fn new(url: &str) -> Self {
        let client = Client::connect(url).wait().expect("a connection");
        let read = |file: &str| {
            let path = format!("{}/{file}", env!("CARGO_MANIFEST_DIR"));
            fs::read_to_string(&path).expect(&path)
        };
        let shop = Layout::from_toml(&read("../examples/shop.layout.toml")).expect("the shop");
        let types = Layout::from_json(&read("cross/types.layout.json")).expect("the types");
        Self { shop: client.bind(&shop), types: client.bind(&types) }
    }

    fn act(&self, request: &Value) -> nestkey::Result<Value> {
        let root = if request["layout"] == "shop" { &self.shop } else { &self.types };
        let path = request["path"].as_str().expect("a path");
        match request["do"].as_str() {
            Some("write") => Ok(root.at(path)?.set(untag(&request["value"])?).wait()?.into()),
            Some("read") => Ok(tag(&root.at(path)?.get::<Stored>().wait()?)),
            _ => {
                let keys = match path {
                    "" => root.keys(),
                    _ => root.namespace("user", [1])?.keys(),
                };
                let found = keys.wait().map(|found| Ok(found?.key().to_owned()));
                let mut found = found.collect::<nestkey::Result<Vec<_>>>()?;
                found.sort();
                Ok(json!(found))
            }
        }
    }
}

impl Peer for Rust {
    fn name(&self) -> &'static str {
        "Rust"
    }

    fn answer(&mut self, request: &Value) -> Value {
        self.act(request).unwrap_or_else(|error| panic!("{request}: {error:?}"))
    }
}

fn untag(tagged: &Value) -> nestkey::Result<Stored> {
    let value = &tagged["v"];
    let text = || value.as_str().unwrap_or_default();
    let items = || value.as_array().into_iter().flatten();
    Ok(match tagged["t"].as_str().unwrap_or_default() {
        "none" => Stored::Null,
        "bool" => Stored::Bool(value == true),
        "str" => Stored::String(text().into()),
        "int" => text().parse().map_or_else(|_| Stored::BigInt(text().into()), Stored::Int),
        "float" => Stored::Float(text().parse().expect("a float")),
        "list" => Stored::Array(items().map(untag).collect::<nestkey::Result<_>>()?),
        "tuple" => Stored::Tuple(items().map(untag).collect::<nestkey::Result<_>>()?),
        "dict" => {
            let member = |member: &Value| {
                Ok((member[0].as_str().unwrap_or_default().to_owned(), untag(&member[1])?))
            };
            Stored::Object(items().map(member).collect::<nestkey::Result<_>>()?)
        }
        "datetime" => match text().parse() {
            Ok(time) => Stored::DateTime(time),
            Err(_) => Stored::NaiveDateTime(text().parse()?),
        },
        "uuid" => Stored::Uuid(text().parse()?),
        other => panic!("`{other}` is no type of the cases"),
    })
}

fn tag(value: &Stored) -> Value {
    let items = |items: &[Stored]| items.iter().map(tag).collect::<Vec<_>>();
    match value {
        Stored::Array(elements) => json!({"t": "list", "v": items(elements)}),
        Stored::BigInt(text) => json!({"t": "int", "v": text}),
        Stored::Bool(value) => json!({"t": "bool", "v": value}),
        Stored::DateTime(time) => json!({"t": "datetime", "v": time.as_str()}),
        Stored::Float(value) => json!({"t": "float", "v": value.to_string()}),
        Stored::Int(value) => json!({"t": "int", "v": value.to_string()}),
        Stored::NaiveDateTime(time) => json!({"t": "datetime", "v": time.as_str()}),
        Stored::Null => json!({"t": "none"}),
        Stored::Object(members) => {
            let members: Vec<_> =
                members.iter().map(|(name, item)| json!([name, tag(item)])).collect();
            json!({"t": "dict", "v": members})
        }
        Stored::String(text) => json!({"t": "str", "v": text}),
        Stored::Tuple(elements) => json!({"t": "tuple", "v": items(elements)}),
        Stored::Uuid(uuid) => json!({"t": "uuid", "v": uuid.as_str()}),
        other => panic!("redisimnest stores no {other:?}"),
    }
}
