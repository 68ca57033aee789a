/** How the pages are built: into the Python package, with names that tell what is in a file, and compressed beforehand. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = join(here, "../src/argosy/ui/dist");
const worthwhile = /\.(js|css|html|svg|json)$/;

/** Writes `.br` and `.gz` beside every text file, so that the server only chooses. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      for (const name of readdirSync(out, { recursive: true, encoding: "utf8" })) {
        const path = join(out, name);
        if (!worthwhile.test(name) || !statSync(path).isFile()) continue;
        const text = readFileSync(path);
        if (text.length < 1024) continue;
        writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
        const brotli = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
        writeFileSync(`${path}.br`, brotli);
      }
    },
  };
}

const server = process.env.ARGOSY_SERVER ?? "https://127.0.0.1:7443";
const backend = { target: server, secure: false, changeOrigin: true };

export default defineConfig({
  plugins: [react(), compressed()],
  resolve: { alias: { "~": join(here, "src") } },
  build: {
    outDir: out,
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    license: { fileName: "licenses.md" },
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        // What several pages share comes at once: many small files wait for each other.
        codeSplitting: {
          groups: [
            { name: "shared", test: /\/ui\/src\/(api|model|design|shell)\/(?!editor|useLint|Faults|applied|manifest|blueprint|schema|template|yaml)/, minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: Object.fromEntries(
      ["/v1beta1", "/apis", "/api/", "/auth", "/openapi", "/version"].map((path) => [path, backend]),
    ),
  },
  test: { environment: "node", include: ["src/**/*.test.ts"] },
});
