import assert from "node:assert/strict";
import {test} from "node:test";
import {convertColumns} from "../src/data/arguments.js";
import {readDataset} from "../src/data/dataset.js";
import {kinds} from "../src/playground/kinds.js";
import {examples} from "../src/playground/examples.js";
import {text} from "../src/strings.js";

const wanted = ["cleaned", "clustering", "forecast", "sentiment", "table", "prep"];

test("all examples are there", () => assert.deepEqual(examples.map((e) => e.id), wanted));

for (const example of examples) {
  test(`the data of ${example.id} is read without warnings`, async () => {
    const dataset = await readDataset(example.data, {format: "auto", separator: "auto", header: "auto"});
    const {title, description} = text.examples[example.id];
    assert.ok(title && description && kinds.includes(example.kind));
    assert.ok(dataset.hasHeader && dataset.rows > 1);
    assert.deepEqual(dataset.warnings, []);
    const names = dataset.columns.map((c) => c.name);
    for (const name of example.args ?? []) assert.ok(names.includes(name), name);
    assert.deepEqual(convertColumns(dataset.columns).warnings, []);
  });
}
