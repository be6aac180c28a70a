//! What a name says about the value beside it.
//!
//! A name is cut into words (`dbPassword`, `DB_PASSWORD`, `db.password` and `dbpassword` alike). The last word tells what
//! the value is (`password_hint` is a hint), the words before it tell of what.

/// What a variable of a name holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Something a person or a program chose as password.
    Password,
    /// A random key or token.
    Secret,
    /// The signature of a signed link.
    Signature,
}

/// Most words of a name that are looked at, from its end.
const WORDS: usize = 8;
/// Longest name that is looked at.
pub(super) const LONGEST: usize = 80;

/// A name that says that a secret follows.
#[derive(Debug)]
pub(super) struct Name<'t> {
    pub(super) meaning: Meaning,
    words: [&'t [u8]; WORDS],
}

/// Words for passwords.
const PASSWORD: &[&str] = &["password", "passwd", "passphrase", "pwd", "passwort", "passcode", "passwords"];
/// Words for other secrets.
const SECRET: &[&str] = &[
    "secret",
    "token",
    "apikey",
    "secretkey",
    "accesskey",
    "authtoken",
    "accesstoken",
    "bearer",
    "secrets",
    "credential",
    "credentials",
    "privatekey",
    "authkey",
    "sharedaccesskey",
    "accountkey",
    "apitoken",
    "clientsecret",
];
/// Words before `key` or `pass` that make it a secret.
const OF: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "auth",
    "encryption",
    "signing",
    "master",
    "service",
    "account",
    "storage",
    "shared",
    "license",
    "deploy",
    "app",
    "application",
    "admin",
    "maps",
    "encrypt",
    "sign",
    "session",
    "jwt",
    "hmac",
    "aes",
    "aws",
    "azure",
    "heroku",
    "cloudflare",
    "mailgun",
    "twilio",
    "stripe",
    "google",
    "openai",
    "llm",
    "mail",
    "sendgrid",
    "datadog",
    "algolia",
    "db",
    "database",
    "smtp",
    "root",
    "user",
    "ftp",
    "mysql",
    "postgres",
    "redis",
    "client",
    "server",
    "webhook",
    "rpc",
    "cookie",
    "ssh",
    "sudo",
    "ldap",
    "login",
    "cf",
    "cloud",
];

impl<'t> Name<'t> {
    /// Reads a name; `None` if it says nothing about secrets.
    pub(super) fn read(text: &'t [u8]) -> Option<Self> {
        let text = &text[text.len().saturating_sub(LONGEST)..];
        if !may_say(text) {
            return None;
        }
        let (mut words, mut used) = ([b"".as_slice(); WORDS], 0);
        let mut end = text.len();
        while used < WORDS {
            let Some((start, next)) = last_word(&text[..end]) else { break };
            words[used] = &text[start..next];
            (used, end) = (used + 1, start);
        }
        let meaning = meaning(&words)?;
        Some(Self { meaning, words })
    }

    /// Whether one of its words is `word`.
    pub(super) fn says(&self, word: &[u8]) -> bool {
        self.words.iter().any(|own| own.eq_ignore_ascii_case(word))
    }
}

/// Whether a name holds a piece that every name of a secret has one of: most names are ruled out here.
fn may_say(text: &[u8]) -> bool {
    let piece =
        |at: usize, rest: &[u8]| text[at + 1..].get(..rest.len()).is_some_and(|own| own.eq_ignore_ascii_case(rest));
    text.iter().enumerate().any(|(at, byte)| match byte.to_ascii_lowercase() {
        b'p' => piece(at, b"ass") || piece(at, b"w") || piece(at, b"at"),
        b's' => piece(at, b"ecret") || piece(at, b"ig"),
        b't' => piece(at, b"oken"),
        b'k' => piece(at, b"ey"),
        b'c' => piece(at, b"redential"),
        b'b' => piece(at, b"earer"),
        b'a' => piece(at, b"uth"),
        _ => false,
    })
}

/// The last word of a name: separators end it, and so does a capital after a small letter.
fn last_word(text: &[u8]) -> Option<(usize, usize)> {
    let end = text.iter().rposition(u8::is_ascii_alphanumeric)? + 1;
    let mut start = end - 1;
    while start > 0 && text[start - 1].is_ascii_alphanumeric() {
        let (before, here) = (text[start - 1], text[start]);
        let starts_here = here.is_ascii_uppercase() && !before.is_ascii_uppercase();
        let ends_capitals = before.is_ascii_uppercase()
            && here.is_ascii_uppercase()
            && text.get(start + 1).is_some_and(u8::is_ascii_lowercase)
            && start + 1 < end;
        if starts_here || ends_capitals {
            break;
        }
        start -= 1;
    }
    Some((start, end))
}

fn is_one_of(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|own| word.eq_ignore_ascii_case(own.as_bytes()))
}

/// `dbpassword`, `authtoken`: a word of the list with something before it, written as one.
fn ends_like(word: &[u8], list: &[&str]) -> bool {
    list.iter().any(|own| {
        own.len() > 4 && word.len() > own.len() && word[word.len() - own.len()..].eq_ignore_ascii_case(own.as_bytes())
    })
}

/// What the words say, the last of the name first.
fn meaning(words: &[&[u8]; WORDS]) -> Option<Meaning> {
    let (mut last, mut before) = (words[0], words[1]);
    // `PASSWORD_1`, `api_key_v2`, `secret_base64`, `token_value`: what counts stands before.
    let appendix = last.iter().all(u8::is_ascii_digit)
        || is_one_of(
            last,
            &[
                "v1",
                "v2",
                "value",
                "base",
                "base64",
                "hex",
                "base32",
                "prod",
                "production",
                "staging",
                "dev",
                "old",
                "new",
                "live",
                "sid",
                "plain",
                "plaintext",
                "default",
                "local",
            ],
        );
    if appendix {
        (last, before) = (before, words[2]);
    }
    if is_one_of(
        before,
        &["public", "primary", "foreign", "cache", "partition", "sort", "no", "forgot", "next", "csrf"],
    ) {
        return None;
    }
    match () {
        () if is_one_of(last, PASSWORD) || ends_like(last, PASSWORD) => Some(Meaning::Password),
        () if is_one_of(last, &["pass", "pw"]) && (before.is_empty() || is_one_of(before, OF)) => {
            Some(Meaning::Password)
        }
        () if is_one_of(last, SECRET) || ends_like(last, SECRET) => Some(Meaning::Secret),
        () if is_one_of(last, &["key", "keys", "pat", "auth"]) && is_one_of(before, OF) => Some(Meaning::Secret),
        () if is_one_of(last, &["sig", "signature"]) => Some(Meaning::Signature),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_they_hold() {
        let read = |text: &'static str| Name::read(text.as_bytes()).map(|name| name.meaning);
        for name in [
            "password",
            "DB_PASSWORD",
            "dbPassword",
            "spring.datasource.password",
            "dbpassword",
            "smtp_pass",
            "Pwd",
            "PASSWORD_2",
        ] {
            assert_eq!(read(name), Some(Meaning::Password), "{name}");
        }
        for name in [
            "secret",
            "API_KEY",
            "apiKey",
            "AWSSecretKey",
            "auth-token",
            "x-api-key",
            "clientSecret",
            "signing_key",
            "SharedAccessKey",
        ] {
            assert_eq!(read(name), Some(Meaning::Secret), "{name}");
        }
        for name in [
            "password_hint",
            "tokenizer",
            "public_key",
            "cacheKey",
            "secretName",
            "keyboard",
            "passage",
            "token_type",
            "compass",
            "",
        ] {
            assert_eq!(read(name), None, "{name}");
        }
        assert!(Name::read(b"awsSecretKey").is_some_and(|name| name.says(b"aws") && !name.says(b"cf")));
    }
}
