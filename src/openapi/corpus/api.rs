//! An API's name and title among others.

use crate::openapi::snake_case;

/// What begins the names of an API's tools: "stripe" of `stripe.com.json`, "youtube" of
/// `googleapis.com/youtube.json`; the provider too where the service alone says little.
pub fn short_name(provider: &str, stem: &str) -> String {
    let (host, service) = (snake_case(host_label(provider)), snake_case(stem));
    let service = service.strip_prefix(&format!("{host}_")).unwrap_or(&service);
    match () {
        () if provider == stem || stem.contains(provider) => host,
        () if matches!(host.as_str(), "amazonaws" | "googleapis" | "azure") => service.into(),
        () => format!("{host}_{service}"),
    }
}

/// The telling label of a provider's host: "stripe" of `stripe.com`.
fn host_label(provider: &str) -> &str {
    const FRONT: [&str; 4] = ["www", "api", "apis", "developer"];
    provider.split('.').find(|label| !FRONT.contains(label)).unwrap_or(provider)
}

/// A document's title, with its provider's name where the title does not say whose API it is.
pub fn api_title(provider: &str, stem: &str, title: &str) -> String {
    let capitalized = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
    };
    let title = plain_title(title);
    if title.is_empty() || title.contains("namespace") {
        let name = short_name(provider, stem);
        return name.split('_').map(capitalized).collect::<Vec<_>>().join(" ");
    }
    let letters = |text: &str| text.to_lowercase().replace(|c: char| !c.is_alphanumeric(), "");
    let says = |word: &str| letters(&title).contains(&letters(word));
    let maker = match host_label(provider) {
        "amazonaws" if says("Amazon") => "Amazon".into(),
        "amazonaws" => "AWS".into(),
        "googleapis" => "Google".into(),
        label => capitalized(&label.replace('-', " ")),
    };
    if says(&maker) { title } else { format!("{maker} {title}") }
}

/// An API's title without what only documents say: "API", versions, "REST", a company's legal form.
pub fn plain_title(title: &str) -> String {
    const WORDS: &[&str] = &[
        "api",
        "apis",
        "rest",
        "restful",
        "openapi",
        "swagger",
        "specification",
        "spec",
        "documentation",
        "docs",
        "reference",
        "public",
        "web",
        "http",
        "json",
        "client",
        "the",
        "service",
        "definition",
        "inc",
        "ltd",
        "gmbh",
        "beta",
        "version",
        "alpha",
        "preview",
        "-",
        "–",
        "|",
        ":",
    ];
    let is_version = |word: &str| {
        let digits = word.trim_start_matches(['v', 'V']);
        !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '-')
    };
    let title = title.split(['(', '[', '{']).next().unwrap_or_default();
    let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let words: Vec<&str> = title
        .split_whitespace()
        .filter(|word| {
            !WORDS.contains(&bare(word).as_str()) && !is_version(word) && !bare(word).is_empty()
        })
        .take(6)
        .collect();
    if words.is_empty() { title.trim().to_owned() } else { words.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_say_whose_api_it_is() {
        assert_eq!(
            api_title("adyen.com", "ManagementService", "Management API"),
            "Adyen Management"
        );
        assert_eq!(api_title("stripe.com", "stripe.com", "Stripe API"), "Stripe");
        assert_eq!(
            api_title("amazonaws.com", "s3", "Amazon Simple Storage Service"),
            "Amazon Simple Storage"
        );
        assert_eq!(
            api_title("microsoft.com", "graph", "OData Service for namespace microsoft.graph"),
            "Microsoft Graph"
        );
    }

    #[test]
    fn short_names_say_whose_it_is() {
        assert_eq!(short_name("stripe.com", "stripe.com"), "stripe");
        assert_eq!(short_name("api.video", "api.video"), "video");
        assert_eq!(short_name("googleapis.com", "youtube"), "youtube");
        assert_eq!(short_name("twilio.com", "twilio_messaging_v1"), "twilio_messaging_v1");
        assert_eq!(short_name("adyen.com", "BalanceService"), "adyen_balance_service");
        assert_eq!(short_name("github.com", "api.github.com"), "github");
    }
}
