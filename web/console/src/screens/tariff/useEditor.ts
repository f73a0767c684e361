import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, ApiError, withEtag } from "#shared/api/client";
import { begin, edit, pause, redo, undo, type History } from "./history";
import { fingerprint, type Document } from "#shared/tariff/model";
import type { Version } from "./queries";

/** How long after the last key a draft is sent, in milliseconds. */
const SEND_AFTER = 600;
/** How long after a failure it is tried again, in milliseconds. */
const AGAIN_AFTER = 5_000;

export type Saving =
  | { state: "saved"; at: number | null }
  | { state: "changed" }
  | { state: "saving" }
  | { state: "refused"; path: string; what: string }
  | { state: "failed"; error: ApiError }
  | { state: "conflict" };

export interface Editor {
  document: Document;
  history: History<Document>;
  saving: Saving;
  /** `about` names the word that is edited: its edits in a row are one step of undo. */
  change: (next: Document, about?: string) => void;
  undo: () => void;
  redo: () => void;
  settle: () => void;
  /** Sends what is not sent yet; resolves to whether all is stored. */
  flush: () => Promise<boolean>;
  /** After somebody else was faster: take theirs, or put mine over it. */
  resolve: (whose: "mine" | "theirs") => Promise<void>;
  etag: () => string | null;
}

interface Kept {
  document: Document;
  base: string;
}

const placeOf = (version: Version) => `forecourt.draft/tariff/${version.tariff_id}/${version.number}`;

/** The draft under the editor: undo, saving by itself on top of what was read, and a copy in this browser until it is stored. */
export function useEditor(version: Version, etag: string | null, editable: boolean): Editor {
  const client = useQueryClient();
  const place = placeOf(version);
  const [history, setHistory] = useState(() => begin(kept(place, version)));
  const [saving, setSaving] = useState<Saving>({ state: "saved", at: null });
  const stored = useRef(fingerprint(version.tariff));
  const revision = useRef(etag);
  const running = useRef<Promise<boolean> | null>(null);
  const { present } = history;
  const latest = useRef(present);

  const send = useCallback(async (): Promise<boolean> => {
    while (running.current) await running.current;
    const document = latest.current;
    const print = fingerprint(document);
    if (print === stored.current) return true;
    const attempt = (async () => {
      setSaving({ state: "saving" });
      try {
        const answer = await withEtag(
          api.PUT("/api/v1/tariffs/{tariff}/versions/{number}", {
            params: { path: { tariff: version.tariff_id, number: version.number }, header: revision.current ? { "if-match": revision.current } : {} },
            body: { tariff: document as unknown as Record<string, unknown> },
          }),
        );
        revision.current = answer.etag;
        stored.current = print;
        const done = fingerprint(latest.current) === print;
        if (done) localStorage.removeItem(place);
        setSaving(done ? { state: "saved", at: Date.now() } : { state: "changed" });
        client.setQueryData<Version[]>(["tariffs", version.tariff_id, "versions"], (all) =>
          all?.map((one) => (one.number === version.number ? (answer.value as unknown as Version) : one)),
        );
        return done;
      } catch (error) {
        setSaving(refusal(error));
        return false;
      }
    })();
    running.current = attempt;
    const result = await attempt;
    running.current = null;
    return result;
  }, [client, place, version.tariff_id, version.number]);

  useEffect(() => {
    latest.current = present;
    if (!editable) return;
    const print = fingerprint(present);
    if (print === stored.current) {
      localStorage.removeItem(place);
      setSaving((now) => (now.state === "conflict" ? now : { state: "saved", at: now.state === "saved" ? now.at : null }));
      return;
    }
    localStorage.setItem(place, JSON.stringify({ document: present, base: stored.current } satisfies Kept));
    setSaving((now) => (now.state === "conflict" || now.state === "saving" ? now : { state: "changed" }));
  }, [present, editable, place]);

  useEffect(() => {
    if (!editable || (saving.state !== "changed" && saving.state !== "failed")) return;
    const timer = setTimeout(() => void send(), saving.state === "failed" ? AGAIN_AFTER : SEND_AFTER);
    return () => clearTimeout(timer);
  }, [saving, present, editable, send]);

  // Leaving sends what is left; what cannot be sent stays in this browser.
  useEffect(() => (editable ? () => void send() : undefined), [editable, send]);

  const resolve = async (whose: "mine" | "theirs") => {
    const fresh = await withEtag(api.GET("/api/v1/tariffs/{tariff}/versions/{number}", { params: { path: { tariff: version.tariff_id, number: version.number } } }));
    revision.current = fresh.etag;
    const theirs = fresh.value.tariff as unknown as Document;
    stored.current = fingerprint(theirs);
    if (whose === "theirs") {
      setHistory((now) => edit(now, theirs, null));
      setSaving({ state: "saved", at: null });
    } else setSaving({ state: "changed" });
  };

  return {
    document: present,
    history,
    saving,
    change: useCallback((next, about) => setHistory((now) => edit(now, next, about ?? null)), []),
    undo: useCallback(() => setHistory(undo), []),
    redo: useCallback(() => setHistory(redo), []),
    settle: useCallback(() => setHistory(pause), []),
    flush: send,
    resolve,
    etag: () => revision.current,
  };
}

/** What this browser still has of it, if it was based on what is stored now. */
function kept(place: string, version: Version): Document {
  try {
    const found = JSON.parse(localStorage.getItem(place) ?? "null") as Kept | null;
    if (found !== null && version.status === "draft" && found.base === fingerprint(version.tariff)) return found.document;
  } catch {
    // What cannot be read is as good as nothing.
  }
  return version.tariff;
}

export function refusal(error: unknown): Saving {
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 412) return { state: "conflict" };
  if (error.code === "TariffRefused") return { state: "refused", path: String(error.params["path"] ?? ""), what: String(error.params["what"] ?? error.detail) };
  return { state: "failed", error };
}
