//! What a client reads to know the releases of a package.
