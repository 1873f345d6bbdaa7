/** Finds the IANA time zone that people mean by a city, a country or an abbreviation. */

import { withoutAccents } from "./text.ts";

/**
 * The names people say, by zone. Cities that a zone is named after (Tokyo in Asia/Tokyo) are found
 * without this table, except where browsers still spell the zone in an older way.
 */
const namesByZone: Record<string, string> = {
  "UTC": "Coordinated Universal Time, Zulu time, Greenwich Mean Time",

  "Africa/Cairo": "Egypt, Alexandria, Giza",
  "Africa/Casablanca": "Morocco, Marrakesh, Marrakech, Rabat, Fes",
  "Africa/Johannesburg": "South Africa, Cape Town, Durban, Pretoria, Soweto",
  "Africa/Lagos": "Nigeria, Abuja, Kano, Ibadan",
  "Africa/Nairobi": "Kenya, Mombasa",
  "Africa/Accra": "Ghana, Kumasi",
  "Africa/Addis_Ababa": "Ethiopia",
  "Africa/Dar_es_Salaam": "Tanzania, Zanzibar, Dodoma",
  "Africa/Harare": "Zimbabwe",
  "Africa/Algiers": "Algeria, Oran",
  "Africa/Tunis": "Tunisia",
  "Africa/Dakar": "Senegal",

  "America/New_York":
    "New York City, NYC, Washington, Washington DC, Boston, Philadelphia, " +
    "Miami, Atlanta, Orlando, Pittsburgh, Baltimore, Charlotte, Cleveland, " +
    "Brooklyn, EST, EDT, ET, Eastern Time",
  "America/Chicago":
    "Houston, Dallas, Austin, San Antonio, New Orleans, Minneapolis, Milwaukee, " +
    "St Louis, Saint Louis, Kansas City, Nashville, Memphis, CST, CDT, CT, " +
    "Central Time",
  "America/Denver": "Salt Lake City, Albuquerque, Santa Fe, MST, MDT, MT, Mountain Time",
  "America/Phoenix": "Arizona, Tucson",
  "America/Los_Angeles":
    "LA, San Francisco, SF, San Diego, San Jose, Seattle, Portland, " +
    "Las Vegas, Sacramento, Oakland, California, PST, PDT, PT, Pacific Time",
  "America/Anchorage": "Alaska",
  "America/Toronto": "Montreal, Ottawa, Quebec, Quebec City",
  "America/Edmonton": "Calgary",
  "America/Argentina/Buenos_Aires": "Argentina, Buenos Aires, Rosario",
  "America/Sao_Paulo": "Brazil, Rio de Janeiro, Rio, Brasilia, Belo Horizonte",
  "America/Bahia": "Salvador",
  "America/Mexico_City": "Guadalajara, Puebla",
  "America/Bogota": "Colombia, Medellin, Cali",
  "America/Lima": "Peru, Cusco",
  "America/Santiago": "Chile, Valparaiso",
  "America/Caracas": "Venezuela",
  "America/La_Paz": "Bolivia",
  "America/Montevideo": "Uruguay",
  "America/Havana": "Cuba",
  "America/Jamaica": "Kingston",
  "America/Puerto_Rico": "San Juan",
  "America/Guayaquil": "Quito",

  "Asia/Kolkata":
    "Kolkata, India, Mumbai, Bombay, Delhi, New Delhi, Bangalore, Bengaluru, " +
    "Chennai, Hyderabad, Pune, Ahmedabad, Jaipur, IST",
  "Asia/Shanghai": "China, Beijing, Peking, Shenzhen, Guangzhou, Chengdu, Wuhan, Tianjin",
  "Asia/Tokyo": "Japan, Osaka, Kyoto, Nagoya, Sapporo, Yokohama, Hiroshima, JST",
  "Asia/Seoul": "South Korea, Korea, Busan, Incheon, KST",
  "Asia/Hong_Kong": "HK",
  "Asia/Taipei": "Taiwan",
  "Asia/Manila": "Philippines, Cebu, Quezon City",
  "Asia/Bangkok": "Thailand, Chiang Mai, Phuket",
  "Asia/Ho_Chi_Minh": "Vietnam, Ho Chi Minh, Ho Chi Minh City, Saigon, Hanoi",
  "Asia/Jakarta": "Bandung, Surabaya",
  "Asia/Makassar": "Bali, Denpasar",
  "Asia/Kuala_Lumpur": "Malaysia, Penang",
  "Asia/Dhaka": "Bangladesh",
  "Asia/Karachi": "Pakistan, Lahore, Islamabad",
  "Asia/Kathmandu": "Kathmandu, Nepal",
  "Asia/Colombo": "Sri Lanka",
  "Asia/Yangon": "Yangon, Myanmar",
  "Asia/Kabul": "Afghanistan",
  "Asia/Tehran": "Iran",
  "Asia/Baghdad": "Iraq",
  "Asia/Dubai": "United Arab Emirates, UAE, Abu Dhabi",
  "Asia/Riyadh": "Saudi Arabia, Jeddah, Mecca, Medina",
  "Asia/Qatar": "Doha",
  "Asia/Jerusalem": "Israel, Tel Aviv, Haifa",
  "Asia/Beirut": "Lebanon",
  "Asia/Tashkent": "Uzbekistan",
  "Asia/Yekaterinburg": "Ekaterinburg",

  "Australia/Sydney": "Canberra, Wollongong",
  "Australia/Melbourne": "Geelong",
  "Australia/Brisbane": "Gold Coast, Cairns, AEST",
  "Pacific/Auckland": "New Zealand, Wellington, Christchurch, Queenstown",
  "Pacific/Honolulu": "Hawaii",
  "Pacific/Fiji": "Suva",

  "Europe/London":
    "UK, United Kingdom, England, Scotland, Wales, Great Britain, Britain, " +
    "Manchester, Birmingham, Liverpool, Leeds, Glasgow, Edinburgh, Bristol, " +
    "Cardiff, Oxford, Cambridge, Newcastle, BST",
  "Europe/Dublin": "Ireland, Cork, Galway",
  "Europe/Lisbon": "Porto",
  "Europe/Madrid": "Barcelona, Valencia, Seville, Malaga, Bilbao",
  "Europe/Paris": "France, Lyon, Marseille, Nice, Toulouse, Bordeaux, Lille, Strasbourg",
  "Europe/Brussels": "Belgium, Antwerp, Ghent, Bruges",
  "Europe/Amsterdam": "Netherlands, Holland, Rotterdam, The Hague, Utrecht, Eindhoven",
  "Europe/Berlin": "Germany, Munich, Hamburg, Frankfurt, Cologne, Stuttgart, Dusseldorf, Leipzig, " + "Dresden, CEST",
  "Europe/Zurich": "Switzerland, Geneva, Basel, Bern, Lausanne",
  "Europe/Vienna": "Austria, Salzburg, Graz, Innsbruck",
  "Europe/Rome": "Italy, Milan, Naples, Turin, Florence, Venice, Bologna, Palermo",
  "Europe/Copenhagen": "Denmark, Aarhus",
  "Europe/Oslo": "Norway, Bergen, Trondheim",
  "Europe/Stockholm": "Sweden, Gothenburg, Malmo",
  "Europe/Helsinki": "Finland, Tampere, Espoo",
  "Europe/Tallinn": "Estonia",
  "Europe/Riga": "Latvia",
  "Europe/Vilnius": "Lithuania",
  "Europe/Warsaw": "Poland, Krakow, Gdansk, Wroclaw, Poznan",
  "Europe/Prague": "Czechia, Czech Republic, Brno",
  "Europe/Budapest": "Hungary",
  "Europe/Bucharest": "Romania, Cluj",
  "Europe/Sofia": "Bulgaria",
  "Europe/Athens": "Greece, Thessaloniki",
  "Europe/Istanbul": "Turkey, Ankara, Izmir, Antalya",
  "Europe/Kyiv": "Ukraine, Kyiv, Kiev, Lviv, Odesa",
  "Europe/Belgrade": "Serbia",
  "Europe/Zagreb": "Croatia, Split, Dubrovnik",
  "Europe/Moscow": "Saint Petersburg, St Petersburg",
  "Atlantic/Reykjavik": "Iceland",
};

/** Lower case, without accents, underscores and dots: "St. Louis" is "st louis". */
function plain(name: string): string {
  const letters = withoutAccents(name).toLowerCase();
  return letters.replace(/[._]/gu, " ").replace(/\s+/gu, " ").trim();
}

const zoneByName = new Map<string, string>();
for (const zone of Intl.supportedValuesOf("timeZone")) {
  zoneByName.set(plain(zone.slice(zone.lastIndexOf("/") + 1)), zone);
}
for (const [zone, names] of Object.entries(namesByZone)) {
  for (const name of names.split(", ")) zoneByName.set(plain(name), zone);
}

/** A zone that the browser knows by exactly this name, such as Europe/Madrid or GMT. */
function zoneNamed(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name.replaceAll(" ", "_") }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/** The time zone of a place; "Paris, France" is looked up as a whole, then as "Paris". */
export function timeZoneOf(place: string): string {
  const [city = ""] = place.split(",");
  const zone = zoneByName.get(plain(place)) ?? zoneByName.get(plain(city)) ?? zoneNamed(place.trim());
  if (!zone) throw new Error(`No time zone is known for "${place}". Try a larger city near it.`);
  return zone;
}
