/** The questions that the page offers, by theme, each with the tool that it is meant for. */
export interface Example {
  question: string;
  tool: string;
  /** Its tool asks a public API. */
  network?: true;
}

export const themes: { theme: string; examples: Example[] }[] = [
  {
    theme: "Count and convert",
    examples: [
      { question: "Convert 5 miles to kilometres", tool: "convert_length" },
      { question: "What is 15 percent of 80?", tool: "percentage_of" },
      { question: "Split a bill of 90 between 4 people", tool: "split_bill" },
      { question: "Write 1987 in Roman numerals", tool: "roman_numeral" },
    ],
  },
  {
    theme: "Weather and world",
    examples: [
      { question: "What is the weather in Oslo right now?", tool: "weather_now", network: true },
      { question: "When does the sun set in Lisbon today?", tool: "sunrise_sunset", network: true },
      { question: "Show me a picture of a beagle", tool: "dog_picture", network: true },
    ],
  },
  {
    theme: "Look up",
    examples: [
      { question: "Who was Ada Lovelace?", tool: "wikipedia_summary", network: true },
      { question: "What does the word serendipity mean?", tool: "define_word", network: true },
      { question: "How do I make lasagne?", tool: "meal_recipe", network: true },
    ],
  },
  {
    theme: "Words and dates",
    examples: [
      { question: 'Encode "hello world" in base64', tool: "base64_encode" },
      { question: `How many days until ${nextChristmasEve()}?`, tool: "days_until" },
    ],
  },
];

/** A date that doesn't go stale. */
function nextChristmasEve(now = new Date()): string {
  const passed = now.getMonth() === 11 && now.getDate() >= 24;
  return `${now.getFullYear() + (passed ? 1 : 0)}-12-24`;
}
