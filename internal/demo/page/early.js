// Runs before the first paint, so that no wrong theme or language flashes up.
(() => {
  "use strict";
  const kept = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // storage may be forbidden
    }
  };
  const root = document.documentElement;
  const theme = kept("theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  const asked = kept("language");
  const spoken = (navigator.languages || [navigator.language || "en"]).map((l) => l.slice(0, 2).toLowerCase());
  root.lang = asked === "ru" || asked === "en" ? asked : spoken.find((l) => l === "ru" || l === "en") || "en";
})();
