//! What the page says once the reader's browser has looked for itself.

vitte_package_core::messages! { "site";
    verify() =
        "Verify",
        "Vérifier";
    fit() =
        "Will it fit?",
        "Est-ce compatible ?";
    fit_about() =
        "Paste a `vitte.toml` and see which versions would be chosen, or why there are none. Your browser resolves it with the code of the command line; nothing is uploaded",
        "Coller un `vitte.toml` pour voir quelles versions seraient choisies, ou pourquoi il n’y en a pas. Votre navigateur le résout avec le code de la ligne de commande ; rien n’est envoyé";
    fit_command() =
        "Without scripts, your terminal tells, in the folder of the project",
        "Sans scripts, votre terminal le dit, dans le dossier du projet";
    fit_label() =
        "Your vitte.toml",
        "Votre vitte.toml";
    fit_resolve() =
        "Resolve",
        "Résoudre";
    fit_drop() =
        "or drop the file here",
        "ou déposer le fichier ici";
    fit_resolving() =
        "Resolving…",
        "Résolution…";
    fit_yes_one() =
        "It fits: 1 package",
        "C’est compatible : 1 paquet";
    fit_yes(count: &str) =
        "It fits: {count} packages",
        "C’est compatible : {count} paquets";
    fit_no() =
        "It does not fit",
        "Ce n’est pas compatible";
    fit_withheld() =
        "Held back",
        "Retenu";
    fit_lock() =
        "vitte.lock, without signers",
        "vitte.lock, sans les signataires";
    checking_title() =
        "Checking in your browser…",
        "Vérification dans votre navigateur…";
    checking_sentence() =
        "The archive and its proofs are being read",
        "L’archive et ses preuves sont en cours de lecture";
    verified_title() =
        "Verified in your browser",
        "Vérifié dans votre navigateur";
    verified_sentence(namespace: &str) =
        "Every byte is what {namespace} signed, and the public log has it",
        "Chaque octet est ce que {namespace} a signé, et le journal public le contient";
    live_unsigned_sentence() =
        "Nothing says who made this",
        "Rien ne dit qui a fait cela";
    untrusted_title(namespace: &str) =
        "Signed, but not by {namespace}",
        "Signé, mais pas par {namespace}";
    untrusted_sentence(namespace: &str) =
        "The signature is good. Its key may not release for {namespace}",
        "La signature est bonne. Sa clé ne peut pas publier pour {namespace}";
    tampered_title(namespace: &str) =
        "Not what {namespace} signed",
        "Ce n’est pas ce que {namespace} a signé";
    tampered_sentence() =
        "Do not use this file: a signature, a digest or a proof does not check",
        "Ne pas utiliser ce fichier : une signature, une empreinte ou une preuve n’est pas valide";
    refused_title() =
        "The registry’s files do not verify",
        "Les fichiers du registre ne sont pas valides";
    refused_sentence() =
        "What it says of this release is not what its log or its keys say. Do not use it",
        "Ce qu’il dit de cette version n’est pas ce que disent son journal ou ses clés. Ne pas l’utiliser";
    not_checked_title() =
        "Could not check",
        "Vérification impossible";
    not_checked_sentence() =
        "That says nothing about the package, good or bad. Your terminal can check it",
        "Cela ne dit rien du paquet, ni bien ni mal. Votre terminal peut le vérifier";
    step_passed() =
        "passed",
        "réussi";
    step_failed() =
        "failed",
        "échoué";
    step_not_asked() =
        "not asked",
        "pas demandé";
    step_not_reached() =
        "not reached",
        "pas atteint";
    all_steps() =
        "All steps of the check",
        "Toutes les étapes de la vérification";
    check_all() =
        "Read and check all of it here",
        "Tout lire et vérifier ici";
    will_refuse() =
        "The command will refuse this",
        "La commande le refusera";
    withdrawn() =
        "The install line has been removed. If you see this twice, report it",
        "La ligne d’installation a été retirée. Si cela se répète, le signaler";
    limit_of_verdict() =
        "The verdict says who made these bytes and that everyone is shown the same ones, not that the code is good. This page comes from the registry it checks: a terminal does not",
        "Le verdict dit qui a fait ces octets et que tout le monde voit les mêmes, pas que le code est bon. Cette page vient du registre qu’elle vérifie ; un terminal, non";
    evidence_signed() =
        "signed",
        "signé";
    evidence_received() =
        "received",
        "reçu";
    evidence_files() =
        "files",
        "fichiers";
    evidence_reason() =
        "reason",
        "raison";
    file_verified() =
        "as signed",
        "comme signé";
    file_differs() =
        "not what was signed",
        "différent de ce qui a été signé";
    file_unchecked() =
        "could not check",
        "vérification impossible";
    log_first_title() =
        "Signed by the log’s keys",
        "Signé par les clés du journal";
    log_first_sentence() =
        "This browser sees this log for the first time, and remembers it",
        "Ce navigateur voit ce journal pour la première fois, et s’en souvient";
    log_goes_on_title() =
        "Goes on from the log seen here before",
        "Prolonge le journal déjà vu ici";
    log_goes_on_sentence() =
        "Everything that was in it when this browser last looked is still there",
        "Tout ce qui s’y trouvait au dernier passage de ce navigateur y est encore";
    log_split_title() =
        "Not the log that was seen here before",
        "Ce n’est pas le journal déjà vu ici";
    log_split_sentence() =
        "Its keys, its proofs or what it contained do not agree with what this browser has seen. Others may be shown another log",
        "Ses clés, ses preuves ou son contenu ne concordent pas avec ce que ce navigateur a vu. D’autres voient peut-être un autre journal";
}
