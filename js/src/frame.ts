import { core } from "./core.js";
import { NestkeyError } from "./error.js";
import { textView, type TextView } from "./text.js";

/**
 * The memory of the core, seen through views that are made anew when it has grown.
 *
 * `core/src/frame` has the forms of the frames that are written and read here.
 */
class Views {
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  text: TextView = textView(this.bytes.buffer);

  /** To be called whenever the core has run: growing detaches the views. */
  refresh(): void {
    if (this.bytes.length === 0) this.#renew();
  }

  #renew(): void {
    const { buffer } = core().memory;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.text = textView(buffer);
  }
}

const memory = new Views();
const encoder = new TextEncoder();

/** Texts up to this length are tried as ASCII in a loop, which beats a call of the encoder. */
const SHORT = 200;

/** Writes frames into the input of the core, in place. */
class Writer {
  #start = 0;
  #at = 0;
  #end = 0;

  /** Whether a frame is being written: then nobody else may begin one. */
  busy = false;

  /** Begins a frame. */
  begin(): void {
    memory.refresh();
    this.#at = this.#start;
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

  /** Bytes with their length. */
  block(bytes: Uint8Array): void {
    this.u32(bytes.length);
    this.bytes(bytes);
  }

  /** Bytes whose length is known already. */
  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    memory.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** So many random bytes, which stand nowhere else. */
  random(length: number): void {
    this.#room(length);
    crypto.getRandomValues(memory.bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
  }

  /** A text with its length; it throws for what is not well-formed. */
  text(text: string): void {
    if (text.length > SHORT || !this.#ascii(text)) this.#utf8(text);
  }

  #ascii(text: string): boolean {
    const { length } = text;
    this.#room(4 + length);
    const { bytes } = memory;
    const at = this.#at + 4;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127) return false;
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
    const size = Math.max(4096, 2 * (this.#end - this.#start), used + length);
    this.#start = core().reserve(size) >>> 0;
    if (this.#start === 0) throw new NestkeyError("internal", "the core has no room for its input");
    memory.refresh();
    this.#at = this.#start + used;
    this.#end = this.#start + size;
  }
}

/** Reads frames out of the output of the core, in place. */
class Reader {
  #at = 0;

  /** Begins with what the last call of the core has put out. */
  begin(): void {
    memory.refresh();
    this.#at = core().output() >>> 0;
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

const TWO_32 = 2 ** 32;

/** The one writer: there is one input. */
export const input: Writer = new Writer();
/** The one reader: there is one output. */
export const output: Reader = new Reader();
export type { Reader, Writer };
