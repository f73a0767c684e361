import { useMe, useMay } from "#shared/api/session";
import { useText } from "#shared/i18n/i18n";
import { MessageLog } from "#shared/messages/MessageLog";
import { text } from "#shared/messages/text";
import { Page } from "#shared/page/Page";
import { Refused } from "#shared/page/States";

/** Every frame of every station: what did it really say? */
export function Screen() {
  const t = useText(text);
  const me = useMe();
  const may = useMay();
  const crumbs = [{ label: t("messages") }];
  if (!may("messages:read")) return <Page crumbs={crumbs}><Refused what={t("messages")} permission="messages:read" /></Page>;
  return (
    <Page crumbs={crumbs} fill>
      <MessageLog station={null} zone={me.operator.time_zone} />
    </Page>
  );
}
