// Sign-in with passwords, tokens and certificates, and what ends sessions besides time: changes of
// accounts and keys while the server runs. The tests come in this order, because the last ones end
// sessions for good.

import assert from "node:assert/strict";
import {join} from "node:path";
import {checkAccessibility, control, openAs, password, result, run, signIn, until, url} from "./browser.mjs";

const insecure = {ignoreHTTPSErrors: true}; // the server's certificate is self-signed
const {CERTIFICATE_ONLY: certificateOnly, TOKEN: token, EXPIRED: expired} = process.env;

// withCertificate returns the options of a browser that has the certificate of ada.
const withCertificate = (base) => ({
  ...insecure, base, clientCertificates: [{origin: new URL(base).origin, certPath: process.env.CLIENT_CERT, keyPath: process.env.CLIENT_KEY}],
});

const gone = (page) => page.getByRole("dialog").waitFor({state: "detached"});
const scriptBox = (page) => page.getByRole("textbox", {name: "Script"});
const session = (page) => page.evaluate(() => fetch("/console/api/v1/session").then((r) => r.json()));

async function signInWithToken(page, text) {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", {name: "Sign in with a bearer token"}).click();
  await dialog.getByLabel("Bearer token").fill(text);
  await dialog.getByRole("button", {name: "Sign in", exact: true}).click();
}

// ended waits until the server has ended the session of a page. The files of accounts are read
// again within a second or two.
async function ended(page) {
  await until("the session ends", async () => !(await session(page)).signed_in);
}

export async function aTokenSignsIn(browser) {
  const page = await browser.open("", insecure);
  await page.getByRole("dialog").waitFor();
  await checkAccessibility(page, "a sign-in with several methods");
  await page.screenshot({path: join(process.env.SCREENS, "sign-in.png")});
  await signInWithToken(page, `  ${token}\n`);
  await gone(page);
  await run(page, "return [2 * x for x in _arg1]", "21\n");
  await result(page).getByRole("cell", {name: "42", exact: true}).first().waitFor();
  const now = await session(page);
  assert.equal(now.authentication, "bearer");
  assert.deepEqual(now.roles, ["evaluate", "query", "deploy", "metrics"]);
  const stored = await page.evaluate(() => JSON.stringify({...localStorage, ...sessionStorage}) + document.documentElement.outerHTML);
  assert.equal(stored.includes(token.slice(0, 40)), false, "the token is kept in the browser");
}

export async function otherTokensAreRefused(browser) {
  const page = await browser.open("", insecure);
  const alert = page.getByRole("dialog").getByRole("alert");
  await signInWithToken(page, expired);
  await alert.getByText(/does not accept/).waitFor();
  await page.getByLabel("Bearer token").fill(`${token.slice(0, -4)}AAAA`);
  await page.getByRole("dialog").getByRole("button", {name: "Sign in", exact: true}).click();
  await page.waitForFunction(() => !document.querySelector("dialog button[type=submit]").disabled);
  await alert.getByText(/does not accept/).waitFor();
  assert.equal((await session(page)).signed_in, false);
  await page.getByRole("button", {name: "Sign in with a password"}).click();
  await signIn(page, "ann");
  await gone(page);
}

export async function aCertificateSignsIn(browser) {
  const page = await browser.open("", withCertificate(url));
  await page.getByRole("dialog").getByRole("button", {name: "Use this browser's certificate"}).click();
  await gone(page);
  const now = await session(page);
  assert.equal(now.authentication, "certificate");
  assert.equal(now.account, "ada");
  await page.getByRole("link", {name: "Administration"}).waitFor(); // the roles are those of the account
  const [cookie] = await page.context().cookies();
  assert.equal(cookie.secure, true);
  await page.getByRole("button", {name: "Sign out"}).click();
  await page.getByRole("dialog").waitFor();
  assert.equal((await session(page)).signed_in, false);
}

export async function aMissingCertificateIsExplained(browser) {
  const page = await browser.open("", insecure);
  await page.getByRole("dialog").getByRole("button", {name: "Use this browser's certificate"}).click();
  await page.getByRole("alert").getByText(/The browser has sent no certificate/).waitFor();
}

export async function aSessionNeedsItsCertificate(browser) {
  const page = await browser.open("", withCertificate(url));
  await page.getByRole("dialog").getByRole("button", {name: "Use this browser's certificate"}).click();
  await gone(page);
  const thief = await browser.blank(insecure);
  await thief.context().addCookies(await page.context().cookies());
  const stolen = await (await thief.request.get(`${url}/console/api/v1/session`)).json();
  assert.equal(stolen.signed_in, false, "the cookie is valid without the certificate");
}

export async function certificatesCanBeTheOnlyMethod(browser) {
  const page = await browser.open("", withCertificate(certificateOnly));
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  assert.equal(await dialog.getByRole("textbox").count(), 0, "fields for other methods are shown");
  assert.equal(await dialog.getByRole("button", {name: "Sign in", exact: true}).count(), 0);
  await checkAccessibility(page, "a sign-in with certificates only");
  await page.screenshot({path: join(process.env.SCREENS, "sign-in-certificate.png")});
  await page.keyboard.press("Enter"); // the button has the focus
  await gone(page);
  assert.equal((await session(page)).account, "ada");
}

export async function aChangedPasswordEndsItsSessions(browser) {
  const page = await openAs(browser, "changer", "", insecure);
  const other = await openAs(browser, "ann", "", insecure);
  await scriptBox(page).fill("return [3 * x for x in _arg1]  # kept");
  await page.getByRole("textbox", {name: "Data"}).fill("14\n");
  await control("password");
  await ended(page);
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await signIn(page, "changer"); // the old password
  await page.getByRole("dialog").getByRole("alert").getByText(/does not accept/).waitFor();
  await signIn(page, "changer", `another ${password}`);
  await result(page).getByRole("cell", {name: "42", exact: true}).first().waitFor();
  assert.match(await scriptBox(page).innerText(), /# kept/);
  assert.equal((await session(other)).signed_in, true, "the session of another account has ended");
}

export async function aRemovedAccountHasNoSessions(browser) {
  const page = await openAs(browser, "leaver", "", insecure);
  const load = await openAs(browser, "ada", "/load", insecure);
  await load.getByText("Live", {exact: true}).waitFor();
  const [cookie] = await page.context().cookies();
  await control("remove");
  await control("reload");
  await ended(page);
  const answer = await page.request.post(`${url}/console/api/v1/run`, {data: {kind: "script", script: "return 1"}, headers: {Cookie: `${cookie.name}=${cookie.value}`}});
  assert.equal(answer.status(), 401);
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await signIn(page, "leaver");
  await page.getByRole("dialog").getByRole("alert").getByText(/does not accept/).waitFor();
  assert.equal((await session(load)).signed_in, true, "a reload has ended the session of another account");
  await load.goto(`${url}/console/admin?section=accounts`);
  await load.getByRole("rowheader", {name: "changer"}).waitFor();
  assert.equal(await load.getByRole("rowheader", {name: "leaver"}).count(), 1, "only the roles file still names the account");
}

export async function aRemovedKeyEndsTheSessionsOfItsTokens(browser) {
  const page = await browser.open("", insecure);
  await signInWithToken(page, token);
  await gone(page);
  await control("rotate");
  await control("reload");
  await ended(page);
  await page.getByRole("button", {name: "Run", exact: true}).click();
  await signInWithToken(page, token);
  await page.getByRole("dialog").getByRole("alert").getByText(/does not accept/).waitFor();
}
