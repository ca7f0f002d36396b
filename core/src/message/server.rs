//! Words of a registry that is a server.

crate::messages! { "server";
    token_missing() =
        "this request needs a token",
        "cette requête demande un jeton";
    token_scheme() =
        "the `Authorization` header of this request is not `Bearer TOKEN`",
        "l’en-tête `Authorization` de cette requête n’est pas `Bearer JETON`";
    token_malformed() =
        "this is not a token of a registry: a token begins with `vtt_` and has 66 characters",
        "ce n’est pas un jeton de registre : un jeton commence par `vtt_` et a 66 caractères";
    token_checksum() =
        "the token was mistyped or only partly copied: its checksum is wrong",
        "le jeton est mal recopié ou incomplet : sa somme de contrôle est fausse";
    token_unknown(id: &str) =
        "this registry does not know the token `{id}`: it may belong to another registry",
        "ce registre ne connaît pas le jeton `{id}` : il est peut-être d’un autre registre";
    token_expired(id: &str, day: &str) =
        "the token `{id}` expired on {day}",
        "le jeton `{id}` a expiré le {day}";
    token_revoked(id: &str) =
        "the token `{id}` was revoked",
        "le jeton `{id}` a été révoqué";
    token_network(id: &str, address: &str) =
        "the token `{id}` may not be used from {address}",
        "le jeton `{id}` ne peut pas être utilisé depuis {address}";
    token_network_help() =
        "use it from a network that it was created for, or create another one",
        "l’utiliser depuis un réseau pour lequel il a été créé, ou en créer un autre";
    token_user_disabled(id: &str, user: &str) =
        "the token `{id}` belongs to the user `{user}`, who is disabled",
        "le jeton `{id}` appartient à l’utilisateur `{user}`, qui est désactivé";
    token_user_disabled_help(user: &str) =
        "ask the registry's operator: vitte-registry user enable {user}",
        "demander à l’opérateur du registre : vitte-registry user enable {user}";
    token_login(url: &str) =
        "vitte package login {url}",
        "vitte package login {url}";
    token_create(scopes: &str, packages: &str) =
        "vitte package token create NAME --scopes {scopes} --packages {packages}",
        "vitte package token create NOM --scopes {scopes} --packages {packages}";
    token_how() =
        "or set VITTE_TOKEN; the registry's operator creates tokens with `vitte-registry token create`",
        "ou définir VITTE_TOKEN ; l’opérateur du registre crée des jetons avec `vitte-registry token create`";
    token_ask(user: &str, scopes: &str, packages: &str) =
        "or ask the registry's operator: vitte-registry token create --user {user} --scopes {scopes} --packages {packages}",
        "ou demander à l’opérateur du registre : vitte-registry token create --user {user} --scopes {scopes} --packages {packages}";
    token_scope(scope: &str) =
        "the token does not have the scope `{scope}`",
        "le jeton n’a pas la portée `{scope}`";
    guest_reads() =
        "guests may not read this registry: ask its operator to make you a member",
        "les invités ne peuvent pas lire ce registre : demander à son opérateur de devenir membre";
    token_package(package: &str) =
        "the token is not valid for `{package}`",
        "le jeton n’est pas valable pour `{package}`";
    trust_root_by_api() =
        "a trust root cannot be changed over HTTP: the registry's operator does that where its keys are",
        "une racine de confiance ne se change pas par HTTP : l’opérateur du registre le fait là où sont ses clés";
    namespace_reserved(name: &str) =
        "the namespace `{name}` is reserved by the registry's operator",
        "l’espace de noms `{name}` est réservé par l’opérateur du registre";
    namespace_held(name: &str, known: &str) =
        "the namespace `{name}` looks like the existing `{known}`: the registry's operator has to allow it first",
        "l’espace de noms `{name}` ressemble à `{known}`, qui existe : l’opérateur du registre doit d’abord l’autoriser";
    namespace_ask(name: &str) =
        "choose another name, or ask the registry's operator: vitte-registry namespace allow {name}",
        "choisir un autre nom, ou demander à l’opérateur du registre : vitte-registry namespace allow {name}";
    name_bare() =
        "a registry server accepts only packages with a namespace: `namespace/name`",
        "un serveur de registre n’accepte que des paquets avec un espace de noms : `namespace/name`";
    upload_missing(id: &str) =
        "there is no upload `{id}`",
        "il n’y a pas de téléversement `{id}`";
    upload_blob_foreign(file: &str) =
        "the upload has no archive {file}",
        "le téléversement n’a pas d’archive {file}";
    upload_blob_missing(artifact: &str) =
        "the archive of {artifact} has not been sent",
        "l’archive de {artifact} n’a pas été envoyée";
    upload_blob_digest(file: &str, got: &str) =
        "the bytes sent have the digest {got}, not {file}",
        "les octets envoyés ont l’empreinte {got}, pas {file}";
    upload_blob_facts(artifact: &str) =
        "the archive of {artifact} is not what the upload says of it",
        "l’archive de {artifact} n’est pas ce qu’en dit le téléversement";
    upload_too_large(limit: u64) =
        "a request of this kind has at most {limit} bytes",
        "une requête de ce genre a au plus {limit} octets";
    upload_key() =
        "an idempotency key has 1 to 64 visible characters of ASCII",
        "une clé d’idempotence a de 1 à 64 caractères ASCII visibles";
    upload_key_reused() =
        "the idempotency key was used for another request",
        "la clé d’idempotence a servi à une autre requête";
    upload_piece(total: u64) =
        "the `Content-Range` is not that of a piece of the archive, which has {total} bytes",
        "le `Content-Range` n’est pas celui d’un morceau de l’archive, qui a {total} octets";
    upload_offset(offset: u64) =
        "the archive goes on at byte {offset}",
        "l’archive reprend à l’octet {offset}";
    upload_published(id: &str) =
        "the upload `{id}` was published, which cannot be undone",
        "le téléversement `{id}` a été publié, ce qui ne peut être annulé";
    upload_failed(id: &str) =
        "the upload `{id}` was refused when it was committed, and takes nothing more",
        "le téléversement `{id}` a été refusé lors de sa validation, et n’accepte plus rien";
    upload_cancelled(id: &str) =
        "the upload `{id}` was given up, and takes nothing more",
        "le téléversement `{id}` a été abandonné, et n’accepte plus rien";
    upload_expired(id: &str) =
        "the upload `{id}` was not committed within 24 hours, and takes nothing more",
        "le téléversement `{id}` n’a pas été validé en 24 heures, et n’accepte plus rien";
    upload_processing(id: &str) =
        "the upload `{id}` is being published, and cannot be given up",
        "le téléversement `{id}` est en cours de publication, et ne peut être abandonné";
    upload_again() =
        "open another upload: the same request to `POST uploads` does it",
        "ouvrir un autre téléversement : la même requête à `POST uploads` le fait";
    upload_cut() =
        "the request ended before all of it was received",
        "la requête s’est terminée avant d’être reçue entièrement";
    upload_silent() =
        "nothing more was received for too long",
        "plus rien n’a été reçu pendant trop longtemps";
    rate_limited(what: &str, seconds: u64) =
        "too many {what}: try again in {seconds} s",
        "trop de {what} : réessayer dans {seconds} s";
    quota(namespace: &str, what: &str, limit: u64, used: u64, more: u64) =
        "the quota of namespace `{namespace}` for {what} is {limit}: it has {used}, and this would add {more}",
        "le quota de l’espace de noms `{namespace}` pour {what} est {limit} : il en a {used}, et ceci en ajouterait {more}";
    quota_archive(namespace: &str, limit: u64, size: u64) =
        "an archive in namespace `{namespace}` may have {limit} bytes, and this one has {size}",
        "une archive de l’espace de noms `{namespace}` peut avoir {limit} octets, et celle-ci en a {size}";
    quota_ask(namespace: &str, what: &str, needed: u64) =
        "ask the registry's operator: vitte-registry namespace quota {namespace} --{what} {needed}",
        "demander à l’opérateur du registre : vitte-registry namespace quota {namespace} --{what} {needed}";
    quota_uncounted() =
        "the registry is still counting what the namespace has: try again in a moment",
        "le registre compte encore ce que l’espace de noms contient : réessayer dans un instant";
    archive_removed() =
        "the registry's operator has removed this archive",
        "l’opérateur du registre a supprimé cette archive";
    archive_removed_legal() =
        "the registry's operator had to remove this archive for legal reasons",
        "l’opérateur du registre a dû supprimer cette archive pour des raisons légales";
    upload_blob_place(artifact: &str) =
        "in the archive of {artifact}",
        "dans l’archive de {artifact}";
    api_missing(path: &str) =
        "the registry's API has no `{path}`",
        "l’API du registre n’a pas de `{path}`";
    api_described() =
        "/openapi.json describes what the registry's API takes",
        "/openapi.json décrit ce que l’API du registre accepte";
    api_method(method: &str, path: &str) =
        "the registry's API does not take {method} at `{path}`",
        "l’API du registre n’accepte pas {method} pour `{path}`";
    character_refused() =
        "the request has a NUL character in a text",
        "un texte de la requête contient le caractère NUL";
    query_malformed(reason: &str) =
        "the query of the address is malformed: {reason}",
        "la requête de l’adresse est mal formée : {reason}";
    shutting_down() =
        "the registry is shutting down",
        "le registre est en cours d’arrêt";
    sequenced_elsewhere() =
        "another replica writes to the log now",
        "une autre réplique écrit maintenant dans le journal";
    sequencer_silent() =
        "no replica has written to the log in time: repeat the request",
        "aucune réplique n’a écrit à temps dans le journal : répéter la requête";
    files_older(size: u64, head: u64) =
        "the registry's files have {size} log entries, and its database says that {head} were signed: the files are an older copy, and nothing more will be signed",
        "les fichiers du registre ont {size} entrées de journal, et sa base de données dit que {head} ont été signées : les fichiers sont une copie plus ancienne, et plus rien ne sera signé";
    files_older_help() =
        "restore the newest copy of the files: a mirror or a later backup has the missing entries; never change the database instead",
        "restaurer la copie la plus récente des fichiers : un miroir ou une sauvegarde ultérieure a les entrées manquantes ; ne jamais changer la base de données à la place";
    sequencer_absent(seconds: u64) =
        "no replica has been writing to the log for {seconds} s",
        "aucune réplique n’écrit dans le journal depuis {seconds} s";
    database_taken() =
        "the database belongs to a registry already",
        "la base de données appartient déjà à un registre";
    storage(what: &str, reason: &str) =
        "the registry cannot use {what}: {reason}",
        "le registre ne peut pas utiliser {what} : {reason}";
    locked(path: &str) =
        "another process is writing to this registry: it holds `{path}`",
        "un autre processus écrit dans ce registre : il détient `{path}`";
    data_exists(path: &str) =
        "`{path}` is not empty",
        "`{path}` n’est pas vide";
    data_missing(path: &str) =
        "there is no registry in `{path}`",
        "il n’y a pas de registre dans `{path}`";
    keys_private(path: &str) =
        "others can read `{path}`",
        "d’autres peuvent lire `{path}`";
    rotation_unfinished(path: &str) =
        "a change of the registry's keys is not finished: `{path}` has just been written",
        "un changement des clés du registre n’est pas terminé : `{path}` vient d’être écrit";
    user_exists(name: &str) =
        "there is a user `{name}` already",
        "il y a déjà un utilisateur `{name}`";
    user_missing(name: &str) =
        "there is no user `{name}`",
        "il n’y a pas d’utilisateur `{name}`";
    user_name() =
        "a user's name is 1 to 40 letters, digits, `-` and `_`",
        "un nom d’utilisateur a de 1 à 40 lettres, chiffres, `-` et `_`";
    users_several() =
        "a token belongs to a user, and there is not exactly one: give `--user NAME`",
        "un jeton appartient à un utilisateur, et il n’y en a pas exactement un : donner `--user NAME`";
    scope_unknown(scope: &str) =
        "there is no scope `{scope}`",
        "il n’y a pas de portée `{scope}`";
    pattern_malformed(pattern: &str) =
        "`{pattern}` is not a package pattern: write `*`, `namespace/*` or `namespace/name`",
        "`{pattern}` n’est pas un motif de paquets : écrire `*`, `namespace/*` ou `namespace/name`";
    device_pending() =
        "the sign-in has not been approved yet",
        "la connexion n’est pas encore approuvée";
    device_slow_down() =
        "the client asks too often whether the sign-in was approved",
        "le client demande trop souvent si la connexion est approuvée";
    device_denied() =
        "the sign-in was refused",
        "la connexion a été refusée";
    device_expired() =
        "the code of this sign-in has expired",
        "le code de cette connexion a expiré";
    device_unknown() =
        "there is no such sign-in, or it has been completed",
        "cette connexion n’existe pas, ou elle est terminée";
    token_missing_id(id: &str) =
        "there is no token `{id}`",
        "il n’y a pas de jeton `{id}`";
    token_beyond(what: &str) =
        "a token cannot be given more than its creator has: {what}",
        "un jeton ne peut pas recevoir plus que ce qu’a celui qui le crée : {what}";
    token_no_login() =
        "tokens can only be managed by a user who is signed in, not with a token made for a program",
        "seul un utilisateur connecté peut gérer les jetons, pas un jeton créé pour un programme";
    network_malformed(network: &str) =
        "`{network}` is not a network: write an address, or a block such as `10.0.0.0/8`",
        "`{network}` n’est pas un réseau : écrire une adresse, ou un bloc comme `10.0.0.0/8`";
    role_unknown(role: &str) =
        "there is no role `{role}`",
        "il n’y a pas de rôle `{role}`";
    password_length(shortest: u64, longest: u64) =
        "a password has at least {shortest} characters, and at most {longest} bytes",
        "un mot de passe a au moins {shortest} caractères, et au plus {longest} octets";
    password_missing() =
        "no password was given",
        "aucun mot de passe n’a été donné";
    sign_in_refused() =
        "the user name or the password is wrong",
        "le nom d’utilisateur ou le mot de passe est faux";
    sign_in_too_often(seconds: u64) =
        [seconds: "too many attempts: try again in {seconds} second", "too many attempts: try again in {seconds} seconds"],
        [seconds: "trop de tentatives : réessayer dans {seconds} seconde", "trop de tentatives : réessayer dans {seconds} secondes"];
    origin_foreign() =
        "the request was caused by another site",
        "la requête vient d’un autre site";
    device_busy() =
        "too many clients are being signed in: try again in some minutes",
        "trop de clients sont en cours de connexion : réessayer dans quelques minutes";
    namespace_policy() =
        "this registry does not let you create namespaces: ask its operator",
        "ce registre ne vous permet pas de créer des espaces de noms : s’adresser à son opérateur";
    owner_only(package: &str) =
        "only the owners of `{package}` can do this: `vitte package owner list` shows them",
        "seuls les propriétaires de `{package}` peuvent faire cela : `vitte package owner list` les montre";
    owner_last(package: &str) =
        "the last owner of `{package}` cannot be removed: add another one first",
        "le dernier propriétaire de `{package}` ne peut pas être retiré : en ajouter d’abord un autre";
    owned_missing(package: &str) =
        "this registry has no `{package}`",
        "ce registre n’a pas de `{package}`";
    provider_none() =
        "this registry has no sign-in with a provider",
        "ce registre n’a pas de connexion par un fournisseur d’identité";
    provider_setting(setting: &str) =
        "signing in with a provider needs a usable value for `{setting}`",
        "la connexion par un fournisseur d’identité demande une valeur utilisable pour `{setting}`";
    provider_failed() =
        "the identity provider cannot be reached, or does not answer as it should: try again",
        "le fournisseur d’identité est injoignable ou ne répond pas comme il le devrait : réessayer";
    provider_refused() =
        "the sign-in at the identity provider was not completed, or took too long: start again",
        "la connexion chez le fournisseur d’identité n’a pas abouti ou a pris trop de temps : recommencer";
    provider_stranger() =
        "the identity provider knows you, but this registry has no such user: ask its operator",
        "le fournisseur d’identité vous connaît, mais ce registre n’a pas cet utilisateur : s’adresser à son opérateur";
}
