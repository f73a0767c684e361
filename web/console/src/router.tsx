/** All addresses of the console. Each screen is a chunk of its own: `screens/NAME/index.tsx` exports `Screen`. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Crash, NotFound } from "./frame/errors";
import { Root } from "./frame/Root";

const root = createRootRoute({ component: Root, notFoundComponent: NotFound, errorComponent: ({ error }) => <Crash error={error instanceof Error ? error : new Error(String(error))} /> });

type Load = () => Promise<{ Screen: () => React.ReactNode }>;

/** Path → screen. `$name` is a parameter: `useParams({ strict: false }).name`. */
const SCREENS: Record<string, Load> = {
  "/": () => import("./screens/overview"),
  "/stations": () => import("./screens/stations"),
  "/stations/$station": () => import("./screens/station"),
  "/inbox": () => import("./screens/inbox"),
  "/locations": () => import("./screens/locations"),
  "/locations/$location": () => import("./screens/location"),
  "/sessions": () => import("./screens/sessions"),
  "/sessions/$session": () => import("./screens/session"),
  "/tokens": () => import("./screens/tokens"),
  "/tariffs": () => import("./screens/tariffs"),
  "/tariffs/$tariff": () => import("./screens/tariff"),
  "/people": () => import("./screens/people"),
  "/settings": () => import("./screens/settings"),
  "/alerts": () => import("./screens/alerts"),
  "/imports": () => import("./screens/imports"),
  "/system": () => import("./screens/system"),
  "/audit": () => import("./screens/audit"),
  "/messages": () => import("./screens/messages"),
};

const routes = Object.entries(SCREENS).map(([path, load]) =>
  createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load, "Screen") }),
);

/** Search parameters stay text, as they stand in the address: `?q=0042` is not a number. */
export const router = createRouter({
  routeTree: root.addChildren(routes),
  basepath: "/console",
  defaultPreload: "intent",
  defaultPendingMs: 300,
  scrollRestoration: false,
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => {
    const set = Object.entries(search as Record<string, unknown>).filter(([, value]) => value !== undefined && value !== "");
    const text = new URLSearchParams(set.map(([name, value]) => [name, String(value)])).toString();
    return text ? `?${text}` : "";
  },
});
