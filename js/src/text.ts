/** What Node's `Buffer` does faster than `TextDecoder`; other runtimes may have it or not. */
interface FastText {
  utf8Slice(start: number, end: number): string;
  latin1Slice(start: number, end: number): string;
}

/** Reads text out of one block of memory. */
export interface TextView {
  /** UTF-8, known to be valid. */
  utf8(start: number, end: number): string;
  /** Nothing but ASCII. */
  ascii(start: number, end: number): string;
}

interface BufferConstructor {
  from(memory: ArrayBufferLike): Partial<FastText>;
}

const NodeBuffer = (globalThis as { Buffer?: BufferConstructor }).Buffer;
// A byte order mark is a character of the text like any other.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The fastest reader of text that the runtime has. */
export function textView(memory: ArrayBufferLike): TextView {
  const buffer = NodeBuffer?.from(memory);
  if (buffer?.utf8Slice && buffer.latin1Slice) {
    const fast = buffer as FastText;
    return {
      utf8: (start, end) => fast.utf8Slice(start, end),
      ascii: (start, end) => fast.latin1Slice(start, end),
    };
  }
  const view = new Uint8Array(memory);
  const decode = (start: number, end: number) => decoder.decode(view.subarray(start, end));
  return { utf8: decode, ascii: decode };
}
