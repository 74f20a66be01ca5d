// One message of a chat as an element.
import { fileAddress } from "./api.js";
import { avatar, el, icon } from "./dom.js";
import { render } from "./text.js";
import { language, t } from "./words.js";

// messageView makes a message's element. The view tells how the chat looks from where it is seen: who looks, whether it
// is a group, how people are called, what a message id leads to, and what happens on each action.
export function messageView(m, view) {
  if (m.kind === "service") return el("li", { class: "service", "data-id": m.id }, el("span", {}, m.text || "…"));
  const mine = m.from === view.as;
  const author = view.nameOf(m);
  const content = [];
  if (view.group && !mine) content.push(el("b", { class: "author", "data-who": m.fromBot ? "bot" : m.from }, author));
  if (m.replyTo) content.push(quote(m, view));
  content.push(...body(m, view));
  const bubble = el("div", { class: `bubble kind-${m.kind}` }, ...content);
  finish(bubble, m, mine);
  const stack = el("div", { class: "stack" }, bubble);
  if (m.keyboard) stack.append(keyboard(m, view));
  const item = el("li", { class: `message ${mine ? "out" : "in"}`, "data-id": m.id, "data-author": m.fromBot ? "bot" : m.from });
  if (m.album) item.dataset.album = m.album;
  if (view.group && !mine) item.append(avatar(m.fromBot ? "bot" : m.from, author));
  const label = t("message.reply_to", { text: snippet(m) });
  item.append(stack, el("button", {
    type: "button", class: "icon reply", "aria-label": label, title: t("message.reply"), onclick: () => view.reply(m),
  }, icon("reply")));
  item.addEventListener("dblclick", (e) => {
    if (!e.target.closest("button, a, code")) view.reply(m);
  });
  return item;
}

// finish adds what stands at a bubble's end: reactions, "edited", the time and the tick.
function finish(bubble, m, mine) {
  const meta = el("span", { class: "meta" });
  if (m.edited) meta.append(el("span", {}, t("message.edited")));
  const at = new Date(m.at);
  meta.append(el("time", { datetime: at.toISOString() }, clock(at)));
  if (mine) meta.append(icon("check"));
  if (!m.reactions) {
    (bubble.querySelector(":scope > .text") || bubble).append(meta);
    return;
  }
  const pills = m.reactions.map((emoji) => el("span", {
    class: "reaction", role: "img", "aria-label": t("message.reaction", { emoji }),
  }, el("span", {}, emoji), avatar("bot", "")));
  bubble.append(el("div", { class: "foot" }, ...pills, meta));
}

function body(m, view) {
  const text = m.text ? el("div", { class: "text" }, ...render(m.text, m.entities, view.actions(m))) : null;
  if (m.document) return [documentView(m, view), text];
  switch (m.kind) {
    case "text":
      return [text];
    case "photo":
      if (m.photo) {
        return [el("a", { class: "picture", href: fileAddress(m), target: "_blank", rel: "noopener" },
          el("img", { src: fileAddress(m), alt: t("message.photo") })), text];
      }
      return [el("div", { class: "photo", role: "img", "aria-label": t("message.photo") }, icon("photo")), text];
    case "voice":
      return [voiceView()];
    case "sticker":
      return [el("div", { class: "sticker", role: "img", "aria-label": t("message.sticker") }, "🚗")];
    default:
      return [text || el("div", { class: "text" }, t("message.other"))];
  }
}

function voiceView() {
  const bars = [5, 9, 14, 8, 16, 11, 6, 13, 17, 9, 5, 12, 15, 8, 11, 6, 4, 9, 13, 7];
  const wave = el("span", { class: "wave", "aria-hidden": true }, ...bars.map((h) => el("i", { class: `h${h}` })));
  return el("div", { class: "voice", role: "img", "aria-label": t("message.voice") }, el("span", { class: "disc" }, icon("mic")), wave, el("span", {}, "0:03"));
}

function documentView(m, view) {
  const pdf = m.document.mime === "application/pdf";
  const name = m.document.name || "file";
  return el("a", {
    class: "document", href: fileAddress(m), target: "_blank", rel: "noopener", onclick: () => view.opened(m),
    "aria-label": t(pdf ? "message.open_name" : "message.save_name", { name }),
  }, el("span", { class: `disc${pdf ? " pdf" : ""}` }, pdf ? "PDF" : icon("file")), el("span", { class: "about" },
    el("b", {}, name), el("small", {}, `${size(m.document.size)} · `, el("em", {}, t(pdf ? "message.open" : "message.save")))));
}

function keyboard(m, view) {
  return el("div", { class: "keyboard" }, ...m.keyboard.map((row) => el("div", { class: "row" }, ...row.map((b) => {
    if (b.copy) {
      return el("button", {
        type: "button", "data-copy": b.copy, "aria-label": t("message.copies", { text: b.text }), onclick: () => view.copy(b.copy),
      }, b.text, icon("copy"));
    }
    if (b.url) {
      return el("button", {
        type: "button", "data-url": b.url, "aria-label": t("message.links", { text: b.text }), onclick: () => view.visit(b.url, m),
      }, b.text, icon("link"));
    }
    const pressed = view.pressed(m, b.data);
    return el("button", {
      type: "button", "data-press": b.data, class: pressed ? "waits" : "", "aria-busy": pressed || undefined,
      onclick: () => view.press(m, b.data),
    }, b.text);
  }))));
}

function quote(m, view) {
  const to = view.find(m.replyTo);
  const who = to ? (to.fromBot ? "bot" : to.from) : "";
  return el("button", { type: "button", class: "quote", "data-who": who, onclick: () => view.goTo(m.replyTo) },
    el("b", {}, to ? view.nameOf(to) : ""), el("span", {}, to ? snippet(to) : t("message.gone")));
}

// snippet is a message in one short line.
export function snippet(m) {
  const longest = 70;
  const line = (m.document ? m.document.name : m.text || t(m.kind === "photo" || m.kind === "voice" || m.kind === "sticker"
    ? `message.${m.kind}` : "message.other")).split("\n")[0];
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

export function clock(at) {
  return at.toLocaleTimeString(language(), { hour: "2-digit", minute: "2-digit", hour12: false });
}

function size(bytes) {
  const units = language() === "ru" ? ["Б", "КБ", "МБ"] : ["B", "KB", "MB"];
  let n = bytes;
  let unit = 0;
  for (; n >= 1024 && unit < 2; unit++) n /= 1024;
  return `${n.toLocaleString(language(), { maximumFractionDigits: unit === 2 ? 1 : 0 })} ${units[unit]}`;
}
