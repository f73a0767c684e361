import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Menu } from "@mantine/core";
import { useMay } from "#shared/api/session";
import { api, ApiError, data } from "#shared/api/client";
import { Button } from "#shared/button/Button";
import { useCommands } from "#shared/command/CommandsProvider";
import { useText } from "#shared/i18n/i18n";
import { Note } from "#shared/page/Page";
import { Empty, QueryState } from "#shared/page/States";
import { channelsQuery, placesQuery, rulesQuery } from "./queries";
import { RuleSentence } from "./RuleSentence";
import { text } from "./text";
import classes from "./alerts.module.css";

const KINDS = ["station_offline", "connector_faulted", "session_without_energy"] as const;

/** When incidents open, a sentence each whose words can be changed. */
export function Rules() {
  const t = useText(text);
  const may = useMay();
  const client = useQueryClient();
  const { say, refuse } = useCommands();
  const query = useQuery({ ...rulesQuery, refetchInterval: (asked) => (asked.state.data?.items.length === 0 ? 2000 : false) });
  const channels = useQuery(channelsQuery).data?.items ?? [];
  const places = useQuery({ ...placesQuery, enabled: may("locations:read") }).data?.items ?? [];
  const add = useMutation({
    mutationFn: (kind: (typeof KINDS)[number]) => data(api.POST("/api/v1/alert-rules", { body: { kind, enabled: false, delay_minutes: 5, reopen_minutes: 15, severity: "warning", location_ids: [] } })),
    onSuccess: () => {
      say(t("ruleAdded"));
      void client.invalidateQueries({ queryKey: ["alerts"] });
    },
    onError: (error) => (error instanceof ApiError ? refuse(t("notDone"), error) : undefined),
  });
  return (
    <>
      {may("alerts:write") ? null : <Note>{t("refusedRules")}</Note>}
      <QueryState query={query} what={t("rulesWhat")}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty icon="clock" title={t("noRules")}>{t("noRulesHelp")}</Empty>
          ) : (
            <div className={classes["rules"]}>
              {page.items.map((rule) => <RuleSentence key={`${rule.id} ${rule.revision}`} rule={rule} places={places} channels={channels} />)}
            </div>
          )
        }
      </QueryState>
      {may("alerts:write") && query.data ? (
        <div className={classes["foot"]}>
          <Menu position="top-start">
            <Menu.Target>
              <Button icon="plus" busy={add.isPending}>{t("addRule")}</Button>
            </Menu.Target>
            <Menu.Dropdown>
              {KINDS.map((kind) => <Menu.Item key={kind} onClick={() => add.mutate(kind)}>{t(`kind_${kind}`)}</Menu.Item>)}
            </Menu.Dropdown>
          </Menu>
          <span>{t("addRuleHelp")}</span>
        </div>
      ) : null}
    </>
  );
}
