//! Making deltas, and applying them with C zstd. The format is core's: [`vitte_package_core::delta`].

mod differ;
mod make;
mod matches;
mod plan;
mod prefix;
#[cfg(test)]
mod tests;

pub use make::{DeltaSources, MadeDelta, make_delta};
pub use prefix::NativePrefixDecoder;
