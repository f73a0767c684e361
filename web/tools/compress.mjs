// Writes .br and .gz beside every text asset, for the server to send as they are.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("../../src/forecourt/web_assets", import.meta.url));
for (const name of readdirSync(root, { recursive: true })) {
  const path = join(root, String(name));
  if (!/\.(js|mjs|css|html|svg|json)$/.test(path) || statSync(path).size < 1024) continue;
  const data = readFileSync(path);
  writeFileSync(path + ".gz", gzipSync(data, { level: 9 }));
  writeFileSync(path + ".br", brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }));
}
