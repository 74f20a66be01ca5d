// Telegram opens the panel as a Mini App with what it signed behind the # of the
// address. It is sent to be checked, and taken out of the address.
(() => {
  'use strict';
  const form = document.getElementById('app');
  const signed = new URLSearchParams(location.hash.slice(1)).get('tgWebAppData');
  history.replaceState(null, '', location.pathname);
  if (!form || !signed) return;
  form.elements.init_data.value = signed;
  form.requestSubmit();
})();
