//! The key store for other tools: make a key, find it, sign with it, check the signature.
//!
//! `cargo run --example vitte-key`, with `VITTE_HOME` set to a folder of one's choice.

#![allow(clippy::print_stdout, reason = "an example talks")]

use vitte_package::env::Env;
use vitte_package::error::Error;
use vitte_package::keys::{FromEnvironment, KeyName, KeyStore};

/// Signs a message with a key that is made at the first run, and gives the key's short id.
pub fn run(env: &Env) -> Result<String, Error> {
    let store = KeyStore::open(env)?;
    let name = KeyName::parse("example")?;
    let key = match store.find(&name) {
        Ok(key) => key,
        Err(_) => store.generate(&name, None)?,
    };
    // The source is asked only if the key is protected by a passphrase.
    let secret = store.secret(&key, &mut FromEnvironment(env))?;
    let signature = secret.sign(b"a message");
    key.public.verify(b"a message", &signature)?;
    Ok(key.public.id().short())
}

fn main() -> Result<(), Error> {
    println!("signed and checked with {}", run(&Env::capture()?)?);
    Ok(())
}
