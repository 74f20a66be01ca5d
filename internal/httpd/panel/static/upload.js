// Files are dropped anywhere on the page, or chosen in its form, and a bar shows
// how much of them has come.
(() => {
  'use strict';
  const form = (element) => element?.closest?.('form[data-upload]');
  const send = (to) => { if (to.querySelector('input[type=file]').files.length) to.requestSubmit(); };
  // What is dragged to is the form wherever on the page one lets go: whoever misses
  // it must not have the browser open the file instead.
  const taker = (event) => event.dataTransfer?.types.includes('Files') && document.querySelector('form[data-upload]');
  for (const kind of ['dragenter', 'dragover']) {
    document.addEventListener(kind, (event) => {
      const to = taker(event);
      if (!to) return;
      event.preventDefault();
      if (!to.dataset.sending) to.classList.add('over');
    });
  }
  document.addEventListener('dragleave', (event) => { if (!event.relatedTarget) document.querySelector('form.over')?.classList.remove('over'); });
  document.addEventListener('drop', (event) => {
    const to = taker(event);
    if (!to) return;
    event.preventDefault();
    to.classList.remove('over');
    if (to.dataset.sending) return;
    to.querySelector('input[type=file]').files = event.dataTransfer.files;
    send(to);
  });
  const bar = (event) => form(event.target)?.querySelector('progress');
  document.addEventListener('htmx:beforeRequest', (event) => {
    const to = form(event.target);
    if (!to) return;
    to.dataset.sending = 'yes';
    bar(event).hidden = false;
    bar(event).value = 0;
  });
  document.addEventListener('htmx:xhr:progress', (event) => {
    const { loaded, total, lengthComputable } = event.detail;
    const shown = bar(event);
    if (!shown || !lengthComputable || !total) return;
    const share = Math.floor((100 * loaded) / total);
    if (share > shown.value) shown.value = share; // what comes back begins at nothing again
  });
  document.addEventListener('htmx:afterRequest', (event) => {
    const to = form(event.target);
    if (!to) return;
    delete to.dataset.sending;
    bar(event).hidden = true;
    if (event.detail.failed || event.detail.xhr.status >= 400) to.querySelector('input[type=file]').value = '';
  });
})();
