//! Words about deltas.

crate::messages! { "delta";
    not_a_delta() =
        "this is a package, not a delta",
        "c’est un paquet, pas un delta";
    delta_text(rule: &str) =
        "the delta is malformed: {rule}",
        "le delta est mal formé : {rule}";
    rule_first_line() =
        "its text does not begin with the line `vitte-delta 1`",
        "son texte ne commence pas par la ligne `vitte-delta 1`";
    rule_from() =
        "the second line must be `from` and a digest",
        "la deuxième ligne doit être `from` et une empreinte";
    rule_to() =
        "the third line must be `to` and the digest of the tree that the delta leads to",
        "la troisième ligne doit être `to` et l’empreinte de l’arborescence à laquelle mène le delta";
    rule_tree() =
        "the fourth line must be `tree` and two lengths",
        "la quatrième ligne doit être `tree` et deux longueurs";
    rule_patch() =
        "the line of a patch must be `p METHOD RAW_LEN STORED_LEN SHA256 BASE`",
        "la ligne d’un correctif doit être `p METHOD RAW_LEN STORED_LEN SHA256 BASE`";
    rule_base() =
        "a patch takes bytes from where there are none",
        "un correctif prend des octets là où il n’y en a pas";
    rule_sum() =
        "the patches do not add up to the new files",
        "la somme des correctifs n’est pas celle des nouveaux fichiers";
    delta_limit(what: &str, got: u64, limit: u64) =
        "the delta is above a limit: {what} is {got}, at most {limit} is allowed",
        "le delta dépasse une limite : {what} vaut {got}, au plus {limit} est permis";
    other_base(expected: &str) =
        "the delta applies to {expected}, which is another release",
        "le delta s’applique à {expected}, qui est une autre version";
    patch_digest(patch: u64) =
        "patch {patch} of the delta was altered: its digest differs",
        "le correctif {patch} du delta a été modifié : son empreinte diffère";
    patch_fault(patch: u64, reason: &str) =
        "patch {patch} of the delta cannot be applied: {reason}",
        "le correctif {patch} du delta ne peut pas être appliqué : {reason}";
    new_tree_digest() =
        "the delta leads to another list of files than it announces",
        "le delta mène à une autre liste de fichiers que celle annoncée";
    base_len(patch: u64) =
        "the old files of patch {patch} have another length than the old list of files says",
        "les anciens fichiers du correctif {patch} n’ont pas la longueur indiquée par l’ancienne liste de fichiers";
    patch_number() =
        "a number is malformed",
        "un nombre est mal formé";
    patch_column_len() =
        "the lengths of its columns do not add up, or are above a limit",
        "les longueurs de ses colonnes ne s’additionnent pas, ou dépassent une limite";
    patch_truncated() =
        "it ends too early",
        "il se termine trop tôt";
    patch_column_end() =
        "a column ends too early, or is not used up",
        "une colonne se termine trop tôt, ou n’est pas entièrement utilisée";
    patch_outside_base() =
        "it takes bytes from outside the old files",
        "il prend des octets hors des anciens fichiers";
    patch_run() =
        "a run of changed bytes is empty or too long",
        "une suite d’octets modifiés est vide ou trop longue";
    patch_output() =
        "it gives another number of bytes than announced",
        "il donne un autre nombre d’octets qu’annoncé";
    patch_step() =
        "the steps it was to be made of do not lead to the new files",
        "les étapes dont il devait être fait ne mènent pas aux nouveaux fichiers";
}
