// The page of a song: its figures are made of what its tracks hold, as they come into sight.
"use strict";

(() => {
  const { song, transport } = stemwright;
  const views = { stem: "before effects", bus: "before effects", processed: "after effects" };
  const byId = (id) => document.getElementById(id);
  const tracksOf = (...kinds) => song.tracks.filter((track) => kinds.includes(track.kind));
  const labelWidth = (pen) => parseFloat(pen.colour("label"));
  const level = (value, unit) => `${drawing.minus(value.toFixed(1))} ${unit}`;

  // Everything that stands on the song's time: a click asks for that place, and a line shows where playback is.
  function timed(element) {
    element.classList.add("timed");
    transport.addEventListener("time", () => {
      element.classList.add("started");
      element.style.setProperty("--at", Math.min(1, transport.seconds / song.seconds));
    });
    element.addEventListener("click", (event) => {
      if (!(event.target instanceof HTMLCanvasElement)) return;
      const box = element.getBoundingClientRect();
      const left = parseFloat(getComputedStyle(element).getPropertyValue("--label"));
      const part = (event.clientX - box.left - left) / (box.width - left);
      if (part >= 0) transport.seek(Math.min(1, part) * song.seconds);
    });
    return element;
  }

  const isMuted = (track, at) => track.muted.some(([from, to]) => at >= from && at < to);

  // The spans in s in which a view sounds and its track is not muted, without gaps under a second.
  function sounding(view, seconds, track) {
    const spans = [];
    const wide = seconds / view.columns;
    view.rms.forEach((value, column) => {
      if (!value || isMuted(track, (column + 0.5) * wide)) return;
      const last = spans.at(-1);
      if (last && column * wide - last[1] < 1) last[1] = (column + 1) * wide;
      else spans.push([column * wide, (column + 1) * wide]);
    });
    return spans;
  }

  const inWords = (spans) => spans.map(([from, to]) => `${clock(from)}–${clock(to)}`).join(", ") || "silent";

  for (const button of document.querySelectorAll("[data-seek]")) button.addEventListener("click", () => transport.seek(Number(button.dataset.seek)));

  // The arrangement

  function arrangement() {
    const lanes = make("div", { class: "lanes" });
    const lane = (name, content, isAxis = true) => {
      const title = make("span", isAxis ? { class: "is-axis" } : {}, isAxis ? name : make("bdi", {}, name));
      title.title = name;
      lanes.append(make("div", { class: "lane" }, title, content));
    };
    lane(song.bars.length ? "Bar" : "Time", figures.add("Ruler of the song's time", ruler));
    if (song.sections.length) lane("Section", sectionButtons());
    const keys = song.sections.map(({ start, key }) => [start, key]).filter(([, key], i, all) => key && key !== all[i - 1]?.[1]);
    if (keys.length > 1) lane("Key", marks("Keys", keys));
    const chords = song.sections.flatMap((section) => section.chords);
    if (chords.length) lane("Chords", marks("Chords", chords));
    if (song.tempo.length > 1 || song.holds.length) lane("Tempo", marks("Tempo and meter", tempoMarks()));
    for (const track of tracksOf("stem")) {
      const canvas = figures.add(`Where ${track.label} sounds`, (pen) => stemLane(pen, track), "stem-lane");
      lane(track.label, canvas, false);
      stemwright.load(track.id).then((loaded) => {
        canvas.setAttribute("aria-label", `${track.label} sounds at ${inWords(sounding(loaded.views.at(-1), loaded.seconds, track))}`);
        figures.redraw(canvas);
      });
    }
    byId("arrangement-figure").append(timed(lanes));
  }

  function ruler(pen) {
    const { ctx, width, height } = pen;
    const points = song.bars.length ? song.bars.map(([bar, at]) => [at, String(bar)]) : [];
    ctx.fillStyle = pen.colour("soft");
    ctx.strokeStyle = pen.colour("edge");
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    if (!points.length) {
      drawing.timeAxis(pen, { x: 0, y: 0, width, height: 2 }, song.seconds);
      return;
    }
    const every = [1, 2, 4, 8, 16, 32, 64, 128, 256].find((each) => (width / points.length) * each >= 34) ?? 512;
    for (const [at, text] of points.filter(([, text]) => (Number(text) - 1) % every === 0)) {
      const x = (at / song.seconds) * width;
      drawing.line(ctx, x, height - 8, x, height);
      ctx.fillText(text, x + 4, height / 2);
    }
  }

  function sectionButtons() {
    const names = [...new Set(song.sections.map((section) => section.name))];
    const list = make("ul", { class: "sections" });
    for (const section of song.sections) {
      const title = `${section.title}, ${clock(section.start)}`;
      const button = make("button", { type: "button", "aria-label": `Go to ${title}` }, make("bdi", {}, section.title));
      button.title = title;
      button.style.setProperty("--hue", (200 + names.indexOf(section.name) * 137.5) % 360);
      button.addEventListener("click", () => transport.seek(section.start));
      const item = make("li", {}, button);
      item.style.left = `${(section.start / song.seconds) * 100}%`;
      item.style.width = `${((section.end - section.start) / song.seconds) * 100}%`;
      list.append(item);
    }
    return list;
  }

  function tempoMarks() {
    let meter = "";
    const passages = song.tempo.map((each) => {
      const said = `${Number(each.bpm.toFixed(1))}${each.to ? `→${Number(each.to.toFixed(1))}` : ""}${each.meter !== meter ? ` ${each.meter}` : ""}`;
      meter = each.meter;
      return [each.at, said];
    });
    return [...passages, ...song.holds.map((at) => [at, "hold"])].sort((a, b) => a[0] - b[0]);
  }

  // A lane of texts at their times; where there is no room, a tick alone.
  function marks(name, points) {
    return figures.add(`${name}: see the table of sections`, (pen) => {
      const { ctx, width, height } = pen;
      ctx.fillStyle = pen.colour("ink");
      ctx.strokeStyle = pen.colour("edge");
      ctx.textBaseline = "middle";
      let end = -1;
      for (const [at, text] of points) {
        const x = (at / song.seconds) * width;
        drawing.line(ctx, x, height - 4, x, height);
        const wide = ctx.measureText(text).width;
        if (x <= end || x + 3 + wide > width) continue;
        ctx.fillText(text, x + 3, height / 2);
        end = x + wide + 10;
      }
    });
  }

  function stemLane(pen, track) {
    const { ctx, width, height } = pen;
    ctx.strokeStyle = pen.colour("line");
    for (const section of song.sections) {
      const x = (section.start / song.seconds) * width;
      drawing.line(ctx, x, 0, x, height);
    }
    const view = stemwright.tracks.get(track.id)?.views.at(-1);
    if (!view) return;
    const most = Math.max(...view.rms, 1);
    for (let x = 0; x < width; x++) {
      ctx.fillStyle = pen.colour(isMuted(track, ((x + 0.5) / width) * song.seconds) ? "line" : "wave-rms");
      const start = Math.floor((x / width) * view.columns);
      const end = Math.max(start + 1, Math.floor(((x + 1) / width) * view.columns));
      const loud = Math.max(...view.rms.subarray(start, end));
      if (!loud) continue;
      const tall = Math.max(2, (height - 6) * Math.sqrt(loud / most));
      ctx.fillRect(x, (height - tall) / 2, 1, tall);
    }
  }

  function soundingTable() {
    const body = make("tbody");
    const table = make("table", {}, make("caption", { class: "hidden" }, "Where each stem sounds"),
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, "Stem"), make("th", { scope: "col" }, "Sounds at"))), body);
    for (const track of tracksOf("stem")) {
      const cell = make("td");
      body.append(make("tr", {}, make("th", { scope: "row" }, make("bdi", {}, track.label)), cell));
      stemwright.load(track.id).then((loaded) => cell.append(inWords(sounding(loaded.views.at(-1), loaded.seconds, track))));
    }
    byId("sounding").append(make("div", { class: "scroll" }, table));
  }

  // Loudness over time

  async function loudness() {
    const wanted = tracksOf("master", "mix", "reference");
    const found = await Promise.all(wanted.map((track) => stemwright.load(track.id)));
    const colours = { master: "accent", mix: "second", reference: "third" };
    const curves = [];
    const legend = make("ul", { class: "legend" });
    const entry = (colour, text, kind = "") => {
      const swatch = make("span", { class: `swatch ${kind}` });
      swatch.style.setProperty("--colour", `var(--${colour})`);
      legend.append(make("li", {}, swatch, make("span", {}, text)));
    };
    const said = [];
    wanted.forEach((track, index) => {
      const view = found[index].views.at(-1);
      if (!view.loudness) return;
      const { step_s: step, short_term: short, momentary } = view.loudness;
      const dash = track.kind === "master" ? [] : [6, 3];
      if (track.kind === "master") curves.push({ values: momentary, step, colour: "wave", wide: 1 });
      curves.push({ values: short, step, colour: colours[track.kind], wide: track.kind === "master" ? 2 : 1.5, dash });
      const whole = view.integrated_lufs === null ? "not measured" : level(view.integrated_lufs, "LUFS");
      said.push(`${track.label} ${whole}`);
      entry(colours[track.kind], `${track.label}, short-term; integrated ${whole}`, dash.length ? "dashed" : "");
    });
    if (!curves.length) return;
    const { target, ceiling } = song;
    const aim = target?.integrated_lufs;
    const band = aim === undefined ? null : { low: aim - target.below_lu, high: aim + target.above_lu };
    entry("wave", "Master, momentary");
    entry("peak", "Master, sample peaks in dBFS", "area");
    if (band) entry("target", `Target ${level(aim, "LUFS")}`, "area");
    if (ceiling !== null) entry("warn", `Ceiling ${level(ceiling, "dBTP")}`, "dashed");
    const levels = curves.flatMap((curve) => curve.values.filter((value) => value !== null)).sort((a, b) => a - b);
    const quiet = levels[Math.floor(levels.length * 0.1)] ?? -40;
    const bottom = Math.max(-60, Math.min(-30, Math.floor((quiet - 6) / 6) * 6));
    const top = Math.max(0, Math.ceil(levels.at(-1) ?? 0));
    const peaks = stemwright.tracks.get("master")?.views.at(-1);
    const canvas = figures.add(`Short-term loudness over time. As a whole: ${said.join(", ")}`, (pen) => {
      drawing.loudness(pen, drawing.plot(pen, { left: labelWidth(pen) }), song.seconds,
        { curves, target: band, most: target?.max_short_term_lufs, ceiling, peaks, bottom, top });
    });
    byId("loudness-figure").append(legend, timed(make("div", { class: "curves" }, canvas)));
  }

  // Every stage, as it comes near

  function stages() {
    const near = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        stage(target);
      }
    }, { rootMargin: "800px" });
    for (const element of document.querySelectorAll("[data-track]")) {
      element.append(make("div", { class: "views" }));
      near.observe(element);
    }
  }

  async function stage(element) {
    const track = song.tracks.find((each) => each.id === element.dataset.track);
    const loaded = await stemwright.load(track.id);
    const box = element.querySelector(".views");
    const isWhole = element.classList.contains("whole");
    if (loaded.views.length < 2) element.classList.remove("two");
    for (const view of loaded.views) {
      const peak = drawing.peakOf(view);
      const which = loaded.views.length > 1 ? views[view.stage] ?? view.stage : "";
      const most = peak ? `peak ${drawing.minus(drawing.decibels(peak).toFixed(1))} dBFS` : "silent";
      const said = [which, most, view.integrated_lufs === null ? "" : level(view.integrated_lufs, "LUFS")].filter(Boolean).join(", ");
      const canvas = figures.add(`Waveform and spectrogram of ${track.label}: ${said}; sounds at ${inWords(sounding(view, loaded.seconds, { muted: [] }))}`, (pen) => {
        const left = isWhole ? labelWidth(pen) : 46;
        const whole = drawing.plot(pen, { left });
        const split = Math.round(whole.height * 0.45);
        const upper = { ...whole, height: split };
        const lower = { ...whole, y: whole.y + split + 6, height: whole.height - split - 6 };
        drawing.timeAxis(pen, upper, loaded.seconds, { labels: false });
        drawing.waveform(pen, upper, view, view.stage === "master" ? song.ceiling : null);
        drawing.spectrogram(pen, lower, view);
        drawing.timeAxis(pen, { ...lower, y: lower.y + lower.height, height: 0 }, loaded.seconds);
      });
      const drawn = make("div", {}, canvas);
      if (isWhole && track.kind !== "version") timed(drawn);
      box.append(make("figure", {}, drawn, make("figcaption", {}, `${said} · `, make("bdi", { class: "file" }, view.file))));
    }
  }

  // The table of checks

  function checks() {
    const table = byId("check-table");
    const ofArtifact = byId("of-artifact"), ofStatus = byId("of-status");
    const filter = () => {
      let shown = 0;
      for (const body of table.tBodies) {
        const isOf = !ofArtifact.value || body.dataset.artifact === ofArtifact.value;
        let any = 0;
        for (const row of body.querySelectorAll("[data-status]")) {
          row.hidden = !isOf || (ofStatus.value && row.dataset.status !== ofStatus.value);
          any += !row.hidden;
        }
        body.hidden = !any;
        shown += any;
      }
      byId("found-checks").textContent = `${shown} check${shown === 1 ? "" : "s"}`;
    };
    for (const choice of [ofArtifact, ofStatus]) choice.addEventListener("change", filter);
    filter();
  }

  // What was built last, if the folder has it: the newest is the last

  stemwright.runs = (runs) => {
    const told = runs.filter((run) => run.jobs.length).slice(-5).reverse();
    for (const run of told) {
      const body = make("tbody");
      for (const job of run.jobs) {
        body.append(make("tr", {}, make("th", { scope: "row" }, make("bdi", { class: "file" }, job.file || job.job)), make("td", {}, job.reason ?? ""),
          make("td", { class: "number" }, typeof job.seconds !== "number" ? "" : `${job.seconds.toFixed(1)} s`), make("td", {}, job.result ?? "")));
      }
      const head = make("tr", {}, ...["File", "Why", "Time", "Result"].map((name) => make("th", { scope: "col" }, name)));
      const table = make("table", {}, make("caption", {}, `${run.date}: ${run.jobs.length} job${run.jobs.length === 1 ? "" : "s"}`), make("thead", {}, head), body);
      byId("runs").append(make("div", { class: "scroll tall", tabindex: "0", role: "region", "aria-label": `Build of ${run.date}` }, table));
    }
    byId("runs").hidden = byId("runs-link").hidden = !told.length;
    // The page is written when all has passed. What the last build refused is not on it.
    const failed = told[0]?.jobs.filter(({ result }) => result === "refused" || result === "failed") ?? [];
    if (failed.length && !byId("outdated"))
      byId("content").prepend(make("p", { id: "outdated", class: "refused-since", role: "alert" },
        `The last build (${told[0].date}) did not finish: ${failed.map(({ job, file }) => job || file).join(", ")}. This page is of the build before.`));
  };

  checks();
  arrangement();
  soundingTable();
  stages();
  loudness();
  stemwright.script("runs.js").catch(() => {}); // the page is whole without it
})();
