// Bad input: everything that is too large, broken or too slow ends with a message, and the editor
// keeps its text.

import assert from "node:assert/strict";
import {error, result, run} from "./browser.mjs";

const kept = "return len(_arg1)  # kept";

// paste puts a text into a field by a paste event with it, as the clipboard does.
async function paste(page, name, length, line) {
  await page.getByRole("textbox", {name}).focus();
  await page.evaluate(([size, row]) => {
    const transfer = new DataTransfer();
    transfer.setData("text/plain", row.repeat(Math.ceil(size / row.length)));
    let target = document.activeElement;
    while (target.shadowRoot?.activeElement) target = target.shadowRoot.activeElement;
    const isDefault = target.dispatchEvent(new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, composed: true, cancelable: true}));
    if (isDefault) document.execCommand("insertText", false, transfer.getData("text/plain"));
  }, [length, line]);
}

async function scriptText(page) {
  return page.getByRole("textbox", {name: "Script"}).innerText();
}

export async function aPasteOf100MB(browser) {
  const page = await browser.open();
  await page.getByRole("textbox", {name: "Script"}).fill(kept);
  await paste(page, "Data", 100e6, "123456789,abcdefghi\n");
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await page.getByText(/MiB|MB/).first().waitFor();
  assert.match(await scriptText(page), /# kept/);
  await page.getByRole("textbox", {name: "Data"}).waitFor();
}

export async function brokenCSV(browser) {
  const page = await browser.open();
  await run(page, kept, 'a,b\n"1,2\n3,4,5,6\n,,\n');
  await result(page).or(error(page)).or(page.getByRole("alert")).or(page.locator(".notice.warning")).first().waitFor();
  assert.match(await page.locator("main").innerText(), /quot|record|line|values/i);
  assert.match(await scriptText(page), /# kept/);
}

export async function aScriptOf10MB(browser) {
  const page = await browser.open();
  await page.getByRole("textbox", {name: "Data"}).fill("1");
  await paste(page, "Script", 10e6, "x = 1  # a line of a long script\n");
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await page.getByText(/(script|text).*(1 MiB|1\.0 MiB|too large|too long)/i).first().waitFor();
}

export async function aLargeAnswer(browser) {
  const page = await browser.open();
  await run(page, "# kept\nreturn 'x' * 200_000_000", "1");
  await page.getByText(/cut|too large|limit|memory/i).first().waitFor();
  assert.match(await scriptText(page), /# kept/);
}

export async function manyRows(browser) {
  const page = await browser.open();
  await run(page, "# kept\nreturn list(range(1_000_000))", "1");
  await result(page).waitFor();
  assert.match(await result(page).innerText(), /1,?000,?000 values/);
  assert.ok(await page.locator("tr").count() < 2000, "all rows are in the page");
}

export async function theTimeLimit(browser) {
  const page = await browser.open();
  await run(page, "# kept\nwhile True:\n  pass", "1");
  await error(page).waitFor({timeout: 120_000});
  assert.match(await error(page).innerText(), /20|TIMEOUT|time/);
  assert.match(await scriptText(page), /# kept/);
}

export async function theMemoryLimit(browser) {
  const page = await browser.open();
  await run(page, "# kept\nreturn len([bytearray(1_000_000) for _ in range(100_000)])", "1");
  await error(page).waitFor();
  assert.match(await error(page).innerText(), /[Mm]emory/);
  assert.match(await scriptText(page), /# kept/);
}

export async function brokenJSON(browser) {
  const page = await browser.open();
  await run(page, kept, '{"_arg1": [1, 2');
  await page.getByText(/JSON/).first().waitFor();
  assert.match(await scriptText(page), /# kept/);
}

export async function markupStaysText(browser) {
  const page = await browser.open();
  const markup = "<img src=x onerror=alert(1)><script>alert(2)</script>";
  await run(page, `print(${JSON.stringify(markup)})\nreturn ${JSON.stringify(markup)}`, `${markup}\n1\n`);
  await result(page).getByText(markup).first().waitFor();
  assert.equal(await page.locator("main img, main script").count(), 0);
  await run(page, `raise ValueError(${JSON.stringify(markup)})`);
  await error(page).getByText(markup).first().waitFor();
  assert.equal(await page.locator("main img, main script").count(), 0);
}

export async function theEditorSurvivesAReload(browser) {
  const page = await browser.open();
  await page.getByRole("textbox", {name: "Script"}).fill(kept);
  await page.getByRole("textbox", {name: "Data"}).fill("1\n2\n");
  await run(page, kept);
  await result(page).waitFor();
  await page.reload();
  await page.getByRole("textbox", {name: "Script"}).getByText("# kept").waitFor();
  assert.equal(await page.getByRole("textbox", {name: "Data"}).inputValue(), "1\n2\n");
}
