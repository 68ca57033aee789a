// Takes pictures of pages of a running server, light and dark, at three widths, to look at them, and asks axe about each.
//
//     node browser/look.mjs https://127.0.0.1:7443 TOKEN out/ NAME=/path ...
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

import { start } from "./browser.mjs";

const [server, token, out, ...wanted] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const widths = (process.env.WIDTHS ?? "1440,900,390").split(",").map(Number);
const themes = (process.env.THEMES ?? "light,dark").split(",");
mkdirSync(out, { recursive: true });

const browser = await start();
let faults = 0;
for (const theme of themes) {
  for (const width of widths) {
    const height = width < 600 ? 844 : 900;
    const context = await browser.newContext({ ignoreHTTPSErrors: true, colorScheme: theme, viewport: { width, height }, bypassCSP: true, ...(width < 600 ? { hasTouch: true, deviceScaleFactor: 2 } : {}) });
    await context.request.post(`${server}/auth/session`, { headers: { Authorization: `Bearer ${token}` } });
    const page = await context.newPage();
    page.on("pageerror", (error) => console.log("PAGE ERROR", page.url(), error.message));
    page.on("console", (line) => line.type() === "error" && console.log("CONSOLE", page.url(), line.text()));
    for (const each of wanted) {
      const [name, path] = [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)];
      await page.goto(server + path);
      await page.waitForTimeout(Number(process.env.PAUSE ?? 900));
      await page.screenshot({ path: `${out}/${name}-${theme}-${width}.png` });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) console.log("WIDER THAN THE SCREEN", name, theme, width, wide);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
      for (const fault of violations) {
        faults += 1;
        console.log("AXE", name, theme, width, fault.id, fault.nodes.slice(0, 3).map((node) => `${node.html.slice(0, 140)} :: ${node.failureSummary?.split("\n")[1] ?? ""}`).join("\n    "));
      }
    }
    await context.close();
  }
}
await browser.close();
process.exit(faults ? 1 : 0);
