//! Words about registries and publishing.

pub use vitte_package_core::message::registry::*;

vitte_package_core::messages! { "registry";
    taken_down(release: &str, day: &str) =
        "{release} was removed by the operator of the registry on {day}",
        "{release} a été supprimé par l’opérateur du registre le {day}";
    taken_down_legal(release: &str, day: &str) =
        "{release} was removed by the operator of the registry on {day}, for legal reasons",
        "{release} a été supprimé par l’opérateur du registre le {day}, pour des raisons juridiques";
    taken_down_help(package: &str, version: &str) =
        "require another version, such as: vitte-package add '{package}@<{version}'",
        "demander une autre version, par exemple : vitte-package add '{package}@<{version}'";
    line_ends_changed(path: &str) =
        "the line ends of {path} in this registry were changed from LF to CR LF, as git does with core.autocrlf; what was signed cannot be checked any more",
        "les fins de ligne de {path} dans ce registre sont passées de LF à CR LF, comme le fait git avec core.autocrlf ; ce qui a été signé ne peut plus être vérifié";
    line_ends_checkout(folder: &str) =
        "to check it out as it was published: git -C {folder} config core.autocrlf false && git -C {folder} rm -q -r --cached . && git -C {folder} reset -q --hard",
        "pour l’extraire tel qu’il a été publié : git -C {folder} config core.autocrlf false && git -C {folder} rm -q -r --cached . && git -C {folder} reset -q --hard";
    line_ends_attributes(folder: &str) =
        "so that it stays so for everybody, its owner commits this file: echo '* -text' > {folder}/.gitattributes",
        "pour qu’il le reste pour tous, son propriétaire ajoute ce fichier au dépôt : echo '* -text' > {folder}/.gitattributes";
    location_file(given: &str) =
        "`{given}` does not name a folder of this machine",
        "`{given}` ne désigne pas un dossier de cette machine";
    location_scheme(given: &str) =
        "`{given}` is neither a folder nor an address that begins with `https://`",
        "`{given}` n’est ni un dossier ni une adresse qui commence par `https://`";
    location_http(url: &str) =
        "`{url}` is an address: this can only be done in the registry's folder",
        "`{url}` est une adresse : cela ne se fait que dans le dossier du registre";
    location_http_help() =
        "run the command on the machine that holds the registry, with its folder: --registry DIR",
        "lancer la commande sur la machine qui contient le registre, avec son dossier : --registry DOSSIER";
    location_scheme_missing(given: &str) =
        "`{given}` is neither a folder nor an address",
        "`{given}` n’est ni un dossier ni une adresse";
    location_scheme_missing_help(given: &str) =
        "an address begins with its scheme: --registry http://{given}",
        "une adresse commence par son schéma : --registry http://{given}";

    registry_layout(name: &str, path: &str) =
        "`{name}` is not a registry: it has no `{path}`",
        "`{name}` n’est pas un registre : il n’a pas de `{path}`";
    registry_layout_help_address() =
        "check the address: below the one of a registry there is a `config.json`",
        "vérifier l’adresse : sous celle d’un registre il y a un `config.json`";
    registry_absent(name: &str) =
        "there is no registry `{name}`: no such folder",
        "il n’y a pas de registre `{name}` : ce dossier n’existe pas";
    registry_absent_help() =
        "check the path given as --registry, in VITTE_REGISTRY or as registry.default",
        "vérifier le chemin donné par --registry, VITTE_REGISTRY ou registry.default";
    registry_layout_help(name: &str) =
        "vitte package registry init {name}",
        "vitte package registry init {name}";
    registry_exists(name: &str) =
        "`{name}` is a registry already",
        "`{name}` est déjà un registre";
    registry_not_empty(name: &str) =
        "`{name}` is not empty",
        "`{name}` n’est pas vide";
    registry_file(path: &str, reason: &str) =
        "`{path}` is damaged: {reason}",
        "`{path}` est endommagé : {reason}";
    registry_key_exists(path: &str) =
        "`{path}` exists: there are keys for that registry already",
        "`{path}` existe : il y a déjà des clés pour ce registre";
    registry_no_keys(id: &str, folder: &str) =
        "publishing requires the log key of registry `{id}`, which is not in {folder}",
        "publier demande la clé du journal de `{id}` ; il n’y en a pas dans `{folder}`";
    registry_no_keys_help() =
        "ask its owner to publish, or restore the keys",
        "demander à son propriétaire de publier, ou restaurer les clés";
    registry_pinned(id: &str, digest: &str) =
        "`{id}` is pinned already, to the trust root {digest}",
        "`{id}` est déjà épinglé, à la racine de confiance {digest}";
    registry_untrusted_help(name: &str, digest: &str) =
        "compare the digest with what its owner says, then: vitte package registry add {name} --trust-root-sha256 {digest}",
        "comparer l’empreinte avec celle que donne son propriétaire, puis : vitte package registry add {name} --trust-root-sha256 {digest}";

    older_used() =
        "what you have seen before stays in force",
        "ce que vous avez déjà vu reste en vigueur";
    seen_meanwhile(seen: u64, now: u64) =
        "another command has seen a log of {seen} entries meanwhile, and this copy of the registry cannot show that its {now} entries belong to it",
        "une autre commande a vu entre-temps un journal de {seen} entrées, et cette copie du registre ne peut pas montrer que ses {now} entrées en font partie";
    seen_meanwhile_help() =
        "run the command again",
        "relancer la commande";
    evidence_kept(folder: &str) =
        "both checkpoints are kept in {folder}: show them to others who use the registry",
        "les deux points de contrôle sont gardés dans {folder} : les montrer aux autres utilisateurs du registre";

    registry_damaged(name: &str, reason: &str) =
        "{name} is damaged: {reason}",
        "{name} est endommagé : {reason}";
    registry_restored(reason: &str) =
        "the folder is not the one this log key signed last: {reason}",
        "le dossier n’est pas celui que cette clé de journal a signé en dernier : {reason}";
    registry_restored_help() =
        "bring back the newest copy of the registry; signing another log of this name would show as a split view",
        "remettre la copie la plus récente du registre ; signer un autre journal de ce nom apparaîtrait comme des vues divergentes";
    registry_restored_lost(signed: &str, folder: &str) =
        "if there is no newer copy: remove {signed}, then run `vitte package registry rotate {folder} --log --yes` and `vitte package registry rotate {folder} --yes`; users who have seen the lost entries can go on once the old log key is dropped by the second",
        "s’il n’y a pas de copie plus récente : supprimer {signed}, puis lancer `vitte package registry rotate {folder} --log --yes` et `vitte package registry rotate {folder} --yes` ; les utilisateurs qui ont vu les entrées perdues peuvent continuer une fois l’ancienne clé du journal abandonnée par la seconde commande";
    registry_backup_foreign() =
        "this is not a backup of a registry's keys, as `registry key export` writes it",
        "ce n’est pas une sauvegarde des clés d’un registre, telle que l’écrit `registry key export`";
    registry_backup_exists(path: &str) =
        "`{path}` exists; backups are never overwritten",
        "`{path}` existe ; les sauvegardes ne sont jamais écrasées";
    registry_keys_exported(id: &str, path: &str) =
        "Exported the keys of registry `{id}` to {path}, under the passphrase",
        "Clés du registre `{id}` exportées dans {path}, protégées par la phrase secrète";
    registry_keys_imported(id: &str, folder: &str) =
        "Imported the keys of registry `{id}` into {folder}",
        "Clés du registre `{id}` importées dans {folder}";
    archive_not_indexed(path: &str) =
        "`{path}` is not the file the index names",
        "`{path}` n’est pas le fichier que nomme l’index";

    log_time(value: &str) =
        "VITTE_LOG_TIME is `{value}`; `accept` is the only value it takes",
        "VITTE_LOG_TIME vaut `{value}` ; `accept` est sa seule valeur possible";
    lz4_not_published() =
        "an archive compressed with lz4 cannot be published: tools that read it as a tar see other files in it, or none",
        "une archive en lz4 ne se publie pas : les outils qui la lisent comme un tar y voient d’autres fichiers, ou aucun";
    lz4_help() =
        "build it without --codec lz4: the content, and what it is known by, stay the same",
        "la construire sans --codec lz4 : le contenu et son identité restent les mêmes";

    created(folder: &str, id: &str) =
        "Created registry `{id}` in {folder}",
        "Registre `{id}` créé dans {folder}";
    created_keys(keys: &str, folder: &str) =
        "Its signing keys are in {keys}: back them up, for example with `vitte package registry key export {folder} --out registry-keys.pem`",
        "Ses clés de signature sont dans {keys} : en faire une sauvegarde, par exemple avec `vitte package registry key export {folder} --out registry-keys.pem`";
    created_pin(folder: &str, digest: &str) =
        "Others trust it by: vitte package registry add {folder} --trust-root-sha256 {digest}",
        "Pour lui faire confiance, les autres lancent : vitte package registry add {folder} --trust-root-sha256 {digest}";
    audit_good(folder: &str, id: &str) =
        "{folder} is in order: registry `{id}`",
        "{folder} est en ordre : registre `{id}`";
    audit_counts(entries: u64, namespaces: u64, packages: u64, artifacts: u64) =
        "log entries {entries}, namespaces {namespaces}, packages {packages}, artifacts {artifacts}",
        "entrées du journal {entries}, espaces de noms {namespaces}, paquets {packages}, artefacts {artifacts}";
    confirm_trust_root(id: &str) =
        "log the next trust root of `{id}`?",
        "inscrire dans le journal la prochaine racine de confiance de `{id}` ?";
    rotated(id: &str, version: u64, log: u64) =
        "trust root {version} of `{id}`: log entry {log}",
        "racine de confiance {version} de `{id}` : entrée {log} du journal";
    rotated_overlap(folder: &str) =
        "a log or index key that was replaced counts until the next rotation: vitte package registry rotate {folder}",
        "une clé de journal ou d’index remplacée compte jusqu’à la prochaine rotation : vitte package registry rotate {folder}";
    trust_accepted(id: &str) =
        "Trusted the registry `{id}` by its new trust root; what was seen of it before no longer counts",
        "la nouvelle racine de confiance du registre `{id}` est acceptée ; ce qui en avait été vu auparavant ne compte plus";
    trust_evidence(folder: &str) =
        "what was seen before is kept: {folder}",
        "ce qui avait été vu est gardé : {folder}";
    registry_pinned_help() =
        "if its owner says that it was re-created, and gives you this digest: vitte package trust accept REGISTRY --trust-root-sha256 HEX",
        "si son propriétaire dit qu’il a été recréé, et vous donne cette empreinte : vitte package trust accept REGISTRE --trust-root-sha256 HEXA";
    trusted(id: &str, version: u64, digest: &str) =
        "{id}  trust root {version}, {digest}",
        "{id}  racine de confiance {version}, {digest}";
    trusted_seen(entries: u64) =
        [entries: "{entries} log entry seen", "{entries} log entries seen"],
        [entries: "{entries} entrée du journal vue", "{entries} entrées du journal vues"];
    trusted_at(address: &str) =
        "at {address}",
        "à {address}";
    trusted_pinned(name: &str, place: &str, digest: &str) =
        "{name}  {place}, sha256:{digest}",
        "{name}  {place}, sha256:{digest}";
    trusted_pinned_note() =
        "trusted for this project only, by its vitte.toml",
        "de confiance pour ce projet seulement, par son vitte.toml";
    only_known(address: &str) =
        "using registry {address}, the only one you have added",
        "registre utilisé : {address}, le seul que vous ayez ajouté";
    several_known(address: &str) =
        "one you trust: --registry {address}",
        "un registre de confiance : --registry {address}";
    trusted_own() =
        "its keys are yours",
        "ses clés sont les vôtres";
    trusted_none() =
        "no registry is trusted yet",
        "aucun registre n’a encore la confiance";
    trusted_none_help() =
        "vitte package registry add REGISTRY",
        "vitte package registry add REGISTRE";
    registry_not_trusted(given: &str) =
        "no trusted registry matches `{given}`",
        "aucun registre de confiance ne correspond à `{given}`";
    registry_list_help() =
        "vitte package registry list",
        "vitte package registry list";
    registry_remove_question(id: &str) =
        "stop trusting {id} and forget what was seen of it? Later a rolled-back log cannot be noticed",
        "ne plus faire confiance à {id} et oublier ce qui en a été vu ? Un journal revenu en arrière ne pourra plus être remarqué";
    registry_kept(id: &str) =
        "{id} is still trusted; nothing was changed",
        "{id} a toujours la confiance ; rien n’a été changé";
    registry_removed(id: &str) =
        "Removed the registry {id}",
        "Registre {id} supprimé";
    registry_evidence_stays(folder: &str) =
        "evidence against it stays in {folder}",
        "les preuves contre lui restent dans {folder}";
    registry_added(id: &str) =
        "Trusted the registry `{id}`",
        "Registre `{id}` ajouté aux registres de confiance";

    token_visible() =
        "other users of this machine can see `--token` in the list of processes",
        "d’autres utilisateurs de cette machine peuvent voir `--token` dans la liste des processus";
    token_visible_help() =
        "VITTE_TOKEN=… vitte package publish",
        "VITTE_TOKEN=… vitte package publish";
    no_server(url: &str) =
        "{url} only delivers files: there is no registry server that could publish",
        "{url} ne fait que livrer des fichiers : il n’y a pas de serveur de registre pour publier";
    token_needed(url: &str) =
        "writing to the registry at {url} requires a token",
        "écrire dans le registre de {url} demande un jeton";
    token_needed_help() =
        "set VITTE_TOKEN; whoever runs the registry creates tokens with `vitte-registry token create`",
        "définir VITTE_TOKEN ; qui gère le registre crée des jetons avec `vitte-registry token create`";
    token_in_clear(url: &str) =
        "a token is not sent to {url}: others could read it on the way",
        "un jeton n’est pas envoyé à {url} : d’autres pourraient le lire en chemin";
    token_elsewhere(origin: &str, registry: &str) =
        "the registry at {registry} asks for the token at {origin}: it was not sent there",
        "le registre de {registry} veut que le jeton aille à {origin} : il n’y est pas envoyé";
    published_unproved(artifact: &str) =
        "the registry says that {artifact} is published, but its log and index do not show it",
        "le registre dit que {artifact} est publié, mais son journal et son index ne le montrent pas";
    plan(artifact: &str, registry: &str, signer: &str, files: u64, unpacked: &str, size: &str) =
        [files: "{artifact} to `{registry}`, signed by {signer}: {files} file, {unpacked} → {size}", "{artifact} to `{registry}`, signed by {signer}: {files} files, {unpacked} → {size}"],
        [files: "{artifact} vers `{registry}`, signé par {signer} : {files} fichier, {unpacked} → {size}", "{artifact} vers `{registry}`, signé par {signer} : {files} fichiers, {unpacked} → {size}"];
    plan_signed_before(artifact: &str, signer: &str) =
        "{artifact} was signed before: your key {signer} does not sign it",
        "{artifact} a déjà été signé : votre clé {signer} ne le signe pas";
    plan_largest(files: &str) =
        "largest: {files}",
        "les plus gros : {files}";
    plan_file(path: &str, size: &str) =
        "{path}  {size}",
        "{path}  {size}";
    plan_by_include() =
        "the files are those that `include` in vitte.toml names, and the readme and licence; .gitignore has no say",
        "les fichiers sont ceux que nomme `include` dans vitte.toml, avec le readme et la licence ; .gitignore n’intervient pas";
    plan_by_default() =
        "the files are all that neither `exclude` nor .gitignore leaves out: vitte.toml has no `include`",
        "les fichiers sont tous ceux que ni `exclude` ni .gitignore n’excluent : vitte.toml n’a pas de `include`";
    plan_by_build() =
        "the files are all that the build command wrote to VITTE_OUT, and the readme, licence and changelog",
        "les fichiers sont tous ceux que la commande de construction a écrits dans VITTE_OUT, avec le readme, la licence et le journal des modifications";
    plan_namespace(namespace: &str, signer: &str) =
        "First package in the namespace `{namespace}`: your key {signer} will own it",
        "Premier paquet de l’espace de noms `{namespace}` : votre clé {signer} en sera propriétaire";
    plan_no_namespace(signer: &str) =
        "First package without a namespace in this registry: your key {signer} will own such names",
        "Premier paquet sans espace de noms dans ce registre : votre clé {signer} en sera propriétaire";
    confirm_first(names: &str, registry: &str) =
        "publish {names} for the first time to `{registry}`?",
        "publier {names} pour la première fois dans `{registry}` ?";
    dry_run_good(registry: &str) =
        "all checks passed; nothing was stored or logged in `{registry}`",
        "toutes les vérifications ont réussi ; rien n’a été stocké ni inscrit dans `{registry}`";
    published(artifact: &str, registry: &str, log: u64) =
        "published {artifact} to `{registry}`, log entry {log}",
        "{artifact} publié dans `{registry}`, entrée {log} du journal";
    published_page(page: &str) =
        "read about it at {page}",
        "sa page : {page}";
    already_published(artifact: &str, log: u64) =
        "{artifact} is published already with the same content, log entry {log}",
        "{artifact} est déjà publié avec le même contenu, entrée {log} du journal";
    audit_unfinished(entries: u64) =
        [entries: "a writer was stopped: the last entry is not in the index yet; the next publish makes up for it", "a writer was stopped: the last {entries} entries are not in the index yet; the next publish makes up for it"],
        [entries: "une écriture a été interrompue : la dernière entrée n’est pas encore dans l’index ; la prochaine publication y remédie", "une écriture a été interrompue : les {entries} dernières entrées ne sont pas encore dans l’index ; la prochaine publication y remédie"];

    release_missing_help(package: &str) =
        "vitte package info {package}",
        "vitte package info {package}";
    content_missing(file: &str, registry: &str) =
        "`{registry}` has no release with the content of `{file}`",
        "`{registry}` n’a pas de version avec le contenu de `{file}`";
    stapled_yanked(name: &str, version: &str, code: &str, reason: &str) =
        "{name} {version} was yanked ({code}): {reason}",
        "{name} {version} a été retiré ({code}) : {reason}";
    trust_not_kept(id: &str, home: &str) =
        "that registry `{id}` is trusted cannot be remembered: {home} cannot be written",
        "la confiance accordée au registre `{id}` ne peut pas être retenue : {home} n’est pas accessible en écriture";
    trust_not_kept_home(place: &str, digest: &str) =
        "to remember it in another folder, set VITTE_HOME for all commands: VITTE_HOME=DIR vitte package registry add {place} --trust-root-sha256 {digest}",
        "pour la retenir dans un autre dossier, définir VITTE_HOME pour toutes les commandes : VITTE_HOME=DOSSIER vitte package registry add {place} --trust-root-sha256 {digest}";
    trust_not_kept_pin(place: &str, digest: &str) =
        "to trust it in one project, which needs no memory, write into vitte.toml under [registries]: NAME = {{ {place}, namespaces = [\"NAMESPACE\"], trust-root-sha256 = \"{digest}\" }}",
        "pour lui faire confiance dans un seul projet, sans rien retenir, écrire dans vitte.toml sous [registries] : NOM = {{ {place}, namespaces = [\"ESPACE-DE-NOMS\"], trust-root-sha256 = \"{digest}\" }}";
    offline_unknown(name: &str) =
        "{name} cannot be used with --offline: nothing of it is in the cache",
        "{name} ne peut pas être utilisé avec --offline : rien n’en est dans le cache";
    offline_lacks(path: &str, name: &str) =
        "`{path}` of {name} is not in the cache",
        "`{path}` de {name} n’est pas dans le cache";
    offline_lacks_index(package: &str, name: &str) =
        "the index of `{package}` in {name} is not in the cache",
        "l’index de `{package}` dans {name} n’est pas dans le cache";
    offline_help() =
        "run the command once without --offline",
        "lancer la commande une fois sans --offline";
    nothing_stapled(file: &str) =
        "`{file}` holds no proofs: it cannot be verified offline",
        "`{file}` ne contient pas de preuves : il ne peut pas être vérifié hors ligne";
    staple_help(file: &str) =
        "while online: vitte package staple {file}",
        "quand vous êtes en ligne : vitte package staple {file}";
    stapled(file: &str) =
        "{file} holds its proofs now: vitte package verify {file} --offline",
        "{file} contient maintenant ses preuves : vitte package verify {file} --offline";
    proof_entry(log: u64, size: u64, registry: &str) =
        "in the log: entry {log} of {size} of `{registry}`",
        "dans le journal : entrée {log} sur {size} de `{registry}`";
    proof_signers(signers: &str, log: u64) =
        "signers authorised at entry {log}: {signers}",
        "signataires autorisés à l’entrée {log} : {signers}";
    proof_unwitnessed() =
        "No independent witness has signed this log",
        "Aucun témoin indépendant n’a signé ce journal";
    proof_as_of(time: &str) =
        "as of {time}: what was revoked later cannot be seen offline",
        "état au {time} : ce qui a été révoqué ensuite ne peut pas être vu hors ligne";
    proof_status(action: &str, code: &str, reason: &str) =
        "status: {action} ({code}) {reason}",
        "état : {action} ({code}) {reason}";

    version_needed(package: &str) =
        "say which version: {package}@VERSION",
        "préciser la version : {package}@VERSION";
    verify_address(url: &str) =
        "`{url}` is an address, and only a folder can be looked through",
        "`{url}` est une adresse, et seul un dossier peut être vérifié";
    verify_address_help(url: &str) =
        "vitte package log monitor --registry {url}",
        "vitte package log monitor --registry {url}";
    status_code(given: &str, known: &str) =
        "`{given}` is no reason code: {known}",
        "`{given}` n’est pas un code de motif : {known}";
    confirm_status(action: &str, release: &str) =
        "{action} {release}?",
        "{action} {release} ?";
    yanked(release: &str, log: u64) =
        "Yanked {release} (log entry {log})",
        "{release} retiré (entrée {log} du journal)";
    unyanked(release: &str, log: u64) =
        "Took back the yank of {release} (log entry {log})",
        "Retrait de {release} annulé (entrée {log} du journal)";
    deprecated(release: &str, log: u64) =
        "Deprecated {release} (log entry {log})",
        "{release} déprécié (entrée {log} du journal)";
    undeprecated(release: &str, log: u64) =
        "Took back the deprecation of {release} (log entry {log})",
        "Dépréciation de {release} annulée (entrée {log} du journal)";

    yanked_already(release: &str) =
        "{release} is already yanked; nothing to do",
        "{release} est déjà retiré ; rien à faire";
    not_yanked(release: &str) =
        "{release} is not yanked; nothing to do",
        "{release} n’est pas retiré ; rien à faire";
    deprecated_already(release: &str) =
        "{release} is already deprecated; nothing to do",
        "{release} est déjà déprécié ; rien à faire";
    not_deprecated(release: &str) =
        "{release} is not deprecated; nothing to do",
        "{release} n’est pas déprécié ; rien à faire";
    threshold_unmet(flag: &str, given: u64, namespace: &str, keys: u64, role: &str) =
        [keys: "`{flag} {given}` cannot be met: the namespace `{namespace}` has {keys} key with the role {role}", "`{flag} {given}` cannot be met: the namespace `{namespace}` has {keys} keys with the role {role}"],
        [keys: "`{flag} {given}` ne peut pas être atteint : l’espace de noms `{namespace}` a {keys} clé avec le rôle {role}", "`{flag} {given}` ne peut pas être atteint : l’espace de noms `{namespace}` a {keys} clés avec le rôle {role}"];
    threshold_unmet_help(namespace: &str) =
        "vitte package namespace owners {namespace}",
        "vitte package namespace owners {namespace}";
    rotate_nothing() =
        "say what is to change: `--add`, `--remove`, `--root-threshold` or `--release-threshold`",
        "dire ce qui doit changer : `--add`, `--remove`, `--root-threshold` ou `--release-threshold`";
    namespace_missing(namespace: &str, registry: &str) =
        "`{registry}` has no namespace `{namespace}`",
        "`{registry}` n’a pas d’espace de noms `{namespace}`";
    confirm_keys(namespace: &str) =
        "change the keys of the namespace `{namespace}`?",
        "changer les clés de l’espace de noms `{namespace}` ?";
    role_needed() =
        "say what the added keys may do: `--role root`, `--role release`, `--role status`",
        "dire ce que les clés ajoutées peuvent faire : `--role root`, `--role release`, `--role status`";
    role_unknown(given: &str) =
        "`{given}` is no role: root, release and status are",
        "`{given}` n’est pas un rôle : les rôles sont root, release et status";
    revocation_reason(given: &str) =
        "`{given}` is no reason: compromised and retired are",
        "`{given}` n’est pas un motif : les motifs sont compromised et retired";
    record(seq: u64, log: u64, keys: u64) =
        "record {seq}, log entry {log}, keys {keys}",
        "enregistrement {seq}, entrée {log} du journal, clés {keys}";
    namespace_key(key: &str, roles: &str, packages: &str) =
        "{key}  {roles}  {packages}",
        "{key}  {roles}  {packages}";
    namespace_revoked(key: &str, since: u64, reason: &str) =
        "{key}  revoked since log entry {since} ({reason})",
        "{key}  révoquée depuis l’entrée {since} du journal ({reason})";
    namespace_created(namespace: &str, key: &str, log: u64) =
        "Created namespace `{namespace}`, owned by {key} (log entry {log})",
        "Espace de noms `{namespace}` créé, propriétaire {key} (entrée {log} du journal)";
    keys_updated(namespace: &str, changes: &str, log: u64) =
        "Updated the keys of namespace `{namespace}`: {changes} (log entry {log})",
        "Clés de l’espace de noms `{namespace}` modifiées : {changes} (entrée {log} du journal)";
    key_change_added(key: &str, roles: &str) =
        "added {key} ({roles})",
        "{key} ajoutée ({roles})";
    key_change_removed(key: &str) =
        "removed {key}",
        "{key} supprimée";
    key_change_revoked(key: &str, since: u64) =
        "revoked {key} from log entry {since} on",
        "{key} révoquée à partir de l’entrée {since} du journal";
    key_change_threshold(role: &str, count: u64) =
        [count: "{count} {role} key must sign", "{count} {role} keys must sign"],
        [count: "{count} clé {role} doit signer", "{count} clés {role} doivent signer"];

    monitor_good(registry: &str, entries: u64) =
        [entries: "the log of `{registry}` is in order: {entries} entry replayed", "the log of `{registry}` is in order: {entries} entries replayed"],
        [entries: "le journal de `{registry}` est en ordre : {entries} entrée rejouée", "le journal de `{registry}` est en ordre : {entries} entrées rejouées"];
    log_head(origin: &str, size: u64, root: &str) =
        [size: "{origin}  {size} entry  root {root}", "{origin}  {size} entries  root {root}"],
        [size: "{origin}  {size} entrée  racine {root}", "{origin}  {size} entrées  racine {root}"];
    log_no_entry(index: u64, size: u64) =
        [size: "the log has no entry {index}: it has {size} entry", "the log has no entry {index}: it has {size} entries"],
        [size: "le journal n’a pas d’entrée {index} : il a {size} entrée", "le journal n’a pas d’entrée {index} : il a {size} entrées"];
    log_newest(index: u64) =
        "the newest is: vitte package log show {index}",
        "la dernière est : vitte package log show {index}";
    log_entry(log: u64, kind: &str, subject: &str) =
        "{log}  {kind}  {subject}",
        "{log}  {kind}  {subject}";
}
