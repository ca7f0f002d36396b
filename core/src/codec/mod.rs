//! Frames of compressed bytes: zstd, store and lz4; gzip for foreign archives.
