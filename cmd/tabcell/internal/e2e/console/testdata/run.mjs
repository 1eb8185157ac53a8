// Runs the tests of a suite, node run.mjs SUITE, and prints a line of JSON after each. A test is an
// exported async function with one parameter, a Browser. They run in the order of the file. ONLY
// names a test to run alone.

import {readFileSync} from "node:fs";
import {closeAll, Browser} from "./browser.mjs";

const file = new URL(`./${process.argv[2]}.mjs`, import.meta.url);
const suite = await import(file);
const names = [...readFileSync(file, "utf8").matchAll(/^export (?:async function|const) (\w+)/gm)].map((m) => m[1]); // in the order of the file

for (const name of names) {
  const test = suite[name];
  if (process.env.ONLY && process.env.ONLY !== name) continue;
  const browser = new Browser(`${process.argv[2]}-${name}`);
  const start = performance.now();
  let error = "";
  try {
    await test(browser);
    browser.checkProblems();
  } catch (problem) {
    error = `${problem.stack}\n${await browser.describe()}`;
  }
  await browser.close();
  process.stdout.write(JSON.stringify({test: name, error, notes: browser.notes.join("\n"), ms: performance.now() - start}) + "\n");
}
await closeAll();
