// Making elements. Text is always text: nothing here parses HTML.

export function el(tag, props = {}, ...children) {
  const e = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === false || value === null) continue;
    if (name === "class") e.className = value;
    else if (name.startsWith("on")) e.addEventListener(name.slice(2), value);
    else e.setAttribute(name, value === true ? "" : String(value));
  }
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}

export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

// avatar is a coloured circle with somebody's first letter, or the bot's sign.
export function avatar(key, name) {
  const round = el("span", { class: "avatar", "data-who": key, "aria-hidden": true });
  if (key === "bot") round.append(icon("bot"));
  else round.textContent = [...name][0] || "";
  return round;
}

export function showBadge(badge, n) {
  badge.hidden = n === 0;
  badge.textContent = n > 99 ? "99+" : String(n);
}
