// The scrolling list of a chat's messages: what is new at the end, days between, and where the reader is.
import { el, showBadge } from "./dom.js";
import { messageView } from "./message.js";
import { language, t } from "./words.js";

const nearEnd = 48; // pixels from the end that still count as reading along

export class Log {
  constructor(root) {
    this.scroll = root.querySelector(".scroll");
    this.list = root.querySelector(".messages");
    this.down = root.querySelector(".down");
    this.unread = 0;
    this.follows = true;
    this.scroll.addEventListener("scroll", () => this.moved());
    this.down.addEventListener("click", () => this.toEnd(true));
    new ResizeObserver(() => this.stay()).observe(this.list);
    new ResizeObserver(() => this.stay()).observe(this.scroll);
  }

  // show fills the list anew and goes to its end.
  show(messages, view, intro) {
    this.view = view;
    this.list.setAttribute("aria-busy", "true");
    this.list.replaceChildren(intro);
    for (const m of messages) this.list.append(messageView(m, view));
    this.group();
    this.list.removeAttribute("aria-busy");
    this.unread = 0;
    this.toEnd(false);
  }

  item(id) {
    return this.list.querySelector(`[data-id="${id}"]`);
  }

  // put shows a message that is new or has changed.
  put(m, { fresh, mine }) {
    const old = this.item(m.id);
    const next = messageView(m, this.view);
    if (old) this.replace(old, next);
    else this.insert(m.id, next);
    this.group();
    if (fresh && mine) this.toEnd(true);
    else if (fresh && !this.follows) {
      this.unread++;
      this.mark();
    }
  }

  // replace keeps the keyboard's focus where it was.
  replace(old, next) {
    const held = old.contains(document.activeElement) ? document.activeElement : null;
    old.replaceWith(next);
    next.classList.add("changed");
    if (!held) return;
    const same = held.dataset.press && next.querySelector(`[data-press="${CSS.escape(held.dataset.press)}"]`);
    (same || next.querySelector(".keyboard button") || next.querySelector(".reply")).focus({ preventScroll: true });
  }

  insert(id, item) {
    item.classList.add("fresh");
    const after = [...this.list.querySelectorAll("[data-id]")].find((e) => Number(e.dataset.id) > id);
    if (after) after.before(item);
    else this.list.append(item);
  }

  remove(id) {
    const item = this.item(id);
    if (item) item.remove();
    this.group();
  }

  // group marks which messages of one author stand together, and puts the days between.
  group() {
    let before = null;
    let day = "";
    for (const item of [...this.list.children]) {
      if (item.classList.contains("day")) continue;
      const time = item.querySelector("time");
      if (time) {
        const its = new Date(time.dateTime).toDateString();
        if (its !== day) this.markDay(item, its);
        else if (item.previousElementSibling?.classList.contains("day")) item.previousElementSibling.remove();
        if (its !== day) before = null;
        day = its;
      }
      const joined = before && item.dataset.author && before.dataset.author === item.dataset.author;
      item.classList.toggle("joined", Boolean(joined));
      item.classList.toggle("together", Boolean(joined && item.dataset.album && before.dataset.album === item.dataset.album));
      if (before) before.classList.toggle("tail", !joined);
      before = item;
    }
    if (before) before.classList.add("tail");
  }

  markDay(item, day) {
    const above = item.previousElementSibling;
    if (above?.classList.contains("day")) {
      above.dataset.day = day;
      above.firstChild.textContent = dayName(day);
      return;
    }
    item.before(el("li", { class: "day", "data-day": day }, el("span", {}, dayName(day))));
  }

  moved() {
    const rest = this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight;
    this.follows = rest <= nearEnd;
    if (this.follows) this.unread = 0;
    this.mark();
  }

  mark() {
    this.down.hidden = this.follows;
    showBadge(this.down.querySelector(".badge"), this.unread);
    this.down.setAttribute("aria-label", this.unread
      ? `${t("chat.down")}: ${t("chat.unread", { n: this.unread })}` : t("chat.down"));
  }

  stay() {
    if (this.follows) this.scroll.scrollTop = this.scroll.scrollHeight;
  }

  toEnd(smoothly) {
    this.follows = true;
    this.unread = 0;
    this.mark();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroll.scrollTo({ top: this.scroll.scrollHeight, behavior: smoothly && !calm ? "smooth" : "instant" });
  }

  // goTo brings a message into view and points at it.
  goTo(id) {
    const item = this.item(id);
    if (!item) return;
    item.scrollIntoView({ block: "center" });
    item.classList.remove("pointed");
    void item.offsetWidth; // begins the animation anew
    item.classList.add("pointed");
  }
}

function dayName(day) {
  const at = new Date(day);
  const today = new Date();
  const yesterday = new Date(today);
  yesterday.setDate(today.getDate() - 1);
  if (day === today.toDateString()) return t("chat.today");
  if (day === yesterday.toDateString()) return t("chat.yesterday");
  return at.toLocaleDateString(language(), { day: "numeric", month: "long" });
}
