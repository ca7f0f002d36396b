//! Words about the command line and the configuration.

crate::messages! { "usage";
    did_you_mean(suggestion: &str) =
        "did you mean `{suggestion}`?",
        "vouliez-vous dire `{suggestion}` ?";
}
