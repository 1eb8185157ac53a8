// How large the first page is, and how soon one can type in it. The times are printed, not judged:
// they depend on the machine.

import assert from "node:assert/strict";

const rounds = 12;

// watchEditor notes when the editor takes text for the first time, in ms since the navigation began.
// It runs in the page before its own scripts.
function watchEditor() {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.getAttribute("contenteditable") === "true" && element.getAttribute("role") === "textbox") return element;
      const inner = element.shadowRoot && find(element.shadowRoot);
      if (inner) return inner;
    }
    return null;
  };
  const look = () => {
    if (find(document)) globalThis.editorAt = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

async function time(page) {
  await page.goto(`${process.env.URL}/console`);
  await page.waitForFunction(() => globalThis.editorAt > 0);
  const at = await page.evaluate(() => globalThis.editorAt);
  await page.getByRole("textbox", {name: "Script"}).fill("return 1");
  return at;
}

function summary(times) {
  const sorted = [...times].sort((a, b) => a - b);
  const ms = (i) => sorted[i].toFixed(0);
  return `${ms(0)} to ${ms(sorted.length - 1)} ms, median ${ms(Math.floor(sorted.length / 2))} ms`;
}

// colours returns the first coloured word of the script: the language of the editor is the last part
// of the page that loads.
const colours = (page) => page.getByRole("textbox", {name: "Script"}).locator("span").first();

export async function isSmall(browser) {
  const page = await browser.blank();
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  let bytes = 0;
  client.on("Network.loadingFinished", (e) => { bytes += e.encodedDataLength; });
  await page.goto(`${process.env.URL}/console`);
  await colours(page).waitFor();
  await page.waitForLoadState("networkidle");
  browser.notes.push(`the first page: ${(bytes / 1000).toFixed(1)} kB with the headers of the responses`);
  assert.ok(bytes > 1000 && bytes <= 250_000, `the first page has ${bytes} bytes`);
}

// The page itself names all that it needs for the editor. What only another file names comes later.
export async function isLoadedAtOnce(browser) {
  const page = await browser.blank();
  const scripts = [];
  page.on("request", (r) => r.resourceType() === "script" && scripts.push(new URL(r.url()).pathname));
  const html = await (await page.goto(`${process.env.URL}/console`)).text();
  await colours(page).waitFor();
  await page.waitForLoadState("networkidle");
  const others = scripts.filter((path) => !html.includes(`"${path}"`));
  assert.deepEqual(others.map((path) => path.replace(/.*\/([a-zA-Z]+)[-.].*/, "$1")), ["python"], "what the page does not name");
  assert.ok(scripts.length > 4, `only ${scripts} are loaded`);
}

// The browser's formats for numbers, dates and words take about 40 ms at their first use: too long for
// a page that can show its first content without them.
export async function needsNoFormats(browser) {
  const page = await browser.blank();
  await page.addInitScript(watchEditor);
  await page.addInitScript(() => {
    globalThis.formats = [];
    for (const name of ["DateTimeFormat", "NumberFormat", "Segmenter", "Collator", "PluralRules"]) {
      globalThis.Intl[name] = new Proxy(globalThis.Intl[name], {construct: (...args) => {
        if (!globalThis.editorAt) globalThis.formats.push(name);
        return Reflect.construct(...args);
      }});
    }
  });
  await page.goto(`${process.env.URL}/console`);
  await page.waitForFunction(() => globalThis.editorAt > 0);
  assert.deepEqual(await page.evaluate(() => globalThis.formats), []);
}

export async function isReadySoon(browser) {
  const first = [];
  const again = [];
  for (let i = 0; i < rounds; i++) {
    const page = await browser.blank();
    await page.addInitScript(watchEditor);
    first.push(await time(page));
    again.push(await time(page));
    await browser.close();
    browser.contexts = [];
  }
  browser.notes.push(`from the navigation until one can type, ${rounds} rounds: with an empty cache ${summary(first)}; again ${summary(again)}`);
}
