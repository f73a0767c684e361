/** A tariff: what will people pay? Rules as sentences beside a week, an example and the driver's card. */
import { useQueries } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useMay } from "#shared/api/session";
import { useText } from "#shared/i18n/i18n";
import { Page } from "#shared/page/Page";
import { Failure, Lines } from "#shared/page/States";
import { tariffQuery, versionsQuery } from "./queries";
import { TariffScreen } from "./TariffScreen";
import { text } from "./text";

export function Screen() {
  const t = useText(text);
  const may = useMay();
  const { tariff = "" } = useParams({ strict: false }) as { tariff?: string };
  const [found, versions] = useQueries({ queries: [tariffQuery(tariff), versionsQuery(tariff)] });
  if (found.data && versions.data) {
    return <TariffScreen key={tariff} tariff={found.data.value} etag={found.data.etag} versions={versions.data} may={may("tariffs:write")} />;
  }
  const error = found.error ?? versions.error;
  const retry = () => {
    void found.refetch();
    void versions.refetch();
  };
  return (
    <Page crumbs={[{ label: t("tariffs"), to: "/tariffs" }, { label: t("title") }]}>
      {error ? <Failure error={error} what={t("tariffs")} onRetry={retry} /> : <Lines count={12} />}
    </Page>
  );
}
