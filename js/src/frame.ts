import { lengthOf } from "./bytes.js";
import { core, onLoss, outOfMemory } from "./core.js";
import { NestkeyError } from "./error.js";
import { tooLarge, turnTooLarge, type Limits } from "./limits.js";
import { textView, type TextView } from "./text.js";

/**
 * The memory of the core, seen through views that are made anew when it has grown.
 *
 * `core/src/frame` has the forms of the frames that are written and read here.
 */
class Views {
  bytes: Uint8Array<ArrayBuffer> = NOTHING;
  view: DataView = new DataView(NOTHING.buffer);
  text: TextView = textView(NOTHING.buffer);

  /** To be called whenever the core has run: growing detaches the views. */
  refresh(): void {
    if (this.bytes.length === 0) this.#renew();
  }

  /** Lets go of the memory, which may be gigabytes that a new instance wants. */
  drop(): void {
    this.#show(NOTHING);
  }

  #renew(): void {
    this.#show(new Uint8Array(core().memory.buffer));
  }

  #show(bytes: Uint8Array<ArrayBuffer>): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.text = textView(bytes.buffer);
  }
}

const NOTHING = new Uint8Array(0);

const memory = new Views();
const encoder = new TextEncoder();

const UNLIMITED: Limits = { value: Infinity, crossing: Infinity, turn: Infinity };

/** Texts up to this length are tried as ASCII in a loop, which beats a call of the encoder. */
const SHORT = 200;

/** Writes frames into the input of the core, in place. */
class Writer {
  #start = 0;
  #at = 0;
  #end = 0;
  #limits = UNLIMITED;
  /** Where the value that is being written begins. */
  #value = 0;

  /** Whether a frame is being written: then nobody else may begin one. */
  busy = false;

  /**
   * Begins a frame, whose values and itself may have so many bytes; it throws while another is being written,
   * out of a getter of what stands in that.
   */
  begin(limits: Limits = UNLIMITED): void {
    if (this.busy) throw new NestkeyError("invalid-call", "another value is being read");
    memory.refresh();
    this.#limits = limits;
    this.#at = this.#start;
  }

  /** Forgets where the input was: that instance is gone. */
  drop(): void {
    this.#start = this.#at = this.#end = 0;
  }

  /**
   * Ends the frame, which is handed over, and answers its length: the core gives the room of a large
   * one back.
   */
  end(): number {
    const { length } = this;
    if (this.#end - this.#start > KEPT) this.drop();
    return length;
  }

  /** How long the frame is so far. */
  get length(): number {
    return this.#at - this.#start;
  }

  /** Forgets what was written behind that length, which may be half a secret. */
  rewind(length: number): void {
    const at = this.#start + length;
    memory.bytes.fill(0, at, this.#at);
    this.#at = at;
  }

  u8(value: number): void {
    this.#room(1);
    memory.bytes[this.#at++] = value;
  }

  u32(value: number): void {
    this.#room(4);
    memory.view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  f64(value: number): void {
    this.#room(8);
    memory.view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** A safe integer as 64 bits. */
  i64(value: number): void {
    this.#room(8);
    memory.view.setUint32(this.#at, value, true);
    memory.view.setInt32(this.#at + 4, Math.floor(value / TWO_32), true);
    this.#at += 8;
  }

  bigInt64(value: bigint): void {
    this.#room(8);
    memory.view.setBigInt64(this.#at, value, true);
    this.#at += 8;
  }

  /** Begins a value, which {@link admit} bounds. */
  beginValue(): void {
    this.#value = this.length;
  }

  /** Refuses to go on with a value that is too large already: its parts may share each other without end. */
  admit(): void {
    if (this.length - this.#value > this.#limits.crossing) throw tooLarge(this.#limits.crossing);
  }

  /** How many items follow, which each take a byte at least; a proxy of an array may say anything. */
  count(length: number): void {
    if (!Number.isInteger(length) || length < 0) throw new NestkeyError("invalid-value", "an array has a length");
    if (length > this.#limits.crossing) throw tooLarge(this.#limits.crossing);
    this.u32(length);
  }

  /** Leaves room for a `u32` that is known later, and answers its place. */
  gap(): number {
    this.u32(0);
    return this.length - 4;
  }

  /** Fills a gap with a number. */
  fill(gap: number, value: number): void {
    memory.view.setUint32(this.#start + gap, value, true);
  }

  /** Fills a gap with the length of what was written behind it. */
  close(gap: number): void {
    this.fill(gap, this.length - gap - 4);
  }

  /** The same where that is a value. */
  closeValue(gap: number): void {
    if (this.length - gap - 4 > this.#limits.crossing) throw tooLarge(this.#limits.crossing);
    this.close(gap);
  }

  /** Bytes with their length. */
  block(bytes: Uint8Array): void {
    const length = lengthOf(bytes);
    if (length > this.#limits.crossing) throw tooLarge(this.#limits.crossing);
    this.u32(length);
    this.bytes(bytes);
  }

  /** Bytes whose length is known already. */
  bytes(bytes: Uint8Array): void {
    const length = lengthOf(bytes);
    this.#room(length);
    try {
      memory.bytes.set(bytes, this.#at);
    } catch {
      throw new NestkeyError("invalid-value", "bytes whose buffer is detached");
    }
    this.#at += length;
  }

  /** So many random bytes, which stand nowhere else. */
  random(length: number): void {
    this.#room(length);
    crypto.getRandomValues(memory.bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
  }

  /** A text with its length; it throws for what is not well-formed. */
  text(text: string): void {
    if (text.length > this.#limits.crossing) throw tooLarge(this.#limits.crossing);
    if (text.length > SHORT || !this.#ascii(text)) this.#utf8(text);
  }

  #ascii(text: string): boolean {
    const { length } = text;
    this.#room(4 + length);
    const { bytes } = memory;
    const at = this.#at + 4;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) {
        // It may be the beginning of a secret, and what is written next may be shorter.
        bytes.fill(0, at, at + i);
        return false;
      }
      bytes[at + i] = code;
    }
    memory.view.setUint32(this.#at, length, true);
    this.#at = at + length;
    return true;
  }

  #utf8(text: string): void {
    if (!text.isWellFormed()) {
      throw new NestkeyError("ill-formed-string", "a text is not well-formed Unicode");
    }
    const gap = this.gap();
    let rest = text;
    this.#room(rest.length);
    for (;;) {
      const { read, written } = encoder.encodeInto(rest, memory.bytes.subarray(this.#at, this.#end));
      this.#at += written;
      if (read === rest.length) break;
      rest = rest.slice(read);
      this.#room(rest.length * 3);
    }
    this.close(gap);
  }

  #room(length: number): void {
    if (this.#at + length > this.#end) this.#grow(length);
  }

  #grow(length: number): void {
    const used = this.length;
    if (used + length > this.#limits.turn) throw turnTooLarge(this.#limits.turn);
    const size = Math.max(4096, 2 * (this.#end - this.#start), used + length);
    const start = core().reserve(size) >>> 0;
    if (start === 0) throw outOfMemory(`there is no memory for an input of ${size} bytes`);
    memory.refresh();
    this.#start = start;
    this.#at = this.#start + used;
    this.#end = this.#start + size;
  }
}

/** Reads frames out of the output of the core, in place. */
class Reader {
  #start = 0;
  #at = 0;

  /** Begins with what the last call of the core has put out. */
  begin(): void {
    memory.refresh();
    this.#at = this.#start = core().output() >>> 0;
  }

  /** Gives the room of what has been read back, where it is large. */
  end(): void {
    if (this.#at - this.#start > KEPT) core().give_back();
    this.drop();
  }

  /** Forgets where the output was. */
  drop(): void {
    this.#at = this.#start = 0;
  }

  /** Where it stands. */
  get at(): number {
    return this.#at;
  }

  /** Goes to another place. */
  seek(at: number): void {
    this.#at = at;
  }

  u8(): number {
    return memory.bytes[this.#at++] as number;
  }

  u32(): number {
    const value = memory.view.getUint32(this.#at, true);
    this.#at += 4;
    return value;
  }

  f64(): number {
    const value = memory.view.getFloat64(this.#at, true);
    this.#at += 8;
    return value;
  }

  /** 64 bits as a number where that is exact, else as a bigint. */
  i64(): number | bigint {
    const low = memory.view.getUint32(this.#at, true);
    const high = memory.view.getInt32(this.#at + 4, true);
    this.#at += 8;
    const value = high * TWO_32 + low;
    return Number.isSafeInteger(value) ? value : memory.view.getBigInt64(this.#at - 8, true);
  }

  /** A text with its length. */
  text(): string {
    const length = this.u32();
    this.#at += length;
    return length === 0 ? "" : memory.text.utf8(this.#at - length, this.#at);
  }

  /** ASCII of a length that is known already. */
  ascii(length: number): string {
    this.#at += length;
    return memory.text.ascii(this.#at - length, this.#at);
  }

  /** A copy of bytes of a length that is known already. */
  copy(length: number): Uint8Array {
    this.#at += length;
    return memory.bytes.slice(this.#at - length, this.#at);
  }

  /** A copy of bytes with their length. */
  block(): Uint8Array {
    return this.copy(this.u32());
  }
}

/** How large a buffer may be that stays between two calls, as `wasm/src/tables.rs` has it. */
const KEPT = 1 << 20;

const TWO_32 = 2 ** 32;

/** The one writer: there is one input. */
export const input: Writer = new Writer();
/** The one reader: there is one output. */
export const output: Reader = new Reader();

onLoss(() => {
  memory.drop();
  input.drop();
  output.drop();
});

export type { Reader, Writer };
