import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import { Empty, QueryState } from "#shared/page/States";
import { ChannelCard } from "./ChannelCard";
import { ChannelDialog, SecretDialog } from "./ChannelDialog";
import { Deliveries } from "./Deliveries";
import { channelsQuery, type Channel } from "./queries";
import { text } from "./text";
import classes from "./alerts.module.css";

export type Edited = { kind: "email" | "webhook"; channel?: Channel };

/** Who is told, whether it works, and what was told. */
export function Channels() {
  const t = useText(text);
  const may = useMay()("alerts:write");
  const query = useQuery(channelsQuery);
  const [edited, setEdited] = useState<Edited | null>(null);
  const [secret, setSecret] = useState<{ name: string; value: string } | null>(null);
  const add = (
    <>
      <Button kind="primary" icon="plus" onClick={() => setEdited({ kind: "email" })}>{t("addEmail")}</Button>
      <Button icon="plus" onClick={() => setEdited({ kind: "webhook" })}>{t("addWebhook")}</Button>
    </>
  );
  return (
    <>
      {may ? null : <Note>{t("refusedRules")}</Note>}
      <QueryState query={query} what={t("channelsWhat")}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty icon="bell" title={t("noChannels")} actions={may ? add : null}>{t("noChannelsHelp")}</Empty>
          ) : (
            <>
              <div className={classes["channels"]}>
                {page.items.map((channel) => (
                  <ChannelCard key={channel.id} channel={channel} onEdit={() => setEdited({ kind: channel.kind as Edited["kind"], channel })} onSecret={setSecret} />
                ))}
              </div>
              {may ? <div className={classes["foot"]}>{add}</div> : null}
              <Deliveries channels={page.items} />
            </>
          )
        }
      </QueryState>
      {edited ? <ChannelDialog edited={edited} onClose={() => setEdited(null)} onSecret={setSecret} /> : null}
      {secret ? <SecretDialog {...secret} onClose={() => setSecret(null)} /> : null}
    </>
  );
}
