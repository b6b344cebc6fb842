//! What is computed in a conversation, and what comes of it.

use nestkey_core::{
    call::{Outcome, Target},
    error::Error,
    json::{Node, Value},
    layout::Layout,
    plan::{Answer, Job, Place},
    types::{Shape, Type},
    value,
};

use super::{Calls, Exchange, Transcript, items, kind, number};

impl Exchange {
    /// What the plan gets for its jobs.
    ///
    /// # Panics
    ///
    /// When the file spells no answers to these jobs.
    #[must_use]
    pub fn answers(&self, transcript: &Transcript) -> Vec<Answer> {
        assert_eq!(self.jobs.len(), self.answers.len(), "an answer to each job");
        let answer = |(job, answer)| transcript.call.at(&place(job)).answer(answer, transcript);
        self.jobs.iter().zip(&self.answers).map(answer).collect()
    }
}

impl Calls {
    /// A job in the spelling of the files.
    ///
    /// # Panics
    ///
    /// When it is for none of these calls.
    #[must_use]
    pub fn spell_job(&self, place: &Place, job: &Job, layout: &Layout) -> Node {
        let mut members = vec![("place", Node::array(place.iter().map(Node::number)))];
        let text = |bytes: &[u8]| Node::string(String::from_utf8_lossy(bytes));
        match job {
            Job::Hash { password, cost, salt } => {
                let salt: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
                members.push(("hash", text(password.expose())));
                members.extend([("cost", Node::number(cost)), ("salt", Node::string(salt))]);
            }
            Job::Value(present) => {
                let Self::One(call) = self.at(place) else { panic!("a job for several calls") };
                let call = call.as_ref().as_ref().expect("a call that can be made");
                let value = |value| {
                    Outcome::Value(value).to_json(call, layout).expect("a value that JSON can hold")
                };
                members.extend(present.clone().map(|present| ("value", value(present))));
            }
            Job::Verify { password, hash } => {
                let [password, hash] = [password, hash].map(|given| text(given.expose()));
                members.extend([("verify", password), ("against", hash)]);
            }
            other => panic!("no file spells {other:?}"),
        }
        Node::object(members)
    }

    /// What a job of this call comes to.
    fn answer(&self, node: &Node, transcript: &Transcript) -> Answer {
        let member = |name| node.member(name);
        let text = |name| member(name).and_then(Node::as_str);
        if let Some(code) = text("error") {
            let kind = kind(code).expect("the code of an error");
            return Answer::Failed(Error::new(kind, "the closure failed"));
        }
        if let Some(hash) = text("hashed") {
            return Answer::Hashed(hash.into());
        }
        match member("verified").map(|node| &node.value) {
            Some(Value::Bool(is_right)) => Answer::Verified(*is_right),
            _ => self.computed(member("value").expect("a value or an error"), transcript),
        }
    }

    /// What a closure of this call comes to.
    fn computed(&self, value: &Node, transcript: &Transcript) -> Answer {
        let Self::One(call) = self else { panic!("an answer for several calls") };
        let target = call.as_ref().as_ref().expect("a call that can be made").target;
        let Target::Entry(id) = target else { panic!("a namespace has no value") };
        let entry = transcript.layout.entry(id).expect("the entry of a call");
        // Whether the entry takes null is for the plan to say.
        let any = Type::new(Shape::Any);
        let ty = if value.value == Value::Null { &any } else { &entry.ty };
        let payload = value::plain::from_json(value, ty, transcript.layout.records());
        Answer::Value(payload.expect("a value of the entry's type"))
    }
}

fn place(job: &Node) -> Place {
    items(job.member("place")).iter().map(number).collect()
}
