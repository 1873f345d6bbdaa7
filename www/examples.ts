/** The questions that the page offers, each with the tool that it is meant for. */
export const examples: { question: string; tool: string }[] = [
  { question: "What is the weather in Oslo right now?", tool: "weather_now" },
  { question: "Convert 5 miles to kilometres", tool: "convert_length" },
  { question: "Split a bill of 90 between 4 people", tool: "split_bill" },
  { question: "When does the sun set in Lisbon today?", tool: "sunrise_sunset" },
  { question: "Who was Ada Lovelace?", tool: "wikipedia_summary" },
  { question: "How do I make lasagne?", tool: "meal_recipe" },
  { question: "Show me a picture of a beagle", tool: "dog_picture" },
  { question: "What does the word serendipity mean?", tool: "define_word" },
  { question: "How many days until 2026-12-24?", tool: "days_until" },
  { question: "Write 1987 in Roman numerals", tool: "roman_numeral" },
  { question: 'Encode "hello world" in base64', tool: "base64_encode" },
  { question: "What is 15 percent of 80?", tool: "percentage_of" },
];
