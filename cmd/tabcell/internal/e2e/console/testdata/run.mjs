// Runs the tests of a suite, node run.mjs SUITE, and prints a line of JSON after each. A test is an
// exported async function with one parameter, a Browser. ONLY names a test to run alone.

import {closeAll, Browser} from "./browser.mjs";

const suite = await import(`./${process.argv[2]}.mjs`);

for (const [name, test] of Object.entries(suite)) {
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
