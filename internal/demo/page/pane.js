// One screen: an owner's phone, or a manager's with the group and the private chat with the bot.
import * as api from "./api.js";
import { Composer } from "./composer.js";
import { avatar, el, showBadge } from "./dom.js";
import { Log } from "./log.js";
import { clock } from "./message.js";
import { deepLink, panelAddress } from "./text.js";
import { t } from "./words.js";

const toastTime = 4000;

export class Pane {
  constructor(root, role, app) {
    Object.assign(this, { root, role, app, as: "", chat: "", pending: new Set(), missed: new Map() });
    root.append(document.getElementById("pane-template").content.cloneNode(true));
    this.log = new Log(root);
    this.composer = new Composer(root, this);
    this.find(".back").addEventListener("click", () => this.open("group"));
    this.find(".bot-chat").addEventListener("click", () => this.open(this.as));
    this.find(".panel-link").addEventListener("click", () => this.app.guide.note("panel"));
    this.find(".block").addEventListener("click", () => this.setBlocked(!this.person.blocked));
    this.clockNow();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  get person() {
    return this.app.people.get(this.as);
  }

  // begin fills the switch of people and shows the first one, or whoever was there.
  begin() {
    const people = [...this.app.people.values()].filter((p) => p.role === this.role);
    const group = this.find(".people");
    group.setAttribute("aria-label", t(`people.${this.role}`));
    group.replaceChildren(...people.map((p) => {
      const code = this.role === "owner" ? el("small", {}, p.language.toUpperCase()) : null;
      return el("button", {
        type: "button", "data-person": p.key, title: this.role === "owner" ? t(`language.${p.language}`) : undefined,
        "aria-label": `${p.name}${code ? `, ${t(`language.${p.language}`)}` : ""}`, onclick: () => this.become(p.key),
      }, avatar(p.key, p.name), el("span", {}, p.name), code, el("b", { class: "badge", hidden: true }));
    }));
    this.become(people.some((p) => p.key === this.as) ? this.as : people[0].key, this.chat);
  }

  become(key, chat = "") {
    const home = this.role === "owner" ? key : "group";
    this.as = key;
    for (const b of this.root.querySelectorAll("[data-person]")) {
      b.setAttribute("aria-pressed", String(b.dataset.person === key));
    }
    this.open(this.role === "manager" && chat === key ? chat : home);
  }

  open(chat) {
    this.chat = chat;
    this.missed.delete(chat);
    this.composer.reset();
    this.head();
    this.log.show([...this.app.messages(chat).values()], this.view(), this.intro());
    this.log.list.setAttribute("aria-label", t("chat.log", { name: this.find("h2").textContent }));
  }

  head() {
    const { bot, group } = this.app;
    const inGroup = this.chat === "group";
    const face = avatar(inGroup ? "group" : "bot", inGroup ? group.title : bot.name);
    this.find(".chat-head > .avatar").replaceWith(face);
    const about = inGroup ? t("chat.members", { n: group.members }) : t("chat.bot");
    this.find("h2").textContent = inGroup ? group.title : bot.name;
    this.find(".chat-names p").textContent = `${t("people.as", { name: this.person.name })} · ${about}`;
    this.find(".back").hidden = this.role === "owner" || inGroup;
    const botChat = this.find(".bot-chat");
    botChat.hidden = !inGroup;
    botChat.setAttribute("aria-label", t("chat.bot_chat", { name: this.person.name }));
    botChat.title = t("chat.bot_chat", { name: this.person.name });
    const panel = this.find(".panel-link");
    panel.hidden = this.role === "owner";
    panel.href = panelAddress(this.as);
    panel.setAttribute("aria-label", t("chat.panel_as", { name: this.person.name }));
    panel.title = t("chat.panel_as", { name: this.person.name });
    this.standing();
    this.badges();
  }

  // standing shows whether the person has blocked the bot.
  standing() {
    const block = this.find(".block");
    const word = t(this.person.blocked ? "block.undo" : "block.do");
    block.hidden = this.chat === "group";
    block.setAttribute("aria-label", word);
    block.title = word;
    block.setAttribute("aria-pressed", String(this.person.blocked));
    this.root.classList.toggle("blocked", this.person.blocked && this.chat !== "group");
    this.composer.label();
  }

  badges() {
    showBadge(this.find(".bot-chat .badge"), this.missed.get(this.as) || 0);
    for (const b of this.root.querySelectorAll("[data-person]")) {
      const n = this.role === "owner" ? this.missed.get(b.dataset.person) || 0 : 0;
      showBadge(b.querySelector(".badge"), n);
    }
  }

  intro() {
    const inGroup = this.chat === "group";
    const lines = [];
    if (inGroup) lines.push(el("span", {}, t("chat.created", { title: this.app.group.title })));
    const empty = inGroup ? "group" : this.role === "owner" ? "owner" : "private";
    lines.push(el("span", { class: "empty" }, t(`chat.empty.${empty}`)));
    if (!inGroup) lines.push(el("button", { type: "button", class: "primary empty start", onclick: () => this.say("/start") }, t("chat.start")));
    return el("li", { class: "service intro" }, ...lines);
  }

  // shows tells whether a chat has a place on this screen.
  shows(chat) {
    if (chat === "group") return this.role === "manager";
    return this.app.people.get(chat)?.role === this.role;
  }

  put(m, fresh) {
    const mine = m.from === this.as;
    if (m.chat === this.chat) this.log.put(m, { fresh, mine });
    else if (fresh && !mine && this.shows(m.chat)) {
      this.missed.set(m.chat, (this.missed.get(m.chat) || 0) + 1);
      this.badges();
    }
  }

  remove(chat, id) {
    if (chat === this.chat) this.log.remove(id);
  }

  nameOf(m) {
    if (m.fromBot) return this.app.bot.name;
    return this.app.people.get(m.from)?.name || "";
  }

  view() {
    return {
      as: this.as,
      group: this.chat === "group",
      nameOf: (m) => this.nameOf(m),
      find: (id) => this.app.messages(this.chat).get(id),
      goTo: (id) => this.log.goTo(id),
      reply: (m) => this.composer.answer(m),
      copy: (text) => this.copy(text),
      visit: (url) => this.visit(url),
      press: (m, data) => this.press(m, data),
      opened: (m) => this.app.opened(m),
      pressed: (m, data) => this.pending.has(`${m.chat} ${m.id} ${data}`),
      actions: () => this.actions(),
    };
  }

  actions() {
    return {
      bot: this.app.bot.username,
      copy: (text) => this.copy(text),
      command: (command) => this.say(command),
      start: (payload) => this.start(payload),
      panel: () => this.app.guide.note("panel"),
    };
  }

  async say(text, chat = this.chat) {
    try {
      await api.sendText(this.as, chat, text);
    } catch (error) {
      this.fail(error);
    }
  }

  // start follows a deep link into the bot: the private chat opens, and /start goes there with what the link carries.
  start(payload) {
    if (this.chat !== this.as) this.open(this.as);
    return this.say(`/start ${payload}`.trim(), this.as);
  }

  visit(url) {
    const payload = deepLink(url, this.app.bot.username);
    if (payload === null) window.open(url, "_blank", "noopener,noreferrer");
    else this.start(payload);
  }

  async press(m, data) {
    const key = `${m.chat} ${m.id} ${data}`;
    if (this.pending.has(key)) return;
    this.mark(key, m, true);
    try {
      const answer = await api.press(this.as, m.chat, m.id, data);
      if (answer.url) this.visit(answer.url);
      else if (answer.text && answer.alert) this.app.alert(answer.text, this);
      else if (answer.text) this.toast(answer.text);
    } catch (error) {
      this.fail(error);
    } finally {
      this.mark(key, m, false);
    }
  }

  mark(key, m, waits) {
    if (waits) this.pending.add(key);
    else this.pending.delete(key);
    if (m.chat !== this.chat) return;
    for (const b of this.log.item(m.id)?.querySelectorAll("[data-press]") || []) {
      if (`${m.chat} ${m.id} ${b.dataset.press}` !== key) continue;
      b.classList.toggle("waits", waits);
      if (waits) b.setAttribute("aria-busy", "true");
      else b.removeAttribute("aria-busy");
    }
  }

  async copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.toast(t("toast.copied", { text }));
    } catch {
      this.toast(t("toast.no_copy", { text }));
    }
  }

  async setBlocked(blocked) {
    try {
      await api.setBlocked(this.as, blocked);
    } catch (error) {
      this.fail(error);
    }
  }

  fail(error) {
    const known = [409, 413, 504, 507].includes(error.status);
    this.toast(t(`error.${known ? error.status : "other"}`));
  }

  toast(text) {
    const toast = this.find(".toast");
    toast.textContent = text;
    toast.classList.add("shown");
    clearTimeout(this.toastTimer);
    this.toastTimer = setTimeout(() => toast.classList.remove("shown"), toastTime);
  }

  // clockNow keeps the time on the phone right.
  clockNow() {
    const now = new Date();
    this.find(".clock").textContent = clock(now);
    setTimeout(() => this.clockNow(), (61 - now.getSeconds()) * 1000);
  }
}
