import { Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "#shared/button/Button";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { QueryState } from "#shared/page/States";
import { SessionMark } from "#shared/session/SessionMark";
import { candidatesQuery, ranked, type Orphan } from "./work";
import { text } from "./workText";
import classes from "./sessions.module.css";

interface MatchDialogProps {
  orphan: Orphan;
  station: string;
  onClose: () => void;
  /** Resolves to whether it was done. */
  onMatch: (session: string) => Promise<boolean>;
}

/** Chooses the session that an orphan belongs to, the likeliest first. Nothing is chosen beforehand: it moves money. */
export function MatchDialog({ orphan, station, onClose, onMatch }: MatchDialogProps) {
  const t = useText(text);
  const f = useFormat();
  const query = useQuery(candidatesQuery(orphan));
  const [chosen, setChosen] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const match = async () => {
    if (chosen === null) return;
    setBusy(true);
    const done = await onMatch(chosen);
    setBusy(false);
    if (done) onClose();
  };
  return (
    <Modal opened onClose={onClose} title={t("matchTitle", { station })} size={560} closeButtonProps={{ "aria-label": t("cancel") }}>
      <div className={classes["pick"]}>
        <p>{t("matchHelp")}</p>
        <QueryState query={query} what={t("orphans")}>
          {(page) =>
            page.items.length === 0 ? <p className={classes["none"]}>{t("noCandidates")}</p> : (
              <div className={classes["candidates"]} role="radiogroup" aria-label={t("matchTitle", { station })}>
                {ranked(page.items, orphan).map((row) => (
                  <label key={row.id} data-chosen={row.id === chosen || undefined}>
                    <input type="radio" name="session" checked={row.id === chosen} onChange={() => setChosen(row.id)} />
                    <span>
                      <b>{f.time(row.opened_at, "dateTime", row.time_zone)}</b>{row.evse_no === null ? "" : ` · ${t("connector", { number: String(row.evse_no) })}`}
                      <br />
                      <span className={classes["quiet"]}>
                        {f.energy(row.energy_wh, 2)} · {row.stopped_at ? t("ended", { time: f.time(row.stopped_at, "dateTime", row.time_zone) }) : t("noStop")}
                      </span>
                    </span>
                    <SessionMark state={row.state} settled={row.settled_at !== null} />
                  </label>
                ))}
              </div>
            )
          }
        </QueryState>
        <footer>
          <Button onClick={onClose} data-autofocus>{t("cancel")}</Button>
          <Button kind="primary" busy={busy} disabled={chosen === null} onClick={() => void match()}>{t("matchVerb")}</Button>
        </footer>
      </div>
    </Modal>
  );
}
