import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useLive } from "#console/live/Live";
import { api, data } from "#shared/api/client";
import { LiveChart } from "#shared/chart/LiveChart";

interface Point {
  at: number;
  kw: number;
}

/** How many pages of readings make the curve. */
const PAGES = 4;

async function load(session: string): Promise<Point[]> {
  const points: Point[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < PAGES; page++) {
    const query: { limit: number; cursor?: string } = { limit: 500, ...(cursor ? { cursor } : {}) };
    const found: { items: { measured_at: string; power_w: string | null }[]; next_cursor?: string | null } = await data(
      api.GET("/api/v1/sessions/{session}/readings", { params: { path: { session }, query } }),
    );
    for (const one of found.items) if (one.power_w !== null) points.push({ at: Date.parse(one.measured_at) / 1000, kw: Number(one.power_w) / 1000 });
    cursor = found.next_cursor ?? null;
    if (cursor === null) break;
  }
  return points;
}

/** The running session's power as a small curve; grows with what comes live. */
export function Power({ session, label, zone }: { session: string; label: string; zone: string | null }) {
  const key = ["sessions", session, "spark"];
  const query = useQuery({ queryKey: key, queryFn: () => load(session), staleTime: 5 * 60_000 });
  useLive(["session.updated"], (event, client) => {
    const power = event.data["power_w"];
    const at = event.data["last_at"];
    if (event.subject_id !== session || typeof power !== "string" || typeof at !== "string") return;
    client.setQueryData<Point[]>(key, (points) => (points && (points.at(-1)?.at ?? 0) < Date.parse(at) / 1000 ? [...points, { at: Date.parse(at) / 1000, kw: Number(power) / 1000 }] : points));
  });
  const points = query.data;
  const series = useMemo(() => [{ label, unit: "kW", decimals: 1, kind: "power" as const, values: (points ?? []).map((one) => one.kw) }], [label, points]);
  const times = useMemo(() => (points ?? []).map((one) => one.at), [points]);
  if (!points || points.length < 2) return <div style={{ height: 56 }} />;
  return <LiveChart label={label} times={times} series={series} every={300} height={56} zone={zone} spark />;
}
