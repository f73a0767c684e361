/** Undo and redo of a document. Edits of the same word in a row are one step. */
export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
  /** What the last edit was about; null after undo, redo or a pause. */
  about: string | null;
}

const MOST = 200;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], about: null };
}

export function edit<T>(history: History<T>, present: T, about: string | null): History<T> {
  if (present === history.present) return history;
  const same = about !== null && about === history.about;
  return { past: same ? history.past : [...history.past, history.present].slice(-MOST), present, future: [], about };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  return before === undefined ? history : { past: history.past.slice(0, -1), present: before, future: [history.present, ...history.future], about: null };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  return next === undefined ? history : { past: [...history.past, history.present], present: next, future, about: null };
}

/** The next edit is a step of its own, whatever it is about. */
export function pause<T>(history: History<T>): History<T> {
  return history.about === null ? history : { ...history, about: null };
}
