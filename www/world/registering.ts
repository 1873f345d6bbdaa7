/** Registers the room's tools one by one, so that a question in between doesn't wait for all of them. */
import type { ToolDefinition, Toolgen } from "toolgen";

export class Registering {
  readonly #tools: readonly ToolDefinition<any>[];
  readonly #told = new Set<(text: string) => void>();
  #text = "";
  #toolgen?: Toolgen;
  #begun?: Promise<void>;
  #wanted = false;

  /** `tell` hears how it goes; nothing is said once all is done. */
  constructor(tools: readonly ToolDefinition<any>[], tell: (text: string) => void) {
    this.#tools = tools;
    this.#told.add(tell);
  }

  /** The model is there. */
  begin(toolgen: Toolgen): void {
    this.#toolgen = toolgen;
    if (this.#wanted) this.want();
  }

  /** Somebody will ask: begins as soon as the model is there. */
  want(): void {
    this.#wanted = true;
    if (!this.#toolgen) return this.#say("The room's tools follow the model.");
    void this.#all().catch(() => {}); // who asks is told
  }

  /** Resolves when all can be called; after a failure it is tried again. */
  async done(tell: (text: string) => void): Promise<void> {
    tell(this.#text);
    this.#told.add(tell);
    try {
      await this.#all();
    } finally {
      this.#told.delete(tell);
    }
  }

  #all(): Promise<void> {
    this.#begun ??= this.#register().catch((error) => {
      this.#begun = undefined;
      this.#say("The room's tools could not be read. The next question tries it again.");
      throw error;
    });
    return this.#begun;
  }

  async #register(): Promise<void> {
    for (const [index, tool] of this.#tools.entries()) {
      this.#say(`The model reads the room's tools: ${index} of ${this.#tools.length}`);
      await this.#toolgen!.register([tool]);
    }
    this.#say("");
  }

  #say(text: string): void {
    this.#text = text;
    for (const tell of this.#told) tell(text);
  }
}
