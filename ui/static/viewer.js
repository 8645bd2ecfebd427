// The page viewer. Runs once, with Gradio's `element`, `props`, `watch` and `trigger` in scope.
// Pages turn at once from pictures fetched ahead; the server hears of it a moment later.
const get = (name) => element.querySelector("." + name);
const paper = get("paper"), trouble = get("trouble"), track = get("track"), here = get("here");
const ticks = get("ticks"), clock = get("clock"), list = get("list"), night = get("night");
const what = get("what"), read = get("read"), steps = element.querySelectorAll(".step");
const ahead = new Map();
let view = null, onset = 0, wanted = "", outbox = [], awaited = 0, count = 0, timer = 0;

const address = (at) => `/page/${encodeURIComponent(view.handle)}.png?${view.fields}&onset=${+at.toFixed(3)}`;

function picture(url) {
  if (!ahead.has(url)) {
    const image = new Image();
    image.alt = "EEG page";
    image.draggable = false;
    image.src = url;
    ahead.set(url, image);
    while (ahead.size > 8) ahead.delete(ahead.keys().next().value);
  }
  return ahead.get(url);
}

function place(image, url) {
  if (url !== wanted) return;
  trouble.hidden = true;
  paper.querySelector("img")?.remove();
  image.style.width = image.naturalWidth / (window.devicePixelRatio || 1) + "px";
  image.dataset.address = url;
  paper.append(image);
  for (const step of [1, -1]) {
    const at = onset + step * view.duration;
    if (at >= 0 && at < view.total) picture(address(at));
  }
}

async function explain(url) {
  if (url !== wanted) return;
  ahead.delete(url);
  const reply = await fetch(url).catch(() => null);
  if (url !== wanted) return;
  paper.querySelector("img")?.remove();
  trouble.textContent = !reply ? "The server does not answer. Start Glossa again, then reload this page."
    : reply.status === 404 ? "This recording is not here any more. Open it again." : await reply.text();
  trouble.hidden = false;
}

function draw() {
  if (!view?.handle) return;
  const url = address(onset);
  if (url !== wanted || !paper.querySelector("img")) {
    wanted = url;
    const image = picture(url);
    if (image.complete && image.naturalWidth) place(image, url);
    else { image.onload = () => place(image, url); image.onerror = () => explain(url); }
  }
  here.style.left = 100 * onset / view.total + "%";
  here.style.width = Math.max(0.4, 100 * Math.min(view.duration, view.total - onset) / view.total) + "%";
  const epoch = view.duration === EPOCH && onset % EPOCH === 0 ? `epoch ${onset / EPOCH + 1} · ` : "", stage = stageAt(onset);
  clock.textContent = `${epoch}${stage ? stage + " · " : ""}${time(onset)} of ${time(view.total)}`;
  if (chosen()) listNear();
  for (const chip of list.querySelectorAll("button")) {
    const at = +chip.dataset.onset;
    chip.classList.toggle("in", at + +chip.dataset.duration > onset && at < onset + view.duration);
  }
}

function time(seconds) {
  const whole = Math.floor(seconds + 1e-6), two = (n) => String(n).padStart(2, "0");
  const rest = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole >= 3600 ? `${Math.floor(whole / 3600)}:${rest}` : rest;
}

// A night has thousands of events: the time line has room for a tick in each of so many parts.
const PARTS = 600, LISTED = 40, EPOCH = 30;

function drawMarks() {
  const events = chosen() ?? view.events, taken = new Map();
  for (const event of events) {
    const part = Math.floor(PARTS * event.onset / view.total);
    taken.set(part, Math.max(taken.get(part) ?? 0, event.onset + event.duration));
  }
  ticks.replaceChildren(...[...taken].map(([part, stop]) => {
    const tick = document.createElement("i");
    tick.style.left = 100 * part / PARTS + "%";
    tick.style.width = Math.max(0.15, 100 * (stop / view.total - part / PARTS)) + "%";
    return tick;
  }));
  steps.forEach((button) => { button.disabled = !events.length; });
  if (chosen()) return listNear();
  list.replaceChildren(...view.events.map(chipOf));
  if (view.more) list.append(note(`and ${view.more} more`));
  if (!view.events.length) list.append(note("Waveforms that an answer names are listed here.", "none"));
}

// Of the whole recording, the list shows the events around the page.
function listNear() {
  const events = chosen();
  let first = events.findIndex((event) => event.onset + event.duration > onset);
  first = Math.max(0, (first < 0 ? events.length : first) - LISTED / 4);
  const near = events.slice(first, first + LISTED);
  list.replaceChildren(...near.map((event, i) => chipOf(event, first + i, i)));
  if (first) list.prepend(note(`${first} before`));
  if (first + near.length < events.length) list.append(note(`${events.length - first - near.length} after`));
}

function chipOf(event, number, stop = number) {
  const chip = document.createElement("button");
  chip.type = "button";
  chip.tabIndex = stop ? -1 : 0;
  chip.textContent = `${number + 1} ${event.name} · ${event.onset.toFixed(1)} s` + (event.where ? ` · ${event.where}` : "");
  chip.dataset.onset = event.onset;
  chip.dataset.duration = event.duration;
  chip.onclick = () => go(pageOf(event), true);
  return chip;
}

function note(text, kind = "") {
  return Object.assign(document.createElement("span"), { textContent: text, className: kind });
}

// The page of the grid on which an event lies; one that straddles two pages gets a page of its own.
function pageOf(event) {
  const start = Math.floor(event.onset / view.duration) * view.duration;
  const cut = event.onset + event.duration > start + view.duration;
  return cut ? Math.max(0, event.onset + event.duration / 2 - view.duration / 2) : start;
}

function go(at, now) {
  onset = Math.min(Math.max(0, at), Math.max(0, view.total - Math.min(1, view.total)));
  draw();
  order({ act: "go", onset }, now ? 0 : 120);
}

function turn(pages) {
  const at = onset + pages * view.duration;
  if (at < view.total && at > -view.duration) go(at);
}

// One batch of orders at a time is under way, so that answers never overtake each other.
function order(what, wait = 0) {
  const last = outbox[outbox.length - 1];
  if (last?.act === what.act && what.act === "gain") last.steps += what.steps;
  else if (last?.act === what.act && what.act !== "notch") outbox[outbox.length - 1] = what;
  else outbox.push(what);
  clearTimeout(timer);
  timer = setTimeout(send, wait);
}

function send() {
  if (!outbox.length || !view) return;
  if (awaited && Date.now() - awaited < 3000) { timer = setTimeout(send, 50); return; }
  awaited = Date.now();
  trigger("click", { orders: outbox.splice(0), echo: ++count });
}

function receive() {
  const before = view;
  view = props.value;
  if (!view) return;
  if (view.echo === count || !view.echo) awaited = 0;
  if (before?.handle !== view.handle) { outbox = []; ahead.clear(); whole = null; measure(); }
  if (!outbox.some((o) => o.act === "go")) onset = view.onset;
  if (before?.fields !== view.fields) ahead.clear();
  // An answer may have had the whole recording searched; what is known of it may have changed with it.
  if (before?.handle !== view.handle || before?.marks !== view.marks) { look(); drawWhole(); }
  drawMarks();
  draw();
  const focus = document.activeElement;
  if (focus?.matches("#controls input") && !focus.closest("#goto")) focus.blur(); // the arrow keys are the page's again
}

function measure() {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(paper.clientWidth * ratio), height = Math.round(paper.clientHeight * ratio);
  const now = new URLSearchParams(view?.fields);
  if (!view?.handle || width < 100 || height < 100) return;
  if (Math.abs(width - now.get("width")) > 1 || Math.abs(height - now.get("height")) > 1)
    order({ act: "size", width, height }, 150);
}

function key(event) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const at = event.target;
  if (event.key === "Escape") return leave(at);
  if (!view?.handle) return;
  if (event.key === "Enter" && at.closest("#goto")) setTimeout(() => at.blur(), 0);
  if (at.closest("textarea, select, [contenteditable], input:not([role=listbox]):not([type=checkbox])")) return;
  const chip = at.closest(".list button");
  if (chip && among(chip, event.key)) return event.preventDefault();
  const does = {
    "/": () => document.querySelector("#question textarea")?.focus(),
    ArrowRight: () => turn(1), PageDown: () => turn(1), ArrowLeft: () => turn(-1), PageUp: () => turn(-1),
    Home: () => go(0), End: () => go(Math.floor((view.total - 1e-6) / view.duration) * view.duration),
    ArrowUp: () => order({ act: "gain", steps: 1 }), "+": () => order({ act: "gain", steps: 1 }),
    ArrowDown: () => order({ act: "gain", steps: -1 }), "-": () => order({ act: "gain", steps: -1 }),
    n: () => order({ act: "notch" }), e: () => order({ act: "epoch", onset }), ",": () => step(-1), ".": () => step(1),
    ...Object.fromEntries([1, 2, 3, 4].map((n) => [n, () => order({ act: "montage", index: n - 1 })])),
  }[event.key];
  if (!does || (at.getAttribute("role") === "listbox" && event.key.startsWith("Arrow") && /Up|Down/.test(event.key))) return;
  event.preventDefault();
  does();
}

// Escape closes the settings; from the question and the controls it leads back to the page.
function leave(at) {
  const close = document.querySelector("#close-settings");
  if (close?.offsetParent) {
    close.click();
    document.querySelector("#settings-button").focus();
  } else if (!at.matches("[aria-expanded=true]")) paper.focus();
}

// The marks are one stop for the Tab key; arrow keys go from one to the next.
function among(chip, pressed) {
  const to = { ArrowRight: chip.nextElementSibling, ArrowLeft: chip.previousElementSibling }[pressed];
  if (to === undefined) return false;
  if (to?.matches("button")) { chip.tabIndex = -1; to.tabIndex = 0; to.focus(); }
  return true;
}

// Files dropped anywhere go the same way as files chosen with the button.
function drop(event) {
  event.preventDefault();
  const input = document.querySelector("#bar input[type=file]");
  if (event.type !== "drop" || !input || !event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

window.glossaOff?.();
const listeners = [[document, "keydown", key], [document, "dragover", drop], [document, "drop", drop],
  [document, "glossa-turn", (event) => view?.handle && turn(event.detail)]];
for (const [target, name, does] of listeners) target.addEventListener(name, does);
window.glossaOff = () => listeners.forEach(([target, name, does]) => target.removeEventListener(name, does));
for (const strip of [track, night]) strip.onclick = (event) => view?.handle && jump(event, strip.getBoundingClientRect());
read.onclick = () => look("POST");
what.onchange = choose;
for (const button of steps) button.onclick = () => view?.handle && step(+button.dataset.by);
new ResizeObserver(() => { measure(); drawNight(); }).observe(paper);
watch("value", receive);
receive();
