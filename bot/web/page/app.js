"use strict";
// The chat page of the demo. The server sends the whole state once and then what changes; nothing here is kept but which
// messages were seen. Text reaches the page only as text nodes, never as markup.

const $ = (id) => document.getElementById(id);
const people = new Map(); // id -> {ID, Name, About, Locale, Blocked, Menu, bubbles: Map, seen}
let current = 0, zone = "Asia/Tashkent", boot = "", stepping = false, moving = false, toastTimer = 0, typingTimer = 0;

// make builds an element with properties, classes and children.
function make(tag, props = {}, ...kids) {
  const el = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (k in el) el[k] = v; else el.setAttribute(k, v);
  }
  el.append(...kids.filter((k) => k !== null && k !== undefined));
  return el;
}

const format = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options });
const hour = (t) => format({ hour: "2-digit", minute: "2-digit" }).format(new Date(t));
const day = (t) => format({ weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(new Date(t));

// What is done is sent in the order in which it was done: two requests at once may overtake each other on their way.
let underWay = Promise.resolve();
function post(path, body) {
  underWay = underWay.then(() => deliver(path, body));
  return underWay;
}

// deliver posts an action as JSON, or a file as it is.
async function deliver(path, body) {
  const file = body instanceof Blob;
  try {
    const answer = await fetch(path, { method: "POST", headers: { "Content-Type": file ? "application/octet-stream" : "application/json" },
      body: file ? body : JSON.stringify(body) });
    const problem = (await answer.json()).Error;
    if (problem) toast(problem);
    return !problem;
  } catch {
    toast("The demo does not answer. Is it still running?");
    return false;
  }
}

// --- what a message looks like

const elements = { b: "b", i: "i", u: "u", s: "s", code: "code", pre: "pre", blockquote: "blockquote" };

function nodes(list) {
  return (list || []).flatMap((n) => {
    if (!n.Tag) return linked(n.Text);
    if (n.Tag === "a") return [link(n.URL, ...nodes(n.Kids))];
    if (n.Tag === "tg-spoiler") return [make("span", { className: "spoiler", tabIndex: 0 }, ...nodes(n.Kids))];
    return [make(elements[n.Tag] || "span", {}, ...nodes(n.Kids))];
  });
}

// A link that starts the bot leads into the demo, not to Telegram: whom it was sent to is asked.
const starts = /^https:\/\/t\.me\/\w+\?start=([\w-]+)$/;

function link(url, ...kids) {
  const start = url.match(starts);
  if (start) return make("button", { type: "button", className: "command", onclick: () => whoOpens(start[1]) }, ...kids);
  if (!/^(https?|tg):/i.test(url)) return make("span", {}, ...kids);
  return make("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...kids);
}

// linked makes bare addresses and commands in a text clickable, as Telegram does.
function linked(text) {
  const out = [];
  let from = 0;
  for (const m of text.matchAll(/https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]|(?<![\w/])\/[a-z][a-z0-9_]{0,31}(?![\w/])/g)) {
    out.push(text.slice(from, m.index));
    out.push(m[0].startsWith("/")
      ? make("button", { type: "button", className: "command", onclick: () => say(m[0]) }, m[0]) : link(m[0], m[0]));
    from = m.index + m[0].length;
  }
  out.push(text.slice(from));
  return out.filter((part) => part !== "");
}

function size(bytes) {
  return bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} kB`;
}

// shown is the text of a message as clients show it: of a /start with a parameter only the command.
const shown = (b) => b.From && /^\/start \S+$/.test(words(b.Text)) ? [{ Text: "/start" }] : b.Text;

function bubble(b) {
  const li = make("li", { className: b.From ? "message mine" : "message", id: "m" + b.Message });
  const box = make("div", { className: "bubble" }, make("span", { className: "unseen" }, b.From ? "You:" : "recbot:"));
  if (b.File) {
    box.append(make("a", { className: "file", href: "/file/" + encodeURIComponent(b.File.ID), download: b.File.Name },
      make("span", { className: "icon", "aria-hidden": "true" }, "↓"), b.File.Name || "photo", make("small", {}, size(b.File.Size))));
  }
  box.append(make("div", { className: "body", dir: "auto" }, ...nodes(shown(b))));
  box.append(make("span", { className: "meta" }, (b.Silent ? "silent · " : "") + (b.Edited ? "edited " : "") + hour(b.Sent)));
  li.append(box);
  if (b.Rows && b.Rows.length) li.append(keys(b));
  return li;
}

function keys(b) {
  const box = make("div", { className: "keys", role: "group", "aria-label": "Buttons under the message" });
  for (const row of b.Rows) {
    box.append(make("div", {}, ...row.map((k) => k.URL
      ? make("a", { href: k.URL, target: "_blank", rel: "noopener noreferrer" }, k.Label + " ↗")
      : make("button", { type: "button", onclick: (e) => press(b.Message, k.Data, e.currentTarget) }, k.Label))));
  }
  return box;
}

// --- the chat

const me = () => people.get(current);
const ordered = (p) => [...p.bubbles.values()].sort((a, b) => a.Message - b.Message);
const unread = (p) => ordered(p).filter((b) => !b.From && b.Message > p.seen).length;
const words = (list) => (list || []).map((n) => n.Text + words(n.Kids)).join("");

function show(id) {
  current = id;
  $("log").replaceChildren();
  closeMenu();
  redraw();
  $("log").scrollTop = $("log").scrollHeight;
}

// redraw brings the open chat up to date. What has not changed stays, and with it focus and scroll position.
function redraw() {
  const p = me(), log = $("log"), list = ordered(p), wanted = [];
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
  let last = "";
  for (const b of list) {
    if (day(b.Sent) !== last) wanted.push(dayLine(last = day(b.Sent)));
    wanted.push(element(b));
  }
  if (!list.length) wanted.push(make("li", { className: "empty" }, `You are ${p.Name}. Press Start to talk to the bot.`));
  const focus = whereFocusIs();
  patch(log, wanted);
  restore(focus);
  if (atEnd) log.scrollTop = log.scrollHeight;
  p.seen = list.length ? list[list.length - 1].Message : p.seen;
  remember();
  bars();
}

function patch(log, wanted) {
  const keep = new Set(wanted);
  for (const el of [...log.children]) if (!keep.has(el)) el.remove();
  wanted.forEach((el, i) => { if (log.children[i] !== el) log.insertBefore(el, log.children[i] || null); });
}

const dayLine = (text) => [...document.querySelectorAll("#log > .day")].find((el) => el.textContent === text)
  || make("li", { className: "day" }, text);

// element gives the element of a message, a new one only if the message changed.
function element(b) {
  const old = $("m" + b.Message);
  if (old && old.shows === b) return old;
  const el = bubble(b);
  el.shows = b;
  return el;
}

// An edit replaces buttons under the finger of somebody who uses the keyboard: put focus back to the same place.
function whereFocusIs() {
  const at = document.activeElement, li = at && at.closest && at.closest("li.message");
  return li ? { id: li.id, n: [...li.querySelectorAll("button, a")].indexOf(at) } : null;
}

function restore(focus) {
  if (!focus || document.activeElement !== document.body) return;
  const all = $(focus.id) ? [...$(focus.id).querySelectorAll("button, a")] : [];
  (all[Math.min(Math.max(focus.n, 0), all.length - 1)] || $("log")).focus({ preventScroll: true });
}

function bars() {
  // Who was written to before their first word is offered Start all the same.
  const p = me(), empty = !ordered(p).some((b) => b.From);
  $("status").textContent = `you are ${p.Name} — ${p.About}`;
  $("block").checked = p.Blocked;
  $("unblock").hidden = !p.Blocked;
  $("start").hidden = p.Blocked || !empty;
  $("compose").hidden = p.Blocked || empty;
  listPeople();
}

function listPeople() {
  for (const p of people.values()) {
    if (!p.el) {
      p.el = make("button", { type: "button", className: "person", onclick: () => show(p.ID) });
      $("people").append(make("li", {}, p.el));
    }
    const n = p.ID === current ? 0 : unread(p), last = ordered(p).at(-1);
    const avatar = make("span", { className: "avatar", "aria-hidden": "true" }, p.Name.slice(0, 1));
    avatar.style.setProperty("--hue", (p.order * 97 + 205) % 360);
    p.el.className = p.Blocked ? "person blocked" : "person";
    p.el.toggleAttribute("aria-current", p.ID === current);
    if (p.ID === current) p.el.setAttribute("aria-current", "true");
    p.el.replaceChildren(avatar, make("div", {},
      make("div", { className: "name" }, p.Name), make("div", { className: "about" }, p.About),
      make("div", { className: "last" }, last ? (last.From ? "You: " : "") + (words(shown(last)) || last.File?.Name || "") : "no messages yet")));
    if (n) p.el.append(make("span", { className: "badge", "aria-label": n + " unread" }, String(n)));
  }
}

const key = "recbot-demo-seen";
function remember() {
  sessionStorage.setItem(key, JSON.stringify({ boot, current, seen: [...people.values()].map((p) => [p.ID, p.seen]) }));
}

// --- what the person does

async function say(text) {
  const html = formatted(text);
  if (!await post("/say", html === escaped(text) ? { Who: current, Text: text } : { Who: current, HTML: html })) return false;
  $("log").scrollTop = $("log").scrollHeight;
  return true;
}

const escaped = (text) => text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

// formatted does what Telegram's own clients do with these signs before a message leaves.
function formatted(text) {
  return escaped(text).replace(/`([^`\n]+)`/g, "<code>$1</code>").replace(/\*\*([^*\n]+)\*\*/g, "<b>$1</b>")
    .replace(/__([^_\n]+)__/g, "<i>$1</i>").replace(/~~([^~\n]+)~~/g, "<s>$1</s>");
}

// mark puts signs of formatting around what is selected, as Ctrl+B and Ctrl+I do in Telegram.
function mark(sign) {
  const box = $("text"), from = box.selectionStart, to = box.selectionEnd;
  box.setRangeText(sign + box.value.slice(from, to) + sign, from, to, "end");
  if (from === to) box.setSelectionRange(from + sign.length, from + sign.length);
}

async function attach() {
  const file = $("file").files[0], caption = $("text").value.trim();
  if (!file) return;
  const what = new URLSearchParams({ who: current, name: file.name, photo: file.type.startsWith("image/"), caption: formatted(caption) });
  if (await post("/attach?" + what, file)) {
    $("text").value = "";
    fit();
    $("log").scrollTop = $("log").scrollHeight;
  }
  $("file").value = "";
  $("text").focus();
}

// whoOpens lets one of the people open a link with a start parameter, in their own chat.
function whoOpens(payload) {
  $("openers").replaceChildren(...[...people.values()].map((p) => make("button", { type: "button", onclick: () => {
    $("opens").close();
    show(p.ID);
    say("/start " + payload);
  } }, `${p.Name} — ${p.About}`)));
  $("opens").showModal();
}

async function press(message, data, button) {
  button.classList.add("waiting");
  if (!await post("/press", { Who: current, Message: message, Data: data })) button.classList.remove("waiting");
}

async function send(event) {
  if (event) event.preventDefault();
  const box = $("text"), text = box.value.trim();
  if (!text) return;
  box.value = "";
  fit();
  closeMenu();
  if (!await say(text) && !box.value) box.value = text;
  box.focus();
}

function fit() {
  $("text").style.height = "auto";
  $("text").style.height = $("text").scrollHeight + 2 + "px";
}

// openMenu lists the commands that begin with what is typed.
function openMenu(typed = "/") {
  const items = (me().Menu || []).filter((m) => ("/" + m.Command).startsWith(typed.toLowerCase()));
  $("commands").replaceChildren(...items.map((m) => make("button", { type: "button", role: "menuitem",
    onclick: () => { closeMenu(); $("text").value = ""; say("/" + m.Command); $("text").focus(); } },
    make("code", {}, "/" + m.Command), m.Description)));
  if (!items.length) $("commands").append(make("p", {}, "The bot has set no commands."));
  $("commands").hidden = !items.length && typed !== "/";
  $("menu").setAttribute("aria-expanded", String(!$("commands").hidden));
}

function closeMenu() {
  $("commands").hidden = true;
  $("menu").setAttribute("aria-expanded", "false");
}

function menuKeys(event) {
  const items = [...$("commands").querySelectorAll("button")], at = items.indexOf(document.activeElement);
  if (event.key === "Escape" && !$("commands").hidden) {
    closeMenu();
    $("text").focus();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && items.length && !$("commands").hidden) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    items[at < 0 ? (step > 0 ? 0 : items.length - 1) : (at + step + items.length) % items.length].focus();
  }
}

async function step(kind) {
  stepping = true;
  busy();
  await post("/clock", { Step: kind });
  stepping = false;
  busy();
}

function busy() {
  const is = stepping || moving;
  $("busy").hidden = !is;
  for (const b of document.querySelectorAll("[data-step]")) b.disabled = is;
}

function toast(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { $("toast").hidden = true; }, 4000);
}

// --- what the server tells

function clock(c) {
  $("now").dateTime = c.Now;
  $("now").textContent = format({ weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" })
    .format(new Date(c.Now)) + " " + zone.split("/").pop().replace("_", " ");
  moving = c.Busy;
  busy();
}

function whole(state) {
  const kept = JSON.parse(sessionStorage.getItem(key) || "{}"), same = kept.boot === state.Boot;
  zone = state.Zone;
  boot = state.Boot;
  people.clear();
  $("people").replaceChildren();
  (state.People || []).forEach((p, order) => {
    const seen = same ? new Map(kept.seen).get(p.ID) : 0;
    people.set(p.ID, { ...p, order, seen: seen || 0, bubbles: new Map((p.Bubbles || []).map((b) => [b.Message, b])) });
  });
  clock(state.Clock);
  if (!people.size) return;
  const wish = current || (same && kept.current);
  show(people.has(wish) ? wish : people.keys().next().value);
}

function changed(e) {
  const p = people.get(e.Chat), open = e.Chat === current;
  if (!p) return;
  switch (e.Kind) {
    case "message":
      if (!p.bubbles.has(e.Message) && !e.Bubble.From) {
        $("live").append(make("p", {}, (open ? "recbot: " : `for ${p.Name}: `) + (words(e.Bubble.Text) || e.Bubble.File?.Name || "")));
        while ($("live").children.length > 5) $("live").firstChild.remove();
      }
      p.bubbles.set(e.Message, e.Bubble);
      break;
    case "edit": p.bubbles.set(e.Message, e.Bubble); break;
    case "delete": p.bubbles.delete(e.Message); break;
    case "menu": p.Menu = e.Menu; if (open && !$("commands").hidden) openMenu(); return;
    case "blocked": p.Blocked = e.Blocked; break;
    case "typing": typing(open); return;
    case "toast": answered(e, open); return;
  }
  if (open) redraw(); else listPeople();
}

function answered(e, open) {
  if (!open) return;
  for (const b of document.querySelectorAll(`#m${e.Message} .waiting`)) b.classList.remove("waiting");
  if (!e.Toast) return;
  if (!e.Alert) return toast(e.Toast);
  $("alert-text").textContent = e.Toast;
  $("alert").showModal();
}

function typing(open) {
  if (!open) return;
  $("status").textContent = "typing…";
  clearTimeout(typingTimer);
  typingTimer = setTimeout(bars, 5000);
}

function connect() {
  const source = new EventSource("/events");
  const on = (name, take) => source.addEventListener(name, (e) => take(JSON.parse(e.data)));
  on("state", whole);
  on("chat", changed);
  on("clock", clock);
  source.onerror = () => {
    $("status").textContent = "connecting…";
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, 2000);
  };
}

$("compose").addEventListener("submit", send);
$("text").addEventListener("input", () => {
  fit();
  const typed = $("text").value;
  if (/^\/\w*$/.test(typed)) openMenu(typed); else closeMenu();
});
$("text").addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && (e.key === "b" || e.key === "i")) {
    e.preventDefault();
    mark(e.key === "b" ? "**" : "__");
  }
  if (e.key === "Enter" && !e.shiftKey && !e.isComposing) send(e);
});
$("compose").addEventListener("keydown", menuKeys);
$("attach").addEventListener("click", () => $("file").click());
$("file").addEventListener("change", attach);
$("menu").addEventListener("click", () => {
  if (!$("commands").hidden) return closeMenu();
  openMenu();
  const first = $("commands").querySelector("button");
  if (first) first.focus();
});
document.addEventListener("click", (e) => { if (!e.target.closest("#compose")) closeMenu(); });
// Whoever went on to a button before the answer was there keeps their place.
$("start").addEventListener("click", async () => { if (await say("/start") && !whereFocusIs()) $("text").focus(); });
$("unblock").addEventListener("click", () => post("/block", { Who: current, Blocked: false }));
$("block").addEventListener("change", (e) => post("/block", { Who: current, Blocked: e.target.checked }));
for (const b of document.querySelectorAll("[data-step]")) b.addEventListener("click", () => step(b.dataset.step));
connect();
