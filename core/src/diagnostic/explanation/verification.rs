//! 05: verification.

super::explanations! {
    FrameDigest: [
        "The file was damaged on its way, or on the disk.",
        "The content was altered where the file was stored or on its way.",
    ] fr [
        "Le fichier a été endommagé en chemin, ou sur le disque.",
        "Le contenu a été altéré par qui garde ou transmet le fichier.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0501]: demo/hello 1.0.0 is not what its author signed: frame 2 of 3 is not what the table of contents says"
        "--> hello-1.0.0.vitpkg: frame 2 of 3 (1 file, bin/hello)"
        "= expected sha256:…"
        "= got      sha256:…"
    };

    TreeDigest: [
        "Another package, or another release of it, was put in the place of this one.",
        "The archive's list of files was altered or damaged.",
        "The lockfile was edited, and names another content.",
    ] fr [
        "Un autre paquet, ou une autre version, a été mis à la place de celui-ci.",
        "La liste des fichiers de l’archive a été altérée ou endommagée.",
        "Le fichier de verrouillage a été modifié, et nomme un autre contenu.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0502]: the list of files is not the one the head names"
        "= expected vp1-sha256:…"
        "= got      vp1-sha256:…"
    };

    TocDigest: [
        "The file was damaged on its way, near its beginning.",
        "Sizes or digests were altered to fit another content.",
    ] fr [
        "Le fichier a été endommagé en chemin, près de son début.",
        "Des tailles ou des empreintes ont été altérées pour correspondre à un autre contenu.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0503]: the table of contents is not the one the head names"
        "= expected sha256:…"
        "= got      sha256:…"
    };

    FileDigest: [
        "The content was altered, and the digests of the frames made to fit it.",
        "The archive was written by a faulty program.",
    ] fr [
        "Le contenu a été altéré, et les empreintes des trames adaptées.",
        "L’archive a été écrite par un programme défectueux.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0504]: demo/hello 1.0.0 is not what its author signed: `bin/hello` is not what the list of files says"
        "--> hello-1.0.0.vitpkg: file bin/hello in the package"
    };

    HeaderMismatch: [
        "A header was altered so that tar shows another name, size or kind of file than what was signed.",
        "The archive was packed anew by another tool.",
    ] fr [
        "Un en-tête a été altéré pour que tar montre un autre nom, une autre taille ou un autre type de fichier que ce qui a été signé.",
        "L’archive a été refaite par un autre outil.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0505]: demo/hello 1.0.0 is not what its author signed: the tar header in front of `bin/hello` contradicts the list of files"
    };

    TrailingData: [
        "A program that carried the file put something behind it.",
        "A second archive was hidden behind the first.",
    ] fr [
        "Un programme qui a transmis le fichier a ajouté quelque chose à la fin.",
        "Une seconde archive a été cachée derrière la première.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0506]: the archive ends at byte …, but … bytes are there"
        "--> hello-1.0.0.vitpkg: byte …"
    };

    SubjectMismatch: [
        "An older release, or another package of the same author, is served under this name.",
        "The kind or target in the head of the archive was changed.",
    ] fr [
        "Une version plus ancienne, ou un autre paquet du même auteur, est servi sous ce nom.",
        "Le type ou la cible dans l’en-tête de l’archive a été changé.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0507]: the kind does not agree: `vitpkg` was signed, `vitmod` is at hand"
    };

    RegistryMismatch: [
        "A mirror answers with the files of another registry.",
        "What the lockfile holds from one registry would be taken from another.",
        "An author's signature for one registry was copied to another.",
    ] fr [
        "Un miroir répond avec les fichiers d’un autre registre.",
        "Ce que le fichier de verrouillage a d’un registre viendrait d’un autre.",
        "La signature d’un auteur pour un registre a été copiée dans un autre.",
    ]
    @shell "rm -r reg; mv other reg; vitte package lock --registry reg" => {
        "error[VP0508]: acme/text is locked from the registry … and would be taken from …"
    };

    ManifestMismatch: [
        "The manifest in the archive was altered after it was signed.",
        "The manifest is of another package than the signature.",
    ] fr [
        "Le manifeste de l’archive a été altéré après sa signature.",
        "Le manifeste est celui d’un autre paquet que la signature.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0509]: the digest of vitte.toml does not agree: `…` was signed, `…` is at hand"
    };

    Unsigned: [
        "The package was built and never signed.",
        "Its signatures were taken out on the way.",
    ] fr [
        "Le paquet a été construit et jamais signé.",
        "Ses signatures ont été retirées en chemin.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0510]: there is no signature"
        "= help: vitte package sign FILE --key NAME"
    };

    Signature: [
        "The signature was made by another key than the one it names.",
        "The signature, or what was signed, was altered.",
    ] fr [
        "La signature a été faite par une autre clé que celle qu’elle nomme.",
        "La signature, ou ce qui a été signé, a été altéré.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0511]: the signature is not one of the key SHA256:… over these bytes"
    };

    WeakKey: [
        "The key was made so that one signature fits many texts.",
        "The key was written by a faulty program.",
    ] fr [
        "La clé a été faite pour qu’une signature convienne à plusieurs textes.",
        "La clé a été écrite par un programme défectueux.",
    ]
    @shell "vitte package key trust weak.pub --for 'acme/*'" => {
        "error[VP0512]: the public key is weak or not in canonical form"
        "--> …/weak.pub"
    };

    PayloadType: [
        "Something else that the author signed was put in the place of a release.",
    ] fr [
        "Autre chose que l’auteur a signé a été mis à la place d’une version.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0513]: the signed envelope holds `application/vnd.vitte.status.v1+json`, and `application/vnd.in-toto+json` is needed"
    };

    Envelope: [
        "The signatures were written by a program that does not follow the format.",
        "They were altered, for example by a member that is there twice.",
    ] fr [
        "Les signatures ont été écrites par un programme qui ne suit pas le format.",
        "Elles ont été altérées, par exemple par un membre présent deux fois.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0514]: the signed envelope is malformed: expected value at line 1 column 7"
    };

    Threshold: [
        "A change needs several keys, and not all of them were given.",
        "The key that signed may not change keys.",
        "One key signed more than once: it counts once.",
    ] fr [
        "Un changement demande plusieurs clés, et toutes n’ont pas été données.",
        "La clé qui a signé n’a pas le droit de changer les clés.",
        "Une clé a signé plus d’une fois : elle compte une fois.",
    ]
    @shell "vitte package namespace rotate acme --registry reg --yes --add ci.pub --role root --key ci" => {
        "error[VP0515]: 1 key must have signed, and 0 did"
    };

    KeyNotAuthorised: [
        "The signer's key is not trusted on this machine yet.",
        "The key is trusted for other packages, or signs for others in its namespace.",
        "Somebody else signed the package in the name of its author.",
    ] fr [
        "La clé du signataire n’a pas encore la confiance sur cette machine.",
        "La clé a la confiance pour d’autres paquets, ou signe pour d’autres dans son espace de noms.",
        "Quelqu’un d’autre a signé le paquet au nom de son auteur.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0516]: the signer is not trusted for demo/hello: SHA256:…"
        "= help: if you know the signer: vitte package key trust KEY.pub --for demo/hello (key id …)"
    };

    KeyRevoked: [
        "The namespace revoked the key, because it was lost or stolen, and the release was logged after that.",
    ] fr [
        "L’espace de noms a révoqué la clé, perdue ou volée, et la version a été inscrite dans le journal après cela.",
    ]
    @shell "vitte package verify acme/text@1.1.0 --registry reg" => {
        "error[VP0517]: the key SHA256:… is revoked since log entry 4; this was signed at 4"
    };

    Policy: [
        "The manifest pins keys under `[trust]`, and the release is signed by another.",
        "The author signs with a new key since a while.",
    ] fr [
        "Le manifeste épingle des clés sous `[trust]`, et la version est signée par une autre.",
        "L’auteur signe avec une nouvelle clé depuis un certain temps.",
    ] in "vitte.toml" { "[dependencies]" r#""acme/text" = "1""# "[trust]" r#""acme/*" = { keys = ["412876f3f68fdbadceb9a3f1737f9e025f3bbcde396df2993b4fc96cf4f55026"] }"# }
    @shell "vitte package lock --registry reg" => {
        "error[VP0518]: acme/text 1.0.0 is signed by SHA256:…, and the manifest pins SHA256:…"
        "= help: ask the author, then change `[trust]` in vitte.toml"
    };

    NsChain: [
        "The registry or mirror leaves out records of the namespace.",
        "A record does not name the one before it, or drops a revocation.",
    ] fr [
        "Le registre ou le miroir omet des enregistrements de l’espace de noms.",
        "Un enregistrement ne nomme pas le précédent, ou supprime une révocation.",
    ]
    @shell "vitte package verify acme/text --registry reg" => {
        "error[VP0519]: the namespace `acme` has no record before log entry 2"
    };

    ContinuityBroken: [
        "The owner lost every key of the namespace, and the registry gave it to new ones.",
        "No command of this version reports it: it is kept for registries that recover namespaces.",
    ] fr [
        "Le propriétaire a perdu toutes les clés de l’espace de noms, et le registre l’a donné à de nouvelles clés.",
        "Aucune commande de cette version ne le signale : c’est prévu pour les registres qui récupèrent des espaces de noms.",
    ]
    @shell "vitte package explain continuity-broken" => {
        "VP0520 continuity-broken: the namespace was taken over by recovery"
    };

    SignerChanged: [
        "The lockfile was edited, or made from another history of the registry.",
        "The registry hides the record by which the namespace changed its keys.",
    ] fr [
        "Le fichier de verrouillage a été modifié, ou vient d’une autre histoire du registre.",
        "Le registre cache l’enregistrement par lequel l’espace de noms a changé ses clés.",
    ]
    @shell "vitte package lock --registry reg" => {
        "error[VP0521]: acme/text 1.1.0 was signed by nobody and is signed by SHA256:…"
        "= help: see what changed: vitte package namespace show acme"
    };

    Leaf: [
        "The registry or mirror says of a log entry what does not stand there.",
        "A file of the registry was edited.",
    ] fr [
        "Le registre ou le miroir dit d’une entrée du journal ce qui n’y est pas.",
        "Un fichier du registre a été modifié.",
    ]
    @shell "vitte package verify acme/text --registry reg" => {
        "error[VP0522]: the log entry names the namespace record release, signed is acme 0"
    };

    Note: [
        "The checkpoint or another signed file was altered on its way.",
        "It was signed by another key than the trust root names.",
    ] fr [
        "Le point de contrôle ou un autre fichier signé a été altéré en chemin.",
        "Il a été signé par une autre clé que celle que nomme la racine de confiance.",
    ]
    @shell "vitte package log show --registry reg" => {
        "error[VP0523]: the signature of `local/…/log` does not check"
        "--> …/reg/log/checkpoint"
    };

    Origin: [
        "The files of two registries were mixed.",
        "A mirror answers with the log of another registry.",
    ] fr [
        "Les fichiers de deux registres ont été mélangés.",
        "Un miroir répond avec le journal d’un autre registre.",
    ]
    @shell "vitte package log show --registry reg" => {
        "error[VP0524]: the checkpoint belongs to the log `local/…/gol`, not `local/…/log`"
        "--> …/reg/log/checkpoint"
    };

    Inclusion: [
        "The registry names a release that it never logged.",
        "A proof or a tile was altered, or is of another entry.",
    ] fr [
        "Le registre nomme une version qu’il n’a jamais inscrite dans le journal.",
        "Une preuve ou une tuile a été altérée, ou appartient à une autre entrée.",
    ]
    @shell "vitte package verify acme/text --registry reg" => {
        "error[VP0525]: the tiles of the log of 3 entries give the root …, signed is …"
    };

    Consistency: [
        "The registry's folder was replaced by an older copy, and would sign a second history.",
        "The registry was started anew under the same name.",
    ] fr [
        "Le dossier du registre a été remplacé par une copie plus ancienne, et signerait une seconde histoire.",
        "Le registre a été recréé sous le même nom.",
    ]
    @shell "vitte package publish --registry reg --yes" => {
        "error[VP0526]: the folder is not the one this log key signed last: it has 3 entries, and the log key has signed 4: it is an older copy"
        "= help: bring back the newest copy of the registry; signing another log of this name would show as a split view"
    };

    SplitView: [
        "The registry was set back to an older copy and went on in another way.",
        "The registry shows you another log than others, to hide a release or to slip one in.",
    ] fr [
        "Le registre est revenu à une copie plus ancienne et a continué autrement.",
        "Le registre vous montre un autre journal qu’aux autres, pour cacher une version ou en glisser une.",
    ]
    @shell "vitte package verify acme/text --registry reg" => {
        "error[VP0527]: the registry's log of 4 entries contradicts the log of 4 entries seen before: two logs of 4 entries have different roots"
        "= help: both checkpoints are kept in …: show them to others who use the registry"
    };

    Stale: [
        "A mirror is held back, so that new releases and withdrawals are not seen.",
        "No command of this version reports it: it is kept for logs that witnesses sign at intervals.",
    ] fr [
        "Un miroir est retenu, pour que les nouvelles versions et les retraits ne soient pas vus.",
        "Aucune commande de cette version ne le signale : c’est prévu pour les journaux que des témoins signent à intervalles réguliers.",
    ]
    @shell "vitte package explain stale" => {
        "VP0528 stale: the newest checkpoint is too old"
    };

    NoProof: [
        "The file was never stapled, and offline no registry can be asked.",
        "It is the copy that was built, which no registry has logged.",
    ] fr [
        "Les preuves n’ont jamais été jointes au fichier, et hors ligne il n’y a personne à interroger.",
        "C’est la copie qui a été construite, qu’aucun registre n’a inscrite.",
    ]
    @shell "vitte package verify text-1.0.0.vitmod --offline" => {
        "error[VP0529]: `text-1.0.0.vitmod` holds no proofs: it cannot be verified offline"
        "= help: while online: vitte package staple text-1.0.0.vitmod"
    };

    Index: [
        "A file of the registry was put back from an older copy.",
        "The registry lists other releases than its log.",
    ] fr [
        "Un fichier du registre a été restauré depuis une copie plus ancienne.",
        "Le registre liste d’autres versions que son journal.",
    ]
    @shell "vitte package registry verify reg" => {
        "error[VP0530]: the index file has 1 artifacts, the log 2"
        "--> …/reg/index/acme/text"
    };

    IndexSignature: [
        "The file was altered by a mirror or by hand.",
        "It was cut off, so that its signature is missing.",
    ] fr [
        "Le fichier a été altéré par un miroir ou à la main.",
        "Il a été coupé, et sa signature manque.",
    ]
    @shell "vitte package verify acme/text --registry reg" => {
        "error[VP0531]: the index file is not signed by the registry: the signature of `local/…/index` does not check"
        "--> …/reg/index/acme/text"
    };

    IndexRollback: [
        "A mirror serves an older copy of the file.",
        "The registry hides a release or its withdrawal.",
    ] fr [
        "Un miroir sert une copie plus ancienne du fichier.",
        "Le registre cache une version ou son retrait.",
    ]
    @shell "vitte package verify acme/text --registry reg" => {
        "error[VP0532]: the registry served an older index of `acme/text` (revision 1) than one seen before (revision 2)"
        "--> …/reg/index/acme/text"
    };

    IndexLineDigest: [
        "The registry says other dependencies or features of a release than its author signed.",
        "The index line is of another release.",
    ] fr [
        "Le registre donne d’autres dépendances ou fonctionnalités à une version que celles que son auteur a signées.",
        "La ligne d’index appartient à une autre version.",
    ]
    @shell "vitte package extract hello-1.0.0.vitpkg hello" => {
        "error[VP0533]: the digest of the index line does not agree: `…` was signed, `…` is at hand"
    };

    TrustRoot: [
        "The digest was mistyped, or is of another registry.",
        "The registry was re-created, with other keys.",
        "The trust root was altered on its way.",
    ] fr [
        "L’empreinte a été mal saisie, ou est celle d’un autre registre.",
        "Le registre a été recréé, avec d’autres clés.",
        "La racine de confiance a été altérée en chemin.",
    ]
    @shell "vitte package registry add reg --trust-root-sha256 0000000000000000000000000000000000000000000000000000000000000000" => {
        "error[VP0534]: the registry's trust root is …, pinned is 0000000000000000000000000000000000000000000000000000000000000000"
        "--> …/reg/trust/1.json"
    };

    TrustRootRollback: [
        "A mirror serves an older trust root, whose keys may be stolen.",
        "A trust root between the known one and the newest is missing.",
        "The registry was re-created under its old name.",
    ] fr [
        "Un miroir sert une racine de confiance plus ancienne, dont les clés peuvent être volées.",
        "Il manque une racine de confiance entre celle qui est connue et la dernière.",
        "Le registre a été recréé sous son ancien nom.",
    ]
    @shell "cp reg/trust/2.json reg/trust/4.json; vitte package verify acme/text --registry reg" => {
        "error[VP0535]: trust root 2 does not follow the known 3"
        "--> …/reg/trust/4.json"
    };

    UntrustedRegistry: [
        "The registry was never used on this machine, and there is no terminal to ask on.",
        "Another VITTE_HOME is in use than the one that trusts it.",
    ] fr [
        "Le registre n’a jamais été utilisé sur cette machine, et il n’y a pas de terminal où demander.",
        "Un autre VITTE_HOME est utilisé que celui qui lui fait confiance.",
    ]
    @shell "VITTE_HOME=new vitte package verify acme/text --registry reg" => {
        "error[VP0536]: you have not trusted the registry `local/…/` yet"
        "= help: compare the digest with what its owner says, then: vitte package registry add …/reg --trust-root-sha256 …"
    };

    DuplicateRelease: [
        "The registry logged a second content for a version that was out.",
        "The author was talked into signing one version twice.",
    ] fr [
        "Le registre a inscrit un second contenu pour une version déjà publiée.",
        "L’auteur a été amené à signer deux fois une même version.",
    ]
    @shell "vitte package log monitor --registry reg" => {
        "error[VP0537]: demo/hello 1.0.0 vitmod any was logged twice, at 2 and 3"
    };

    Quarantined: [
        "The registry keeps the release back, because it was reported as malware.",
        "No command of this version reports it: it is kept for registries with a server.",
    ] fr [
        "Le registre retient la version, signalée comme malveillante.",
        "Aucune commande de cette version ne le signale : c’est prévu pour les registres avec un serveur.",
    ]
    @shell "vitte package explain quarantined" => {
        "VP0538 quarantined: the release is quarantined"
    };

    LockMismatch: [
        "The lockfile was edited by hand, or by a merge.",
        "The registry shows another content for a version that was out.",
    ] fr [
        "Le fichier de verrouillage a été modifié à la main, ou par une fusion.",
        "Le registre montre un autre contenu pour une version déjà publiée.",
    ]
    @shell "vitte package lock --registry reg" => {
        "error[VP0539]: acme/text 1.1.0 is locked as vp1-sha256:… and the registry has vp1-sha256:…"
        "= help: see who changed vitte.lock: git log -p vitte.lock"
    };

    StoreTampered: [
        "A file of an installed package was edited, removed or made writable.",
        "A folder of the store may be written by everybody.",
        "The disk is failing.",
    ] fr [
        "Un fichier d’un paquet installé a été modifié, supprimé ou rendu modifiable.",
        "Un dossier du magasin est accessible en écriture à tous.",
        "Le disque est défaillant.",
    ]
    @shell "vitte package store verify" => {
        "error[VP0540]: 1 package in the store is not what was verified"
        "= …/vitte.toml: its permissions are 0644 instead of 0444"
        "= help: vitte package store verify --fix"
    };
}
