import assert from "node:assert/strict";
import {test} from "node:test";
import {convert, guessType} from "../src/data/types.js";

const cases = [
  [["1", "-2", " 3 ", null], "int"],
  [["1", "2.5", "1e3", ".5", "-0.0"], "real"],
  [["true", "FALSE", null], "bool"],
  [["2026-01-31", "2024-02-29T10:00:00Z", "2026-01-31 23:59"], "date"],
  [["2026-02-30"], "text"],
  [["2026-01-31 24:00"], "text"],
  [["1,5"], "text"],
  [["007"], "text"],
  [["12345678901234567890"], "text"],
  [["1e999"], "text"],
  [["NaN"], "text"],
  [["yes", "no"], "text"],
  [["1", "x"], "text"],
  [["1", "true"], "text"],
  [["", "1"], "text"],
  [[null, null], "text"],
  [[], "text"],
  [[1, 2, null], "int"],
  [[1, 2.5], "real"],
  [[true, false], "bool"],
  [["a", 1], "json"],
  [[1, "a"], "json"],
  [[[1], {a: 1}], "json"],
];

for (const [cells, type] of cases) {
  test(`${JSON.stringify(cells)} is ${type}`, () => assert.equal(guessType(cells), type));
}

test("values that cannot be converted become null and are counted", () => {
  assert.deepEqual(convert(["1", "x", null, " 3 ", "y"], "int"), {values: [1, null, null, 3, null], failed: 2, first: {row: 2, cell: "x"}});
  assert.deepEqual(convert(["1", "2.5", "1,5"], "real").values, [1, 2.5, null]);
  assert.deepEqual(convert(["true", "False", "1"], "bool").values, [true, false, null]);
});

test("any value can be text", () => {
  assert.deepEqual(convert(["a", 1, true, [1], null], "text"), {values: ["a", "1", "true", "[1]", null], failed: 0, first: null});
});
