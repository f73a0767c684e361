import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where `npm run dev` finds the API. */
const api = process.env["FORECOURT_URL"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "#shared": here("./shared"), "#console": here("./console/src") } },
  publicDir: here("./public"),
  build: {
    outDir: here("../src/forecourt/web_assets"),
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2023",
    // An inlined asset would be a data: URL, which the page's policy allows for images only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    rolldownOptions: {
      input: { console: here("./console/index.html"), driver: here("./driver/index.html") },
    },
  },
  worker: { format: "es" },
  server: { proxy: { "/api": api } },
  test: { include: ["{console,shared,tests}/**/*.test.{ts,tsx}"], environment: "node" },
});
