/** Tools that a page brings; the last one's schema can't be held. */
export const definitions = [
  {
    name: "lights",
    description: "Switches the lights in a room on or off.",
    inputSchema: {
      type: "object",
      properties: { room: { type: "string" }, on: { type: "boolean" } },
      required: ["room", "on"],
    },
    execute: ({ room }) => ({ room, done: true }),
    annotations: { readOnlyHint: true },
  },
  {
    name: "book_table",
    description: "Books a table at a restaurant.",
    inputSchema: { type: "object", properties: { people: { type: "integer", minimum: 1 } }, required: ["people"] },
    execute: ({ people }) => ({ booked: people }),
  },
  {
    name: "play_song",
    description: "Plays a song or music.",
    inputSchema: { type: "object", properties: {} },
    execute: () => "playing",
    annotations: { readOnlyHint: true },
  },
  {
    name: "broken",
    description: "Can't be held.",
    inputSchema: { type: "object", properties: { a: { type: "string", not: { const: "b" } } }, required: ["a"] },
  },
];
