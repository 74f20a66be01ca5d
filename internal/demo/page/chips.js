// What an owner may send with one click.
import * as api from "./api.js";
import { el } from "./dom.js";
import { t } from "./words.js";

// good are well-formed, each with the right check digit.
const good = [
  "1HGCM82633A004352", "WBAFW51040C245397", "5UXFA13585LY08847", "4T1BF28B71U127245", "3VWFE21C04M000001",
  "2T1BURHE0JC014702",
];

const examples = {
  cyrillic: "ХТА210990У2765432", // every letter of it is Cyrillic
  typo: "1FTFW1ET5DFC10312", // the check digit would be 9
  short: "WBAFW51040C24539",
  frame: "GX110-0069622",
};

export class Chips {
  constructor(pane) {
    this.pane = pane;
    this.root = pane.find(".chips");
    this.root.hidden = false;
    this.values = new WeakMap(); // what each chip would send
  }

  // show makes the chips; refresh tells which VIN each would send now.
  show() {
    this.root.setAttribute("aria-label", t("chips.label"));
    const text = (name, value) => this.chip(name, value, () => api.sendText(this.pane.as, this.pane.chat, value()));
    const other = (name, sign) => this.chip(name, null, () => api.sendOther(this.pane.as, this.pane.chat, name), sign);
    this.root.replaceChildren(
      text("good", () => this.unused()),
      ...Object.entries(examples).map(([name, vin]) => text(name, () => vin)),
      text("again", () => this.latest()),
      other("photo", "📷"), other("voice", "🎤"), other("sticker", "🚗"),
      this.chip("flood", null, () => api.flood()),
    );
    this.refresh();
  }

  refresh() {
    for (const chip of this.root.children) chip.title = this.values.get(chip)?.() || t(`chips.${chip.dataset.chip}`);
  }

  chip(name, value, send, sign = "") {
    const label = t(`chips.${name}`);
    const button = el("button", { type: "button", "data-chip": name, "aria-label": t("chips.send", { what: label }) }, sign || label);
    button.addEventListener("click", async () => {
      try {
        await send();
      } catch (error) {
        this.pane.fail(error);
      }
    });
    this.values.set(button, value);
    return button;
  }

  sent() {
    return [...this.pane.app.messages(this.pane.chat).values()].filter((m) => m.from === this.pane.as).map((m) => m.text);
  }

  unused() {
    const sent = this.sent();
    return good.find((vin) => !sent.includes(vin)) || good[0];
  }

  latest() {
    return this.sent().findLast((text) => good.includes(text)) || good[0];
  }
}
