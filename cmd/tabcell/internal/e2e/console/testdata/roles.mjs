// What each role sees.

import assert from "node:assert/strict";
import {error, openAs, run} from "./browser.mjs";

async function links(page) {
  await page.getByRole("navigation").first().getByRole("link", {name: "Manual"}).waitFor();
  return page.getByRole("navigation", {name: "Sections"}).getByRole("link").allInnerTexts();
}

// status returns the status of a call of the API with the session of the page.
function status(page, method, path, body) {
  return page.evaluate(async ([verb, where, content]) => {
    const root = location.pathname.replace(/\/console.*/, "/console/api/v1/");
    const {csrf} = await (await fetch(root + "session")).json();
    const init = {method: verb, headers: {"X-Console-CSRF": csrf, "Content-Type": "application/json"}};
    if (content) init.body = content;
    return (await fetch(root + where, init)).status;
  }, [method, path, body]);
}

export async function anAnalystSeesNoAdministration(browser) {
  const page = await openAs(browser, "ann");
  assert.deepEqual((await links(page)).includes("Administration"), false);
  for (const resource of ["settings", "libraries", "doctor", "audit", "certificates", "accounts"]) {
    assert.equal(await status(page, "GET", `admin/${resource}`), 403, resource);
  }
  assert.equal(await status(page, "POST", "endpoints?name=f", "def f(x): return x"), 403);
  await page.goto(`${process.env.URL}/console/admin`);
  await page.getByText(/needs the role admin/).waitFor();
  await page.goto(`${process.env.URL}/console/endpoints`);
  await page.getByText(/endpoint|deployed/).first().waitFor();
  assert.equal(await page.getByLabel("File to deploy").count(), 0);
}

export async function aDeployerDeploys(browser) {
  const page = await openAs(browser, "dora", "/endpoints");
  assert.equal((await links(page)).includes("Administration"), false);
  await page.getByLabel("File to deploy").setInputFiles({name: "halved.py", mimeType: "text/x-python", buffer: Buffer.from("def halved(x): return [v / 2 for v in x]\n")});
  await page.getByRole("button", {name: "Deploy", exact: true}).click();
  await page.getByText("halved is deployed as version 1.").first().waitFor();
  await page.getByRole("link", {name: "halved"}).first().click();
  await page.getByRole("button", {name: "Remove", exact: true}).waitFor();
  assert.equal(await page.getByRole("button", {name: "Download"}).count(), 0);
  assert.equal(await status(page, "GET", "endpoints/halved/download"), 403);
}

export async function anAnalystCannotChangeEndpoints(browser) {
  const page = await openAs(browser, "ann", "/endpoints/halved");
  await page.getByRole("heading", {name: "Versions"}).waitFor();
  for (const name of ["Remove", /Roll back/]) assert.equal(await page.getByRole("button", {name}).count(), 0);
  assert.equal(await status(page, "DELETE", "endpoints/halved", '{"confirm": "halved"}'), 403);
  assert.equal(await status(page, "POST", "endpoints/halved/rollback", '{"version": 1}'), 403);
}

export async function whoMayNotEvaluateSeesNoPlayground(browser) {
  const page = await openAs(browser, "guest");
  assert.equal((await links(page)).includes("Playground"), false);
  assert.equal(await page.getByRole("textbox", {name: "Script"}).count(), 0);
  assert.equal(await status(page, "POST", "run", '{"kind": "script", "function": "SCRIPT_REAL", "script": "return 1", "args": [[1]]}'), 403);
}

export async function anAdministratorSeesAll(browser) {
  const page = await openAs(browser, "ada");
  assert.deepEqual(await links(page), ["Playground", "Endpoints", "Load", "Errors", "Administration", "Manual"]);
  await page.goto(`${process.env.URL}/console/admin?section=accounts`);
  await page.getByRole("row", {name: /dora/}).getByText(/deploy/).first().waitFor();
}

export async function errorsOfOthersAreHidden(browser) {
  const ann = await openAs(browser, "ann");
  await run(ann, "raise OSError('of ann')", "1");
  await error(ann).waitFor();
  await ann.goto(`${process.env.URL}/console/errors`);
  await ann.getByText("OSError").first().waitFor();
  const dora = await openAs(browser, "dora", "/errors");
  await dora.getByText(/No errors|0 errors/).first().waitFor();
  assert.equal(await dora.getByText("OSError").count(), 0);
  const ada = await openAs(browser, "ada", "/errors");
  await ada.getByRole("row", {name: /OSError/}).getByText("ann").first().waitFor();
}
