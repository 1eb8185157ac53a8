// The keyboard alone is enough.

import assert from "node:assert/strict";
import {result} from "./browser.mjs";

const most = 80; // tab stops

// describe returns the role and the name of the element with the focus, for which it looks into
// shadow roots.
const focused = (page) => page.evaluate(() => {
  let e = document.activeElement;
  while (e.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  const label = e.getAttribute("aria-label") ?? e.labels?.[0]?.textContent ?? e.textContent;
  return {tag: e.tagName, name: label.trim().slice(0, 80), visible: e.matches(":focus-visible")};
});

// tabTo presses Tab until an element with the name has the focus.
async function tabTo(page, name, key = "Tab") {
  const seen = [];
  for (let i = 0; i < most; i++) {
    await page.keyboard.press(key);
    const now = await focused(page);
    seen.push(now.name);
    if (name.test(now.name)) {
      assert.equal(now.visible, true, `the focus on ${now.name} is not visible`);
      return now;
    }
  }
  return assert.fail(`${name} has no tab stop; these have: ${seen.join(", ")}`);
}

export async function writesRunsAndReads(browser) {
  const page = await browser.open();
  await tabTo(page, /^Script$/);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("return [v + 1 for v in _arg1]");
  await page.keyboard.press("Escape"); // the next Tab leaves the editor
  await page.keyboard.press("Tab");
  assert.notEqual((await focused(page)).name, "Script", "the editor holds the focus");
  await tabTo(page, /^Data$/);
  await page.keyboard.press("Control+a");
  await page.keyboard.type("41\n");
  await fromTheTop(page);
  await tabTo(page, /^Run/);
  await page.keyboard.press("Enter");
  await result(page).getByRole("cell", {name: "42", exact: true}).first().waitFor();
  await fromTheTop(page);
  await tabTo(page, /^Endpoints$/);
  await page.keyboard.press("Enter");
  await page.getByRole("link", {name: "doubled"}).waitFor();
}

// fromTheTop has the next Tab begin at the top of the page.
function fromTheTop(page) {
  return page.evaluate(() => {
    document.querySelector("a").focus(); // a button that was disabled meanwhile keeps the place otherwise
    document.activeElement.blur();
    getSelection().collapse(document.body, 0);
  });
}

export async function theSkipLinkLeadsToTheContent(browser) {
  const page = await browser.open("/manual");
  await page.keyboard.press("Tab");
  const first = await focused(page);
  assert.match(first.name, /skip|content/i);
  await page.keyboard.press("Enter");
  await tabTo(page, /Search the manual/);
}

export async function tabsMoveWithArrows(browser) {
  const page = await browser.open("/admin");
  await tabTo(page, /^Settings$/);
  await page.keyboard.press("ArrowRight");
  await page.getByRole("tab", {name: "Libraries", selected: true}).waitFor();
  await page.keyboard.press("End");
  await page.getByRole("tab", {name: "Grants", selected: true}).waitFor();
}

export async function aDialogKeepsAndGivesBackTheFocus(browser) {
  const page = await browser.open("/endpoints/doubled");
  await page.getByRole("button", {name: "Remove", exact: true}).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  for (let i = 0; i < 6; i++) {
    await page.keyboard.press("Tab");
    const isInside = await page.evaluate(() => document.activeElement === document.body || document.querySelector("dialog").contains(document.activeElement));
    assert.equal(isInside, true, "the focus left the dialog");
  }
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({state: "detached"});
  assert.equal((await focused(page)).name, "Remove");
}
