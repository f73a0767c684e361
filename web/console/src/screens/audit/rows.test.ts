import { expect, test } from "vitest";
import { changesOf, filtersOf, subjectName } from "./rows";
import { actionWords, fieldWord, valueWords } from "./words";

const address = { q: "", sort: "-at", filters: { who: ["usr_1", "usr_2"], when: ["day"] }, columns: null, cursor: null, page: 1 };

test("each filter has one value, the last; time counts back from now", () => {
  expect(filtersOf(address, "abc", Date.parse("2026-11-19T14:32:41Z"))).toEqual({
    actor_id: "usr_2", subject_type: undefined, action: undefined, subject_id: "abc", at_from: "2026-11-18T14:32:00.000Z",
  });
});

test("changes are old beside new, made and gone ones have one side", () => {
  expect(changesOf({ before: { b: 1 }, after: { b: 2, a: 3 } })).toEqual([{ field: "a", after: 3 }, { field: "b", before: 1, after: 2 }]);
  expect(changesOf({ before: null, after: null })).toEqual([]);
});

test("codes become words, unknown ones stay readable", () => {
  expect(actionWords("tariff.published", "en")).toBe("Published tariff");
  expect(actionWords("tariff.published", "de")).toBe("Tarif veröffentlicht");
  expect(actionWords("command.reset", "en")).toBe("Sent reset");
  expect(actionWords("moon.landed_on", "en")).toBe("Moon landed on");
  expect(fieldWord("security.session_idle_minutes", "de")).toBe("Ungenutzt, min");
  expect(valueWords(null, "en", String)).toBe("nothing");
  expect(valueWords("2026-11-19T14:32:41Z", "en", () => "a time")).toBe("a time");
  expect(valueWords(["stations:read"], "en", String)).toBe("stations:read");
});

test("a subject is named by what the entry holds of it", () => {
  expect(subjectName({ before: { name: "Old" }, after: { name: "New" }, subject_id: "x", subject_name: null })).toBe("New");
  expect(subjectName({ before: { role: "viewer" }, after: { role: "admin" }, subject_id: "x", subject_name: "Bea" })).toBe("Bea");
  expect(subjectName({ before: null, after: { revision: 2 }, subject_id: "0198-1234abcd", subject_name: null })).toBe("…1234abcd");
});
