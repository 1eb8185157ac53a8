import assert from "node:assert/strict";
import {test} from "node:test";
import {alone} from "../src/components/chart.js";

test("values without neighbours are found", () => {
  assert.deepEqual(alone([1, null, 2, 3, null, 4]), [0, 5]);
  assert.deepEqual(alone([undefined, 0, undefined]), [1]);
  assert.deepEqual(alone([7]), [0]);
});

test("lines need no points", () => {
  assert.equal(alone([1, 2, 3]), null);
  assert.equal(alone([null, null]), null);
  assert.equal(alone([]), null);
});
