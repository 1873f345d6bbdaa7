/** The teacher's sheet: two plans, questions with answers, the tasks with a solution of each. */
import { byId, make } from "./dom.ts";
import { readData } from "./lesson/data.ts";
import { factsOf, type Facts } from "./lesson/facts.ts";
import { fill, phrase } from "./lesson/phrase.ts";
import { en } from "./lesson/text/en.ts";

const { sheet, chapters, page } = en;

/** Without the data the figures stay open: the sheet is of use all the same. */
const facts = await readData().then(
  ({ measured }) => factsOf(measured),
  (): Facts => ({ tools: "…" }),
);

function plan({ title, rows }: (typeof sheet.plans)[number]): HTMLElement {
  const heads = sheet.columns.map((column) => make("th", { scope: "col" }, column));
  const body = rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))));
  const table = make("table", {}, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...body));
  return make("section", {}, make("h2", {}, title), table);
}

function pairs(title: string, entries: (readonly [Node | string, Node | string])[]): HTMLElement {
  const list = entries.map(([term, text]) => make("div", {}, make("dt", {}, term), make("dd", {}, text)));
  return make("section", {}, make("h2", {}, title), make("dl", {}, ...list));
}

const tasks = Object.values(chapters).map(({ title, task, solution }, i) => {
  const text = make("span", {}, ...phrase(fill(task, facts)), make("br"), make("em", {}, ...phrase(solution)));
  return [`${i + 1}. ${title}`, text] as const;
});

byId("sheet").append(
  make("header", {}, make("h1", {}, `${sheet.title}: ${page.title}`), make("p", {}, ...phrase(sheet.intro))),
  make(
    "p",
    { className: "row" },
    make("button", { type: "button", className: "primary", onclick: () => print() }, sheet.print),
    make("a", { href: "lesson.html" }, sheet.lesson),
  ),
  make(
    "section",
    {},
    make("h2", {}, sheet.before),
    make("ul", {}, ...sheet.preparations.map((text) => make("li", {}, ...phrase(text)))),
  ),
  ...sheet.plans.map(plan),
  pairs(
    sheet.questionsTitle,
    sheet.questions.map(([question = "", answer = ""]) => [question, answer]),
  ),
  pairs(sheet.tasksTitle, tasks),
  make("footer", { className: "quiet" }, sheet.source),
);
document.documentElement.dataset.state = "ready";
