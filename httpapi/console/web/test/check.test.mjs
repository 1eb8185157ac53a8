import assert from "node:assert/strict";
import {test} from "node:test";
import {checkResult, tableOf} from "../src/data/check.js";

const codes = (value, options) => checkResult(value, options).map((c) => `${c.kind}:${c.code}`);
const real = {kind: "script", fn: "SCRIPT_REAL", rows: 3};

test("one value or one for each row", () => {
  assert.deepEqual(codes([1, 2.5, null], real), ["ok:rows"]);
  assert.deepEqual(codes([1], real), ["ok:single"]);
  assert.deepEqual(codes(1, real), ["ok:single"]);
  assert.deepEqual(codes([1, 2], real), ["warning:count"]);
  assert.deepEqual(codes([], real), ["warning:count"]);
  assert.deepEqual(codes(null, real), ["warning:nothing"]);
  assert.deepEqual(codes({a: [1]}, real), ["warning:object"]);
});

test("the function decides about the type", () => {
  assert.deepEqual(codes([1, "x", 2], real), ["ok:rows", "warning:type"]);
  assert.deepEqual(codes([[1], 2, 3], real), ["ok:rows", "warning:nested"]);
  assert.deepEqual(codes([1, 2, 2.5], {...real, fn: "SCRIPT_INT"}), ["ok:rows", "warning:type"]);
  assert.deepEqual(codes(["a", "b", null], {...real, fn: "SCRIPT_STR"}), ["ok:rows"]);
  assert.deepEqual(codes([true, false, 1], {...real, fn: "SCRIPT_BOOL"}), ["ok:rows", "warning:type"]);
  assert.deepEqual(checkResult([1, "x", 2], real)[1].detail, {fn: "SCRIPT_REAL", row: 2, value: "x"});
});

test("tables have columns of equal length", () => {
  const table = {kind: "table", rows: 2};
  assert.deepEqual(codes({a: [1, 2], b: [3, 4]}, table), ["ok:table"]);
  assert.deepEqual(codes({a: [1, 2], b: [3]}, table), ["warning:lengths"]);
  assert.deepEqual(codes({a: 1}, table), ["warning:noList"]);
  assert.deepEqual(codes([1], table), ["warning:noTable"]);
  assert.deepEqual(codes({}, table), ["warning:noColumns"]);
});

test("Prep's result has the columns of its schema", () => {
  const prep = {kind: "prep", rows: 1, schema: {a: "int", b: "string"}};
  assert.deepEqual(codes({a: [1], b: ["x"]}, prep), ["ok:table"]);
  assert.deepEqual(codes({a: [1], c: ["x"]}, prep), ["ok:table", "warning:schemaMissing", "warning:schemaExtra"]);
});

test("every result can be shown as a table", () => {
  assert.deepEqual(tableOf({a: [1, 2], b: [3]}), {columns: ["a", "b"], rows: [[1, 3], [2, undefined]]});
  assert.deepEqual(tableOf({a: 1}), {columns: ["key", "value"], rows: [["a", 1]]});
  assert.deepEqual(tableOf([1, "x"]), {columns: ["value"], rows: [[1], ["x"]]});
  assert.deepEqual(tableOf(5), {columns: ["value"], rows: [[5]]});
});
