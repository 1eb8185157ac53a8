// Endpoints: deploy, look at, query, roll back and remove one.

import assert from "node:assert/strict";

const source = (factor) => `"""Multiplies."""\ndef multiplied(x: list[float]) -> list[float]:\n    """Returns multiples."""\n    return [${factor} * v for v in x]\n`;

// file returns what an input for files takes.
const file = (name, content) => ({name, mimeType: "text/x-python", buffer: Buffer.from(content)});

async function deploy(page, upload, name) {
  await page.getByLabel("File to deploy").setInputFiles(upload);
  await page.getByLabel("Endpoint name").fill(name);
  await page.getByRole("button", {name: "Deploy", exact: true}).click();
}

export async function deploysWithTheButton(browser) {
  const page = await browser.open("/endpoints");
  await deploy(page, file("multiplied.py", source(2)), "multiplied");
  await page.getByText("multiplied is deployed as version 1.").first().waitFor();
  const row = page.getByRole("row", {name: /multiplied/});
  await row.getByText("Ready").waitFor();
}

export async function asksBeforeItReplaces(browser) {
  const page = await browser.open("/endpoints");
  await deploy(page, file("multiplied.py", source(3)), "multiplied");
  await page.getByRole("button", {name: "Deploy as a new version"}).click();
  await page.getByText("multiplied is deployed as version 2.").first().waitFor();
}

export async function deploysByDragAndDrop(browser) {
  const page = await browser.open("/endpoints");
  const data = await page.evaluateHandle((text) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "dropped.py", {type: "text/x-python"}));
    return transfer;
  }, source(2).replace("multiplied", "dropped"));
  const place = page.getByText(/or drop it here/);
  await place.dispatchEvent("dragenter", {dataTransfer: data});
  await place.dispatchEvent("drop", {dataTransfer: data});
  assert.equal(await page.getByLabel("Endpoint name").inputValue(), "dropped");
  await page.getByRole("button", {name: "Deploy", exact: true}).click();
  await page.getByText("dropped is deployed as version 1.").first().waitFor();
}

export async function showsTheLineOfALoadError(browser) {
  const page = await browser.open("/endpoints");
  await deploy(page, file("broken.py", "a = 1\nb = 2\nimport nosuchmodule\ndef f(x): return x\n"), "broken");
  const region = page.getByRole("region", {name: "Load error"});
  await region.waitFor();
  const words = await region.innerText();
  assert.match(words, /ModuleNotFoundError/);
  assert.match(words, /Line 3/);
  const excerpt = region.getByRole("group", {name: "Lines around the error"});
  assert.deepEqual((await excerpt.innerText()).trim().split(/\n+/).map((line) => line.trim()), ["1  a = 1", "2  b = 2", "3  import nosuchmodule", "4  def f(x): return x", "5"]);
  assert.equal(await page.getByRole("link", {name: "broken", exact: true}).count(), 0);
}

export async function refusesAFileThatIsTooLarge(browser) {
  const page = await browser.open("/endpoints");
  await page.evaluate(() => {
    const transfer = new DataTransfer();
    const part = new Uint8Array(1 << 20);
    transfer.items.add(new File(Array(300).fill(part), "large.zip"));
    const input = document.querySelector("input[type=file]");
    input.files = transfer.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
  });
  await page.getByText(/At most 256 MiB can be deployed/).waitFor();
}

export async function searches(browser) {
  const page = await browser.open("/endpoints?search=doub");
  await page.getByText("1 endpoint", {exact: true}).waitFor();
  await page.getByLabel("Search endpoints").fill("nothing like it");
  await page.getByText("No endpoint matches.").waitFor();
  await page.getByLabel("Search endpoints").fill("");
  await page.getByText(/^[2-9] endpoints$/).waitFor(); // other tests of this suite deploy some
}

export async function triesOne(browser) {
  const page = await browser.open("/endpoints/multiplied");
  await page.getByRole("textbox", {name: "Data"}).fill('{"x": [1, 2]}');
  await page.getByRole("button", {name: "Query", exact: true}).click();
  const result = page.getByRole("region", {name: "Result"});
  await result.getByRole("cell", {name: "6", exact: true}).first().waitFor();
}

export async function triesOneWithCSV(browser) {
  const page = await browser.open("/endpoints/multiplied");
  await page.getByRole("textbox", {name: "Data"}).fill("x\n5\n7\n");
  await page.getByRole("button", {name: "Query", exact: true}).click();
  await page.getByRole("region", {name: "Result"}).getByRole("cell", {name: "21", exact: true}).first().waitFor();
}

export async function showsAnErrorOfAQuery(browser) {
  const page = await browser.open("/endpoints/multiplied");
  await page.getByRole("textbox", {name: "Data"}).fill('{"x": 5}');
  await page.getByRole("button", {name: "Query", exact: true}).click();
  await page.getByRole("region", {name: "Error"}).getByText(/TypeError/).first().waitFor();
}

// The figures follow each query, and the data and the answer stay.
export async function countsTries(browser) {
  const page = await browser.open("/endpoints/dropped");
  const state = page.getByRole("region", {name: "State"});
  const figure = (name) => state.locator("div").filter({has: page.getByRole("term").getByText(name, {exact: true})}).getByRole("definition");
  assert.equal(await figure("Calls").innerText(), "0");
  assert.equal(await figure("Last used").innerText(), "never");
  const data = page.getByRole("textbox", {name: "Data"});
  await data.fill('{"x": [4]}');
  await page.getByRole("button", {name: "Query", exact: true}).click();
  await figure("Calls").getByText("1", {exact: true}).waitFor();
  assert.notEqual(await figure("Last used").innerText(), "never");
  await page.getByRole("region", {name: "Result"}).getByRole("cell", {name: "8", exact: true}).first().waitFor();
  assert.equal(await data.inputValue(), '{"x": [4]}');
  await data.fill('{"x": 5}');
  await page.getByRole("button", {name: "Query", exact: true}).click();
  await page.getByRole("region", {name: "Error"}).waitFor();
  await figure("Calls").getByText("2", {exact: true}).waitFor();
  assert.equal(await figure("Errors").innerText(), "1");
}

export async function showsTheFormula(browser) {
  const page = await browser.open("/endpoints/multiplied");
  const use = page.getByRole("region", {name: "Use it"});
  await use.getByText(/MODEL_EXTENSION_REAL\("multiplied", "x"/).waitFor();
  await use.getByText(/curl .*\/query\/multiplied/).waitFor();
  await page.getByRole("region", {name: "Source"}).getByText("return [3 * v for v in x]").waitFor();
}

export async function rollsBack(browser) {
  const page = await browser.open("/endpoints/multiplied");
  await page.getByRole("button", {name: "Roll back to version 1"}).click();
  await page.getByRole("dialog").getByRole("button", {name: "Roll back", exact: true}).click();
  await page.getByText("Version 1 is in use again, as version 3.").first().waitFor();
  await page.getByRole("region", {name: "Source"}).getByText("return [2 * v for v in x]").waitFor();
}

export async function downloads(browser) {
  const page = await browser.open("/endpoints/multiplied");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", {name: "Download"}).click()]);
  assert.match(download.suggestedFilename(), /multiplied/);
  assert.equal(await download.failure(), null);
}

export async function removesByName(browser) {
  const page = await browser.open("/endpoints/multiplied");
  await page.getByRole("button", {name: "Remove", exact: true}).click();
  const dialog = page.getByRole("dialog");
  const remove = dialog.getByRole("button", {name: "Remove", exact: true});
  await dialog.getByRole("textbox").fill("multiplie");
  assert.equal(await remove.isDisabled(), true);
  await dialog.getByRole("textbox").fill("multiplied");
  await remove.click();
  await page.getByText("multiplied is removed.").first().waitFor();
  await page.getByRole("link", {name: "doubled"}).waitFor();
  assert.equal(await page.getByRole("link", {name: "multiplied"}).count(), 0);
}

export async function aMissingEndpointIsExplained(browser) {
  const page = await browser.open("/endpoints/nosuch");
  await page.getByText("There is no endpoint nosuch.").waitFor();
  await page.getByRole("link", {name: "Back to the list"}).click();
  await page.getByRole("link", {name: "doubled"}).waitFor();
}
