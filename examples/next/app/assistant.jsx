"use client";
import { useEffect, useRef, useState } from "react";
import { start } from "../assistant.js";

export function Assistant() {
  const output = useRef(null);
  const assistant = useRef(undefined);
  const [question, setQuestion] = useState("wake me in 20 minutes");

  useEffect(() => {
    let gone = false;
    const fail = (error) => output.current?.append(`${error.message}\n`);
    start(output.current).then((started) => (gone ? started.dispose() : (assistant.current = started)), fail);
    return () => {
      gone = true;
      assistant.current?.dispose();
      assistant.current = undefined;
    };
  }, []);

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void assistant.current?.ask(question);
      }}
    >
      <input value={question} onChange={(event) => setQuestion(event.target.value)} aria-label="Question" />
      <button>Ask</button>
      <output ref={output} style={{ display: "block", whiteSpace: "pre-line" }} />
    </form>
  );
}
