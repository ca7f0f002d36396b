//! `vitte.toml`: from text to a checked [`Manifest`](self), all faults at once.
