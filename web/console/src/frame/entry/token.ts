let kept = "";

/**
 * The token of a mail's link. It stands after the `#`, so that no server writes it into a log, and is taken out of the
 * address bar, where a screenshot or a shared link would carry it on.
 */
export function linkToken(): string {
  if (location.hash.length > 1) {
    kept = location.hash.slice(1);
    history.replaceState(history.state, "", location.pathname);
  }
  return kept;
}

// A second link opened in the same tab changes nothing but the hash.
window.addEventListener("hashchange", () => {
  if (location.hash.length > 20) location.reload();
});
