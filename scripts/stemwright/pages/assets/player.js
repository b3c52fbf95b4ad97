// The player of a page: the controls of templates/player.html, and the keyboard.
"use strict";
(() => {
  const stemwright = globalThis.stemwright;
  const { transport } = stemwright;
  const root = document.getElementById("player");
  if (!root) return;

  const find = (selector) => root.querySelector(selector);
  const all = (selector) => [...root.querySelectorAll(selector)];
  const action = (name) => find(`[data-do="${name}"]`);
  const shown = (name) => find(`[data-show="${name}"]`);

  const rows = all(".strip");
  const radios = all('[name="player-source"]');
  const buttons = all("[data-start]");
  const wholes = radios.map(({ value }) => value).filter((id) => id !== "stems");
  const desk = new stemwright.Desk(transport, stemwright.Mixer.strips(rows), wholes);
  const mixer = new stemwright.Mixer(rows, desk, say);
  const slots = { A: wholes[0] ?? "stems", B: wholes[1] ?? (rows.length ? "stems" : wholes[0]) };
  let slot = "A";
  stemwright.desk = desk;
  transport.seconds = Number(root.dataset.seconds);
  transport.sections = buttons.map(({ dataset }) => ({
    name: dataset.name,
    start: Number(dataset.start),
    end: Number(dataset.end),
  }));
  transport.open = open;

  /** An audio context that runs, with what is to be heard connected. Browsers start one only after a click or a key. */
  async function open() {
    const { audio } = await stemwright.loadTrack(desk.tracks(desk.source)[0]);
    transport.context ??= new AudioContext({ sampleRate: audio.rate });
    const { context } = transport;
    const patience = new Promise((resolve) => setTimeout(resolve, 1000));
    if (context.state !== "running") await Promise.race([context.resume(), patience]);
    if (context.state !== "running")
      throw new stemwright.Problem("The browser does not let this page sound yet. Press Play, or Space.");
    await desk.connect(context);
    showSources(); // all that is known of their loudness is there now
    return context;
  }

  // Controls

  action("play").addEventListener("click", () => transport.toggle());
  action("stop").addEventListener("click", () => transport.stop());
  action("loop").addEventListener("click", () => transport.loop(!transport.looping));
  action("reset")?.addEventListener("click", () => mixer.reset());
  action("keys").addEventListener("click", () => find("dialog").showModal());
  action("seek").addEventListener("input", ({ target }) => {
    target.dataset.held = "";
    showPosition(Number(target.value));
  });
  action("seek").addEventListener("change", ({ target }) => {
    delete target.dataset.held;
    transport.seek(Number(target.value));
  });
  action("equal").addEventListener("change", ({ target }) => setEqual(target.checked));
  for (const button of buttons) button.addEventListener("click", () => jump(transport.sections[buttons.indexOf(button)]));
  for (const radio of radios) radio.addEventListener("change", () => desk.choose(radio.value));
  for (const button of all("[data-slot]")) button.addEventListener("click", () => compare(button.dataset.slot));

  function jump(section) {
    say(section.name);
    transport.seek(section.start);
  }

  /** The section after the playhead (1), or before it (-1): the start of this one, if that is more than a second away. */
  function step(direction) {
    const { sections, position } = transport;
    const section =
      direction > 0
        ? sections.find(({ start }) => start > position + 1e-3)
        : sections.findLast(({ start }) => start < position - 1);
    if (section) jump(section);
    else if (direction < 0) transport.seek(0);
  }

  function compare(to) {
    slot = to;
    desk.choose(slots[slot]);
  }

  function setEqual(equal) {
    desk.equal = equal;
    action("equal").checked = equal;
    say(equal ? "Equal loudness" : "Loudness as it is");
    showSources();
    desk.update();
  }

  // What is shown

  transport.addEventListener("state", ({ detail: { state } }) => {
    const { running, context } = transport;
    action("play").textContent = running ? "Pause" : "Play";
    find(".player-bar").dataset.state = state;
    if (running) find(".player-problem").textContent = "";
    say({ loading: "Loading", playing: `Playing ${nameOf(desk.source)}`, paused: "Paused", stopped: "Stopped" }[state]);
    if (state === "playing") requestAnimationFrame(follow);
    if (!running && context) setTimeout(() => transport.running || context.suspend(), 200);
  });
  transport.addEventListener("position", ({ detail: { seconds } }) => showPosition(seconds));
  transport.addEventListener("loop", ({ detail: { looping } }) => {
    action("loop").setAttribute("aria-pressed", looping);
    say(looping ? `Loop ${transport.section()?.name ?? "off: there is no section here"}` : "Loop off");
  });
  transport.addEventListener("problem", ({ detail: { text } }) => (find(".player-problem").textContent = text));
  desk.addEventListener("source", ({ detail: { source } }) => {
    slots[slot] = source;
    say(`Source ${nameOf(source)}`);
    showSources();
  });

  /** Once for each frame of the screen, while something plays. */
  function follow() {
    mixer.measure();
    if (transport.state !== "playing") return;
    transport.dispatchEvent(new CustomEvent("position", { detail: { seconds: transport.position } }));
    requestAnimationFrame(follow);
  }

  function showPosition(seconds) {
    const line = action("seek");
    const section = transport.section(seconds);
    shown("position").textContent = clock(seconds);
    line.style.setProperty("--gone", transport.seconds ? seconds / transport.seconds : 0);
    line.setAttribute("aria-valuetext", section ? `${clock(seconds)}, ${section.name}` : clock(seconds));
    if (!("held" in line.dataset)) line.value = seconds;
    buttons.forEach((button, n) => button.toggleAttribute("aria-current", transport.sections[n] === section));
  }

  function showSources() {
    for (const radio of radios) {
      const db = desk.match(radio.value);
      radio.checked = radio.value === desk.source;
      radio.parentElement.querySelector("small").textContent = db ? `−${Math.abs(db).toFixed(1)} dB` : "";
    }
    for (const button of all("[data-slot]")) {
      button.setAttribute("aria-pressed", button.dataset.slot === slot);
      button.querySelector("span").textContent = nameOf(slots[button.dataset.slot]);
    }
  }

  function nameOf(source) {
    return radios.find(({ value }) => value === source)?.dataset.name ?? source;
  }

  function say(text) {
    find(".player-status").textContent = text;
  }

  /** 0:00.0, or 0:00:00.0 from an hour on. */
  function clock(seconds) {
    const tenths = Math.floor(seconds * 10 + 1e-6);
    const [hours, minutes] = [Math.floor(tenths / 36000), Math.floor(tenths / 600) % 60];
    const rest = ((tenths % 600) / 10).toFixed(1).padStart(4, "0");
    return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
  }

  // Keyboard

  const KEYS = {
    " ": () => transport.toggle(),
    ArrowLeft: (event) => transport.seek(transport.position - (event.shiftKey ? 1 : 5)),
    ArrowRight: (event) => transport.seek(transport.position + (event.shiftKey ? 1 : 5)),
    "[": () => step(-1),
    "]": () => step(1),
    l: () => transport.loop(!transport.looping),
    a: () => compare("A"),
    b: () => compare("B"),
    e: () => setEqual(!desk.equal),
    0: () => rows.length && mixer.reset(),
    "?": () => find("dialog").showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey !== event.altKey) return; // AltGr is both
    if (find("dialog").open || !action("shortcuts").checked || hasOwnUse(event)) return;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const row = digit && mixer.row(digit - 1);
    const does = row ? () => (event.shiftKey ? mixer.mute(row) : mixer.solo(row)) : KEYS[event.key.toLowerCase()] ?? KEYS[event.key];
    if (!does) return;
    event.preventDefault();
    does(event);
  });

  /** Whether what has the focus needs the key for itself. */
  function hasOwnUse({ target, key }) {
    if (target.isContentEditable || target.matches("textarea, select")) return true;
    if (target.matches("input") && !["range", "radio", "checkbox"].includes(target.type)) return true;
    if (key === " ") return target.matches("button, summary, a[href], input[type=checkbox], input[type=radio]");
    return key.startsWith("Arrow") && target !== action("seek") && target.matches("input, [tabindex]");
  }

  desk.source = slots.A;
  shown("seconds").textContent = clock(transport.seconds);
  for (const button of buttons) button.querySelector("small").textContent = clock(Number(button.dataset.start));
  showPosition(0);
  showSources();
})();
