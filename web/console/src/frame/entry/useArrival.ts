import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { Schema } from "#shared/api/client";
import { meQuery } from "#shared/api/session";
import type { Challenge } from "./SecondFactor";

type Answer = Schema["SignedInOut"];
export type Stage = { step: "start" } | { step: "second"; asked: Challenge } | { step: "enrol"; challenge: string } | { step: "codes"; codes: string[] };

/** Where somebody is on the way to a session, and what an answer of the API means for it. */
export function useArrival(onSignedIn: () => void = () => undefined) {
  const client = useQueryClient();
  const [stage, setStage] = useState<Stage>({ step: "start" });
  const enter = () => {
    onSignedIn();
    // Another person, or another operator: nothing of before may show.
    client.removeQueries({ predicate: (query) => query.queryKey[0] !== meQuery.queryKey[0] });
    void client.invalidateQueries({ queryKey: meQuery.queryKey });
  };
  const take = (answer: Answer) => {
    if (answer.next === "second_factor" && answer.challenge) setStage({ step: "second", asked: { challenge: answer.challenge, methods: answer.methods ?? [] } });
    else if (answer.next === "enrol" && answer.challenge) setStage({ step: "enrol", challenge: answer.challenge });
    else enter();
  };
  const showCodes = (codes: string[]) => (codes.length > 0 ? setStage({ step: "codes", codes }) : enter());
  return { stage, take, showCodes, enter, restart: () => setStage({ step: "start" }) };
}
export type Arrival = ReturnType<typeof useArrival>;
