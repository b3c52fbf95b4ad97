// The player of a watched file. A new sound takes over from the old one at the same place, in a short cross-fade.
"use strict";

(() => {
  const FADE_S = 0.02;
  const [state, about, play, loop, place, time, error] =
    ["state", "about", "play", "loop", "place", "time", "error"].map((id) => document.getElementById(id));
  const signs = { building: "skip-check", done: "pass", failed: "fail", lost: "warn" };
  const words = { building: "building", done: "up to date", failed: "failed", lost: "not running" };
  let context = null, buffer = null, voice = null;
  let heard = 0, wanted = 0; // versions: of the buffer, and of the newest sound
  let stopped = 0; // where it stands in s, while nothing plays

  const where = () => {
    if (!voice) return stopped;
    const at = voice.at + context.currentTime - voice.since;
    return loop.checked ? at % buffer.duration : Math.min(at, buffer.duration);
  };

  function end(fade) {
    if (!voice) return;
    stopped = where();
    const { source, gain } = voice;
    voice = null;
    source.onended = null;
    gain.gain.setTargetAtTime(0, context.currentTime, fade / 4);
    source.stop(context.currentTime + fade);
  }

  function begin(at, fade) {
    end(fade);
    const source = new AudioBufferSourceNode(context, { buffer, loop: loop.checked });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setTargetAtTime(1, context.currentTime, fade / 4);
    source.connect(gain).connect(context.destination);
    source.start(0, at % buffer.duration);
    source.onended = () => { end(0); stopped = 0; show(); };
    voice = { source, gain, at: at % buffer.duration, since: context.currentTime };
    show();
  }

  // The newest sound, decoded; nothing if one that is newer still was asked for meanwhile.
  async function fetchSound() {
    const version = wanted;
    const answer = await fetch(`sound?v=${version}`);
    if (!answer.ok) throw new Error(`the sound cannot be read: ${answer.status}`);
    const decoded = await context.decodeAudioData(await answer.arrayBuffer());
    if (version === wanted) [buffer, heard] = [decoded, version];
  }

  async function toggle() {
    if (voice) {
      end(FADE_S);
      show();
      return;
    }
    context ??= new AudioContext();
    await context.resume();
    if (heard !== wanted) await fetchSound();
    if (!voice) begin(stopped, FADE_S);
  }

  async function renew() {
    if (!voice) return; // it is fetched when it is played
    await fetchSound();
    if (voice && heard === wanted) begin(where(), FADE_S);
  }

  const complain = (problem) => { about.textContent = problem.message; };

  function show() {
    play.textContent = voice ? "Pause" : "Play";
    play.disabled = !wanted;
    place.disabled = !buffer;
    const at = where();
    time.textContent = `${Math.floor(at / 60)}:${(at % 60).toFixed(1).padStart(4, "0")}`;
    if (buffer && document.activeElement !== place) place.value = at / buffer.duration;
  }

  function tell(name, text, note) {
    state.textContent = words[name];
    state.className = `verdict ${signs[name]}`;
    document.title = `${words[name]} – ${document.querySelector("h1").textContent}`;
    about.textContent = note;
    error.textContent = text;
    error.hidden = !text;
  }

  const events = new EventSource("events");
  events.onmessage = ({ data }) => {
    const news = JSON.parse(data);
    tell(news.state, news.text, news.state === "done" ? `built in ${news.seconds.toFixed(1)} s` : "");
    const isNew = news.version !== wanted;
    wanted = news.version;
    show();
    if (isNew) renew().catch(complain);
  };
  events.onerror = () => tell("lost", "", "python scripts/watch.py has ended, or cannot be reached");

  play.addEventListener("click", () => toggle().catch(complain));
  loop.addEventListener("change", () => { if (voice) begin(where(), FADE_S); });
  place.addEventListener("input", () => {
    stopped = Number(place.value) * buffer.duration;
    if (voice) begin(stopped, FADE_S);
    show();
  });
  place.addEventListener("change", () => place.blur());
  setInterval(show, 100);
})();
