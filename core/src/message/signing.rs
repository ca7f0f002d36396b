//! Words about signing: keys, signatures, signed documents.

crate::messages! { "signing";
    json_malformed(reason: &str) =
        "the JSON document is malformed: {reason}",
        "le document JSON est mal formé : {reason}";
    json_nesting() =
        "it is nested too deeply",
        "il est imbriqué trop profondément";
    json_number() =
        "only whole numbers from 0 to 2^64-1 are allowed here",
        "seuls des nombres entiers de 0 à 2^64-1 sont admis ici";
    json_twice(member: &str) =
        "the member `{member}` occurs twice",
        "le membre `{member}` est présent deux fois";
    json_missing(member: &str) =
        "the member `{member}` is missing",
        "le membre `{member}` manque";
    json_unknown(member: &str) =
        "the member `{member}` is unknown",
        "le membre `{member}` est inconnu";
    json_shape(member: &str, wanted: &str) =
        "`{member}` must be {wanted}",
        "`{member}` doit être {wanted}";
    json_shape_whole(wanted: &str) =
        "it must be {wanted}",
        "il doit être {wanted}";
    key_weak() =
        "the public key is weak or not in canonical form",
        "la clé publique est faible ou n’est pas en forme canonique";
    key_private() =
        "this is a private key, and a public key is needed: a private key is for its owner alone",
        "c’est une clé privée, et il faut une clé publique : une clé privée n’est que pour son propriétaire";
    key_private_hint() =
        "give the public key instead (`vitte package key export NAME`); if others have seen the private one, replace it",
        "donner la clé publique (`vitte package key export NOM`) ; si d’autres ont vu la clé privée, la remplacer";
    key_form(wanted: &str, found: &str) =
        "this is not {wanted}: it is {found}",
        "ce n’est pas {wanted}, mais {found}";
    key_encrypted() =
        "the secret key is encrypted with a passphrase",
        "la clé secrète est chiffrée par une phrase secrète";
    key_encrypted_hint() =
        "set VITTE_SIGNING_KEY_PASSWORD, or run the command on a terminal",
        "définir VITTE_SIGNING_KEY_PASSWORD, ou lancer la commande dans un terminal";
    key_id_syntax(text: &str) =
        "`{text}` is not a key id: it needs 64 lower-case hexadecimal digits",
        "`{text}` n’est pas un identifiant de clé : il faut 64 chiffres hexadécimaux en minuscules";
    pem_malformed(reason: &str) =
        "the key is not PEM: {reason}",
        "la clé n’est pas au format PEM : {reason}";
    pem_label(label: &str, wanted: &str) =
        "the PEM block is a `{label}`, and a `{wanted}` is needed",
        "le bloc PEM est un `{label}`, et il faut un `{wanted}`";
    pem_hint() =
        "openssl genpkey -algorithm ed25519 -out key.pem; openssl pkey -in key.pem -pubout -out key.pub",
        "openssl genpkey -algorithm ed25519 -out key.pem && openssl pkey -in key.pem -pubout -out key.pub";
    pem_length(limit: u64) =
        "it is longer than {limit} bytes",
        "elle dépasse {limit} octets";
    pem_begin() =
        "it does not begin with a line `-----BEGIN ...-----`",
        "elle ne commence pas par une ligne `-----BEGIN ...-----`";
    pem_end(label: &str) =
        "it does not end with the line `-----END {label}-----`",
        "elle ne se termine pas par la ligne `-----END {label}-----`";
    pem_more() =
        "something follows the end of the block",
        "il y a quelque chose après la fin du bloc";
    pem_line() =
        "a line is empty, longer than 64 characters or not base64",
        "une ligne est vide, dépasse 64 caractères ou n’est pas en base64";
    pem_base64() =
        "the base64 is not complete and canonical",
        "le base64 n’est pas complet et canonique";
    signature_invalid(key: &str) =
        "the signature is not one of the key {key} over these bytes",
        "la signature n’est pas celle de la clé {key} sur ces octets";
    base64(member: &str) =
        "`{member}` is not canonical base64",
        "`{member}` n’est pas du base64 canonique";
    envelope_malformed(reason: &str) =
        "the signed envelope is malformed: {reason}",
        "l’enveloppe signée est mal formée : {reason}";
    envelope_length(limit: u64) =
        "it is longer than {limit} bytes",
        "elle dépasse {limit} octets";
    envelope_line() =
        "it has line breaks",
        "elle contient des sauts de ligne";
    envelope_signatures(count: u64, limit: u64) =
        "it has {count} signatures, and 1 to {limit} are allowed",
        "elle a {count} signatures ; il en faut de 1 à {limit}";
    sigs_length(limit: u64) =
        "the signatures of the archive are longer than {limit} bytes",
        "les signatures de l’archive dépassent {limit} octets";
    sigs_envelopes(limit: u64) =
        "there are more than {limit} envelopes",
        "il y a plus de {limit} enveloppes";
    bundle_last() =
        "something follows the bundle of proofs",
        "il y a quelque chose après les preuves jointes";
    bundle_version() =
        "the bundle of proofs is not one of version 1",
        "les preuves jointes ne sont pas de la version 1";
    payload_type(expected: &str, got: &str) =
        "the signed envelope holds `{got}`, and `{expected}` is needed",
        "l’enveloppe signée contient `{got}`, et il faut `{expected}`";
    threshold(needed: u64, got: u64) =
        [needed: "{needed} key must have signed, and {got} did", "{needed} different keys must have signed, and {got} did"],
        [needed: "il faut la signature de {needed} clé, il y en a {got}", "il faut les signatures de {needed} clés différentes, il y en a {got}"];
    unsigned() =
        "there is no signature",
        "il n’y a pas de signature";
    unsigned_hint() =
        "vitte package sign FILE --key NAME",
        "vitte package sign FICHIER --key NOM";
    key_not_authorised(package: &str, signers: &str) =
        "the signer is not trusted for {package}: {signers}",
        "le signataire n’a pas votre confiance pour {package} : {signers}";
    key_trust_hint(package: &str, key: &str) =
        "if you know the signer: vitte package key trust KEY.pub --for {package} (key id {key})",
        "si vous connaissez le signataire : vitte package key trust KEY.pub --for {package} (identifiant de la clé {key})";
    key_pinned(package: &str, signers: &str, pinned: &str) =
        "{package} is signed by {signers}, and the manifest pins {pinned}",
        "{package} est signé par {signers}, et le manifeste épingle {pinned}";
    key_pinned_hint() =
        "ask the author, then change `[trust]` in vitte.toml",
        "demander à l’auteur, puis modifier `[trust]` dans vitte.toml";
    statement_malformed(reason: &str) =
        "the signed payload is not a release statement: {reason}",
        "le contenu signé n’est pas la déclaration d’une version : {reason}";
    statement_constant(member: &str, wanted: &str) =
        "`{member}` must be `{wanted}`",
        "`{member}` doit être `{wanted}`";
    statement_subject() =
        "`subject` must hold exactly one object",
        "`subject` doit contenir exactement un objet";
    statement_module_target(target: &str) =
        "a vitmod is for any target, and this one names `{target}`",
        "un vitmod vaut pour toute cible, et celui-ci nomme `{target}`";
    statement_build(count: u64, limit: u64) =
        "`build` may hold {count} members of {limit} bytes",
        "`build` peut contenir {count} membres de {limit} octets";
    statement_mismatch(fact: &str, signed: &str, expected: &str) =
        "the {fact} does not agree: `{signed}` was signed, `{expected}` is at hand",
        "{fact} ne correspond pas : `{signed}` a été signé, `{expected}` est présent";
    registry_id(text: &str) =
        "`{text}` is not the id of a registry",
        "`{text}` n’est pas l’identifiant d’un registre";
    registry_id_hint() =
        "write the host and path in lower case, without scheme, ending in a slash, for example registry.vitte.dev/",
        "écrire l’hôte et le chemin en minuscules, sans schéma, avec une barre oblique à la fin, par exemple registry.vitte.dev/";
    scope(text: &str) =
        "`{text}` does not name packages",
        "`{text}` ne désigne pas de paquets";
    scope_hint() =
        "write `*`, `namespace/*` or `namespace/name`",
        "écrire `*`, `namespace/*` ou `namespace/name`";
}
