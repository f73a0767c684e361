import { describe, expect, it } from "vitest";
import { csvOf, toBase64 } from "./api";

describe("files", () => {
  it("are sent byte by byte, however large", () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
    expect(Uint8Array.from(atob(toBase64(bytes)), (letter) => letter.charCodeAt(0))).toEqual(bytes);
  });

  it("that we write hold no formula and keep quotes", () => {
    expect(csvOf([["a", "b"], ["=1", 'x"y,z']])).toBe('\u{feff}a,b\r\n\'=1,"x""y,z"\r\n');
  });
});
