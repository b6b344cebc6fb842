//! Makes a sequence that shows a difference as short as can be.

use crate::pair::{Difference, Pair, Step};

/// Leaves out steps, then arguments, as long as some difference stays.
pub(crate) fn shrink(pair: &mut Pair, mut steps: Vec<Step>) -> (Vec<Step>, Difference) {
    let mut size = steps.len() / 2;
    while size > 0 {
        let mut at = 0;
        while at < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(at..(at + size).min(steps.len()));
            if pair.run(&fewer).is_some() {
                steps = fewer;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    for at in 0..steps.len() {
        while let Some(shorter) = without_last_argument(&steps, at) {
            if pair.run(&shorter).is_none() {
                break;
            }
            steps = shorter;
        }
    }
    let difference = pair.run(&steps).expect("the same steps differ again");
    (steps, difference)
}

pub(crate) fn listing(steps: &[Step]) -> String {
    steps.iter().map(|step| format!("  {step}\n")).collect()
}

fn without_last_argument(steps: &[Step], at: usize) -> Option<Vec<Step>> {
    let mut steps = steps.to_vec();
    match &mut steps[at] {
        Step::Send(_, args) if args.len() > 1 => args.pop(),
        _ => return None,
    };
    Some(steps)
}
