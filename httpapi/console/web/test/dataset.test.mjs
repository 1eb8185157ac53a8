import assert from "node:assert/strict";
import {test} from "node:test";
import {convertColumns, runBody} from "../src/data/arguments.js";
import {DataError, guessHeader, readDataset, uniqueNames} from "../src/data/dataset.js";

const auto = {format: "auto", separator: "auto", header: "auto"};
const shape = (d) => d.columns.map((c) => [c.name, c.type, ...c.cells]);

test("a table with a header", async () => {
  const d = await readDataset("Region,Sales,When\nWest,1.5,2026-01-01\nEast,,2026-01-02\n", auto);
  assert.deepEqual(shape(d), [["Region", "text", "West", "East"], ["Sales", "real", "1.5", null], ["When", "date", "2026-01-01", "2026-01-02"]]);
  assert.deepEqual([d.rows, d.hasHeader, d.separator, d.warnings], [2, true, ",", []]);
});

test("a header is guessed only from texts", () => {
  assert.equal(guessHeader([["a", "b"], ["1", "2"]]), true);
  assert.equal(guessHeader([["a", "2020"], ["x", "2"]]), false);
  assert.equal(guessHeader([["a", "a"], ["1", "2"]]), false);
  assert.equal(guessHeader([["a", null], ["1", "2"]]), false);
  assert.equal(guessHeader([["a", "b"]]), false);
});

test("the header can be switched", async () => {
  assert.deepEqual(shape(await readDataset("1\n2", {...auto, header: "yes"})), [["1", "int", "2"]]);
  assert.deepEqual(shape(await readDataset("a\n2", {...auto, header: "no"})), [["Column 1", "text", "a", "2"]]);
});

test("names are unique", () => {
  assert.deepEqual([...uniqueNames(["a", "a", "", "a (2)"], 5)], ["a", "a (2)", "Column 3", "a (2) (2)", "Column 5"]);
});

test("uneven records are reported and kept", async () => {
  const d = await readDataset("a,b\n1,2\n3\n4,5,6\n", auto);
  assert.deepEqual(d.warnings, [{code: "uneven", detail: {record: 3, values: 1, expected: 2, more: 1}}]);
  assert.deepEqual(shape(d), [["a", "int", "1", "3", "4"], ["b", "int", "2", null, "5"], ["Column 3", "int", null, null, "6"]]);
});

test("JSON in the shapes that people have at hand", async () => {
  const forms = {
    '{"_arg10":[1],"_arg2":["x"]}': [["_arg2", "text", "x"], ["_arg10", "int", 1]],
    '[{"a":1},{"a":2,"b":true}]': [["a", "int", 1, 2], ["b", "bool", null, true]],
    "[[1,2],[3.5,null]]": [["_arg1", "int", 1, 2], ["_arg2", "real", 3.5, null]],
    "[1,2]": [["_arg1", "int", 1, 2]],
    '{"a":5}': [["a", "int", 5]],
    "[]": [["_arg1", "text"]],
  };
  for (const [source, expected] of Object.entries(forms)) assert.deepEqual(shape(await readDataset(source, auto)), expected, source);
});

test("the body of a TabPy request gives its data and its script", async () => {
  const d = await readDataset('{"script":"return _arg1","data":{"_arg1":[1]}}', auto);
  assert.deepEqual([d.script, shape(d)], ["return _arg1", [["_arg1", "int", 1]]]);
});

test("broken JSON and single values are refused", async () => {
  await assert.rejects(readDataset("[1,", auto), (e) => e instanceof DataError && e.code === "json");
  await assert.rejects(readDataset("5", {...auto, format: "json"}), (e) => e.code === "jsonShape");
});

test("data with too many columns is refused, whatever its names are", async () => {
  for (const source of ["a,".repeat(200000) + "\n" + "1,".repeat(200000), JSON.stringify(Object.fromEntries(Array.from({length: 1001}, (_, i) => [`c${i}`, [1]])))]) {
    await assert.rejects(readDataset(source, auto), (e) => e.code === "tooManyColumns" && e.detail.max === 1000);
  }
});

test("columns can have the names of properties that all objects have", async () => {
  const d = await readDataset("constructor,__proto__,toString\n1,2,3\n", auto);
  assert.deepEqual(shape(d), [["constructor", "int", "1"], ["__proto__", "int", "2"], ["toString", "int", "3"]]);
  const body = runBody({kind: "table", script: "s", columns: convertColumns(d.columns).columns});
  assert.ok(body.includes('"table":{"constructor":[1],"__proto__":[2],"toString":[3]}'), body);
});

test("pause is awaited while a long text is read", async () => {
  let pauses = 0;
  const d = await readDataset("a\n" + "1\n".repeat(60000), auto, async () => { pauses++; });
  assert.equal(d.rows, 60000);
  assert.ok(pauses >= 3, `${pauses} pauses`);
});

test("real numbers keep their point in the request", () => {
  const {columns} = convertColumns([{name: "a", type: "real", cells: ["1", "2.5", null, "1e21"]}, {name: "b", type: "int", cells: ["1", "2", "3", "4"]}]);
  const body = runBody({kind: "script", fn: "SCRIPT_REAL", script: 'return "x"', columns});
  assert.ok(body.includes('"args":[[1.0,2.5,null,1e+21],[1,2,3,4]]'), body);
  assert.deepEqual(JSON.parse(body).script, 'return "x"');
});

test("tables are objects of columns, with the name of Prep's function", () => {
  const body = runBody({kind: "prep", script: "s", functionName: "f", columns: [{name: 'a"b', type: "text", values: ["x"]}]});
  assert.deepEqual(JSON.parse(body), {kind: "prep", script: "s", table: {'a"b': ["x"]}, function_name: "f"});
});
