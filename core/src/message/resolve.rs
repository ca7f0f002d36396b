//! Words about resolution.

crate::messages! { "resolve";
    no_solution() =
        "your dependencies cannot be satisfied together",
        "vos dépendances ne peuvent pas être satisfaites ensemble";
    no_match(name: &str, requirement: &str) =
        "no release of {name} fits `{requirement}`",
        "aucune version de {name} ne satisfait `{requirement}`";
    no_package(name: &str) =
        "there is no package {name}",
        "il n’y a pas de paquet {name}";
    no_feature(name: &str, feature: &str) =
        "no fitting release of {name} has the feature `{feature}`",
        "aucune version de {name} qui convient n’a la fonctionnalité `{feature}`";
    too_young(name: &str, requirement: &str) =
        "every release of {name} that fits `{requirement}` is younger than the minimum release age",
        "toutes les versions de {name} qui satisfont `{requirement}` sont plus récentes que l’âge minimal";
    cycle(circle: &str) =
        "packages depend on each other in a circle: {circle}",
        "des paquets dépendent les uns des autres en boucle : {circle}";
    inconsistent() =
        "the solver's answer does not meet its own requirements; nothing was written",
        "la réponse du solveur ne satisfait pas ses propres contraintes ; rien n’a été écrit";
    wants(name: &str, requirement: &str) =
        "wants {name} {requirement}",
        "demande {name} {requirement}";
    wants_feature(name: &str, feature: &str) =
        "wants the feature `{feature}` of {name}",
        "demande la fonctionnalité `{feature}` de {name}";
    fact_needs(subject: &str, name: &str, requirement: &str) =
        "{subject} needs {name} {requirement}",
        "{subject} a besoin de {name} {requirement}";
    fact_needs_feature(subject: &str, name: &str, requirement: &str, feature: &str) =
        "{subject} needs {name} {requirement} with the feature `{feature}`",
        "{subject} a besoin de {name} {requirement} avec la fonctionnalité `{feature}`";
    fact_no_release(name: &str, requirement: &str) =
        "no release of {name} fits `{requirement}`",
        "aucune version de {name} ne satisfait `{requirement}`";
    fact_no_package(name: &str) =
        "there is no package {name}",
        "il n’y a pas de paquet {name}";
    fact_no_feature(subject: &str, feature: &str) =
        "{subject} has no feature `{feature}`",
        "{subject} n’a pas de fonctionnalité `{feature}`";
    fact_no_optional(subject: &str, name: &str) =
        "{subject} has no optional dependency {name}",
        "{subject} n’a pas de dépendance facultative {name}";
    fact_clash(name: &str, requirements: &str) =
        "no release of {name} is {requirements} at once",
        "aucune version de {name} n’est à la fois {requirements}";
    fact_more(count: u64) =
        [count: "and {count} more line", "and {count} more lines"],
        [count: "et {count} autre ligne", "et {count} autres lignes"];
    subject_every(range: &str, name: &str, first: &str, last: &str) =
        "every {range} of {name} ({first} … {last})",
        "chaque {range} de {name} ({first} … {last})";
    subject_span(name: &str, first: &str, last: &str) =
        "{name} {first} … {last}",
        "{name} {first} … {last}";
    subject_list(name: &str, versions: &str) =
        "{name} {versions}",
        "{name} {versions}";
    subject_some(name: &str, versions: &str, count: u64) =
        "{name} {versions} and {count} more",
        "{name} {versions} et {count} de plus";
    and(first: &str, last: &str) =
        "{first} and {last}",
        "{first} et {last}";
    exist(name: &str, versions: &str) =
        "these releases of {name} exist: {versions}",
        "ces versions de {name} existent : {versions}";
    exist_none(name: &str) =
        "{name} has no release that may be chosen",
        "{name} n’a pas de version qui puisse être choisie";
    member_version(name: &str, version: &str) =
        "the {name} of this workspace is {version}",
        "le {name} de cet espace de travail est en {version}";
    withheld_yanked(name: &str, version: &str) =
        "{name} {version} was yanked",
        "{name} {version} a été retiré";
    withheld_withdrawn(name: &str, version: &str) =
        "{name} {version} was withdrawn",
        "{name} {version} a été retiré par le registre";
    withheld_in_future(version: &str, ahead: &str) =
        "{version} was published in the future, {ahead} from now: this machine's clock or the registry's is wrong",
        "{version} a été publié dans le futur, dans {ahead} : l’horloge de cette machine ou celle du registre est fausse";
    withheld_young(version: &str, age: &str, wait: &str) =
        "{version} exists, published {age} ago, allowed in {wait}",
        "{version} existe, publié il y a {age}, autorisé dans {wait}";
    withheld_no_time(name: &str, version: &str) =
        "{name} {version} has no time in the log, so its age is not known",
        "{name} {version} n’a pas de date dans le journal, donc son âge n’est pas connu";
    withheld_artifact(name: &str, version: &str) =
        "{name} {version} has no artifact for the targets asked for",
        "{name} {version} n’a pas d’artefact pour les cibles demandées";
    withheld_circle(name: &str, version: &str, circle: &str) =
        "{name} {version} is passed over: packages would depend on each other in a circle: {circle}",
        "{name} {version} est écarté : des paquets dépendraient les uns des autres en boucle : {circle}";
    withheld_precise(name: &str, version: &str, precise: &str) =
        "{name} {version} is passed over for {precise}, which was asked for by name",
        "{name} {version} est écarté au profit de {precise}, demandé nommément";
    help_add(name: &str, version: &str) =
        "{name} {version} fits everything else: vitte package add {name}@{version}",
        "{name} {version} convient à tout le reste : vitte package add {name}@{version}";
    help_minimum_age() =
        "without the minimum age there is a solution: run the command again with --min-age 0",
        "sans l’âge minimal il y a une solution : relancer la commande avec --min-age 0";
    help_precise(name: &str) =
        "without --precise for {name} there is a solution: vitte package update {name}",
        "sans --precise pour {name} il y a une solution : vitte package update {name}";
    help_more(name: &str) =
        "see all of it: vitte package why {name} --explain full",
        "tout voir : vitte package why {name} --explain full";
    help_search(name: &str) =
        "look for it: vitte package search {name}",
        "le chercher : vitte package search {name}";
    seconds(count: u64) =
        [count: "{count} second", "{count} seconds"],
        [count: "{count} seconde", "{count} secondes"];
    minutes(count: u64) =
        [count: "{count} minute", "{count} minutes"],
        [count: "{count} minute", "{count} minutes"];
    hours(count: u64) =
        [count: "{count} hour", "{count} hours"],
        [count: "{count} heure", "{count} heures"];
    days(count: u64) =
        [count: "{count} day", "{count} days"],
        [count: "{count} jour", "{count} jours"];
    line_length(limit: u64) =
        "the line is longer than {limit} bytes",
        "la ligne dépasse {limit} octets";
}
