//! `vitte X …` runs `vitte-X …`.
fn main() {}
