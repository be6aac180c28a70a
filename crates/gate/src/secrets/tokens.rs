//! Tokens that give themselves away: a prefix or a form of their own.
//!
//! A token is a row of literals and runs. It begins where no other word goes on, every run lies between its two lengths,
//! and no further character of its last run's alphabet follows. The runs must look random as well, so that the
//! placeholders of manuals stay silent. A row is at most [`MAX_TOKEN`] bytes long, which keeps a scan linear.

use super::checks::{Class, base64_bytes, has_checksum, looks_random};
use super::kind::Kind;
use super::{Leak, values};

/// Longest run that is followed.
const MAX_TOKEN: usize = 2048;

/// A piece of a token.
#[derive(Clone, Copy, Debug)]
enum Part {
    /// These bytes.
    Word(&'static str),
    /// So many characters, at least and at most.
    Run(Class, usize, usize),
}

/// What else must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Check {
    /// The runs look random.
    Random,
    /// And the last six characters of the run are its checksum; a wrong one makes the finding uncertain.
    Checksum,
    /// And the first run is a number in base64.
    NumberFirst,
    /// And it holds the mark that the provider's keys have.
    OpenAiMark,
}

use Check::{Checksum, NumberFirst, OpenAiMark, Random};
use Class::{Base32, Base62, Base64, Code, Digit, Hex, Lower36, Url64};
use Part::{Run, Word};

/// A row of the table.
struct Token(Kind, &'static [Part], Check);

/// The tokens. Prefixes are written in two halves where the whole would look like a key to other scanners.
const TOKENS: &[Token] = &[
    Token(Kind::AwsAccessKeyId, &[Word("AKIA"), Run(Base32, 16, 16)], Random),
    Token(Kind::AwsAccessKeyId, &[Word("ASIA"), Run(Base32, 16, 16)], Random),
    Token(Kind::GoogleApiKey, &[Word("AIza"), Run(Url64, 35, 35)], Random),
    Token(Kind::GoogleOauthSecret, &[Word("GOCSPX-"), Run(Url64, 28, 28)], Random),
    Token(Kind::DigitalOceanToken, &[Word("dop_v1_"), Run(Hex, 64, 64)], Random),
    Token(Kind::DigitalOceanToken, &[Word("doo_v1_"), Run(Hex, 64, 64)], Random),
    Token(Kind::DigitalOceanToken, &[Word("dor_v1_"), Run(Hex, 64, 64)], Random),
    Token(Kind::HerokuKey, &[Word("HRKU-"), Run(Url64, 36, 64)], Random),
    Token(Kind::DatabricksToken, &[Word("dapi"), Run(Hex, 32, 32)], Random),
    Token(Kind::GithubToken, &[Word("ghp_"), Run(Base62, 36, 36)], Checksum),
    Token(Kind::GithubToken, &[Word("gho_"), Run(Base62, 36, 36)], Checksum),
    Token(Kind::GithubToken, &[Word("ghu_"), Run(Base62, 36, 36)], Checksum),
    Token(Kind::GithubToken, &[Word("ghs_"), Run(Base62, 36, 36)], Checksum),
    Token(Kind::GithubToken, &[Word("ghr_"), Run(Base62, 36, 76)], Checksum),
    Token(Kind::GithubFineGrained, &[Word("github_pat_"), Run(Base62, 22, 22), Word("_"), Run(Base62, 59, 59)], Random),
    Token(Kind::GitlabToken, &[Word("glpat-"), Run(Url64, 20, 64)], Random),
    Token(Kind::GitlabToken, &[Word("gldt-"), Run(Url64, 20, 64)], Random),
    Token(Kind::GitlabToken, &[Word("glrt-"), Run(Url64, 20, 64)], Random),
    Token(Kind::GitlabToken, &[Word("glptt-"), Run(Hex, 40, 40)], Random),
    Token(Kind::GitlabToken, &[Word("glcbt-"), Run(Url64, 20, 64)], Random),
    Token(Kind::NpmToken, &[Word("npm_"), Run(Base62, 36, 36)], Checksum),
    Token(Kind::PypiToken, &[Word("pypi-AgE"), Run(Url64, 50, 1024)], Random),
    Token(Kind::DockerToken, &[Word("dckr_pat_"), Run(Url64, 27, 27)], Random),
    Token(Kind::DockerToken, &[Word("dckr_oat_"), Run(Url64, 27, 36)], Random),
    Token(Kind::RegistryToken, &[Word("rubygems_"), Run(Hex, 48, 48)], Random),
    Token(Kind::RegistryToken, &[Word("cio"), Run(Base62, 32, 32)], Random),
    Token(Kind::SlackToken, &[Word("xoxb-"), Run(Digit, 9, 14), Word("-"), Run(Url64, 24, 64)], Random),
    Token(Kind::SlackToken, &[Word("xoxp-"), Run(Digit, 9, 14), Word("-"), Run(Url64, 32, 100)], Random),
    Token(Kind::SlackToken, &[Word("xoxa-"), Run(Digit, 9, 14), Word("-"), Run(Url64, 24, 100)], Random),
    Token(Kind::SlackToken, &[Word("xoxr-"), Run(Digit, 9, 14), Word("-"), Run(Url64, 24, 100)], Random),
    Token(Kind::SlackToken, &[Word("xoxe.xoxp-"), Run(Url64, 60, 200)], Random),
    Token(Kind::SlackToken, &[Word("xapp-"), Run(Digit, 1, 1), Word("-"), Run(Url64, 40, 130)], Random),
    Token(
        Kind::SlackWebhook,
        &[
            Word("hooks.slack.com/"),
            Run(Lower36, 8, 9),
            Word("/T"),
            Run(Code, 7, 12),
            Word("/"),
            Run(Code, 8, 13),
            Word("/"),
            Run(Base62, 20, 28),
        ],
        Random,
    ),
    Token(
        Kind::DiscordWebhook,
        &[Word("discord.com/api/webhooks/"), Run(Digit, 17, 20), Word("/"), Run(Url64, 60, 80)],
        Random,
    ),
    Token(
        Kind::DiscordWebhook,
        &[Word("discordapp.com/api/webhooks/"), Run(Digit, 17, 20), Word("/"), Run(Url64, 60, 80)],
        Random,
    ),
    Token(
        Kind::DiscordBotToken,
        &[Run(Url64, 23, 28), Word("."), Run(Url64, 6, 7), Word("."), Run(Url64, 27, 45)],
        NumberFirst,
    ),
    Token(Kind::TelegramBotToken, &[Run(Digit, 8, 10), Word(":AA"), Run(Url64, 33, 33)], Random),
    Token(Kind::TwilioKey, &[Word("SK"), Run(Hex, 32, 32)], Random),
    Token(Kind::SendgridKey, &[Word("SG."), Run(Url64, 16, 32), Word("."), Run(Url64, 16, 64)], Random),
    Token(Kind::MailgunKey, &[Word("key-"), Run(Hex, 32, 32)], Random),
    Token(Kind::MailgunKey, &[Run(Hex, 32, 32), Word("-"), Run(Hex, 8, 8), Word("-"), Run(Hex, 8, 8)], Random),
    Token(Kind::MailchimpKey, &[Run(Hex, 32, 32), Word("-us"), Run(Digit, 1, 2)], Random),
    Token(Kind::StripeKey, &[Word("sk_live_"), Run(Base62, 20, 247)], Random),
    Token(Kind::StripeKey, &[Word("rk_live_"), Run(Base62, 20, 247)], Random),
    Token(Kind::StripeKey, &[Word("whsec_"), Run(Base64, 32, 64)], Random),
    Token(Kind::SquareToken, &[Word("sq0atp-"), Run(Url64, 22, 22)], Random),
    Token(Kind::SquareToken, &[Word("sq0csp-"), Run(Url64, 43, 43)], Random),
    Token(Kind::SquareToken, &[Word("EAAAE"), Run(Url64, 59, 59)], Random),
    Token(Kind::ShopifyToken, &[Word("shpat_"), Run(Hex, 32, 32)], Random),
    Token(Kind::ShopifyToken, &[Word("shpss_"), Run(Hex, 32, 32)], Random),
    Token(Kind::ShopifyToken, &[Word("shpca_"), Run(Hex, 32, 32)], Random),
    Token(Kind::ShopifyToken, &[Word("shppa_"), Run(Hex, 32, 32)], Random),
    Token(Kind::AnthropicKey, &[Word("sk-ant-"), Run(Url64, 80, 120)], Random),
    Token(Kind::OpenAiKey, &[Word("sk-"), Run(Url64, 40, 220)], OpenAiMark),
    Token(Kind::HuggingFaceToken, &[Word("hf_"), Run(Base62, 34, 37)], Random),
    Token(Kind::ModelProviderKey, &[Word("gsk_"), Run(Base62, 52, 52)], Random),
    Token(Kind::ModelProviderKey, &[Word("r8_"), Run(Base62, 37, 37)], Random),
    Token(Kind::ModelProviderKey, &[Word("pplx-"), Run(Base62, 48, 56)], Random),
    Token(Kind::ModelProviderKey, &[Word("xai-"), Run(Base62, 80, 80)], Random),
    Token(Kind::ModelProviderKey, &[Word("sk-or-v1-"), Run(Hex, 64, 64)], Random),
    Token(Kind::VaultToken, &[Word("hvs."), Run(Url64, 24, 200)], Random),
    Token(Kind::VaultToken, &[Word("hvb."), Run(Url64, 100, 300)], Random),
    Token(Kind::GrafanaToken, &[Word("glsa_"), Run(Base62, 32, 32), Word("_"), Run(Hex, 8, 8)], Random),
    Token(Kind::GrafanaToken, &[Word("glc_"), Run(Base64, 32, 400)], Random),
    Token(Kind::PostmanKey, &[Word("PMAK-"), Run(Hex, 24, 24), Word("-"), Run(Hex, 34, 34)], Random),
    Token(Kind::ServiceToken, &[Word("lin_api_"), Run(Base62, 40, 40)], Random),
    Token(Kind::ServiceToken, &[Word("ntn_"), Run(Base62, 46, 46)], Random),
    Token(Kind::ServiceToken, &[Word("NRAK-"), Run(Code, 27, 27)], Random),
    Token(Kind::ServiceToken, &[Word("dp.pt."), Run(Base62, 40, 44)], Random),
    Token(Kind::ServiceToken, &[Word("pul-"), Run(Hex, 40, 40)], Random),
    Token(Kind::ServiceToken, &[Word("pscale_tkn_"), Run(Url64, 32, 64)], Random),
    Token(Kind::ServiceToken, &[Word("pscale_pw_"), Run(Url64, 32, 64)], Random),
    Token(Kind::ServiceToken, &[Word("ATATT3"), Run(Url64, 180, 200), Word("="), Run(Code, 8, 8)], Random),
    Token(Kind::ServiceToken, &[Word("sntrys_"), Run(Base64, 80, 400)], Random),
    Token(Kind::ServiceToken, &[Word("tfp_"), Run(Base62, 59, 59)], Random),
    Token(Kind::ServiceToken, &[Word("figd_"), Run(Url64, 40, 40)], Random),
    Token(Kind::ServiceToken, &[Word("AKCp"), Run(Base62, 69, 69)], Random),
    Token(Kind::ServiceToken, &[Word("dnkey-"), Run(Url64, 50, 120)], Random),
    Token(Kind::ServiceToken, &[Word("tskey-"), Run(Lower36, 3, 10), Word("-"), Run(Url64, 20, 64)], Random),
    Token(Kind::AgeKey, &[Word("AGE-SECRET-KEY-1"), Run(Code, 58, 58)], Random),
    Token(
        Kind::Jwt,
        &[Word("eyJ"), Run(Url64, 10, 600), Word(".eyJ"), Run(Url64, 10, 1000), Word("."), Run(Url64, 20, 600)],
        Random,
    ),
];

/// Most rows that may begin with the same byte.
const BUCKET: usize = 24;

/// The rows of the table by first byte.
struct Index {
    rows: [[u8; BUCKET]; 128],
    used: [u8; 128],
}

/// Made when this is compiled.
static INDEX: Index = Index::new();

impl Index {
    /// Sorts the table. A test checks that every bucket has room.
    const fn new() -> Self {
        let mut index = Self { rows: [[0; BUCKET]; 128], used: [0; 128] };
        let mut row = 0;
        while row < TOKENS.len() {
            let mut byte = 0;
            while byte < 128 {
                let place = index.used[byte] as usize;
                if TOKENS[row].may_begin(byte as u8) && place < BUCKET {
                    index.rows[byte][place] = row as u8;
                    index.used[byte] += 1;
                }
                byte += 1;
            }
            row += 1;
        }
        index
    }
}

/// The token that begins at `at`, where a word begins.
pub(super) fn find(text: &[u8], at: usize) -> Option<Leak> {
    let first = *text.get(at)? as usize;
    let rows = INDEX.rows.get(first)?.get(..INDEX.used[first] as usize)?;
    rows.iter().find_map(|&row| TOKENS[row as usize].read(text, at))
}

impl Token {
    /// Whether a token of this row may begin with a byte.
    const fn may_begin(&self, byte: u8) -> bool {
        match (&self.1[0], &self.2) {
            (Word(word), _) => word.as_bytes()[0] == byte,
            // A digit in base64 begins with one of three letters.
            (Run(..), NumberFirst) => matches!(byte, b'M'..=b'O'),
            (Run(class, ..), _) => class.holds(byte),
        }
    }

    /// This token at `at`, if it is there.
    fn read(&self, text: &[u8], at: usize) -> Option<Leak> {
        let rest = &text[at..text.len().min(at + MAX_TOKEN)];
        let Self(kind, parts, check) = self;
        let (mut end, mut first, mut random) = (0, None, true);
        for part in *parts {
            match *part {
                Word(word) => {
                    rest[end..].starts_with(word.as_bytes()).then_some(())?;
                    end += word.len();
                }
                Run(class, least, most) => {
                    let len = rest[end..].iter().take(most + 1).take_while(|&&byte| class.holds(byte)).count();
                    (least..=most).contains(&len).then_some(())?;
                    let run = &rest[end..end + len];
                    first = first.or(Some(run));
                    random &= len < 12 || class == Digit || looks_random(run);
                    end += len;
                }
            }
        }
        let followed = rest.get(end).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let token = &rest[..end];
        if followed || !random || values::is_documented(token) {
            return None;
        }
        let certain = match check {
            Random => true,
            Checksum => has_checksum(&token[4..]),
            NumberFirst => {
                base64_bytes(first?, |byte| byte.is_ascii_digit()).then_some(())?;
                true
            }
            OpenAiMark => token.windows(8).any(|part| part == b"T3BlbkFJ").then_some(true)?,
        };
        Some(Leak { kind: *kind, start: at, end: at + end, certain })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_in_the_index() {
        assert!(INDEX.used.iter().all(|&used| usize::from(used) < BUCKET), "make the buckets larger");
        assert!(TOKENS.len() < 256);
        assert!(TOKENS.iter().all(|Token(_, parts, _)| parts.len() <= 8));
    }
}
