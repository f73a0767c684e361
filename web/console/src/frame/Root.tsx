import { Loader } from "@mantine/core";
import { useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, type ComponentType, type LazyExoticComponent } from "react";
import { useSession } from "#shared/api/session";
import { Failure } from "#shared/page/States";
import classes from "./Root.module.css";

const Shell = lazy(() => import("./Shell").then((module) => ({ default: module.Shell })));
const SignIn = lazy(() => import("./SignIn").then((module) => ({ default: module.SignIn })));

/** Pages that mails lead to; they need nobody to be signed in. */
const ENTRIES: Record<string, LazyExoticComponent<ComponentType>> = {
  "/forgotten": lazy(() => import("./entry/Forgotten").then((module) => ({ default: module.Forgotten }))),
  "/reset": lazy(() => import("./entry/Reset").then((module) => ({ default: module.Reset }))),
  "/accept": lazy(() => import("./entry/Accept").then((module) => ({ default: module.Accept }))),
};

/** Sign-in, or the shell; the address stays, so that a link opens after signing in. */
export function Root() {
  const session = useSession();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const Entry = ENTRIES[path.replace(/^\/console/, "")];
  if (Entry) return <Suspense fallback={<Waiting />}><Entry /></Suspense>;
  if (session.error && session.data === undefined) {
    return <Failure error={session.error} what="" onRetry={() => void session.refetch()} />;
  }
  if (session.data === undefined) return <Waiting />;
  return (
    <Suspense fallback={<Waiting />}>
      {session.data === null ? <SignIn /> : <Shell key={`${session.data.operator.id}/${session.data.id}`} me={session.data} />}
    </Suspense>
  );
}

function Waiting() {
  return (
    <div className={classes["waiting"]} role="status" aria-busy="true">
      <Loader size="sm" />
    </div>
  );
}
