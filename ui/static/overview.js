// The whole recording: hypnogram, events of one label, steps from one to the next. Shares the scope of viewer.js,
// which comes after it and names the elements.
const HEIGHTS = { W: 0, R: 1, 1: 2, 2: 3, 3: 4 }, NAMES = { W: "W", R: "R", 1: "N1", 2: "N2", 3: "N3" };
let whole = null, polling = 0, lookedAt = "";

// Asked for when a recording opens, after every answer, and while a search runs.
async function look(method = "GET") {
  clearTimeout(polling);
  const handle = view?.handle;
  if (!handle) return;
  const reply = await fetch(`/overview/${encodeURIComponent(handle)}.json`, { method }).catch(() => null);
  const said = reply?.ok ? await reply.json() : null;
  if (view.handle !== handle) return;
  const before = whole?.state;
  whole = said;
  if (whole?.state === "reading") polling = setTimeout(look, 500);
  if (whole?.state !== before || whole?.state !== "ready" || lookedAt !== handle) drawWhole();
  lookedAt = handle;
}

function drawWhole() {
  const state = whole?.state, reading = state === "reading";
  read.hidden = !view?.handle || state === "ready";
  read.disabled = reading;
  read.textContent = reading ? `Reading … ${Math.round(100 * whole.done)} %` : state === "failed" ? "Read again" : "Read whole recording";
  read.title = state === "failed" ? whole.why : "Look for every waveform, artifact and pattern, and stage sleep";
  const rows = (whole?.labels ?? []).filter((row) => row.events.length);
  what.hidden = state !== "ready";
  what.replaceChildren(new Option("Marks of the answer", ""), ...rows.map((row) => new Option(`${row.name} (${row.events.length})`, row.label)));
  what.value = view?.label ?? "";
  drawNight();
  drawMarks();
  draw();
}

// Events of the label that is chosen, in the form of an answer's marks.
function chosen() {
  const row = view?.label && whole?.labels?.find((entry) => entry.label === view.label);
  return row ? row.events.map(([at, duration]) => ({ name: row.name, onset: at, duration, where: "" })) : null;
}

function choose() {
  order({ act: "label", label: what.value });
  what.blur(); // the arrow keys are the page's again
}

// The event of the chosen marks that begins next after, or last before, the middle of the page.
function step(by) {
  const events = chosen() ?? view?.events ?? [];
  const middle = onset + view.duration / 2, at = (event) => event.onset + event.duration / 2;
  const beyond = events.filter((event) => by > 0 ? at(event) > middle + 0.05 : at(event) < middle - 0.05);
  const to = by > 0 ? beyond[0] : beyond[beyond.length - 1];
  if (to) go(Math.max(0, at(to) - view.duration / 2), true);
}

function stageAt(seconds) {
  const letter = whole?.stages?.[Math.floor((seconds - whole.first) / whole.epoch)];
  return NAMES[letter] ?? "";
}

function drawNight() {
  const stages = whole?.stages ?? "";
  night.hidden = stages.length < 2;
  if (night.hidden) return;
  const ratio = window.devicePixelRatio || 1, width = night.clientWidth * ratio, height = night.clientHeight * ratio;
  Object.assign(night, { width, height });
  const pen = night.getContext("2d"), style = getComputedStyle(night);
  const x = (epoch) => (whole.first + epoch * whole.epoch) / view.total * width;
  const y = (letter) => (HEIGHTS[letter] + 0.5) / 5 * height;
  pen.strokeStyle = style.color;
  pen.fillStyle = style.color;
  pen.lineWidth = 1.2 * ratio;
  pen.beginPath();
  let last = "";
  [...stages].forEach((letter, i) => {
    if (!(letter in HEIGHTS)) { last = ""; return; }
    if (last) pen.lineTo(x(i), y(letter)); else pen.moveTo(x(i), y(letter));
    pen.lineTo(x(i + 1), y(letter));
    if (letter === "R") pen.fillRect(x(i), y(letter) - 1.5 * ratio, Math.max(1, x(i + 1) - x(i)), 3 * ratio);
    last = letter;
  });
  pen.stroke();
}

function jump(event, box) {
  const at = (event.clientX - box.left) / box.width * view.total;
  go(Math.floor(at / view.duration) * view.duration, true);
}
