// Fails when the scripts that a page loads before its first screen (gzip) are over the budget: the entry, and for the
// console also the shell, each with all that they import. Styles are told beside them.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("../../src/forecourt/web_assets", import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, "manifest.json"), "utf8"));
const PAGES = [
  { name: "console", budget: 200, chunks: ["console/index.html", "console/src/frame/Shell.tsx"] },
  { name: "driver", budget: 110, chunks: ["driver/index.html"] },
];

function filesOf(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the manifest`);
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const file of chunk.css ?? []) seen.add(file);
  for (const inner of chunk.imports ?? []) filesOf(inner, seen);
  return seen;
}

let failed = false;
for (const { name, budget, chunks } of PAGES) {
  const files = new Set(chunks.flatMap((key) => [...filesOf(key)]));
  const sizes = [...files].map((file) => [file, gzipSync(readFileSync(join(root, file)), { level: 9 }).length / 1000]);
  const sum = (ending) => sizes.filter(([file]) => file.endsWith(ending)).reduce((total, [, size]) => total + size, 0);
  const total = sum(".js");
  console.log(`${name}: ${total.toFixed(1)} kB of ${budget} kB of script before the first screen, and ${sum(".css").toFixed(1)} kB of styles`);
  if (total > budget) {
    failed = true;
    for (const [file, size] of sizes) console.error(`  ${size.toFixed(1).padStart(7)} kB ${file}`);
  }
}
if (failed) process.exit(1);
