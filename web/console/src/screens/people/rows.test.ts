import { expect, test } from "vitest";
import { givable, grantState, verbsOf, type Grant, type Roles } from "./rows";

const roles = {
  nouns: ["stations"], verbs: ["read", "write", "command"], partner_ceiling: [],
  roles: { owner: ["stations:read", "stations:write"], admin: ["stations:read", "stations:write"], operations: ["stations:read"], finance: ["stations:read"], support: ["stations:read"], viewer: ["stations:read"] },
} satisfies Roles;

test("verbs come in their order", () => {
  expect(verbsOf(["stations:command", "stations:read", "tokens:write"], "stations")).toEqual(["read", "command"]);
});

test("nobody gives more than they hold, and only owners make owners", () => {
  expect(givable(roles, ["stations:read", "stations:write"], "admin")).not.toContain("owner");
  expect(givable(roles, ["stations:read", "stations:write"], "owner")).toContain("owner");
  expect(givable(roles, ["stations:read"], "viewer")).toEqual(["operations", "finance", "support", "viewer"]);
});

test("a grant counts from its start to before its end", () => {
  const grant = { valid_from: "2026-01-01T00:00:00Z", valid_to: "2026-02-01T00:00:00Z" } as Grant;
  expect(["2025-12-31", "2026-01-01", "2026-02-01"].map((day) => grantState(grant, Date.parse(day)))).toEqual(["future", "now", "ended"]);
});
