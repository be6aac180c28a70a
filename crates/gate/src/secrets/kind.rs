//! The kinds of secrets: names for messages and tests, and where each is revoked.

/// Declares the kinds.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $kind:ident $name:literal $title:literal $revoke:literal,)+) => {
        /// What a value looks like.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[doc = $doc])+ $kind,)+
        }

        impl Kind {
            /// All of them.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$kind),+];

            /// The name that tests and reports for machines use.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)+
                }
            }

            /// The name for people, with its article.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$kind => $title,)+
                }
            }

            /// Where it is made invalid.
            #[must_use]
            pub const fn revoke_at(self) -> &'static str {
                match self {
                    $(Self::$kind => $revoke,)+
                }
            }
        }
    };
}

kinds! {
    /// AWS: `AKIA...`
    AwsAccessKeyId "aws-access-key-id" "an AWS access key id" "the IAM console",
    /// AWS: 40 characters beside a name
    AwsSecretKey "aws-secret-key" "an AWS secret access key" "the IAM console",
    /// Google: `AIza...`
    GoogleApiKey "google-api-key" "a Google API key" "the cloud console's credentials page",
    /// Google: `GOCSPX-...`
    GoogleOauthSecret "google-oauth-secret" "a Google OAuth client secret" "the cloud console's credentials page",
    /// Azure: 64 bytes in base64
    AzureStorageKey "azure-storage-key" "an Azure storage key" "the storage account's access keys",
    /// Azure: `sig=` of a signed link
    AzureSas "azure-sas" "an Azure shared access signature" "the storage account's access keys",
    /// `dop_v1_...`
    DigitalOceanToken "digitalocean-token" "a DigitalOcean token" "the provider's API page",
    /// A UUID beside the provider's name, or `HRKU-...`
    HerokuKey "heroku-key" "a Heroku API key" "the account settings",
    /// 40 characters beside the provider's name
    CloudflareToken "cloudflare-token" "a Cloudflare API token" "the profile's API tokens",
    /// `dapi...`
    DatabricksToken "databricks-token" "a Databricks token" "the user settings",
    /// `ghp_ gho_ ghu_ ghs_ ghr_`
    GithubToken "github-token" "a GitHub token" "the developer settings",
    /// `github_pat_...`
    GithubFineGrained "github-fine-grained" "a fine-grained GitHub token" "the developer settings",
    /// `glpat-...` and its siblings
    GitlabToken "gitlab-token" "a GitLab token" "the access tokens page",
    /// `npm_...`
    NpmToken "npm-token" "an npm token" "the registry account's access tokens",
    /// `pypi-AgE...`
    PypiToken "pypi-token" "a PyPI upload token" "the registry account's settings",
    /// `dckr_pat_...`
    DockerToken "docker-token" "a Docker Hub token" "the account's security settings",
    /// `rubygems_...`, `cio...`
    RegistryToken "registry-token" "a package registry's token" "the registry account's settings",
    /// `xoxb- xoxp- xapp-`
    SlackToken "slack-token" "a Slack token" "the app's settings",
    /// `hooks.slack.com/services/...`
    SlackWebhook "slack-webhook" "a Slack webhook" "the app's incoming webhooks",
    /// Three parts, the first a number in base64
    DiscordBotToken "discord-bot-token" "a Discord bot token" "the developer portal",
    /// `discord.com/api/webhooks/...`
    DiscordWebhook "discord-webhook" "a Discord webhook" "the channel's integrations",
    /// `123456789:AA...`
    TelegramBotToken "telegram-bot-token" "a Telegram bot token" "the bot's owner account",
    /// `SK` and 32 hexadecimal digits
    TwilioKey "twilio-key" "a Twilio API key" "the console's API keys",
    /// `SG.x.y`
    SendgridKey "sendgrid-key" "a SendGrid API key" "the API keys page",
    /// `key-...`
    MailgunKey "mailgun-key" "a Mailgun API key" "the API security page",
    /// `...-us1`
    MailchimpKey "mailchimp-key" "a Mailchimp API key" "the account's API keys",
    /// `sk_live_ rk_live_`
    StripeKey "stripe-key" "a live Stripe key" "the dashboard's developer page",
    /// `sq0atp- sq0csp-`
    SquareToken "square-token" "a Square token" "the developer dashboard",
    /// `shpat_` and its siblings
    ShopifyToken "shopify-token" "a Shopify token" "the app's API credentials",
    /// `sk-...T3Blbk...`
    OpenAiKey "openai-key" "an OpenAI API key" "the account's API keys",
    /// `sk-ant-...`
    AnthropicKey "anthropic-key" "an Anthropic API key" "the console's API keys",
    /// `hf_...`
    HuggingFaceToken "hugging-face-token" "a Hugging Face token" "the access tokens page",
    /// Keys of other model providers: `gsk_ r8_ pplx-`
    ModelProviderKey "model-provider-key" "a model provider's API key" "the provider's API keys",
    /// `hvs. hvb.`
    VaultToken "vault-token" "a Vault token" "the vault (revoke the token)",
    /// `glsa_... glc_...`
    GrafanaToken "grafana-token" "a Grafana token" "the service accounts page",
    /// `PMAK-...`
    PostmanKey "postman-key" "a Postman API key" "the account's API keys",
    /// Tokens of further services, by their prefix
    ServiceToken "service-token" "a service's API token" "that service's account settings",
    /// Three parts in base64, the first two JSON
    Jwt "jwt" "a signed JSON web token" "whoever issued it (or wait until it expires)",
    /// PEM
    PrivateKeyPem "private-key-pem" "a private key" "wherever its public half is trusted",
    /// OpenSSH
    PrivateKeyOpenSsh "private-key-openssh" "an OpenSSH private key" "every authorized_keys that names it",
    /// PGP
    PrivateKeyPgp "private-key-pgp" "a PGP private key" "the key servers (publish a revocation)",
    /// age
    AgeKey "age-key" "an age secret key" "every file encrypted to it",
    /// `scheme://user:password@host`, also `curl -u`
    BasicAuthUrl "basic-auth-url" "a password beside its user's name" "the service it belongs to",
    /// `Password=...;` among other settings
    ConnectionString "connection-string" "a password in a connection string" "the database",
    /// `password = "..."`
    Password "password-assignment" "a password" "the service it belongs to",
    /// Random base64 beside a telling name
    SecretBase64 "secret-base64" "a secret value" "the service it belongs to",
    /// Random hexadecimal digits beside a telling name
    SecretHex "secret-hex" "a secret value" "the service it belongs to",
}

impl Kind {
    /// How many bytes of such a value a message may show: those that all values of the kind share, four at most.
    pub(crate) const fn prefix(self) -> usize {
        match self {
            Self::AwsAccessKeyId
            | Self::GoogleApiKey
            | Self::GithubToken
            | Self::GithubFineGrained
            | Self::NpmToken
            | Self::PypiToken
            | Self::SlackToken
            | Self::DatabricksToken
            | Self::VaultToken
            | Self::ShopifyToken
            | Self::PostmanKey => 4,
            Self::StripeKey | Self::SendgridKey | Self::HuggingFaceToken | Self::AnthropicKey | Self::OpenAiKey => 3,
            _ => 0,
        }
    }
}
