/** The questions that the page offers, each with the tool that it is meant for. */
export const examples: { question: string; tool: string }[] = [
  { question: "What is the weather in Oslo right now?", tool: "weather_now" },
  { question: "Convert 5 miles to kilometres", tool: "convert_length" },
  { question: "Split a bill of 64.50 between 3 people with an 18% tip", tool: "split_bill" },
  { question: "When does the sun set in Lisbon today?", tool: "sunrise_sunset" },
  { question: "How much is 100 US dollars in euros?", tool: "exchange_rate" },
  { question: "How do I make lasagne?", tool: "meal_recipe" },
  { question: "Show me a picture of a beagle", tool: "dog_picture" },
  { question: "What does the word serendipity mean?", tool: "define_word" },
  { question: "How many days are there between 2026-03-01 and 2026-12-24?", tool: "days_between" },
  { question: "Write 1987 in Roman numerals", tool: "roman_numeral" },
  { question: "Encode \"hello world\" in base64", tool: "base64_encode" },
  { question: "What is 15 percent of 80?", tool: "percentage_of" },
];
