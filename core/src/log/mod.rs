//! The transparency log: notes, checkpoints, tiles and proofs.
