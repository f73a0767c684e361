/** Keeps the toasts of sent commands, and asks before what has consequences; one for the console, in the shell. */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, lazy, Suspense, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from "react";
import { useLive } from "#console/live/Live";
import type { ApiError } from "#shared/api/client";
import type { Answer, Question } from "./ConfirmDialog";
import type { ToastEntry } from "./Toasts";

const Toasts = lazy(() => import("./Toasts").then((module) => ({ default: module.Toasts })));
const ConfirmDialog = lazy(() => import("./ConfirmDialog").then((module) => ({ default: module.ConfirmDialog })));

interface CommandsValue {
  /** Show a toast that follows this command. */
  track: (commandId: string, title: string) => void;
  /** Show a toast that says why nothing was sent. */
  refuse: (title: string, error: ApiError) => void;
  /** Say something that was done: "Station saved". */
  say: (title: string, detail?: string) => void;
  /** Ask first; null: the safe way was chosen. */
  ask: (question: Question) => Promise<Answer | null>;
}

const CommandsContext = createContext<CommandsValue | null>(null);
const MOST_TOASTS = 4;

export function CommandsProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [toasts, setToasts] = useState<ToastEntry[]>([]);
  const [question, setQuestion] = useState<Question | null>(null);
  const answer = useRef<((answer: Answer | null) => void) | null>(null);
  const next = useRef(0);

  useLive(["command.*"], (event) => {
    void client.invalidateQueries({ queryKey: ["commands", "one", event.subject_id] });
  });

  const add = useCallback((entry: Omit<ToastEntry, "key">) => {
    next.current += 1;
    const key = next.current;
    setToasts((all) => [...all, { ...entry, key }].slice(-MOST_TOASTS));
  }, []);

  const value = useMemo<CommandsValue>(
    () => ({
      track: (commandId, title) => add({ commandId, title }),
      refuse: (title, error) => add({ title, error }),
      say: (title, detail) => add({ title, detail }),
      ask: (asked) =>
        new Promise((resolve) => {
          answer.current = resolve;
          setQuestion(asked);
        }),
    }),
    [add],
  );
  const settle = (given: Answer | null) => {
    setQuestion(null);
    answer.current?.(given);
    answer.current = null;
  };
  return (
    <CommandsContext value={value}>
      {children}
      <Suspense>{question ? <ConfirmDialog question={question} onAnswer={settle} /> : null}</Suspense>
      <Suspense>{toasts.length > 0 ? <Toasts toasts={toasts} onDismiss={(key) => setToasts((all) => all.filter((toast) => toast.key !== key))} /> : null}</Suspense>
    </CommandsContext>
  );
}

/** Toasts and questions: `const { say, ask } = useCommands();` */
export function useCommands(): CommandsValue {
  const value = useContext(CommandsContext);
  if (value === null) throw new Error("commands are there below the shell only");
  return value;
}
