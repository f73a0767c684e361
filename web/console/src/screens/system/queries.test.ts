import { expect, it } from "vitest";
import { translate } from "#shared/i18n/i18n";
import { faultOf, sizeOf, type Check } from "./queries";
import { text, type SystemWord } from "./text";

const t = (key: SystemWord, params?: Record<string, string | number>) => translate(text, "en", key, params);
const f = { duration: (seconds: number | null | undefined) => `${seconds} s` };

it("says what is wrong with its figures", () => {
  const check = (code: Check["code"], params: Record<string, unknown>): Check => ({ code, severity: "bad", params });
  expect(faultOf(t, f, check("durability_off", { settings: ["fsync", "full_page_writes"] }))).toContain("fsync, full_page_writes is off");
  expect(faultOf(t, f, check("jobs_failed", { count: 1 }))).toContain("1 job has failed");
  expect(faultOf(t, f, check("jobs_late", { seconds: 90 }))).toContain("90 s");
});

it("writes sizes in a unit that can be read", () => {
  expect(sizeOf(999)).toEqual([999, "B"]);
  expect(sizeOf(12_345_678)).toEqual([12.345678, "MB"]);
  expect(sizeOf(5e15)).toEqual([5000, "TB"]);
});
