// The page of a refused file: its waveform with every place marked, each place sample by sample, and what it sounds like.
"use strict";

(() => {
  const { seconds, view, marks, places } = JSON.parse(document.getElementById("data").textContent);
  const { transport } = stemwright;
  const cards = places.map((place) => document.getElementById(`place-${place.number}`));
  const buttons = cards.map((card) => card.querySelector("button"));
  const says = document.getElementById("playing");
  let context = null, source = null, playing = -1, last = 0;

  // The waveform, with a line where playback stands

  unpack(view);
  const boxOf = (pen) => drawing.plot(pen, { left: parseFloat(pen.colour("label")), top: 22 });
  const timed = make("div", { class: "timed" }, figures.add(`The whole file, ${clock(seconds)}: ${marks.length} places are marked`, (pen) => {
    const box = boxOf(pen);
    drawing.timeAxis(pen, box, seconds);
    drawing.waveform(pen, box, view);
    mark(pen, box);
  }));
  transport.addEventListener("time", () => timed.style.setProperty("--at", transport.seconds / seconds));
  timed.addEventListener("click", (event) => {
    const left = parseFloat(getComputedStyle(timed).getPropertyValue("--label"));
    const at = ((event.offsetX - left) / (timed.clientWidth - left)) * seconds;
    const away = places.map((place) => Math.abs(place.at + place.seconds / 2 - at));
    if (away.length) play(away.indexOf(Math.min(...away)));
  });
  document.getElementById("overview").append(timed);

  // Every place: a line, or what it spans. Those that can be played have a number, unless it would hide another.
  function mark(pen, box) {
    const { ctx } = pen;
    const x = (at) => box.x + (at / seconds) * box.width;
    for (const [at, long, status] of marks) {
      ctx.fillStyle = pen.colour(status);
      ctx.globalAlpha = 0.18;
      ctx.fillRect(x(at), box.y, Math.max(0, x(at + long) - x(at)), box.height);
      ctx.globalAlpha = 1;
      ctx.fillRect(Math.min(x(at), box.x + box.width - 1.5), box.y - 4, 1.5, box.height + 4);
    }
    ctx.textAlign = "center";
    ctx.textBaseline = "bottom";
    let free = 0;
    for (const place of places) {
      const text = String(place.number), half = ctx.measureText(text).width / 2 + 3;
      const middle = Math.min(Math.max(x(place.at), half), pen.width - half);
      if (middle - half < free) continue;
      ctx.fillStyle = pen.colour(place.status);
      ctx.fillText(text, middle, box.y - 5);
      free = middle + half;
    }
  }

  // Samples around a place, one lane a channel

  places.forEach((place, index) => {
    if (place.audio.gain_db) {
      cards[index].querySelector(".turned-down").textContent = `is played ${drawing.minus(place.audio.gain_db)} dB, since it exceeds full scale`;
    }
    buttons[index].addEventListener("click", () => toggle(index));
    if (!place.detail) return;
    const samples = new Int16Array(bytes(place.detail.samples).buffer);
    const label = `The samples from 50 ms before ${place.where} to 50 ms after it`;
    cards[index].querySelector(".detail").append(figures.add(label, (pen) => zoom(pen, place, samples)));
  });

  function zoom(pen, place, samples) {
    const { ctx } = pen;
    const { rate, channels, peak, from } = place.detail;
    const box = drawing.plot(pen, { left: 44, right: 8 });
    const frames = samples.length / channels;
    const x = (frame) => box.x + (frame / Math.max(1, frames - 1)) * box.width;
    const at = (place.at - from) * rate, end = at + place.seconds * rate;
    const lane = box.height / channels;
    ctx.fillStyle = pen.colour(place.status);
    ctx.globalAlpha = 0.22;
    ctx.fillRect(x(at) - 1.5, box.y, Math.max(3, x(end) - x(at)), box.height);
    ctx.globalAlpha = 1;
    ctx.fillStyle = pen.colour("soft");
    ctx.textBaseline = "top";
    for (const [align, frame, text] of [["left", 0, (at / rate) * -1000], ["center", at, 0], ["right", frames - 1, ((frames - at) / rate) * 1000]]) {
      ctx.textAlign = align;
      ctx.fillText(`${drawing.minus(Math.round(text))} ms`, Math.min(Math.max(x(frame), box.x), box.x + box.width), box.y + box.height + 5);
    }
    ctx.textAlign = "right";
    ctx.textBaseline = "middle";
    for (let channel = 0; channel < channels; channel++) {
      const middle = box.y + (channel + 0.5) * lane, half = lane / 2 - 2;
      ctx.fillStyle = pen.colour("soft");
      ctx.fillText(drawing.minus(drawing.decibels(peak).toFixed(1)), box.x - 6, middle - half + 6);
      ctx.strokeStyle = pen.colour("line");
      drawing.line(ctx, box.x, middle, box.x + box.width, middle);
      ctx.strokeStyle = pen.colour("wave-rms");
      ctx.lineWidth = 1.25;
      ctx.beginPath();
      for (let frame = 0; frame < frames; frame++) ctx.lineTo(x(frame), middle - (samples[frame * channels + channel] / 32767) * half);
      ctx.stroke();
      ctx.lineWidth = 1;
    }
  }

  // Playing

  async function play(index) {
    stop();
    playing = last = index;
    context ??= new AudioContext();
    const { flac, from } = places[index].audio;
    const buffer = await context.decodeAudioData(bytes(flac).buffer);
    await context.resume();
    if (playing !== index || source) return; // something else was asked for meanwhile
    source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    source.addEventListener("ended", ({ target }) => { if (target === source) stop(); });
    const start = context.currentTime;
    source.start();
    timed.classList.add("started");
    cards[index].classList.add("playing");
    buttons[index].textContent = `■ ${places[index].number}`;
    buttons[index].setAttribute("aria-label", `Stop place ${places[index].number}`);
    says.textContent = `Playing place ${places[index].number}, ${places[index].where}`;
    (function follow() {
      if (playing !== index) return;
      transport.moved(from + context.currentTime - start);
      requestAnimationFrame(follow);
    })();
  }

  function stop() {
    source?.stop();
    source = null;
    if (playing >= 0) {
      cards[playing].classList.remove("playing");
      buttons[playing].textContent = `▶ ${places[playing].number}`;
      buttons[playing].setAttribute("aria-label", `Play place ${places[playing].number}`);
      says.textContent = "";
    }
    playing = -1;
  }

  const toggle = (index) => (playing === index ? stop() : play(index));

  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !places.length) return;
    const number = Number(event.key);
    if (event.key === "Escape") stop();
    else if (event.key === " " && !event.target.closest("button, a, summary")) toggle(last);
    else if (number >= 1 && number <= places.length && event.key.trim()) play(number - 1);
    else return;
    event.preventDefault();
  });
})();
