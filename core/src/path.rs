//! Paths of files in a package.
