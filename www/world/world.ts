/** The room as it is now, every state that it was in before, and who is told of a change. */
import { START, type Room } from "./room.ts";

/** More steps back than anyone takes. */
const MOST = 100;

export class World {
  #room = START;
  #before: Room[] = [];
  readonly #told = new Set<(room: Room) => void>();

  get room(): Room {
    return this.#room;
  }

  get canUndo(): boolean {
    return this.#before.length > 0;
  }

  change(parts: Partial<Room>): void {
    this.#before = [...this.#before, this.#room].slice(-MOST);
    this.#become({ ...this.#room, ...parts });
  }

  /** To the state before the last change. */
  undo(): void {
    const before = this.#before.pop();
    if (before) this.#become(before);
  }

  /** Calls `tell` now and after each change. */
  watch(tell: (room: Room) => void): void {
    this.#told.add(tell);
    tell(this.#room);
  }

  #become(room: Room): void {
    this.#room = room;
    for (const tell of this.#told) tell(room);
  }
}
