import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, data, type ApiError } from "#shared/api/client";
import { fingerprint, type Document } from "#shared/tariff/model";
import type { Week } from "./queries";

/** How long after the last key prices are asked for, in milliseconds. */
const AFTER = 200;

export interface Money {
  before_taxes: string;
  after_taxes: string;
}

export interface TraceRow {
  from: string;
  to: string;
  element: number | null;
  component: string;
  dimension: string;
  reason: string;
  quantity: string;
  unit: string;
  unit_price: string;
  amount: string;
  tax_percent: string | null;
}

export interface Price {
  currency: string;
  tax_included: boolean;
  rounded: Record<string, Money>;
  taxes: { percent: string | null; rounded: Money }[];
  price_limit_applied: string | null;
  notes: string[];
  trace: TraceRow[];
}

const kept = { staleTime: Infinity, gcTime: 60_000, retry: false as const, placeholderData: keepPreviousData };

/** The week of prices and what the driver sees, for the document as it is now. */
export function useWeek(document: Document, zone: string, power: string) {
  const [settled] = useDebouncedValue(document, AFTER);
  return useQuery<Week, ApiError>({
    queryKey: ["preview", "week", fingerprint(settled), zone, power],
    queryFn: () => data(api.POST("/api/v1/tariffs/preview/week", { body: { tariff: settled as unknown as Record<string, never>, time_zone: zone, power_kw: power } })),
    ...kept,
  });
}

/** What a session costs by the document as it is now. */
export function usePrice(document: Document | null, session: Record<string, unknown> | null) {
  const body = JSON.stringify([document, session]);
  const [settled] = useDebouncedValue(body, AFTER);
  const [tariff, wanted] = JSON.parse(settled) as [Document | null, Record<string, unknown> | null];
  return useQuery<Price, ApiError>({
    queryKey: ["preview", "session", settled],
    queryFn: () => data(api.POST("/api/v1/tariffs/preview", { body: { tariff: tariff as unknown as Record<string, never>, session: wanted as unknown as Record<string, never> } })) as unknown as Promise<Price>,
    enabled: tariff !== null && wanted !== null,
    ...kept,
  });
}
