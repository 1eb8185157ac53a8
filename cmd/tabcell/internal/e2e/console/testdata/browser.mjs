// Chromium, with what every test of the console needs: sign-in, and the collection of violations of
// the content security policy and of errors.

import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {createRequire} from "node:module";
import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";

const require = createRequire(join(process.env.MODULES, "package.json"));
const {chromium} = require("playwright-core");
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const url = process.env.URL;
export const password = process.env.PASSWORD;

const limit = Number(process.env.STEP_MS ?? 60_000); // for one step on a busy machine
let shared = null;

async function launched() {
  shared ??= await chromium.launch({executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"]});
  return shared;
}

export async function closeAll() {
  await shared?.close();
}

// control asks the Go test to stop or start the server.
export async function control(action) {
  const response = await fetch(`${process.env.CONTROL}/${action}`, {method: "POST"});
  assert.equal(response.status, 200, await response.text());
}

// Browser opens pages for one test.
export class Browser {
  constructor(name) {
    this.name = name;
    this.contexts = [];
    this.problems = [];
    this.notes = [];
  }

  // open opens a page of the console, and waits until its heading is there.
  async open(path = "", {base = url, ...options} = {}) {
    const page = await this.blank(options);
    await page.goto(`${base}/console${path}`);
    await page.getByRole("heading", {level: 1}).waitFor();
    return page;
  }

  // blank opens an empty page in a new context.
  async blank(options = {}) {
    const browser = await launched();
    const context = await browser.newContext({viewport: {width: 1280, height: 800}, ...options});
    context.setDefaultTimeout(limit);
    this.contexts.push(context);
    await context.addInitScript(() => addEventListener("securitypolicyviolation", (e) => console.error(`CSP violation: ${e.violatedDirective} ${e.blockedURI} at ${e.sourceFile}:${e.lineNumber}:${e.columnNumber} ${e.sample}`)));
    context.on("page", (page) => this.#listen(page));
    return context.newPage();
  }

  #listen(page) {
    page.on("pageerror", (error) => this.problems.push(`uncaught: ${error.stack}`));
    page.on("console", (message) => {
      if (message.type() !== "error" && message.type() !== "warning") return;
      // The status of a response is checked where it matters.
      if (/^Failed to load resource/.test(message.text())) return;
      this.problems.push(`${message.type()}: ${message.text()}`);
    });
  }

  // checkProblems fails if a page has violated its policy or has had an error.
  checkProblems() {
    assert.deepEqual(this.problems, []);
  }

  // describe returns the address and the text of each page.
  async describe() {
    const parts = [...this.problems];
    for (const page of this.contexts.flatMap((c) => c.pages())) {
      const file = join(process.env.SCREENS, `failed-${this.name}.png`);
      const content = await page.locator("body").innerText({timeout: 1000}).catch((e) => e.message);
      await page.screenshot({path: file, timeout: 5000}).catch(() => {});
      parts.push(`${page.url()} (${file}):\n${content.slice(0, 1500)}`);
    }
    return parts.join("\n");
  }

  async close() {
    for (const context of this.contexts) await context.close();
  }
}

// until waits until check, which may return a promise, is true. The conditions of waitForFunction
// cannot be promises: each of them counts as true.
export async function until(what, check) {
  for (const end = performance.now() + limit; !(await check()); await sleep(100)) {
    assert.ok(performance.now() < end, `${what} within ${limit} ms`);
  }
}

// signIn fills in the sign-in dialog, which is open.
export async function signIn(page, name, secret = password) {
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Account").fill(name);
  await dialog.getByLabel("Password").fill(secret);
  await dialog.getByRole("button", {name: "Sign in", exact: true}).click();
}

// openAs opens a page with an account.
export async function openAs(browser, name, path = "", options = {}) {
  const page = await browser.open(path, options);
  await signIn(page, name);
  await page.getByRole("dialog").waitFor({state: "detached"});
  return page;
}

// checkAccessibility fails if axe-core finds a violation.
export async function checkAccessibility(page, what) {
  await page.evaluate(axeSource);
  const {violations} = await page.evaluate(() => globalThis.axe.run(document, {resultTypes: ["violations"]}));
  const found = violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target.flat().join(" ")}: ${n.failureSummary}`));
  assert.deepEqual(found, [], `axe on ${what}`);
}

// checkWidth fails if the page can be scrolled to the side.
export async function checkWidth(page, what) {
  const wide = await page.evaluate(() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > room + 1).slice(0, 5).map((e) => `${e.tagName}.${e.className}`);
  });
  assert.deepEqual(wide, [], `${what} is wider than the window`);
}

// checkTables fails if a table is wider than its place.
export async function checkTables(page, what) {
  const wide = await page.evaluate(() => [...document.querySelectorAll(".table-scroll")].filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => `${e.textContent.slice(0, 60)}: ${e.scrollWidth} in ${e.clientWidth} pixels`));
  assert.deepEqual(wide, [], `tables of ${what}`);
}

// pages lists all pages with a locator that is visible when the page has its data.
export const pages = {
  playground: ["", (p) => p.getByRole("textbox", {name: "Script"})],
  endpoints: ["/endpoints", (p) => p.getByRole("link", {name: "doubled"})],
  endpoint: ["/endpoints/doubled", (p) => p.getByRole("heading", {name: "Versions"})],
  load: ["/load", (p) => p.getByText("Live", {exact: true})],
  errors: ["/errors", (p) => p.getByRole("cell", {name: /Error/}).or(p.getByRole("rowheader", {name: /Error/})).first()],
  settings: ["/admin", (p) => p.getByText("TABCELL_QUEUE", {exact: true}).first()],
  libraries: ["/admin?section=libraries", (p) => p.getByRole("rowheader", {name: "numpy", exact: true})],
  doctor: ["/admin?section=doctor", (p) => p.getByRole("tabpanel").getByRole("heading").first()],
  audit: ["/admin?section=audit", (p) => p.getByRole("tabpanel").getByRole("table")],
  certificates: ["/admin?section=certificates", (p) => p.getByText("The server uses no certificates.")],
  accounts: ["/admin?section=accounts", (p) => p.getByRole("tabpanel").getByRole("table")],
  grants: ["/admin?section=grants", (p) => p.getByRole("rowheader", {name: "prices"})],
  manual: ["/manual", (p) => p.getByRole("link", {name: "Deploy models"})],
  topic: ["/manual/models", (p) => p.getByRole("heading", {name: "Versions and rollback"})],
};

// fillRun types data and a script in the playground, and runs it.
export async function run(page, script, data) {
  if (data !== undefined) await page.getByRole("textbox", {name: "Data"}).fill(data);
  await page.getByRole("textbox", {name: "Script"}).fill(script);
  await page.getByRole("button", {name: "Run", exact: true}).click();
}

export const result = (page) => page.getByRole("region", {name: "Result"});
export const error = (page) => page.getByRole("region", {name: "Error"});
