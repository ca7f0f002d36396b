//! Keys, envelopes and statements.
