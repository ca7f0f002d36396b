//! Words about archives: trees, frames, containers, codecs.

crate::messages! { "archive";
    // paths
    path_utf8(path: &str) =
        "the path `{path}` is not UTF-8",
        "le chemin `{path}` n’est pas en UTF-8";
    path_empty() =
        "a path is empty",
        "un chemin est vide";
    path_length(path: &str, len: u64, limit: u64) =
        "the path `{path}` has {len} bytes, more than {limit}",
        "le chemin `{path}` a {len} octets, plus que {limit}";
    path_component_length(path: &str, len: u64, limit: u64) =
        "a component of the path `{path}` has {len} bytes, more than {limit}",
        "un composant du chemin `{path}` a {len} octets, plus que {limit}";
    path_depth(path: &str, depth: u64, limit: u64) =
        "the path `{path}` is {depth} levels deep, more than {limit}",
        "le chemin `{path}` a {depth} niveaux, plus que {limit}";
    path_header(path: &str) =
        "the path `{path}` does not fit a tar header: no `/` leaves at most 155 bytes before it and 100 after",
        "le chemin `{path}` ne tient pas dans un en-tête tar : aucun `/` ne laisse au plus 155 octets avant lui et 100 après";
    path_empty_component(path: &str) =
        "the path `{path}` is absolute, or has an empty component",
        "le chemin `{path}` est absolu, ou a un composant vide";
    path_dot_component(path: &str) =
        "the path `{path}` has a component `.` or `..`",
        "le chemin `{path}` a un composant `.` ou `..`";
    path_character(path: &str, character: &str) =
        "the path `{path}` has the character {character}, which has a meaning on some systems",
        "le chemin `{path}` contient le caractère {character}, qui a un sens particulier sur certains systèmes";
    path_invisible(path: &str, character: &str) =
        "the path `{path}` has the character {character}, which is not seen",
        "le chemin `{path}` contient le caractère {character}, qui est invisible";
    path_unassigned(path: &str, character: &str) =
        "the path `{path}` has the code point {character}, which Unicode 16.0 does not assign",
        "le chemin `{path}` contient le point de code {character}, qu’Unicode 16.0 n’attribue pas";
    path_normal(path: &str) =
        "the path `{path}` is not in Unicode normal form C",
        "le chemin `{path}` n’est pas en forme normale Unicode C";
    path_end(path: &str, component: &str) =
        "`{component}` in the path `{path}` ends in a dot or a space, which Windows drops",
        "`{component}` dans le chemin `{path}` se termine par un point ou une espace, que Windows supprime";
    path_device(path: &str, component: &str) =
        "`{component}` in the path `{path}` is a device name on Windows",
        "`{component}` dans le chemin `{path}` est un nom de périphérique sous Windows";
    path_reserved(path: &str, component: &str) =
        "`{component}` in the path `{path}` is reserved",
        "`{component}` dans le chemin `{path}` est réservé";
    path_duplicate(path: &str, other: &str) =
        "`{path}` and `{other}` are the same file where case is ignored",
        "`{path}` et `{other}` sont le même fichier là où la casse est ignorée";
    path_file_and_folder(file: &str, below: &str) =
        "`{file}` is a file, and `{below}` needs it to be a folder",
        "`{file}` est un fichier, et `{below}` demande que ce soit un dossier";
    path_hint() =
        "rename the file, or leave it out: exclude = [\"<path>\"] under [package]",
        "renommer le fichier, ou l’exclure : exclude = [\"<path>\"] sous [package]";
    path_normal_hint() =
        "rename the file with composed characters: convmv -f utf8 -t utf8 --nfc --notest FILE",
        "renommer le fichier avec des caractères composés : convmv -f utf8 -t utf8 --nfc --notest FICHIER";
    path_reserved_hint() =
        "`.git` and names that begin with `.vitte-` belong to version control and to the store",
        "`.git` et les noms qui commencent par `.vitte-` appartiennent à la gestion de versions et au magasin";
    path_duplicate_hint() =
        "rename one of the two, or leave it out: exclude = [\"<path>\"] under [package]",
        "renommer l’un des deux, ou l’exclure : exclude = [\"<path>\"] sous [package]";

    // frames
    frame_truncated(offset: u64) =
        "the frame ends at byte {offset}, before its last block",
        "la trame se termine à l’octet {offset}, avant son dernier bloc";
    frame_magic() =
        "there is no frame where one should begin",
        "il n’y a pas de trame là où une devrait commencer";
    frame_reserved(offset: u64) =
        "byte {offset} of the frame uses something reserved or not allowed in archives",
        "l’octet {offset} de la trame utilise un élément réservé ou interdit dans les archives";
    frame_dictionary() =
        "the frame needs a dictionary",
        "la trame demande un dictionnaire";
    frame_no_content_size() =
        "the frame does not state its length",
        "la trame n’indique pas sa longueur";
    frame_content_size(expected: u64, got: u64) =
        "the frame states a length of {got} bytes, and the frame table {expected}",
        "la trame indique une longueur de {got} octets, et la table des trames {expected}";
    frame_window(got: u64) =
        "the frame wants a window of {got} bytes, more than is allowed",
        "la trame demande une fenêtre de {got} octets, plus que ce qui est autorisé";
    frame_block(offset: u64, got: u64, limit: u64) =
        "the block at byte {offset} of the frame states {got} bytes, which does not fit {limit}",
        "le bloc à l’octet {offset} de la trame indique {got} octets, qui ne tiennent pas dans {limit}";
    frame_trailing(extra: u64) =
        [extra: "a byte follows the end of the frame", "{extra} bytes follow the end of the frame"],
        [extra: "{extra} octet suit la fin de la trame", "{extra} octets suivent la fin de la trame"];
    frame_length(limit: u64) =
        "there are more than {limit} bytes, the limit",
        "il y a plus de {limit} octets, la limite";
    frame_output(expected: u64) =
        "the frame does not yield the {expected} bytes it states",
        "la trame ne donne pas les {expected} octets qu’elle indique";
    frame_checksum() =
        "the checksum in the compressed data does not fit",
        "la somme de contrôle des données compressées ne correspond pas";
    frame_data(reason: &str) =
        "the compressed data is malformed: {reason}",
        "les données compressées sont mal formées : {reason}";
    frame_encoder(reason: &str) =
        "compressing failed: {reason}",
        "la compression a échoué : {reason}";

    // archives of other tools
    foreign_unknown() =
        "the file is neither a Vitte package nor a .tar, .tar.gz or .tar.zst archive",
        "le fichier n’est ni un paquet Vitte ni une archive .tar, .tar.gz ou .tar.zst";
    foreign_truncated() =
        "the tar archive ends within an entry",
        "l’archive tar se termine au milieu d’une entrée";
    foreign_header(field: &str) =
        "the field `{field}` of a tar header is malformed",
        "le champ `{field}` d’un en-tête tar est mal formé";
    foreign_size() =
        "a tar entry states two different sizes",
        "une entrée tar indique deux tailles différentes";
    foreign_two_extensions() =
        "a tar entry is named by more than one extension header",
        "une entrée tar est nommée par plus d’un en-tête d’extension";
    foreign_long_extension(limit: u64) =
        "an extension header of a tar entry is longer than {limit} bytes",
        "l’en-tête d’extension d’une entrée tar dépasse {limit} octets";
    foreign_pax() =
        "the PAX records of a tar entry are malformed",
        "les enregistrements PAX d’une entrée tar sont mal formés";
    foreign_global() =
        "a global PAX header changes the entries after it",
        "un en-tête PAX global change les entrées qui le suivent";
    foreign_name() =
        "the name of a tar entry is empty or has a NUL byte",
        "le nom d’une entrée tar est vide ou contient un octet NUL";
    foreign_sparse() =
        "a tar entry is a sparse file",
        "une entrée tar est un fichier creux";
    foreign_link_content() =
        "a tar entry that is not a file has content",
        "une entrée tar qui n’est pas un fichier a un contenu";
    foreign_type() =
        "a tar entry is of an unknown type",
        "une entrée tar est d’un type inconnu";
    foreign_trailing() =
        "bytes follow the end of the tar archive",
        "des octets suivent la fin de l’archive tar";
    foreign_entries(limit: u64) =
        "the archive has more than {limit} entries",
        "l’archive a plus de {limit} entrées";
    foreign_file_length(size: u64, limit: u64) =
        "a file of the archive has {size} bytes, more than {limit}",
        "un fichier de l’archive a {size} octets, plus que {limit}";
    foreign_symlink(name: &str, target: &str) =
        "`{name}` is a symbolic link to `{target}`",
        "`{name}` est un lien symbolique vers `{target}`";
    foreign_hard_link(name: &str, target: &str) =
        "`{name}` is a hard link to `{target}`",
        "`{name}` est un lien physique vers `{target}`";
    foreign_special(name: &str) =
        "`{name}` is neither a file nor a folder",
        "`{name}` n’est ni un fichier ni un dossier";
    foreign_not_regular_hint() =
        "a package holds regular files only: replace it by a copy, or leave it out",
        "un paquet ne contient que des fichiers ordinaires : le remplacer par une copie, ou l’exclure";
    // trees
    tree_utf8(line: u64) =
        "line {line} of the list of files is not UTF-8",
        "la ligne {line} de la liste des fichiers n’est pas en UTF-8";
    tree_last_line() =
        "the list of files does not end with a line feed",
        "la liste des fichiers ne se termine pas par un saut de ligne";
    tree_first_line(got: &str) =
        "the list of files begins with `{got}` instead of `vitte-tree 1`",
        "la liste des fichiers commence par `{got}` au lieu de `vitte-tree 1`";
    tree_line(line: u64, got: &str) =
        "line {line} of the list of files is neither a section nor a file: `{got}`",
        "la ligne {line} de la liste des fichiers n’est ni une section ni un fichier : `{got}`";
    tree_size(line: u64, got: &str) =
        "`{got}` on line {line} of the list of files is not a size in plain decimal digits",
        "`{got}`, à la ligne {line} de la liste des fichiers, n’est pas une taille en chiffres décimaux simples";
    tree_entry_digest(line: u64, got: &str) =
        "`{got}` on line {line} of the list of files is not a SHA-256 digest",
        "`{got}`, à la ligne {line} de la liste des fichiers, n’est pas une empreinte SHA-256";
    tree_section_name(got: &str) =
        "`{got}` is not the name of a section: it needs 1 to 32 characters of `[a-z0-9-]`, beginning with a letter",
        "`{got}` n’est pas le nom d’une section : il faut 1 à 32 caractères de `[a-z0-9-]`, en commençant par une lettre";
    tree_section_order(got: &str) =
        "section `{got}` is in the wrong place in the list of files, or listed twice",
        "la section `{got}` n’est pas à sa place dans la liste des fichiers, ou y est deux fois";
    tree_section_empty(got: &str) =
        "section `{got}` has no files",
        "la section `{got}` n’a pas de fichiers";
    tree_manifest_first(got: &str) =
        "the list of files begins with `{got}` instead of section `meta` and `vitte.toml`",
        "la liste des fichiers commence par `{got}` au lieu de la section `meta` et de `vitte.toml`";
    tree_meta_file(got: &str) =
        "`{got}` is not allowed in section `meta`",
        "`{got}` n’est pas admis dans la section `meta`";
    tree_path_order(got: &str) =
        "`{got}` is in the wrong place in the list of files, or listed twice",
        "`{got}` n’est pas à sa place dans la liste des fichiers, ou y est deux fois";
    tree_text_len(got: u64, limit: u64) =
        "the list of files has {got} bytes, the limit is {limit}",
        "la liste des fichiers a {got} octets, la limite est {limit}";
    tree_entries(got: u64, limit: u64) =
        "the package has {got} files or more, the limit is {limit}",
        "le paquet a {got} fichiers ou plus, la limite est {limit}";
    tree_folders(files: u64, folders: u64, limit: u64) =
        "the package has {files} files in {folders} folders or more, the limit for both together is {limit}",
        "le paquet a {files} fichiers dans {folders} dossiers ou plus, la limite pour les deux ensemble est {limit}";
    tree_sections(got: u64, limit: u64) =
        "the package has {got} sections or more, the limit is {limit}",
        "le paquet a {got} sections ou plus, la limite est {limit}";
    tree_file_len(path: &str, got: u64, limit: u64) =
        "`{path}` has {got} bytes, the limit for a file is {limit}",
        "`{path}` a {got} octets, la limite pour un fichier est {limit}";
    tree_content_len(got: u64, limit: u64) =
        "the files of the package have {got} bytes or more together, the limit is {limit}",
        "les fichiers du paquet ont ensemble {got} octets ou plus, la limite est {limit}";
    tree_meta_len(got: u64, limit: u64) =
        "the files of section `meta` have {got} bytes or more together, the limit is {limit}",
        "les fichiers de la section `meta` ont ensemble {got} octets ou plus, la limite est {limit}";
    tree_no_manifest() =
        "the package has no `vitte.toml`",
        "le paquet n’a pas de `vitte.toml`";
    // containers
    not_a_package(bytes: &str) =
        "this is not a Vitte package: it begins with the bytes {bytes}",
        "ce n’est pas un paquet Vitte : il commence par les octets {bytes}";
    not_a_package_foreign(format: &str) =
        "it looks like a {format} file; `vitte package inspect FILE` lists foreign archives",
        "cela ressemble à un fichier {format} ; `vitte package inspect FICHIER` liste les archives d’autres outils";
    not_a_package_unread(format: &str) =
        "it looks like a file of {format}, which this program does not read",
        "cela ressemble à un fichier {format}, que ce programme ne lit pas";
    head_too_short(got: u64) =
        "the archive ends after {got} bytes, before its table of contents and signatures do",
        "l’archive se termine après {got} octets, avant la fin de sa table des matières et de ses signatures";
    head_major(got: u16) =
        "the archive has format version {got}, this tool reads version 1",
        "l’archive est au format {got}, cet outil lit la version 1";
    head_incompat(bits: &str) =
        "the archive uses features {bits} that this tool does not know",
        "l’archive utilise les fonctions {bits}, que cet outil ne connaît pas";
    head_field(field: &str, got: u64) =
        "the head of the archive has {got} as `{field}`, which this tool does not know",
        "l’en-tête de l’archive a {got} pour `{field}`, que cet outil ne connaît pas";
    head_limit(field: &str, got: u64, limit: u64) =
        "the head of the archive has {got} as `{field}`, the limit is {limit}",
        "l’en-tête de l’archive a {got} pour `{field}`, la limite est {limit}";
    archive_is_delta() =
        "this is a delta between two packages, not a package",
        "c’est un delta entre deux paquets, pas un paquet";
    skippable(offset: u64) =
        "the part of the archive at byte {offset} does not begin as the head says",
        "la partie de l’archive à l’octet {offset} ne commence pas comme le dit l’en-tête";
    sigs_len(got: u64, limit: u64) =
        "the signatures have {got} bytes, the limit is {limit}",
        "les signatures ont {got} octets, la limite est {limit}";
    toc_digest() =
        "the table of contents is not the one the head names",
        "la table des matières n’est pas celle que nomme l’en-tête";
    toc_frame(reason: &str) =
        "the table of contents does not decompress: {reason}",
        "impossible de décompresser la table des matières : {reason}";
    toc_len(expected: u64, got: u64) =
        "the table of contents has {got} bytes instead of {expected}",
        "la table des matières a {got} octets au lieu de {expected}";
    tree_digest() =
        "the list of files is not the one the head names",
        "la liste des fichiers n’est pas celle que nomme l’en-tête";
    frame_table_line(line: u64, got: &str) =
        "line {line} of the frame table is malformed: `{got}`",
        "la ligne {line} de la table des trames est mal formée : `{got}`";
    frame_count(expected: u64, got: u64) =
        "the frame table has {got} frames or more, the list of files needs {expected}",
        "la table des trames a {got} trames ou plus, la liste des fichiers en demande {expected}";
    frame_raw_len(frame: u64, expected: u64, got: u64) =
        "frame {frame} has {got} bytes before compression, the list of files needs {expected}",
        "la trame {frame} a {got} octets avant compression, la liste des fichiers en demande {expected}";
    frame_stored_len(frame: u64, got: u64, limit: u64) =
        "frame {frame} has {got} bytes, it needs 1 to {limit}",
        "la trame {frame} a {got} octets, il en faut de 1 à {limit}";
    total_len(expected: u64, got: u64) =
        "the file has {got} bytes, its parts have {expected} together",
        "le fichier a {got} octets, ses parties en ont ensemble {expected}";
    trailing_data(expected: u64, got: u64) =
        "the archive ends at byte {expected}, but {got} bytes are there",
        "l’archive se termine à l’octet {expected}, mais il y a {got} octets";
    end_frame(offset: u64) =
        "the archive does not end as it must at byte {offset}",
        "l’archive ne se termine pas comme elle le doit à l’octet {offset}";
    truncated(got: u64) =
        "the data ends after {got} bytes, before the archive does",
        "les données se terminent après {got} octets, avant la fin de l’archive";
    truncated_of(got: u64, expected: u64) =
        "the data ends after {got} of {expected} bytes",
        "les données se terminent après {got} octets sur {expected}";
}
