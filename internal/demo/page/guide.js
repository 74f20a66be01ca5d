// What to try next, and what was tried: read off the chats, so that it is right after a reload, too. Only that a report
// or the panel was opened is not in them, and is kept beside.
import { el, icon } from "./dom.js";
import { keep, kept } from "./storage.js";
import { t } from "./words.js";

const steps = ["vin", "take", "ask", "report", "open", "typo", "block", "done_way", "panel", "late", "flood"];

export class Guide {
  constructor(app) {
    this.app = app;
    this.done = new Set();
    this.noted = {};
    this.dialog = document.getElementById("guide");
    document.getElementById("guide-all").addEventListener("click", () => this.dialog.showModal());
  }

  reset() {
    this.done.clear();
  }

  // look finds the steps that a message, a person or a press shows to be done. What was done once stays done.
  look() {
    const all = [...this.app.people.values()].flatMap((p) => [...this.app.messages(p.key).values()]);
    const owners = all.filter((m) => this.app.people.get(m.chat).role === "owner");
    const group = [...this.app.messages("group").values()];
    const cards = group.filter((m) => m.fromBot && m.keyboard?.some((row) => row.some((b) => b.copy)));
    const toTake = (m) => m.keyboard.flat().filter((b) => b.data?.startsWith("take:")).length;
    const takes = (m) => toTake(m) > 0;
    const reports = group.filter((m) => m.document && !m.fromBot);
    this.mark("vin", cards.length > 0);
    this.mark("take", cards.some((m) => !takes(m)));
    this.mark("ask", group.some((m) => m.keyboard?.some((row) => row.some((b) => b.data?.startsWith("said:")))));
    this.mark("report", reports.length > 0);
    for (const step of ["open", "panel"]) this.mark(step, this.noted[step] === this.app.run || kept(step) === this.app.run);
    this.mark("typo", owners.some((m) => m.keyboard?.some((row) => row.some((b) => b.data?.startsWith("vinok:")))));
    this.mark("block", [...this.app.people.values()].some((p) => p.blocked));
    this.mark("done_way", group.some((m) => m.from && /^\/done\b/.test(m.text || "")));
    this.mark("late", group.some((m) => m.fromBot && cards.some((card) => card.id === m.replyTo) && (m.text || "").startsWith("⏰")));
    this.mark("flood", group.some((m) => m.fromBot && m.keyboard && toTake(m) > 1));
    this.show();
  }

  // note keeps that something was opened: an owner's report, or the panel.
  note(step) {
    this.noted[step] = this.app.run;
    keep(step, this.app.run);
    this.look();
  }

  mark(step, done) {
    if (done) this.done.add(step);
  }

  show() {
    const next = steps.find((s) => !this.done.has(s));
    const line = document.getElementById("guide-step");
    const text = next ? t(`guide.${next}`) : t("guide.all_done");
    if (line.textContent !== text) line.textContent = text;
    document.getElementById("guide-dots").replaceChildren(...steps.map((s) => el("i", {
      class: this.done.has(s) ? "done" : s === next ? "next" : "",
    })));
    document.getElementById("guide-count").textContent = t("guide.count", { done: this.done.size, all: steps.length });
    document.getElementById("guide-list").replaceChildren(...steps.map((s) => {
      const done = this.done.has(s);
      return el("li", { class: done ? "done" : "" }, el("span", { class: "tick", role: "img", "aria-label": t(done ? "guide.done" : "guide.todo") },
        done ? icon("check") : ""), el("span", {}, t(`guide.${s}`)));
    }));
  }
}
