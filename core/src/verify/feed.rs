//! The serial driver of the verifier: bytes in, every frame checked here and now.

use super::{PackageVerifier, VerifyEvent};
use crate::codec::Codec;
use crate::codec::FrameDecoder;

/// Makes a decoder for the codec of an archive when it is known, and keeps it and its memory from frame to frame.
#[derive(Debug)]
pub struct Decoding<D> {
    make: fn(Codec) -> D,
    decoder: Option<D>,
    buffer: Vec<u8>,
}

impl<D: FrameDecoder> Decoding<D> {
    /// Decodes one archive by decoders that `make` makes.
    pub fn new(make: fn(Codec) -> D) -> Self {
        Self { make, decoder: None, buffer: Vec::new() }
    }
}

impl PackageVerifier {
    /// Takes the next bytes of the archive and checks every frame in them: push, next, check and accept in one, for
    /// whoever needs no threads. A fault is kept, and reported by [`finish`](Self::finish).
    pub fn feed<D: FrameDecoder>(&mut self, bytes: &[u8], decoding: &mut Decoding<D>) {
        self.push(bytes);
        while let Some(event) = self.next() {
            let Ok(VerifyEvent::Frame(job, stored)) = event else { continue };
            let decoder = decoding.decoder.get_or_insert_with(|| (decoding.make)(job.codec()));
            match job.check(&stored, decoder, std::mem::take(&mut decoding.buffer)) {
                Ok(frame) => {
                    // What it refuses, it keeps.
                    let _ = self.accept(&frame);
                    decoding.buffer = frame.into_buffer();
                }
                Err(error) => self.reject(error),
            }
        }
    }
}
