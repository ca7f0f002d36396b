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
    module_type(got: &str, file: &str) =
        "got {got} for {file}",
        "{got} reçu à la place de {file}";
    module_type_help() =
        "your bundler moved the file: pass init({{ url }}) or init({{ bytes }})",
        "le fichier a été déplacé par l’outil de construction : passer init({{ url }}) ou init({{ bytes }})";
    digest(bytes: u64, cause: &str) =
        "cannot digest {bytes} bytes: {cause}",
        "impossible de calculer l’empreinte de {bytes} octets : {cause}";
    disposed() =
        "the package was disposed of",
        "le paquet a été libéré";
    disposed_help() =
        "open it again",
        "l’ouvrir de nouveau";
    foreign() =
        "this is another tool's archive; only Vitte packages can be verified",
        "c’est l’archive d’un autre outil ; seuls les paquets Vitte peuvent être vérifiés";
    foreign_limit(size: u64, limit: u64) =
        "the archive has {size} bytes; of another tool's archive at most {limit} can be shown",
        "l’archive compte {size} octets, et au plus {limit} octets de l’archive d’un autre outil peuvent être affichés";
    fetch(url: &str, cause: &str) =
        "cannot fetch {url}: {cause}",
        "impossible de télécharger {url} : {cause}";
    answered(url: &str, status: u16) =
        "{url} answered {status}",
        "{url} a répondu {status}";
    answered_page(url: &str) =
        "{url} answered with a web page instead of the file",
        "{url} a répondu par une page web au lieu du fichier";
    answered_too_long(url: &str, limit: u64) =
        "{url} has more than {limit} bytes",
        "{url} compte plus de {limit} octets";
    policy_member(member: &str) =
        "policy.{member} cannot be used with policy.registryAt or policy.trustRoot: the registry's log determines it",
        "policy.{member} ne peut pas accompagner policy.registryAt ou policy.trustRoot : c’est le journal du registre qui en décide";
    policy_address(value: &str) =
        "policy.registryAt is not an address: {value}",
        "policy.registryAt n’est pas une adresse : {value}";
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
        named.sort_unstable();
        named.dedup();
        let mut texts: Vec<&str> = super::TABLE.iter().map(|message| message.id).collect();
        texts.sort_unstable();
        assert_eq!(named, texts);
    }
}
