//! Words about verification.

crate::messages! { "verify";
    // checks, as the steps of a verdict
    check_container() =
        "the archive has the form of a package",
        "l’archive a la forme d’un paquet";
    check_toc() =
        "the table of contents is the one the head names",
        "la table des matières est celle que nomme l’en-tête";
    check_tree() =
        "the list of files is well-formed and has the digest it claims",
        "la liste des fichiers est bien formée et a l’empreinte annoncée";
    check_identity() =
        "the package is the one that was expected",
        "le paquet est celui qui était attendu";
    check_signature() =
        "the signature over the list of files checks",
        "la signature de la liste des fichiers est valide";
    check_key() =
        "the signer may sign for this package",
        "le signataire peut signer pour ce paquet";
    check_subject() =
        "the signature is for this package, version, kind and target",
        "la signature est pour ce paquet, cette version, ce type et cette cible";
    check_registry() =
        "the signature is for this registry",
        "la signature est pour ce registre";
    check_manifest() =
        "the packed manifest is the one that was signed, and names this package",
        "le manifeste du paquet est celui qui a été signé, et nomme ce paquet";
    check_frames() =
        "every compressed frame has its digest",
        "chaque trame compressée a son empreinte";
    check_headers() =
        "every tar header is the one the list of files asks for",
        "chaque en-tête tar est celui que demande la liste des fichiers";
    check_files() =
        "every file has its digest",
        "chaque fichier a son empreinte";
    check_end() =
        "the archive ends where it must",
        "l’archive se termine où elle doit";
    // checks of what a registry says about a release
    check_trust_root() =
        "the registry's keys follow from the trust root you trust",
        "les clés du registre découlent de la racine de confiance";
    check_checkpoint() =
        "the registry's log has signed its size and root",
        "le journal du registre a signé sa taille et sa racine";
    check_continuity() =
        "the log continues the one that was seen here before",
        "le journal prolonge celui qui a déjà été vu ici";
    check_index() =
        "the registry's signed index names this release",
        "l’index signé du registre nomme cette version";
    check_entry() =
        "the release is in the log, as the index says",
        "la version est dans le journal, comme le dit l’index";
    check_authority() =
        "the signer might sign for this package there, by the namespace's records in the log",
        "le signataire pouvait signer pour ce paquet, selon les enregistrements de l’espace de noms dans le journal";
    // what a passed check found
    found_container(kind: &str, codec: &str, bytes: &str) =
        "{kind}, {codec}, {bytes} bytes of signatures",
        "{kind}, {codec}, {bytes} octets de signatures";
    found_toc(frames: u64) =
        [frames: "{frames} frame", "{frames} frames"],
        [frames: "{frames} trame", "{frames} trames"];
    found_tree(tree: &str) =
        "{tree}",
        "{tree}";
    found_signers(signers: &str) =
        "{signers}",
        "{signers}";
    found_release(package: &str, version: &str, kind: &str, target: &str) =
        "{package} {version}, {kind}, {target}",
        "{package} {version}, {kind}, {target}";
    found_frames(done: u64, frames: u64) =
        [frames: "{done} of {frames} frame", "{done} of {frames} frames"],
        [frames: "{done} sur {frames} trame", "{done} sur {frames} trames"];
    found_headers(files: u64) =
        [files: "{files} header", "{files} headers"],
        [files: "{files} en-tête", "{files} en-têtes"];
    found_files(files: u64, bytes: u64) =
        [files: "{files} file, {bytes} bytes", "{files} files, {bytes} bytes"],
        [files: "{files} fichier, {bytes} octets", "{files} fichiers, {bytes} octets"];
    found_trust_root(registry: &str, version: u64) =
        "{registry}, trust root {version}",
        "{registry}, racine de confiance {version}";
    found_checkpoint(size: u64) =
        [size: "{size} entry", "{size} entries"],
        [size: "{size} entrée", "{size} entrées"];
    found_continuity(before: u64) =
        [before: "{before} entry before", "{before} entries before"],
        [before: "{before} entrée auparavant", "{before} entrées auparavant"];
    found_index(release: &str, revision: u64) =
        "{release}, revision {revision}",
        "{release}, révision {revision}";
    found_entry(log: u64, size: u64) =
        "entry {log} of {size}",
        "entrée {log} sur {size}";
    found_authority(signers: &str, records: u64) =
        [records: "{signers}, by {records} record", "{signers}, by {records} records"],
        [records: "{signers}, selon {records} enregistrement", "{signers}, selon {records} enregistrements"];
    // faults
    frame_digest(frame: u64, frames: u64) =
        "frame {frame} of {frames} is not what the table of contents says",
        "la trame {frame} sur {frames} n’est pas ce que dit la table des matières";
    frame_decode(frame: u64, frames: u64, reason: &str) =
        "frame {frame} of {frames} cannot be decompressed: {reason}",
        "impossible de décompresser la trame {frame} sur {frames} : {reason}";
    frame_length(frame: u64, expected: u64, got: u64) =
        "frame {frame} has {got} bytes instead of {expected}",
        "la trame {frame} a {got} octets au lieu de {expected}";
    header_mismatch(path: &str) =
        "the tar header in front of `{path}` contradicts the list of files",
        "l’en-tête tar de `{path}` contredit la liste des fichiers";
    padding(path: &str) =
        "the padding behind `{path}` is not zero",
        "le remplissage après `{path}` n’est pas nul";
    file_digest(path: &str) =
        "`{path}` is not what the list of files says",
        "`{path}` n’est pas ce que dit la liste des fichiers";
    release_altered(release: &str, what: &str) =
        "{release} is not what its author signed: {what}",
        "{release} n’est pas ce que son auteur a signé : {what}";
    unexpected_tree(expected: &str, got: &str) =
        "the package is {got}, expected was {expected}",
        "le paquet est {got}, attendu : {expected}";
    unexpected_kind(expected: &str, got: &str) =
        "the package is a {got}, expected was a {expected}",
        "le paquet est un {got}, attendu : un {expected}";
    manifest_name(expected: &str, got: &str) =
        "the packed manifest is of {got}, expected was {expected}",
        "le manifeste du paquet est celui de {got}, attendu : {expected}";
    manifest_unreadable(reason: &str) =
        "the packed manifest cannot be read: {reason}",
        "le manifeste du paquet est illisible : {reason}";
    unproven() =
        "no proof leads from its signatures to the trust root: the package holds none",
        "aucune preuve ne mène de ses signatures à la racine de confiance : le paquet n’en contient pas";
    unproven_help() =
        "ask for a copy with its proofs (`vitte package staple FILE` adds them), or give the address of the registry",
        "demander une copie avec ses preuves (`vitte package staple FICHIER` les ajoute), ou donner l’adresse du registre";
    memory_of_another_root() =
        "what was kept of earlier looks belongs to another trust root",
        "ce qui a été gardé des consultations précédentes appartient à une autre racine de confiance";
    other_archive(frame: u64) =
        "frame {frame} was checked against the table of contents of another archive",
        "la trame {frame} a été vérifiée d’après la table des matières d’une autre archive";
    frame_order(expected: u64, got: u64) =
        "frame {got} came before frame {expected}",
        "la trame {got} est arrivée avant la trame {expected}";
    incomplete(missing: u64) =
        [missing: "{missing} frame was never checked", "{missing} frames were never checked"],
        [missing: "{missing} trame n’a pas été vérifiée", "{missing} trames n’ont pas été vérifiées"];
    files_missing(missing: u64) =
        [missing: "{missing} file was never checked", "{missing} files were never checked"],
        [missing: "{missing} fichier n’a pas été vérifié", "{missing} fichiers n’ont pas été vérifiés"];
    // verdicts
    verdict_verified() =
        "verified",
        "vérifié";
    verdict_unsigned() =
        "unsigned: the contents are whole, but no signature says whose they are",
        "non signé : le contenu est intact, mais aucune signature ne dit de qui il vient";
    verdict_untrusted() =
        "untrusted: the contents are whole, but the signer is not one you trust",
        "non approuvé : le contenu est intact, mais vous ne faites pas confiance au signataire";
    verdict_tampered() =
        "tampered with",
        "altéré";
}
