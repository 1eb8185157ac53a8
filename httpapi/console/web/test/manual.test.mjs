import assert from "node:assert/strict";
import {test} from "node:test";
import {plain} from "../src/pages/manual.js";

test("an excerpt loses the marks of Markdown", () => {
  assert.equal(plain("| `A_B` | 30 | time limit |"), "A_B · 30 · time limit");
  assert.equal(plain("- a list with `code`"), "a list with code");
  assert.equal(plain("2. the second step"), "the second step");
  assert.equal(plain("$ tabcell serve --port 9004"), "$ tabcell serve --port 9004");
  assert.equal(plain("one -- two"), "one -- two");
});
