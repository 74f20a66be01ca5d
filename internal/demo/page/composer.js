// Where a message is written: text, reply, attachment, the bot's commands.
import * as api from "./api.js";
import { el } from "./dom.js";
import { snippet } from "./message.js";
import { t } from "./words.js";

const mostFiles = 10; // that Telegram sends together

export class Composer {
  constructor(root, pane) {
    this.pane = pane;
    this.form = root.querySelector(".composer");
    const find = (selector) => this.form.querySelector(selector);
    this.input = find("textarea");
    this.replyBar = find(".reply-bar");
    this.fileBar = find(".file-bar");
    this.menu = find(".menu");
    this.menuButton = find(".commands");
    this.sample = find(".sample");
    this.picker = find(".picker");
    this.row = find(".compose-row");
    this.unblock = find(".unblock");
    this.replyTo = null;
    this.files = [];
    this.samples = 0; // sample reports, which go behind the files
    this.listen(root, find);
  }

  listen(root, find) {
    this.form.addEventListener("submit", (e) => {
      e.preventDefault();
      this.send();
    });
    this.input.addEventListener("input", () => this.grow());
    this.input.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && !e.shiftKey && !e.isComposing) {
        e.preventDefault();
        this.send();
      }
    });
    this.input.addEventListener("paste", (e) => this.take(e.clipboardData.files, e));
    this.form.addEventListener("keydown", (e) => this.escape(e));
    find(".reply-bar button").addEventListener("click", () => this.answer(null));
    find(".file-bar button").addEventListener("click", () => this.detach());
    find(".attach").addEventListener("click", () => this.picker.click());
    this.picker.addEventListener("change", () => {
      this.take(this.picker.files);
      this.picker.value = "";
    });
    this.sample.addEventListener("click", () => this.attach([], 1));
    this.menuButton.addEventListener("click", () => this.toggleMenu());
    this.menu.addEventListener("keydown", (e) => this.moveInMenu(e));
    document.addEventListener("click", (e) => {
      if (!this.menu.hidden && !this.form.contains(e.target)) this.closeMenu();
    });
    this.unblock.addEventListener("click", () => this.pane.setBlocked(false));
    this.drops(root);
  }

  drops(root) {
    let inside = 0;
    const carriesFiles = (e) => [...(e.dataTransfer?.types || [])].includes("Files");
    const over = (on) => root.classList.toggle("dropping", on);
    root.addEventListener("dragenter", (e) => {
      if (carriesFiles(e)) over(++inside > 0);
    });
    root.addEventListener("dragleave", (e) => {
      if (carriesFiles(e)) over((inside = Math.max(0, inside - 1)) > 0);
    });
    root.addEventListener("dragover", (e) => {
      if (carriesFiles(e)) e.preventDefault();
    });
    root.addEventListener("drop", (e) => {
      inside = 0;
      over(false);
      if (carriesFiles(e)) this.take(e.dataTransfer.files, e);
    });
  }

  // reset forgets what was being written, for another chat or person.
  reset() {
    this.answer(null, false);
    this.detach(false);
    this.closeMenu();
    this.label();
  }

  label() {
    const { person } = this.pane;
    this.sample.hidden = this.pane.chat !== "group";
    this.sample.setAttribute("aria-label", t("composer.sample_label"));
    this.input.placeholder = t(this.attached ? "composer.caption" : "composer.text");
    this.input.setAttribute("aria-label", this.attached ? t("composer.caption") : t("composer.text_as", { name: person?.name || "" }));
    const blocked = Boolean(person?.blocked) && this.pane.chat !== "group";
    this.row.hidden = blocked;
    this.unblock.hidden = !blocked;
  }

  grow() {
    this.input.style.height = "auto";
    this.input.style.height = `${this.input.scrollHeight}px`;
  }

  answer(m, focus = true) {
    this.replyTo = m ? m.id : null;
    this.replyBar.hidden = !m;
    if (m) {
      this.replyBar.querySelector("b").textContent = t("composer.reply_to", { name: this.pane.nameOf(m) });
      this.replyBar.querySelector("span").textContent = snippet(m);
    }
    if (focus) this.input.focus();
  }

  get attached() {
    return this.files.length + this.samples;
  }

  // attach adds files to those that are there: what is sent together is an album.
  attach(files, samples = 0) {
    const room = mostFiles - this.attached;
    if (files.length + samples > room) this.pane.toast(t("composer.most_files", { n: mostFiles }));
    this.files.push(...[...files].slice(0, room));
    this.samples += Math.min(samples, mostFiles - this.attached);
    this.showAttached();
    this.input.focus();
  }

  detach(focus = true) {
    this.files = [];
    this.samples = 0;
    this.showAttached();
    if (focus) this.input.focus();
  }

  showAttached() {
    const sampleName = (_, i) => (i ? t("composer.sample_nth", { n: i + 1 }) : t("composer.sample_name"));
    const names = [...this.files.map((f) => f.name), ...Array.from({ length: this.samples }, sampleName)];
    const alone = this.samples ? t("composer.sample_size") : this.files[0]?.type || "";
    this.fileBar.hidden = names.length === 0;
    this.fileBar.querySelector("b").textContent = names.length > 1 ? t("composer.files", { n: names.length }) : names[0] || "";
    this.fileBar.querySelector("span").textContent = names.length > 1 ? names.join(", ") : alone;
    this.label();
  }

  take(files, event) {
    if (!files || files.length === 0) return;
    event?.preventDefault();
    this.attach(files);
  }

  escape(e) {
    if (e.key !== "Escape") return;
    if (!this.menu.hidden) {
      this.closeMenu();
      this.menuButton.focus();
    } else if (this.attached) this.detach();
    else if (this.replyTo) this.answer(null);
  }

  async send() {
    const text = this.input.value.trim();
    if (this.busy || (!text && !this.attached)) return;
    this.busy = true;
    const { as, chat } = this.pane;
    const { files, samples, replyTo } = this;
    try {
      if (this.attached) await api.sendDocuments(as, chat, { files, samples, caption: text, replyTo });
      else await api.sendText(as, chat, text, replyTo || 0);
      this.input.value = "";
      this.grow();
      this.answer(null, false);
      this.detach(false);
    } catch (error) {
      this.pane.fail(error);
    } finally {
      this.busy = false;
      if (this.form.contains(document.activeElement) || document.activeElement === document.body) this.input.focus();
    }
  }

  async toggleMenu() {
    if (!this.menu.hidden) {
      this.closeMenu();
      return;
    }
    let found;
    try {
      found = await api.commands(this.pane.as, this.pane.chat);
    } catch (error) {
      this.pane.fail(error);
      return;
    }
    const items = found.map((c) => el("button", {
      type: "button", role: "menuitem", tabindex: -1, onclick: () => this.choose(`/${c.command}`),
    }, el("b", {}, `/${c.command}`), el("span", {}, c.description)));
    this.menu.replaceChildren(...(items.length ? items : [el("p", {}, t("composer.no_commands"))]));
    this.menu.hidden = false;
    this.menuButton.setAttribute("aria-expanded", "true");
    items[0]?.focus();
  }

  closeMenu() {
    this.menu.hidden = true;
    this.menuButton.setAttribute("aria-expanded", "false");
  }

  choose(command) {
    this.closeMenu();
    this.input.value = `${command} `;
    this.input.focus();
    this.grow();
  }

  moveInMenu(e) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (!step) return;
    e.preventDefault();
    const items = [...this.menu.querySelectorAll("button")];
    const at = items.indexOf(document.activeElement);
    items[(at + step + items.length) % items.length]?.focus();
  }
}
