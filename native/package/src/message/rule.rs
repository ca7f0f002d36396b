//! Names of the rules by which secrets and leftovers are found in a package's files.

use super::{Language, language};

/// The name of a rule in the chosen language.
pub fn name(english: &str) -> &str {
    match language() {
        Language::English => english,
        Language::French => {
            TABLE.iter().find(|(name, _)| *name == english).map_or(english, |(_, french)| french)
        }
    }
}

/// English and French, by English.
pub const TABLE: &[(&str, &str)] = &[
    ("AWS access key", "clé d’accès AWS"),
    ("AWS secret access key", "clé d’accès secrète AWS"),
    ("AWS session token", "jeton de session AWS"),
    ("AWS temporary access key", "clé d’accès temporaire AWS"),
    ("Alibaba Cloud access key", "clé d’accès Alibaba Cloud"),
    ("Anthropic key", "clé Anthropic"),
    ("Azure access key", "clé d’accès Azure"),
    ("Azure storage key", "clé de stockage Azure"),
    ("Databricks token", "jeton Databricks"),
    ("DigitalOcean token", "jeton DigitalOcean"),
    ("Docker Hub token", "jeton Docker Hub"),
    ("GitHub token", "jeton GitHub"),
    ("GitLab token", "jeton GitLab"),
    ("Google API key", "clé d’API Google"),
    ("Google OAuth access token", "jeton d’accès OAuth Google"),
    ("Google OAuth client secret", "secret client OAuth Google"),
    ("Hugging Face token", "jeton Hugging Face"),
    ("OpenAI key", "clé OpenAI"),
    ("PyPI token", "jeton PyPI"),
    ("RubyGems token", "jeton RubyGems"),
    ("SendGrid key", "clé SendGrid"),
    ("Shopify token", "jeton Shopify"),
    ("Slack app token", "jeton d’application Slack"),
    ("Slack token", "jeton Slack"),
    ("Stripe live key", "clé de production Stripe"),
    ("Vault token", "jeton Vault"),
    ("age secret key", "clé secrète age"),
    ("backup of an editor", "sauvegarde d’un éditeur"),
    ("crates.io token", "jeton crates.io"),
    ("environment file", "fichier d’environnement"),
    ("key store", "magasin de clés"),
    ("keys of AWS", "clés AWS"),
    ("keys of Google Cloud", "clés Google Cloud"),
    ("keys of a cluster", "clés d’un cluster"),
    ("keys of a storage service", "clés d’un service de stockage"),
    ("left by a merge", "laissé par une fusion"),
    ("left by a patch", "laissé par un correctif"),
    ("npm token", "jeton npm"),
    ("of version control", "de gestion de versions"),
    ("open in an editor", "ouvert dans un éditeur"),
    ("password in an address", "mot de passe dans une adresse"),
    ("password of an npm registry", "mot de passe d’un registre npm"),
    ("password store", "magasin de mots de passe"),
    ("passwords for hosts", "mots de passe pour des hôtes"),
    ("passwords of MySQL", "mots de passe MySQL"),
    ("passwords of PostgreSQL", "mots de passe PostgreSQL"),
    ("passwords of PyPI", "mots de passe PyPI"),
    ("passwords of a web server", "mots de passe d’un serveur web"),
    ("passwords of container registries", "mots de passe de registres de conteneurs"),
    ("passwords of git", "mots de passe git"),
    ("private SSH key", "clé privée SSH"),
    ("private key", "clé privée"),
    ("settings of an editor", "réglages d’un éditeur"),
    ("state of Terraform, which holds passwords", "état de Terraform, qui contient des mots de passe"),
    ("token of Vault", "jeton Vault"),
    ("token of an npm registry", "jeton d’un registre npm"),
    ("tokens of registries", "jetons de registres"),
    ("written by Windows", "écrit par Windows"),
    ("written by macOS", "écrit par macOS"),
];

#[cfg(test)]
mod tests {
    use super::TABLE;
    use crate::message::style::typography;

    #[test]
    fn names_are_sorted_and_in_the_style_of_the_table() {
        assert!(TABLE.is_sorted_by(|one, next| one.0 < next.0));
        assert!(TABLE.iter().all(|(_, french)| typography(french).is_empty()));
    }
}
