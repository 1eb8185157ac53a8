// The server is stopped and started while pages are open.

import assert from "node:assert/strict";
import {control, result, run} from "./browser.mjs";

export async function losesNothing(browser) {
  const page = await browser.open();
  const load = await browser.open("/load");
  await load.getByText("Live", {exact: true}).waitFor();
  await page.getByRole("textbox", {name: "Data"}).fill("21\n");
  await page.getByRole("textbox", {name: "Script"}).fill("return [2 * x for x in _arg1]  # kept");
  await control("stop");
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await page.getByText(/cannot be reached/).first().waitFor();
  await load.getByText(/Connecting again/).waitFor();
  assert.match(await page.getByRole("textbox", {name: "Script"}).innerText(), /# kept/);
  await control("start");
  await load.getByText("Live", {exact: true}).waitFor();
  await run(page, "return [2 * x for x in _arg1]  # kept");
  await result(page).getByRole("cell", {name: "42", exact: true}).first().waitFor();
}
