// Writes docs/api.md: every export of the package's entries with its declaration and comments, from dist/*.d.ts.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dirname, "../..");
const dist = join(root, "pkg/dist");

/** The text of the page. `entries` are those of pkg/package.json. */
export function reference(entries = entryPoints()) {
  const parts = Object.entries(entries).map(([name, file]) => {
    const own = exportsOf(file);
    const sections = own.map(({ name, from }) => `### ${name}\n\n\`\`\`ts\n${declaration(name, from)}\n\`\`\`\n`);
    return `## ${name}\n\n${sections.join("\n")}`;
  });
  return `# API reference\n\nMade by \`node pkg/scripts/reference.mjs\` from the package's types.\n\n${parts.join("\n")}`;
}

function entryPoints() {
  const { name, exports } = JSON.parse(readFileSync(join(root, "pkg/package.json"), "utf8"));
  const typed = Object.entries(exports).filter(([, entry]) => entry.types);
  return Object.fromEntries(typed.map(([path, { types }]) => [name + path.slice(1), join(root, "pkg", types)]));
}

/** The names that a file exports and the files that declare them; a star stands for all names of its file. */
function exportsOf(file) {
  const text = readFileSync(file, "utf8");
  const from = (path) => join(dirname(file), path.replace(/\.js$/, ".d.ts"));
  const passed = [...text.matchAll(/^export (?:type )?\{([^}]*)\} from "([^"]+)";/gm)].flatMap(([, names, path]) =>
    names
      .split(",")
      .map((name) => ({ name: name.replace(/\btype\b/, "").trim(), from: from(path) }))
      .filter(({ name }) => name),
  );
  const stars = [...text.matchAll(/^export (?:type )?\* from "([^"]+)";/gm)].flatMap(([, path]) =>
    exportsOf(from(path)),
  );
  const own = [...text.matchAll(DECLARED)].map(([, name]) => ({ name, from: file }));
  return [...own, ...passed, ...stars];
}

const DECLARED =
  /^export (?:declare )?(?:default )?(?:abstract )?(?:async )?(?:class|function|interface|type|const|enum) (\w+)/gm;

/** A declaration as it stands in its file, with the comment before it. */
function declaration(name, file) {
  const text = readFileSync(file, "utf8");
  const lines = text.split("\n");
  const starts = lines.flatMap((line, i) =>
    new RegExp(`^export (?:declare )?(?:class|function|interface|type|const) ${name}\\b`).test(line) ? [i] : [],
  );
  if (starts.length === 0) {
    // It is passed on by this file.
    const found = exportsOf(file).find((entry) => entry.name === name && entry.from !== file);
    if (found) return declaration(name, found.from);
    throw new Error(`${relative(root, file)} does not declare ${name}.`);
  }
  const blocks = starts.map((start) => [...commentBefore(lines, start), ...block(lines, start)].join("\n"));
  // tsc writes the comma after the last of several lines into one line.
  return blocks
    .join("\n")
    .replaceAll(/^export (?:declare )?/gm, "")
    .replaceAll(", }", " }");
}

function commentBefore(lines, start) {
  let at = start;
  if (!lines[at - 1]?.trimEnd().endsWith("*/")) return [];
  while (at > 0 && !lines[at - 1].trimStart().startsWith("/**")) at -= 1;
  return lines.slice(at - 1, start);
}

/** From its first line to the one that closes all brackets. */
function block(lines, start) {
  let depth = 0;
  for (let end = start; end < lines.length; end++) {
    // Brackets in texts and comments don't count.
    const code = lines[end].replace(/\/\*.*?\*\/|\/\/.*$|^\s*\*.*$|"(?:[^"\\]|\\.)*"/g, "");
    for (const character of code) depth += "({[".includes(character) ? 1 : ")}]".includes(character) ? -1 : 0;
    if (depth === 0 && /[;}]\s*$/.test(lines[end]) && !isContinued(lines, end + 1))
      return lines.slice(start, end + 1).filter((line) => !/^\s+#private;$|^\s+private /.test(line));
  }
  throw new Error(`A declaration doesn't end: ${lines[start]}`);
}

/** A union goes on in the next line, or behind the comment that is there. */
function isContinued(lines, next) {
  while (/^\s*(\/\*\*|\*)/.test(lines[next] ?? "")) next += 1;
  return /^\s*[|&}]/.test(lines[next] ?? "");
}

if (process.argv[1] && import.meta.filename === process.argv[1]) writeFileSync(join(root, "docs/api.md"), reference());
