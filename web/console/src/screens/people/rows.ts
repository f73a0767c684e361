import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schema } from "#shared/api/client";
import type { TableAddress } from "#shared/table/state";

export type User = Schema["UserOut"];
export type Invitation = Schema["InvitationOut"];
export type Partner = Schema["PartnerOut"];
export type Grant = Schema["GrantOut"];
export type Key = Schema["KeyOut"];
export type Roles = Schema["RolesOut"];
export type Role = User["role"];

export const ROLES: readonly Role[] = ["owner", "admin", "operations", "finance", "support", "viewer"];
export const KINDS = ["site_host", "fleet", "installer", "franchisee"] as const;
export const PAGE_SIZE = 50;

export const usersQuery = (address: TableAddress) =>
  queryOptions({
    queryKey: ["users", "list", address],
    queryFn: () => {
      const status = address.filters["status"] ?? [];
      const active = status.length === 1 ? status[0] === "active" : undefined;
      return data(api.GET("/api/v1/users", { params: { query: { limit: PAGE_SIZE, cursor: address.cursor, sort: address.sort, ...(address.q ? { search: address.q } : {}), ...(active === undefined ? {} : { active }) } } }));
    },
    placeholderData: keepPreviousData,
  });

export const invitationsQuery = (address: TableAddress) =>
  queryOptions({
    queryKey: ["invitations", "list", address],
    queryFn: () => data(api.GET("/api/v1/invitations", { params: { query: { limit: PAGE_SIZE, cursor: address.cursor, sort: address.sort } } })),
    placeholderData: keepPreviousData,
  });

export const partnersQuery = queryOptions({
  queryKey: ["partners", "all"],
  queryFn: () => data(api.GET("/api/v1/partners", { params: { query: { limit: 200, sort: "name" } } })),
});

export const grantsQuery = (partner: string) =>
  queryOptions({
    queryKey: ["partners", partner, "grants"],
    queryFn: () => data(api.GET("/api/v1/partners/{partner_id}/grants", { params: { path: { partner_id: partner }, query: { limit: 200, sort: "-valid_from" } } })),
  });

export const keysQuery = (address: TableAddress) =>
  queryOptions({
    queryKey: ["keys", "list", address],
    queryFn: () =>
      data(api.GET("/api/v1/api-keys", { params: { query: { limit: PAGE_SIZE, cursor: address.cursor, sort: address.sort, include_revoked: (address.filters["revoked"] ?? []).length > 0 } } })),
    placeholderData: keepPreviousData,
  });

export const rolesQuery = queryOptions({ queryKey: ["roles"], queryFn: () => data(api.GET("/api/v1/roles")), staleTime: Infinity });

export const locationsQuery = queryOptions({
  queryKey: ["locations", "names"],
  queryFn: () => data(api.GET("/api/v1/locations", { params: { query: { limit: 200, sort: "name" } } })),
});

export const groupsQuery = queryOptions({
  queryKey: ["tokens", "groups", "names"],
  queryFn: () => data(api.GET("/api/v1/token-groups", { params: { query: { limit: 200 } } })),
});

/** What a set of permissions may do with a noun: nothing, or verbs in their order. */
export function verbsOf(permissions: readonly string[], noun: string): ("read" | "write" | "command")[] {
  return (["read", "write", "command"] as const).filter((verb) => permissions.includes(`${noun}:${verb}`));
}

/** The roles that somebody with these permissions can give: those that hold no more; owners only by owners. */
export function givable(roles: Roles | undefined, own: readonly string[], ownRole: string | null): Role[] {
  if (!roles) return [];
  return ROLES.filter((role) => (role !== "owner" || ownRole === "owner") && (roles.roles[role] ?? []).every((permission) => own.includes(permission)));
}

/** Whether a grant counts now. */
export function grantState(grant: Grant, now: number): "now" | "future" | "ended" {
  if (grant.valid_to && new Date(grant.valid_to).getTime() <= now) return "ended";
  return new Date(grant.valid_from).getTime() > now ? "future" : "now";
}
