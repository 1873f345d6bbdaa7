import assert from "node:assert/strict";
import { test } from "node:test";

import { games } from "../../www/tools/games.ts";

test("magic_8_ball answers", () => {
  const { answer } = games.magic_8_ball({});
  assert.match(answer, /^[A-Z].*\.$/);
  assert.equal(games.magic_8_ball({ question: "Will I win?" }).question, "Will I win?");
});

test("rock_paper_scissors is fair to the rules", () => {
  const won = new Map([
    ["rock", "scissors"],
    ["paper", "rock"],
    ["scissors", "paper"],
  ]);
  const seen = new Set<string>();
  for (let round = 0; round < 200; round += 1) {
    for (const choice of ["rock", "paper", "scissors"] as const) {
      const { i_chose: mine, outcome } = games.rock_paper_scissors({ choice });
      const expected = mine === choice ? "draw" : won.get(choice) === mine ? "you win" : "you lose";
      assert.equal(outcome, expected);
      seen.add(outcome);
    }
  }
  assert.equal(seen.size, 3);
  assert.throws(() => games.rock_paper_scissors({ choice: "well" as "rock" }), /none of rock/);
});

test("split_teams puts everybody into teams of like size", () => {
  const people = ["Ann", "Bob", "Cem", "Dia", "Eve"];
  const { teams } = games.split_teams({ people });
  assert.deepEqual(
    teams.map((team) => team.length),
    [3, 2],
  );
  assert.deepEqual(teams.flat().sort(), people);
  assert.equal(games.split_teams({ people, teams: 5 }).teams.length, 5);
  assert.throws(() => games.split_teams({ people, teams: 6 }), /5 people cannot make 6 teams/);
});
