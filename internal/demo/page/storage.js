// What the browser remembers between visits. Storage may be forbidden; a choice then lasts as long as the page.

export function keep(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // forbidden
  }
}

export function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
