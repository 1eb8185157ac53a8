// Sign-in and what ends a session.

import assert from "node:assert/strict";
import {checkAccessibility, openAs, result, run, signIn, url} from "./browser.mjs";

export async function asksForAPassword(browser) {
  const page = await browser.open();
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await checkAccessibility(page, "the sign-in");
  assert.equal(await page.getByRole("textbox", {name: "Script"}).count(), 0, "the playground is shown before the sign-in");
  await signIn(page, "ann");
  await page.getByRole("textbox", {name: "Script"}).waitFor();
}

export async function refusesAWrongPassword(browser) {
  const page = await browser.open();
  await signIn(page, "ann", "wrong");
  await page.getByRole("dialog").getByRole("alert").getByText(/does not accept/).waitFor();
  await signIn(page, "ann");
  await page.getByRole("textbox", {name: "Script"}).waitFor();
}

export async function worksWithTheKeyboard(browser) {
  const page = await browser.open();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.type("ann");
  await page.keyboard.press("Tab");
  await page.keyboard.type(process.env.PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("textbox", {name: "Script"}).waitFor();
}

export async function hidesTheSessionFromScripts(browser) {
  const page = await openAs(browser, "ann");
  const cookies = await page.context().cookies();
  assert.equal(cookies.length, 1);
  const [cookie] = cookies;
  assert.equal(cookie.httpOnly, true);
  assert.equal(cookie.sameSite, "Strict");
  assert.equal(cookie.path, "/console");
  assert.equal(await page.evaluate(() => document.cookie), "");
  const stored = await page.evaluate(() => JSON.stringify({...localStorage, ...sessionStorage}));
  assert.equal(stored.includes(process.env.PASSWORD), false, "the password is stored");
}

export async function needsTheToken(browser) {
  const page = await openAs(browser, "ann");
  const status = await page.evaluate(() => fetch(`${location.pathname}/api/v1/run`, {method: "POST", headers: {"Content-Type": "application/json"}, body: '{"kind": "script", "script": "return 1"}'}).then((r) => r.status));
  assert.equal(status, 403);
}

export async function anExpiredSessionLosesNothing(browser) {
  const page = await openAs(browser, "ann");
  await page.getByRole("textbox", {name: "Script"}).fill("return [3 * x for x in _arg1]  # kept");
  await page.getByRole("textbox", {name: "Data"}).fill("14\n");
  await page.context().clearCookies();
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await signIn(page, "ann");
  await result(page).getByRole("cell", {name: "42", exact: true}).first().waitFor();
  assert.match(await page.getByRole("textbox", {name: "Script"}).innerText(), /# kept/);
}

export async function aRefusedSignInLosesNothing(browser) {
  const page = await openAs(browser, "ann");
  await page.getByRole("textbox", {name: "Script"}).fill("return 1  # kept");
  await page.context().clearCookies();
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({state: "detached"});
  assert.match(await page.getByRole("textbox", {name: "Script"}).innerText(), /# kept/);
}

export async function theLoadStopsWithTheSession(browser) {
  const page = await openAs(browser, "ada", "/load");
  await page.getByText("Live", {exact: true}).waitFor();
  const csrf = await page.evaluate(() => fetch("api/v1/session").then((r) => r.json()).then((s) => s.csrf));
  const status = await page.evaluate((token) => fetch("api/v1/session", {method: "DELETE", headers: {"X-Console-CSRF": token}}).then((r) => r.status), csrf);
  assert.equal(status, 204);
  await signIn(page, "ada");
  await page.getByText("Live", {exact: true}).waitFor();
}

export async function signsOut(browser) {
  const page = await openAs(browser, "ann");
  await page.getByRole("textbox", {name: "Script"}).fill("return 'private'");
  const before = await page.context().cookies();
  await page.getByRole("button", {name: "Sign out"}).click();
  await page.getByRole("dialog").waitFor();
  const old = await browser.blank();
  await old.context().addCookies(before);
  const session = await (await old.request.get(`${url}/console/api/v1/session`)).json();
  assert.equal(session.signed_in, false, "the old cookie is still valid");
  await signIn(page, "dora");
  await page.getByRole("textbox", {name: "Script"}).waitFor();
  assert.doesNotMatch(await page.getByRole("textbox", {name: "Script"}).innerText(), /private/, "the next account sees the script");
}

export async function aRestartAsksAgain(browser) {
  const {control} = await import("./browser.mjs");
  const page = await openAs(browser, "ann");
  await page.getByRole("textbox", {name: "Script"}).fill("return 6 * 7  # kept");
  await page.getByRole("textbox", {name: "Data"}).fill("1");
  await control("stop");
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await page.getByText(/cannot be reached/).first().waitFor();
  assert.match(await page.getByRole("textbox", {name: "Script"}).innerText(), /# kept/);
  // The message is shown for some seconds only, perhaps before the server can run scripts.
  await Promise.all([page.getByText(/can be reached again/).first().waitFor(), control("start")]);
  if (!(await page.getByRole("dialog").isVisible())) await page.getByRole("button", {name: "Run", exact: true}).click();
  await signIn(page, "ann");
  await page.getByRole("dialog").waitFor({state: "detached"});
  if (!(await result(page).isVisible())) await run(page, "return 6 * 7  # kept");
  await result(page).getByText("42").first().waitFor();
  assert.match(await page.getByRole("textbox", {name: "Script"}).innerText(), /# kept/);
}

export async function tooManyAttemptsAreThrottled(browser) {
  const page = await browser.open();
  const alert = page.getByRole("dialog").getByRole("alert");
  // Others at the same address keep guessing, so that the limit is reached however slow the browser is.
  let isOver = false;
  const guess = async () => {
    while (!isOver) if ((await wrongPassword(page)) === 429) await page.waitForTimeout(1000);
  };
  const guesses = Array.from({length: 8}, guess);
  try {
    for (let i = 0; i < 30; i++) {
      await signIn(page, "guest", `wrong ${i}`);
      await alert.filter({hasText: /./}).waitFor();
      if (/Too many attempts/.test(await alert.innerText())) return;
      await page.waitForFunction(() => !document.querySelector("dialog button[type=submit]").disabled);
    }
    assert.fail("30 wrong passwords were not throttled");
  } finally {
    isOver = true;
    await Promise.all(guesses);
  }
}

// wrongPassword tries to sign in, beside the dialog of a page. It returns the status. A guess that is
// repeated would not use up the limit.
async function wrongPassword(page) {
  const api = `${url}/console/api/v1/session`;
  const {csrf} = await (await page.request.get(api)).json();
  const response = await page.request.post(api, {headers: {"X-Console-CSRF": csrf}, data: {username: "guest", password: `guess ${Math.random()}`}});
  return response.status();
}
