// The player of a page: the controls of templates/player.html, and the keyboard.
"use strict";
(() => {
  const root = document.querySelector(".player");
  if (!root) return;

  const find = (selector) => root.querySelector(selector);
  const all = (selector) => [...root.querySelectorAll(selector)];
  const action = (name) => find(`[data-do="${name}"]`);
  const shown = (name) => find(`[data-show="${name}"]`);

  const rows = all(".player-strip");
  const radios = all('[name="player-source"]');
  const wholes = radios.map(({ value }) => value).filter((id) => id !== "stems");
  const playback = new stemwright.Playback();
  const desk = new stemwright.Desk(playback, stemwright.Mixer.strips(rows), wholes);
  const mixer = new stemwright.Mixer(rows, desk, say);
  const slots = { A: wholes[0] ?? "stems", B: wholes[1] ?? (rows.length ? "stems" : wholes[0]) };
  let slot = "A";
  let timeline = null; // the text of the one that stands now
  let current = null; // the section that is marked
  let frame = 0; // of the screen, that is asked for
  playback.open = open;

  /** An audio context that runs, with what is to be heard connected. Browsers start one only after a click or a key. */
  async function open() {
    const { audio } = await stemwright.load(desk.tracks(desk.source)[0]);
    playback.context ??= new AudioContext({ sampleRate: audio.rate });
    const { context } = playback;
    const patience = new Promise((resolve) => setTimeout(resolve, 1000));
    await Promise.race([context.resume(), patience]);
    if (context.state !== "running")
      throw new stemwright.Problem("The browser does not let this page sound. Press Play, or look whether sound has an output.");
    context.onstatechange = () => context.state !== "running" && playback.state === "playing" && playback.pause(); // a call, say
    playback.soon = 0.03 + 2 * context.baseLatency; // the sound card is ahead of the clock by its buffer
    await desk.connect(context);
    showSources(); // all that is known of their loudness is there now
    return context;
  }

  // Controls

  action("play").addEventListener("click", () => playback.toggle());
  action("stop").addEventListener("click", () => playback.stop());
  action("loop").addEventListener("click", () => playback.loop(!playback.looping));
  action("reset")?.addEventListener("click", () => mixer.reset());
  action("keys").addEventListener("click", () => find("dialog").showModal());
  action("seek").addEventListener("input", ({ target }) => {
    target.dataset.held = "";
    showPosition(Number(target.value));
  });
  action("seek").addEventListener("change", ({ target }) => {
    delete target.dataset.held;
    playback.seek(Number(target.value));
  });
  action("seek").addEventListener("pointerup", ({ target }) => delete target.dataset.held); // no change, if it is as it was
  action("equal").addEventListener("change", ({ target }) => setEqual(target.checked));
  for (const radio of radios) radio.addEventListener("change", () => desk.choose(radio.value));
  for (const button of all("[data-slot]")) button.addEventListener("click", () => compare(button.dataset.slot));

  function jump(section) {
    say(section.name);
    playback.seek(section.start);
  }

  /** The section after the playhead (1), or before it (-1): the start of this one, if that is more than a second away. */
  function step(direction) {
    const { sections, position } = playback;
    const section =
      direction > 0
        ? sections.find(({ start }) => start > position + 1e-3)
        : sections.findLast(({ start }) => start < position - 1);
    if (section) jump(section);
    else if (direction < 0) playback.seek(0);
  }

  function compare(to, source = slots[to]) {
    slot = to;
    desk.choose(source);
  }

  /** Put two sources on A and B, and hear A. */
  function compareSources(a, b) {
    Object.assign(slots, { A: a, B: b });
    compare("A");
  }

  function setEqual(equal) {
    desk.equal = equal;
    action("equal").checked = equal;
    say(equal ? "Equal loudness" : "Loudness as it is");
    showSources();
    desk.update();
  }

  /** A button that was clicked with a mouse gives the keys back: Space is for Play. */
  root.addEventListener("click", ({ target, detail }) => {
    if (detail) target.closest("button, [type=radio], [type=checkbox]")?.blur();
  });

  /** The time of the song, or that of a source that has its own. */
  function keepTime() {
    const text = radios.find(({ value }) => value === desk.source)?.dataset.timeline ?? root.dataset.timeline;
    if (timeline === text) return;
    timeline = text;
    const { seconds, sections } = JSON.parse(text);
    action("seek").max = seconds;
    shown("seconds").textContent = clock(seconds, 1);
    find(".player-sections").replaceChildren(
      ...sections.map((section) => {
        const button = make("button", { type: "button" }, make("bdi", {}, section.name), " ", make("small", {}, clock(section.start)));
        button.addEventListener("click", () => jump(section));
        return make("li", {}, button);
      }),
    );
    playback.fit(seconds, sections);
  }

  // What is shown

  playback.addEventListener("state", ({ detail: { state } }) => {
    const { running, context } = playback;
    action("play").textContent = running ? "Pause" : "Play";
    root.dataset.state = state;
    if (running) find(".player-problem").textContent = "";
    say({ loading: "Loading", playing: `Playing ${nameOf(desk.source)}`, paused: "Paused", stopped: "Stopped" }[state]);
    if (state === "playing") follow();
    if (!running && context instanceof AudioContext) setTimeout(() => playback.running || context.suspend(), 200);
  });
  playback.addEventListener("position", ({ detail: { seconds } }) => move(seconds));
  stemwright.transport.seek = (seconds) => {
    if (timeline !== root.dataset.timeline) compare("A", wholes[0]); // what asks stands on the song's time
    return playback.seek(seconds);
  };
  playback.addEventListener("loop", ({ detail: { looping } }) => {
    action("loop").setAttribute("aria-pressed", looping);
    say(looping ? `Loop ${playback.section()?.name ?? "off: there is no section here"}` : "Loop off");
  });
  playback.addEventListener("problem", ({ detail: { text } }) => (find(".player-problem").textContent = text));
  desk.addEventListener("loading", ({ detail: { n, of } }) => say(n < of ? `Loading ${n + 1} of ${of}` : `Playing ${nameOf(desk.source)}`));
  desk.addEventListener("source", ({ detail: { source } }) => {
    slots[slot] = source;
    keepTime();
    say(`Source ${nameOf(source)}`);
    showSources();
  });

  /** Once for each frame of the screen, while something plays. */
  function follow() {
    cancelAnimationFrame(frame);
    mixer.measure();
    if (playback.state !== "playing") return;
    move(playback.position);
    frame = requestAnimationFrame(follow);
  }

  function move(seconds) {
    showPosition(seconds);
    if (timeline === root.dataset.timeline) stemwright.transport.moved(seconds); // figures of the page follow
  }

  function showPosition(seconds) {
    const line = action("seek");
    const section = playback.section(seconds);
    shown("position").textContent = clock(seconds, 1);
    line.style.setProperty("--gone", playback.length ? seconds / playback.length : 0);
    line.setAttribute("aria-valuetext", section ? `${clock(seconds, 1)}, ${section.name}` : clock(seconds, 1));
    if (!("held" in line.dataset)) line.value = seconds;
    if (section === current) return;
    current = section;
    all(".player-sections button").forEach((button, n) => button.setAttribute("aria-current", playback.sections[n] === section));
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

  // Keyboard

  const KEYS = {
    " ": () => playback.toggle(),
    ArrowLeft: (event) => playback.seek(playback.position - (event.shiftKey ? 1 : 5)),
    ArrowRight: (event) => playback.seek(playback.position + (event.shiftKey ? 1 : 5)),
    "[": () => step(-1),
    "]": () => step(1),
    l: () => playback.loop(!playback.looping),
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
  desk.equal = action("equal").checked;
  keepTime();
  showSources();

  stemwright.player = { playback, desk, compareSources };
})();
