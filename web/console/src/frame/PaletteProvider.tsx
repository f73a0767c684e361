/** Opens the command palette, and collects what screens offer in it. */
import { createContext, lazy, Suspense, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import type { PaletteAction } from "./usePaletteEntries";

const load = () => import("./Palette").then((module) => ({ default: module.Palette }));
const Palette = lazy(load);

interface PaletteValue {
  open: (words: string) => void;
  offer: (actions: PaletteAction[]) => () => void;
}

const PaletteContext = createContext<PaletteValue | null>(null);

export function PaletteProvider({ children }: { children: ReactNode }) {
  const [opened, setOpened] = useState<string | null>(null);
  const [offered, setOffered] = useState<PaletteAction[][]>([]);
  const value = useMemo<PaletteValue>(
    () => ({
      open: setOpened,
      offer: (actions) => {
        setOffered((all) => [...all, actions]);
        return () => setOffered((all) => all.filter((one) => one !== actions));
      },
    }),
    [],
  );
  // Loaded ahead, so that what is typed right after the shortcut is not lost.
  useEffect(() => {
    const timer = setTimeout(() => void load(), 1000);
    return () => clearTimeout(timer);
  }, []);
  return (
    <PaletteContext value={value}>
      {children}
      <Suspense>
        {opened === null ? null : <Palette initial={opened} offered={offered.flat()} onClose={() => setOpened(null)} />}
      </Suspense>
    </PaletteContext>
  );
}

export function usePalette(): PaletteValue {
  const value = useContext(PaletteContext);
  if (value === null) throw new Error("the palette is there below the shell only");
  return value;
}

/** A screen's own actions, in the palette while it is shown. Keep the array stable (`useMemo`). */
export function usePaletteActions(actions: PaletteAction[]): void {
  const { offer } = usePalette();
  useEffect(() => offer(actions), [offer, actions]);
}
