// How long people wait for a large pipeline, and how smoothly it moves. Prints JSON.
//
//     SERVER=https://127.0.0.1:7443 TOKEN=... PROJECT=large node browser/measure.mjs
import { start } from "./browser.mjs";

const { SERVER: server, TOKEN: token, PROJECT: project } = process.env;
const LOADS = Number(process.env.LOADS ?? 5);

const browser = await start();
const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1440, height: 900 } });
await context.request.post(`${server}/auth/session`, { headers: { Authorization: `Bearer ${token}` } });

/** Milliseconds until something was drawn, and until the pipeline was. */
async function load(warm) {
  const page = await (warm ?? context).newPage();
  await page.goto(`${server}/project/${project}`, { waitUntil: "commit" });
  await page.locator("article[data-stage]").first().waitFor();
  const told = await page.evaluate(
    () =>
      new Promise((done) => {
        const found = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
        const wait = () => (found() === undefined ? requestAnimationFrame(wait) : done({ first: found(), whole: performance.now() }));
        wait();
      }),
  );
  return { page, ...told };
}

/** The frames of two seconds in which the pipeline is moved in a circle. */
function pan(page) {
  return page.evaluate(
    () =>
      new Promise((done) => {
        const frame = document.querySelector('[aria-label="Pipeline"]');
        const box = frame.getBoundingClientRect();
        const frames = [];
        const began = performance.now();
        let last = began;
        const step = (now) => {
          frames.push(now - last);
          last = now;
          const turn = (now - began) / 2000;
          if (turn >= 1) return done(frames.slice(1));
          const angle = turn * 4 * Math.PI;
          const wheel = { deltaX: 90 * Math.cos(angle) + 40, deltaY: 160 * Math.sin(angle) + 60, bubbles: true, cancelable: true };
          frame.dispatchEvent(new WheelEvent("wheel", { ...wheel, clientX: box.x + 200, clientY: box.y + 200 }));
          requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      }),
  );
}

const loads = [];
for (let count = 0; count < LOADS; count += 1) {
  const { page, first, whole } = await load();
  loads.push({ first, whole });
  await page.close();
}
const { page } = await load();
await page.waitForTimeout(1500);
const frames = (await Promise.resolve(pan(page))).concat(await pan(page));
const nodes = await page.evaluate(() => document.querySelectorAll("*").length);
const heap = await page.evaluate(() => performance.memory?.usedJSHeapSize ?? 0);
const bytes = await page.evaluate(() =>
  performance
    .getEntriesByType("resource")
    .filter((each) => /\.(js|css)$/.test(new URL(each.name).pathname))
    .reduce((sum, each) => sum + each.encodedBodySize, 0),
);
console.log(JSON.stringify({ loads, frames, nodes, heap, bytes }));
await browser.close();
