// Screenshots of every page in both colour schemes, for people to look at.

import {join} from "node:path";
import {error, pages, result, run} from "./browser.mjs";

const example = `# The distance of each value from the mean, in standard deviations
import numpy as np

sales = np.array(_arg1)
score = (sales - sales.mean()) / sales.std()
print(f"{len(sales)} values, mean {sales.mean():.1f}")
return [round(float(z), 2) for z in score]`;
const data = "Sales,Region\n" + Array.from({length: 24}, (_, i) => `${i === 17 ? 980 : 100 + (i * 37) % 61},${["North", "South", "West"][i % 3]}`).join("\n");

const screens = (colorScheme) => async (browser) => {
  const page = await browser.open("", {colorScheme, viewport: {width: 1280, height: 860}});
  const shot = (name) => page.screenshot({path: join(process.env.SCREENS, `${name}-${colorScheme}.png`)});
  await run(page, example, data);
  await result(page).waitFor();
  await result(page).getByRole("tab", {name: "Chart"}).click();
  await page.locator("canvas").first().waitFor();
  await shot("run");
  await run(page, example.replace("sales.std()", "sales.sdt()"));
  await error(page).waitFor();
  await shot("error");
  for (const [name, [path, ready]] of Object.entries(pages)) {
    await page.goto(`${process.env.URL}/console${path}`);
    await ready(page).waitFor();
    await shot(name);
  }
};

export const light = screens("light");
export const dark = screens("dark");
