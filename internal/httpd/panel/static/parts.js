// A page that is fetched anew beside somebody who works on it: only its parts
// (data-part, each with an id) are put in place that changed, and none in which
// somebody is at work. What is chosen stays chosen, what is opened open.
(() => {
  'use strict';
  // dirty tells a form in which something was entered.
  const dirty = (form) => [...form.elements].some((field) => {
    if (field.type === 'hidden' || field.type === 'checkbox' || field.closest('form') !== form) return false;
    if (field.matches('select')) return [...field.options].some((o, i) => o.selected !== (o.defaultSelected || (i === 0 && ![...field.options].some((each) => each.defaultSelected))));
    if (field.type === 'file') return field.files.length > 0;
    return field.matches('input, textarea') && field.value !== field.defaultValue;
  });
  const busy = (part) => {
    const at = document.activeElement;
    return (part.contains(at) && at.matches('input:not([type=checkbox]), textarea, select')) ||
      part.querySelector('.htmx-request') !== null || [...part.querySelectorAll('form')].some(dirty);
  };
  const parts = (within) => [...within.querySelectorAll('[data-part][id]')];

  const put = (old, fresh) => {
    const checked = [...old.querySelectorAll('input[type=checkbox]:checked')].map((e) => e.id);
    const opened = [...old.querySelectorAll('details[open][id]')].map((e) => e.id);
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(fresh);
    checked.forEach((id) => { const box = document.getElementById(id); if (box) box.checked = true; });
    opened.forEach((id) => document.getElementById(id)?.setAttribute('open', ''));
    window.htmx.process(fresh);
    if (focused) (document.getElementById(focused.id) || fresh.querySelector('button, a, summary'))?.focus();
  };

  const merge = (target, text, asked) => {
    const page = new DOMParser().parseFromString(`<template>${text}</template>`, 'text/html').querySelector('template').content;
    const root = page.querySelector(`[id="${target.id}"]`);
    if (!root || parts(root).length === 0) return false;
    const list = (within) => within.querySelector('tbody');
    if (!list(root) !== !list(target) || parts(root).some((p) => p.localName !== 'tr' && !document.getElementById(p.id))) return false;
    for (const name of ['data-from', 'data-live']) target.setAttribute(name, root.getAttribute(name) || '');
    const fresh = new Map(parts(root).map((part) => [part.id, part]));
    for (const part of parts(target)) {
      const next = fresh.get(part.id);
      const mine = asked && asked !== target && part.contains(asked);
      if (next && next.dataset.stamp && next.dataset.stamp === part.dataset.stamp && !mine) continue;
      if (!mine && busy(part)) part.classList.add('stale');
      else if (next) put(part, document.importNode(next, true));
      else part.remove();
    }
    if (!list(root)) return true;
    let at = list(target).firstElementChild;
    for (const row of list(root).children) {
      let here = document.getElementById(row.id);
      if (!here) {
        here = document.importNode(row, true);
        list(target).insertBefore(here, at);
        window.htmx.process(here);
      } else if (here === at) at = at.nextElementSibling;
      else if (!here.contains(document.activeElement)) list(target).insertBefore(here, at);
    }
    return true;
  };

  document.addEventListener('htmx:beforeSwap', (event) => {
    const { target, xhr, requestConfig } = event.detail;
    const asked = requestConfig?.elt;
    if (!target?.matches?.('[data-live]') || !event.detail.shouldSwap || asked?.id === 'filter' || asked?.id === 'bulk') return;
    if (!merge(target, xhr.responseText, asked)) return;
    event.detail.shouldSwap = false;
    const notices = new DOMParser().parseFromString(xhr.responseText, 'text/html').getElementById('notices');
    if (notices) document.getElementById('notices').innerHTML = notices.innerHTML;
    document.dispatchEvent(new CustomEvent('htmx:afterSettle', { detail: { xhr } })); // for who counts down
    chosen();
  });

  // Whoever closes what they had begun sees how it stands.
  document.addEventListener('toggle', (event) => {
    const part = event.target.closest?.('[data-part]');
    if (event.target.open || !part?.classList.contains('stale')) return;
    event.target.querySelectorAll('form').forEach((form) => form.reset());
    const root = part.closest('[data-live]');
    window.htmx.ajax('GET', root.dataset.from, { source: root, target: root, swap: 'outerHTML' });
  }, true);

  // Whoever presses a button keeps the keyboard where it was, also where another
  // button stands there now, and whatever else is put in place before the answer.
  let left = null;
  document.addEventListener('pointerdown', () => { left = null; });
  document.addEventListener('htmx:beforeRequest', (event) => {
    const at = document.activeElement;
    if (event.target.contains(at)) left = { id: at.id, part: at.closest('[data-part], tr')?.id, by: event.detail.xhr };
  });
  document.addEventListener('htmx:afterSettle', (event) => {
    if (left && (document.activeElement === document.body || !document.activeElement)) {
      const part = left.part && document.getElementById(left.part);
      (left.id && document.getElementById(left.id) || part?.querySelector('.acts button, .acts summary, .verbs button, .verbs summary, textarea, button, a'))?.focus();
    }
    if (event.detail?.xhr && event.detail.xhr === left?.by) left = null;
    chosen();
  });

  const boxes = () => [...document.querySelectorAll('input[name=id][form=bulk]')];
  const chosen = () => {
    const number = boxes().filter((box) => box.checked).length;
    document.querySelectorAll('[data-chosen]').forEach((e) => { e.textContent = number ? `(${number})` : ''; });
    document.getElementById('bulk')?.classList.toggle('on', number > 0);
    document.querySelectorAll('[data-all]').forEach((all) => {
      all.hidden = false;
      all.checked = number > 0 && number === boxes().length;
      all.indeterminate = number > 0 && number < boxes().length;
    });
  };
  document.addEventListener('change', (event) => {
    if (event.target.matches('[data-all]')) boxes().forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches('[data-all], input[name=id]')) chosen();
  });
  chosen();
})();
