/** What the overview loads. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, data, type Schema } from "#shared/api/client";

export type Overview = Schema["Overview"];
export type TwoDays = Schema["TwoDays"];
export type Feed = Schema["Feed"];
export type FeedItem = Schema["FeedItem"];
export type FeedKind = "all" | "trouble" | "sessions";
export type Attention = Schema["AttentionOut"];
export type AttentionItem = Schema["AttentionItem"];

export const overviewQuery = queryOptions({
  queryKey: ["overview", "network"],
  queryFn: () => data(api.GET("/api/v1/network/overview")),
});

/** The days move slowly: once a minute is enough. */
export const daysQuery = queryOptions({
  queryKey: ["overview", "days"],
  queryFn: () => data(api.GET("/api/v1/network/days")),
  refetchInterval: 60_000,
});

export const attentionQuery = queryOptions({
  queryKey: ["overview", "attention"],
  queryFn: () => data(api.GET("/api/v1/attention", { params: { query: { limit: 50 } } })),
  refetchInterval: 60_000,
});

export const FEED_SIZE = 20;

export function feedQuery(kind: FeedKind) {
  return queryOptions({
    queryKey: ["overview", "feed", kind],
    queryFn: () => data(api.GET("/api/v1/network/feed", { params: { query: { kind, limit: FEED_SIZE } } })),
    placeholderData: keepPreviousData,
  });
}
