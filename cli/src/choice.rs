//! Parameters given beside a path, with several values each: `--where`.

use std::fs;

use nestkey::core::key::param::Param;

use crate::failure::{Failure, Result};

/// The parameters that are named, each with its values.
#[derive(Debug, Default)]
pub(crate) struct Choices(Vec<(String, Vec<String>)>);

impl Choices {
    /// Reads `user_id=1,2,3` and `user_id=@FILE`; values of a parameter that is named again are
    /// added.
    pub(crate) fn read(wheres: &[String]) -> Result<Self> {
        let mut choices = Self::default();
        for spelled in wheres {
            let (name, values) = spelled.split_once('=').ok_or_else(|| {
                Failure::usage("`--where` is a parameter and its values: user_id=1,2,3")
            })?;
            let values = match values.strip_prefix('@') {
                Some(file) => lines(file)?,
                None => values.split(',').map(str::to_owned).collect(),
            };
            if values.is_empty() {
                return Err(Failure::usage(format!("`--where {spelled}` names no value")));
            }
            match choices.0.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => known.extend(values),
                None => choices.0.push((name.to_owned(), values)),
            }
        }
        Ok(choices)
    }

    /// Every combination with one value of each parameter; the empty one where none is named.
    pub(crate) fn combinations(&self) -> Vec<Vec<(&str, Param<'_>)>> {
        self.0.iter().fold(vec![Vec::new()], |combinations, (name, values)| {
            let with = |combination: &Vec<(_, _)>, value| {
                let mut longer = combination.clone();
                longer.push((&name[..], Param::Str(value)));
                longer
            };
            combinations
                .iter()
                .flat_map(|combination| values.iter().map(move |value| with(combination, value)))
                .collect()
        })
    }
}

/// The lines of a file that have something in them.
fn lines(file: &str) -> Result<Vec<String>> {
    let text =
        fs::read_to_string(file).map_err(|error| Failure::Io { name: file.to_owned(), error })?;
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn combinations<const N: usize>(wheres: [&str; N]) -> Vec<String> {
        let choices = Choices::read(&wheres.map(str::to_owned)).unwrap();
        let spelled = |(name, param): &(&str, Param<'_>)| match param {
            Param::Str(text) => format!("{name}={text}"),
            other => panic!("{other:?}"),
        };
        let joined = |one: &Vec<_>| one.iter().map(spelled).collect::<Vec<_>>().join(" ");
        choices.combinations().iter().map(joined).collect()
    }

    #[test]
    fn each_value_of_a_parameter_meets_each_of_the_others() {
        assert_eq!(combinations([]), [""]);
        assert_eq!(combinations(["a=1,2"]), ["a=1", "a=2"]);
        assert_eq!(combinations(["a=1,2", "b=x=y"]), ["a=1 b=x=y", "a=2 b=x=y"]);
        assert_eq!(
            combinations(["a=1", "b=x,y", "a=2"]),
            ["a=1 b=x", "a=1 b=y", "a=2 b=x", "a=2 b=y"]
        );
    }
}
