// Every page: its data, its accessibility in both colour schemes, and the pages with searches.

import assert from "node:assert/strict";
import {checkAccessibility, error, pages, result, run} from "./browser.mjs";

export async function haveData(browser) {
  const page = await browser.open();
  await run(page, "return undefined_name", "1"); // an entry for the page of errors
  await error(page).waitFor();
  for (const [name, [path, ready]] of Object.entries(pages)) {
    await page.goto(`${process.env.URL}/console${path}`);
    await ready(page).waitFor().catch((e) => assert.fail(`${name}: ${e.message}`));
    assert.equal(await page.getByRole("heading", {level: 1}).count(), 1, `${name}: headings of the first level`);
    assert.equal(await page.getByRole("main").count(), 1, `${name}: main`);
    assert.equal(await page.getByRole("navigation").first().isVisible(), true, `${name}: navigation`);
    assert.notEqual(await page.title(), "", `${name}: title`);
  }
}

const axe = (colorScheme) => async (browser) => {
  const page = await browser.open("", {colorScheme});
  for (const [name, [path, ready]] of Object.entries(pages)) {
    await page.goto(`${process.env.URL}/console${path}`);
    await ready(page).waitFor();
    await checkAccessibility(page, `${name}, ${colorScheme}`);
  }
  await page.goto(`${process.env.URL}/console`);
  await run(page, "print(1)\nreturn [float(x) for x in _arg1]", "x\n1\n2");
  await result(page).waitFor();
  await checkAccessibility(page, `a result, ${colorScheme}`);
  await run(page, "return 1 / 0");
  await error(page).waitFor();
  await checkAccessibility(page, `an error, ${colorScheme}`);
};

export const areAccessibleInLight = axe("light");
export const areAccessibleInDark = axe("dark");

export async function areLinkedFromTheStartPage(browser) {
  const page = await browser.blank();
  await page.goto(process.env.URL + "/");
  await page.getByRole("link", {name: /console/i}).first().click();
  await page.getByRole("textbox", {name: "Script"}).waitFor();
}

export async function changeWithoutLoadingAgain(browser) {
  const page = await browser.open();
  await page.evaluate(() => { globalThis.stays = true; });
  for (const name of ["Endpoints", "Load", "Errors", "Manual", "Administration", "Playground"]) {
    await page.getByRole("link", {name, exact: true}).first().click();
    await page.getByRole("heading", {level: 1, name}).waitFor();
    assert.equal(await page.evaluate(() => globalThis.stays), true, name);
  }
  await page.goBack();
  await page.getByRole("heading", {level: 1, name: "Administration"}).waitFor();
}

export async function loadIsLive(browser) {
  const page = await browser.open("/load");
  await page.getByText("Live", {exact: true}).waitFor();
  const calls = () => page.locator("dl.load-figures div", {hasText: /^Calls/}).locator("b").innerText();
  const before = await calls();
  const response = await page.request.post(`${process.env.URL}/evaluate`, {data: {script: "return 1", data: {}}});
  assert.equal(response.status(), 200);
  await page.waitForFunction((old) => [...document.querySelectorAll("dl.load-figures div")].some((d) => d.textContent.startsWith("Calls") && d.querySelector("b").textContent !== old), before);
  await page.locator("canvas").first().waitFor();
  await page.getByText("Show as a table").first().click();
  await page.getByRole("table", {name: /Calls at the same time/}).waitFor();
}

export async function errorsAreFoundByCallID(browser) {
  const page = await browser.open();
  const failed = await page.request.post(`${process.env.URL}/evaluate`, {data: {script: "x = 1\nraise KeyError('secret data')", data: {}}});
  const id = failed.headers()["x-request-id"];
  assert.ok(id, "no call ID");
  await page.goto(`${process.env.URL}/console/errors`);
  await page.getByRole("searchbox", {name: "Search errors"}).fill(id.slice(0, 8));
  await page.getByRole("searchbox", {name: "Search errors"}).press("Enter");
  const entry = page.getByRole("region", {name: "Error"});
  await entry.getByText("KeyError").waitFor();
  await entry.getByText(id).waitFor();
  const words = await page.locator("main").innerText();
  assert.match(words, new RegExp(id));
  assert.doesNotMatch(words, /secret data/);
  await page.goto(`${process.env.URL}/console/errors/${id}`);
  await page.getByRole("region", {name: "Error"}).getByText("KeyError").waitFor();
}

export async function anUnknownCallIDIsExplained(browser) {
  const page = await browser.open("/errors/0123456789abcdef0123456789abcdef");
  await page.getByText(/There is no error with the call ID/).waitFor();
}

export async function settingsCanBeSearched(browser) {
  const page = await browser.open("/admin");
  await page.getByRole("searchbox", {name: "Search settings"}).fill("TABPY_EVALUATE_TIMEOUT");
  const row = page.getByRole("row", {name: /TABCELL_EVALUATE_TIMEOUT|TABPY_EVALUATE_TIMEOUT/}).first();
  await row.getByText("environment").waitFor();
  await page.getByLabel("Only changed settings").check();
  await row.waitFor();
}

export async function theAuditTrailHasTheStart(browser) {
  const page = await browser.open("/admin?section=audit");
  await page.getByRole("cell", {name: "start", exact: true}).or(page.getByRole("rowheader", {name: "start", exact: true})).first().waitFor();
}

export async function tabsAreKeptInTheAddress(browser) {
  const page = await browser.open("/admin");
  await page.getByRole("tab", {name: "Doctor"}).click();
  await page.waitForURL(/section=doctor/);
  await page.reload();
  await page.getByRole("tab", {name: "Doctor", selected: true}).waitFor();
}

export async function grantsHaveNoSecrets(browser) {
  const page = await browser.open("/admin?section=grants");
  const row = page.getByRole("row", {name: /prices/});
  await row.getByText("https://prices.example.com:443").waitFor();
  await row.getByText("PRICES_KEY").waitFor();
  await page.getByRole("row", {name: /regions/}).getByText("D:\\regions, which is ").waitFor();
  assert.doesNotMatch(await page.content(), /grant-secret/);
}

export async function aServerThatIsAloneHasNoNodes(browser) {
  const page = await browser.open("/admin?section=nodes");
  await page.getByRole("tab", {name: "Settings", selected: true}).waitFor();
  assert.equal(await page.getByRole("tab", {name: "Nodes"}).count(), 0);
}

export async function theManualCanBeSearched(browser) {
  const page = await browser.open("/manual");
  await page.getByRole("searchbox", {name: "Search the manual"}).fill("rollback");
  const hit = page.getByRole("main").getByRole("link").filter({hasText: /Versions and rollback|Deploy models|Models/i}).first();
  await hit.click();
  await page.getByRole("article").waitFor();
}

export async function linksInTheManualLead(browser) {
  const page = await browser.open("/manual/models#limits");
  const heading = page.getByRole("heading", {name: "Limits", exact: true});
  await heading.waitFor();
  await page.waitForFunction(() => document.activeElement?.id === "limits");
  await page.getByRole("article").getByRole("link", {name: "script", exact: true}).first().click();
  await page.waitForURL(/\/console\/manual\/scripts#limits$/);
  await page.waitForFunction(() => document.activeElement?.id === "limits");
}

export async function anUnknownPageIsExplained(browser) {
  const page = await browser.open("/nosuch/page");
  await page.getByText("The console has no page at this address.").waitFor();
}
