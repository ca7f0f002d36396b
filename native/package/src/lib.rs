//! The native shell of vitte-package: what the command line does, as a library for other tools.
