// The playground: what a script author does with it.

import assert from "node:assert/strict";
import {error, result, run, until} from "./browser.mjs";

export async function runsAScript(browser) {
  const page = await browser.open();
  await run(page, "return [2 * x for x in _arg1]", "x\n1\n2\n3.5");
  await result(page).getByText("7", {exact: true}).waitFor();
  for (const value of ["2", "4"]) assert.equal(await result(page).getByRole("cell", {name: value, exact: true}).count() > 0, true, value);
  assert.equal(await error(page).count(), 0);
}

// Each name, also as a part of a longer one, leads to one control.
export async function namesAreUnique(browser) {
  const page = await browser.open();
  const names = [["textbox", "Script"], ["textbox", "Data"], ["button", "Run"], ["button", "Cancel"], ...["Playground", "Endpoints", "Load", "Errors", "Administration", "Manual"].map((n) => ["link", n])];
  const check = async (all) => {
    for (const [role, name] of all) assert.equal(await page.getByRole(role, {name}).count(), 1, `${role} ${name}`);
  };
  await check(names);
  await run(page, "print('x')\nreturn _arg1", "x\n1\n2");
  await result(page).waitFor();
  await check([...names, ["region", "Result"]]);
  await run(page, "return 1 / 0");
  await error(page).waitFor();
  await check([...names, ["region", "Error"]]);
}

export async function startsWithAScriptOfTheKind(browser) {
  const page = await browser.open();
  const kind = page.getByRole("combobox", {name: "Function"});
  const script = page.getByRole("textbox", {name: "Script"});
  const runAs = async (value, words) => {
    await kind.selectOption(value);
    await script.getByText(words).waitFor();
    await page.getByRole("button", {name: "Run", exact: true}).click();
    await result(page).getByRole("cell", {name: "West"}).first().waitFor();
  };
  await runAs("table", "_arg1 has a list");
  await runAs("prep", "def my_function(df):");
  await script.fill("def other(df): return df");
  await kind.selectOption("table");
  await script.getByText("def other(df)").waitFor(); // an edited script stays
  await kind.selectOption("prep");
  await page.getByRole("textbox", {name: "Name of the function"}).fill("");
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await error(page).getByText("Enter the name of the function").waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-label")), "Name of the function");
}

export async function anErrorLeadsToItsEntry(browser) {
  const page = await browser.open();
  await run(page, "return 1 / 0");
  const link = error(page).getByRole("link");
  const id = await link.innerText();
  await link.click();
  await page.waitForURL(new RegExp(`/console/errors/${id}$`));
  await page.getByRole("region", {name: "Error"}).getByText("ZeroDivisionError").waitFor();
}

export async function runsWithTheKeyboard(browser) {
  const page = await browser.open();
  const script = page.getByRole("textbox", {name: "Script"});
  await page.getByRole("textbox", {name: "Data"}).fill("1,10\n2,20\n");
  await script.fill("return [a + b for a, b in zip(_arg1, _arg2)]");
  await script.press("Control+Enter");
  await result(page).getByRole("cell", {name: "22", exact: true}).waitFor();
}

export async function showsTheLineOfAnError(browser) {
  const page = await browser.open();
  await run(page, "a = 1\nb = 0\nreturn a / b", "1");
  const region = error(page);
  await region.waitFor();
  const words = await region.innerText();
  assert.match(words, /ZeroDivisionError/);
  assert.match(words, /division by zero/);
  assert.match(words, /[Ll]ine 3/);
  assert.equal(await result(page).getByRole("table").count(), 0, "an answer beside the error");
}

export async function showsTheErrorBelowTheScript(browser) {
  const page = await browser.open();
  await run(page, "a = 1\nb = 0\nreturn a / b", "1");
  const panel = page.locator(".cm-errorPanel");
  await panel.getByText("Line 3: ZeroDivisionError: division by zero").waitFor();
  const script = page.getByRole("textbox", {name: "Script"});
  await script.press("Control+Home");
  await script.press("Enter");
  await panel.getByText("Line 4: ZeroDivisionError").waitFor();
  await script.press("Control+End");
  await script.press("1");
  await panel.waitFor({state: "detached"});
}

export async function showsASyntaxError(browser) {
  const page = await browser.open();
  await run(page, "x = 1\nreturn (x", "1");
  const words = await error(page).innerText();
  assert.match(words, /SyntaxError/);
  assert.match(words, /[Ll]ine 2/);
}

export async function anErrorGoesWithTheNextRun(browser) {
  const page = await browser.open();
  await run(page, "return nosuch", "1");
  await error(page).waitFor();
  await run(page, "return _arg1", "5");
  await result(page).getByRole("cell", {name: "5", exact: true}).waitFor();
  assert.equal(await error(page).count(), 0);
}

export async function cancels(browser) {
  const page = await browser.open();
  await run(page, "while True:\n  pass", "1");
  await page.getByRole("button", {name: "Cancel", exact: true}).click();
  const again = page.getByRole("button", {name: "Run", exact: true});
  await page.waitForFunction(() => [...document.querySelectorAll("button")].some((b) => b.textContent.trim() === "Run" && !b.disabled));
  await again.waitFor();
  await run(page, "return 42");
  await result(page).getByText("42").first().waitFor();
}

export async function showsWhatAScriptPrints(browser) {
  const page = await browser.open();
  await run(page, "print('hello from the cell')\nreturn 1", "1");
  await page.getByText("hello from the cell", {exact: true}).first().waitFor();
}

export async function warnsOfAWrongNumberOfRows(browser) {
  const page = await browser.open();
  await run(page, "return [1, 2]", "1\n2\n3");
  await result(page).waitFor();
  assert.match(await page.locator("main").innerText(), /2 (rows|values).*3|3 (rows|values).*2/s);
}

export async function keepsTheScriptInTheLink(browser) {
  const page = await browser.open();
  const script = "return 'shared äöü 😀'";
  await page.getByRole("textbox", {name: "Script"}).fill(script);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.getByRole("button", {name: /share|link/i}).first().click();
  await until("the link is in the clipboard", () => page.evaluate(() => navigator.clipboard.readText().then((t) => t.includes("/console#"))));
  const link = await page.evaluate(() => navigator.clipboard.readText());
  const requests = [];
  const other = await browser.blank();
  other.on("request", (r) => requests.push(r.url() + (r.postData() ?? "")));
  await other.goto(link);
  await other.getByRole("textbox", {name: "Script"}).getByText("shared äöü 😀").waitFor();
  assert.deepEqual(requests.filter((r) => r.includes("shared") || r.includes(new URL(link).hash)), [], "the script was sent to the server");
}

export async function showsTheFormula(browser) {
  const page = await browser.open();
  await page.getByRole("textbox", {name: "Data"}).fill("Sales,Region\n1,a\n2,b\n");
  await page.getByRole("textbox", {name: "Script"}).fill("return [len(\"it's\") for x in _arg1]");
  const words = await page.locator("main").evaluate((main) => main.textContent + [...main.querySelectorAll("textarea, input")].map((e) => e.value).join("\n"));
  assert.match(words, /SCRIPT_(REAL|INT|STR|BOOL)\(/);
  assert.match(words, /\[Sales\]/);
}
