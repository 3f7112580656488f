"use strict";
(() => {
  const by = (id) => document.getElementById(id);
  const facts = JSON.parse(by("facts").textContent);
  const { track, duration } = facts;
  const canvas = by("overlay"), video = by("video"), box = by("player"), note = by("video-note");
  const [width, height] = track.size[0] ? track.size : [1280, 720];
  const INK = "rgb(13,17,23)", WHITE = "rgb(246,248,250)", MUTED = "rgb(178,188,200)";
  const GOOD = "rgb(86,180,233)", OFF = "rgb(240,160,10)";
  const QUALITY = [MUTED, WHITE, GOOD, OFF];
  const PANEL = "rgba(13,17,23,0.84)";
  const clockText = (s) => `${Math.floor(Math.round(s * 10) / 600)}:${((Math.round(s * 10) % 600) / 10).toFixed(1).padStart(4, "0")}`;

  // --- the track: base64 of deflated channels, see overlay_track.py ---
  const channels = {};
  function bytesOf(base64) {
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
    const letters = atob(base64), bytes = new Uint8Array(letters.length);
    for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
    return bytes;
  }
  async function unpack() {
    const bytes = bytesOf(track.packed);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    const planes = new Uint8Array(await new Response(stream).arrayBuffer());
    const n = track.count;
    track.channels.forEach(([name, unit], c) => {
      const values = new Float32Array(n), at = 4 * n * c;
      const seconds = name === "time" ? new Float64Array(n) : null;
      let whole = 0;
      for (let i = 0; i < n; i++) {
        const z = planes[at + i] | (planes[at + n + i] << 8) | (planes[at + 2 * n + i] << 16) | (planes[at + 3 * n + i] << 24);
        whole += (z >>> 1) ^ -(z & 1);
        (seconds || values)[i] = whole * unit;
      }
      channels[name] = seconds || values;
    });
  }
  function indexAt(seconds) { // the last picture that has begun
    const times = channels.time;
    let low = 0, high = track.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (times[middle] <= seconds + 0.002) low = middle; else high = middle - 1;
    }
    return low;
  }

  // --- drawing one moment, as on the annotated video ---
  const rad = (degrees) => (degrees * Math.PI) / 180;
  // How wide OpenCV, which draws the annotated video, makes a smooth line of a thickness; measured.
  const asDrawn = (thickness) => (thickness < 2 ? 1.3 : 2 * Math.floor((Math.round(thickness) - 1) / 2) + 3.4);
  function stroke(g, colour, thickness, path) {
    g.strokeStyle = colour; g.lineWidth = asDrawn(thickness); g.beginPath(); path(); g.stroke();
  }
  function draw(g, i, places) { // the middle of a pixel is at 0, as in OpenCV
    if (!track.count) return;
    const line = track.line, at = {}, state = {}, v = (name, j) => channels[name + j][i];
    for (const l of track.landmarks) { state[l] = channels["state" + l][i]; at[l] = [channels["x" + l][i], channels["y" + l][i]]; }
    const angles = track.measures.map((m, j) => ({ m, j, drawn: v("drawn", j) })).filter((a) => a.drawn > 0);
    for (const a of angles) {
      a.quality = a.drawn & 3; a.colour = QUALITY[a.quality]; a.numbered = a.drawn & 4; a.arced = a.drawn & 8; a.banded = a.drawn & 16; a.limbed = a.drawn & 32;
      a.x = v("vertex_x", a.j); a.y = v("vertex_y", a.j); a.r = v("radius", a.j); a.from = v("from", a.j); a.to = v("to", a.j);
     
    }
    g.lineCap = "round"; g.lineJoin = "round";
    for (const a of angles) if (a.banded) {
      const least = rad(v("least", a.j)), most = rad(v("most", a.j)), back = least > most;
      g.beginPath(); g.arc(a.x, a.y, a.r + 4.4 * line, least, most, back); g.arc(a.x, a.y, a.r + 1.1 * line, most, least, !back); g.closePath();
      const colour = a.quality === 2 ? GOOD : WHITE;
      if (a.quality !== 3) { g.globalAlpha = 0.5; g.fillStyle = colour; g.fill(); g.globalAlpha = 1; }
      g.strokeStyle = INK; g.lineWidth = asDrawn(Math.max(2, Math.round(0.7 * line))); g.stroke();
      g.strokeStyle = colour; g.lineWidth = asDrawn(Math.max(1, Math.round(0.35 * line))); g.stroke();
    }
    const labels = places ? labelled(g, i, angles, places) : [];
    for (const l of labels) {
      const path = () => { g.moveTo(l.ax, l.ay); g.lineTo(l.x + l.w / 2, l.y + l.h / 2); };
      stroke(g, INK, Math.max(2, Math.round(0.5 * line)), path); stroke(g, WHITE, Math.max(1, Math.round(0.25 * line)), path);
    }
    const seen = (l) => state[l] & 3, strong = (l) => seen(l) && state[l] & 4, clear = (l) => (state[l] & 3) === 2;
    const thin = Math.max(1, Math.round(line / 3));
    const bone = ([a, b]) => { g.moveTo(...at[a]); g.lineTo(...at[b]); };
    const bones = track.bones, loud = bones.filter(([a, b]) => strong(a) && strong(b));
    stroke(g, MUTED, thin, () => bones.filter((b) => clear(b[0]) && clear(b[1]) && !loud.includes(b)).forEach(bone));
    stroke(g, INK, line + 2 * thin, () => loud.forEach(bone));
    stroke(g, WHITE, line, () => loud.forEach(bone));
    const colours = {};
    for (const a of angles) for (const l of track.landmarks)
      if (Math.hypot(at[l][0] - v("anchor_x", a.j), at[l][1] - v("anchor_y", a.j)) < 0.6 * line && seen(l)) colours[l] = a.colour;
    for (const l of track.landmarks) if (strong(l)) {
      g.fillStyle = INK; g.beginPath(); g.arc(...at[l], 1.1 * line + thin, 0, 7); g.fill();
      g.fillStyle = colours[l] || WHITE; g.beginPath(); g.arc(...at[l], 1.1 * line, 0, 7); g.fill();
    }
    g.lineCap = "butt";
    for (const a of angles) if (a.arced) {
      const start = Math.min(a.from, a.to), end = Math.max(a.from, a.to), pieces = [];
      if (a.quality === 3) {
        const count = Math.max(2, Math.round((end - start + 10) / 24)), step = (end - start + 10) / count;
        for (let k = 0; k < count; k++) pieces.push([start + k * step, start + (k + 1) * step - 10]);
      } else pieces.push([start, end]);
      const w = Math.max(2, Math.round(0.75 * line));
      for (const [colour, thickness] of [[INK, w + Math.max(2, Math.floor(w / 2))], [a.colour, w]]) {
        if (a.limbed) stroke(g, colour === INK ? INK : WHITE, thickness, () => { g.moveTo(a.x, a.y); g.lineTo(v("limb_x", a.j), v("limb_y", a.j)); });
        for (const [p, q] of pieces) if (q > p) stroke(g, colour, thickness, () => g.arc(a.x, a.y, a.r, rad(p), rad(q)));
      }
    }
    for (const l of labels) tag(g, l);
  }
  function valueText(m, value) {
    return m.unit === "deg" ? `${Math.round(value)}°` : m.unit === "px" ? `${value.toFixed(0)} px` : value.toFixed(2);
  }
  function labelled(g, i, angles, places) { // beside the joint, where no other number stands; stays if it can
    const cap = track.cap, pad = 0.55 * cap, out = [];
    g.font = `600 ${cap / 0.72}px system-ui, sans-serif`;
    for (const a of angles) if (a.numbered) {
      const value = channels["value" + a.j][i], text = (a.m.named ? a.m.label + " " : "") + valueText(a.m, value);
      const sign = a.quality > 1 ? 1.65 * cap : 0, w = g.measureText(text).width + sign + 2 * pad, h = cap + 2 * pad;
      const ax = channels["anchor_x" + a.j][i], ay = channels["anchor_y" + a.j][i], reach = channels["reach" + a.j][i];
      const outward = rad(channels["outward" + a.j][i]);
      let best = null;
      for (let far = 0; far < 2; far++) for (let k = 0; k < 8; k++) {
        const t = (k * Math.PI) / 4, dx = Math.cos(t), dy = Math.sin(t);
        const away = reach + far * 2 * h + (Math.abs(dx) * w) / 2 + (Math.abs(dy) * h) / 2;
        const x0 = ax + away * dx - w / 2, y0 = ay + away * dy - h / 2;
        const x = Math.min(Math.max(x0, 0), width - w), y = Math.min(Math.max(y0, 0), height - h);
        let cost = 0.05 * (1 - Math.cos(t - outward)) + 0.08 * far + Math.abs(x - x0) / w + Math.abs(y - y0) / h;
        for (const o of out) if (x < o.x + o.w && o.x < x + w && y < o.y + o.h && o.y < y + h) cost += 3;
        for (const l of track.landmarks) {
          const lx = channels["x" + l][i], ly = channels["y" + l][i];
          if (channels["state" + l][i] & 3 && lx > x && lx < x + w && ly > y && ly < y + h) cost += 0.5;
        }
        if (places[a.j] !== far * 8 + k) cost += 0.25;
        if (!best || cost < best.cost) best = { cost, place: far * 8 + k, x, y };
      }
      places[a.j] = best.place;
      out.push({ x: best.x, y: best.y, w, h, ax, ay, text, sign, pad, cap, quality: a.quality, colour: a.colour });
    }
    return out;
  }
  function fine(g, thickness, path) { g.strokeStyle = INK; g.lineWidth = thickness; g.beginPath(); path(); g.stroke(); }
  function tag(g, l) {
    g.fillStyle = PANEL; g.beginPath(); g.roundRect(l.x, l.y, l.w, l.h, l.h / 2); g.fill();
    const cx = l.x + l.pad + 0.62 * l.cap, cy = l.y + l.h / 2, r = 0.62 * l.cap;
    if (l.quality === 2) {
      g.fillStyle = l.colour; g.beginPath(); g.arc(cx, cy, r, 0, 7); g.fill();
      fine(g, 0.26 * r, () => { g.moveTo(cx - 0.48 * r, cy); g.lineTo(cx - 0.12 * r, cy + 0.4 * r); g.lineTo(cx + 0.5 * r, cy - 0.36 * r); });
    } else if (l.quality === 3) {
      g.fillStyle = l.colour; g.beginPath(); g.moveTo(cx, cy - r); g.lineTo(cx + r, cy + 0.8 * r); g.lineTo(cx - r, cy + 0.8 * r); g.closePath(); g.fill();
      fine(g, 0.26 * r, () => { g.moveTo(cx, cy - 0.35 * r); g.lineTo(cx, cy + 0.25 * r); });
    }
    g.fillStyle = WHITE; g.textBaseline = "alphabetic"; g.fillText(l.text, l.x + l.pad + l.sign, l.y + l.h - l.pad);
  }
  function fit(surface, scale = 1) { // drawn in pixels of the picture, as sharp as the screen is
    const ratio = (window.devicePixelRatio || 1) * scale;
    const w = Math.max(1, Math.round(surface.clientWidth * ratio)), h = Math.max(1, Math.round(surface.clientHeight * ratio));
    if (surface.width !== w || surface.height !== h) { surface.width = w; surface.height = h; }
    const g = surface.getContext("2d");
    g.setTransform(1, 0, 0, 1, 0, 0); g.clearRect(0, 0, w, h);
    return [g, w, h];
  }

  // --- the clock: the video's, or a plain one where there is no video ---
  class PlainClock {
    constructor() { this.at = 0; this.paused = true; this.playbackRate = 1; }
    get currentTime() { return this.at; }
    set currentTime(t) { this.at = Math.min(Math.max(t, 0), duration); show(this.at); }
    play() {
      if (this.at >= duration) this.at = 0;
      this.paused = false; this.last = performance.now(); requestAnimationFrame(() => this.tick()); playing();
    }
    pause() { this.paused = true; playing(); }
    tick() {
      if (this.paused) return;
      const now = performance.now();
      this.at += ((now - this.last) / 1000) * this.playbackRate; this.last = now;
      if (this.at >= duration) { this.at = duration; this.pause(); }
      show(this.at); requestAnimationFrame(() => this.tick());
    }
  }
  const playing = () => { by("play").textContent = clock.paused ? "Play" : "Pause"; };
  const toggle = () => (clock.paused ? clock.play() : clock.pause());
  let clock, offset = facts.offset, burnt = facts.source === "annotated", ready = false, shownIndex = -1;
  const places = {};
  function show(seconds, force = true) { // seconds of the report
    if (!ready) return;
    const i = track.count ? indexAt(seconds) : 0;
    document.documentElement.style.setProperty("--at", Math.min(Math.max(seconds / duration, 0), 1));
    by("clock").textContent = clockText(Math.max(seconds, 0));
    if (document.activeElement !== by("position") || !clock.paused) by("position").value = seconds;
    by("position").setAttribute("aria-valuetext", clockText(Math.max(seconds, 0)));
    if (i === shownIndex && !force) return;
    shownIndex = i;
    const [g, w, h] = fit(canvas);
    if (by("draw").checked && !burnt) { g.scale(w / width, h / height); g.translate(0.5, 0.5); draw(g, i, places); }
    by("now").replaceChildren(...words(i));
    window.formcheck.shown = { index: i, time: track.count ? channels.time[i] : seconds };
  }
  function words(i) {
    if (!track.count) return [];
    const c = (name) => channels[name][i], parts = [];
    if (facts.kind === "hold") parts.push(`${c("in_form").toFixed(1)} s in good form, ${c("held").toFixed(1)} s held`);
    else parts.push(`${c("total")} counted` + (c("left") || c("right") ? ` (left ${c("left")}, right ${c("right")})` : ""));
    const side = c("phase") > 1 ? track.sides[c("side")] : null, word = track.words[c("word")];
    if (word) parts.push(side ? `${side}: ${word}` : word);
    const now = document.createElement("span");
    now.textContent = parts.join(" · ");
    const said = track.said[c("said")];
    if (!said) return [now];
    const cue = document.createElement("span");
    cue.className = "cue"; cue.textContent = ` · ${{ correction: "▲", stop: "■", confirmation: "✓", request: "○" }[said.kind]} ${said.text}`;
    return [now, cue];
  }
  function seek(seconds) {
    clock.pause();
    // A little into the picture: its own time, rounded, might still belong to the one before.
    const times = channels.time, i = track.count ? indexAt(seconds) : 0;
    const next = i + 1 < track.count ? times[i + 1] : seconds + 0.02;
    const goal = track.count ? times[i] + Math.min(0.25 * (next - times[i]), 0.01) : seconds;
    clock.currentTime = goal + offset;
    by("told").textContent = `Showing ${clockText(seconds)}. ${by("now").textContent}`;
    const r = box.getBoundingClientRect();
    if (r.top < 0 || r.bottom > innerHeight) box.scrollIntoView({ block: r.height > innerHeight ? "start" : "nearest" });
  }
  function follow() { // every presented picture of the video
    if ("requestVideoFrameCallback" in HTMLVideoElement.prototype) {
      const frame = (_, meta) => { show(meta.mediaTime - offset, false); video.requestVideoFrameCallback(frame); };
      video.requestVideoFrameCallback(frame);
    } else {
      const frame = () => { show(video.currentTime - offset, false); if (!video.paused) requestAnimationFrame(frame); };
      video.addEventListener("play", frame); video.addEventListener("seeked", frame); video.addEventListener("timeupdate", frame);
    }
  }
  function without(text) { // no video: the skeleton alone
    if (text) { note.textContent = text; note.hidden = false; }
    if (video) { video.hidden = true; video.pause(); }
    clock = new PlainClock(); offset = 0; burnt = false;
    by("draw-label").hidden = by("sound-label").hidden = true;
    show(0);
  }
  function failed() {
    if (facts.spare && !burnt) {
      burnt = true; by("draw-label").hidden = true;
      note.textContent = "This browser cannot play the recording, or it is not where it was. This is the annotated video instead."; note.hidden = false;
      video.src = facts.spare; offset = facts.spare_offset; return;
    }
    without("The video cannot be played, or it is not where it was. The skeleton is shown without it.");
  }
  function embedded() {
    video.src = URL.createObjectURL(new Blob([bytesOf(by("video-data").textContent)], { type: video.dataset.kind }));
  }

  function portrait(still, i) { // the skeleton alone, as large as it goes
    const seen = track.landmarks.filter((l) => channels["state" + l][i] & 3);
    const xs = seen.map((l) => channels["x" + l][i]), ys = seen.map((l) => channels["y" + l][i]);
    if (!seen.length) return;
    const left = Math.min(...xs), top = Math.min(...ys), across = Math.max(...xs) - left, down = Math.max(...ys) - top;
    const [g, w, h] = fit(still), room = 14 * track.line, scale = Math.min(w / (across + room), h / (down + room));
    g.fillStyle = "#0b0e12"; g.fillRect(0, 0, w, h);
    g.translate(w / 2, h / 2); g.scale(scale, scale); g.translate(-left - across / 2, -top - down / 2);
    draw(g, i, null);
  }

  async function begin() {
    window.formcheck = { facts, channels, seek: (s) => seek(s), shown: null };
    try { await unpack(); } catch (error) {
      note.textContent = "This browser is too old to draw the skeleton. Everything else is here."; note.hidden = false; track.count = 0;
    }
    ready = true;
    by("controls").hidden = false;
    if (video) {
      clock = video; video.controls = false; video.muted = true;
      for (const name of ["play", "pause", "ended"]) video.addEventListener(name, playing);
      video.addEventListener("click", toggle);
      if (burnt) by("draw-label").hidden = true;
      video.addEventListener("error", failed);
      if (video.error || video.networkState === 3) failed();
      if (by("video-data")) embedded();
      follow(); show(0);
    } else without("");
    const stills = new Set(track.count ? document.querySelectorAll("canvas.still") : []);
    const portray = (still) => { if (stills.delete(still)) portrait(still, indexAt(Number(still.dataset.at))); };
    const near = new IntersectionObserver((all) => all.forEach((e) => e.isIntersecting && portray(e.target)), { rootMargin: "500px" });
    stills.forEach((still) => near.observe(still));
    addEventListener("beforeprint", () => stills.forEach(portray));
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-seek]"), plot = event.target.closest(".plot .canvas");
      if (button) seek(Number(button.dataset.seek));
      else if (plot) { const r = plot.getBoundingClientRect(); seek((duration * (event.clientX - r.left)) / r.width); }
    });
    const step = (by_) => { if (track.count) seek(channels.time[Math.min(Math.max(shownIndex + by_, 0), track.count - 1)]); };
    by("back").addEventListener("click", () => step(-1));
    by("on").addEventListener("click", () => step(1));
    by("speed").addEventListener("change", (event) => { clock.playbackRate = Number(event.target.value); });
    by("draw").addEventListener("change", () => show(clock.currentTime - offset));
    by("play").addEventListener("click", toggle);
    by("sound").addEventListener("change", (event) => { if (video) video.muted = !event.target.checked; });
    by("position").addEventListener("input", (event) => seek(Number(event.target.value)));
    by("full").addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : box.requestFullscreen()));
    document.addEventListener("fullscreenchange", () => { // the words come along
      if (document.fullscreenElement) box.append(by("now")); else by("controls").after(by("now"));
    });
    document.addEventListener("keydown", (event) => {
      const act = { " ": toggle, ArrowLeft: () => step(-1), ArrowRight: () => step(1) }[event.key];
      if (document.fullscreenElement && act) { event.preventDefault(); act(); }
    });
    new ResizeObserver(() => show(track.count && shownIndex >= 0 ? channels.time[shownIndex] : 0)).observe(canvas);
    document.documentElement.dataset.ready = "yes";
  }
  begin();
})();
