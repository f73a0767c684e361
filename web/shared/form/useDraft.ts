import { useCallback, useEffect, useState } from "react";

/**
 * A form's values that survive a closed tab: kept in this browser under `key` until `forget()` (call it after a
 * successful save). `key` names form and subject, e.g. `location/loc_…`; null keeps nothing.
 *
 *     const [draft, setDraft, { forget, changed }] = useDraft(`location/${id}`, valuesOf(location));
 */
export function useDraft<T extends object>(key: string | null, initial: T): [T, (next: T) => void, { forget: () => void; changed: boolean }] {
  const place = key === null ? null : `forecourt.draft/${key}`;
  const [draft, setDraft] = useState<T>(() => ({ ...initial, ...kept<T>(place) }));
  const changed = JSON.stringify(draft) !== JSON.stringify(initial);
  useEffect(() => {
    if (place === null) return;
    if (changed) localStorage.setItem(place, JSON.stringify(draft));
    else localStorage.removeItem(place);
  }, [place, draft, changed]);
  const forget = useCallback(() => {
    if (place !== null) localStorage.removeItem(place);
  }, [place]);
  return [draft, setDraft, { forget, changed }];
}

function kept<T>(place: string | null): Partial<T> {
  if (place === null) return {};
  try {
    return JSON.parse(localStorage.getItem(place) ?? "{}") as Partial<T>;
  } catch {
    return {};
  }
}
