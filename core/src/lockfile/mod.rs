//! `vitte.lock`.
