import { expect, test } from "vitest";
import { bytes, text } from "./passkey";

test("base64url goes both ways, without padding", () => {
  for (const length of [0, 1, 2, 3, 32]) {
    const data = Uint8Array.from({ length }, (_, index) => (index * 83 + 251) % 256);
    const written = text(data.buffer);
    expect(written).not.toMatch(/[+/=]/);
    expect(new Uint8Array(bytes(written))).toEqual(data);
  }
});
