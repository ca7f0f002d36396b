//! What the npm package says that core does not, by core's macro: [`faults`](crate::faults) gives each its code.

vitte_package_core::messages! { "npm";
    module_missing() =
        "the WebAssembly module was not given",
        "le module WebAssembly n’a pas été fourni";
    module_missing_help() =
        "call initSync({{ module }}) first",
        "appeler d’abord initSync({{ module }})";
    module_load(cause: &str) =
        "the WebAssembly module cannot be loaded: {cause}",
        "impossible de charger le module WebAssembly : {cause}";
    module_load_help() =
        "allow WebAssembly here ('wasm-unsafe-eval' in a content security policy); in an edge worker import @vitte/package/workerd",
        "autoriser WebAssembly ici ('wasm-unsafe-eval' dans une politique de sécurité du contenu) ; dans un worker en périphérie, importer @vitte/package/workerd";
    module_stopped(cause: &str) =
        "the WebAssembly module stopped: {cause}",
        "le module WebAssembly s’est arrêté : {cause}";
    module_stopped_help() =
        "load the page again, or start the program again; if it happens again, report it with the file",
        "recharger la page, ou relancer le programme ; si cela se répète, le signaler avec le fichier";
    module_type(got: &str, file: &str) =
        "got {got} for {file}",
        "{got} reçu à la place de {file}";
    module_type_help() =
        "your bundler moved the file: import @vitte/package/inline, or pass init({{ url }}) or init({{ bytes }})",
        "le fichier a été déplacé par l’outil de construction : importer @vitte/package/inline, ou passer init({{ url }}) ou init({{ bytes }})";
    digest(bytes: u64, cause: &str) =
        "cannot digest {bytes} bytes: {cause}",
        "impossible de calculer l’empreinte de {bytes} octets : {cause}";
    try_again_help() =
        "try again later",
        "réessayer plus tard";
    unreadable(cause: &str) =
        "the file cannot be read: {cause}",
        "le fichier ne peut pas être lu : {cause}";
    unreadable_help() =
        "choose the file again; it was moved, changed or may not be read here",
        "choisir le fichier de nouveau ; il a été déplacé ou modifié, ou ne peut pas être lu ici";
    disposed() =
        "the package was disposed of",
        "le paquet a été libéré";
    disposed_help() =
        "open it again",
        "l’ouvrir de nouveau";
    foreign() =
        "this is another tool's archive; only Vitte packages can be verified",
        "c’est l’archive d’un autre outil ; seuls les paquets Vitte peuvent être vérifiés";
    foreign_help() =
        "read its files by read(), or verify a .vitpkg or .vitmod file",
        "lire ses fichiers par read(), ou vérifier un fichier .vitpkg ou .vitmod";
    foreign_limit(size: u64, limit: u64) =
        "the archive has {size} bytes; of another tool's archive at most {limit} can be shown",
        "l’archive compte {size} octets, et au plus {limit} octets de l’archive d’un autre outil peuvent être affichés";
    foreign_limit_help() =
        "look into it with the tool that made it",
        "l’examiner avec l’outil qui l’a créée";
    fetch(url: &str, cause: &str) =
        "cannot fetch {url}: {cause}",
        "impossible de télécharger {url} : {cause}";
    fetch_help() =
        "check the address and the network; in a browser the server must also allow this page to read it (CORS)",
        "vérifier l’adresse et le réseau ; dans un navigateur, le serveur doit aussi autoriser cette page à la lire (CORS)";
    silent(url: &str, seconds: &str) =
        "nothing came from {url} for {seconds} s",
        "rien n’est venu de {url} pendant {seconds} s";
    silent_help() =
        "try again later, or pass a longer timeout, in milliseconds",
        "réessayer plus tard, ou donner un timeout plus long, en millisecondes";
    answered(url: &str, status: u16) =
        "{url} answered {status}",
        "{url} a répondu {status}";
    answered_absent_help() =
        "check the address",
        "vérifier l’adresse";
    answered_page(url: &str) =
        "{url} answered with a web page instead of the file",
        "{url} a répondu par une page web au lieu du fichier";
    answered_page_help() =
        "check the address; a network that asks for a sign-in answers like this too",
        "vérifier l’adresse ; un réseau qui demande une connexion répond ainsi aussi";
    answered_range(url: &str, got: &str) =
        "{url} answered with other bytes than those asked for ({got})",
        "{url} a répondu par d’autres octets que ceux demandés ({got})";
    answered_range_help() =
        "read the whole file with fetch() and pass its body",
        "lire tout le fichier par fetch() et donner son corps";
    answered_changed(url: &str) =
        "{url} changed while it was read",
        "{url} a changé pendant la lecture";
    answered_changed_help() =
        "open it again",
        "l’ouvrir de nouveau";
    answered_too_long(url: &str, limit: u64) =
        "{url} has more than {limit} bytes",
        "{url} compte plus de {limit} octets";
    answered_too_long_help() =
        "check the address; if it is right, the server sends something else than it should",
        "vérifier l’adresse ; si elle est juste, le serveur envoie autre chose que ce qu’il devrait";
    argument(name: &str, wanted: &str) =
        "`{name}` is not of type `{wanted}`",
        "`{name}` n’est pas du type `{wanted}`";
    argument_help() =
        "index.d.ts of @vitte/package describes every argument",
        "index.d.ts de @vitte/package décrit chaque argument";
    member(name: &str) =
        "there is no `{name}`",
        "`{name}` n’existe pas";
    address(value: &str) =
        "{value} is not an address that can be fetched",
        "{value} n’est pas une adresse que l’on peut télécharger";
    address_help() =
        "pass an http or https address; outside browsers, a file is read by openAsBlob(path) of node:fs",
        "donner une adresse http ou https ; hors des navigateurs, un fichier se lit par openAsBlob(path) de node:fs";
    policy_member(member: &str) =
        "policy.{member} cannot be used with policy.registryAt or policy.trustRoot: the registry's log determines it",
        "policy.{member} ne peut pas accompagner policy.registryAt ou policy.trustRoot : c’est le journal du registre qui en décide";
    policy_member_help() =
        "a policy relies on keys, on a registry (registryAt) or on the proofs in the package (trustRoot): on one of them",
        "une politique repose sur des clés, sur un registre (registryAt) ou sur les preuves du paquet (trustRoot) : sur un seul d’entre eux";
    policy_memory() =
        "policy.memory needs policy.registryAt: only what a registry shows is remembered",
        "policy.memory demande policy.registryAt : seul ce qu’un registre montre est retenu";
    policy_memory_help() =
        "add registryAt, or leave memory out",
        "ajouter registryAt, ou omettre memory";
    module_sources(name: &str) =
        "`{name}` names more than one of url, module and bytes, or none",
        "`{name}` donne plus d’un élément parmi url, module et bytes, ou aucun";
    module_sources_help() =
        "pass exactly one of url, module and bytes",
        "donner exactement un élément parmi url, module et bytes";
    other_registry(name: &str, wanted: &str, registry: &str) =
        "{name} comes from `{wanted}`, and the index is that of `{registry}`",
        "{name} vient de `{wanted}`, et l’index est celui de `{registry}`";
    uncopied(call: &str) =
        "an argument of {call} cannot be copied to a worker",
        "un argument de {call} ne peut pas être copié vers un worker";
    uncopied_help() =
        "pass bytes, a Blob, an address or a stream, and a Map or an object as an index; functions stay where they are",
        "donner des octets, un Blob, une adresse ou un flux, et une Map ou un objet comme index ; les fonctions restent où elles sont";
    at_file(path: &str) =
        "file {path} in the package",
        "fichier {path} du paquet";
    at_frame(frame: u64, frames: u64) =
        "frame {frame} of {frames}",
        "trame {frame} sur {frames}";
    at_frame_files(frame: u64, frames: u64, count: usize, first: &str, last: &str) =
        [count: "frame {frame} of {frames} ({count} file, {first})", "frame {frame} of {frames} ({count} files, {first} … {last})"],
        [count: "trame {frame} sur {frames} ({count} fichier, {first})", "trame {frame} sur {frames} ({count} fichiers, {first} … {last})"];
    at_line(line: u64) =
        "line {line}",
        "ligne {line}";
    at_offset(offset: u64) =
        "byte {offset}",
        "octet {offset}";
    expected(value: &str) =
        "expected {value}",
        "attendu {value}";
    got(value: &str) =
        "got      {value}",
        "reçu    {value}";
    index() =
        "the index is not a function, a Map or an object",
        "l’index n’est ni une fonction, ni une Map, ni un objet";
    index_help() =
        "pass a function, a Map or an object from names to index files",
        "donner une fonction, une Map ou un objet qui associe les noms aux fichiers d’index";
    index_answer(name: &str) =
        "what the index returned for {name} is not an index file",
        "ce que l’index a renvoyé pour {name} n’est pas un fichier d’index";
    index_answer_help() =
        "pass the file's text or bytes, an array of lines, or undefined if there is no such package",
        "donner le texte ou les octets du fichier, un tableau de lignes, ou undefined si le paquet n’existe pas";
    stream_limit(limit: u64) =
        "the stream has more than {limit} bytes, the limit for streams",
        "le flux compte plus de {limit} octets, la limite pour un flux";
    stream_limit_help() =
        "pass a File or Blob; verify() with keys checks streams of any length",
        "donner un File ou un Blob ; verify() avec des clés vérifie les flux de toute longueur";
    source(what: &str) =
        "{what} is not a source",
        "{what} n’est pas une source";
    source_help() =
        "pass a URL, a Blob or File, a Uint8Array or ArrayBuffer, a ReadableStream or an async iterable of Uint8Array",
        "donner une URL, un Blob ou File, un Uint8Array ou ArrayBuffer, un ReadableStream ou un itérable asynchrone de Uint8Array";
    stream_locked() =
        "the stream is locked: something else reads it",
        "le flux est verrouillé : autre chose le lit";
    stream_locked_help() =
        "pass a stream that was not read, or a branch of tee()",
        "donner un flux qui n’a pas été lu, ou une branche de tee()";
    stream_type() =
        "the stream yields something other than Uint8Array",
        "le flux donne autre chose que des Uint8Array";
}

#[cfg(test)]
mod tests {
    use vitte_package_core::message::style;

    #[test]
    fn texts_follow_the_style() {
        assert_eq!(style::faults(super::TABLE.iter()), Vec::<String>::new());
    }

    #[test]
    fn every_text_belongs_to_a_fault() {
        let faults = crate::faults::ALL.iter();
        let mut named: Vec<&str> =
            faults.flat_map(|fault| [Some(fault.message), fault.help]).flatten().collect();
        named.extend(crate::faults::SHOWN.iter().map(|(_, id)| id));
        named.sort_unstable();
        named.dedup();
        let mut texts: Vec<&str> = super::TABLE.iter().map(|message| message.id).collect();
        texts.sort_unstable();
        assert_eq!(named, texts);
    }
}
