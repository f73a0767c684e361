/** System: is the installation well, and if not, what to do. */
import { useQuery } from "@tanstack/react-query";
import { useMay } from "#shared/api/session";
import { ButtonLink } from "#shared/button/Button";
import { Age } from "#shared/format/Time";
import { useFormat } from "#shared/format/useFormat";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { Page } from "#shared/page/Page";
import { QueryState, Refused } from "#shared/page/States";
import { Marked } from "#shared/state/StateMark";
import { DatabaseCard, EventsCard, GatewaysCard, JobsCard, TablesCard, TellingCard } from "./cards";
import { JobTable } from "./JobTable";
import { faultOf, systemQuery, type System } from "./queries";
import { text } from "./text";
import classes from "./system.module.css";

export function Screen() {
  const t = useText(text);
  const may = useMay();
  const allowed = may("system:read");
  const query = useQuery({ ...systemQuery, enabled: allowed });
  return (
    <Page crumbs={[{ label: t("title") }]}>
      {allowed ? (
        <QueryState query={query} what={t("title")}>
          {(system) => (
            <>
              <Verdict system={system} />
              <div className={classes["cards"]}>
                <DatabaseCard system={system} />
                <GatewaysCard system={system} />
                <JobsCard system={system} />
                <EventsCard system={system} />
                <TellingCard system={system} />
                <TablesCard system={system} />
              </div>
              <JobTable />
            </>
          )}
        </QueryState>
      ) : (
        <Refused what={t("title")} permission="system:read" />
      )}
    </Page>
  );
}

/** The answer first: well, or what is not and what to do about it. */
function Verdict({ system }: { system: System }) {
  const t = useText(text);
  const f = useFormat();
  const bad = system.checks.some((check) => check.severity === "bad");
  const well = system.checks.length === 0;
  return (
    <section className={classes["verdict"]} data-tone={well ? "ok" : bad ? "bad" : "warn"} aria-label={t("health")}>
      <header>
        <Icon name={well ? "check" : "warn"} size={20} />
        <h2>{well ? t("allWell") : t("wrong", { count: system.checks.length })}</h2>
        <span className={classes["scope"]}>{t(system.scope === "installation" ? "scopeInstallation" : "scopeOperator")}</span>
      </header>
      {well ? null : (
        <ul>
          {system.checks.map((check) => (
            <li key={check.code}>
              <Marked mark={check.severity === "bad" ? "faulted" : "disputed"} colour={check.severity === "bad" ? "faulted" : "susp"} word={check.severity} as="mark" />
              <span>{faultOf(t, f, check)}</span>
              {check.code === "jobs_failed" ? <a href="#jobs">{t("seeFailed")}</a> : null}
              {check.code === "mail_failing" || check.code === "webhooks_failing" ? <ButtonLink size="sm" to="/alerts?tab=channels">{t("toLog")}</ButtonLink> : null}
            </li>
          ))}
        </ul>
      )}
      <span className="fc-hidden"><Age at={system.generated_at} /></span>
    </section>
  );
}
