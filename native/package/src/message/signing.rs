//! Words about credentials: keys, signatures, signed documents.

pub use vitte_package_core::message::signing::*;

vitte_package_core::messages! { "signing";
    only_public(file: &str) =
        "{file} is a public key: nothing can be signed with it",
        "{file} est une clé publique : elle ne permet pas de signer";
    only_public_hint(file: &str) =
        "to trust the owner of its secret half: vitte package key trust {file} --for 'NAMESPACE/*'",
        "pour faire confiance au détenteur de la clé secrète : vitte package key trust {file} --for 'ESPACE-DE-NOMS/*'";
    key_name(name: &str) =
        "`{name}` cannot be the name of a key",
        "`{name}` ne peut pas être le nom d’une clé";
    key_name_hint() =
        "use lower-case letters, digits, `-` and `_`, beginning with a letter, for example `laptop`",
        "utiliser des minuscules, des chiffres, `-` et `_`, en commençant par une lettre, par exemple `laptop`";
    key_exists(name: &str) =
        "there is a key `{name}` already, and keys are never overwritten",
        "il y a déjà une clé `{name}`, et les clés ne sont jamais écrasées";
    key_exists_hint() =
        "vitte package key generate --name ANOTHER",
        "vitte package key generate --name ANOTHER";
    key_remove_question(name: &str, key: &str) =
        "remove the key `{name}` ({key})? Without a copy, nothing can be signed with it ever again",
        "supprimer la clé `{name}` ({key}) ? Sans copie, plus rien ne pourra jamais être signé avec elle";
    key_kept(name: &str) =
        "the key `{name}` was not removed",
        "la clé `{name}` n’a pas été supprimée";
    key_removed(name: &str, key: &str) =
        "Removed the key `{name}` ({key})",
        "Clé `{name}` supprimée ({key})";
    key_renamed(name: &str, to: &str, key: &str) =
        "Renamed the key `{name}` to `{to}` ({key})",
        "Clé `{name}` renommée en `{to}` ({key})";
    passphrase_set(name: &str) =
        "Set the passphrase of the key `{name}`",
        "Phrase secrète de la clé `{name}` définie";
    passphrase_removed(name: &str) =
        "Removed the passphrase of the key `{name}`",
        "Phrase secrète de la clé `{name}` supprimée";
    key_not_found(name: &str) =
        "there is no key `{name}`",
        "il n’y a pas de clé `{name}`";
    key_list_hint() =
        "vitte package key list",
        "vitte package key list";
    key_halves(name: &str) =
        "the two files of the key `{name}` belong to different keys",
        "les deux fichiers de la clé `{name}` appartiennent à des clés différentes";
    key_halves_hint(path: &str) =
        "find out who changed {path}; remove it, and import the secret key anew",
        "chercher qui a modifié {path} ; le supprimer, et importer de nouveau la clé secrète";
    key_permissions(path: &str, mode: &str) =
        "{path} is open to others: its mode is {mode}",
        "{path} est accessible à d’autres : son mode est {mode}";
    key_none(path: &str) =
        "{path} is not a secret key: it has no line `-----BEGIN PRIVATE KEY-----`",
        "{path} n’est pas une clé secrète : il n’a pas de ligne `-----BEGIN PRIVATE KEY-----`";
    key_none_hint() =
        "give a PEM file, or the name of a key of yours: vitte package key list",
        "donner un fichier PEM, ou le nom d’une de vos clés : vitte package key list";
    passphrase_retry() =
        "this passphrase does not open the key; try again",
        "cette phrase secrète n’ouvre pas la clé ; réessayer";
    key_permissions_hint(mode: &str, path: &str) =
        "chmod {mode} {path}",
        "chmod {mode} {path}";
    key_owner(path: &str, owner: u64) =
        "{path} belongs to another user, number {owner}",
        "{path} appartient à un autre utilisateur, le numéro {owner}";
    key_owner_hint(user: u64, path: &str) =
        "chown {user} {path}",
        "chown {user} {path}";
    no_key() =
        "there is no key to sign with",
        "il n’y a pas de clé pour signer";
    no_key_hint() =
        "vitte package key generate",
        "vitte package key generate";
    several_keys(names: &str) =
        "there are several keys, and none was chosen: {names}",
        "il y a plusieurs clés, et aucune n’a été choisie : {names}";
    several_keys_hint(name: &str) =
        "add --key {name}",
        "ajouter --key {name}";
    no_randomness(reason: &str) =
        "the system gives no random numbers: {reason}",
        "le système ne donne pas de nombres aléatoires : {reason}";
    passphrase_empty() =
        "the passphrase is empty",
        "la phrase secrète est vide";
    passphrase_missing(key: &str) =
        "the key `{key}` needs a passphrase, and there is no terminal to ask on",
        "la clé `{key}` demande une phrase secrète, et il n’y a pas de terminal où la saisir";
    passphrase_wrong() =
        "the passphrase does not open the key",
        "la phrase secrète n’ouvre pas la clé";
    passphrase_differs() =
        "the two passphrases differ",
        "les deux phrases secrètes diffèrent";
    passphrase_ask(key: &str) =
        "passphrase of the key `{key}`",
        "phrase secrète de la clé `{key}`";
    passphrase_choose(key: &str) =
        "passphrase for the new key `{key}`",
        "phrase secrète pour la nouvelle clé `{key}`";
    passphrase_again() =
        "again",
        "encore une fois";
    passphrase_cost() =
        "opening this key would take more than 256 MiB of memory, or unreasonable time",
        "ouvrir cette clé demanderait plus de 256 Mio de mémoire, ou un temps déraisonnable";
    passphrase_algorithm() =
        "the key is encrypted by a method that is not supported",
        "la clé est chiffrée par une méthode qui n’est pas prise en charge";
    passphrase_algorithm_hint() =
        "openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -in OLD.pem -out NEW.pem",
        "openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -in OLD.pem -out NEW.pem";
    passphrase_encrypt(reason: &str) =
        "the key cannot be encrypted: {reason}",
        "impossible de chiffrer la clé : {reason}";
    trusted_damaged(reason: &str) =
        "the list of trusted keys is damaged: {reason}",
        "la liste des clés de confiance est endommagée : {reason}";
    trusted_id(key: &str) =
        "`spki` is not the key `{key}`",
        "`spki` n’est pas la clé `{key}`";
    trusted_header() =
        "Keys that `vitte package key trust` added. Written anew at every change",
        "Keys that `vitte package key trust` added. Written anew at every change";
    trusted_not_found(key: &str) =
        "no trusted key matches `{key}`",
        "aucune clé de confiance ne correspond à `{key}`";
    export_exists(path: &str) =
        "there is a file {path} already, and secret keys overwrite nothing",
        "le fichier {path} existe déjà, et une clé secrète n’écrase rien";
    key_created(name: &str, short: &str, path: &str) =
        "Created key `{name}` ({short}) in {path}",
        "Clé `{name}` ({short}) créée dans {path}";
    key_imported(name: &str, short: &str, path: &str) =
        "Imported key `{name}` ({short}) to {path}",
        "Clé `{name}` ({short}) importée dans {path}";
    key_back_up(path: &str) =
        "Back up {path}: without it, nothing can be signed by this key again",
        "Sauvegarder {path} : sans ce fichier, cette clé ne pourra plus rien signer";
    key_unencrypted(name: &str) =
        "It has no passphrase; to set one: vitte package key passphrase {name}",
        "Elle n’a pas de phrase secrète ; pour en définir une : vitte package key passphrase {name}";
    key_hand_out(name: &str) =
        "For others to trust it: vitte package key export {name} --out {name}.pub",
        "Pour que d’autres lui fassent confiance : vitte package key export {name} --out {name}.pub";
    key_shown(name: &str, short: &str) =
        "{name}  {short}",
        "{name}  {short}";
    key_shown_id(id: &str) =
        "key id  {id}",
        "identifiant  {id}";
    key_shown_file(path: &str, protection: &str) =
        "secret  {path} ({protection})",
        "secrète      {path} ({protection})";
    key_list_trusted() =
        "(trusted)",
        "(de confiance)";
    key_list_empty() =
        "no key of your own: vitte package key generate",
        "aucune clé personnelle : vitte package key generate";
    key_trusted(short: &str, scopes: &str) =
        "{short} is trusted for {scopes}",
        "{short} a maintenant la confiance pour {scopes}";
    key_trusted_already(short: &str, scopes: &str) =
        "{short} was trusted for {scopes} already",
        "{short} avait déjà la confiance pour {scopes}";
    key_untrusted(short: &str) =
        "{short} is no longer trusted",
        "{short} n’a plus la confiance";
    key_exported(name: &str, path: &str) =
        "public half of `{name}` written to {path}",
        "clé publique de `{name}` écrite dans {path}";
    key_exported_secret(name: &str, path: &str) =
        "secret half of `{name}` written to {path}: keep it from others",
        "clé secrète de `{name}` écrite dans {path} : ne la laisser voir à personne";
    sign_delta(path: &str) =
        "{path} is a delta: packages are signed, not the way to them",
        "{path} est un delta : ce sont les paquets qui se signent, pas les deltas";
    sign_target(file: &str) =
        "the file name {file} does not tell the target",
        "le nom du fichier {file} n’indique pas la cible";
    sign_target_hint() =
        "add --target TARGET, for example --target x86_64-unknown-linux-gnu, or --target any",
        "ajouter --target TARGET, par exemple --target x86_64-unknown-linux-gnu, ou --target any";
    sign_changed(path: &str) =
        "{path} was changed while it was being signed",
        "{path} a été modifié pendant sa signature";
    signed(file: &str, subject: &str, registry: &str, key: &str) =
        "{file}: {subject} signed for {registry} by {key}",
        "{file} : {subject} signé pour {registry} par {key}";
    signed_already(file: &str, subject: &str, registry: &str, key: &str) =
        "{file}: {subject} was signed for {registry} by {key} already",
        "{file} : {subject} était déjà signé pour {registry} par {key}";
}
