//! The layout of this command line, bound to its server.

use std::{env, panic, thread};

use nestkey::{
    Client, Root,
    core::{
        call::{Call, Cleared, Cx, Outcome, Reach},
        json::Node,
        layout::Layout,
        plan::{Input, Plan, Step, Turn},
        value::{Entropy, Keyring},
    },
};

use crate::{
    args::Global,
    call,
    failure::{Failure, Result},
    file::LayoutFile,
    interrupt::Watch,
    json::Object,
    keyring, path,
    progress::Progress,
    trace::Traced,
};

/// A bound layout, and the prefix that its calls are read with.
pub(crate) struct Server {
    pub(crate) root: Root,
    pub(crate) prefix: String,
    /// For the calls on secrets; it is given to those alone, since others work without.
    pub(crate) keyring: Option<Keyring>,
}

impl Server {
    /// Loads the layout, then connects.
    pub(crate) fn connect(global: &Global) -> Result<Self> {
        Self::connect_with(|| LayoutFile::named(global)?.layout(), global)
    }

    /// Connects, and binds what is loaded meanwhile.
    pub(crate) fn connect_with(
        load: impl FnOnce() -> Result<Layout>,
        global: &Global,
    ) -> Result<Self> {
        let connect = match global.url.as_deref().filter(|url| !url.is_empty()) {
            Some(url) => Client::connect(url),
            // Its keyring is looked for where a call wants one.
            None if names_a_server() => Client::from_env().keyring(Keyring::default()),
            None => {
                let message =
                    "this command wants a server: --url redis://…, REDIS_URL or REDIS_HOST";
                return Err(Failure::usage(message));
            }
        };
        let layout = load()?;
        let prefix = path::prefix(global);
        let client = connect.prefix(&prefix).wait()?;
        let client = if global.trace { Traced::client(&client, &layout, &prefix) } else { client };
        let root = client.bind(&layout);
        Ok(Self { root, prefix, keyring: None })
    }

    /// Reads a call from its spelling.
    pub(crate) fn call(&self, spelling: Object) -> Result<Call> {
        call::read(spelling, self.root.layout(), &self.prefix)
    }

    /// Makes a call given by its spelling, and gives its outcome as JSON.
    pub(crate) fn run(&self, spelling: Object) -> Result<Node> {
        self.make(&self.call(spelling)?)
    }

    /// Makes a call, and gives its outcome as JSON.
    pub(crate) fn make(&self, call: &Call) -> Result<Node> {
        let outcome = self.drive(Plan::new(call.clone()), |_| Ok(()))?;
        Ok(outcome.to_json(call, self.root.layout())?)
    }

    /// Walks through a namespace or several, and shows how far it is.
    pub(crate) fn walk(&self, plan: Plan, progress: &Progress) -> Result<Outcome> {
        self.drive(plan, |turn| {
            turn.items.iter().for_each(|item| tell(progress, item));
            Ok(())
        })
    }

    /// Carries out a plan on this thread; `watch` sees what each step hands out and notes, and may
    /// end it. A walk ends as well when somebody interrupts it.
    pub(crate) fn drive(
        &self,
        mut plan: Plan,
        mut watch: impl FnMut(&Turn) -> Result,
    ) -> Result<Outcome> {
        let interrupted = plan.walks().then(Watch::begin);
        let backend = self.root.client().backend();
        let mut turn = Turn::default();
        let mut answers = Vec::new();
        let (mut arrived, reach) = match plan.walks().then(|| backend.reach_blocking(None)) {
            None => (Ok(Vec::new()), Reach::Whole),
            Some(Ok(reach)) => (Ok(Vec::new()), reach),
            Some(Err(error)) => (Err(error), Reach::Whole),
        };
        loop {
            let entropy = entropy(&plan, self.root.layout())?;
            let cx = cx(self.root.layout(), &self.prefix, self.keyring.as_ref(), entropy.as_ref());
            let cx = cx.with_reach(reach);
            let step = match arrived {
                Ok(mut replies) => {
                    turn.clear();
                    let input = Input { replies: &mut replies, answers: &mut answers };
                    plan.step(&cx, input, &mut turn)
                }
                Err(error) => plan.interrupt(&cx, error, &mut answers, &mut turn),
            };
            watch(&turn)?;
            let step = step.map_err(|error| keyring::wanted(error, self.keyring.as_ref()));
            if let Step::Done(outcome) = step? {
                return Ok(outcome);
            }
            let interruption = interrupted.as_ref().and_then(Watch::interruption);
            arrived = match (interruption, turn.batch.is_empty()) {
                (Some(interruption), _) => Err(interruption),
                (None, true) => Ok(Vec::new()),
                (None, false) if interrupted.is_some() => {
                    undisturbed(|| backend.exchange_blocking(&turn.batch, None))
                }
                (None, false) => backend.exchange_blocking(&turn.batch, None),
            };
            answers = turn.jobs.iter().map(|(_, job)| job.run()).collect();
        }
    }
}

/// Does something on a thread of its own: a signal goes to the first one, and would break off what waits
/// there for replies.
fn undisturbed<T: Send>(act: impl Fn() -> T + Sync) -> T {
    thread::scope(|scope| match thread::Builder::new().spawn_scoped(scope, &act) {
        Ok(acting) => acting.join().unwrap_or_else(|panic| panic::resume_unwind(panic)),
        // Where no thread can be started.
        Err(_) => act(),
    })
}

/// What a walk hands out after each page.
fn tell(progress: &Progress, item: &Outcome) {
    match item {
        Outcome::Cleared(Cleared { removed, strays: 0, .. }) => progress.tell(*removed, ""),
        Outcome::Cleared(Cleared { removed, strays, .. }) => {
            progress.tell(*removed, &format!("{strays} strays"));
        }
        Outcome::Int(count) => progress.tell(count.unsigned_abs(), ""),
        _ => {}
    }
}

/// What a step may look at.
pub(crate) fn cx<'a>(
    layout: &'a Layout,
    prefix: &'a str,
    keyring: Option<&'a Keyring>,
    entropy: Option<&'a Entropy>,
) -> Cx<'a> {
    let cx = Cx::new(layout, prefix);
    let cx = keyring.map_or(cx, |keyring| cx.with_keyring(keyring));
    entropy.map_or(cx, |entropy| cx.with_entropy(entropy))
}

/// Random bytes for the next step of a plan that wants them.
pub(crate) fn entropy(plan: &Plan, layout: &Layout) -> Result<Option<Entropy>> {
    plan.wants_entropy(&Cx::new(layout, "")).then(|| random().map(Entropy::new)).transpose()
}

/// Random bytes from the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Io {
        name: "the random bytes of the operating system".to_owned(),
        error: error.into(),
    })?;
    Ok(bytes)
}

/// Whether the variables say where the server is; none is guessed.
fn names_a_server() -> bool {
    ["REDIS_URL", "REDIS_HOST", "REDIS_PORT", "REDIS_USERNAME", "REDIS_PASS"]
        .iter()
        .any(|name| env::var_os(name).is_some_and(|value| !value.is_empty()))
}
