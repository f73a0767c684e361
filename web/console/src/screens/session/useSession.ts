import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useLive } from "#console/live/Live";
import { curveQuery, extended, factsOf, patched, priceQuery, rowQuery, sessionQuery, timelineQuery, type Curve, type Row } from "./queries";

/** What changes the course or the records of a session, so that more than its latest values has to be loaded. */
const TURNS = ["session.state_changed", "session.ended", "session.corrected", "session.settled", "cdr.created"];
const PRICE_MS = 1_000;
const TURN_MS = 600;
/** Beyond so many points added live, the curve is thinned by the server again. */
const MOST_POINTS = 1_600;

/** Everything about one session, kept up to date while it runs. */
export function useSession(id: string) {
  const client = useQueryClient();
  const row = useQuery(rowQuery(id));
  const enabled = row.data !== undefined;
  const session = useQuery({ ...sessionQuery(id), enabled });
  const price = useQuery({ ...priceQuery(id), enabled });
  const curve = useQuery({ ...curveQuery(id), enabled });
  const timeline = useQuery({ ...timelineQuery(id), enabled });
  const timers = useRef<Record<string, ReturnType<typeof setTimeout>>>({});
  useEffect(() => {
    const running = timers.current;
    return () => Object.values(running).forEach(clearTimeout);
  }, []);
  const soon = (name: string, wait: number, run: () => void) => {
    timers.current[name] ??= setTimeout(() => {
      delete timers.current[name];
      run();
    }, wait);
  };
  useLive(["session.updated"], (event) => {
    const facts = factsOf(event, id);
    if (facts === null) return;
    client.setQueryData(rowQuery(id).queryKey, (old: Row | undefined) => old && patched(old, facts, event.revision));
    client.setQueryData(curveQuery(id).queryKey, (old: Curve | undefined) => old && extended(old, facts));
    soon("price", PRICE_MS, () => void client.invalidateQueries({ queryKey: priceQuery(id).queryKey }));
    if ((client.getQueryData(curveQuery(id).queryKey)?.points.length ?? 0) > MOST_POINTS) {
      soon("curve", PRICE_MS, () => void client.invalidateQueries({ queryKey: curveQuery(id).queryKey }));
    }
  });
  useLive(TURNS, (event) => {
    if (event.subject_id !== id && event.data["session_id"] !== id) return;
    soon("turn", TURN_MS, () => {
      for (const name of ["row", "one", "price", "curve", "timeline", "signed", "records", "authorisations"]) void client.invalidateQueries({ queryKey: ["sessions", name, id] });
    });
  });
  return { row, session, price, curve, timeline };
}

export type SessionQueries = ReturnType<typeof useSession>;
