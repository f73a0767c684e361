import { Loader } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useSession } from "#shared/api/session";
import { Failure } from "#shared/page/States";
import classes from "./Root.module.css";

const Shell = lazy(() => import("./Shell").then((module) => ({ default: module.Shell })));
const SignIn = lazy(() => import("./SignIn").then((module) => ({ default: module.SignIn })));

/** Sign-in, or the shell; the address stays, so that a link opens after signing in. */
export function Root() {
  const session = useSession();
  if (session.error && session.data === undefined) {
    return <Failure error={session.error} what="" onRetry={() => void session.refetch()} />;
  }
  if (session.data === undefined) return <Waiting />;
  return (
    <Suspense fallback={<Waiting />}>
      {session.data === null ? <SignIn /> : <Shell key={session.data.operator.id} me={session.data} />}
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
