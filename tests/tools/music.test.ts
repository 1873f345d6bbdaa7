import assert from "node:assert/strict";
import { test } from "node:test";

import { music } from "../../www/tools/music.ts";

test("chord_notes spells chords", () => {
  const notes = (root: string, kind?: Parameters<typeof music.chord_notes>[0]["kind"]) =>
    music.chord_notes({ root, kind }).notes.join(" ");
  assert.equal(notes("C"), "C E G");
  assert.equal(notes("D", "minor"), "D F A");
  assert.equal(notes("F#", "major"), "F# A# C#");
  assert.equal(notes("Bb", "seventh"), "Bb D F Ab");
  assert.equal(notes("B", "diminished"), "B D F");
  assert.equal(notes("C", "augmented"), "C E G#");
  assert.equal(notes("G", "sus4"), "G C D");
  assert.equal(notes("Eb", "major_seventh"), "Eb G Bb D");
  assert.throws(() => notes("H"), /not a note/);
  assert.throws(() => music.chord_notes({ root: "C", kind: "odd" as "minor" }), /not a chord/);
});
