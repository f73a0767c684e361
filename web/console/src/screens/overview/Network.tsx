import type { UseQueryResult } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { Button, ButtonLink } from "#shared/button/Button";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { StationMap, type MapPoint } from "#shared/map/StationMap";
import { Card } from "#shared/page/Page";
import { Empty, Lines, QueryState } from "#shared/page/States";
import { StateMark } from "#shared/state/StateMark";
import { worstState, type ConnectorState } from "#shared/state/vocabulary";
import type { Overview } from "./data";
import { sumOf } from "./figures";
import { text } from "./text";
import classes from "./overview.module.css";

/** Where it is: locations on the map, coloured by the state of their connectors. */
export function Network({ query }: { query: UseQueryResult<Overview> }) {
  const t = useText(text);
  const f = useFormat();
  const navigate = useNavigate();
  const [list, setList] = useState<readonly MapPoint[]>([]);
  const places = query.data?.places;
  const points = useMemo(() => (places ?? []).flatMap(pointOf), [places]);
  const countries = new Set(places?.map((place) => place.country)).size;
  const total = sumOf(query.data?.stations ?? {});
  const placeless = (places?.length ?? 0) - points.length;
  return (
    <div className={classes["network"]}>
      <Card
        title={t("network")}
        bare
        note={query.data && total > 0 ? t("stationsIn", { stations: f.number(total), count: countries }) : null}
        actions={placeless > 0 ? <span className={classes["quiet"]}>{t("withoutPlace", { count: placeless })}</span> : undefined}
      >
        <QueryState query={query} what={t("network")} skeleton={<Lines count={6} />}>
          {() =>
            total === 0 ? (
              <Empty icon="station" title={t("emptyTitle")} actions={<ButtonLink kind="primary" to="/inbox">{t("toInbox")}</ButtonLink>}>{t("emptyHelp")}</Empty>
            ) : (
              <div className={classes["map"]}>
                <StationMap points={points} onOpen={(point) => void navigate({ to: `/locations/${point.id}` })} onList={setList} />
                {list.length > 0 ? (
                  <div className={classes["mapList"]}>
                    <ul>
                      {list.map((point) => (
                        <li key={point.id}>
                          <ButtonLink kind="quiet" size="sm" to={`/locations/${point.id}`}>
                            <StateMark state={worstState(point.states)} as="mark" /> {point.name}
                          </ButtonLink>
                        </li>
                      ))}
                    </ul>
                    <Button kind="quiet" size="sm" icon="close" aria-label={t("closeList")} onClick={() => setList([])} />
                  </div>
                ) : null}
              </div>
            )
          }
        </QueryState>
      </Card>
    </div>
  );
}

function pointOf(place: Overview["places"][number]): MapPoint[] {
  if (place.latitude === null || place.longitude === null) return [];
  const states = Object.entries(place.states).flatMap(([state, count]) => Array.from({ length: count }, () => state as ConnectorState | "unknown"));
  return [{ id: place.id, name: place.name, latitude: Number(place.latitude), longitude: Number(place.longitude), states }];
}
