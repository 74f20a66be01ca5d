// Everything that goes to the demo's server and comes from it.
import { language } from "./words.js";

const base = () => `/api/${language()}/`;

export class Refused extends Error {
  constructor(status) {
    super(`status ${status}`);
    this.status = status;
  }
}

async function answered(request) {
  let response;
  try {
    response = await request;
  } catch {
    throw new Refused(0);
  }
  if (!response.ok) throw new Refused(response.status);
  return response.status === 204 ? null : response.json();
}

function post(path, body) {
  return answered(fetch(base() + path, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  }));
}

export const sendText = (as, chat, text, replyTo = 0) => post("text", { as, chat, text, replyTo });
export const sendOther = (as, chat, kind) => post("other", { as, chat, kind });
export const press = (as, chat, message, data) => post("press", { as, chat, message, data });
export const setBlocked = (as, blocked) => post("block", { as, blocked });
export const flood = () => post("flood", {});
export const commands = (as, chat) => answered(fetch(`${base()}commands?${new URLSearchParams({ as, chat })}`));

export function sendDocuments(as, chat, { files, samples, caption, replyTo }) {
  const form = new FormData();
  form.set("as", as);
  form.set("chat", chat);
  form.set("caption", caption);
  if (replyTo) form.set("reply_to", replyTo);
  for (const file of files) form.append("file", file);
  if (samples) form.set("samples", samples);
  return answered(fetch(`${base()}document`, { method: "POST", body: form }));
}

export const fileAddress = (m) => `${base()}file/${m.chat}/${m.id}/${encodeURIComponent(m.document?.name || "file")}`;

// connect keeps a stream of events open until the returned function is called. Whenever it comes back after a break,
// it begins with everything anew.
export function connect({ state, message, removed, person, online }) {
  let source = null;
  let timer = 0;
  let ended = false;
  const open = () => {
    source = new EventSource(`${base()}events`);
    const on = (name, handle) => source.addEventListener(name, (e) => {
      if (!ended) handle(JSON.parse(e.data));
    });
    on("state", (all) => {
      online(true);
      state(all);
    });
    on("message", message);
    on("removed", removed);
    on("person", person);
    source.onerror = () => {
      if (ended) return;
      online(false);
      if (source.readyState === EventSource.CLOSED) {
        clearTimeout(timer);
        timer = setTimeout(open, 1000);
      }
    };
  };
  open();
  return () => {
    ended = true;
    clearTimeout(timer);
    source.close();
  };
}
