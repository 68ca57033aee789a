// One person with one browser: every page that they see is inspected, and nothing may go wrong behind it.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { start } from "./browser.mjs";

const { PICTURES: pictures } = process.env;
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
mkdirSync(pictures, { recursive: true });

const browser = await start();
export const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 860 } });
export const page = await context.newPage();
page.setDefaultTimeout(20_000);
const troubles = [];
page.on("pageerror", (error) => troubles.push(`error in the page: ${error.message}`));
page.on("dialog", (dialog) => {
  troubles.push(`a script ran: ${dialog.message()}`);
  void dialog.dismiss();
});
page.on("console", (line) => {
  const text = line.text();
  if (line.type() === "error" && !/status of (401|403|404|409)/.test(text)) troubles.push(`console: ${text}`);
});

/** axe finds nothing on the page as it is now; there is a picture of it. */
export async function inspected(name) {
  await page.screenshot({ path: `${pictures}/${name}.png` });
  // By the debugger, whom the page's policy does not bind.
  const { violations } = await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`);
  for (const { id, nodes } of violations) troubles.push(`axe on ${name}: ${id} ${nodes[0].html.slice(0, 160)}`);
}

export const dialog = () => page.getByRole("dialog");
export const seen = (locator) => locator.first().waitFor({ state: "visible" });

/** Takes one way after the other, and ends the program. */
export async function walk(journeys) {
  let failed = false;
  for (const journey of journeys) {
    const began = Date.now();
    try {
      await journey();
      console.log(`${journey.name}: ${Date.now() - began} ms`);
    } catch (error) {
      await page.screenshot({ path: `${pictures}/failed-${journey.name}.png` });
      console.error(`${journey.name} failed at ${page.url()}\n${error.stack}`);
      failed = true;
      break;
    }
  }
  await browser.close();
  for (const each of troubles) console.error(each);
  process.exit(failed || troubles.length > 0 ? 1 : 0);
}
