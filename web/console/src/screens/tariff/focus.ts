/** Puts the focus on the editable word at a path, once it is drawn. */
export function focusPath(path: string): void {
  // The menu that was used gives the focus back first.
  setTimeout(() => {
    const found = document.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`);
    found?.focus();
    if (found instanceof HTMLInputElement) found.select();
  }, 120);
}
