import { useInfiniteQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { csvUrl } from "#shared/api/client";
import { useMay } from "#shared/api/session";
import { Button, DownloadLink } from "#shared/button/Button";
import { useText } from "#shared/i18n/i18n";
import { Card } from "#shared/page/Page";
import { Empty, QueryState, Refused } from "#shared/page/States";
import { CommandItem } from "./CommandItem";
import { commandsQuery, type Station } from "./queries";
import { text } from "./text";
import classes from "./station.module.css";

/** What was sent to the station, and what became of it. */
export function CommandsTab({ station, zone }: { station: Station; zone: string }) {
  const t = useText(text);
  const may = useMay()("commands:read");
  const search = useSearch({ strict: false }) as Record<string, string | undefined>;
  const query = useInfiniteQuery({ ...commandsQuery(station.id), enabled: may });
  if (!may) return <Refused what={t("commands")} permission="commands:read" />;
  return (
    <Card bare title={t("commands")} actions={<DownloadLink href={csvUrl(`/api/v1/stations/${station.id}/commands`, {})}>{t("export")}</DownloadLink>}>
      <QueryState query={query} what={t("commands")}>
        {(pages) => {
          const commands = pages.pages.flatMap((page) => page.items);
          if (commands.length === 0) return <Empty icon="play" tone="plain" title={t("noCommands")}>{t("noCommandsHelp")}</Empty>;
          return (
            <>
              <ul>{commands.map((one) => <CommandItem key={one.id} command={one} zone={zone} full opened={one.id === search["command"]} />)}</ul>
              {query.hasNextPage ? <p className={classes["none"]}><Button size="sm" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>{t("older")}</Button></p> : null}
            </>
          );
        }}
      </QueryState>
    </Card>
  );
}
