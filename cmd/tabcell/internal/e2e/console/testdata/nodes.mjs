// Administration of a cluster of three nodes, of which two are stopped and started.

import assert from "node:assert/strict";
import {join} from "node:path";
import {checkAccessibility, checkTables, checkWidth, control} from "./browser.mjs";

const section = "/admin?section=nodes";
const row = (page, name) => page.getByRole("row", {name: new RegExp(name)});
const overview = (page) => page.getByRole("region", {name: "State of the cluster"});

// reached waits until so many of the three voters answer. The page reads the state by itself.
const reached = (page, count) => overview(page).getByText(`${count} of 3`).first().waitFor();

export async function haveARow(browser) {
  const page = await browser.open(section);
  await reached(page, 3);
  const names = [];
  for (const name of ["node1", "node2", "node3"]) {
    const cells = await row(page, name).getByRole("cell").allInnerTexts();
    assert.match(cells[0], /Leader|Follower/, name);
    assert.equal(cells[1], "voter");
    assert.notEqual(cells[2], "");
    assert.match(cells[5], /^[1-9]/, "the index of the last change");
    assert.doesNotMatch(cells[8], /day/, "a new certificate needs attention");
    await row(page, name).getByRole("rowheader").getByText(/^127\.0\.0\.1\d:\d+$/).waitFor();
    names.push(cells[0]);
  }
  assert.equal(names.filter((state) => state === "Leader").length, 1);
  await overview(page).getByText("accepted").waitFor();
  await row(page, "node1").getByText("(this server)").waitFor();
}

const looks = (colorScheme) => async (browser) => {
  const page = await browser.open(section, {colorScheme, viewport: {width: 1280, height: 860}});
  await reached(page, 3);
  await checkAccessibility(page, `the nodes, ${colorScheme}`);
  await checkTables(page, "the nodes");
  await page.screenshot({path: join(process.env.SCREENS, `nodes-${colorScheme}.png`)});
  await page.setViewportSize({width: 360, height: 740});
  await checkWidth(page, "the nodes");
  await page.screenshot({path: join(process.env.SCREENS, `nodes-narrow-${colorScheme}.png`), fullPage: true});
};

export const fitInLight = looks("light");
export const fitInDark = looks("dark");

export async function showLosses(browser) {
  const page = await browser.open(section, {viewport: {width: 1280, height: 860}});
  await reached(page, 3);
  await control("stop/2");
  await row(page, "node3").getByText("Unreachable").waitFor();
  await reached(page, 2);
  await overview(page).getByText("accepted").waitFor();
  await page.getByRole("region", {name: "Advice"}).getByText(/one more voter ends changes/).waitFor();
  const cells = await row(page, "node3").getByRole("cell").allInnerTexts();
  assert.deepEqual(cells.slice(3), ["–", "–", "–", "–", "–", "–"], "the figures of a lost node");
  await checkAccessibility(page, "a lost node");
  await checkTables(page, "a lost node");
  await page.screenshot({path: join(process.env.SCREENS, "nodes-lost.png")});

  await control("stop/1");
  await page.getByText("Endpoints cannot be changed").waitFor();
  await overview(page).getByText("refused").waitFor();
  await reached(page, 1);
  await checkAccessibility(page, "no majority");
  await page.screenshot({path: join(process.env.SCREENS, "nodes-no-majority.png")});

  await control("start/1");
  await overview(page).getByText("accepted").waitFor();
  await control("start/2");
  await reached(page, 3);
  assert.equal(await page.getByText("Endpoints cannot be changed").count(), 0);
}
