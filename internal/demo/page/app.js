// The page: what it knows of the chats, the two screens, language, theme and tabs.
import { connect } from "./api.js";
import { Chips } from "./chips.js";
import { showBadge } from "./dom.js";
import { Guide } from "./guide.js";
import { Pane } from "./pane.js";
import { keep } from "./storage.js";
import { withDeepLinks } from "./text.js";
import { language, t, translate } from "./words.js";

const $ = (id) => document.getElementById(id);

class App {
  constructor() {
    this.forget();
    this.owner = new Pane($("owner"), "owner", this);
    this.managers = new Pane($("managers"), "manager", this);
    this.panes = [this.owner, this.managers];
    this.chips = new Chips(this.owner);
    this.guide = new Guide(this);
    this.missed = { owner: 0, managers: 0 };
    this.narrow = matchMedia("(max-width: 860px)");
    this.listen();
    this.enter();
  }

  forget() {
    this.run = "";
    this.bot = { name: "", username: "" };
    this.group = { title: "", members: 0 };
    this.people = new Map();
    this.chats = new Map();
  }

  messages(chat) {
    if (!this.chats.has(chat)) this.chats.set(chat, new Map());
    return this.chats.get(chat);
  }

  listen() {
    for (const b of document.querySelectorAll("[data-lang]")) {
      b.addEventListener("click", () => {
        keep("language", b.dataset.lang);
        document.documentElement.lang = b.dataset.lang;
        this.enter();
      });
    }
    $("theme").addEventListener("click", () => {
      const root = document.documentElement;
      const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      keep("theme", root.dataset.theme);
    });
    for (const name of ["owner", "managers"]) $(`tab-${name}`).addEventListener("click", () => this.tab(name));
    $("tabs").addEventListener("keydown", (e) => {
      if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
      const other = $("stage").dataset.tab === "owner" ? "managers" : "owner";
      this.tab(other);
      $(`tab-${other}`).focus();
    });
    this.narrow.addEventListener("change", () => this.layout());
  }

  // enter goes into the world of the page's language.
  enter() {
    this.leave?.();
    this.forget();
    for (const pane of this.panes) pane.as = "";
    this.guide.reset();
    translate(document);
    document.title = t("top.title");
    for (const b of document.querySelectorAll("[data-lang]")) {
      b.setAttribute("aria-pressed", String(b.dataset.lang === language()));
    }
    this.layout();
    this.leave = connect({
      online: (is) => ($("offline").hidden = is),
      state: (all) => this.state(all),
      message: (m) => this.message(m),
      removed: ({ chat, id }) => this.removed(chat, id),
      person: (p) => this.person(p),
    });
  }

  // state takes everything anew: at first, and after each break of the connection.
  state(all) {
    const again = all.run === this.run;
    if (!again) this.guide.reset();
    this.run = all.run;
    this.bot = all.bot;
    this.group = all.group;
    this.people = new Map(all.people.map((p) => [p.key, p]));
    const before = this.chats;
    this.chats = new Map();
    for (const m of all.messages || []) this.messages(m.chat).set(m.id, m);
    if (again) this.catchUp(before);
    else this.begin();
    this.chips.refresh();
    this.guide.look();
    document.documentElement.dataset.ready = all.run;
  }

  begin() {
    for (const pane of this.panes) pane.begin();
    this.chips.show();
  }

  // catchUp shows what changed while the connection was broken, and leaves the rest as it is.
  catchUp(before) {
    for (const [chat, now] of this.chats) {
      const then = before.get(chat) || new Map();
      for (const m of now.values()) {
        const old = then.get(m.id);
        if (JSON.stringify(old) !== JSON.stringify(m)) this.show(m, !old);
      }
    }
    for (const [chat, then] of before) {
      for (const id of then.keys()) if (!this.messages(chat).has(id)) for (const pane of this.panes) pane.remove(chat, id);
    }
    for (const pane of this.panes) pane.standing();
  }

  message(m) {
    const fresh = !this.messages(m.chat).has(m.id);
    this.messages(m.chat).set(m.id, m);
    this.show(m, fresh);
    this.chips.refresh();
    this.guide.look();
  }

  show(m, fresh) {
    for (const pane of this.panes) {
      pane.put(m, fresh);
      const name = pane === this.owner ? "owner" : "managers";
      if (fresh && pane.shows(m.chat) && m.from !== pane.as && this.narrow.matches && $("stage").dataset.tab !== name) {
        this.missed[name]++;
      }
    }
    this.badges();
  }

  removed(chat, id) {
    this.messages(chat).delete(id);
    for (const pane of this.panes) pane.remove(chat, id);
  }

  person(p) {
    this.people.set(p.key, p);
    for (const pane of this.panes) if (pane.as === p.key) pane.standing();
    this.guide.look();
  }

  opened(m) {
    if (m.fromBot) this.guide.note("open");
  }

  tab(name) {
    $("stage").dataset.tab = name;
    this.layout();
    for (const pane of this.panes) pane.log.stay();
  }

  // layout makes the screens two tabs where there is no room for both.
  layout() {
    for (const name of ["owner", "managers"]) {
      const chosen = $("stage").dataset.tab === name;
      if (chosen) this.missed[name] = 0;
      $(`tab-${name}`).setAttribute("aria-selected", String(chosen));
      $(`tab-${name}`).tabIndex = chosen ? 0 : -1;
      if (this.narrow.matches) $(name).setAttribute("role", "tabpanel");
      else $(name).removeAttribute("role");
    }
    this.badges();
  }

  badges() {
    for (const name of ["owner", "managers"]) showBadge($(`tab-${name}`).querySelector(".badge"), this.missed[name]);
  }

  // alert shows a press's answer that must be read.
  alert(text, pane) {
    const actions = pane.actions();
    const start = (payload) => {
      $("alert").close();
      pane.start(payload);
    };
    $("alert-name").textContent = t("alert.name");
    $("alert-text").replaceChildren(...withDeepLinks(text, { ...actions, start }));
    $("alert").showModal();
  }
}

new App();
