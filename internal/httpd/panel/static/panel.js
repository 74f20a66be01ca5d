// What pages do where scripts run, besides htmx: parts that show tickets are
// fetched anew when those change, and deadlines count down.
//
// An element with an id and data-live="tickets", or data-live="ticket:12", is put
// in place anew from the address in data-from when that happens, of whose answer
// data-select chooses a part. An element with
// data-deadline (RFC 3339) shows how long there is until it, or since.
(() => {
  'use strict';
  const texts = document.body.dataset;
  let source = null;
  let lost = false;

  // tell says a sentence where screen readers hear it.
  const tell = (text) => {
    const place = document.getElementById('connection');
    if (place && place.textContent !== text) place.textContent = text;
  };

  // busy tells a part in which somebody is at work, which must not be put in
  // place anew under their hands.
  const busy = (element) => {
    const at = document.activeElement;
    return at && element.contains(at) && at.matches('input, textarea, select') && at.type !== 'checkbox';
  };

  // By id, since the element itself is another one each time: those that wait for
  // somebody to end, and those that are being fetched, with whether once is enough.
  const waiting = new Set();
  const fetching = new Map();
  const refresh = async (id) => {
    const element = document.getElementById(id);
    if (!element) return;
    if (fetching.has(id)) {
      fetching.set(id, true); // what is on its way may be older than this
      return;
    }
    if (busy(element)) {
      waiting.add(id);
      return;
    }
    waiting.delete(id);
    fetching.set(id, false);
    const opened = [...element.querySelectorAll('details[open][id]')].map((e) => e.id);
    const focused = element.contains(document.activeElement) ? document.activeElement.id : '';
    try {
      await window.htmx.ajax('GET', element.dataset.from, { source: element, target: element, swap: 'outerHTML', select: element.dataset.select });
      opened.forEach((each) => document.getElementById(each)?.setAttribute('open', ''));
      if (focused) document.getElementById(focused)?.focus();
    } catch { // told as any fault
    }
    const again = fetching.get(id);
    fetching.delete(id);
    if (again) refresh(id);
  };
  document.addEventListener('focusout', () => setTimeout(() => [...waiting].forEach(refresh)));

  const changed = (numbers) => {
    for (const element of document.querySelectorAll('[data-live]')) {
      const about = element.dataset.live;
      if (numbers === null || about === 'tickets' || numbers.includes(about.replace('ticket:', ''))) refresh(element.id);
    }
  };

  const connect = () => {
    if (source || document.hidden || !document.querySelector('[data-live]')) return;
    source = new EventSource('/live');
    source.addEventListener('open', () => {
      if (lost) changed(null); // whatever happened meanwhile
      lost = false;
      tell('');
      document.documentElement.dataset.connected = 'yes';
    });
    source.addEventListener('tickets', (event) => changed(event.data === 'all' ? null : event.data.split(',')));
    source.addEventListener('error', () => {
      lost = true;
      document.documentElement.dataset.connected = 'no';
      tell(texts.lost);
      if (source.readyState === EventSource.CLOSED) { // refused: the browser does not try again
        source = null;
        setTimeout(() => { changed(null); connect(); }, 5000); // whoever's session ended is led to the way in
      }
    });
  };

  // A page that nobody looks at holds no connection, of which browsers have few.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) {
      lost = lost || !source;
      connect();
    } else if (source) {
      source.close();
      source = null;
    }
  });
  window.addEventListener('pagehide', () => source?.close());

  const span = (seconds) => {
    const minutes = Math.floor(seconds / 60);
    const parts = [[Math.floor(minutes / 1440), texts.days], [Math.floor(minutes / 60) % 24, texts.hours], [minutes % 60, texts.minutes]];
    const shown = parts.filter(([n]) => n > 0).slice(0, 2).map(([n, unit]) => `${n} ${unit}`);
    return shown.length ? shown.join(' ') : `${Math.max(0, Math.floor(seconds))} ${texts.seconds}`;
  };

  // The server's clock counts, not this machine's.
  const ahead = Date.parse(texts.now) - Date.now() || 0;
  const count = () => {
    for (const element of document.querySelectorAll('[data-deadline]')) {
      const left = (Date.parse(element.dataset.deadline) - Date.now() - ahead) / 1000;
      const text = left >= 0 ? texts.left.replace('%', span(left)) : texts.over.replace('%', span(-left));
      if (element.textContent !== text) element.textContent = text;
      element.classList.toggle('late', left < 0);
      element.classList.toggle('soon', left >= 0 && left < 300);
    }
  };

  // Where the navigation is wider than the screen, one sees where one is.
  document.querySelector('.bar nav a[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

  connect();
  count();
  setInterval(count, 1000);
  document.addEventListener('htmx:afterSettle', () => { connect(); count(); });
})();
