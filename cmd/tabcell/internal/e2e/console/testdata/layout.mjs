// Small windows, large text, and a prefix before all paths.

import assert from "node:assert/strict";
import {checkTables, checkWidth, error, pages, result, run} from "./browser.mjs";

const narrow = (viewport) => async (browser) => {
  const page = await browser.open("", {viewport});
  for (const [name, [path, ready]] of Object.entries(pages)) {
    await page.goto(`${process.env.URL}/console${path}`);
    await ready(page).waitFor();
    await checkWidth(page, name);
  }
  await page.goto(`${process.env.URL}/console`);
  await run(page, "return [float(x) for x in _arg1]", "a_long_name_of_a_column,b\n1,2\n2,3");
  await result(page).waitFor();
  await checkWidth(page, "a result");
  await run(page, "raise ValueError('long' * 100)");
  await error(page).waitFor();
  await checkWidth(page, "an error");
};

// On a small screen, the result is below everything else, and the page scrolls to it.
export async function aResultIsInTheWindow(browser) {
  const page = await browser.open("", {viewport: {width: 360, height: 740}});
  const isInside = (region) => region.evaluate((e) => e.getBoundingClientRect().top < innerHeight - 80);
  await run(page, "return _arg1", "1");
  await result(page).waitFor();
  assert.ok(await isInside(result(page)), "the result is outside of the window");
  await page.evaluate(() => scrollTo(0, 0));
  await run(page, "return 1 / 0");
  await error(page).waitFor();
  assert.ok(await isInside(error(page)), "the error is outside of the window");
}

// On a phone, the header has one line of controls and one of sections, of which the present one is
// in view.
export async function theHeaderHasTwoLines(browser) {
  const page = await browser.open("", {viewport: {width: 360, height: 740}});
  for (const [path, section] of [["/manual", "Manual"], ["/endpoints", "Endpoints"]]) {
    await page.goto(`${process.env.URL}/console${path}`);
    const link = page.getByRole("navigation", {name: "Sections"}).getByRole("link", {name: section, exact: true});
    await link.waitFor();
    const [lines, left, right] = await link.evaluate((a) => {
      const box = a.getBoundingClientRect();
      const lines = []; // the box of the first element of each
      for (const e of document.querySelectorAll("header.top :is(.product, nav a, select, button)")) {
        const {top, bottom} = e.getBoundingClientRect();
        if (!lines.some((line) => line.top < (top + bottom) / 2 && (top + bottom) / 2 < line.bottom)) lines.push({top, bottom});
      }
      return [lines.length, box.left, box.right];
    });
    assert.equal(lines, 2, path);
    assert.ok(left >= 0 && right <= 360, `${section} is at ${left} to ${right}`);
  }
}

export async function tablesFitInAWindow(browser) {
  const page = await browser.open();
  for (const [name, [path, ready]] of Object.entries(pages)) {
    await page.goto(`${process.env.URL}/console${path}`);
    await ready(page).waitFor();
    await checkTables(page, name);
  }
}

export const fits360Pixels = narrow({width: 360, height: 740});
export const fitsAtTwiceTheSize = narrow({width: 640, height: 400}); // 1280 x 800 at 200 %

export async function textCanBeTwiceAsLarge(browser) {
  const page = await browser.open();
  for (const [name, [path, ready]] of Object.entries(pages)) {
    await page.goto(`${process.env.URL}/console${path}`);
    await ready(page).waitFor();
    await page.evaluate(() => { document.documentElement.style.fontSize = "200%"; });
    await checkWidth(page, name);
  }
}

export async function worksUnderAPrefix(browser) {
  const base = process.env.PREFIXED;
  const page = await browser.open("", {base});
  const outside = [];
  page.on("request", (r) => !r.url().startsWith(base) && outside.push(r.url()));
  await run(page, "return [2 * x for x in _arg1]", "21\n");
  await result(page).getByRole("cell", {name: "42", exact: true}).first().waitFor();
  for (const [name, [path, ready]] of Object.entries(pages)) {
    await page.goto(`${base}/console${path}`);
    await ready(page).waitFor().catch((e) => assert.fail(`${name}: ${e.message}`));
  }
  await page.getByRole("link", {name: "Endpoints", exact: true}).click();
  await page.getByRole("link", {name: "doubled"}).click();
  await page.getByRole("region", {name: "Use it"}).getByText(new RegExp(`${new URL(base).pathname}/query/doubled`)).waitFor();
  assert.deepEqual(outside, []);
}
