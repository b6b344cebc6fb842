use alloc::vec::Vec;

use super::writer::{push_count, write_text};
use crate::{
    op::{Arg, Decode, Op, Unit},
    ops,
};

/// Writes the rows, in the order of their numbers, which follow those of [`VERBS`](super::VERBS).
pub fn write_rows(out: &mut Vec<u8>) {
    push_count(ops::rows().count(), out);
    ops::rows().for_each(|row| write_row(row, out));
}

fn write_row(row: &Op, out: &mut Vec<u8>) {
    write_text(row.name, out);
    write_text(row.kind.map_or("", |kind| kind.name()), out);
    out.push(match row.reply {
        Decode::Bool => 0,
        Decode::Size => 1,
        Decode::Time(Unit::Milliseconds) => 2,
        Decode::Time(Unit::Seconds) => 3,
        Decode::Word => 4,
    });
    push_count(row.args.len(), out);
    for arg in row.args {
        match arg {
            Arg::Count { name, .. } => {
                out.push(0);
                write_text(name, out);
            }
        }
    }
}
