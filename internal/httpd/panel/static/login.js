// Telegram opens the panel as a Mini App with what it signed behind the # of the
// address, and with the colours of its theme. What it signed is sent to be checked,
// with whether the theme is light or dark, and taken out of the address.
(() => {
  'use strict';
  const form = document.getElementById('app');
  const launch = new URLSearchParams(location.hash.slice(1));
  const signed = launch.get('tgWebAppData');

  // theme says whether a ground is light or dark to the eye; nothing of none.
  const theme = (colours) => {
    let ground;
    try { ground = JSON.parse(colours)?.bg_color; } catch { return ''; }
    const parts = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(ground);
    if (!parts) return '';
    const [red, green, blue] = parts.slice(1).map((part) => parseInt(part, 16));
    return .299 * red + .587 * green + .114 * blue < 128 ? 'dark' : 'light';
  };

  history.replaceState(null, '', location.pathname);
  if (!form || !signed) return;
  form.elements.init_data.value = signed;
  form.elements.theme.value = theme(launch.get('tgWebAppThemeParams'));
  form.requestSubmit();
})();
