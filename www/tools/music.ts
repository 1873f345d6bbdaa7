/** Tools for music. */

/** Half steps above the root, each with the letters above it: a third is two letters up. */
const chords = {
  major: [
    [0, 0],
    [4, 2],
    [7, 4],
  ],
  minor: [
    [0, 0],
    [3, 2],
    [7, 4],
  ],
  diminished: [
    [0, 0],
    [3, 2],
    [6, 4],
  ],
  augmented: [
    [0, 0],
    [4, 2],
    [8, 4],
  ],
  sus4: [
    [0, 0],
    [5, 3],
    [7, 4],
  ],
  seventh: [
    [0, 0],
    [4, 2],
    [7, 4],
    [10, 6],
  ],
  major_seventh: [
    [0, 0],
    [4, 2],
    [7, 4],
    [11, 6],
  ],
  minor_seventh: [
    [0, 0],
    [3, 2],
    [7, 4],
    [10, 6],
  ],
} satisfies Record<string, [halfSteps: number, letters: number][]>;

const letters = "CDEFGAB";
const halfStepsOfLetter = [0, 2, 4, 5, 7, 9, 11];

/** How many half steps a note lies above C, and its letter. */
function parseNote(note: string): { letter: number; halfSteps: number } {
  const [, name = "", accidental = ""] = /^([A-Ga-g])([#b♯♭]?)$/u.exec(note) ?? [];
  if (name === "") throw new Error(`"${note}" is not a note such as C, F# or Bb.`);
  const letter = letters.indexOf(name.toUpperCase());
  const raised = accidental === "" ? 0 : /[#♯]/u.test(accidental) ? 1 : -1;
  return { letter, halfSteps: halfStepsOfLetter[letter]! + raised };
}

/** Spells a pitch with a given letter, with as many sharps or flats as that takes. */
function spell(letter: number, halfSteps: number): string {
  const raised = ((halfSteps - halfStepsOfLetter[letter]! + 18) % 12) - 6;
  return letters.charAt(letter) + (raised < 0 ? "b" : "#").repeat(Math.abs(raised));
}

export const music = {
  chord_notes({ root, kind = "major" }: { root: string; kind?: keyof typeof chords }) {
    const { letter, halfSteps } = parseNote(root);
    const steps = chords[kind];
    if (steps === undefined) throw new Error(`"${kind}" is not a chord I know.`);
    return {
      notes: steps.map(([up = 0, lettersUp = 0]) => spell((letter + lettersUp) % 7, halfSteps + up)),
    };
  },
};
