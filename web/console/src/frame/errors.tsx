import { Component, type ErrorInfo, type ReactNode } from "react";
import { Button, ButtonLink } from "#shared/button/Button";
import { useText } from "#shared/i18n/i18n";
import { Page } from "#shared/page/Page";
import { Empty } from "#shared/page/States";
import { text as pageText } from "#shared/page/text";
import { text } from "./text";

/** Catches what a screen throws, so that the rest of the console goes on. */
export class ScreenBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    console.error(error, info.componentStack);
  }

  override render(): ReactNode {
    return this.state.error ? <Crash error={this.state.error} /> : this.props.children;
  }
}

/** A screen that threw: what it said, and the way on. A chunk that is gone means that a new version is there. */
export function Crash({ error }: { error: Error }) {
  const t = useText(pageText);
  return (
    <Empty icon="warn" tone="bad" title={t("crash")} actions={<Button kind="primary" onClick={() => location.reload()}>{t("reload")}</Button>}>
      <p>{t("crashHelp")}</p>
      <code className="fc-mono">{error.message}</code>
    </Empty>
  );
}

/** An address that leads nowhere. */
export function NotFound() {
  const t = useText(text);
  return (
    <Page crumbs={[{ label: t("notFound") }]}>
      <Empty icon="search" tone="plain" title={t("notFound")} actions={<ButtonLink kind="primary" to="/">{t("toOverview")}</ButtonLink>}>
        {t("notFoundHelp")}
      </Empty>
    </Page>
  );
}

/** Stands where a screen is still being made. */
export function NotBuilt({ name }: { name: string }) {
  const t = useText(text);
  return (
    <Page crumbs={[{ label: name }]}>
      <Empty icon="gear" tone="plain" title={t("notBuilt")}>{t("notBuiltHelp")}</Empty>
    </Page>
  );
}
