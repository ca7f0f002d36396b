//! Words of the page that verifies a package in the browser.

crate::messages! { "web";
    title() =
        "Verify a Vitte package",
        "Vérifier un paquet Vitte";
    language() =
        "Language",
        "Langue";
    lead() =
        "Drop a .vitpkg or .vitmod file: this page checks every byte of it and says who signed it",
        "Déposer un fichier .vitpkg ou .vitmod : cette page vérifie chacun de ses octets et dit qui l’a signé";
    privacy() =
        "Nothing leaves this browser: the file is read and checked here",
        "Rien ne quitte ce navigateur : le fichier est lu et vérifié ici";
    drop_here() =
        "Drop a package here, or several",
        "Déposer ici un paquet, ou plusieurs";
    drop_another() =
        "Drop another package anywhere on this page",
        "Déposer un autre paquet n’importe où sur cette page";
    drop_folder(name: &str) =
        "{name} is a folder: drop the package files in it",
        "{name} est un dossier : déposer les fichiers de paquets qu’il contient";
    choose() =
        "Open a package",
        "Ouvrir un paquet";
    choose_another() =
        "Check another package",
        "Vérifier un autre paquet";
    choose_key() =
        "Open a public key",
        "Ouvrir une clé publique";
    keys_heading() =
        "Keys you trust",
        "Clés de confiance";
    keys_help() =
        "Drop or open the signer's public key (a .pub file), or paste it here. Compare its fingerprint with the one the signer publishes",
        "Déposer ou ouvrir la clé publique du signataire (un fichier .pub), ou la coller ici. Comparer son empreinte avec celle que publie le signataire";
    keys_for() =
        "Trusted for: namespace/name, namespace/*, or * for every package",
        "De confiance pour : espace/nom, espace/*, ou * pour tous les paquets";
    keys_for_missing(key: &str) =
        "{key} is a public key. Enter the packages it is trusted for, then trust it",
        "{key} est une clé publique. Saisir les paquets pour lesquels elle est de confiance, puis lui faire confiance";
    keys_scope(scope: &str) =
        "for {scope}",
        "pour {scope}";
    keys_every() =
        "for every package",
        "pour tous les paquets";
    keys_unchecked() =
        "not checked yet",
        "pas encore vérifiée";
    keys_paste() =
        "Public key as PEM",
        "Clé publique au format PEM";
    keys_add() =
        "Trust this key",
        "Faire confiance à cette clé";
    keys_remove(key: &str) =
        "Stop trusting {key}",
        "Ne plus faire confiance à {key}";
    key_private() =
        "That is a private key. It was not stored, and it should never be pasted anywhere",
        "C’est une clé privée. Elle n’a pas été enregistrée, et ne devrait jamais être collée nulle part";
    key_private_help() =
        "Give the public key (the .pub file); if others may have seen the private one, replace it",
        "Donner la clé publique (le fichier .pub) ; si d’autres ont pu voir la clé privée, la remplacer";
    scope_refused(reason: &str) =
        "The key was not stored: {reason}",
        "La clé n’a pas été enregistrée : {reason}";
    key_refused(reason: &str) =
        "Not a public key, so it was not stored: {reason}",
        "Ce n’est pas une clé publique, elle n’a donc pas été enregistrée : {reason}";
    keys_no() =
        "none yet",
        "aucune pour l’instant";
    keys_none() =
        "No key yet: a good signature will be shown as untrusted",
        "Aucune clé pour l’instant : une signature valide sera montrée comme non approuvée";
    registry_heading() =
        "Registry",
        "Registre";
    registry_help() =
        "With the address of a registry and the digest of its trust root, a package must also be in the registry's log. Only the registry's own files are requested; yours is not sent",
        "Avec l’adresse d’un registre et l’empreinte de sa racine de confiance, un paquet doit aussi être dans le journal du registre. Seuls les fichiers du registre sont demandés ; le vôtre ne lui est pas envoyé";
    registry_address() =
        "Address of the registry",
        "Adresse du registre";
    registry_trust_root() =
        "SHA-256 of its trust root, as published by its owner",
        "SHA-256 de sa racine de confiance, tel que le publie son propriétaire";
    registry_package() =
        "Release: namespace/name, or namespace/name@version",
        "Version : espace/nom, ou espace/nom@version";
    registry_check() =
        "Check this release",
        "Vérifier cette version";
    registry_forget() =
        "Forget this registry",
        "Oublier ce registre";
    registry_insecure() =
        "This page asks registries over https only, or over http on this machine",
        "Cette page n’interroge les registres qu’en https, ou en http sur cette machine";
    registry_not_a_digest() =
        "This is not a SHA-256: 64 hexadecimal digits are needed",
        "Ce n’est pas un SHA-256 : il faut 64 chiffres hexadécimaux";
    registry_no() =
        "none",
        "aucun";
    link_heading() =
        "The link you followed names a registry",
        "Le lien suivi nomme un registre";
    link_registry() =
        "registry",
        "registre";
    link_trust_root() =
        "trust root",
        "racine de confiance";
    link_package() =
        "package",
        "paquet";
    link_nothing_yet() =
        "Nothing has been requested yet",
        "Rien n’a encore été demandé";
    link_unpinned() =
        "This trust root came with the link: compare it with the one published by the registry's owner before you pin it. Until then, nothing this registry proves is shown as verified",
        "Cette racine de confiance est venue avec le lien : la comparer avec celle que donne le propriétaire du registre avant de l’épingler. D’ici là, rien de ce que prouve ce registre n’est montré comme vérifié";
    link_pinned() =
        "You have pinned this trust root",
        "Vous avez épinglé cette racine de confiance";
    link_ask(host: &str) =
        "Ask {host}",
        "Interroger {host}";
    link_pin() =
        "I have compared it: pin this trust root",
        "J’ai comparé : épingler cette racine de confiance";
    link_dismiss() =
        "Ignore the link",
        "Ignorer le lien";
    unpinned_reason() =
        "Every check passed, but against a trust root that came with the link and that you have not pinned: compare it with the one published by the registry's owner, then pin it above",
        "Toutes les vérifications ont réussi, mais avec une racine de confiance venue avec le lien et que vous n’avez pas épinglée : la comparer avec celle que donne le propriétaire du registre, puis l’épingler ci-dessus";
    registry_own_page() =
        "A page served by a registry cannot protect you from that registry: whoever serves a page can make it say anything, even “verified”",
        "Une page servie par un registre ne peut pas vous défendre contre ce registre : qui sert une page décide de ce qu’elle dit, y compris « vérifié »";
    registry_elsewhere() =
        "The same check runs in a terminal (vitte package verify) and from the npm package @vitte/package",
        "La même vérification se fait dans un terminal (vitte package verify) et avec le paquet npm @vitte/package";
    asking(address: &str) =
        "querying {address}",
        "interrogation de {address}";
    no_memory() =
        "This page cannot store anything here: every check of the registry counts as the first",
        "Cette page ne peut rien garder ici : chaque vérification du registre compte comme la première";
    log_heading() =
        "In the log",
        "Dans le journal";
    log_entry(log: u64, size: u64, registry: &str) =
        "entry {log} of {size} of {registry}",
        "entrée {log} sur {size} de {registry}";
    log_time() =
        "logged",
        "inscrit";
    log_entry_label() =
        "place",
        "place";
    log_status_label() =
        "status",
        "état";
    log_status(action: &str, code: &str, reason: &str) =
        "{action} ({code}) {reason}",
        "{action} ({code}) {reason}";
    log_witness_label() =
        "witnesses",
        "témoins";
    log_unwitnessed() =
        "none: no independent witness has signed this log",
        "aucun témoin indépendant n’a signé ce journal";
    log_witnessed() =
        "have seen this log",
        "ont vu ce journal";
    evidence_heading() =
        "Both checkpoints are signed by the registry: keep them, and show them to its other users",
        "Les deux points de contrôle sont signés par le registre : les garder, et les montrer à d’autres utilisateurs de ce registre";
    evidence_before() =
        "earlier",
        "auparavant";
    evidence_now() =
        "now",
        "maintenant";
    offered(digest: &str) =
        "The registry offers the trust root {digest}: compare it with the one published by its owner, then enter it above",
        "Le registre propose la racine de confiance {digest} : la comparer avec celle que donne son propriétaire, puis la saisir ci-dessus";
    trust_heading() =
        "What you trust",
        "Ce qui est de confiance";
    checking(done: &str, total: &str) =
        "checking, {done} of {total}",
        "vérification, {done} sur {total}";
    checking_now() =
        "checking",
        "vérification";
    checking_subject(subject: &str) =
        "Checking {subject}",
        "Vérification de {subject}";
    cancel() =
        "Cancel",
        "Annuler";
    cancelled() =
        "The check was cancelled",
        "La vérification a été annulée";
    say_verified(signers: &str) =
        "Every byte is what {signers} signed",
        "Chaque octet est ce que {signers} a signé";
    say_unsigned() =
        "Nothing says who made this package",
        "Rien ne dit qui a fait ce paquet";
    say_untrusted() =
        "The signature is good, but nothing you trust vouches for the signer",
        "La signature est valide, mais rien de ce qui est de confiance ne répond du signataire";
    say_tampered() =
        "Do not use this package",
        "Ne pas utiliser ce paquet";
    say_could_not_check() =
        "This is not a verdict: nothing is known about the package",
        "Ce n’est pas un verdict : rien n’est connu du paquet";
    state_other_registry() =
        "signed for another registry",
        "signé pour un autre registre";
    state_altered() =
        "not what was signed",
        "différent de ce qui a été signé";
    no_start() =
        "This browser, or the site that serves this page, does not allow the page's worker or WebAssembly: nothing can be checked here",
        "Ce navigateur, ou le site qui sert cette page, n’autorise pas le worker ou le WebAssembly de la page : rien ne peut être vérifié ici";
    no_start_terminal() =
        "Check the package in a terminal instead",
        "Vérifier plutôt le paquet dans un terminal";
    changed() =
        "The file can no longer be read: it was moved or changed after it was checked",
        "Le fichier ne peut plus être lu : il a été déplacé ou modifié après sa vérification";
    save_report() =
        "Save the report (JSON)",
        "Enregistrer le rapport (JSON)";
    copy() =
        "Copy",
        "Copier";
    copied() =
        "Copied",
        "Copié";
    batch_heading(count: u64) =
        [count: "{count} file checked", "{count} files checked"],
        [count: "{count} fichier vérifié", "{count} fichiers vérifiés"];
    batch_file() =
        "file",
        "fichier";
    batch_verdict() =
        "verdict",
        "verdict";
    batch_package() =
        "package",
        "paquet";
    batch_waiting() =
        "waiting",
        "en attente";
    batch_foreign() =
        "not a Vitte package",
        "pas un paquet Vitte";
    batch_show(file: &str) =
        "Show the checks of {file}",
        "Montrer les vérifications de {file}";
    state_verified() =
        "verified in your browser",
        "vérifié dans votre navigateur";
    state_unsigned() =
        "unsigned",
        "non signé";
    state_untrusted() =
        "signed, but not by a key you trust",
        "signé, mais pas par une clé de confiance";
    state_unproven() =
        "signed, but without the proof that your trust root needs",
        "signé, mais sans la preuve que demande votre racine de confiance";
    state_unpinned() =
        "checks passed, against a trust root you have not pinned",
        "vérifications réussies, avec une racine de confiance non épinglée";
    state_tampered() =
        "not what its author signed",
        "différent de ce que son auteur a signé";
    state_refused() =
        "the registry's files do not verify",
        "les fichiers du registre ne sont pas valides";
    state_unreadable() =
        "not a readable package",
        "pas un paquet lisible";
    state_could_not_check() =
        "could not check",
        "vérification impossible";
    command_label() =
        "The same check in a terminal",
        "La même vérification dans un terminal";
    took(milliseconds: &str) =
        "{milliseconds} ms",
        "{milliseconds} ms";
    steps_heading() =
        "What was checked",
        "Ce qui a été vérifié";
    step_passed() =
        "passed",
        "réussie";
    step_failed() =
        "failed",
        "échouée";
    step_not_asked() =
        "skipped",
        "sautée";
    step_not_reached() =
        "not reached",
        "non atteinte";
    signer_heading() =
        "Signed by",
        "Signé par";
    frame_label(frame: &str, frames: &str) =
        "frame {frame} of {frames}",
        "trame {frame} sur {frames}";
    frame_files(count: u64) =
        [count: "{count} file has bytes in it", "{count} files have bytes in it"],
        [count: "{count} fichier y a des octets", "{count} fichiers y ont des octets"];
    frame_files_more(count: u64) =
        [count: "and {count} more", "and {count} more"],
        [count: "et {count} autre", "et {count} autres"];
    expected() =
        "expected",
        "attendu";
    received() =
        "received",
        "reçu";
    nothing_received() =
        "nothing",
        "rien";
    package_heading() =
        "Package",
        "Paquet";
    manifest_heading() =
        "Manifest",
        "Manifeste";
    files_heading(count: u64) =
        [count: "{count} file", "{count} files"],
        [count: "{count} fichier", "{count} fichiers"];
    files_more(count: u64) =
        [count: "Show {count} more file", "Show {count} more files"],
        [count: "Montrer {count} autre fichier", "Montrer {count} autres fichiers"];
    file_size(bytes: &str) =
        "{bytes}",
        "{bytes}";
    file_executable() =
        "executable",
        "exécutable";
    file_open(path: &str) =
        "Show {path}",
        "Montrer {path}";
    file_matches() =
        "its bytes match the list of files",
        "ses octets correspondent à la liste des fichiers";
    file_damaged() =
        "in a damaged frame",
        "dans une trame endommagée";
    file_binary(bytes: &str) =
        "{bytes}, not text",
        "{bytes}, pas du texte";
    file_cut(bytes: &str) =
        "the first {bytes} are shown",
        "les premiers {bytes} sont montrés";
    field_name() =
        "name",
        "nom";
    field_version() =
        "version",
        "version";
    field_kind() =
        "kind",
        "type";
    field_target() =
        "target",
        "cible";
    field_tree() =
        "identity",
        "identité";
    field_size() =
        "size",
        "taille";
    foreign() =
        "This is not a Vitte package: its files are listed, and nothing about them can be verified",
        "Ce n’est pas un paquet Vitte : ses fichiers sont listés, et rien ne peut y être vérifié";
    foreign_kind(kind: &str) =
        "entry type: {kind}",
        "type d’entrée : {kind}";
    shortcuts_heading() =
        "Keyboard shortcuts",
        "Raccourcis clavier";
    shortcut_open() =
        "opens a package",
        "ouvre un paquet";
    shortcut_checks() =
        "shows the checks",
        "montre les vérifications";
    shortcut_files() =
        "goes to the files; the arrow keys move between them",
        "va aux fichiers, que les flèches parcourent";
    shortcut_close() =
        "closes a file",
        "ferme un fichier";
    shortcut_list() =
        "shows this list",
        "montre cette liste";
    shortcuts_on() =
        "Use single keys as shortcuts",
        "Utiliser des touches seules comme raccourcis";
    no_script() =
        "This page checks packages with a script that runs in the browser: allow scripts, or use the terminal",
        "Cette page vérifie les paquets par un script qui s’exécute dans le navigateur : autoriser les scripts, ou utiliser le terminal";
}
