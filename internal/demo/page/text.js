// A message's text with its formatting, made of elements: bold, code, links… never parsed as HTML.
import { el } from "./dom.js";
import { language } from "./words.js";

const tags = {
  bold: "strong", italic: "em", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};

// render makes the nodes of a text. Entities are nested or apart, never crossing, as Telegram has them. The actions
// say what a link into the bot, a command and a piece of code do.
export function render(text, entities, actions) {
  const sorted = [...(entities || [])].sort((a, b) => a.offset - b.offset || b.length - a.length);
  const [nodes] = span(text, 0, text.length, sorted, actions);
  return nodes;
}

// span makes the nodes of one stretch and takes the entities that begin in it off the list.
function span(text, from, to, entities, actions) {
  const nodes = [];
  let at = from;
  while (entities.length > 0 && entities[0].offset < to) {
    const entity = entities.shift();
    const end = Math.min(entity.offset + entity.length, to);
    if (entity.offset < at || end <= entity.offset) continue;
    if (entity.offset > at) nodes.push(text.slice(at, entity.offset));
    const [nested] = span(text, entity.offset, end, entities, actions);
    const literal = entity.type === "code" || entity.type === "pre"; // nothing in code is a link
    const inner = literal ? [text.slice(entity.offset, end)] : nested;
    nodes.push(wrap(entity, text.slice(entity.offset, end), inner, actions));
    at = end;
  }
  if (at < to) nodes.push(text.slice(at, to));
  return [nodes];
}

function wrap(entity, plain, inner, actions) {
  switch (entity.type) {
    case "url":
      return link(plain, inner, actions);
    case "text_link":
      return link(entity.url, inner, actions);
    case "bot_command":
      return el("button", { type: "button", class: "link", onclick: () => actions.command(plain) }, ...inner);
    case "code":
      return el("code", { onclick: () => actions.copy(plain) }, ...inner);
    case "spoiler":
      return el("span", { class: "spoiler", tabindex: 0 }, ...inner);
    case "mention":
    case "text_mention":
    case "hashtag":
      return el("span", { class: "mention" }, ...inner);
    default:
      return tags[entity.type] ? el(tags[entity.type], {}, ...inner) : el("span", {}, ...inner);
  }
}

// A link into the panel, as the bot sends it.
const loopback = /^(localhost|127\.0\.0\.1|\[::1\])$/;
const wayIn = /^\/login\/(vbl_[\w-]{43})$/;

// link makes a link to the web, or a button for a deep link into the bot, which is followed inside the demo. A way into
// the panel goes through the demo, which presses the button behind it.
export function link(address, inner, actions) {
  const payload = deepLink(address, actions.bot);
  if (payload !== null) {
    return el("button", { type: "button", class: "link", onclick: () => actions.start(payload) }, ...inner);
  }
  const url = parse(address);
  const secret = url?.hostname.match(loopback) && url.pathname.match(wayIn)?.[1];
  if (secret) {
    const href = `/panel/${language()}/link/${secret}`;
    return el("a", { href, target: "_blank", rel: "noopener", onclick: actions.panel }, ...inner);
  }
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:")) return el("span", {}, ...inner);
  return el("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, ...inner);
}

// panelAddress is where the demo lets a manager into the panel with one press.
export const panelAddress = (who) => `/panel/${language()}/${who}`;

function parse(address) {
  try {
    return new URL(/^[a-z]+:/i.test(address) ? address : `https://${address}`);
  } catch {
    return null;
  }
}

// deepLink gives the payload of t.me/<bot>?start=<payload>; null for any other address.
export function deepLink(address, bot) {
  const url = parse(address);
  if (!url || (url.host !== "t.me" && url.host !== "telegram.me")) return null;
  if (url.pathname.toLowerCase() !== `/${bot.toLowerCase()}`) return null;
  return url.searchParams.get("start") || "";
}

// withDeepLinks makes links of the t.me addresses in a text without entities, such as the answer to a press.
export function withDeepLinks(text, actions) {
  return text.split(/((?:https?:\/\/)?t\.me\/\S+)/g).map((part, i) => (i % 2 ? link(part, [part], actions) : part));
}
