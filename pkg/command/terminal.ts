/** What a command says: results on the standard output, progress and warnings beside it. */
const LINE_EVERY_MS = 5000;
const CLEAR = "\r\x1b[K";

interface Output {
  isTTY?: boolean;
  write(text: string): unknown;
}

export class Terminal {
  readonly #out: Output;
  readonly #err: Output;
  #shownAt = -Infinity;
  #isOpen = false;

  constructor(out: Output = process.stdout, err: Output = process.stderr) {
    this.#out = out;
    this.#err = err;
  }

  say(text: string): void {
    this.close();
    this.#out.write(`${text}\n`);
  }

  warn(text: string): void {
    this.close();
    this.#err.write(`${text}\n`);
  }

  /** One line that changes; in a log a line now and then. */
  progress(text: string): void {
    if (this.#err.isTTY) {
      this.#err.write(`${CLEAR}${text}`);
      this.#isOpen = true;
    } else if (performance.now() - this.#shownAt > LINE_EVERY_MS) {
      this.#err.write(`${text}\n`);
      this.#shownAt = performance.now();
    }
  }

  /** Takes away the line that changes. */
  close(): void {
    if (this.#isOpen) this.#err.write(CLEAR);
    this.#isOpen = false;
  }
}
