//! Whether a question is in English, the one language that the model was trained on.
//!
//! By script and by the small words that a language can't do without (Cavnar and Trenkle's observation that a few
//! frequent pieces identify a language, with whole words, since questions are short). In doubt it is English:
//! a foreign name or a word to translate makes no foreign question.

/// Least small words of another language.
const LEAST: usize = 2;

const ENGLISH: &str = "a about add all am an and any are as at be book by can change cancel could did do does find \
    for from get give has have help hello hey hi how i if i'm in is it it's its let list make many may me mean \
    meaning much my next no not of off on or open our out over per play please put remove say send set should show \
    spell start stop take tell that the their them then there these they this to today tomorrow translate turn \
    up us use was we weather what what's whats when where which who who's why will with word would you your";

/// Small words of other languages that are no English ones.
const OTHERS: [&str; 13] = [
    // German
    "der das und ist nicht ich du wie viel viele wann wo wer warum welche welcher welches kannst kann mir bitte \
     zeig zeige mach mache ein eine einen einem einer mein meine für von zu zum zur auf mit im den dem des heute \
     morgen gibt hat wird wetter uhr spät noch auch schalte stell stelle licht es sind bei nach",
    // French
    "le la les un une des du et est quel quelle quels quelles quand où comment combien font pourquoi qui que je tu il \
     elle nous vous mon ma mes peux peut pouvez moi fait temps dans pour avec sur aujourd'hui demain heure sont \
     c'est qu'est s'il plaît montre allume éteins au aux fois",
    // Spanish
    "el la los las un una unos es cuál qué cuándo dónde cómo cuánto cuántos cuánta cuántas quién cual que cuando \
     donde como cuanto cuantos cuantas quien por para con mi mis hay faltan días dias años puedes dime hoy mañana hora tiempo hace está del al en pon apaga enciende muéstrame son clima favor",
    // Italian
    "il lo gli la le un uno una e è che quale quando dove come quanto quanti chi perché per con mio mia puoi dimmi \
     oggi domani ora tempo fa sono di del della nel metti accendi spegni mostrami che ore favore",
    // Portuguese
    "o os um uma e é qual que quando onde como quanto quantos quem tem quantas por para com meu minha pode diga hoje \
     amanhã hora tempo faz está da na em liga desliga mostra são favor você",
    // Dutch
    "de het een en is wat wanneer waar hoe hoeveel wie waarom ik je jij mijn kun kan voor van met op aan vandaag \
     morgen weer laat zien zet doe uur zijn niet naar bij graag",
    // Swedish, Danish, Norwegian
    "och og är er betyder ordet det den ett vad hva hvad hur hvordan hvor när når var vem hvem jag jeg du min mitt kan för med på i dag idag i morgon imorgen väder vejr været slå tänd släck många mange mycket meget hej",
    // Polish
    "jest i w na z do się nie jak co kiedy gdzie ile kto dlaczego mi mój moja jaka jaki jakie dziś dzisiaj jutro \
     pogoda godzina proszę pokaż włącz wyłącz ma są będzie",
    // Czech
    "je a v na z do se ne jak co kdy kde kolik kdo proč mi můj moje jaké jaký dnes zítra počasí hodin prosím ukaž \
     zapni vypni bude jsou",
    // Turkish
    "ve bir bu ne nasıl nerede kaç kim neden bana benim için ile mi mı mu var bugün yarın hava saat lütfen göster \
     aç kapat değil nedir olacak kadar",
    // Indonesian
    "yang di ke dari dan ini itu apa bagaimana kapan mana berapa siapa mengapa saya aku kamu untuk dengan adalah \
     hari besok cuaca jam tolong tidak bisa akan",
    // Finnish
    "on ja ei se mikä mitä miten milloin missä kuinka paljonko kuka miksi minä minun voit kanssa tänään huomenna \
     sää kello kiitos näytä onko moni",
    // Hindi in Latin letters
    "hai hain kya kaise kab kahan kitna kitne mujhe mera meri aaj kal mausam batao sunao ek ka ki ke mein yaar nahi",
];

/// Whether a question is in English, or too short to tell.
///
/// ```
/// use toolgen::language::is_english;
/// assert!(is_english("how do you say guten Morgen, wie geht es in French"));
/// assert!(is_english("Despacito"));
/// assert!(!is_english("wie wird das Wetter morgen in Bonn?"));
/// assert!(!is_english("東京の天気"));
/// ```
pub fn is_english(question: &str) -> bool {
    let letters = question.chars().filter(|c| c.is_alphabetic());
    let (latin, other) = letters.fold((0, 0), |(latin, other), c| match c {
        '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => (latin + 1, other),
        _ => (latin, other + 1),
    });
    if other > latin {
        return false;
    }
    let words: Vec<String> = question
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’')))
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().replace('’', "'"))
        .collect();
    // A letter alone is more often a unit or a name.
    let is_word = |word: &&str| word.chars().count() > 1 || !word.is_ascii();
    let count = |list: &str| {
        let known = list.split_whitespace().filter(is_word);
        known.filter(|known| words.iter().any(|word| word == known)).count()
    };
    let foreign = OTHERS.iter().map(|list| count(list)).max().unwrap_or_default();
    foreign < LEAST || foreign <= count(ENGLISH)
}
