// Sets the colour scheme and language before the first paint. A file of its own: inline scripts are forbidden.
(function () {
  var root = document.documentElement;
  try {
    var scheme = localStorage.getItem("forecourt.scheme") || "auto";
    var dark = scheme === "dark" || (scheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
    root.setAttribute("data-mantine-color-scheme", dark ? "dark" : "light");
    root.lang = localStorage.getItem("forecourt.language") || (navigator.language.slice(0, 2) === "de" ? "de" : "en");
  } catch {
    root.setAttribute("data-mantine-color-scheme", "light");
  }
})();
