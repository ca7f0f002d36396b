//! What the frame, the first page, the search and the pages of a package say.

vitte_package_core::messages! { "site";
    site_title() =
        "Vitte packages",
        "Paquets Vitte";
    brand() =
        "Vitte",
        "Vitte";
    brand_rest() =
        "packages",
        "paquets";
    site_about() =
        "A package registry whose packages anyone can verify",
        "Un registre de paquets que chacun peut vérifier";
    skip() =
        "Skip to the content",
        "Aller au contenu";
    main_navigation() =
        "Main",
        "Navigation principale";
    site_navigation() =
        "Site",
        "Site";
    search() =
        "Search",
        "Rechercher";
    search_label() =
        "Search packages",
        "Rechercher des paquets";
    search_hint() =
        "Search packages, namespaces, keywords",
        "Chercher un paquet, un espace de noms, un mot-clé";
    log() =
        "Log",
        "Journal";
    explain() =
        "Error codes",
        "Codes d’erreur";
    schemas() =
        "Schemas",
        "Schémas";
    account() =
        "Account",
        "Compte";
    sign_in() =
        "Sign in",
        "Se connecter";
    sign_in_first() =
        "This registry is private: sign in to read it",
        "Ce registre est privé : se connecter pour le lire";
    footer_claim() =
        "What this site says about a package is the registry’s claim: it has verified nothing for you",
        "Ce que ce site dit d’un paquet est l’affirmation du registre : il n’a rien vérifié pour vous";
    footer_verify() =
        "Your terminal does, before it unpacks anything, and `vitte package verify` does it on its own",
        "Votre terminal le fait avant de déballer quoi que ce soit, et `vitte package verify` le fait à lui seul";
    missing_title() =
        "There is no such page",
        "Cette page n’existe pas";
    missing_at(path: &str) =
        "Nothing is published at `{path}`",
        "Rien n’est publié à `{path}`";
    failed_title() =
        "This did not work",
        "Cela n’a pas fonctionné";
    problem(status: u16) =
        "Status {status}",
        "Statut {status}";
    go_home() =
        "To the first page",
        "Vers la première page";
    home_title() =
        "Packages that anyone can verify",
        "Des paquets que chacun peut vérifier";
    home_lead() =
        "Every release is signed by its author and written in a public log. Your terminal checks all of it before it unpacks a byte",
        "Chaque version est signée par son auteur et inscrite dans un journal public. Votre terminal vérifie tout cela avant de déballer un seul octet";
    packages(count: u64) =
        [count: "package", "packages"],
        [count: "paquet", "paquets"];
    entries_in_log(count: u64) =
        [count: "entry in the log", "entries in the log"],
        [count: "entrée du journal", "entrées du journal"];
    recent_title() =
        "Recently published",
        "Publiés récemment";
    recent_about() =
        "The end of the log. The number is the entry that a verifier will look for",
        "La fin du journal. Le nombre est l’entrée qu’un vérificateur cherchera";
    recent_none() =
        "Nothing has been published yet",
        "Rien n’a encore été publié";
    whole_log() =
        "The whole log",
        "Tout le journal";
    entry() =
        "entry",
        "entrée";
    use_registry() =
        "Use this registry",
        "Utiliser ce registre";
    use_registry_about() =
        "Trust it once, by the digest of its trust root. Compare the digest with one that you have from somewhere else: this page comes from the registry it is about",
        "Lui faire confiance une fois, par l’empreinte de sa racine de confiance. La comparer à une empreinte obtenue ailleurs : cette page vient du registre dont elle parle";
    publish_title() =
        "Publish",
        "Publier";
    publish_about() =
        "Try it without publishing anything",
        "Essayer sans rien publier";
    checked_title() =
        "What is checked each time",
        "Ce qui est vérifié chaque fois";
    checked_signature() =
        "The author has signed the list of files, with the digest of each",
        "L’auteur a signé la liste des fichiers, avec l’empreinte de chacun";
    checked_key() =
        "That key may release for this namespace, by the namespace’s own records",
        "Cette clé peut publier pour cet espace de noms, d’après les actes de celui-ci";
    checked_log() =
        "The release is in a public log that can only grow",
        "La version est dans un journal public qui ne peut que s’allonger";
    checked_continuity() =
        "The log goes on from the one seen last time: everyone is shown the same one",
        "Le journal prolonge celui qui a été vu la dernière fois : tout le monde voit le même";
    checked_content() =
        "Every byte of every file is what the list says",
        "Chaque octet de chaque fichier est celui que dit la liste";
    search_title(query: &str) =
        "Packages for “{query}”",
        "Paquets pour « {query} »";
    search_all() =
        "All packages",
        "Tous les paquets";
    results(count: u64, shown: &str) =
        [count: "{shown} package", "{shown} packages"],
        [count: "{shown} paquet", "{shown} paquets"];
    results_label() =
        "Results",
        "Résultats";
    results_none() =
        "No package matches. Fewer or other words may help",
        "Aucun paquet ne correspond. Moins de mots, ou d’autres, peuvent aider";
    narrow() =
        "Narrow the results",
        "Affiner les résultats";
    kind() =
        "Kind",
        "Sorte";
    kind_any() =
        "Any kind",
        "Toutes les sortes";
    kind_source() =
        "Source (vitmod)",
        "Source (vitmod)";
    kind_programs() =
        "Programs (vitpkg)",
        "Programmes (vitpkg)";
    next_page() =
        "Next page",
        "Page suivante";
    first_page() =
        "First page",
        "Première page";
    pages() =
        "Pages",
        "Pages";
    exact_match() =
        "exact match",
        "nom exact";
    no_license() =
        "no licence given",
        "aucune licence indiquée";
    dependents_of(count: u64, shown: &str) =
        [count: "{shown} dependent", "{shown} dependents"],
        [count: "utilisé par {shown} paquet", "utilisé par {shown} paquets"];
    dependencies_of(count: u64, shown: &str) =
        [count: "{shown} dependency", "{shown} dependencies"],
        [count: "{shown} dépendance", "{shown} dépendances"];
    versions_of(count: u64, shown: &str) =
        [count: "{shown} version", "{shown} versions"],
        [count: "{shown} version", "{shown} versions"];
    files_of(count: u64, shown: &str) =
        [count: "{shown} file", "{shown} files"],
        [count: "{shown} fichier", "{shown} fichiers"];
    artifacts_of(count: u64, shown: &str) =
        [count: "{shown} artifact", "{shown} artifacts"],
        [count: "{shown} artefact", "{shown} artefacts"];
    latest() =
        "latest",
        "dernière version";
    versions_about() =
        "The newest first. What is said of them comes from the registry’s index",
        "La plus récente d’abord. Ce qui en est dit vient de l’index du registre";
    versions_filter() =
        "Filter the versions",
        "Filtrer les versions";
    versions_bad_filter() =
        "This is not a requirement: try `^1.1` or `>=1.2, <2`",
        "Ceci n’est pas une contrainte : essayer `^1.1` ou `>=1.2, <2`";
    versions_yanked() =
        "A yanked version is not chosen for new projects. A lockfile that already has it still installs, with the reason printed",
        "Une version retirée n’est plus choisie pour de nouveaux projets. Un fichier de verrouillage qui la contient s’installe encore, la raison étant affichée";
    filter() =
        "Filter",
        "Filtrer";
    published_on() =
        "Published",
        "Publiée le";
    compare() =
        "Compare",
        "Comparer";
    compare_from(version: &str) =
        "from {version}",
        "depuis {version}";
    compare_first() =
        "first",
        "première";
    yanked_plain() =
        "yanked",
        "retirée";
    prerelease() =
        "pre-release",
        "préversion";
    active() =
        "active",
        "active";
    published() =
        "published",
        "publiée le";
    yanked(reason: &str) =
        "yanked: {reason}",
        "retirée : {reason}";
    deprecated() =
        "deprecated",
        "dépréciée";
    reason_security() =
        "security",
        "sécurité";
    reason_malware() =
        "malware",
        "logiciel malveillant";
    reason_broken() =
        "broken",
        "ne fonctionne pas";
    reason_legal() =
        "legal",
        "raison légale";
    reason_renamed() =
        "renamed",
        "renommée";
    reason_other() =
        "other reason",
        "autre raison";
    status_yanked() =
        "This version was yanked by its author: it is not chosen for new projects. A lockfile that already has it still installs, with the reason printed",
        "Cette version a été retirée par son auteur : elle n’est plus choisie pour de nouveaux projets. Un fichier de verrouillage qui la contient s’installe encore, la raison étant affichée";
    status_malware() =
        "This version does harm on purpose, says who yanked it. Do not use it",
        "Cette version nuit à dessein, dit qui l’a retirée. Ne pas l’utiliser";
    status_deprecated() =
        "The author says that there is something better",
        "L’auteur dit qu’il y a mieux";
    status_use(instead: &str) =
        "Use {instead}",
        "Utiliser {instead}";
    status_advisory(advisory: &str) =
        "Advisory {advisory}",
        "Avis {advisory}";
    status_entry(log: &str) =
        "Log entry {log}",
        "Entrée {log} du journal";
    not_newest(newest: &str) =
        "This is not the newest version: that is {newest}",
        "Ce n’est pas la version la plus récente, qui est {newest}";
    claim_title() =
        "Signed, says the server. Not verified here",
        "Signé, d’après le serveur. Non vérifié ici";
    claim_sentence() =
        "Nothing has been checked yet. Your terminal can do it",
        "Rien n’a encore été vérifié. Votre terminal peut le faire";
    unsigned_title() =
        "Not signed",
        "Non signé";
    unsigned_sentence() =
        "The archive carries no signature, so there is nothing to verify it by",
        "L’archive ne porte aucune signature et rien ne permet donc de la vérifier";
    unchecked_title() =
        "Not here",
        "Absent";
    unchecked_sentence() =
        "The registry does not have the archive as its index says. That says nothing about the package, good or bad",
        "Le registre n’a pas l’archive telle que son index la décrit. Cela ne dit rien du paquet, ni en bien ni en mal";
    parts_label() =
        "The five parts of the check",
        "Les cinq parties de la vérification";
    part_waiting() =
        "not checked",
        "non vérifié";
    part_signature() =
        "Signature",
        "Signature";
    part_key() =
        "Key",
        "Clé";
    part_log() =
        "Log entry",
        "Journal";
    part_continuity() =
        "Continuity",
        "Continuité";
    part_content() =
        "Content",
        "Contenu";
    claimed(what: &str) =
        "claimed: {what}",
        "annoncé : {what}";
    claimed_key(namespace: &str) =
        "claimed: of {namespace}",
        "annoncée : de {namespace}";
    claimed_entry(log: &str) =
        "claimed: {log}",
        "entrée annoncée : {log}";
    claimed_continuity() =
        "only your side can tell",
        "seul votre côté peut le dire";
    claimed_content(size: &str) =
        "{size}, not checked",
        "{size}, non vérifié";
    no_signature() =
        "none",
        "aucune";
    install_note() =
        "The command checks again before it unpacks anything",
        "La commande vérifie de nouveau avant de déballer quoi que ce soit";
    install_refused() =
        "The command will refuse this",
        "La commande refusera ceci";
    install_withdrawn() =
        "There is no install line for a yanked version",
        "Il n’y a pas de ligne d’installation pour une version retirée";
    verify_with() =
        "Check it without installing",
        "La vérifier sans l’installer";
    other_ways() =
        "In `vitte.toml`",
        "Dans `vitte.toml`";
    package_label() =
        "Package",
        "Paquet";
    readme() =
        "Readme",
        "Présentation";
    readme_none() =
        "This package has no readme",
        "Ce paquet n’a pas de présentation";
    readme_claim() =
        "From the server, not from a checked file",
        "Donnée par le serveur, non tirée d’un fichier vérifié";
    files() =
        "Files",
        "Fichiers";
    versions() =
        "Versions",
        "Versions";
    dependencies() =
        "Dependencies",
        "Dépendances";
    dependents() =
        "Dependents",
        "Utilisé par";
    provenance() =
        "Provenance",
        "Provenance";
    about_version() =
        "About this version",
        "À propos de cette version";
    this_version() =
        "This version",
        "Cette version";
    version() =
        "Version",
        "Version";
    license() =
        "Licence",
        "Licence";
    size() =
        "Size",
        "Taille";
    size_unpacked(size: &str, unpacked: &str) =
        "{size}, {unpacked} unpacked",
        "{size}, {unpacked} déballés";
    artifacts() =
        "Artifacts",
        "Artefacts";
    target_any() =
        "any",
        "toutes cibles";
    edition() =
        "Edition",
        "Édition";
    signer_and_log() =
        "Signer and log",
        "Signature et journal";
    signer() =
        "Signer",
        "Signataire";
    identity() =
        "Identity",
        "Identité";
    links() =
        "Links",
        "Liens";
    link_source() =
        "Source code",
        "Code source";
    link_homepage() =
        "Homepage",
        "Site du projet";
    link_documentation() =
        "Documentation",
        "Documentation";
    keywords() =
        "Keywords",
        "Mots-clés";
    owners() =
        "Owners",
        "Propriétaires";
    owners_none() =
        "anyone with a release key of the namespace",
        "toute personne qui a une clé de publication de l’espace de noms";
    all_of(shown: &str) =
        "All {shown}",
        "Les {shown}";
    status() =
        "Status",
        "État";
    built_only() =
        "for building",
        "pour la construction";
    optional() =
        "optional",
        "facultative";
}
