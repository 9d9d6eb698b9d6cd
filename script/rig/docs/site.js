const root = document.documentElement;
const input = document.querySelector("header input");
const found = document.getElementById("found");
const MOST = 20;

function isDark() {
  return getComputedStyle(root).colorScheme === "light dark"
    ? matchMedia("(prefers-color-scheme: dark)").matches
    : root.style.colorScheme === "dark";
}

// What a diagram is drawn from stands in its place until it is drawn.
const diagrams = [...document.querySelectorAll("pre.mermaid")];
const sources = diagrams.map((diagram) => diagram.textContent);
async function draw() {
  if (!diagrams.length) return;
  mermaid.initialize({ startOnLoad: false, theme: isDark() ? "dark" : "default" });
  for (const [n, diagram] of diagrams.entries()) {
    const { svg } = await mermaid.render(`diagram-${n}`, sources[n]);
    diagram.innerHTML = svg;
  }
}

const stored = localStorage.getItem("theme");
if (stored) root.style.colorScheme = stored;
draw();
document.getElementById("theme").addEventListener("click", () => {
  root.style.colorScheme = isDark() ? "light" : "dark";
  localStorage.setItem("theme", root.style.colorScheme);
  draw();
});

// A word counts most in a page's title, then in a heading, then in the text.
function score(words, [, title, heading, text]) {
  let sum = 0;
  for (const word of words) {
    const points =
      9 * title.toLowerCase().includes(word) +
      5 * heading.toLowerCase().includes(word) +
      text.toLowerCase().includes(word);
    if (!points) return 0;
    sum += points;
  }
  return sum;
}

input.addEventListener("input", () => {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const rows = words.length
    ? INDEX.map((row) => [score(words, row), row])
        .filter(([points]) => points)
        .sort(([a], [b]) => b - a)
        .slice(0, MOST)
    : [];
  found.replaceChildren(
    ...rows.map(([, [address, title, heading, text]]) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = root.dataset.up + address;
      link.textContent = title === heading ? title : `${title}: ${heading}`;
      const start = Math.max(0, text.toLowerCase().indexOf(words[0]) - 60);
      const excerpt = document.createElement("small");
      excerpt.textContent = text.slice(start, start + 160);
      item.append(link, excerpt);
      return item;
    }),
  );
  found.hidden = !words.length;
  if (words.length && !rows.length) found.textContent = "Nothing found.";
});
