import { NotBuilt } from "#console/frame/errors";
import { text } from "#console/frame/text";
import { useText } from "#shared/i18n/i18n";

export function Screen() {
  const t = useText(text);
  return <NotBuilt name={t("people")} />;
}
