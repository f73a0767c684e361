/** The console's frame: navigation, top bar, on phones the bottom bar; the screen in the middle. */
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { api, data } from "#shared/api/client";
import { MeContext, useMay, useMe, type Me } from "#shared/api/session";
import { Button } from "#shared/button/Button";
import { CommandsProvider } from "#shared/command/CommandsProvider";
import { useText } from "#shared/i18n/i18n";
import { Icon } from "#shared/icon/Icon";
import { useKeys, type Bindings } from "#shared/keys/keys";
import { Crumbs, CrumbsContext, type Crumb } from "#shared/page/Page";
import { LiveProvider, useLiveRefetch } from "../live/Live";
import { ScreenBoundary } from "./errors";
import { Clock, LinkBar, LinkSign } from "./LinkSign";
import { NAVIGATION, PHONE_BAR, type NavItem } from "./navigation";
import { OperatorMenu } from "./OperatorMenu";
import { PaletteProvider, usePalette } from "./PaletteProvider";
import { text } from "./text";
import { useOwnTaste } from "./useOwnTaste";
import classes from "./Shell.module.css";

const Help = lazy(() => import("./Help").then((module) => ({ default: module.Help })));
const SchemeMenu = lazy(() => import("./SchemeMenu").then((module) => ({ default: module.SchemeMenu })));
const More = lazy(() => import("./More").then((module) => ({ default: module.More })));

/** The frame for somebody who is signed in. */
export function Shell({ me }: { me: Me }) {
  return (
    <MeContext value={me}>
      <LiveProvider operatorId={me.operator.id}>
        <CommandsProvider>
          <PaletteProvider>
            <Frame />
          </PaletteProvider>
        </CommandsProvider>
      </LiveProvider>
    </MeContext>
  );
}

function Frame() {
  const t = useText(text);
  const [crumbs, setCrumbs] = useState<Crumb[]>([]);
  const [more, setMore] = useState(false);
  const [help, setHelp] = useState(false);
  const palette = usePalette();
  const navigate = useNavigate();
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const items = useAllowed();
  const waiting = useWaiting();
  useOwnTaste();

  const go: Bindings = Object.fromEntries(
    items.flatMap((item) => (item.key ? [[`g ${item.key}`, () => void navigate({ to: item.to })]] : [])),
  );
  useKeys({ ...go, "mod+k": () => palette.open(""), "?": () => setHelp(true) });

  useEffect(() => {
    setMore(false);
    main.current?.scrollTo(0, 0);
  }, [path]);

  const link = (item: NavItem) => (
    <NavLink key={item.to} item={item} count={item.to === "/inbox" ? waiting : 0} />
  );
  return (
    <CrumbsContext value={setCrumbs}>
      <div className={classes["app"]}>
        <a className={classes["skip"]} href="#content">{t("skip")}</a>
        <nav className={classes["nav"]} aria-label={t("navigation")}>
          <OperatorMenu onHelp={() => setHelp(true)} />
          <div className={classes["groups"]}>
            {NAVIGATION.map(({ question, items: group }) => {
              const allowed = group.filter((item) => items.includes(item));
              return allowed.length === 0 ? null : (
                <div key={question}>
                  <p className={classes["question"]}>{t(question)}</p>
                  {allowed.map(link)}
                </div>
              );
            })}
          </div>
          <WhoAmI />
        </nav>
        <div className={classes["main"]}>
          <header className={classes["top"]}>
            <Crumbs crumbs={crumbs} />
            <span className={classes["space"]} />
            <button type="button" className={classes["find"]} onClick={() => palette.open("")}>
              <Icon name="search" />
              <span>{t("find")}</span>
              <kbd>{navigator.platform.startsWith("Mac") ? "⌘" : "Ctrl"}</kbd>
              <kbd>K</kbd>
            </button>
            <LinkSign />
            <Clock />
            <span className={classes["desk"]} style={{ minWidth: 32 }}><Suspense><SchemeMenu /></Suspense></span>
            <span className={classes["phone"]}>
              <Button kind="quiet" icon="search" aria-label={t("find")} onClick={() => palette.open("")} />
            </span>
          </header>
          <LinkBar />
          <main id="content" ref={main} className={classes["content"]} tabIndex={-1}>
            <ScreenBoundary key={path}>
              <Outlet />
            </ScreenBoundary>
          </main>
          <nav className={classes["bar"]} aria-label={t("navigation")}>
            {PHONE_BAR.map((to) => items.find((item) => item.to === to)).map((item) => (item ? link(item) : null))}
            <button type="button" onClick={() => setMore(true)} aria-haspopup="dialog">
              <Icon name="more" size={20} />
              {t("more")}
            </button>
          </nav>
        </div>
      </div>
      <Suspense>
        {more ? (
          <More onClose={() => setMore(false)} onHelp={() => setHelp(true)}>
            {items.filter((item) => !PHONE_BAR.includes(item.to)).map(link)}
          </More>
        ) : null}
        {help ? <Help opened onClose={() => setHelp(false)} /> : null}
      </Suspense>
    </CrumbsContext>
  );
}

function NavLink({ item, count }: { item: NavItem; count: number }) {
  const t = useText(text);
  return (
    <Link to={item.to} className={classes["link"]} activeOptions={{ exact: item.to === "/", includeSearch: false }}>
      <Icon name={item.icon} />
      <span>{t(item.word)}</span>
      {count > 0 ? <em>{count}</em> : null}
    </Link>
  );
}

function WhoAmI() {
  const me = useMe();
  const t = useText(text);
  const initials = me.name.split(/\s+/).map((word) => word[0] ?? "").slice(0, 2).join("").toUpperCase();
  return (
    <Link to="/settings" className={classes["me"]}>
      <span className={classes["avatar"]} aria-hidden="true">{initials}</span>
      <span>
        <b>{me.name}</b>
        <small>{me.role ? t(`role_${me.role}` as "role_owner") : me.kind}</small>
      </span>
    </Link>
  );
}

/** The navigation's items that the caller may open. */
function useAllowed(): NavItem[] {
  const may = useMay();
  return NAVIGATION.flatMap(({ items }) => items).filter((item) => !item.permission || may(item.permission));
}

/** How many unknown stations wait in the inbox. */
function useWaiting(): number {
  const may = useMay();
  const summary = useQuery({
    queryKey: ["network", "summary"],
    queryFn: () => data(api.GET("/api/v1/network/summary")),
    enabled: may("inbox:read") && may("stations:read"),
  });
  useLiveRefetch(["station.knocked", "station.adopted", "knock.*"], ["network", "summary"]);
  return summary.data?.waiting_knocks ?? 0;
}
