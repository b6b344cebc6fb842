// What fills the memory of the core, and what must hold afterwards. It runs in the main thread, in a
// worker and in a browser, so it knows neither Node nor an assertion library.

const MIB = 2 ** 20;
const PAGE = 65_536;

/** Runs everything with the package and its core; it throws for the first thing that is wrong. */
export async function exhaust({ defineLayout, memory }, core) {
  const layout = defineLayout({
    prefix: "big",
    keys: { text: { type: "string" }, part: { template: "part:{n:int}", type: "string" } },
  });
  const small = defineLayout({ prefix: "small", keys: { n: { type: "int" } } });
  const vault = defineLayout({ prefix: "vault", keys: { pin: { kind: "secret", type: "string" } } });
  const other = small.bind(memory());
  const sealed = vault.bind(memory(), { keyring: KEYRING });
  const nextCallWorks = async () => equal(await small.bind(memory()).n.set(1), true);

  // With next to no memory left, whatever is done ends in an error, and the next call is carried out.
  const ways = {
    value: (root) => root.text.set("x".repeat(32 * MIB)),
    pipeline: (root) => root.$pipeline(Array.from({ length: 50_000 }, (_, n) => root.part(n).set("x"))),
    store: (root) => fill(root),
  };
  for (const [name, fills] of Object.entries(ways)) {
    squeeze(core, 4 * MIB);
    const { kind } = await errorOf(fills(layout.bind(memory({ maxBytes: Infinity }))));
    if (kind !== "out-of-memory" && kind !== "instance-lost") throw new Error(`${name} ended in ${kind}`);
    await nextCallWorks();
  }

  await aTrapLosesTheInstanceAndNothingElse({ core, other, sealed, layout, small, memory });
  await nextCallWorks();
  await beyondLimitsNothingCrosses(layout, memory);
  await nextCallWorks();
}

async function beyondLimitsNothingCrosses(layout, memory) {
  const stored = layout.bind(memory());
  equal((await errorOf(stored.text.set("x".repeat(500_000_000)))).kind, "value-too-large");
  await stored.text.set("x".repeat(5_000_000));
  const gets = () => stored.$pipeline(Array.from({ length: 300 }, () => stored.text.get()));
  equal((await errorOf(gets())).kind, "value-too-large");
  const answered = (await gets().settled()).filter((result) => result.ok).length;
  equal(answered, Math.floor((256 * MIB) / 5_000_034));
  const filled = layout.bind(memory({ maxBytes: 20 * MIB }));
  const write = (n) => filled.part(n).set("x".repeat(8 * MIB));
  equal([await write(0), await write(1)], [true, true]);
  const full = await errorOf(write(2));
  equal([full.kind, full.serverCode], ["server", "OOM"]);
  equal((await filled.part(0).get()).length, 8 * MIB);
  equal([await filled.part(0).delete(), await write(2)], [true, true]);
}

async function aTrapLosesTheInstanceAndNothingElse({ core, other, sealed, layout, small, memory }) {
  await Promise.allSettled([other.n.get(), sealed.pin.get()]);
  equal([await other.n.set(1), await sealed.pin.set("1234")], [true, true]);
  const wire = aSlowWire();
  const root = small.bind(wire);
  const underWay = errorOf(root.n.set(2));
  const computing = errorOf(root.n.update(async () => (await wire.isOver, 3)));
  await wire.isAsked;

  const before = core().memory;
  squeeze(core, 4 * MIB);
  let lost;
  for (let tries = 0; lost === undefined && tries < 50; tries++) {
    const { kind } = await errorOf(fill(layout.bind(memory({ maxBytes: Infinity }))));
    if (kind === "instance-lost") lost = kind;
  }
  equal([lost, core().memory === before], ["instance-lost", false]);
  // What was under way may have been carried out; nobody waits for ever.
  wire.answer();
  for (const call of [underWay, computing]) {
    const { kind, outcome } = await call;
    equal([kind, outcome], ["instance-lost", "ambiguous"]);
  }
  // What a store held is gone, which each says once.
  equal((await errorOf(other.n.get())).kind, "store-lost");
  equal([await other.n.get(), await other.n.set(4), await other.n.get()], [null, true, 4]);
  // The keyring is opened anew.
  equal((await errorOf(sealed.pin.get())).kind, "store-lost");
  equal([await sealed.pin.set("4321"), await sealed.pin.get()], [true, "4321"]);
}

/** Leaves the core so many bytes: more are not to be had. */
function squeeze(core, left) {
  const { memory } = core();
  const pages = 65_536 - memory.buffer.byteLength / PAGE - left / PAGE;
  if (pages > 0) memory.grow(pages);
}

/** Fills a store until there is room for nothing more. */
async function fill(root) {
  let n = 0;
  let failure;
  for (const bytes of [MIB, 65_536, 4096, 256, 16, 1]) {
    const value = "x".repeat(bytes);
    for (failure = undefined; failure === undefined; n++) {
      failure = await root.part(n).set(value).then(() => undefined, (error) => error);
    }
    if (failure.kind === "instance-lost") throw failure;
  }
  throw failure;
}

/** A server that answers when it is told to; nothing is stored there. */
function aSlowWire() {
  let asked;
  let answer;
  const isAsked = new Promise((resolve) => (asked = resolve));
  const isOver = new Promise((resolve) => (answer = resolve));
  const exchange = async ({ commands }) => {
    asked();
    if (commands[0][0] === "SET") await isOver;
    return commands.map(() => (commands[0][0] === "SET" ? "OK" : null));
  };
  return { exchange, isAsked, isOver, answer };
}

async function errorOf(call) {
  try {
    await call;
  } catch (error) {
    if (error?.name === "NestkeyError") return error;
    throw error;
  }
  throw new Error("an error was expected");
}

function equal(found, wanted) {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (a !== b) throw new Error(`found ${a}, wanted ${b}`);
}

const KEYRING = {
  nestkey_keyring: 1,
  keys: [{ id: "00000001", status: "primary", material: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8" }],
};
