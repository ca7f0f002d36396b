//! The canonical list of files of a package; its digest is the identity.
