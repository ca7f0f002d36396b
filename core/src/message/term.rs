//! Terms that sentences of the table take as an argument: the name of a fact, the shape that a value must have.

use super::{Language, language};

/// A term in the chosen language; as it is where the table does not have it.
pub fn term(english: &str) -> &str {
    match language() {
        Language::English => english,
        Language::French => {
            let row = TABLE.iter().find(|(term, _)| *term == english);
            row.map_or(english, |(_, french)| french)
        }
    }
}

/// Names of the arguments that are terms, where a message has one.
pub const ARGUMENTS: &[&str] = &["fact", "found", "wanted", "what"];

/// English and French, by English.
pub const TABLE: &[(&str, &str)] = &[
    ("a digest", "une empreinte"),
    ("a document of at most 64 KiB", "un document de 64 Kio au plus"),
    ("a document of at most 8 MiB", "un document de 8 Mio au plus"),
    ("a namespace", "un espace de noms"),
    ("a registry id", "l’identifiant d’un registre"),
    ("a requirement", "une contrainte"),
    ("a shorter string", "une chaîne plus courte"),
    ("a signed trust root", "une racine de confiance signée"),
    ("a string", "une chaîne"),
    ("a string or null", "une chaîne ou null"),
    ("a target", "une cible"),
    ("a tree digest", "l’empreinte d’un arbre"),
    ("a version", "une version"),
    ("a whole number", "un nombre entier"),
    ("a whole number or null", "un nombre entier ou null"),
    (
        "an Ed25519 key in another form (PKCS#8 version 1 or SPKI is read)",
        "une clé Ed25519 sous une autre forme (PKCS#8 version 1 ou SPKI attendu)",
    ),
    ("an Ed25519 private key", "une clé privée Ed25519"),
    ("an Ed25519 public key", "une clé publique Ed25519"),
    ("an Ed448 key", "une clé Ed448"),
    ("an RSA key", "une clé RSA"),
    ("an X25519 key", "une clé X25519"),
    ("an X448 key", "une clé X448"),
    ("an array", "un tableau"),
    ("an array of at most 500 dependencies", "un tableau de 500 dépendances au plus"),
    ("an array of objects", "un tableau d’objets"),
    ("an array of strings", "un tableau de chaînes"),
    ("an array of targets", "un tableau de cibles"),
    ("an elliptic-curve key of another kind", "une clé à courbe elliptique d’un autre type"),
    ("an encrypted private key", "une clé privée chiffrée"),
    ("an envelope", "une enveloppe"),
    ("an object", "un objet"),
    ("an object of arrays", "un objet de tableaux"),
    ("an object of arrays of strings", "un objet de tableaux de chaînes"),
    ("an object of at most 256 features", "un objet de 256 fonctionnalités au plus"),
    ("an object of at most 64 keys", "un objet de 64 clés au plus"),
    ("an object of numbers", "un objet de nombres"),
    ("an object of objects", "un objet d’objets"),
    ("an object of strings", "un objet de chaînes"),
    (
        "an object whose member names are the ids of its keys",
        "un objet dont les membres portent les identifiants de ses clés",
    ),
    ("an object with members", "un objet avec des membres"),
    ("artifact", "l’artefact"),
    ("at most 256 envelopes together", "256 enveloppes au plus en tout"),
    ("base64 of a public key", "le base64 d’une clé publique"),
    ("bytes", "octets"),
    ("compromised or retired", "compromised ou retired"),
    ("digest of the index line", "l’empreinte de la ligne d’index"),
    ("digest of vitte.toml", "l’empreinte de vitte.toml"),
    ("files", "fichiers"),
    ("index", "l’index"),
    ("keys, oidc, either or both", "keys, oidc, either ou both"),
    ("kind", "le type"),
    ("length of the tree", "la longueur de l’arbre"),
    ("names", "noms"),
    ("namespace record", "l’enregistrement de l’espace de noms"),
    ("namespace records", "les enregistrements de l’espace de noms"),
    ("normal or build", "normal ou build"),
    ("number of files", "le nombre de fichiers"),
    ("package", "le paquet"),
    ("record", "l’enregistrement"),
    ("registry", "le registre"),
    ("release", "la version"),
    ("root, release and status", "root, release et status"),
    (
        "security, malware, broken, legal, renamed or other",
        "security, malware, broken, legal, renamed ou other",
    ),
    ("something else", "autre chose"),
    ("status record", "l’enregistrement d’état"),
    ("target", "la cible"),
    ("the name of a package", "le nom d’un paquet"),
    ("time", "la date"),
    ("tree digest", "l’empreinte de l’arbre"),
    ("true or false", "true ou false"),
    ("trust root", "la racine de confiance"),
    ("unpacked size", "la taille extraite"),
    ("version", "la version"),
    ("vitpkg or vitmod", "vitpkg ou vitmod"),
    ("yank, unyank, deprecate or undeprecate", "yank, unyank, deprecate ou undeprecate"),
];

#[cfg(test)]
mod tests {
    use super::TABLE;
    use crate::message::style::typography;

    #[test]
    fn terms_are_sorted_and_in_the_style_of_the_table() {
        assert!(TABLE.is_sorted_by(|one, next| one.0 < next.0));
        assert!(TABLE.iter().all(|(_, french)| typography(french).is_empty()));
    }
}
